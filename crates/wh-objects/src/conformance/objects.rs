//! Putting, reading, copying and deleting objects.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};

use super::kit::{
    Store, address, body_in, bytes, code, delete, get, get_range, has, head, measured, put, stamp,
    stamped, try_put, with_bucket,
};
use crate::{
    ByteRange, Capability, CopyObject, GetObject, ObjectHeaders, ObjectLock, PutObject,
    ReadConditions, WriteCondition,
};

pub(super) async fn run(make: &impl AsyncFn() -> Store) {
    every_size_comes_back(with_bucket(make().await).await).await;
    what_is_put_is_told(with_bucket(make().await).await).await;
    ranges_are_cut_exactly(with_bucket(make().await).await).await;
    what_is_absent_is_said_to_be(make().await).await;
    a_reader_keeps_what_it_reads(with_bucket(make().await).await).await;
    copies_share_and_stand_alone(with_bucket(make().await).await).await;
}

async fn every_size_comes_back(store: Store) {
    let sizes = [0, 1, 65_535, 65_536, 65_537, 262_143, 262_144, 262_145, 1 << 20, 3_500_001];
    for (seed, size) in (1..).zip(sizes) {
        let data = bytes(size, seed);
        for block in [65_536, 1 << 20, 5 << 20] {
            let put = PutObject { size: measured(&store, &data), ..PutObject::default() };
            let body = body_in(&data, block);
            let stored =
                store.put_object(&address("k"), put, body, &stamp(1)).await.expect("a put");
            assert_eq!(stored.size(), size as u64);
            assert!(get(&store, "k").await.expect("a get") == data, "{size} in {block}");
        }
    }
    let data = bytes(70_000, 3);
    let put = PutObject { size: measured(&store, &data), ..PutObject::default() };
    let body = body_in(&data, 7);
    store.put_object(&address("k"), put, body, &stamp(1)).await.expect("a put");
    assert!(get(&store, "k").await.expect("a get") == data, "tiny blocks");
}

async fn what_is_put_is_told(store: Store) {
    let wide = has(&store, Capability::WideHeaders);
    let name = if wide { "ü" } else { "u" };
    let expires = if wide { "never" } else { "Wed, 21 Oct 2026 07:28:00 GMT" };
    let headers = ObjectHeaders {
        content_type: Some("text/plain".to_owned()),
        content_disposition: Some(format!("attachment; filename=\"{name}\"")),
        content_encoding: None,
        content_language: Some(if wide { String::new() } else { "de".to_owned() }),
        cache_control: Some("no-store".to_owned()),
        expires: Some(expires.to_owned()),
        user: BTreeMap::from([("mtime".to_owned(), "1.5".to_owned())]),
    };
    let put = PutObject { headers: headers.clone(), ..PutObject::default() };
    let stored = try_put(&store, "k", &Bytes::from_static(b"hello"), put).await.expect("a put");
    assert_eq!(stored.etag(), "5d41402abc4b2a76b9719d911017c592");
    let meta = head(&store, "k").await.expect("a head");
    assert_eq!((meta.size, meta.etag.as_str()), (5, stored.etag()));
    stamped(&store, meta.modified, 100);
    assert_eq!(meta.parts, None);
    assert_eq!((meta.headers.clone(), meta.checksum.as_ref()), (headers, stored.checksum()));
    let read = store.get_object(&address("k"), GetObject::default()).await.expect("a get");
    assert_eq!((read.meta, read.range), (meta, 0..5));
}

async fn ranges_are_cut_exactly(store: Store) {
    for (seed, size) in [(1, 1000_u64), (2, 2_900_000)] {
        let data = bytes(usize::try_from(size).expect("a size"), seed);
        put(&store, "k", &data).await;
        let edges = [0, 1, 262_143, 262_144, 262_145, 1_048_575, 1_048_576, 2_000_000, size - 1];
        for from in edges.into_iter().filter(|e| *e < size) {
            for to in edges.into_iter().filter(|e| *e >= from) {
                let got = get_range(&store, "k", Some(ByteRange::FromTo(from, to))).await;
                let (from, to) = (to_usize(from), to_usize(to.min(size - 1)));
                assert!(got.expect("a range") == data[from..=to], "{from}-{to}");
            }
        }
        let got = get_range(&store, "k", Some(ByteRange::Last(7))).await.expect("a range");
        assert_eq!(got, data[data.len() - 7..]);
        let got = get_range(&store, "k", Some(ByteRange::From(size))).await;
        assert_eq!(code(&got), "invalid-range");
    }
    put(&store, "empty", &Bytes::new()).await;
    assert_eq!(get(&store, "empty").await.expect("a get"), Bytes::new());
    let got = get_range(&store, "empty", Some(ByteRange::From(0))).await;
    assert_eq!(code(&got), "invalid-range");
}

fn to_usize(n: u64) -> usize {
    usize::try_from(n).expect("a small number")
}

async fn what_is_absent_is_said_to_be(store: Store) {
    assert_eq!(code(&get(&store, "k").await), "no-such-bucket");
    let put = try_put(&store, "k", &Bytes::new(), PutObject::default()).await;
    assert_eq!(code(&put), "no-such-bucket");
    let store = with_bucket(store).await;
    assert_eq!(code(&get(&store, "k").await), "no-such-key");
    let head = head(&store, "k").await;
    assert_eq!(code(&head), "no-such-key");
}

async fn a_reader_keeps_what_it_reads(store: Store) {
    for (seed, size) in [(1, 1000), (2, 6_000_000)] {
        let data = bytes(size, seed);
        put(&store, "k", &data).await;
        let get = GetObject::default();
        let mut read = store.get_object(&address("k"), get).await.expect("a get");
        let mut got = read.body.next().await.expect("a block").expect("bytes").to_vec();
        put(&store, "k", &bytes(size, 99)).await;
        delete(&store, "k").await.expect("gone");
        while let Some(block) = read.body.try_next().await.expect("bytes") {
            got.extend_from_slice(&block);
        }
        assert!(got == data, "{size}");
    }
}

fn copy(from: &str, to: &str) -> CopyObject {
    CopyObject {
        from: address(from),
        from_version: None,
        to: address(to),
        headers: None,
        tags: None,
        lock: ObjectLock::default(),
        source_conditions: ReadConditions::default(),
        condition: WriteCondition::Always,
    }
}

async fn copies_share_and_stand_alone(store: Store) {
    for (seed, size) in [(1, 0), (2, 1000), (3, 300_000)] {
        let data = bytes(size, seed);
        let stored = put(&store, "a", &data).await;
        let copied = store.copy_object(copy("a", "b"), &stamp(200)).await.expect("a copy");
        assert_eq!(copied.etag(), stored.etag());
        assert_eq!(copied.checksum(), stored.checksum());
        stamped(&store, copied.modified(), 200);
        delete(&store, "a").await.expect("gone");
        assert!(get(&store, "b").await.expect("a get") == data, "{size}");
        let text = Some("text/x".to_owned());
        let headers = ObjectHeaders { content_type: text, ..ObjectHeaders::default() };
        let own = CopyObject { headers: Some(headers.clone()), ..copy("b", "b") };
        store.copy_object(own, &stamp(300)).await.expect("a copy to itself");
        let meta = head(&store, "b").await;
        assert_eq!(meta.expect("a head").headers, headers);
        assert!(get(&store, "b").await.expect("a get") == data, "{size}");
    }
    assert_eq!(code(&store.copy_object(copy("b", "b"), &stamp(1)).await), "invalid-request");
    assert_eq!(code(&store.copy_object(copy("none", "b"), &stamp(1)).await), "no-such-key");
}
