//! What can go wrong in a store, by causes that a caller can act on.

use jiff::Timestamp;
use thiserror::Error;

use crate::{ChecksumAlgorithm, StreamError, VersionId};

/// Why a store did not do what it was asked for.
#[derive(Debug, Error)]
pub enum StoreError {
    /// There is no bucket of that name.
    #[error("no such bucket")]
    NoSuchBucket,
    /// There is already a bucket of that name.
    #[error("the bucket already exists")]
    BucketAlreadyExists,
    /// The bucket still holds objects.
    #[error("the bucket is not empty")]
    BucketNotEmpty,
    /// There is no object of that key.
    #[error("no such key")]
    NoSuchKey,
    /// There is no version of that id.
    #[error("no such version")]
    NoSuchVersion,
    /// What was given as a version's id is not one that this store makes.
    #[error("invalid version id")]
    InvalidVersionId,
    /// The newest version is a delete marker: to those who do not name a version, there is no
    /// object.
    #[error("the object was deleted; its newest version is a delete marker")]
    Deleted {
        /// The marker.
        version: VersionId,
    },
    /// The version that was named is a delete marker, which has nothing to read.
    #[error("the version is a delete marker")]
    DeleteMarker {
        /// The marker.
        version: VersionId,
    },
    /// Object lock forbids it.
    #[error("object lock: {why}")]
    Locked {
        /// What holds the version.
        why: &'static str,
    },
    /// The bucket's settings forbid the change.
    #[error("{why}")]
    InvalidBucketState {
        /// Why.
        why: &'static str,
    },
    /// A tag is not one that S3 accepts.
    #[error("{why}")]
    InvalidTag {
        /// Why.
        why: &'static str,
    },
    /// The bucket would hold more than it may.
    #[error("the bucket may hold {quota_bytes} bytes, and this would be more")]
    QuotaExceeded {
        /// The bucket's quota, in bytes.
        quota_bytes: u64,
    },
    /// The feed does not reach back so far any more.
    #[error("the feed begins with change {oldest}")]
    EventsTrimmed {
        /// The oldest change that it still holds.
        oldest: u64,
    },
    /// There is no such upload; it may have been completed or aborted.
    #[error("no such upload")]
    NoSuchUpload,
    /// A part named at completion is missing or has another `ETag` or checksum.
    #[error("part {number} is missing or differs")]
    InvalidPart {
        /// The part's number.
        number: u16,
    },
    /// The parts named at completion are not in ascending order.
    #[error("the parts are not in ascending order")]
    InvalidPartOrder,
    /// A part that is not the last has fewer than 5 MiB.
    #[error("part {number} is smaller than 5 MiB and not the last")]
    EntityTooSmall {
        /// The part's number.
        number: u16,
    },
    /// The object or part is larger than S3 allows.
    #[error("the body is larger than {max} bytes")]
    EntityTooLarge {
        /// The limit, in bytes.
        max: u64,
    },
    /// A condition of the request does not hold.
    #[error("a precondition does not hold")]
    PreconditionFailed,
    /// The object is still the one that the reader knows.
    #[error("not modified")]
    NotModified {
        /// Its entity tag, without quotes.
        etag: String,
        /// When it was written.
        modified: Timestamp,
    },
    /// A concurrent write got in the way; the caller may try again.
    #[error("a concurrent write got in the way")]
    ConditionalRequestConflict,
    /// The range lies outside of the object.
    #[error("the range lies outside of the {size} bytes")]
    InvalidRange {
        /// The object's size in bytes.
        size: u64,
    },
    /// The body does not have the MD5 that was given with it.
    #[error("the body does not match its MD5")]
    BadDigest,
    /// The body does not have the checksum that was given with it.
    #[error("the body does not match its {algorithm} checksum")]
    ChecksumMismatch {
        /// The algorithm.
        algorithm: ChecksumAlgorithm,
        /// What the body has, in Base64.
        computed: String,
    },
    /// The request contradicts itself or asks for what S3 does not have.
    #[error("{why}")]
    InvalidRequest {
        /// In plain words.
        why: &'static str,
    },
    /// The body is shorter or longer than was announced.
    #[error("the body has another length than was announced")]
    IncompleteBody,
    /// The body broke off.
    #[error("the body broke off")]
    Body(#[source] StreamError),
    /// The disk is full; reads and deletes still work.
    #[error("no space is left")]
    NoSpace,
    /// What is stored is damaged. It is not served.
    #[error("stored data is damaged: {what}")]
    Corrupt {
        /// What was found to be damaged.
        what: String,
    },
    /// An earlier error of the disk ended all writing until the store is opened again.
    #[error("the store takes no writes since an earlier disk error")]
    ReadOnly,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// This store has nothing of the kind, and says so rather than do without.
    #[error("this store keeps no {what}")]
    NotKept {
        /// What it does not keep.
        what: &'static str,
    },
    /// The store, or the one behind it, asks to slow down. Nothing was changed.
    #[error("the store is busy")]
    Busy,
    /// The store behind this one did not answer. Whether a write happened is not known.
    #[error("the upstream store cannot be reached: {what}")]
    Unreachable {
        /// What failed.
        what: String,
    },
    /// The store behind this one answered what it should not: it refused our own credentials, failed,
    /// or broke its own rules.
    #[error("the upstream store answered {answer} to {doing}")]
    Upstream {
        /// What was asked of it.
        doing: &'static str,
        /// What it answered.
        answer: String,
    },
    /// The disk failed. Whether a write happened is known only after the store is opened again.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
}

impl StoreError {
    /// The same, said of the source of a copy: a delete marker is none.
    pub(crate) fn of_source(self) -> Self {
        if matches!(self, Self::DeleteMarker { .. }) {
            let why = "the source of a copy cannot be a delete marker";
            return Self::InvalidRequest { why };
        }
        self
    }

