//! The search finds what must be found, and nothing else.

use super::explain::explain;
use super::search::{Act, Call, Contents, Verdict, When, search};

fn call(from: u64, until: u64, act: Act) -> Call {
    Call { from, until, answered: true, act, told: format!("{act:?}") }
}

fn lost(from: u64, until: u64, act: Act) -> Call {
    Call { answered: false, ..call(from, until, act) }
}

/// Every stamp is its own content.
fn contents() -> Contents {
    (1..10).map(|stamp| (stamp, stamp)).collect()
}

#[track_caller]
fn check(calls: &[Call], broken_at: Option<usize>) {
    let expected = broken_at.is_some();
    match search(calls, &contents()) {
        Verdict::Linearizable => assert!(!expected, "an anomaly was not found"),
        Verdict::Broken { at, .. } => assert_eq!(Some(at), broken_at, "{}", calls[at].told),
        Verdict::TooWide { at } => panic!("no verdict at {at}"),
    }
}

const PUT: fn(u64) -> Act = |stamp| Act::Writes(stamp, When::Always);
const SEES: fn(u64) -> Act = |stamp| Act::Sees(Some(stamp));
const NONE: Act = Act::Sees(None);

#[test]
fn what_happens_in_order_is_linearizable() {
    check(
        &[call(0, 1, PUT(1)), call(2, 3, SEES(1)), call(4, 5, Act::Deletes), call(6, 7, NONE)],
        None,
    );
    check(&[call(0, 5, PUT(1)), call(1, 2, NONE), call(3, 4, SEES(1))], None);
    // Two writes at once may be seen in either order, but by everybody in the same.
    let both = [call(0, 9, PUT(1)), call(1, 8, PUT(2))];
    check(&[&both[..], &[call(10, 11, SEES(1)), call(12, 13, SEES(1))]].concat(), None);
    check(&[&both[..], &[call(10, 11, SEES(2)), call(12, 13, SEES(2))]].concat(), None);
    check(&[&both[..], &[call(10, 11, SEES(1)), call(12, 13, SEES(2))]].concat(), Some(3));
}

#[test]
fn a_stale_read_is_found() {
    check(&[call(0, 1, PUT(1)), call(2, 3, PUT(2)), call(4, 5, SEES(1))], Some(2));
    // A listing that has not what was acknowledged is the same.
    check(&[call(0, 1, PUT(1)), call(2, 3, NONE)], Some(1));
    // Two reads that go backwards during one write.
    check(
        &[call(0, 1, PUT(1)), call(2, 9, PUT(2)), call(3, 4, SEES(2)), call(5, 6, SEES(1))],
        Some(3),
    );
}

#[test]
fn a_lost_update_is_found() {
    let both = [
        call(0, 1, PUT(1)),
        call(2, 7, Act::Writes(2, When::Content(1))),
        call(3, 8, Act::Writes(3, When::Content(1))),
    ];
    check(&both, Some(2));
    let refused = [both[0].clone(), both[1].clone(), call(3, 8, Act::SeesOther(Some(1)))];
    check(&refused, None);
}

#[test]
fn two_winners_of_if_none_match_are_found() {
    let write = |stamp, from, until| call(from, until, Act::Writes(stamp, When::Nothing));
    check(&[write(1, 0, 5), write(2, 1, 6)], Some(1));
    check(&[write(1, 0, 5), call(1, 6, Act::SeesOther(None))], None);
    check(&[call(0, 5, Act::SeesOther(None))], Some(0));
    // With a delete between them both may win.
    check(&[write(1, 0, 5), write(2, 1, 6), call(2, 7, Act::Deletes)], None);
}

#[test]
fn a_dirty_read_is_found() {
    // Nobody wrote it before the read had ended.
    check(&[call(0, 1, SEES(1)), call(2, 3, PUT(1))], Some(0));
    // It was refused, so it is no write at all.
    check(&[call(0, 1, PUT(1)), call(2, 3, Act::SeesOther(None)), call(4, 5, SEES(2))], Some(2));
}

#[test]
fn a_resurrected_object_is_found() {
    let gone = [call(0, 1, PUT(1)), call(2, 3, Act::Deletes)];
    check(&[&gone[..], &[call(4, 5, SEES(1))]].concat(), Some(2));
    check(&[&gone[..], &[call(4, 5, NONE), call(6, 7, SEES(1))]].concat(), Some(3));
    check(&[&gone[..], &[call(4, 5, Act::SeesContent(1))]].concat(), Some(2));
}

#[test]
fn an_acknowledged_write_that_a_kill_took_is_found() {
    // The kill is at 4: what had no answer happened before it, or never.
    let cut_off = lost(2, 4, PUT(2));
    let first = call(0, 1, PUT(1));
    check(&[first.clone(), cut_off.clone(), call(5, 6, SEES(1))], None);
    check(&[first.clone(), cut_off.clone(), call(5, 6, SEES(2))], None);
    check(&[first.clone(), cut_off.clone(), call(5, 6, NONE)], Some(2));
    check(&[first, cut_off, call(5, 6, SEES(1)), call(7, 8, SEES(2))], Some(3));
}

#[test]
fn what_a_call_without_an_answer_wrote_may_be_of_any_content_until_it_is_seen() {
    let unknown = lost(0, 4, PUT(20));
    check(&[unknown.clone(), call(5, 6, Act::Writes(2, When::Content(1)))], None);
    check(&[unknown, call(5, 6, Act::SeesOther(Some(1))), call(7, 8, SEES(20))], None);
}

#[test]
fn a_wide_history_has_a_verdict() {
    let puts = (1..9).map(|stamp| call(stamp, 100 + stamp, PUT(stamp)));
    let reads = (1..9).map(|stamp| call(200 + stamp * 2, 201 + stamp * 2, SEES(8)));
    check(&puts.clone().chain(reads).collect::<Vec<_>>(), None);
    let reads = (1..9).map(|stamp| call(200 + stamp * 2, 201 + stamp * 2, SEES(stamp)));
    check(&puts.chain(reads).collect::<Vec<_>>(), Some(9));
}

#[test]
fn a_violation_is_told_without_what_does_not_matter() {
    let calls = [
        call(0, 1, PUT(1)),
        call(2, 3, SEES(1)),
        call(4, 5, PUT(2)),
        call(6, 7, SEES(2)),
        call(8, 9, SEES(1)),
        call(10, 11, SEES(2)),
    ];
    let told = explain(3, &calls, &contents());
    assert!(told.contains("nothing explains: Sees(Some(1))"), "{told}");
    assert!(told.contains("3 calls that do not matter are left out"), "{told}");
}
