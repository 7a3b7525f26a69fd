//! The feed of changes: what search, webhooks and audit are fed from.
//!
//! Every change of an object has a number, one greater than the last; the feed holds it from the
//! moment at which the change is durable. Whoever follows the feed keeps the number of the last
//! change that he has dealt with, and asks for those after it.

use std::sync::Arc;

use jiff::Timestamp;
use wh_names::{BucketName, ObjectKey};

use crate::VersionId;

/// What happened. The names are those of S3's event notifications where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EventKind {
    /// `s3:ObjectCreated:Put`.
    Put,
    /// `s3:ObjectCreated:Copy`.
    Copy,
    /// `s3:ObjectCreated:CompleteMultipartUpload`.
    CompleteMultipartUpload,
    /// `s3:ObjectRemoved:Delete`: a version is gone for good.
    Delete,
    /// `s3:ObjectRemoved:DeleteMarkerCreated`.
    DeleteMarkerCreated,
    /// `s3:LifecycleExpiration:Delete`.
    LifecycleDelete,
    /// `s3:LifecycleExpiration:DeleteMarkerCreated`.
    LifecycleDeleteMarkerCreated,
    /// `s3:ObjectTagging:Put`.
    TaggingPut,
    /// `s3:ObjectTagging:Delete`.
    TaggingDelete,
    /// A version's retention or legal hold changed; S3 has no event for it.
    LockChanged,
}

impl EventKind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Put,
        Self::Copy,
        Self::CompleteMultipartUpload,
        Self::Delete,
        Self::DeleteMarkerCreated,
        Self::LifecycleDelete,
        Self::LifecycleDeleteMarkerCreated,
        Self::TaggingPut,
        Self::TaggingDelete,
        Self::LockChanged,
    ];

    /// The name as S3 writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Put => "s3:ObjectCreated:Put",
            Self::Copy => "s3:ObjectCreated:Copy",
            Self::CompleteMultipartUpload => "s3:ObjectCreated:CompleteMultipartUpload",
            Self::Delete => "s3:ObjectRemoved:Delete",
            Self::DeleteMarkerCreated => "s3:ObjectRemoved:DeleteMarkerCreated",
            Self::LifecycleDelete => "s3:LifecycleExpiration:Delete",
            Self::LifecycleDeleteMarkerCreated => "s3:LifecycleExpiration:DeleteMarkerCreated",
            Self::TaggingPut => "s3:ObjectTagging:Put",
            Self::TaggingDelete => "s3:ObjectTagging:Delete",
            Self::LockChanged => "wellhouse:ObjectLock:Put",
        }
    }
}

/// One change of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its number in the store.
    pub sequence: u64,
    /// What happened.
    pub kind: EventKind,
    /// When, in whole milliseconds.
    pub at: Timestamp,
    /// Who asked for it.
    pub by: Arc<str>,
    /// The bucket.
    pub bucket: BucketName,
    /// The key.
    pub key: ObjectKey,
    /// The version that was made, changed or removed.
    pub version: VersionId,
    /// The object's size in bytes and entity tag; `None` where a delete marker was made or removed.
    pub content: Option<(u64, String)>,
}
