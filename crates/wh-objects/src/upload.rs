//! Uploads in parts as they come in and go out.

use std::fmt;

use jiff::Timestamp;
use ulid::Ulid;
use wh_names::{Entropy, KeyPrefix, ObjectKey};

use crate::{
    ByteRange, Checksum, ChecksumAlgorithm, ChecksumKind, ExpectedChecksum, ObjectAddress,
    ObjectHeaders, ObjectLock, ObjectMeta, ReadConditions, StoreError, Tags, VersionId,
    WriteCondition,
};

/// The longest upload id that is looked up, in bytes. Ours are shorter; S3 states no limit for its own.
const UPLOAD_ID_BYTES_MAX: usize = 1024;

/// The identifier of an upload in parts. Ids generated later sort later.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UploadId(Box<str>);

impl UploadId {
    /// Accepts 1–1,024 visible ASCII characters.
    ///
    /// Doors turn a refusal into [`StoreError::NoSuchUpload`]: no such upload can exist.
    pub fn parse(input: &str) -> Result<Self, StoreError> {
        let ok = (1..=UPLOAD_ID_BYTES_MAX).contains(&input.len())
            && input.bytes().all(|b| b.is_ascii_graphic());
        if ok { Ok(Self(input.into())) } else { Err(StoreError::NoSuchUpload) }
    }

    /// A new id: the time and 208 random bits.
    pub fn generate(now: Timestamp, entropy: &Entropy) -> Self {
        let millis = u64::try_from(now.as_millisecond()).unwrap_or_default();
        let ulid = Ulid::from_parts(millis, u128::from_be_bytes(entropy.bytes::<16>()));
        let tail = hex::encode(entropy.bytes::<16>());
        Self(format!("{}{tail}", ulid.to_string().to_ascii_lowercase()).into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UploadId({:?})", self.0)
    }
}

/// What an upload in parts begins with.
#[derive(Debug, Clone, Default)]
pub struct CreateUpload {
    /// The headers to keep with the object.
    pub headers: ObjectHeaders,
    /// The tags that the object begins with.
    pub tags: Tags,
    /// What is to protect the object; where it is open, the bucket's default does.
    pub lock: ObjectLock,
    /// The checksum to keep; without one, a full-object CRC-64/NVME.
    pub checksum: Option<(ChecksumAlgorithm, ChecksumKind)>,
}

impl CreateUpload {
    /// Refuses the pairs of algorithm and kind that S3 does not have.
    pub fn judge(&self) -> Result<(), StoreError> {
        crate::multipart::check_create(self)
    }
}

/// What comes with the body of a part.
#[derive(Debug)]
pub struct UploadPart {
    /// Where the object will be.
    pub address: ObjectAddress,
    /// The upload.
    pub upload: UploadId,
    /// The part's number, 1–10,000.
    pub number: u16,
    /// A checksum that the body must have.
    pub expected: Option<ExpectedChecksum>,
    /// The MD5 that the body must have, in Base64.
    pub content_md5: Option<String>,
    /// The body's length in bytes, where it is known; a body of another length is refused.
    pub size: Option<u64>,
}

/// A part made of a range of an object.
#[derive(Debug, Clone)]
pub struct UploadPartCopy {
    /// Where the object will be.
    pub address: ObjectAddress,
    /// The upload.
    pub upload: UploadId,
    /// The part's number, 1–10,000.
    pub number: u16,
    /// The object to take it from.
    pub from: ObjectAddress,
    /// The version of it; the newest without one.
    pub from_version: Option<VersionId>,
    /// The range of it; all of it without one.
    pub range: Option<ByteRange>,
    /// What must hold of the source. Whatever fails is [`StoreError::PreconditionFailed`] here.
    pub source_conditions: ReadConditions,
}

/// A part that is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartMeta {
    /// Its number, 1–10,000.
    pub number: u16,
    /// Its length in bytes.
    pub size: u64,
    /// The MD5 of its bytes, in hexadecimal.
    pub etag: String,
    /// Its checksum, by the upload's algorithm.
    pub checksum: Option<Checksum>,
    /// When it was written, in whole milliseconds.
    pub modified: Timestamp,
}

/// A part of an object that was uploaded in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectPart {
    /// The number that it was uploaded with, 1–10,000.
    pub number: u16,
    /// Its length in bytes.
    pub size: u64,
    /// Its checksum, by the object's algorithm.
    pub checksum: Option<Checksum>,
}

/// A version with the parts that it was uploaded in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectParts {
    /// What is known of the version.
    pub meta: ObjectMeta,
    /// Its parts, by number. `None` where it came in one body, and where the store did not yet keep
    /// parts when it was uploaded.
    pub parts: Option<Vec<ObjectPart>>,
}

/// A part as the caller names it at completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompletedPart {
    /// Its number.
    pub number: u16,
    /// Its entity tag, with or without quotes.
    pub etag: String,
    /// Its checksum in Base64, where the caller gives one.
    pub checksum: Option<String>,
}

/// How an upload ends in an object.
#[derive(Debug, Clone)]
pub struct CompleteUpload {
    /// Where the object will be.
    pub address: ObjectAddress,
    /// The upload.
    pub upload: UploadId,
    /// The parts, in ascending order of their numbers.
    pub parts: Vec<CompletedPart>,
    /// The checksum that the object must have, in Base64, by the upload's algorithm and kind.
    pub expected: Option<String>,
    /// When the write may happen.
    pub condition: WriteCondition,
    /// The size that the object must have, in bytes.
    pub object_size: Option<u64>,
}

/// An upload that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadMeta {
    /// The key that the object will have.
    pub key: ObjectKey,
    /// The upload's id.
    pub id: UploadId,
    /// When it was begun.
    pub begun: Timestamp,
    /// The checksum that was asked for.
    pub checksum: Option<(ChecksumAlgorithm, ChecksumKind)>,
}

/// One page of parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartsPage {
    /// The upload.
    pub upload: UploadMeta,
    /// Its parts, by number.
    pub parts: Vec<PartMeta>,
    /// Whether there are more.
    pub truncated: bool,
    /// What to give as `after` for the next page.
    pub next_after: Option<u16>,
}

/// Where a page of uploads begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadMarker {
    /// Keys after this one, or after all keys under this common prefix,
    pub key: String,
    /// and, when given, uploads of this very key with later ids.
    pub upload: Option<UploadId>,
}

/// What uploads to list.
#[derive(Debug, Clone)]
pub struct ListUploads {
    /// The beginning of their keys.
    pub prefix: KeyPrefix,
    /// What ends a common prefix; empty is as none.
    pub delimiter: Option<String>,
    /// Where to begin.
    pub after: Option<UploadMarker>,
    /// How many uploads and common prefixes at most.
    pub max: usize,
}

/// One page of uploads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UploadsPage {
    /// The uploads, by key and id.
    pub uploads: Vec<UploadMeta>,
    /// What several keys begin with, up to and with the delimiter.
    pub common_prefixes: Vec<String>,
    /// Whether there are more.
    pub truncated: bool,
    /// What to give as `after` for the next page.
    pub next_after: Option<UploadMarker>,
}

impl PartsPage {
    /// A page of what was found when asking for one more than `max`.
    pub(crate) fn new(upload: UploadMeta, mut found: Vec<PartMeta>, max: usize) -> Self {
        let truncated = max > 0 && found.len() > max;
        found.truncate(max);
        let next_after = found.last().filter(|_| truncated).map(|part| part.number);
        Self { upload, parts: found, truncated, next_after }
    }
}
