//! The scrub reads everything, goes on where it was, and names whom damage concerns.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::SignedDuration;
use wh_names::Clock;

use super::estate::{self, fill};
use super::kit::{blobs, open_both};
use super::sealed::{self, A, index};
use crate::conformance::kit::{at, bytes, delete, put};
use crate::disk::{ScrubOptions, ScrubPass};

const FAST: ScrubOptions =
    ScrubOptions { bytes_per_second: None, every: SignedDuration::from_hours(1) };

fn clock(time: &Arc<AtomicI64>) -> Clock {
    let time = Arc::clone(time);
    Clock::new(move || at(time.load(Ordering::Relaxed)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pass_reads_every_blob_and_the_next_is_due_later() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, port) = open_both(folder.path()).await;
    fill(&port).await;
    let time = Arc::new(AtomicI64::new(1000));
    let clock = clock(&time);
    let mut told = 0;
    let pass = store.scrub(FAST, &clock, &mut |_| told += 1).await.expect("a pass");
    let ended = Some(at(1000));
    assert_eq!(
        pass,
        ScrubPass { begun: at(1000), ended, blobs: 11, bytes: pass.bytes, damaged: 0 }
    );
    assert!(pass.bytes > 2_000_000 && told > 6, "{pass:?}, told {told} times");
    let status = store.scrub_status().await.expect("a status");
    assert_eq!((status.current, status.last), (None, Some(pass)));
    assert!(status.damaged.is_empty());
    for (second, due) in [(1000, false), (4599, false), (4600, true)] {
        assert_eq!(store.is_due(FAST, at(second)).await.expect("an answer"), due, "{second}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_is_named_with_its_owners_until_it_is_gone() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, port) = open_both(folder.path()).await;
    fill(&port).await;
    let large = blobs(folder.path()).into_iter().find(|b| {
        let len = std::fs::metadata(b).expect("a blob").len();
        (700_000..701_000).contains(&len)
    });
    let large = large.expect("the blob of folder/large");
    let mut data = std::fs::read(&large).expect("a blob");
    data[600_000] ^= 1;
    std::fs::write(&large, data).expect("written");
    let clock = clock(&Arc::new(AtomicI64::new(1000)));
    let pass = store.scrub(FAST, &clock, &mut |_| {}).await.expect("a pass");
    assert_eq!((pass.damaged, pass.blobs), (1, 11));
    let damaged = store.scrub_status().await.expect("a status").damaged;
    assert_eq!(damaged.len(), 1);
    let owners: Vec<_> = damaged[0].owners.iter().map(ToString::to_string).collect();
    // Part 3 of the upload shares the blob, too, but not the damaged block.
    assert_eq!(owners.len(), 2, "{owners:?}");
    assert!(owners[0].starts_with("cellar/folder/copy version "), "{owners:?}");
    assert!(owners[1].starts_with("cellar/folder/large version "), "{owners:?}");
    // Without versions, a delete is the end of a blob.
    let plain = estate::plain();
    for key in ["a", "b"] {
        let address =
            crate::ObjectAddress { bucket: plain.clone(), ..crate::conformance::kit::address(key) };
        let (whole, stamp) = (crate::DeleteObject::default(), crate::conformance::kit::stamp(1));
        port.delete_object(&address, whole, &stamp).await.expect("a delete");
    }
    let again = store.scrub(FAST, &clock, &mut |_| {}).await.expect("a pass");
    assert_eq!((again.damaged, again.blobs), (1, 9), "it is counted once in each pass");
    assert_eq!(store.scrub_status().await.expect("a status").damaged.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pass_goes_on_where_it_was_when_the_store_was_closed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, port) = open_both(folder.path()).await;
    let port = crate::conformance::kit::with_bucket(port).await;
    for key in ["a", "b", "c", "d"] {
        put(&port, key, &bytes(300_000, 1)).await;
    }
    let first = blobs(folder.path()).into_iter().min().expect("a blob");
    let mut data = std::fs::read(&first).expect("a blob");
    data[0] ^= 1;
    std::fs::write(&first, data).expect("written");
    let time = Arc::new(AtomicI64::new(1000));
    let clock = clock(&time);
    let (closing, mut seen) = (Arc::clone(&store), 0);
    // What was found is kept at once, and so is how far the pass has come.
    let mut stop = |_: &ScrubPass| {
        seen += 1;
        if seen == 2 {
            closing.readers.close();
        }
    };
    let broken = store.scrub(FAST, &clock, &mut stop).await;
    assert_eq!(broken.expect_err("closed").code(), "closed");
    store.close().await;
    drop((store, port, closing));
    let (store, port) = open_both(folder.path()).await;
    let status = store.scrub_status().await.expect("a status");
    let current = status.current.expect("a pass under way");
    assert_eq!((current.blobs, current.damaged, status.damaged.len()), (1, 1, 1));
    time.store(2000, Ordering::Relaxed);
    let pass = store.scrub(FAST, &clock, &mut |_| {}).await.expect("the rest");
    assert_eq!((pass.blobs, pass.damaged), (4, 1));
    assert_eq!((pass.begun, pass.ended), (at(1000), Some(at(2000))), "it is the same pass");
    delete(&port, "a").await.expect("a delete");
    assert!(store.scrub_status().await.expect("a status").damaged.is_empty(), "it is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_scrub_runs_at_a_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, port) = open_both(folder.path()).await;
    fill(&port).await;
    let clock = clock(&Arc::new(AtomicI64::new(1000)));
    let held = store.scrubbing.lock().await;
    let refused = store.scrub(FAST, &clock, &mut |_| {}).await;
    assert_eq!(refused.expect_err("one runs").code(), "invalid-request");
    drop(held);
    store.scrub(FAST, &clock, &mut |_| {}).await.expect("a pass");
}

/// Where in its file a table of the index has its first page, and the file.
fn page_of(folder: &std::path::Path, ring: &str, table: &str) -> (std::path::PathBuf, usize) {
    let conn = index(folder, ring);
    let text = "SELECT rootpage FROM sqlite_master WHERE name = ?1";
    let page: usize = conn.query_row(text, [table], |row| row.get(0)).expect("a page");
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("the log is empty");
    (conn.path().expect("a path").into(), page)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_bit_in_a_page_of_the_index_that_no_query_reads_is_found() {
    for ring in ["", A] {
        let folder = tempfile::tempdir().expect("a folder");
        let store = sealed::open(folder.path(), ring).await;
        fill(&sealed::port(&store)).await;
        store.close().await;
        drop(store);
        // Parts are read when somebody asks for an upload, and nobody does.
        let (file, page) = page_of(folder.path(), ring, "part");
        let mut data = std::fs::read(&file).expect("the index");
        data[(page - 1) * 4096 + 2000] ^= 4;
        std::fs::write(&file, &data).expect("written");
        let store = sealed::open(folder.path(), ring).await;
        let clock = clock(&Arc::new(AtomicI64::new(1000)));
        let pass = store.scrub(FAST, &clock, &mut |_| {}).await.expect("a pass");
        assert_eq!((pass.damaged, pass.blobs), (1, 11), "{ring}");
        assert!(pass.bytes > data.len() as u64, "the index counts");
        let status = store.scrub_status().await.expect("a status");
        let found = vec![format!("page {page} of the index is damaged")];
        assert_eq!((status.index, status.damaged), (found, vec![]), "{ring}");
        // It is whole again: the next pass takes the finding away.
        store.close().await;
        drop(store);
        let (file, _) = page_of(folder.path(), ring, "part");
        let mut data = std::fs::read(&file).expect("the index");
        data[(page - 1) * 4096 + 2000] ^= 4;
        std::fs::write(&file, &data).expect("written");
        let store = sealed::open(folder.path(), ring).await;
        let slow = ScrubOptions { bytes_per_second: std::num::NonZeroU64::new(1 << 30), ..FAST };
        let pass = store.scrub(slow, &clock, &mut |_| {}).await.expect("a pass");
        assert_eq!(pass.damaged, 0);
        assert_eq!(store.scrub_status().await.expect("a status").index, Vec::<String>::new());
    }
}
