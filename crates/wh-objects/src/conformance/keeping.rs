//! Tags, object lock, quotas, usage, and the feed of changes.

use super::kit::{
    Store, address, at, begin, bucket, bytes, code, completion, delete, get, head, put, put_part,
    stamp, stamped, try_put, with_bucket,
};
use super::versions::versioned;
use crate::{
    BucketChange, BucketUsage, Capability, CreateUpload, DefaultRetention, DeleteCause,
    DeleteObject, EventKind, GovernanceBypass, ObjectLock, ObjectLockState, PutObject, Retention,
    RetentionMode, RetentionPeriod, StoreError, Tags, VersionAddress, VersionChange, VersionId,
    Versioning,
};

pub(super) async fn run(make: &impl AsyncFn() -> Store) {
    use Capability::{Events, ObjectLock, Quotas, Stamps, Tags, Usage, Versioning};
    let capabilities = make().await.capabilities();
    let has = |all: &[Capability]| all.iter().all(|one| capabilities.has(*one));
    if has(&[Tags, Versioning]) {
        tags_are_kept_and_replaced(versioned(make().await).await).await;
    }
    if has(&[ObjectLock]) {
        locks_need_a_bucket_with_object_lock(with_bucket(make().await).await).await;
        locks_hold_for_a_long_time(locked(make().await).await).await;
    }
    if has(&[ObjectLock, Stamps]) {
        what_is_locked_is_not_deleted(locked(make().await).await).await;
        defaults_lock_what_comes_without(locked(make().await).await).await;
    }
    if has(&[Usage, Versioning]) {
        usage_is_counted(versioned(make().await).await).await;
    }
    if has(&[Quotas]) {
        quotas_hold(with_bucket(make().await).await).await;
    }
    if has(&[Events, Versioning]) {
        changes_are_told_in_order(versioned(make().await).await).await;
        what_did_not_happen_is_not_told(with_bucket(make().await).await).await;
    }
}

fn tags(pairs: &[(&str, &str)]) -> Tags {
    let owned = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    Tags::new(owned).expect("tags")
}

async fn change(
    store: &Store,
    (key, version): (&str, Option<VersionId>),
    change: VersionChange,
) -> Result<crate::ObjectMeta, StoreError> {
    let address = VersionAddress { object: address(key), version };
    store.change_version(&address, change, &stamp(1000)).await
}

async fn tags_are_kept_and_replaced(store: Store) {
    let (one, two) = (tags(&[("a", "1")]), tags(&[("b", "2"), ("c", "")]));
    let with = PutObject { tags: one.clone(), ..PutObject::default() };
    let first = try_put(&store, "k", &bytes(10, 1), with).await.expect("a put").version();
    put(&store, "k", &bytes(10, 2)).await;
    assert_eq!(head(&store, "k").await.expect("a head").tags, Tags::default());
    change(&store, ("k", None), VersionChange::Tags(two.clone())).await.expect("tagged");
    let meta = head(&store, "k").await.expect("a head");
    assert_eq!(meta.tags, two, "only the tags changed");
    stamped(&store, meta.modified, 100);
    assert_eq!(get(&store, "k").await.expect("a get"), bytes(10, 2));
    let kept = change(&store, ("k", first), VersionChange::Tags(Tags::default())).await;
    assert_eq!(kept.expect("untagged").version, first);
    delete(&store, "k").await.expect("hidden");
    let hidden = change(&store, ("k", None), VersionChange::Tags(one)).await;
    assert_eq!(code(&hidden), "deleted");
    let none = change(&store, ("none", None), VersionChange::Tags(Tags::default())).await;
    assert_eq!(code(&none), "no-such-key");
}

fn until(mode: RetentionMode, seconds: i64) -> Retention {
    Retention { mode, until: at(seconds) }
}

async fn locked(store: Store) -> Store {
    let store = versioned(store).await;
    let state = BucketChange::ObjectLock(ObjectLockState::default());
    store.change_bucket(&bucket(), state).await.expect("a lock");
    store
}

