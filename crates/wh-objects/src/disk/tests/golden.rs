//! Golden stores: what a released version wrote is opened by every later one.

use std::path::Path;

use super::kit::{blobs, open_both};
use super::restart::copy_folder;
use crate::conformance::kit::{
    Store, address, at, bucket, bytes, completion, get, head, put, stamp, upload_id,
};
use crate::{
    BucketDocument, BucketSettings, BucketUsage, ChecksumKind, EventKind, ListUploads, VersionId,
};

/// A golden store in a folder of its own. Empty folders are not kept with the sources.
pub(super) fn golden(name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(name);
    copy_folder(&from, folder.path());
    std::fs::create_dir_all(folder.path().join("incoming")).expect("a folder");
    for shard in 0..256 {
        let shard = folder.path().join(format!("blobs/{shard:02x}"));
        std::fs::create_dir_all(shard).expect("a folder");
    }
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_of_format_1_is_upgraded_whole() {
    let folder = golden("format-1");
    for opening in 0..2 {
        let (store, port) = open_both(folder.path()).await;
        what_format_1_held_is_there(&port).await;
        let usage = BucketUsage {
            objects: 6,
            versions: 6,
            bytes: 1000 + 10 + 2 * 70_000 + 80_000,
            upload_bytes: 66_100,
        };
        // The second opening finds what the first one wrote.
        if opening == 0 {
            assert_eq!(port.bucket_usage(&bucket()).await.expect("a usage"), usage);
            assert_eq!(put(&port, "new", &bytes(1, 9)).await.sequence(), 7);
        } else {
            assert_eq!(get(&port, "new").await.expect("a get"), bytes(1, 9));
        }
        store.close().await;
        assert!(!folder.path().join("index.db").exists());
        assert_eq!(blobs(folder.path()).len(), 3);
    }
    let (_, port) = open_both(folder.path()).await;
    let page = port.list_parts(&address("unfinished"), &upload_id(2), 0, 10).await.expect("parts");
    let complete = completion("unfinished", &upload_id(2), &page.parts[..1]);
    let stored = port.complete_multipart_upload(complete, &stamp(900)).await.expect("an object");
    assert_eq!(stored.checksum().map(|sum| sum.kind), Some(ChecksumKind::Composite));
    assert_eq!(get(&port, "unfinished").await.expect("a get"), bytes(100, 5));
}

async fn what_format_1_held_is_there(port: &Store) {
    let buckets = port.list_buckets().await.expect("buckets");
    let buckets: Vec<_> = buckets.iter().map(|b| (b.name.as_str(), b.created)).collect();
    assert_eq!(buckets, [("cellar", at(1)), ("empty", at(2))]);
    let documents = [
        (BucketDocument::Policy, "{\"golden\":true}"),
        (BucketDocument::Cors, "<cors/>"),
        (BucketDocument::Tagging, "<tags/>"),
    ];
    for (kind, text) in documents {
        let kept = port.bucket_document(&bucket(), kind).await.expect("a document");
        assert_eq!(kept.as_deref(), Some(text));
    }
    let settings = port.bucket_settings(&bucket()).await.expect("settings");
    assert_eq!(settings, BucketSettings::default());
    let objects = [
        ("small", bytes(1000, 1)),
        ("empty", bytes(0, 1)),
        ("deep/ü/\u{1f4c4} + % #.txt", bytes(10, 2)),
        ("large", bytes(70_000, 3)),
        ("copy", bytes(70_000, 3)),
        ("parts", bytes(80_000, 4)),
    ];
    for (key, data) in objects {
        assert!(get(port, key).await.expect(key) == data, "{key}");
    }
    let meta = head(port, "copy").await.expect("a head");
    assert_eq!((meta.modified, meta.version), (at(200), None));
    assert_eq!(meta.headers.content_language.as_deref(), Some("de"));
    assert_eq!(meta.headers.user.get("mtime").map(String::as_str), Some("1.5"));
    assert_eq!(head(port, "parts").await.expect("a head").parts, Some(1));
    let list = ListUploads {
        prefix: wh_names::KeyPrefix::everything(),
        delimiter: None,
        after: None,
        max: 10,
    };
    let uploads = port.list_multipart_uploads(&bucket(), list).await.expect("uploads").uploads;
    assert_eq!(uploads.iter().map(|u| u.key.as_str()).collect::<Vec<_>>(), ["unfinished"]);
    let page = port.list_parts(&address("unfinished"), &upload_id(2), 0, 10).await.expect("parts");
    assert_eq!(
        page.parts.iter().map(|p| (p.number, p.size)).collect::<Vec<_>>(),
        [(1, 100), (3, 66_000)]
    );
    let event = &port.events(5, 1).await.expect("events")[0];
    assert_eq!((event.sequence, event.kind, event.version), (6, EventKind::Put, VersionId::Null));
}
