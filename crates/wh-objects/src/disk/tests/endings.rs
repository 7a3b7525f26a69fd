//! How a store ends and begins: what an old copy, a full disk and a half-made store come to.

use std::os::unix::fs::symlink;
use std::path::Path;

use super::check::index;
use super::kit::open_both;
use super::sealed;
use crate::conformance::kit::{bytes, get, put, with_bucket};
use crate::disk::folder::Folder;
use crate::disk::{DiskOptions, DiskStore, OpenError, opening};

async fn refusal(folder: &Path) -> &'static str {
    sealed::refusal(folder, "").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_at_an_opening_is_told_and_nothing_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let new = folder.path().join("new");
    std::fs::create_dir(&new).expect("a folder");
    let folder = folder.path().join("store");
    let (store, port) = open_both(&folder).await;
    put(&with_bucket(port).await, "a", &bytes(100_000, 1)).await;
    store.close().await;
    drop(store);
    // Whatever is written through these names meets a full disk.
    for (place, name) in [(&folder, "opening.new"), (&new, "format.new")] {
        symlink("/dev/full", place.join(name)).expect("a link");
        let opened = DiskStore::open(DiskOptions::new(place)).await;
        let error = opened.expect_err("the disk is full");
        assert!(matches!(error, OpenError::DiskFull { .. }), "{name}: {error}");
        assert_eq!(error.code(), "store-disk-full");
        drop(std::fs::remove_file(place.join(name)));
    }
    assert_eq!(refusal(&new).await, "opened");
    let (_, port) = open_both(&folder).await;
    assert_eq!(get(&port, "a").await.expect("a get"), bytes(100_000, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_cannot_grow_is_no_damage() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open_both(folder.path()).await;
    store.close().await;
    drop(store);
    let conn = index(folder.path());
    conn.execute_batch("PRAGMA max_page_count = 1").expect("as many as there are");
    let row = "INSERT INTO opening VALUES (?1, zeroblob(500))";
    let full = (0..100).find(|n| conn.execute(row, [-1 - n]).is_err());
    assert!(full.is_some(), "a page is full");
    let (folder, _lock, _) = Folder::open(folder.path()).expect("a folder");
    let counted = (0..200).find_map(|_| opening::count(&folder, &conn).err());
    assert_eq!(counted.expect("it is full").code(), "store-disk-full");
}
