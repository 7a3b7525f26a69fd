//! What these tests are written with.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::conformance::kit::Store;
use crate::disk::{DiskOptions, DiskStore};

pub(super) async fn open(folder: &Path) -> DiskStore {
    DiskStore::open(DiskOptions::new(folder)).await.expect("a store")
}

/// A store, and the same as the port.
pub(super) async fn open_both(folder: &Path) -> (Arc<DiskStore>, Store) {
    let store = Arc::new(open(folder).await);
    let port: Store = Arc::clone(&store) as Store;
    (store, port)
}

/// Every blob file.
pub(super) fn blobs(folder: &Path) -> Vec<PathBuf> {
    let shards = std::fs::read_dir(folder.join("blobs")).expect("shards");
    shards
        .flat_map(|shard| std::fs::read_dir(shard.expect("a shard").path()).expect("blobs"))
        .map(|blob| blob.expect("a blob").path())
        .collect()
}

/// Waits for what happens in the background. It happens within milliseconds; the limit only ends
/// a test that fails.
pub(super) fn eventually(what: impl Fn() -> bool) {
    let begun = Instant::now();
    while !what() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it never happened");
        std::thread::yield_now();
    }
}
