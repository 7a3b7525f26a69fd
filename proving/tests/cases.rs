//! The cases themselves: they repeat, they are mixed, they shrink, and they can be written down.

use proving::dice::Dice;
use proving::fuzz::{Run, run};
use proving::question::{Principal, Question, Verdict};
use proving::{generate, shrink, spec, vector};

const SEED: u64 = 7;
const CASES: u64 = 2_000;

fn questions() -> impl Iterator<Item = Question> {
    (0..CASES / 4).map(|case| generate::question(&mut Dice::seeded(SEED, case)))
}

#[test]
fn both_accounts_agree_on_a_balanced_mix() {
    let some = Run { first: 0, cases: CASES, seed: SEED, threads: 2 };
    let tally = run(some, &|failure| eprintln!("{failure}")).expect("a run");
    assert_eq!((tally.passed, tally.failed), (CASES, 0));
    for verdict in [Verdict::Allow, Verdict::ExplicitDeny, Verdict::ImplicitDeny] {
        let share = tally.verdicts.get(&verdict).copied().unwrap_or_default() * 100 / CASES;
        assert!(share >= 12, "{verdict:?} {share} %");
    }
}

#[test]
fn the_same_seed_makes_the_same_cases() {
    let shown = |q: &Question| vector::vector("case", q, Verdict::Allow).to_string();
    for (case, q) in (0..CASES / 4).zip(questions()) {
        let again = generate::question(&mut Dice::seeded(SEED, case));
        assert_eq!(shown(&again), shown(&q));
    }
    let other = generate::question(&mut Dice::seeded(SEED + 1, 0));
    assert_ne!(questions().next().map(|q| shown(&q)), Some(shown(&other)));
}

#[test]
fn a_case_that_was_shrunk_is_decided_as_before_and_has_nothing_to_spare() {
    for q in questions().filter(|q| spec::decide(q) == Verdict::ExplicitDeny).take(20) {
        let mut small = shrink::shrink(&q, |q| spec::decide(q) == Verdict::ExplicitDeny);
        assert_eq!(spec::decide(&small), Verdict::ExplicitDeny);
        assert_eq!((small.documents_mut().len(), small.context.len()), (1, 0), "{small:?}");
    }
}

#[test]
fn a_case_that_was_written_down_is_read_as_it_was() {
    for q in questions().filter(|q| !matches!(q.principal, Principal::FederatedUser(..))) {
        let verdict = spec::decide(&q);
        let line = vector::vector("case", &q, verdict);
        let (mut again, allowed, explicit) = vector::read(&line).expect("a decision");
        assert_eq!(allowed, verdict == Verdict::Allow);
        assert_eq!(explicit, Some(verdict == Verdict::ExplicitDeny));
        // A line names a session by its own ARN, which does not carry the path of the role.
        again.principal.clone_from(&q.principal);
        assert_eq!(spec::decide(&again), verdict, "{line}");
    }
}
