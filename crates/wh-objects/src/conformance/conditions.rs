//! Conditional reads and writes.

use futures::future::join_all;
use jiff::Timestamp;

use super::kit::{Store, address, at, bytes, code, get, put, stamp, try_put, with_bucket};
use crate::{Capability, DeleteObject, HeadObject, PutObject, ReadConditions, WriteCondition};

/// How many writers race for one key.
const RACERS: u64 = 24;

pub(super) async fn run(make: &impl AsyncFn() -> Store) {
    let capabilities = make().await.capabilities();
    if capabilities.has(Capability::ConditionalWrites) {
        writes_happen_on_their_condition(with_bucket(make().await).await).await;
        a_race_has_one_winner(with_bucket(make().await).await).await;
    }
    if capabilities.has(Capability::ConditionalDeletes) {
        deletes_happen_on_their_condition(with_bucket(make().await).await).await;
    }
    if capabilities.has(Capability::ConditionalDeletes) && capabilities.has(Capability::Stamps) {
        deletes_happen_on_a_time_and_a_size(with_bucket(make().await).await).await;
    }
    reads_happen_on_their_conditions(with_bucket(make().await).await).await;
}

fn when(condition: WriteCondition) -> PutObject {
    PutObject { condition, ..PutObject::default() }
}

async fn writes_happen_on_their_condition(store: Store) {
    let (one, two) = (bytes(10, 1), bytes(100_000, 2));
    let if_match = |etag: &str| when(WriteCondition::IfMatch(etag.to_owned()));
    assert_eq!(code(&try_put(&store, "k", &one, if_match("*")).await), "no-such-key");
    let created = try_put(&store, "k", &one, when(WriteCondition::IfNoneMatchAny)).await;
    let etag = created.expect("a put").etag().to_owned();
    let again = try_put(&store, "k", &two, when(WriteCondition::IfNoneMatchAny)).await;
    assert_eq!(code(&again), "precondition-failed");
    assert_eq!(code(&try_put(&store, "k", &two, if_match("abc")).await), "precondition-failed");
    assert_eq!(get(&store, "k").await.expect("a get"), one);
    assert_eq!(code(&try_put(&store, "k", &two, if_match(&format!("\"{etag}\""))).await), "ok");
    assert_eq!(code(&try_put(&store, "k", &one, if_match(&etag)).await), "precondition-failed");
    assert!(get(&store, "k").await.expect("a get") == two, "the second");
}

async fn deletes_happen_on_their_condition(store: Store) {
    let delete = async |condition: WriteCondition| {
        let delete = DeleteObject { condition, ..DeleteObject::default() };
        code(&store.delete_object(&address("k"), delete, &stamp(300)).await)
    };
    let if_match = |etag: &str| WriteCondition::IfMatch(etag.to_owned());
    assert_eq!(delete(if_match("*")).await, "no-such-key");
    let stored = put(&store, "k", &bytes(10, 1)).await;
    assert_eq!(delete(if_match("abc")).await, "precondition-failed");
    let meta = super::kit::head(&store, "k").await.expect("a head");
    let later = WriteCondition::IfSequence(meta.sequence + 1);
    assert_eq!(delete(later).await, "precondition-failed");
    assert_eq!(code(&get(&store, "k").await), "ok");
    assert_eq!(delete(if_match(stored.etag())).await, "ok");
    assert_eq!(code(&get(&store, "k").await), "no-such-key");
    put(&store, "k", &bytes(10, 1)).await;
    let meta = super::kit::head(&store, "k").await.expect("a head");
    assert_eq!(delete(WriteCondition::IfSequence(meta.sequence)).await, "ok");
    assert_eq!(code(&get(&store, "k").await), "no-such-key");
}

async fn deletes_happen_on_a_time_and_a_size(store: Store) {
    let delete = async |seconds: Option<i64>, if_size: Option<u64>| {
        let if_modified = seconds.map(at);
        let delete = DeleteObject { if_modified, if_size, ..DeleteObject::default() };
        code(&store.delete_object(&address("k"), delete, &stamp(300)).await)
    };
    assert_eq!(delete(None, Some(10)).await, "no-such-key");
    put(&store, "k", &bytes(10, 1)).await;
    assert_eq!(delete(None, Some(11)).await, "precondition-failed");
    assert_eq!(delete(Some(99), Some(10)).await, "precondition-failed");
    assert_eq!(delete(Some(100), Some(9)).await, "precondition-failed");
    assert_eq!(code(&get(&store, "k").await), "ok");
    assert_eq!(delete(Some(100), Some(10)).await, "ok");
    assert_eq!(code(&get(&store, "k").await), "no-such-key");
}

async fn a_race_has_one_winner(store: Store) {
    for size in [100, 100_000] {
        let key = format!("race-{size}");
        let bodies: Vec<_> = (0..RACERS).map(|seed| bytes(size, seed + 1)).collect();
        let puts = bodies
            .iter()
            .map(|data| try_put(&store, &key, data, when(WriteCondition::IfNoneMatchAny)));
        let results = join_all(puts).await;
        let winners: Vec<_> = results.iter().enumerate().filter(|(_, r)| r.is_ok()).collect();
        assert_eq!(winners.len(), 1);
        assert!(results.iter().filter(|r| code(r) == "precondition-failed").count() == 23);
        assert!(get(&store, &key).await.expect("a get") == bodies[winners[0].0], "the winner's");
    }
}

async fn reads_happen_on_their_conditions(store: Store) {
    let etag = put(&store, "k", &bytes(10, 1)).await.etag().to_owned();
    let check = async |conditions: ReadConditions, expected: &str| {
        let head = HeadObject { conditions: conditions.clone(), version: None };
        let head = store.head_object(&address("k"), head).await;
        assert_eq!(code(&head), expected, "{conditions:?}");
    };
    let (same, other) = (Some(format!("\"{etag}\"")), Some("\"x\"".to_owned()));
    let modified = super::kit::head(&store, "k").await.expect("a head").modified;
    super::kit::stamped(&store, modified, 100);
    let away = |seconds| Timestamp::from_second(modified.as_second() + seconds).ok();
    let (before, then, after) = (away(-1), away(0), away(1));
    let none = ReadConditions::default;
    check(ReadConditions { if_match: same.clone(), ..none() }, "ok").await;
    check(ReadConditions { if_match: other.clone(), ..none() }, "precondition-failed").await;
    check(ReadConditions { if_none_match: same.clone(), ..none() }, "not-modified").await;
    check(ReadConditions { if_none_match: Some("*".to_owned()), ..none() }, "not-modified").await;
    check(ReadConditions { if_none_match: other.clone(), ..none() }, "ok").await;
    check(ReadConditions { if_modified_since: before, ..none() }, "ok").await;
    check(ReadConditions { if_modified_since: then, ..none() }, "not-modified").await;
    check(ReadConditions { if_modified_since: after, ..none() }, "not-modified").await;
    check(ReadConditions { if_unmodified_since: before, ..none() }, "precondition-failed").await;
    check(ReadConditions { if_unmodified_since: then, ..none() }, "ok").await;
    let both = ReadConditions { if_match: same, if_unmodified_since: before, ..none() };
    check(both, "ok").await;
    let both = ReadConditions { if_none_match: other, if_modified_since: then, ..none() };
    check(both, "ok").await;
}
