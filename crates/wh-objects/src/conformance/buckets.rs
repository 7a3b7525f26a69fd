//! Buckets and their documents.

use super::kit::{
    Store, address, begin, bucket, bytes, code, delete, has, put, stamp, stamped, with_bucket,
};
use crate::{
    BucketDocument, BucketSettings, Capability, CreateUpload, DefaultRetention, ObjectLockState,
    RetentionMode, RetentionPeriod, Versioning,
};

pub(super) async fn run(make: &impl AsyncFn() -> Store) {
    buckets_come_and_go(make().await).await;
    only_an_empty_bucket_is_deleted(with_bucket(make().await).await).await;
    if make().await.capabilities().has(Capability::ObjectLock) {
        a_bucket_is_made_with_its_settings_or_not_at_all(make().await).await;
    }
    documents_are_kept_as_they_are(with_bucket(make().await).await).await;
}

async fn buckets_come_and_go(store: Store) {
    assert_eq!(code(&store.bucket(&bucket()).await), "no-such-bucket");
    assert_eq!(code(&store.delete_bucket(&bucket()).await), "no-such-bucket");
    assert_eq!(
        code(&store.create_bucket(&bucket(), BucketSettings::default(), &stamp(7)).await),
        "ok"
    );
    assert_eq!(
        code(&store.create_bucket(&bucket(), BucketSettings::default(), &stamp(8)).await),
        "bucket-already-exists"
    );
    stamped(&store, store.bucket(&bucket()).await.expect("a bucket").created, 7);
    let other = wh_names::BucketName::parse("attic").expect("a name");
    store.create_bucket(&other, BucketSettings::default(), &stamp(9)).await.expect("a bucket");
    let listed = store.list_buckets().await.expect("a list");
    assert_eq!(listed.iter().map(|b| b.name.as_str()).collect::<Vec<_>>(), ["attic", "cellar"]);
    store.delete_bucket(&bucket()).await.expect("gone");
    assert_eq!(code(&store.bucket(&bucket()).await), "no-such-bucket");
    assert_eq!(store.list_buckets().await.expect("a list").len(), 1);
    let delete = delete(&store, "a").await;
    assert_eq!(code(&delete), "no-such-bucket");
}

async fn only_an_empty_bucket_is_deleted(store: Store) {
    put(&store, "a", &bytes(10, 1)).await;
    let id = begin(&store, "u", 1, CreateUpload::default()).await;
    assert_eq!(code(&store.delete_bucket(&bucket()).await), "bucket-not-empty");
    delete(&store, "a").await.expect("gone");
    delete(&store, "a").await.expect("still gone");
    store.delete_bucket(&bucket()).await.expect("gone");
    store.create_bucket(&bucket(), BucketSettings::default(), &stamp(4)).await.expect("made again");
    assert_eq!(code(&store.list_parts(&address("u"), &id, 0, 10).await), "no-such-upload");
}

async fn a_bucket_is_made_with_its_settings_or_not_at_all(store: Store) {
    let retains = |days| {
        let mode = RetentionMode::Governance;
        let default = DefaultRetention { mode, period: RetentionPeriod::Days(days) };
        Some(ObjectLockState { default: Some(default) })
    };
    let settings = |versioning, object_lock| BucketSettings {
        versioning,
        object_lock,
        quota_bytes: has(&store, Capability::Quotas).then_some(100),
    };
    for (wrong, why) in [
        (settings(Versioning::Unversioned, retains(1)), "invalid-bucket-state"),
        (settings(Versioning::Suspended, retains(1)), "invalid-bucket-state"),
        (settings(Versioning::Enabled, retains(0)), "invalid-request"),
    ] {
        assert_eq!(code(&store.create_bucket(&bucket(), wrong, &stamp(1)).await), why);
        assert_eq!(code(&store.bucket(&bucket()).await), "no-such-bucket");
    }
    let locked = settings(Versioning::Enabled, retains(2));
    store.create_bucket(&bucket(), locked, &stamp(1)).await.expect("a bucket");
    assert_eq!(store.bucket_settings(&bucket()).await.expect("settings"), locked);
    let again = store.create_bucket(&bucket(), BucketSettings::default(), &stamp(2)).await;
    assert_eq!(code(&again), "bucket-already-exists");
    assert_eq!(store.bucket_settings(&bucket()).await.expect("settings"), locked, "it stays");
    put(&store, "a", &bytes(60, 1)).await;
    let kept = super::kit::head(&store, "a").await.expect("a head").lock.retention;
    stamped(&store, kept.expect("a retention").until, 100 + 2 * 86_400);
}

async fn documents_are_kept_as_they_are(store: Store) {
    let (policy, cors) = (BucketDocument::Policy, BucketDocument::Cors);
    assert_eq!(store.bucket_document(&bucket(), policy).await.expect("asked"), None);
    store.put_bucket_document(&bucket(), policy, Some("{ }\n")).await.expect("kept");
    store.put_bucket_document(&bucket(), cors, Some("<ü/>")).await.expect("kept");
    let found = store.bucket_document(&bucket(), policy).await.expect("asked");
    assert_eq!(found.as_deref(), Some("{ }\n"));
    store.put_bucket_document(&bucket(), policy, None).await.expect("removed");
    store.put_bucket_document(&bucket(), policy, None).await.expect("still removed");
    assert_eq!(store.bucket_document(&bucket(), policy).await.expect("asked"), None);
    let found = store.bucket_document(&bucket(), cors).await.expect("asked");
    assert_eq!(found.as_deref(), Some("<ü/>"));
    store.delete_bucket(&bucket()).await.expect("gone");
    let found = store.bucket_document(&bucket(), cors).await;
    assert_eq!(code(&found), "no-such-bucket");
    store.create_bucket(&bucket(), BucketSettings::default(), &stamp(5)).await.expect("made again");
    assert_eq!(store.bucket_document(&bucket(), cors).await.expect("asked"), None);
}
