//! The index's log: written over, and whole.

use std::path::Path;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use super::kit::open_both;
use crate::conformance::kit::{Store, bytes, delete, get, put, try_put, with_bucket};
use crate::disk::DiskStore;
use crate::{PutObject, StoreError};

/// A log of this length was not written over: as much is written below, several times.
const LOG_BYTES_MAX: u64 = 40 << 20;

fn log_bytes(folder: &Path) -> u64 {
    std::fs::metadata(folder.join("index-2.db-wal")).expect("a log").len()
}

/// What is longer is cut off when the log begins anew.
const KEPT_BYTES_MAX: u64 = 64 << 20;

/// After so many rounds of writing a log has begun anew.
const ROUNDS_MAX: u64 = 6;

/// Writes so many rounds of 16 MiB, 64 KiB at a time.
async fn write(port: &Store, rounds: u64) {
    for round in 0..rounds {
        let puts = (0..256_u64).map(|n| {
            let (port, data) = (Arc::clone(port), bytes(64 << 10, round * 1000 + n));
            async move { put(&port, &n.to_string(), &data).await }
        });
        futures::future::join_all(puts).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_written_over_and_loses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, port) = open_both(folder.path()).await;
    let port = with_bucket(port).await;
    write(&port, 4).await;
    let length = log_bytes(folder.path());
    assert!(length < LOG_BYTES_MAX, "a log of {length} bytes");
    store.close().await;
    let (_, port) = open_both(folder.path()).await;
    for n in 0..256 {
        let expected = bytes(64 << 10, 3000 + n);
        assert!(get(&port, &n.to_string()).await.expect("a get") == expected, "object {n}");
    }
}

/// A reader that counts the objects, and once more when it is told to end.
fn hold_still(store: &DiskStore) -> (mpsc::Sender<()>, JoinHandle<(i64, i64)>) {
    let (begun, has_begun) = mpsc::channel();
    let (end, ends) = mpsc::channel::<()>();
    let readers = Arc::clone(&store.readers);
    let reading = std::thread::spawn(move || {
        let count = |conn: &rusqlite::Connection| -> i64 {
            conn.query_row("SELECT count(*) FROM object", [], |row| row.get(0)).expect("a count")
        };
        let read = readers.read_now(|conn| {
            let first = count(conn);
            begun.send(()).expect("heard");
            ends.recv().unwrap_or_default();
            Ok((first, count(conn)))
        });
        read.expect("a read")
    });
    has_begun.recv().expect("a reader");
    (end, reading)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_keeps_its_snapshot_and_the_log_is_written_over_after_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, port) = open_both(folder.path()).await;
    let port = with_bucket(port).await;
    put(&port, "old", &bytes(10, 1)).await;
    let (end, reading) = hold_still(&store);
    write(&port, 4).await;
    let grown = log_bytes(folder.path());
    assert!(grown > LOG_BYTES_MAX, "what the reader sees was written over: {grown}");
    end.send(()).expect("it ends");
    assert_eq!(reading.join().expect("a reader"), (1, 1));
    // It begins anew at the next attempt after the reader has gone, and each is a few rounds away.
    let mut length = grown;
    for _ in 0..ROUNDS_MAX {
        write(&port, 1).await;
        length = log_bytes(folder.path());
        if length <= KEPT_BYTES_MAX {
            break;
        }
    }
    assert!(length <= KEPT_BYTES_MAX, "a log of {length} bytes after the reader has gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_a_log_that_became_long_gives_its_room_back_at_the_first_delete() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, port) = open_both(folder.path()).await;
    let port = with_bucket(port).await;
    put(&port, "old", &bytes(10, 1)).await;
    let (end, reading) = hold_still(&store);
    write(&port, 4).await;
    let grown = log_bytes(folder.path());
    assert!(grown > LOG_BYTES_MAX, "a log of {grown} bytes");
    store.health.reserve(u64::MAX - 1);
    delete(&port, "1").await.expect("a delete on a full disk, beside a reader");
    end.send(()).expect("it ends");
    assert_eq!(reading.join().expect("a reader"), (1, 1));
    delete(&port, "2").await.expect("a delete on a full disk");
    // The log is seen to after the callers were answered, and before the next are.
    delete(&port, "3").await.expect("another");
    let kept = log_bytes(folder.path());
    assert!(kept < 1 << 20, "a log of {kept} bytes");
    let refused = try_put(&port, "4", &bytes(10, 2), PutObject::default()).await;
    assert!(matches!(refused, Err(StoreError::NoSpace)), "{refused:?}");
    store.health.reserve(0);
    put(&port, "4", &bytes(10, 2)).await;
    assert_eq!(get(&port, "4").await.expect("a get"), bytes(10, 2));
    assert_eq!(get(&port, "5").await.expect("a get"), bytes(64 << 10, 3005));
}
