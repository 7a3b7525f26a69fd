//! The one suite for all stores, held against the store of a gateway.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use wh_names::{BucketName, Secret};
use wh_objects::{BucketDocument, BucketSettings, Capability, ObjectStore, Stamp, StoreError};

use super::upstream::Upstream;

/// How long one gateway may take to hear of what another did.
const PATIENCE: Duration = Duration::from_secs(30);

fn settings() -> BucketSettings {
    BucketSettings::default()
}

fn stamp() -> Stamp {
    Stamp::new(Timestamp::UNIX_EPOCH, "suite")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_behind_another_endpoint_conforms() {
    let kept = Mutex::new(Vec::new());
    wh_objects::conformance::run_all(async || {
        let upstream = Upstream::start().await;
        let store = upstream.store().await.expect("a store");
        kept.lock().expect("a list").push(upstream);
        Arc::new(store) as Arc<dyn ObjectStore>
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_endpoint_lacks_only_what_s3_has_no_notion_of() {
    let upstream = Upstream::start().await;
    let store = upstream.store().await.expect("a store");
    let lacking: Vec<_> = store.capabilities().lacking().collect();
    let expected = [
        Capability::Stamps,
        Capability::Sequences,
        Capability::Events,
        Capability::Quotas,
        Capability::Usage,
        Capability::UnmeasuredBodies,
        Capability::WideHeaders,
        Capability::Parts,
    ];
    assert_eq!(lacking, expected, "{:?}", store.findings().tried);
    assert!(store.findings().upstream_time.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_gateway_writes_about_a_bucket_all_have() {
    let upstream = Upstream::start().await;
    let (one, other) =
        (upstream.store().await.expect("one"), upstream.store().await.expect("another"));
    let bucket = BucketName::parse("shared").expect("a name");
    one.create_bucket(&bucket, settings(), &stamp()).await.expect("a bucket");
    let policy = BucketDocument::Policy;
    assert_eq!(other.bucket_document(&bucket, policy).await.expect("asked"), None);
    for text in [Some("{\"a\":1}"), Some("{}"), None] {
        one.put_bucket_document(&bucket, policy, text).await.expect("kept");
        assert_eq!(one.bucket_document(&bucket, policy).await.expect("asked").as_deref(), text);
        let began = Instant::now();
        while other.bucket_document(&bucket, policy).await.expect("asked").as_deref() != text {
            assert!(began.elapsed() < PATIENCE, "the other gateway never heard of it");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    // What policies lie in is nobody's bucket.
    let control = BucketName::parse("control").expect("a name");
    assert_eq!(one.bucket(&control).await.expect_err("hidden").code(), "no-such-bucket");
    let made = one.create_bucket(&control, settings(), &stamp()).await;
    assert_eq!(made.expect_err("taken").code(), "bucket-already-exists");
    let listed = one.list_buckets().await.expect("a list");
    assert_eq!(listed.iter().map(|b| b.name.as_str()).collect::<Vec<_>>(), ["shared"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_is_away_is_an_error_and_never_an_empty_folder() {
    let upstream = Upstream::start().await;
    let wrong = Secret::parse("wrong").expect("a secret");
    let refused = upstream.store_with(wrong).await.expect_err("refused");
    assert!(matches!(&refused, StoreError::Upstream { .. }), "{refused}");
    let store = upstream.store().await.expect("a store");
    let bucket = BucketName::parse("gone").expect("a name");
    store.create_bucket(&bucket, settings(), &stamp()).await.expect("a bucket");
    drop(upstream);
    let list = wh_objects::ListObjects {
        prefix: wh_names::KeyPrefix::everything(),
        delimiter: None,
        after: None,
        max_keys: 10,
    };
    // What the door has accepted may still be answered; what it has not is refused.
    let began = Instant::now();
    let error = loop {
        match store.list_objects(&bucket, list.clone()).await {
            Ok(_) => assert!(began.elapsed() < PATIENCE, "it goes on answering"),
            Err(error) => break error,
        }
    };
    assert_eq!(error.code(), "unreachable", "{error}");
}
