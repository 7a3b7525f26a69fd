//! A few random estates: change sets agree with enumeration, and the run shows what it is to show.

use proving::changes::run;

#[test]
fn change_sets_agree_with_enumeration() {
    // A change is held against some 5,000 requests.
    let tally = run(11, 20_000).expect("a run");
    assert_eq!(tally.failures, Vec::<String>::new());
    assert!(tally.comparisons >= 20_000 && tally.changes >= 3, "{tally:?}");
    assert!(tally.differences > 20, "changes that change nothing prove nothing: {tally:?}");
}
