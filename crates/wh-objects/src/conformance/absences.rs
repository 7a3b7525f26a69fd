//! What a store says it lacks: it refuses that, and the suite tells what it left out.
#![expect(clippy::print_stderr, reason = "what was not tried is told to whoever runs the suite")]

use super::kit::{Store, address, body, bucket, bytes, code, stamp};
use crate::{
    BucketChange, BucketSettings, Capability, ObjectHeaders, ObjectLock, ObjectLockState,
    PutObject, Tags, Versioning, WriteCondition,
};

/// Takes the store over, and leaves it with a bucket.
pub(super) async fn run(store: &Store) {
    store.create_bucket(&bucket(), BucketSettings::default(), &stamp(1)).await.expect("a bucket");
    for lacking in store.capabilities().lacking() {
        eprintln!("conformance: this store has no {}; not tried", lacking.as_str());
        assert_eq!(refusal(store, lacking).await, "not-kept", "{}", lacking.as_str());
    }
}

/// What a store says to what it lacks.
async fn refusal(store: &Store, lacking: Capability) -> &'static str {
    let put = async |put: PutObject| {
        let data = bytes(1, 1);
        let put = PutObject { size: put.size.or(Some(1)), ..put };
        code(&store.put_object(&address("k"), put, body(&data), &stamp(1)).await)
    };
    let change = async |change| code(&store.change_bucket(&bucket(), change).await);
    match lacking {
        // Nothing is asked for here: times and numbers are the store's own, and parts are not told.
        Capability::Stamps | Capability::Sequences | Capability::Parts | Capability::Checksums => {
            "not-kept"
        }
        Capability::Events => code(&store.events(0, 1).await),
        Capability::Quotas => change(BucketChange::Quota(Some(1))).await,
        Capability::Usage => code(&store.bucket_usage(&bucket()).await),
        Capability::UnmeasuredBodies => {
            let (put, data) = (PutObject::default(), bytes(1, 1));
            code(&store.put_object(&address("k"), put, body(&data), &stamp(1)).await)
        }
        Capability::WideHeaders => {
            let text = Some("ü".to_owned());
            let headers = ObjectHeaders { content_language: text, ..ObjectHeaders::default() };
            put(PutObject { headers, ..PutObject::default() }).await
        }
        Capability::Versioning => change(BucketChange::Versioning(Versioning::Enabled)).await,
        Capability::Tags => {
            let tags = Tags::new([("a".to_owned(), "1".to_owned())]).expect("tags");
            put(PutObject { tags, ..PutObject::default() }).await
        }
        Capability::ObjectLock => {
            let state = BucketChange::ObjectLock(ObjectLockState::default());
            let unversioned = change(state).await;
            assert!(["not-kept", "invalid-bucket-state"].contains(&unversioned));
            let lock = ObjectLock { legal_hold: true, retention: None };
            put(PutObject { lock, ..PutObject::default() }).await
        }
        Capability::ConditionalWrites => {
            let condition = WriteCondition::IfNoneMatchAny;
            put(PutObject { condition, ..PutObject::default() }).await
        }
        Capability::ConditionalDeletes => {
            let condition = WriteCondition::IfMatch("x".to_owned());
            let delete = crate::DeleteObject { condition, ..crate::DeleteObject::default() };
            code(&store.delete_object(&address("k"), delete, &stamp(1)).await)
        }
    }
}
