//! What expires by a bucket's rules.

use std::sync::Arc;

use wh_names::KeyPrefix;

use super::kit::{
    Store, address, at, begin, bucket, bytes, delete, get, put, put_part, stamp, try_put,
    with_bucket,
};
use super::versions::versioned;
use crate::lifecycle::{Lifecycle, Mode, Report, pass};
use crate::{
    BucketChange, Capability, CreateUpload, DeleteObject, EventKind, ListUploads, ObjectLock,
    ObjectLockState, PutObject, Retention, RetentionMode, StoreError, Tags, VersionAddress,
    VersionChange,
};

const DAY: i64 = 86_400;

pub(super) async fn run(make: &impl AsyncFn() -> Store) {
    let capabilities = make().await.capabilities();
    if capabilities.has(Capability::Versioning) && capabilities.has(Capability::ConditionalDeletes)
    {
        what_expires_goes_by_the_time_that_the_store_tells(versioned(make().await).await).await;
    }
    if !capabilities.has(Capability::Stamps) {
        return;
    }
    objects_expire_at_the_midnight_after_their_days(with_bucket(make().await).await).await;
    filters_are_about_prefix_tags_and_size(with_bucket(make().await).await).await;
    versions_are_hidden_first_and_removed_later(versioned(make().await).await).await;
    the_newest_noncurrent_versions_are_spared(versioned(make().await).await).await;
    uploads_are_aborted(with_bucket(make().await).await).await;
    tags_are_judged_with_the_removal(with_bucket(make().await).await).await;
    what_is_locked_is_left(versioned(make().await).await).await;
    long_histories_are_walked_in_pages(versioned(make().await).await).await;
}

async fn pass_at(store: &Store, rules: &str, seconds: i64, mode: Mode) -> (Report, Vec<String>) {
    let rules = Lifecycle::parse(rules).expect("rules");
    let mut told = Vec::new();
    let mut tell = |action: &crate::lifecycle::Action| {
        told.push(format!("{} {}", action.rule, action.key));
    };
    let report = pass(store, (&bucket(), &rules), (at(seconds), mode), &mut tell).await;
    (report.expect("a pass"), told)
}

async fn perform(store: &Store, rules: &str, seconds: i64) -> Report {
    let (dry, told) = pass_at(store, rules, seconds, Mode::DryRun).await;
    let (done, done_told) = pass_at(store, rules, seconds, Mode::Perform).await;
    assert_eq!(told, done_told, "what is told in advance is what is done");
    assert_eq!(dry.expired, done.expired);
    done
}

const EXPIRE: &str = r#"{"Rules":[{"ID":"r","Status":"Enabled","Filter":{"Prefix":"a/"},
    "Expiration":{"Days":2}}]}"#;

async fn objects_expire_at_the_midnight_after_their_days(store: Store) {
    // Put at 100 s after the epoch: two days later is 100 s into the third day.
    put(&store, "a/1", &bytes(10, 1)).await;
    put(&store, "b/1", &bytes(10, 1)).await;
    assert_eq!(perform(&store, EXPIRE, 3 * DAY - 1).await, Report::default());
    let disabled = EXPIRE.replace("Enabled", "Disabled");
    assert_eq!(perform(&store, &disabled, 9 * DAY).await, Report::default());
    let (_, told) = pass_at(&store, EXPIRE, 3 * DAY, Mode::DryRun).await;
    assert_eq!(told, ["r a/1"]);
    assert_eq!(get(&store, "a/1").await.expect("it is still there"), bytes(10, 1));
    let expected = Report { expired: 1, ..Report::default() };
    assert_eq!(perform(&store, EXPIRE, 3 * DAY).await, expected);
    assert!(get(&store, "a/1").await.is_err() && get(&store, "b/1").await.is_ok());
    let event = store.events(2, 10).await.expect("events").pop().expect("an event");
    assert_eq!((event.kind, &*event.by), (EventKind::LifecycleDelete, "lifecycle"));
    let dated = r#"{"Rules":[{"Status":"Enabled","Expiration":{"Date":"1970-01-05T00:00:00Z"}}]}"#;
    assert_eq!(perform(&store, dated, 4 * DAY - 1).await, Report::default());
    assert_eq!(perform(&store, dated, 4 * DAY).await, expected);
}

