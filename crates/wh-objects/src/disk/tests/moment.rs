//! A backup is one moment, whatever is written and moved while it is made.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use wh_names::Entropy;

use super::check::{checked, index};
use super::estate::dump;
use super::kit::open_both;
use crate::ByteStream;
use crate::backup::{
    BackupJob, FolderTarget, Select, Source, Target, TargetError, backup, restore,
};
use crate::conformance::kit::{Store, at, bytes, put, with_bucket};

fn job() -> BackupJob {
    BackupJob {
        now: at(1000),
        entropy: Entropy::new(|b| b.fill(7)),
        extras: Vec::new(),
        held: None,
    }
}

/// As many inline objects as make an index of several pieces.
async fn fill(port: &Store, seed: u64) {
    for number in 0..40 {
        put(port, &number.to_string(), &bytes(60_000, seed + number)).await;
    }
}

/// Moves what it can from the log into the index.
fn checkpoint(folder: &std::path::Path) {
    let moved = index(folder).query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
    moved.expect("a checkpoint");
}

/// A target that has the store changed, and its log moved, whenever something is put.
#[derive(Debug)]
struct Meddling {
    inner: FolderTarget,
    port: Store,
    folder: std::path::PathBuf,
    puts: AtomicU64,
}

#[async_trait]
impl Target for Meddling {
    fn describe(&self) -> String {
        self.inner.describe()
    }
    async fn put(&self, name: &str, source: Source<'_>) -> Result<(), TargetError> {
        let puts = self.puts.fetch_add(1, Ordering::Relaxed);
        for key in [39 - puts % 40, puts % 40] {
            put(&self.port, &key.to_string(), &bytes(60_000, 5000 + puts)).await;
        }
        checkpoint(&self.folder);
        self.inner.put(name, source).await
    }
    async fn get(&self, name: &str) -> Result<Option<ByteStream>, TargetError> {
        self.inner.get(name).await
    }
    async fn list(&self, folder: &str) -> Result<Vec<String>, TargetError> {
        self.inner.list(folder).await
    }
    async fn remove(&self, name: &str) -> Result<(), TargetError> {
        self.inner.remove(name).await
    }
    async fn settle(&self) -> Result<(), TargetError> {
        self.inner.settle().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_while_the_index_is_copied_is_not_in_it() {
    let scratch = tempfile::tempdir().expect("a folder");
    let (folder, to) = (scratch.path().join("store"), scratch.path().join("backup"));
    let (store, port) = open_both(&folder).await;
    let port = with_bucket(port).await;
    fill(&port, 0).await;
    let before = dump(&port).await;
    let target = Meddling {
        inner: FolderTarget::new(&to),
        port: Arc::clone(&port),
        folder: folder.clone(),
        puts: AtomicU64::new(0),
    };
    let target = Arc::new(target);
    backup(&store, Arc::clone(&target) as _, job(), &mut |_| {}).await.expect("a backup");
    assert!(target.puts.load(Ordering::Relaxed) > 9, "an index of several pieces");
    let back = scratch.path().join("back");
    restore(&*target, &Select::Newest, &back, &mut |_| {}).await.expect("a restore");
    let report = checked(&back.join("objects")).await;
    assert!(report.is_whole(), "{:?}", report.findings);
    let (_restored, port) = open_both(&back.join("objects")).await;
    assert_eq!(dump(&port).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_somebody_reads_an_older_state_there_is_no_backup() {
    let scratch = tempfile::tempdir().expect("a folder");
    let (folder, to) = (scratch.path().join("store"), scratch.path().join("backup"));
    let (store, port) = open_both(&folder).await;
    let port = with_bucket(port).await;
    fill(&port, 0).await;
    let reader = index(&folder);
    reader.execute_batch("BEGIN; SELECT one FROM store").expect("a reader");
    fill(&port, 1000).await;
    let target = Arc::new(FolderTarget::new(&to));
    let held = backup(&store, Arc::clone(&target) as _, job(), &mut |_| {}).await;
    assert_eq!(held.expect_err("the log is not empty").code(), "backup-store");
    let before = dump(&port).await;
    reader.execute_batch("ROLLBACK").expect("the reader goes");
    backup(&store, Arc::clone(&target) as _, job(), &mut |_| {}).await.expect("a backup");
    let back = scratch.path().join("back");
    restore(&*target, &Select::Newest, &back, &mut |_| {}).await.expect("a restore");
    let (_restored, port) = open_both(&back.join("objects")).await;
    assert_eq!(dump(&port).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_of_a_backup_that_fails_ends_all_writing() {
    use std::os::unix::fs::FileExt;
    let scratch = tempfile::tempdir().expect("a folder");
    let (folder, to) = (scratch.path().join("store"), scratch.path().join("backup"));
    let (store, port) = open_both(&folder).await;
    fill(&with_bucket(port).await, 0).await;
    let log = folder.join("index-2.db-wal");
    let frames = std::fs::metadata(&log).expect("a log").len() / 4120;
    let file = std::fs::OpenOptions::new().read(true).write(true).open(log).expect("a log");
    // The last page of the index is one of content, which nobody reads on the way.
    let at = |frame: u64| 32 + frame * 4120;
    let page = |frame: &u64| {
        let mut number = [0; 4];
        file.read_exact_at(&mut number, at(*frame)).expect("a frame");
        u32::from_be_bytes(number)
    };
    let pages = std::fs::metadata(folder.join("index-2.db")).expect("the index").len() / 4096;
    let in_log = (0..frames).filter(|frame| page(frame) < 100_000);
    let last = in_log.max_by_key(page).expect("a frame");
    assert!(u64::from(page(&last)) > pages, "it is only in the log");
    file.write_all_at(b"wrong", at(last) + 100).expect("written");
    let made = backup(&store, Arc::new(FolderTarget::new(&to)), job(), &mut |_| {}).await;
    assert_eq!(made.expect_err("damage").code(), "backup-store");
    assert!(store.health.writable().is_err());
}
