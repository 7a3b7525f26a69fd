//! Opening again: what stays, what is collected, and when it is refused.

use std::path::Path;

use bytes::Bytes;
use futures::StreamExt;
use wh_names::BucketName;

use super::kit::{blobs, eventually, open, open_both};
use crate::conformance::kit::{
    address, begin, bucket, bytes, code, completion, delete, get, put, put_part, stamp, with_bucket,
};
use crate::disk::{DiskOptions, DiskStore, Durability, OpenError};
use crate::{
    BucketDocument, BucketSettings, ByteStream, CreateUpload, GetObject, PutObject, Versioning,
};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_after_a_crash_and_after_a_close() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, port) = open_both(folder.path()).await;
    let port = with_bucket(port).await;
    let (small, large) = (bytes(1000, 1), bytes(3_000_000, 2));
    put(&port, "small", &small).await;
    put(&port, "large", &large).await;
    port.put_bucket_document(&bucket(), BucketDocument::Policy, Some("{}")).await.expect("kept");
    let (vault, versioning) = (BucketName::parse("vault").expect("a name"), Versioning::Enabled);
    let settings = BucketSettings { versioning, quota_bytes: Some(7), ..BucketSettings::default() };
    port.create_bucket(&vault, settings, &stamp(2)).await.expect("a bucket");
    let id = begin(&port, "parts", 1, CreateUpload::default()).await;
    let one = put_part(&port, "parts", &id, (1, &large)).await;
    // A copy of the folder, taken while the store is open, is what a crash would leave.
    let crashed = tempfile::tempdir().expect("a folder");
    copy_folder(folder.path(), crashed.path());
    store.close().await;
    assert_eq!(code(&get(&port, "small").await), "closed");
    assert_eq!(code(&delete(&port, "small").await), "closed");
    for folder in [folder.path(), crashed.path()] {
        let (_, port) = open_both(folder).await;
        assert_eq!(get(&port, "small").await.expect("a get"), small);
        assert!(get(&port, "large").await.expect("a get") == large, "the large one");
        let policy = port.bucket_document(&bucket(), BucketDocument::Policy).await;
        assert_eq!(policy.expect("asked").as_deref(), Some("{}"));
        assert_eq!(port.bucket_settings(&vault).await.expect("settings"), settings);
        let complete = completion("parts", &id, std::slice::from_ref(&one));
        port.complete_multipart_upload(complete, &stamp(3)).await.expect("an object");
        assert!(get(&port, "parts").await.expect("a get") == large, "the parts");
    }
}

