//! Digests that come with a body, and bodies that break off.

use bytes::Bytes;

use super::kit::{Store, address, body, bytes, code, get, put, stamp, try_put, with_bucket};
use crate::{
    ByteStream, ChecksumAlgorithm, ChecksumKind, ExpectedChecksum, ExpectedValue, PutObject,
};

/// What `123456789` has by each algorithm. The CRCs are those of the "check" column in Cook's
/// catalogue of parametrised CRC algorithms.
const KNOWN: [(ChecksumAlgorithm, &str); 5] = [
    (ChecksumAlgorithm::Crc32, "y/Q5Jg=="),
    (ChecksumAlgorithm::Crc32c, "4waSgw=="),
    (ChecksumAlgorithm::Crc64Nvme, "rosUhgp5mIg="),
    (ChecksumAlgorithm::Sha1, "98O8HYCOBHMq32eZZczDTKeuNEE="),
    (ChecksumAlgorithm::Sha256, "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="),
];

pub(super) async fn run(make: &impl AsyncFn() -> Store) {
    checksums_are_verified_and_kept(with_bucket(make().await).await).await;
    a_digest_that_differs_leaves_the_old_object(with_bucket(make().await).await).await;
    a_body_that_breaks_off_leaves_the_old_object(with_bucket(make().await).await).await;
}

fn expecting(algorithm: ChecksumAlgorithm, value: ExpectedValue) -> PutObject {
    PutObject { expected: Some(ExpectedChecksum { algorithm, value }), ..PutObject::default() }
}

async fn checksums_are_verified_and_kept(store: Store) {
    let data = Bytes::from_static(b"123456789");
    for (algorithm, value) in KNOWN {
        let now = expecting(algorithm, ExpectedValue::Now(value.to_owned()));
        let stored = try_put(&store, "k", &data, now).await.expect("a put");
        let kept = stored.checksum().expect("a checksum");
        assert_eq!((kept.algorithm, kept.kind), (algorithm, ChecksumKind::FullObject));
        assert_eq!(kept.value, value);
        let later = ExpectedValue::AfterBody(Box::new(|| Some(value.to_owned())));
        let put = try_put(&store, "k", &data, expecting(algorithm, later)).await;
        assert_eq!(code(&put), "ok");
    }
    let stored = put(&store, "k", &data).await;
    let kept = stored.checksum().expect("a checksum");
    assert_eq!((kept.algorithm, kept.value.as_str()), (KNOWN[2].0, KNOWN[2].1));
}

async fn a_digest_that_differs_leaves_the_old_object(store: Store) {
    let old = bytes(10, 1);
    put(&store, "k", &old).await;
    for size in [1000, 300_000] {
        let data = bytes(size, 2);
        for (algorithm, value) in KNOWN {
            let now = expecting(algorithm, ExpectedValue::Now(value.to_owned()));
            let put = try_put(&store, "k", &data, now).await;
            assert_eq!(code(&put), "checksum-mismatch");
            let later = ExpectedValue::AfterBody(Box::new(|| None));
            let put = try_put(&store, "k", &data, expecting(algorithm, later)).await;
            assert_eq!(code(&put), "invalid-request");
        }
        let md5 = PutObject {
            content_md5: Some("1B2M2Y8AsgTpgAmY7PhCfg==".to_owned()),
            ..PutObject::default()
        };
        assert_eq!(code(&try_put(&store, "k", &data, md5).await), "bad-digest");
        for wrong in [size as u64 - 1, size as u64 + 1] {
            let put = PutObject { size: Some(wrong), ..PutObject::default() };
            assert_eq!(code(&try_put(&store, "k", &data, put).await), "incomplete-body");
        }
    }
    assert_eq!(get(&store, "k").await.expect("a get"), old);
}

async fn a_body_that_breaks_off_leaves_the_old_object(store: Store) {
    let old = bytes(10, 1);
    put(&store, "k", &old).await;
    for size in [1000, 2_000_000] {
        let break_off = futures::stream::iter([Err("gone".into())]);
        let broken: ByteStream =
            Box::pin(futures::StreamExt::chain(body(&bytes(size, 2)), break_off));
        let put = PutObject {
            size: super::kit::measured(&store, &bytes(size + 1, 2)),
            ..PutObject::default()
        };
        let put = store.put_object(&address("k"), put, broken, &stamp(2)).await;
        assert_eq!(code(&put), "body-broken-off");
    }
    assert_eq!(get(&store, "k").await.expect("a get"), old);
}
