//! Golden stores of format 2, plain and encrypted, and how they were made.
//!
//! To make them again, when a format 3 makes these stores history that cannot be written any more,
//! or something must be added to them: `cargo test -p wh-objects --lib golden_2 -- --ignored`, and
//! look at the difference before it is committed.

use std::path::Path;

use wh_names::{BucketName, ObjectKey};

use super::estate::dump;
use super::golden::golden;
use super::restart::copy_folder;
use super::sealed::{self, A};
use crate::conformance::kit::{
    Store, address, at, begin, body, bucket, bytes, completion, delete, put, put_part, stamp,
    try_put,
};
use crate::disk::{Depth, check};
use crate::{
    BucketChange, BucketDocument, BucketSettings, BucketUsage, ChecksumAlgorithm, ChecksumKind,
    CopyObject, CreateUpload, DefaultRetention, EventKind, ExpectedChecksum, ExpectedValue,
    GovernanceBypass, ObjectAddress, ObjectHeaders, ObjectLock, ObjectLockState, PutObject,
    ReadConditions, Retention, RetentionMode, RetentionPeriod, Tags, VersionAddress, VersionChange,
    Versioning, WriteCondition,
};

const STORES: [(&str, &str); 2] = [("format-2/plain", ""), ("format-2/encrypted", A)];

/// The documents that a bucket could have when these stores were made.
const DOCUMENTS: [BucketDocument; 4] = [
    BucketDocument::Policy,
    BucketDocument::Cors,
    BucketDocument::Tagging,
    BucketDocument::Lifecycle,
];

/// Larger than what is kept in the index.
const LARGE: usize = 65_537;

/// The SHA-256 of `bytes(1000, 2)`, in Base64.
const SHA_OF_SMALL: &str = "KjQQ0u+gCArOt9hX8JBduIjGTZxFe90xgtWvB0CnTjo=";

/// A store of each kind opens, holds what is written here, is whole, and can be written to.
#[tokio::test(flavor = "multi_thread")]
async fn stores_of_format_2_hold_what_they_held() {
    for (name, ring) in STORES {
        let folder = golden(name);
        let fresh = tempfile::tempdir().expect("a folder");
        let now = sealed::open(fresh.path(), ring).await;
        fill(&sealed::port(&now)).await;
        let expected = dump(&sealed::port(&now)).await;
        for opening in 0..2 {
            let then = sealed::open(folder.path(), ring).await;
            let port = sealed::port(&then);
            alike(&dump(&port).await, &expected, &format!("{name}, opening {opening}"));
            what_must_not_depend_on_this_version(&port).await;
            then.close().await;
        }
        let report = check(sealed::options(folder.path(), ring), Depth::Blocks).await;
        let findings = report.expect("a report").findings;
        assert!(findings.is_empty(), "{name}: {findings:?}");
        let then = sealed::open(folder.path(), ring).await;
        goes_on(&sealed::port(&then)).await;
    }
}

#[track_caller]
fn alike(found: &[String], expected: &[String], which: &str) {
    assert_eq!(found.len(), expected.len(), "{which}");
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found, expected, "{which}");
    }
}

/// What a mistake in [`dump`] or in today's store could not hide.
async fn what_must_not_depend_on_this_version(port: &Store) {
    let usage = port.bucket_usage(&bucket()).await.expect("a usage");
    let (versions, size) = (9, 10 + 1000 + 900 + 2 * LARGE as u64 + 300 + 40);
    assert_eq!(usage, BucketUsage { objects: 6, versions, bytes: size, upload_bytes: 210 });
    let settings = port.bucket_settings(&bucket()).await.expect("settings");
    assert_eq!((settings.versioning, settings.quota_bytes), (Versioning::Enabled, Some(1 << 20)));
    assert_eq!(settings.object_lock, Some(lock_of_the_bucket()));
    let vault = BucketName::parse("vault").expect("a name");
    let settings = port.bucket_settings(&vault).await.expect("settings");
    assert_eq!(settings, settings_of_the_vault());
    for kind in DOCUMENTS {
        let text = port.bucket_document(&bucket(), kind).await.expect("a document");
        assert_eq!(text.as_deref(), Some(kind.as_str()));
    }
    for (key, data) in [
        ("early", bytes(10, 1)),
        ("small", bytes(900, 3)),
        ("deep/ü/\u{1f4c4} + % #.txt", bytes(LARGE, 4)),
        ("copy", bytes(LARGE, 4)),
        ("parts", bytes(300, 7)),
        ("empty", bytes(0, 8)),
    ] {
        let read = crate::conformance::kit::get(port, key).await.expect(key);
        assert!(read == data, "{key}");
    }
    let kinds: Vec<_> = port.events(0, 100).await.expect("events").iter().map(|e| e.kind).collect();
    let told = |kind| kinds.iter().filter(|k| **k == kind).count();
    assert_eq!(kinds.len(), 15, "{kinds:?}");
    assert_eq!((told(EventKind::DeleteMarkerCreated), told(EventKind::LockChanged)), (1, 2));
}