async fn locks_need_a_bucket_with_object_lock(store: Store) {
    let state = BucketChange::ObjectLock(ObjectLockState::default());
    let unversioned = store.change_bucket(&bucket(), state).await;
    assert_eq!(code(&unversioned), "invalid-bucket-state");
    let lock = ObjectLock { legal_hold: true, retention: None };
    let with = PutObject { lock, ..PutObject::default() };
    assert_eq!(code(&try_put(&store, "k", &bytes(1, 1), with).await), "invalid-request");
    put(&store, "k", &bytes(1, 1)).await;
    let held = change(&store, ("k", None), VersionChange::LegalHold(true)).await;
    assert_eq!(code(&held), "invalid-request");
    for versioning in [Versioning::Enabled, Versioning::Suspended, Versioning::Enabled] {
        let change = BucketChange::Versioning(versioning);
        assert_eq!(code(&store.change_bucket(&bucket(), change).await), "ok");
    }
    assert_eq!(code(&store.change_bucket(&bucket(), state).await), "ok");
    let suspend = BucketChange::Versioning(Versioning::Suspended);
    assert_eq!(code(&store.change_bucket(&bucket(), suspend).await), "invalid-bucket-state");
}

/// For stores that go by their own clock, too: what is retained until 2100 is retained now.
async fn locks_hold_for_a_long_time(store: Store) {
    use GovernanceBypass::{No, Yes};
    use RetentionMode::{Compliance, Governance};
    const YEAR_2100: i64 = 4_102_444_800;
    let delete = async |key: &str, version, bypass| {
        let delete = DeleteObject { version, bypass, ..DeleteObject::default() };
        code(&store.delete_object(&address(key), delete, &stamp(1)).await)
    };
    for (mode, key) in [(Governance, "g"), (Compliance, "c")] {
        let lock = ObjectLock { retention: Some(until(mode, YEAR_2100)), legal_hold: false };
        let with = PutObject { lock, ..PutObject::default() };
        let id = try_put(&store, key, &bytes(9, 1), with).await.expect("a put").version();
        assert_eq!(head(&store, key).await.expect("a head").lock, lock);
        assert_eq!(delete(key, id, No).await, "locked");
        let longer = until(mode, YEAR_2100 + 60);
        change(&store, (key, id), VersionChange::Retention(Some(longer), No))
            .await
            .expect("longer");
        let shorter = VersionChange::Retention(Some(until(mode, YEAR_2100)), No);
        assert_eq!(code(&change(&store, (key, id), shorter).await), "locked");
        assert_eq!(delete(key, id, No).await, "locked");
        let bypassed = if mode == Governance { "ok" } else { "locked" };
        assert_eq!(delete(key, id, Yes).await, bypassed);
    }
    let lock = ObjectLock { retention: None, legal_hold: true };
    let with = PutObject { lock, ..PutObject::default() };
    let id = try_put(&store, "h", &bytes(9, 1), with).await.expect("a put").version();
    assert_eq!(delete("h", id, Yes).await, "locked");
    change(&store, ("h", id), VersionChange::LegalHold(false)).await.expect("released");
    assert_eq!(delete("h", id, No).await, "ok");
    let period = RetentionPeriod::Days(30_000);
    let default = Some(DefaultRetention { mode: Governance, period });
    let state = BucketChange::ObjectLock(ObjectLockState { default });
    store.change_bucket(&bucket(), state).await.expect("a default");
    let settings = store.bucket_settings(&bucket()).await.expect("settings");
    assert_eq!(settings.object_lock, Some(ObjectLockState { default }));
    let id = put(&store, "d", &bytes(9, 1)).await.version();
    assert!(head(&store, "d").await.expect("a head").lock.retention.is_some());
    assert_eq!(delete("d", id, Yes).await, "ok");
}

async fn what_is_locked_is_not_deleted(store: Store) {
    use GovernanceBypass::{No, Yes};
    use RetentionMode::{Compliance, Governance};
    let delete_at = async |key: &str, version, bypass, seconds| {
        let delete = DeleteObject { version, bypass, ..DeleteObject::default() };
        code(&store.delete_object(&address(key), delete, &stamp(seconds)).await)
    };
    for mode in [Governance, Compliance] {
        let lock = ObjectLock { retention: Some(until(mode, 5000)), legal_hold: false };
        let with = PutObject { lock, ..PutObject::default() };
        let id = try_put(&store, "k", &bytes(9, 1), with).await.expect("a put").version();
        assert_eq!(delete_at("k", id, No, 4999).await, "locked");
        let bypassed = if mode == Governance { "ok" } else { "locked" };
        assert_eq!(delete_at("k", None, No, 2000).await, "ok", "a marker hides it");
        assert_eq!(code(&get(&store, "k").await), "deleted");
        assert_eq!(delete_at("k", id, Yes, 4999).await, bypassed);
        assert_eq!(delete_at("k", id, No, 5000).await, "ok");
    }
    let id = put(&store, "h", &bytes(9, 1)).await.version();
    change(&store, ("h", id), VersionChange::LegalHold(true)).await.expect("held");
    assert!(head(&store, "h").await.expect("a head").lock.legal_hold);
    assert_eq!(delete_at("h", id, Yes, 9000).await, "locked");
    change(&store, ("h", None), VersionChange::LegalHold(false)).await.expect("released");
    let retain = |until| VersionChange::Retention(Some(until), No);
    change(&store, ("h", id), retain(until(Governance, 6000))).await.expect("retained");
    let shorter = change(&store, ("h", id), retain(until(Governance, 5999))).await;
    assert_eq!(code(&shorter), "locked");
    let past = change(&store, ("h", id), retain(until(Governance, 1000))).await;
    assert_eq!(code(&past), "invalid-request");
    assert_eq!(delete_at("h", id, No, 5999).await, "locked");
    assert_eq!(delete_at("h", id, No, 6000).await, "ok");
}