    /// The stable code of the variant.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSuchBucket => "no-such-bucket",
            Self::BucketAlreadyExists => "bucket-already-exists",
            Self::BucketNotEmpty => "bucket-not-empty",
            Self::NoSuchKey => "no-such-key",
            Self::NoSuchVersion => "no-such-version",
            Self::InvalidVersionId => "invalid-version-id",
            Self::Deleted { .. } => "deleted",
            Self::DeleteMarker { .. } => "delete-marker",
            Self::Locked { .. } => "locked",
            Self::InvalidBucketState { .. } => "invalid-bucket-state",
            Self::InvalidTag { .. } => "invalid-tag",
            Self::QuotaExceeded { .. } => "quota-exceeded",
            Self::EventsTrimmed { .. } => "events-trimmed",
            Self::NoSuchUpload => "no-such-upload",
            Self::InvalidPart { .. } => "invalid-part",
            Self::InvalidPartOrder => "invalid-part-order",
            Self::EntityTooSmall { .. } => "entity-too-small",
            Self::EntityTooLarge { .. } => "entity-too-large",
            Self::PreconditionFailed => "precondition-failed",
            Self::NotModified { .. } => "not-modified",
            Self::ConditionalRequestConflict => "conditional-request-conflict",
            Self::InvalidRange { .. } => "invalid-range",
            Self::BadDigest => "bad-digest",
            Self::ChecksumMismatch { .. } => "checksum-mismatch",
            Self::InvalidRequest { .. } => "invalid-request",
            Self::IncompleteBody => "incomplete-body",
            Self::Body(_) => "body-broken-off",
            Self::NoSpace => "no-space",
            Self::Corrupt { .. } => "corrupt",
            Self::ReadOnly => "read-only",
            Self::Closed => "closed",
            Self::NotKept { .. } => "not-kept",
            Self::Busy => "busy",
            Self::Unreachable { .. } => "unreachable",
            Self::Upstream { .. } => "upstream",
            Self::Io { .. } => "io",
        }
    }
}