/// A store that was found is a store that is used.
async fn goes_on(port: &Store) {
    assert_eq!(put(port, "new", &bytes(1, 9)).await.sequence(), 16);
    let id = crate::conformance::kit::upload_id(2);
    let page = port.list_parts(&address("unfinished"), &id, 0, 10).await.expect("parts");
    let complete = completion("unfinished", &id, &page.parts[..1]);
    let stored = port.complete_multipart_upload(complete, &stamp(900)).await.expect("an object");
    assert_eq!(stored.checksum().map(|sum| sum.kind), Some(ChecksumKind::Composite));
    let small =
        crate::DeleteObject { version: Some(head(port, "small").await), ..Default::default() };
    let kept = port.delete_object(&address("small"), small, &stamp(900)).await;
    assert_eq!(crate::conformance::kit::code(&kept), "locked");
}

async fn head(port: &Store, key: &str) -> crate::VersionId {
    let meta = crate::conformance::kit::head(port, key).await.expect("a head");
    meta.version.expect("a version")
}

fn lock_of_the_bucket() -> ObjectLockState {
    let mode = RetentionMode::Governance;
    ObjectLockState { default: Some(DefaultRetention { mode, period: RetentionPeriod::Days(1) }) }
}

fn settings_of_the_vault() -> BucketSettings {
    let default =
        DefaultRetention { mode: RetentionMode::Compliance, period: RetentionPeriod::Years(2) };
    BucketSettings {
        versioning: Versioning::Enabled,
        object_lock: Some(ObjectLockState { default: Some(default) }),
        quota_bytes: None,
    }
}

fn dressed(expected: Option<ExpectedChecksum>) -> PutObject {
    let headers = ObjectHeaders {
        content_type: Some("text/plain".to_owned()),
        content_disposition: Some("inline".to_owned()),
        content_encoding: Some("identity".to_owned()),
        content_language: Some("de".to_owned()),
        cache_control: Some("no-store".to_owned()),
        expires: Some("Thu, 01 Jan 1970 00:00:00 GMT".to_owned()),
        user: [("mtime".to_owned(), "1.5".to_owned())].into(),
    };
    let tags = [("a".to_owned(), "1".to_owned()), ("ü".to_owned(), String::new())];
    PutObject { headers, tags: Tags::new(tags).expect("tags"), expected, ..PutObject::default() }
}

/// Something of everything that a store of format 2 can hold. What this does stands in the golden
/// stores: a change here needs new ones.
async fn fill(store: &Store) {
    for name in [bucket(), BucketName::parse("attic").expect("a name")] {
        store.create_bucket(&name, BucketSettings::default(), &stamp(1)).await.expect("a bucket");
    }
    let vault = BucketName::parse("vault").expect("a name");
    store.create_bucket(&vault, settings_of_the_vault(), &stamp(2)).await.expect("a bucket");
    put(store, "early", &bytes(10, 1)).await;
    for change in [
        BucketChange::Versioning(Versioning::Enabled),
        BucketChange::ObjectLock(lock_of_the_bucket()),
        BucketChange::Quota(Some(1 << 20)),
    ] {
        store.change_bucket(&bucket(), change).await.expect("a change");
    }
    for kind in DOCUMENTS {
        let kept = store.put_bucket_document(&bucket(), kind, Some(kind.as_str())).await;
        kept.expect("a document");
    }
    objects(store).await;
    locks(store).await;
    uploads(store).await;
    suspended(store).await;
}