async fn defaults_lock_what_comes_without(store: Store) {
    let set = async |days| {
        let mode = RetentionMode::Compliance;
        let default = DefaultRetention { mode, period: RetentionPeriod::Days(days) };
        let state = ObjectLockState { default: Some(default) };
        store.change_bucket(&bucket(), BucketChange::ObjectLock(state)).await
    };
    assert_eq!(code(&set(0).await), "invalid-request");
    assert_eq!(code(&set(36_501).await), "invalid-request");
    set(2).await.expect("a default");
    put(&store, "k", &bytes(9, 1)).await;
    let expected = Some(until(RetentionMode::Compliance, 100 + 2 * 86_400));
    assert_eq!(head(&store, "k").await.expect("a head").lock.retention, expected);
    let retention = Some(until(RetentionMode::Governance, 7000));
    let lock = ObjectLock { legal_hold: true, retention };
    let create = CreateUpload { lock, ..CreateUpload::default() };
    let id = begin(&store, "p", 1, create).await;
    let part = put_part(&store, "p", &id, (1, &bytes(9, 1))).await;
    let complete = completion("p", &id, &[part]);
    // The upload was begun in time; that its retention is over when it ends is no error.
    store.complete_multipart_upload(complete, &stamp(8000)).await.expect("an object");
    assert_eq!(head(&store, "p").await.expect("a head").lock, lock);
}

async fn used(store: &Store) -> BucketUsage {
    store.bucket_usage(&bucket()).await.expect("a usage")
}

async fn usage_is_counted(store: Store) {
    let usage = |objects, versions, bytes, upload_bytes| BucketUsage {
        objects,
        versions,
        bytes,
        upload_bytes,
    };
    assert_eq!(used(&store).await, usage(0, 0, 0, 0));
    put(&store, "a", &bytes(10, 1)).await;
    put(&store, "a", &bytes(100_000, 2)).await;
    put(&store, "b", &bytes(5, 3)).await;
    assert_eq!(used(&store).await, usage(2, 3, 100_015, 0));
    let marker = delete(&store, "a").await.expect("hidden").version;
    assert_eq!(used(&store).await, usage(1, 4, 100_015, 0));
    let undo = DeleteObject { version: marker, ..DeleteObject::default() };
    store.delete_object(&address("a"), undo, &stamp(1)).await.expect("undone");
    assert_eq!(used(&store).await, usage(2, 3, 100_015, 0));
    let id = begin(&store, "c", 1, CreateUpload::default()).await;
    put_part(&store, "c", &id, (1, &bytes(70, 1))).await;
    put_part(&store, "c", &id, (2, &bytes(7, 1))).await;
    let one = put_part(&store, "c", &id, (1, &bytes(50, 2))).await;
    assert_eq!(used(&store).await, usage(2, 3, 100_015, 57));
    let complete = completion("c", &id, &[one]);
    store.complete_multipart_upload(complete, &stamp(2)).await.expect("an object");
    assert_eq!(used(&store).await, usage(3, 4, 100_065, 0));
    let id = begin(&store, "c", 2, CreateUpload::default()).await;
    put_part(&store, "c", &id, (1, &bytes(70, 1))).await;
    store.abort_multipart_upload(&address("c"), &id).await.expect("aborted");
    assert_eq!(used(&store).await, usage(3, 4, 100_065, 0));
}