/// For stores that go by their own clock, too: the rules are held against the times that they tell.
async fn what_expires_goes_by_the_time_that_the_store_tells(store: Store) {
    for key in ["a/1", "a/1", "b/1"] {
        put(&store, key, &bytes(10, 1)).await;
    }
    let written = super::kit::head(&store, "a/1").await.expect("a head").modified.as_second();
    let rules = r#"{"Rules":[{"ID":"r","Status":"Enabled","Filter":{"Prefix":"a/"},
        "Expiration":{"Days":2},"NoncurrentVersionExpiration":{"NoncurrentDays":1}}]}"#;
    assert_eq!(perform(&store, rules, written + 60).await, Report::default());
    let expected = Report { expired: 1, noncurrent_removed: 1, ..Report::default() };
    assert_eq!(perform(&store, rules, written + 9 * DAY).await, expected);
    assert!(get(&store, "a/1").await.is_err() && get(&store, "b/1").await.is_ok());
    // What was hidden last is noncurrent only since then, which is too short a time ago by any clock.
    assert_eq!(pass_at(&store, rules, written + 60, Mode::Perform).await.0, Report::default());
}

async fn filters_are_about_prefix_tags_and_size(store: Store) {
    let tags = Tags::new([("kind".to_owned(), "scratch".to_owned())]).expect("tags");
    for key in ["a/tagged", "b/tagged", "a/large"] {
        let size = if key == "a/large" { 500 } else { 50 };
        let with = PutObject { tags: tags.clone(), ..PutObject::default() };
        try_put(&store, key, &bytes(size, 1), with).await.expect("a put");
    }
    put(&store, "a/plain", &bytes(50, 1)).await;
    let rules = r#"{"Rules":[{"ID":"r","Status":"Enabled","Filter":{"And":{"Prefix":"a/",
        "Tags":[{"Key":"kind","Value":"scratch"}],"ObjectSizeLessThan":500}},
        "Expiration":{"Days":1}}]}"#;
    let (_, told) = pass_at(&store, rules, 9 * DAY, Mode::Perform).await;
    assert_eq!(told, ["r a/tagged"]);
    for key in ["b/tagged", "a/large", "a/plain"] {
        assert!(get(&store, key).await.is_ok(), "{key}");
    }
}

async fn versions_are_hidden_first_and_removed_later(store: Store) {
    put(&store, "k", &bytes(10, 1)).await;
    let rules = r#"{"Rules":[{"ID":"r","Status":"Enabled","Filter":{"Prefix":""},
        "Expiration":{"Days":1},"NoncurrentVersionExpiration":{"NoncurrentDays":3}}]}"#;
    let expired = Report { expired: 1, ..Report::default() };
    assert_eq!(perform(&store, rules, 2 * DAY).await, expired);
    assert_eq!(store.bucket_usage(&bucket()).await.expect("a usage").versions, 2);
    // Noncurrent since the second day.
    assert_eq!(perform(&store, rules, 6 * DAY - 1).await, Report::default());
    let removed = Report { noncurrent_removed: 1, ..Report::default() };
    assert_eq!(perform(&store, rules, 6 * DAY).await, removed);
    let lonely = Report { markers_removed: 1, ..Report::default() };
    assert_eq!(perform(&store, rules, 6 * DAY).await, lonely);
    assert_eq!(store.bucket_usage(&bucket()).await.expect("a usage").versions, 0);
    delete(&store, "k").await.expect("a marker");
    let markers = r#"{"Rules":[{"Status":"Enabled",
        "Expiration":{"ExpiredObjectDeleteMarker":true}}]}"#;
    assert_eq!(perform(&store, markers, 900).await, lonely);
}

async fn the_newest_noncurrent_versions_are_spared(store: Store) {
    for seed in 1..7 {
        put(&store, "k", &bytes(10, seed)).await;
    }
    let rules = r#"{"Rules":[{"Status":"Enabled","NoncurrentVersionExpiration":
        {"NoncurrentDays":1,"NewerNoncurrentVersions":2}}]}"#;
    let removed = Report { noncurrent_removed: 3, ..Report::default() };
    assert_eq!(perform(&store, rules, 9 * DAY).await, removed);
    assert_eq!(perform(&store, rules, 9 * DAY).await, Report::default());
    assert_eq!(get(&store, "k").await.expect("the newest"), bytes(10, 6));
}

