//! What the cases are written with.

use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt;
use jiff::Timestamp;
use wh_names::{BucketName, Entropy, ObjectKey};

use crate::{
    BucketSettings, ByteRange, ByteStream, Capability, CompleteUpload, CompletedPart, CreateUpload,
    DeleteObject, Deleted, GetObject, HeadObject, ObjectAddress, ObjectMeta, ObjectStore, PartMeta,
    PutObject, Stamp, StoreError, Stored, UploadId, UploadPart, WriteCondition,
};

pub(crate) type Store = Arc<dyn ObjectStore>;

/// A time in whole milliseconds, `seconds` after the epoch.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).expect("a time")
}

/// A change by the suite at [`at`].
pub(crate) fn stamp(seconds: i64) -> Stamp {
    Stamp::new(at(seconds), "suite")
}

pub(crate) fn bucket() -> BucketName {
    BucketName::parse("cellar").expect("a bucket name")
}

pub(crate) fn address(key: &str) -> ObjectAddress {
    ObjectAddress { bucket: bucket(), key: ObjectKey::parse(key).expect("a key") }
}

/// Bytes that differ from place to place and from seed to seed.
pub(crate) fn bytes(len: usize, seed: u64) -> Bytes {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    std::iter::repeat_with(next).flatten().take(len).collect()
}

/// A body in blocks of `block` bytes.
pub(crate) fn body_in(data: &Bytes, block: usize) -> ByteStream {
    let blocks: Vec<_> = data.chunks(block).map(|b| Ok(Bytes::copy_from_slice(b))).collect();
    Box::pin(futures::stream::iter(blocks))
}

pub(crate) fn body(data: &Bytes) -> ByteStream {
    body_in(data, 100_000)
}

pub(crate) async fn with_bucket(store: Store) -> Store {
    store.create_bucket(&bucket(), BucketSettings::default(), &stamp(1)).await.expect("a bucket");
    store
}

/// Whether a store does something of its own accord.
pub(crate) fn has(store: &Store, one: Capability) -> bool {
    store.capabilities().has(one)
}

/// The length of a body, for stores that want to know it.
pub(crate) fn measured(store: &Store, data: &Bytes) -> Option<u64> {
    (!has(store, Capability::UnmeasuredBodies)).then_some(data.len() as u64)
}

/// That a store tells such a time, if it tells those that it was given.
#[track_caller]
pub(crate) fn stamped(store: &Store, told: Timestamp, seconds: i64) {
    if has(store, Capability::Stamps) {
        assert_eq!(told, at(seconds));
    }
}

pub(crate) async fn put(store: &Store, key: &str, data: &Bytes) -> Stored {
    try_put(store, key, data, PutObject::default()).await.expect("a put")
}

pub(crate) async fn try_put(
    store: &Store,
    key: &str,
    data: &Bytes,
    mut put: PutObject,
) -> Result<Stored, StoreError> {
    put.size = put.size.or_else(|| measured(store, data));
    store.put_object(&address(key), put, body(data), &stamp(100)).await
}

pub(crate) async fn get(store: &Store, key: &str) -> Result<Bytes, StoreError> {
    get_range(store, key, None).await
}

pub(crate) async fn get_range(
    store: &Store,
    key: &str,
    range: Option<ByteRange>,
) -> Result<Bytes, StoreError> {
    let get = GetObject { range, ..GetObject::default() };
    let read = store.get_object(&address(key), get).await?;
    let blocks: Vec<Bytes> = read.body.try_collect().await.map_err(StoreError::Body)?;
    Ok(blocks.concat().into())
}

pub(crate) async fn head(store: &Store, key: &str) -> Result<ObjectMeta, StoreError> {
    store.head_object(&address(key), HeadObject::default()).await
}

pub(crate) async fn delete(store: &Store, key: &str) -> Result<Deleted, StoreError> {
    store.delete_object(&address(key), DeleteObject::default(), &stamp(900)).await
}

/// The code of an error; `ok` without one.
pub(crate) fn code<T>(result: &Result<T, StoreError>) -> &'static str {
    result.as_ref().err().map_or("ok", StoreError::code)
}

pub(crate) fn upload_id(seed: u8) -> UploadId {
    UploadId::generate(at(50 + i64::from(seed)), &Entropy::new(move |b| b.fill(seed)))
}

pub(crate) async fn begin(store: &Store, key: &str, seed: u8, create: CreateUpload) -> UploadId {
    let id = upload_id(seed);
    let begun = store.create_multipart_upload(&address(key), create, id, &stamp(50)).await;
    begun.expect("an upload")
}

pub(crate) fn part(key: &str, id: &UploadId, number: u16) -> UploadPart {
    UploadPart {
        address: address(key),
        upload: id.clone(),
        number,
        expected: None,
        content_md5: None,
        size: None,
    }
}

pub(crate) async fn put_part(
    store: &Store,
    key: &str,
    id: &UploadId,
    (number, data): (u16, &Bytes),
) -> PartMeta {
    try_part(store, key, id, (number, data)).await.expect("a part")
}

pub(crate) async fn try_part(
    store: &Store,
    key: &str,
    id: &UploadId,
    (number, data): (u16, &Bytes),
) -> Result<PartMeta, StoreError> {
    let part = UploadPart { size: measured(store, data), ..part(key, id, number) };
    store.upload_part(part, body(data), &stamp(60)).await
}

pub(crate) fn completion(key: &str, id: &UploadId, parts: &[PartMeta]) -> CompleteUpload {
    let named = |part: &PartMeta| CompletedPart {
        number: part.number,
        etag: part.etag.clone(),
        checksum: part.checksum.as_ref().map(|c| c.value.clone()),
    };
    CompleteUpload {
        address: address(key),
        upload: id.clone(),
        parts: parts.iter().map(named).collect(),
        expected: None,
        condition: WriteCondition::Always,
        object_size: None,
    }
}