async fn quotas_hold(store: Store) {
    let quota = async |bytes| {
        let change = BucketChange::Quota(bytes);
        store.change_bucket(&bucket(), change).await.expect("a quota");
    };
    quota(Some(100)).await;
    let put_of = async |key: &str, size| {
        code(&try_put(&store, key, &bytes(size, 1), PutObject::default()).await)
    };
    assert_eq!(put_of("a", 60).await, "ok");
    assert_eq!(put_of("b", 41).await, "quota-exceeded");
    assert_eq!(put_of("a", 100).await, "ok", "it replaces what is there");
    assert_eq!(put_of("b", 1).await, "quota-exceeded");
    delete(&store, "a").await.expect("gone");
    assert_eq!(put_of("b", 30).await, "ok");
    let id = begin(&store, "c", 1, CreateUpload::default()).await;
    let part = put_part(&store, "c", &id, (1, &bytes(70, 1))).await;
    assert_eq!(put_of("d", 1).await, "quota-exceeded", "parts count");
    let complete = completion("c", &id, &[part]);
    store.complete_multipart_upload(complete, &stamp(2)).await.expect("an object");
    quota(Some(10)).await;
    assert_eq!(code(&get(&store, "c").await), "ok", "what is there stays");
    assert_eq!(put_of("d", 0).await, "ok");
    quota(None).await;
    assert_eq!(put_of("d", 1000).await, "ok");
}

async fn changes_are_told_in_order(store: Store) {
    let mut newest = store.newest_event();
    assert_eq!(*newest.borrow_and_update(), 0);
    let first = put(&store, "a", &bytes(10, 1)).await;
    change(&store, ("a", None), VersionChange::Tags(tags(&[("t", "1")]))).await.expect("tagged");
    change(&store, ("a", None), VersionChange::Tags(Tags::default())).await.expect("untagged");
    let by_rule = DeleteObject { cause: DeleteCause::Lifecycle, ..DeleteObject::default() };
    store.delete_object(&address("a"), by_rule.clone(), &stamp(7)).await.expect("hidden");
    let gone = DeleteObject { version: first.version(), ..by_rule };
    store.delete_object(&address("a"), gone, &stamp(8)).await.expect("gone");
    let id = begin(&store, "p", 1, CreateUpload::default()).await;
    let part = put_part(&store, "p", &id, (1, &bytes(9, 1))).await;
    let complete = completion("p", &id, &[part]);
    store.complete_multipart_upload(complete, &stamp(9)).await.expect("an object");
    assert!(newest.has_changed().expect("a feed") && *newest.borrow_and_update() == 6);
    let events = store.events(0, 100).await.expect("events");
    let told: Vec<_> = events.iter().map(|e| (e.sequence, e.kind, e.key.as_str())).collect();
    let expected = [
        (1, EventKind::Put, "a"),
        (2, EventKind::TaggingPut, "a"),
        (3, EventKind::TaggingDelete, "a"),
        (4, EventKind::LifecycleDeleteMarkerCreated, "a"),
        (5, EventKind::LifecycleDelete, "a"),
        (6, EventKind::CompleteMultipartUpload, "p"),
    ];
    assert_eq!(told, expected);
    assert_eq!(events[0].version, VersionId::Numbered(1));
    assert_eq!(events[0].content, Some((10, first.etag().to_owned())));
    assert_eq!((events[3].content.clone(), events[3].at, &*events[3].by), (None, at(7), "suite"));
    assert_eq!(store.events(2, 2).await.expect("events"), events[2..4]);
    assert!(store.events(6, 10).await.expect("events").is_empty());
    store.trim_events(4).await.expect("trimmed");
    assert_eq!(code(&store.events(2, 10).await), "events-trimmed");
    assert_eq!(store.events(3, 10).await.expect("events"), events[3..]);
    store.trim_events(100).await.expect("trimmed");
    assert_eq!(store.events(5, 10).await.expect("events"), events[5..], "the newest stays");
    assert_eq!(put(&store, "b", &bytes(1, 1)).await.sequence(), 7);
}

async fn what_did_not_happen_is_not_told(store: Store) {
    delete(&store, "none").await.expect("nothing to do");
    let condition = crate::WriteCondition::IfMatch("x".to_owned());
    let refused = PutObject { condition, ..PutObject::default() };
    assert_eq!(code(&try_put(&store, "a", &bytes(1, 1), refused).await), "no-such-key");
    assert_eq!(*store.newest_event().borrow(), 0);
    assert!(store.events(0, 10).await.expect("events").is_empty());
}