async fn uploads_are_aborted(store: Store) {
    for (seed, key) in [(1, "a/1"), (2, "b/1")] {
        let id = begin(&store, key, seed, CreateUpload::default()).await;
        put_part(&store, key, &id, (1, &bytes(9, 1))).await;
    }
    let rules = r#"{"Rules":[{"Status":"Enabled","Filter":{"Prefix":"a/"},
        "AbortIncompleteMultipartUpload":{"DaysAfterInitiation":1}}]}"#;
    assert_eq!(perform(&store, rules, 2 * DAY - 1).await, Report::default());
    let aborted = Report { uploads_aborted: 1, ..Report::default() };
    assert_eq!(perform(&store, rules, 2 * DAY).await, aborted);
    let list =
        ListUploads { prefix: KeyPrefix::everything(), delimiter: None, after: None, max: 9 };
    let left = store.list_multipart_uploads(&bucket(), list).await.expect("a page").uploads;
    assert_eq!(left.iter().map(|u| u.key.as_str()).collect::<Vec<_>>(), ["b/1"]);
}

/// Between the look and the removal, an object may lose the tags that the rule asks for.
async fn tags_are_judged_with_the_removal(store: Store) {
    put(&store, "k", &bytes(9, 1)).await;
    let tagged = |value: &str| DeleteObject {
        if_tagged: vec![("class".to_owned(), value.to_owned())],
        ..DeleteObject::default()
    };
    let at = VersionAddress { object: address("k"), version: None };
    let tags = Tags::new([("class".to_owned(), "scratch".to_owned())]).expect("tags");
    store.change_version(&at, VersionChange::Tags(tags), &stamp(2)).await.expect("tagged");
    let other = store.delete_object(&address("k"), tagged("kept"), &stamp(3)).await;
    assert!(matches!(other, Err(StoreError::PreconditionFailed)), "{other:?}");
    store.delete_object(&address("k"), tagged("scratch"), &stamp(3)).await.expect("gone");
}

async fn what_is_locked_is_left(store: Store) {
    let state = BucketChange::ObjectLock(ObjectLockState::default());
    store.change_bucket(&bucket(), state).await.expect("a lock");
    let retention = Some(Retention { mode: RetentionMode::Compliance, until: at(100 * DAY) });
    let lock = ObjectLock { retention, legal_hold: false };
    try_put(&store, "k", &bytes(9, 1), PutObject { lock, ..PutObject::default() })
        .await
        .expect("a put");
    put(&store, "k", &bytes(9, 2)).await;
    let rules = r#"{"Rules":[{"Status":"Enabled",
        "NoncurrentVersionExpiration":{"NoncurrentDays":1}}]}"#;
    let left = Report { locked: 1, ..Report::default() };
    assert_eq!(pass_at(&store, rules, 9 * DAY, Mode::DryRun).await.0, left);
    assert_eq!(perform(&store, rules, 9 * DAY).await, left);
    let removed = Report { noncurrent_removed: 1, ..Report::default() };
    assert_eq!(perform(&store, rules, 101 * DAY).await, removed);
}

async fn long_histories_are_walked_in_pages(store: Store) {
    for round in 0..3 {
        for number in 0..360_u32 {
            let data = bytes(1, u64::from(number) + 1);
            let (put, body) = (PutObject::default(), super::kit::body(&data));
            let address = address(&format!("k{number:03}"));
            store.put_object(&address, put, body, &stamp(round)).await.expect("a put");
        }
    }
    let rules = r#"{"Rules":[{"Status":"Enabled","NoncurrentVersionExpiration":
        {"NoncurrentDays":1,"NewerNoncurrentVersions":1}}]}"#;
    let removed = Report { noncurrent_removed: 360, ..Report::default() };
    assert_eq!(perform(&store, rules, 9 * DAY).await, removed);
    let usage = Arc::clone(&store).bucket_usage(&bucket()).await.expect("a usage");
    assert_eq!((usage.objects, usage.versions), (360, 720));
}
