//! moto as the upstream of a gateway: a store that ignores what others heed, and is found out.

use bytes::Bytes;
use futures::TryStreamExt;
use jiff::Timestamp;
use wh_aws::upstream::{UpstreamOptions, UpstreamStore};
use wh_names::{BucketName, Entropy, KeyPrefix, ObjectKey, Region, Secret};
use wh_objects::{
    BucketChange, BucketSettings, Capability, DeleteObject, GetObject, ListObjects, ListVersions,
    ObjectAddress, ObjectStore, PutObject, Stamp, VersionEntry, VersionId, Versioning,
};

use super::start_moto;

fn stamp() -> Stamp {
    Stamp::new(Timestamp::UNIX_EPOCH, "test")
}

fn sized(data: &Bytes) -> PutObject {
    PutObject { size: Some(data.len() as u64), ..PutObject::default() }
}

async fn put(store: &UpstreamStore, at: &ObjectAddress, text: &'static str) -> VersionId {
    let data = Bytes::from_static(text.as_bytes());
    let body = Box::pin(futures::stream::iter([Ok(data.clone())]));
    let stored = store.put_object(at, sized(&data), body, &stamp()).await.expect("a put");
    stored.version().unwrap_or(VersionId::Null)
}

async fn get(store: &UpstreamStore, at: &ObjectAddress, version: Option<VersionId>) -> String {
    let get = GetObject { version, ..GetObject::default() };
    let read = store.get_object(at, get).await.expect("a get");
    let blocks: Vec<Bytes> = read.body.try_collect().await.expect("a body");
    String::from_utf8(blocks.concat()).expect("text")
}

#[tokio::test]
async fn a_gateway_before_moto_refuses_what_moto_ignores() {
    let moto = start_moto();
    let options = UpstreamOptions {
        endpoint_url: Some(moto.url.clone()),
        region: Region::parse("us-east-1").expect("a region"),
        access_key_id: "moto".to_owned(),
        secret: Secret::parse("moto").expect("a secret"),
        control_bucket: BucketName::parse("control").expect("a name"),
        authorities: None,
    };
    let entropy = Entropy::new(|buffer| buffer.fill(7));
    let store = UpstreamStore::open(options, &entropy).await.expect("a store");
    // It takes any checksum for right.
    let capabilities = store.capabilities();
    assert!(!capabilities.has(Capability::Checksums), "{:?}", store.findings().tried);
    assert!(capabilities.has(Capability::Versioning) && capabilities.has(Capability::Tags));

    let bucket = BucketName::parse("files").expect("a name");
    let settings = BucketSettings::default();
    store.create_bucket(&bucket, settings, &stamp()).await.expect("a bucket");
    let versioned = BucketChange::Versioning(Versioning::Enabled);
    store.change_bucket(&bucket, versioned).await.expect("versioned");
    let key = ObjectKey::parse("a b/ü+%").expect("a key");
    let at = ObjectAddress { bucket: bucket.clone(), key };
    let first = put(&store, &at, "first").await;
    let second = put(&store, &at, "second").await;
    assert!(matches!(first, VersionId::Foreign(_)) && first != second, "ids of its own");
    assert_eq!(get(&store, &at, None).await, "second");
    assert_eq!(get(&store, &at, Some(first)).await, "first");
    let hidden = store.delete_object(&at, DeleteObject::default(), &stamp()).await.expect("hidden");
    assert!(hidden.marker);
    let gone = store.get_object(&at, GetObject::default()).await.expect_err("hidden");
    // moto does not say that it is a marker which hides the object.
    assert_eq!(gone.code(), "no-such-key");

    let (prefix, delimiter) = (KeyPrefix::everything(), None);
    let list = ListVersions { prefix: prefix.clone(), delimiter, after: None, max_keys: 1000 };
    let page = store.list_object_versions(&bucket, list).await.expect("a page");
    let ids = page.entries.iter().filter_map(|entry| match entry {
        VersionEntry::Version(one) => Some((one.version, one.latest)),
        VersionEntry::CommonPrefix(_) => None,
    });
    let marker = hidden.version.expect("a marker");
    assert_eq!(ids.collect::<Vec<_>>(), [(marker, true), (second, false), (first, false)]);
    let list = ListObjects { prefix, delimiter: None, after: None, max_keys: 1000 };
    let page = store.list_objects(&bucket, list).await.expect("a page");
    assert!(page.entries.is_empty() && !page.truncated, "{page:?}");
}
