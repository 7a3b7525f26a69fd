//! A store with some of everything in it, and all that it tells, as text to compare.

use futures::TryStreamExt;
use wh_names::{BucketName, KeyPrefix, ObjectKey};

use crate::conformance::kit::{Store, address, at, body, bucket, bytes, stamp, upload_id};
use crate::{
    BucketChange, BucketDocument, BucketSettings, CopyObject, CreateUpload, DeleteObject,
    GetObject, ListUploads, ListVersions, ObjectAddress, ObjectLock, ObjectLockState, PutObject,
    ReadConditions, Retention, RetentionMode, Tags, UploadPart, UploadPartCopy, VersionAddress,
    VersionChange, VersionEntry, VersionId, Versioning, WriteCondition,
};

pub(super) fn plain() -> BucketName {
    BucketName::parse("plain").expect("a name")
}

fn in_plain(key: &str) -> ObjectAddress {
    ObjectAddress { bucket: plain(), key: ObjectKey::parse(key).expect("a key") }
}

async fn put(store: &Store, address: &ObjectAddress, (size, seed): (usize, u64)) {
    let data = body(&bytes(size, seed));
    let tags = Tags::new([("seed".to_owned(), seed.to_string())]).expect("tags");
    let mut put = PutObject { tags, ..PutObject::default() };
    put.headers.content_type = Some("text/plain".to_owned());
    put.headers.user.insert("seed".to_owned(), seed.to_string());
    store.put_object(address, put, data, &stamp(100)).await.expect("a put");
}

fn copy(from: &str, to: &str) -> CopyObject {
    CopyObject {
        from: address(from),
        from_version: None,
        to: address(to),
        headers: None,
        tags: None,
        lock: ObjectLock::default(),
        source_conditions: ReadConditions::default(),
        condition: WriteCondition::Always,
    }
}

/// Two buckets: one versioned and locked, with versions, markers, copies and an upload; one plain.
pub(super) async fn fill(store: &Store) {
    let versioned = bucket();
    for name in [&versioned, &plain()] {
        store.create_bucket(name, BucketSettings::default(), &stamp(1)).await.expect("a bucket");
    }
    put(store, &address("early"), (200_000, 1)).await;
    for change in [
        BucketChange::Versioning(Versioning::Enabled),
        BucketChange::ObjectLock(ObjectLockState::default()),
        BucketChange::Quota(Some(1 << 30)),
    ] {
        store.change_bucket(&versioned, change).await.expect("a change");
    }
    let policy = store.put_bucket_document(&versioned, BucketDocument::Policy, Some("{}")).await;
    policy.expect("a document");
    for (key, size, seed) in [
        ("early", 300_000, 2),
        ("small", 100, 3),
        ("small", 90, 4),
        ("folder/large", 700_000, 5),
        ("hidden", 70_000, 6),
        ("empty", 0, 7),
    ] {
        put(store, &address(key), (size, seed)).await;
    }
    let delete = DeleteObject::default();
    store.delete_object(&address("hidden"), delete, &stamp(200)).await.expect("a delete");
    store.copy_object(copy("folder/large", "folder/copy"), &stamp(210)).await.expect("a copy");
    let mode = RetentionMode::Governance;
    let change = VersionChange::Retention(
        Some(Retention { mode, until: at(9_000_000_000) }),
        crate::GovernanceBypass::No,
    );
    let locked = VersionAddress { object: address("small"), version: None };
    store.change_version(&locked, change, &stamp(220)).await.expect("a lock");
    for (key, size, seed) in [("a", 66_000, 10), ("b", 10, 11), ("c/d", 500_000, 12)] {
        put(store, &in_plain(key), (size, seed)).await;
    }
    upload(store).await;
}

async fn upload(store: &Store) {
    let id = upload_id(3);
    let create = CreateUpload::default();
    store
        .create_multipart_upload(&address("up"), create, id.clone(), &stamp(50))
        .await
        .expect("it");
    for (number, size) in [(1, 400_000), (2, 1000)] {
        let (expected, content_md5) = (None, None);
        let (address, upload) = (address("up"), id.clone());
        let part = UploadPart { address, upload, number, expected, content_md5, size: None };
        let data = body(&bytes(size, 20 + u64::from(number)));
        store.upload_part(part, data, &stamp(60)).await.expect("a part");
    }
    let range = Some(crate::ByteRange::FromTo(10, 299_999));
    let part = UploadPartCopy {
        address: address("up"),
        upload: id,
        number: 3,
        from: address("folder/large"),
        from_version: None,
        range,
        source_conditions: ReadConditions::default(),
    };
    store.upload_part_copy(part, &stamp(61)).await.expect("a copied part");
}

/// All that a store tells, a line for each thing.
pub(super) async fn dump(store: &Store) -> Vec<String> {
    let mut lines = Vec::new();
    for bucket in store.list_buckets().await.expect("buckets") {
        let name = bucket.name.clone();
        lines.push(format!("{bucket:?}"));
        lines.push(format!("{:?}", store.bucket_settings(&name).await.expect("settings")));
        lines.push(format!("{:?}", store.bucket_usage(&name).await.expect("usage")));
        for kind in BucketDocument::ALL {
            lines.push(format!("{:?}", store.bucket_document(&name, kind).await.expect("text")));
        }
        versions(store, &name, &mut lines).await;
        uploads(store, &name, &mut lines).await;
    }
    let after = match store.events(0, 1).await {
        Err(crate::StoreError::EventsTrimmed { oldest }) => oldest - 1,
        _ => 0,
    };
    for event in store.events(after, usize::MAX).await.expect("events") {
        lines.push(format!("{event:?}"));
    }
    lines
}

async fn versions(store: &Store, bucket: &BucketName, lines: &mut Vec<String>) {
    let prefix = KeyPrefix::everything();
    let list = ListVersions { prefix, delimiter: None, after: None, max_keys: usize::MAX };
    for entry in store.list_object_versions(bucket, list).await.expect("versions").entries {
        lines.push(format!("{entry:?}"));
        let VersionEntry::Version(listed) = entry else { continue };
        if listed.object.is_some() {
            let address = ObjectAddress { bucket: bucket.clone(), key: listed.key };
            lines.push(read(store, &address, Some(listed.version)).await);
        }
    }
}

async fn read(store: &Store, address: &ObjectAddress, version: Option<VersionId>) -> String {
    let get = GetObject { version, ..GetObject::default() };
    let read = match store.get_object(address, get).await {
        Ok(read) => read,
        Err(error) => return error.code().to_owned(),
    };
    match read.body.try_collect::<Vec<bytes::Bytes>>().await {
        Ok(data) => format!("{:?} {:08x}", read.meta, crate::digest::block_crc(&data.concat())),
        Err(error) => error.to_string(),
    }
}

async fn uploads(store: &Store, bucket: &BucketName, lines: &mut Vec<String>) {
    let list = ListUploads {
        prefix: KeyPrefix::everything(),
        delimiter: None,
        after: None,
        max: usize::MAX,
    };
    let page = store.list_multipart_uploads(bucket, list).await.expect("uploads");
    for upload in page.uploads {
        let address = ObjectAddress { bucket: bucket.clone(), key: upload.key.clone() };
        let parts = store.list_parts(&address, &upload.id, 0, usize::MAX).await.expect("parts");
        lines.push(format!("{parts:?}"));
    }
}