pub(super) fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).expect("a copy");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_synced_on_its_way_comes_back_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, port) = open_both(folder.path()).await;
    let port = with_bucket(port).await;
    let block = bytes(1 << 20, 1);
    let blocks: Vec<_> = (0..140).map(|_| Ok(block.clone())).collect();
    let body: ByteStream = Box::pin(futures::stream::iter(blocks));
    let stored = port.put_object(&address("a"), PutObject::default(), body, &stamp(1)).await;
    assert_eq!(stored.expect("a put").size(), 140 << 20);
    let mut read = port.get_object(&address("a"), GetObject::default()).await.expect("a get");
    let mut count = 0;
    while let Some(got) = read.body.next().await {
        let got = got.expect("bytes");
        let from = count % block.len();
        assert!(block.slice(from..from + got.len()) == got, "the bytes from {count}");
        count += got.len();
    }
    assert_eq!(count, 140 << 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_go_when_nothing_names_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, port) = open_both(folder.path()).await;
    let port = with_bucket(port).await;
    let count = || blobs(folder.path()).len();
    put(&port, "a", &bytes(100_000, 1)).await;
    put(&port, "a", &bytes(100_000, 2)).await;
    eventually(|| count() == 1);
    let id = begin(&port, "b", 1, CreateUpload::default()).await;
    put_part(&port, "b", &id, (1, &bytes(100_000, 3))).await;
    put_part(&port, "b", &id, (1, &bytes(100_000, 4))).await;
    eventually(|| count() == 2);
    port.abort_multipart_upload(&address("b"), &id).await.expect("aborted");
    eventually(|| count() == 1);
    let reading = port.get_object(&address("a"), GetObject::default()).await.expect("a get");
    delete(&port, "a").await.expect("gone");
    assert_eq!(count(), 1, "it is being read");
    drop(reading);
    eventually(|| count() == 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_is_given_up_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, port) = open_both(folder.path()).await;
    let port = with_bucket(port).await;
    let incoming = || std::fs::read_dir(folder.path().join("incoming")).expect("it").count();
    let begun = futures::stream::iter([Ok(bytes(3_000_000, 1))]);
    let endless: ByteStream = Box::pin(begun.chain(futures::stream::pending()));
    let writing = {
        let port = std::sync::Arc::clone(&port);
        tokio::spawn(async move {
            port.put_object(&address("a"), PutObject::default(), endless, &stamp(1)).await
        })
    };
    eventually(|| incoming() == 1);
    writing.abort();
    assert!(writing.await.expect_err("it was given up").is_cancelled());
    eventually(|| incoming() == 0);
    assert_eq!(code(&get(&port, "a").await), "no-such-key");
    assert_eq!(blobs(folder.path()).len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn orphans_are_collected_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, port) = open_both(folder.path()).await;
    let port = with_bucket(port).await;
    let data = bytes(100_000, 1);
    put(&port, "a", &data).await;
    store.close().await;
    let orphan = folder.path().join("blobs/07").join(format!("{:032x}", 0xffff_0007_u64));
    std::fs::write(&orphan, "left by a crash").expect("an orphan");
    let draft = folder.path().join("incoming").join(format!("{:032x}", 0xffff_0008_u64));
    std::fs::write(&draft, "left by a crash").expect("a draft");
    let (_, port) = open_both(folder.path()).await;
    assert!(!draft.exists());
    eventually(|| !orphan.exists());
    assert_eq!(get(&port, "a").await.expect("a get"), data);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_open_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path()).await;
    let second = DiskStore::open(DiskOptions::new(folder.path())).await;
    assert!(matches!(second, Err(OpenError::Locked { .. })));
    drop(store);
    open(folder.path()).await.close().await;
    open(folder.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_format_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    open(folder.path()).await.close().await;
    std::fs::write(folder.path().join("format"), "wellhouse-objects 3\n").expect("written");
    let index = std::fs::read(folder.path().join("index-2.db")).expect("the index");
    let opened = DiskStore::open(DiskOptions::new(folder.path())).await;
    assert!(matches!(opened, Err(OpenError::NewerVersion { found: 3, known: 2 })));
    assert_eq!(std::fs::read(folder.path().join("index-2.db")).expect("the index"), index);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_not_a_whole_store_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, port) = open_both(folder.path()).await;
    put(&with_bucket(port).await, "a", &bytes(100_000, 1)).await;
    store.close().await;
    let refused = async || {
        let opened = DiskStore::open(DiskOptions::new(folder.path())).await;
        matches!(opened, Err(OpenError::Damaged { .. }))
    };
    std::fs::rename(folder.path().join("format"), folder.path().join("f")).expect("renamed");
    assert!(refused().await, "no format");
    for other in [&b"something else"[..], b"wellhouse-objects 0\n", b"wellhouse\xff-objects 1\n"] {
        std::fs::write(folder.path().join("format"), other).expect("written");
        assert!(refused().await, "another format: {}", other.escape_ascii());
    }
    std::fs::rename(folder.path().join("f"), folder.path().join("format")).expect("renamed");
    std::fs::rename(folder.path().join("index-2.db"), folder.path().join("i")).expect("renamed");
    for opening in 0..2 {
        assert!(refused().await, "no index at opening {opening}");
    }
    std::fs::write(folder.path().join("index-2.db"), "").expect("written");
    assert!(refused().await, "an empty index");
    assert_eq!(blobs(folder.path()).len(), 1, "nothing was collected");
    std::fs::rename(folder.path().join("i"), folder.path().join("index-2.db")).expect("renamed");
    let (_, port) = open_both(folder.path()).await;
    assert_eq!(get(&port, "a").await.expect("a get"), bytes(100_000, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn small_objects_do_not_vanish_with_their_index() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, port) = open_both(folder.path()).await;
    put(&with_bucket(port).await, "a", &bytes(100, 1)).await;
    store.close().await;
    std::fs::remove_file(folder.path().join("index-2.db")).expect("removed");
    for _ in 0..2 {
        let opened = DiskStore::open(DiskOptions::new(folder.path())).await;
        assert_eq!(opened.expect_err("no index").code(), "store-damaged");
        assert!(!folder.path().join("index-2.db").exists(), "none was made");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_was_only_begun_is_begun_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, port) = open_both(folder.path()).await;
    put(&with_bucket(port).await, "a", &bytes(100, 1)).await;
    store.close().await;
    std::fs::write(folder.path().join("format"), "wellhouse-objects begun\n").expect("written");
    std::fs::write(folder.path().join("index-2.db"), "a part of it").expect("written");
    std::fs::write(folder.path().join("index.key"), "a part of it").expect("written");
    let (_, port) = open_both(folder.path()).await;
    assert!(port.list_buckets().await.expect("a list").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_copy_of_the_index_is_refused_and_no_file_goes() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, port) = open_both(folder.path()).await;
    put(&with_bucket(port).await, "a", &bytes(100_000, 1)).await;
    store.close().await;
    let old = std::fs::read(folder.path().join("index-2.db")).expect("the index");
    let (store, port) = open_both(folder.path()).await;
    for key in ["b", "c"] {
        put(&port, key, &bytes(100_000, 2)).await;
    }
    store.close().await;
    std::fs::write(folder.path().join("index-2.db"), old).expect("the old index");
    let refused_twice = async || {
        for _ in 0..2 {
            let opened = DiskStore::open(DiskOptions::new(folder.path())).await;
            assert_eq!(opened.expect_err("an old copy").code(), "store-damaged");
            assert_eq!(blobs(folder.path()).len(), 3, "nothing was collected");
        }
    };
    refused_twice().await;
    // Where nothing is told of the last opening, the names of the files tell.
    std::fs::remove_file(folder.path().join("opening")).expect("removed");
    refused_twice().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_and_files_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let parent = tempfile::tempdir().expect("a folder");
    let folder = parent.path().join("deep/store");
    let (_store, port) = open_both(&folder).await;
    put(&with_bucket(port).await, "a", &bytes(100_000, 1)).await;
    let mode = |path: &Path| std::fs::metadata(path).expect("it").permissions().mode() & 0o777;
    let blob = blobs(&folder).remove(0);
    for private in [folder.as_path(), &folder.join("incoming"), blob.parent().expect("a shard")] {
        assert_eq!(mode(private), 0o700, "{}", private.display());
    }
    for private in ["lock", "format", "index-2.db", "index-2.db-wal"].map(|name| folder.join(name))
    {
        assert_eq!(mode(&private), 0o600, "{}", private.display());
    }
    assert_eq!(mode(&blob), 0o600);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_writes_and_allows_the_rest() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, port) = open_both(folder.path()).await;
    let port = with_bucket(port).await;
    let (small, large) = (bytes(10, 1), bytes(100_000, 2));
    put(&port, "small", &small).await;
    put(&port, "large", &large).await;
    store.close().await;
    let full = DiskOptions { reserve_bytes: u64::MAX, ..DiskOptions::new(folder.path()) };
    let port: crate::conformance::kit::Store =
        std::sync::Arc::new(DiskStore::open(full).await.expect("a store"));
    for data in [Bytes::new(), small.clone(), large.clone()] {
        let put = crate::conformance::kit::try_put(&port, "new", &data, PutObject::default());
        assert_eq!(code(&put.await), "no-space");
    }
    assert_eq!(get(&port, "small").await.expect("a get"), small);
    assert_eq!(get(&port, "large").await.expect("a get"), large);
    delete(&port, "large").await.expect("gone");
    eventually(|| blobs(folder.path()).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_small_objects_leave_in_the_index_is_known_to_be_free() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, port) = open_both(folder.path()).await;
    let port = with_bucket(port).await;
    for key in 0..50 {
        put(&port, &key.to_string(), &bytes(40_000, key)).await;
    }
    assert!(store.health.free_in_index() < 40_000);
    for key in 0..50 {
        delete(&port, &key.to_string()).await.expect("gone");
    }
    assert!(store.health.free_in_index() > 40 * 40_000, "{}", store.health.free_in_index());
    store.close().await;
    let (store, _) = open_both(folder.path()).await;
    eventually(|| store.health.free_in_index() > 40 * 40_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_lost_on_a_power_cut_survives_the_end_of_the_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = || {
        let durability = Durability::LosesOnPowerCut;
        DiskOptions { durability, ..DiskOptions::new(folder.path()) }
    };
    let store = std::sync::Arc::new(DiskStore::open(options()).await.expect("a store"));
    let port: crate::conformance::kit::Store = std::sync::Arc::clone(&store) as _;
    let port = with_bucket(port).await;
    assert!(!store.health.is_strict());
    for (key, size) in [("small", 100), ("large", 100_000), ("huge", 70 << 20)] {
        put(&port, key, &bytes(size, 1)).await;
    }
    // A copy is what a kill leaves: nothing was closed.
    let killed = tempfile::tempdir().expect("a folder");
    copy_folder(folder.path(), killed.path());
    let (_, port) = open_both(killed.path()).await;
    for (key, size) in [("small", 100), ("large", 100_000), ("huge", 70 << 20)] {
        assert!(get(&port, key).await.expect("a get") == bytes(size, 1), "{key}");
    }
}
