//! A few random estates: change sets agree with enumeration, and the run shows what it is to show.

use proving::changes::run;

#[test]
fn change_sets_agree_with_enumeration() {
    let tally = run(11, 6_000).expect("a run");
    assert_eq!(tally.failures, Vec::<String>::new());
    assert!(tally.comparisons >= 6_000 && tally.changes >= 3, "{tally:?}");
    assert!(tally.differences > 20, "changes that change nothing prove nothing: {tally:?}");
}