async fn objects(store: &Store) {
    let algorithm = ChecksumAlgorithm::Sha256;
    let value = ExpectedValue::AfterBody(Box::new(|| Some(SHA_OF_SMALL.to_owned())));
    let with_checksum = dressed(Some(ExpectedChecksum { algorithm, value }));
    try_put(store, "small", &bytes(1000, 2), with_checksum).await.expect("a put");
    put(store, "small", &bytes(900, 3)).await;
    let deep = "deep/ü/\u{1f4c4} + % #.txt";
    try_put(store, deep, &bytes(LARGE, 4), dressed(None)).await.expect("a put");
    put(store, "hidden", &bytes(40, 5)).await;
    delete(store, "hidden").await.expect("a marker");
    put(store, "empty", &bytes(0, 8)).await;
    let copy = CopyObject {
        from: address(deep),
        from_version: None,
        to: address("copy"),
        headers: None,
        tags: None,
        lock: ObjectLock::default(),
        source_conditions: ReadConditions::default(),
        condition: WriteCondition::Always,
    };
    store.copy_object(copy, &stamp(200)).await.expect("a copy");
}

async fn locks(store: &Store) {
    let until = Retention { mode: RetentionMode::Compliance, until: at(9_000_000_000) };
    for (key, change) in [
        ("small", VersionChange::Retention(Some(until), GovernanceBypass::No)),
        ("early", VersionChange::LegalHold(true)),
        ("early", VersionChange::Tags(Tags::new([("b".into(), "2".into())]).expect("tags"))),
        ("early", VersionChange::Tags(Tags::default())),
    ] {
        let version = VersionAddress { object: address(key), version: None };
        store.change_version(&version, change, &stamp(300)).await.expect("a change");
    }
}

async fn uploads(store: &Store) {
    let done = begin(store, "parts", 1, CreateUpload::default()).await;
    let part = put_part(store, "parts", &done, (1, &bytes(300, 7))).await;
    let complete = completion("parts", &done, &[part]);
    store.complete_multipart_upload(complete, &stamp(400)).await.expect("an object");
    let checksum = Some((ChecksumAlgorithm::Crc32c, ChecksumKind::Composite));
    let open = begin(store, "unfinished", 2, CreateUpload { checksum, ..Default::default() }).await;
    put_part(store, "unfinished", &open, (1, &bytes(110, 10))).await;
    put_part(store, "unfinished", &open, (3, &bytes(100, 11))).await;
}

/// The other bucket has a version that is `null` among numbered ones.
async fn suspended(store: &Store) {
    let attic = BucketName::parse("attic").expect("a name");
    let key = ObjectAddress { bucket: attic.clone(), key: ObjectKey::parse("k").expect("a key") };
    for (seed, versioning) in [(1, Versioning::Enabled), (2, Versioning::Suspended)] {
        let change = BucketChange::Versioning(versioning);
        store.change_bucket(&attic, change).await.expect("a change");
        let data = bytes(20, seed);
        store.put_object(&key, PutObject::default(), body(&data), &stamp(500)).await.expect("put");
    }
}

/// Makes them again.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "it writes into the sources"]
async fn golden_2_is_made_again() {
    for (name, ring) in STORES {
        let made = tempfile::tempdir().expect("a folder");
        let store = sealed::open(made.path(), ring).await;
        fill(&sealed::port(&store)).await;
        store.close().await;
        drop(store);
        compact(made.path(), ring);
        let to = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(name);
        if to.exists() {
            std::fs::remove_dir_all(&to).expect("removed");
        }
        std::fs::remove_file(made.path().join("lock")).expect("removed");
        copy_folder(made.path(), &to);
        remove_empty(&to);
    }
}

/// The log goes into the index, so that there is little to keep.
fn compact(folder: &Path, ring: &str) {
    let conn = sealed::index(folder, ring);
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("moved");
}

fn remove_empty(folder: &Path) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            remove_empty(&path);
        }
    }
    // A folder that is not empty stays.
    let _kept = std::fs::remove_dir(folder);
}
