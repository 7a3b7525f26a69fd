//! Bodies go in and out beside each other, in order, and within bounds.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};

use super::kit::{blobs, eventually, open_both};
use crate::conformance::kit::{address, body_in, bytes, code, get, put, stamp, with_bucket};
use crate::disk::lane::{Lane, Work};
use crate::{ByteStream, GetObject, PutObject, StoreError, StreamError};

/// Writes down what it is given, and breaks on 13.
struct Scribe(Arc<Mutex<Vec<u32>>>);

impl Work for Scribe {
    type Piece = u32;

    fn work(&mut self, piece: u32) {
        assert_ne!(piece, 13, "an unlucky number");
        self.0.lock().expect("no panic inside").push(piece);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_does_everything_in_order_and_gives_its_worker_back() {
    let done = Arc::default();
    let lane = Lane::new(Scribe(Arc::clone(&done)));
    for round in 0..100 {
        for piece in 0..10 {
            lane.push(100 + round * 10 + piece);
        }
        // Now and then the lane runs dry.
        tokio::task::yield_now().await;
    }
    let worker = lane.end().await.expect("the worker");
    assert!(Arc::ptr_eq(&worker.0, &done));
    assert_eq!(*done.lock().expect("no panic"), (100..1100).collect::<Vec<_>>());
    lane.push(1);
    assert!(lane.end().await.is_none(), "it was given back");
    assert_eq!(done.lock().expect("no panic").len(), 1000);
}

/// Each piece may come just when the lane has run dry: one that is then lost is a body that is refused
/// though nothing is wrong.
#[tokio::test(flavor = "multi_thread")]
async fn what_comes_while_a_worker_is_put_down_is_done() {
    for round in 0..1000 {
        let done = Arc::default();
        let lane = Lane::new(Scribe(Arc::clone(&done)));
        for piece in 100..300 {
            lane.push(piece);
            (0..(piece * (round % 29)) % 211).for_each(|_| std::hint::spin_loop());
        }
        assert!(lane.end().await.is_some(), "the worker is gone in round {round}");
        assert_eq!(done.lock().expect("no panic").len(), 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_a_worker_that_panicked() {
    let lane = Lane::new(Scribe(Arc::default()));
    for piece in [1, 2, 13, 14] {
        lane.push(piece);
    }
    assert!(lane.end().await.is_none());
    lane.push(1);
    assert!(lane.end().await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_of_cutting_a_body_gives_the_same_object() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, port) = open_both(folder.path()).await;
    let port = with_bucket(port).await;
    let data = bytes(5_000_001, 1);
    let mut etags = Vec::new();
    for block in [1 << 10, 65_536, 65_537, 524_288, 524_289, 5_000_001] {
        for size in [None, Some(5_000_001)] {
            let put = PutObject { size, ..PutObject::default() };
            let stored =
                port.put_object(&address("a"), put, body_in(&data, block), &stamp(1)).await;
            etags.push(stored.expect("a put").etag().to_owned());
            assert!(get(&port, "a").await.expect("a get") == data, "blocks of {block}");
        }
    }
    etags.dedup();
    assert_eq!(etags, [hex::encode(<md5::Md5 as md5::Digest>::digest(&data))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_announced_too_long_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, port) = open_both(folder.path()).await;
    let port = with_bucket(port).await;
    let data = bytes(9 << 20, 1);
    let put = PutObject { size: Some(1 << 30), ..PutObject::default() };
    let short = port.put_object(&address("a"), put, body_in(&data, 1 << 20), &stamp(1)).await;
    assert_eq!(code(&short), "incomplete-body");
    let incoming = || std::fs::read_dir(folder.path().join("incoming")).expect("it").count();
    eventually(|| incoming() == 0);
    assert!(blobs(folder.path()).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_has_no_more_blocks_than_it_needs() {
    use std::os::unix::fs::MetadataExt;
    let folder = tempfile::tempdir().expect("a folder");
    let (_, port) = open_both(folder.path()).await;
    let port = with_bucket(port).await;
    let data = bytes(9 << 20, 1);
    let put = PutObject { size: Some(9 << 20), ..PutObject::default() };
    port.put_object(&address("a"), put, body_in(&data, 1 << 20), &stamp(1)).await.expect("a put");
    let file = std::fs::metadata(blobs(folder.path()).remove(0)).expect("a file");
    assert!(file.blocks() * 512 < file.len() + (64 << 10), "{} for {}", file.blocks(), file.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_is_asked_for_no_more_than_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, port) = open_both(folder.path()).await;
    let port = with_bucket(port).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let block = bytes(1 << 20, 1);
    // The disk fails when 4 MiB were sent; 96 more are there to be asked for.
    let body: ByteStream = Box::pin(futures::stream::iter(0..100).map(move |number| {
        if number == 4 {
            let error = std::io::Error::from_raw_os_error(5);
            drop(store.health.sync("syncing a file", error));
        }
        count.fetch_add(1, Ordering::Relaxed);
        Ok::<Bytes, StreamError>(block.clone())
    }));
    let put = port.put_object(&address("a"), PutObject::default(), body, &stamp(1)).await;
    assert_eq!(code(&put), "read-only");
    let asked = asked.load(Ordering::Relaxed);
    assert!(asked <= 4 + 4, "{asked} MiB were taken, and at most 3 wait");
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_in_the_midst_ends_a_body_that_is_read_ahead() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, port) = open_both(folder.path()).await;
    let port = with_bucket(port).await;
    let data = bytes(8 << 20, 1);
    put(&port, "a", &data).await;
    let file = std::fs::OpenOptions::new().write(true).open(blobs(folder.path()).remove(0));
    let place = 5 << 20;
    std::os::unix::fs::FileExt::write_all_at(&file.expect("a file"), &[!data[place]], place as u64)
        .expect("written");
    let read = port.get_object(&address("a"), GetObject::default()).await.expect("it begins");
    let mut body = read.body;
    let mut whole = 0;
    let error = loop {
        match body.next().await.expect("an error, before the end") {
            Ok(chunk) => {
                assert!(chunk == data[whole..whole + chunk.len()], "at {whole}");
                whole += chunk.len();
            }
            Err(error) => break StoreError::Body(error),
        }
    };
    assert!(whole <= place, "{whole}");
    assert_eq!(error.code(), "body-broken-off");
    assert!(body.next().await.is_none(), "nothing after the error");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_bodies_at_once_do_not_mix() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, port) = open_both(folder.path()).await;
    let port = with_bucket(port).await;
    let task = |seed: u64| {
        let port = Arc::clone(&port);
        async move {
            let (key, data) = (seed.to_string(), bytes(3_000_000, seed));
            put(&port, &key, &data).await;
            let read = port.get_object(&address(&key), GetObject::default()).await;
            let chunks: Vec<Bytes> = read.expect("a get").body.try_collect().await.expect("it");
            assert!(chunks.concat() == data, "{seed}");
        }
    };
    let tasks: Vec<_> = (0..12).map(|seed| tokio::spawn(task(seed))).collect();
    for task in tasks {
        task.await.expect("well");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_read_holds_back_no_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, port) = open_both(folder.path()).await;
    let port = with_bucket(port).await;
    let count = || blobs(folder.path()).len();
    for key in ["a", "b", "c"] {
        put(&port, key, &bytes(100_000, 1)).await;
    }
    let get = GetObject::default();
    let reading = port.get_object(&address("a"), get).await.expect("a get");
    for key in ["a", "b", "c"] {
        crate::conformance::kit::delete(&port, key).await.expect("gone");
    }
    eventually(|| count() == 1);
    drop(reading);
    eventually(|| count() == 0);
}

/// A body that nobody may ask for.
fn unsent() -> ByteStream {
    let asked = std::io::Error::other("it was asked for");
    Box::pin(futures::stream::iter([Err(asked.into())]))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_exceeds_the_quota_by_its_announced_size_is_refused_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, port) = open_both(folder.path()).await;
    let port = with_bucket(port).await;
    put(&port, "a", &bytes(600, 1)).await;
    let quota = crate::BucketChange::Quota(Some(1000));
    port.change_bucket(&crate::conformance::kit::bucket(), quota).await.expect("a quota");
    let create = crate::CreateUpload::default();
    let id = crate::conformance::kit::begin(&port, "b", 1, create).await;
    let sized = |size| PutObject { size: Some(size), ..PutObject::default() };
    // Replacing the first one frees its bytes.
    for (key, size, refused) in [("b", 401, true), ("b", 400, false), ("a", 1000, false)] {
        let done = port.put_object(&address(key), sized(size), unsent(), &stamp(2)).await;
        let expected = if refused { "quota-exceeded" } else { "body-broken-off" };
        assert_eq!(code(&done), expected, "{key} of {size} bytes");
    }
    for (size, expected) in [(401, "quota-exceeded"), (400, "body-broken-off")] {
        let upload = crate::UploadPart {
            address: address("b"),
            upload: id.clone(),
            number: 1,
            expected: None,
            content_md5: None,
            size: Some(size),
        };
        assert_eq!(code(&port.upload_part(upload, unsent(), &stamp(3)).await), expected);
    }
}
