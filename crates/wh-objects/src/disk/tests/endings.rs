//! How a store ends and begins: what an old copy, a full disk and a half-made store come to.

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::check::{index, sql};
use super::kit::{blobs, open_both};
use super::restart::copy_folder;
use super::sealed;
use crate::conformance::kit::{bytes, get, put, with_bucket};
use crate::disk::folder::Folder;
use crate::disk::{DiskOptions, DiskStore, OpenError, opening};

async fn refusal(folder: &Path) -> &'static str {
    sealed::refusal(folder, "").await
}

/// The index and its log, as they are just now.
fn index_files(folder: &Path) -> BTreeMap<&'static str, Vec<u8>> {
    let files = ["index-2.db", "index-2.db-wal"];
    files.into_iter().filter_map(|f| Some((f, std::fs::read(folder.join(f)).ok()?))).collect()
}

fn put_back(folder: &Path, files: &BTreeMap<&'static str, Vec<u8>>) {
    for name in ["index-2.db", "index-2.db-wal"] {
        drop(std::fs::remove_file(folder.join(name)));
    }
    for (name, data) in files {
        std::fs::write(folder.join(name), data).expect("written");
    }
}

fn openings(folder: &Path) -> u64 {
    opening::newest(&index(folder)).expect("an opening").number
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_put_back_to_a_moment_within_the_last_opening_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, port) = open_both(folder.path()).await;
    store.close().await;
    drop((store, port));
    let (store, port) = open_both(folder.path()).await;
    let port = with_bucket(port).await;
    put(&port, "a", &bytes(100, 1)).await;
    let within = index_files(folder.path());
    assert_eq!(within.len(), 2, "there is a log");
    put(&port, "b", &bytes(100, 2)).await;
    let all = index_files(folder.path());
    store.close().await;
    drop((store, port));
    let closed = index_files(folder.path());
    let no_log: BTreeMap<_, _> =
        all.into_iter().filter(|(name, _)| *name == "index-2.db").collect();
    for (what, old) in [("with its log", &within), ("its log gone", &no_log)] {
        for _ in 0..2 {
            put_back(folder.path(), old);
            assert_eq!(refusal(folder.path()).await, "store-damaged", "{what}");
            // Where the last opening is not told, the last end still is.
            drop(std::fs::remove_file(folder.path().join("opening")));
        }
    }
    put_back(folder.path(), &closed);
    let (_, port) = open_both(folder.path()).await;
    for (key, seed) in [("a", 1), ("b", 2)] {
        assert_eq!(get(&port, key).await.expect("a get"), bytes(100, seed), "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_was_not_clean_tells_nothing() {
    let scratch = tempfile::tempdir().expect("a folder");
    let (folder, killed) = (scratch.path().join("store"), scratch.path().join("killed"));
    let (store, _) = open_both(&folder).await;
    store.close().await;
    drop(store);
    let (store, port) = open_both(&folder).await;
    put(&with_bucket(port).await, "a", &bytes(100, 1)).await;
    copy_folder(&folder, &killed);
    drop(store);
    let told = std::fs::read_to_string(killed.join("closed")).expect("the last clean end");
    assert!(told.starts_with("1 ") && told.len() == 2 + 32 + 1, "{told}");
    let (_, port) = open_both(&killed).await;
    assert_eq!(get(&port, "a").await.expect("a get"), bytes(100, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_knows_nothing_of_ends_is_not_taken_for_an_old_copy() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, port) = open_both(folder.path()).await;
    put(&with_bucket(port).await, "a", &bytes(100, 1)).await;
    store.close().await;
    drop(store);
    // What an opening and an end by such a version leave.
    sql(
        folder.path(),
        "UPDATE store SET openings = openings + 1; \
         INSERT INTO opening SELECT openings, randomblob(16) FROM store; DROP TABLE closing",
    );
    let newest = opening::newest(&index(folder.path())).expect("an opening");
    std::fs::write(folder.path().join("opening"), newest.text()).expect("written");
    let (store, port) = open_both(folder.path()).await;
    assert_eq!(get(&port, "a").await.expect("a get"), bytes(100, 1));
    store.close().await;
    drop((store, port));
    let told = std::fs::read_to_string(folder.path().join("closed")).expect("an end");
    assert!(told.starts_with("3 "), "{told}");
    for other in ["3", "3 12 34\n", "", "x y\n"] {
        std::fs::write(folder.path().join("closed"), other).expect("written");
        assert_eq!(refusal(folder.path()).await, "store-damaged", "{other}");
    }
    std::fs::write(folder.path().join("closed"), told).expect("written");
    assert_eq!(refusal(folder.path()).await, "opened");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_is_refused_is_not_counted() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, port) = open_both(folder.path()).await;
    put(&with_bucket(port).await, "a", &bytes(100, 1)).await;
    store.close().await;
    drop(store);
    let old = index_files(folder.path());
    let (store, _) = open_both(folder.path()).await;
    store.close().await;
    drop(store);
    let told = std::fs::read(folder.path().join("opening")).expect("it");
    put_back(folder.path(), &old);
    assert_eq!(refusal(folder.path()).await, "store-damaged");
    assert_eq!(openings(folder.path()), 1, "as before");
    assert_eq!(std::fs::read(folder.path().join("opening")).expect("it"), told);
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
    // One that is full at an end only keeps the end from being told.
    let (store, _) = open_both(&folder).await;
    symlink("/dev/full", folder.join("closed.new")).expect("a link");
    store.close().await;
    drop(store);
    std::fs::remove_file(folder.join("closed.new")).expect("removed");
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

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_an_older_version_only_began_is_begun_anew() {
    for ring in ["", sealed::A] {
        let folder = tempfile::tempdir().expect("a folder");
        sealed::open(folder.path(), ring).await.close().await;
        for name in ["opening", "closed"] {
            std::fs::remove_file(folder.path().join(name)).expect("removed");
        }
        std::fs::write(folder.path().join("index-2.db"), "").expect("written");
        // Whatever else is there makes it uncertain that nothing ever was.
        let blob = format!("blobs/00/{:032x}", 0xffff_0000_u64);
        for other in
            ["opening", "closed", "store-id", "index-2.db-wal", "incoming/1", &blob, "index.db"]
        {
            let path = folder.path().join(other);
            std::fs::write(&path, "1").expect("written");
            assert_eq!(sealed::refusal(folder.path(), ring).await, "store-damaged", "{other}");
            let index = std::fs::metadata(folder.path().join("index-2.db")).expect("it");
            assert_eq!(index.len(), 0, "{other}: nothing was made");
            std::fs::remove_file(&path).expect("it was left alone");
        }
        let store = sealed::open(folder.path(), ring).await;
        let port = with_bucket(sealed::port(&store)).await;
        put(&port, "a", &bytes(100_000, 1)).await;
        store.close().await;
        drop((store, port));
        let store = sealed::open(folder.path(), ring).await;
        let read = get(&sealed::port(&store), "a").await.expect("a get");
        assert_eq!(read, bytes(100_000, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_of_a_store_without_a_format_are_left_alone_and_a_begun_one_is_laid_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, port) = open_both(folder.path()).await;
    put(&with_bucket(port).await, "a", &bytes(100_000, 1)).await;
    store.close().await;
    drop(store);
    let blob = blobs(folder.path()).remove(0);
    let own = blob.strip_prefix(folder.path()).expect("below it").to_owned();
    for part in ["index-2.db", "opening", "closed", "index.key", own.to_str().expect("a name")] {
        let other = tempfile::tempdir().expect("a folder");
        Folder::open(other.path()).expect("laid out");
        std::fs::remove_file(other.path().join("format")).expect("removed");
        std::fs::write(other.path().join(part), "something").expect("written");
        assert_eq!(refusal(other.path()).await, "store-damaged", "{part}");
        let left = std::fs::read(other.path().join(part)).expect("it is there");
        assert_eq!(left, b"something", "{part}");
        assert!(!other.path().join("format").exists(), "{part}");
    }
    // Nothing in one that was only begun was ever acknowledged.
    std::fs::write(folder.path().join("format"), "wellhouse-objects begun\n").expect("written");
    std::fs::remove_dir_all(folder.path().join("blobs")).expect("removed");
    std::fs::remove_dir_all(folder.path().join("incoming")).expect("removed");
    let (_, port) = open_both(folder.path()).await;
    put(&with_bucket(port).await, "b", &bytes(100_000, 2)).await;
    assert_eq!(openings(folder.path()), 1, "it begins anew");
}
