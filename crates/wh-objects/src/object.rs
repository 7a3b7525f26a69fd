//! Buckets and objects as they come in and go out.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use jiff::Timestamp;
use wh_names::{BucketName, ObjectKey};

use crate::digest::Digests;
use crate::multipart::Assembled;
use crate::{
    ByteRange, ByteStream, Checksum, ChecksumAlgorithm, ExpectedChecksum, ReadConditions,
    StoreError, WriteCondition,
};

/// A bucket and a key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectAddress {
    /// The bucket.
    pub bucket: BucketName,
    /// The key in it.
    pub key: ObjectKey,
}

/// A bucket, as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketMeta {
    /// Its name.
    pub name: BucketName,
    /// When it was made.
    pub created: Timestamp,
}

/// The documents that are kept with a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BucketDocument {
    /// The bucket policy.
    Policy,
    /// The CORS rules.
    Cors,
    /// The bucket's tags.
    Tagging,
}

/// The headers that are kept with an object and given back with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectHeaders {
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Content-Disposition`.
    pub content_disposition: Option<String>,
    /// `Content-Encoding`.
    pub content_encoding: Option<String>,
    /// `Content-Language`.
    pub content_language: Option<String>,
    /// `Cache-Control`.
    pub cache_control: Option<String>,
    /// `Expires`, as it was given.
    pub expires: Option<String>,
    /// `x-amz-meta-*`, by the name after that prefix.
    pub user: BTreeMap<String, String>,
}

/// What comes with the body of a new object.
#[derive(Debug, Default)]
pub struct PutObject {
    /// The headers to keep.
    pub headers: ObjectHeaders,
    /// A checksum that the body must have. Without one, CRC-64/NVME is computed and kept.
    pub expected: Option<ExpectedChecksum>,
    /// The MD5 that the body must have, in Base64.
    pub content_md5: Option<String>,
    /// When the write may happen.
    pub condition: WriteCondition,
    /// The body's length in bytes, where it is known; a body of another length is refused.
    pub size: Option<u64>,
}

/// What is known of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectMeta {
    /// Its key.
    pub key: ObjectKey,
    /// Its length in bytes.
    pub size: u64,
    /// Its entity tag, without quotes: the MD5 in hexadecimal, or that of its parts with `-N`.
    pub etag: String,
    /// When it was written, in whole milliseconds.
    pub modified: Timestamp,
    /// The headers kept with it.
    pub headers: ObjectHeaders,
    /// Its checksum.
    pub checksum: Option<Checksum>,
    /// How many parts it was uploaded in, when it was.
    pub parts: Option<u32>,
}

impl ObjectMeta {
    /// An object that came as one body.
    pub(crate) fn of_body(
        key: &ObjectKey,
        headers: ObjectHeaders,
        digests: &Digests,
        algorithm: ChecksumAlgorithm,
        at: Timestamp,
    ) -> Self {
        Self {
            key: key.clone(),
            size: digests.size,
            etag: digests.etag(),
            modified: whole_millis(at),
            headers,
            checksum: digests.full_object(algorithm),
            parts: None,
        }
    }

    /// An object that came in parts.
    pub(crate) fn of_parts(
        key: &ObjectKey,
        headers: ObjectHeaders,
        assembled: Assembled,
        at: Timestamp,
    ) -> Self {
        Self {
            key: key.clone(),
            size: assembled.size,
            etag: assembled.etag,
            modified: whole_millis(at),
            headers,
            checksum: assembled.checksum,
            parts: Some(assembled.parts),
        }
    }

    /// What a copy of this object is.
    pub(crate) fn copied(&self, copy: &CopyObject, at: Timestamp) -> Self {
        let mut meta = self.clone();
        meta.key = copy.to.key.clone();
        meta.modified = whole_millis(at);
        if let Some(headers) = &copy.headers {
            meta.headers = headers.clone();
        }
        meta
    }
}

impl CopyObject {
    /// Refuses a copy that would change nothing, as S3 does.
    pub(crate) fn judge(&self) -> Result<(), StoreError> {
        if self.from == self.to && self.headers.is_none() {
            let why = "a copy of an object to itself must change something";
            return Err(StoreError::InvalidRequest { why });
        }
        Ok(())
    }
}

/// Times are kept in milliseconds, so that all stores tell the same.
pub(crate) fn whole_millis(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

/// Proof that an object is durable. Only stores mint one, and only after the fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    etag: String,
    checksum: Option<Checksum>,
    size: u64,
    modified: Timestamp,
}

impl Stored {
    pub(crate) fn new(meta: &ObjectMeta) -> Self {
        Self {
            etag: meta.etag.clone(),
            checksum: meta.checksum.clone(),
            size: meta.size,
            modified: meta.modified,
        }
    }

    /// The entity tag, without quotes.
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// The checksum that was verified and kept.
    pub fn checksum(&self) -> Option<&Checksum> {
        self.checksum.as_ref()
    }

    /// The length in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The time recorded as last modification.
    pub fn modified(&self) -> Timestamp {
        self.modified
    }
}

/// What to read of an object, and when.
#[derive(Debug, Clone, Default)]
pub struct GetObject {
    /// The range; all of it without one.
    pub range: Option<ByteRange>,
    /// What must hold of the object.
    pub conditions: ReadConditions,
}

/// An object on its way out.
pub struct ObjectRead {
    /// What is known of the whole object.
    pub meta: ObjectMeta,
    /// Which of its bytes the body holds.
    pub range: Range<u64>,
    /// The bytes, verified.
    pub body: ByteStream,
}

impl fmt::Debug for ObjectRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectRead")
            .field("meta", &self.meta)
            .field("range", &self.range)
            .finish_non_exhaustive()
    }
}

/// A copy from one address to another.
#[derive(Debug, Clone)]
pub struct CopyObject {
    /// What to copy.
    pub from: ObjectAddress,
    /// Where to.
    pub to: ObjectAddress,
    /// New headers, or `None` to keep those of the source.
    pub headers: Option<ObjectHeaders>,
    /// What must hold of the source. `If-None-Match` and `If-Modified-Since` that fail are
    /// [`crate::StoreError::PreconditionFailed`] here.
    pub source_conditions: ReadConditions,
    /// When the write may happen.
    pub condition: WriteCondition,
}
