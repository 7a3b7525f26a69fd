//! The bodies that operations bring, and what they say of them beforehand.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use md5::{Digest, Md5};
use wh_names::{BucketName, ObjectKey};
use wh_objects::{
    BucketSettings, ByteStream, ChecksumAlgorithm, ExpectedChecksum, ExpectedValue, MemoryStore,
    ObjectAddress, ObjectStore, PutObject, Stamp, StoreError, StreamError,
};

use super::names::algorithm;
use super::operation::{Body, Told};
use crate::content::content;

/// A checksum that no body has.
const WRONG: &str = "AAAAAA==";

/// What is said of a body.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) size: Option<u64>,
    pub(super) content_md5: Option<String>,
    pub(super) expected: Option<ExpectedChecksum>,
}

fn bytes(body: Body) -> Bytes {
    let size = usize::try_from(body.size).unwrap_or_default();
    let bytes = content(body.content, size);
    bytes.slice(..size.min(bytes.len()))
}

pub(super) fn stream(body: Body) -> ByteStream {
    let mut rest = bytes(body);
    let block = usize::try_from(body.block).unwrap_or(usize::MAX).max(1);
    let mut blocks: Vec<Result<Bytes, StreamError>> = Vec::new();
    while !rest.is_empty() {
        blocks.push(Ok(rest.split_to(block.min(rest.len()))));
    }
    if matches!(body.told, Told::BreaksOff) {
        blocks.push(Err("broken off".into()));
    }
    Box::pin(futures::stream::iter(blocks))
}

pub(super) async fn told(body: Body) -> Said {
    let mut said = Said::default();
    match body.told {
        Told::Nothing | Told::BreaksOff => {}
        Told::Size => said.size = Some(body.size),
        Told::WrongSize => said.size = Some(body.size + 1),
        Told::Md5 => said.content_md5 = Some(STANDARD.encode(Md5::digest(bytes(body)))),
        Told::WrongMd5 => said.content_md5 = Some(STANDARD.encode([0; 16])),
        Told::Checksum(number) => {
            let algorithm = algorithm(number);
            let value = ExpectedValue::Now(checksum(body, algorithm).await);
            said.expected = Some(ExpectedChecksum { algorithm, value });
        }
        Told::WrongChecksum(number) => {
            // As a trailer brings it.
            let value = ExpectedValue::AfterBody(Box::new(|| Some(WRONG.to_owned())));
            said.expected = Some(ExpectedChecksum { algorithm: algorithm(number), value });
        }
    }
    said
}

type Known = Mutex<HashMap<(u64, u64, ChecksumAlgorithm), String>>;

/// The checksum of a body. A store that refuses another one tells it.
async fn checksum(body: Body, algorithm: ChecksumAlgorithm) -> String {
    static KNOWN: LazyLock<Known> = LazyLock::new(Known::default);
    let name = (body.content, body.size, algorithm);
    let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner).get(&name).cloned();
    if let Some(known) = known {
        return known;
    }
    let told = refused(body, algorithm).await.unwrap_or_default();
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner).insert(name, told.clone());
    told
}

async fn refused(body: Body, algorithm: ChecksumAlgorithm) -> Option<String> {
    let address = ObjectAddress {
        bucket: BucketName::parse("bodies").ok()?,
        key: ObjectKey::parse("body").ok()?,
    };
    let (store, at) = (MemoryStore::new(), Stamp::new(Timestamp::UNIX_EPOCH, ""));
    store.create_bucket(&address.bucket, BucketSettings::default(), &at).await.ok()?;
    let value = ExpectedValue::Now(WRONG.to_owned());
    let expected = Some(ExpectedChecksum { algorithm, value });
    let put = PutObject { expected, ..PutObject::default() };
    let body = stream(Body { told: Told::Nothing, ..body });
    match store.put_object(&address, put, body, &at).await {
        Err(StoreError::ChecksumMismatch { computed, .. }) => Some(computed),
        Err(_) => None,
        Ok(stored) => stored.checksum().map(|sum| sum.value.clone()),
    }
}
