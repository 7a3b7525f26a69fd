//! Buckets and objects as they come in and go out.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use jiff::Timestamp;
use wh_names::{BucketName, ObjectKey};

use crate::digest::Digests;
use crate::lock::needs_lock;
use crate::multipart::Assembled;
use crate::{
    ByteRange, ByteStream, Checksum, ChecksumAlgorithm, EventKind, ExpectedChecksum,
    GovernanceBypass, ObjectLock, ObjectLockState, ReadConditions, Retention, Stamp, StoreError,
    Tags, VersionId, Versioning, WriteCondition,
};

/// A bucket and a key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectAddress {
    /// The bucket.
    pub bucket: BucketName,
    /// The key in it.
    pub key: ObjectKey,
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
    /// The tags to begin with.
    pub tags: Tags,
    /// What is to protect the version; where it is open, the bucket's default does.
    pub lock: ObjectLock,
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
    /// Which version it is; `None` in a bucket that was never versioned.
    pub version: Option<VersionId>,
    /// The number of the change that made this version.
    pub sequence: u64,
    /// Its tags.
    pub tags: Tags,
    /// What protects it.
    pub lock: ObjectLock,
    /// How its bytes are encrypted at rest, if they are.
    pub encryption: Option<Encryption>,
}

/// How bytes are encrypted at rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encryption {
    /// AES-256-GCM under keys of the store's own: S3's `AES256` (SSE-S3).
    Aes256,
}

/// What comes with an object beside its bytes, and does not depend on them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Dress {
    pub(crate) headers: ObjectHeaders,
    pub(crate) tags: Tags,
    pub(crate) lock: ObjectLock,
    pub(crate) encryption: Option<Encryption>,
}

impl ObjectMeta {
    /// An object that came as one body. Its version is known once it is written.
    pub(crate) fn of_body(
        key: &ObjectKey,
        dress: Dress,
        digests: &Digests,
        algorithm: ChecksumAlgorithm,
        at: Timestamp,
    ) -> Self {
        let assembled = Assembled {
            size: digests.size,
            etag: digests.etag(),
            checksum: digests.full_object(algorithm),
            parts: 0,
        };
        let meta = Self::of_parts(key, dress, assembled, at);
        Self { parts: None, ..meta }
    }

    /// An object that came in parts. Its version is known once it is written.
    pub(crate) fn of_parts(
        key: &ObjectKey,
        dress: Dress,
        assembled: Assembled,
        at: Timestamp,
    ) -> Self {
        let Dress { headers, tags, lock, encryption } = dress;
        Self {
            key: key.clone(),
            size: assembled.size,
            etag: assembled.etag,
            modified: whole_millis(at),
            headers,
            checksum: assembled.checksum,
            parts: Some(assembled.parts),
            version: None,
            sequence: 0,
            tags,
            lock,
            encryption,
        }
    }

    /// What a copy of this object is, before the bucket's default retention.
    pub(crate) fn copied(&self, copy: &CopyObject, at: Timestamp) -> Self {
        let mut meta = self.clone();
        meta.key = copy.to.key.clone();
        meta.modified = whole_millis(at);
        meta.lock = copy.lock;
        if let Some(headers) = &copy.headers {
            meta.headers = headers.clone();
        }
        if let Some(tags) = &copy.tags {
            meta.tags = tags.clone();
        }
        meta
    }

    /// Changes the version in place, where its lock and the bucket's allow it.
    pub(crate) fn change(
        &mut self,
        change: VersionChange,
        enabled: Option<ObjectLockState>,
        stamp: &Stamp,
    ) -> Result<EventKind, StoreError> {
        match change {
            VersionChange::Tags(tags) => {
                self.tags = tags;
                let none = self.tags.is_empty();
                return Ok(if none { EventKind::TaggingDelete } else { EventKind::TaggingPut });
            }
            VersionChange::Retention(wanted, bypass) => {
                needs_lock(enabled)?;
                self.lock.judge_retention(wanted, stamp.at, bypass)?;
                let whole = |r: Retention| Retention { until: whole_millis(r.until), ..r };
                self.lock.retention = wanted.map(whole);
            }
            VersionChange::LegalHold(on) => {
                needs_lock(enabled)?;
                self.lock.legal_hold = on;
            }
        }
        Ok(EventKind::LockChanged)
    }

    /// As a bucket with such versioning tells of it.
    pub(crate) fn shown(mut self, id: VersionId, versioning: Versioning) -> Self {
        self.version = id.shown(versioning);
        self
    }
}

impl VersionId {
    /// Buckets that were never versioned do not speak of versions.
    pub(crate) fn shown(self, versioning: Versioning) -> Option<Self> {
        (versioning != Versioning::Unversioned).then_some(self)
    }

    /// The id of a version that is written now.
    pub(crate) fn of_new(sequence: u64, versioning: Versioning) -> Self {
        match versioning {
            Versioning::Enabled => Self::Numbered(sequence),
            Versioning::Unversioned | Versioning::Suspended => Self::Null,
        }
    }
}

impl CopyObject {
    /// Refuses a copy that would change nothing, as S3 does.
    pub fn judge(&self) -> Result<(), StoreError> {
        let same = self.headers.is_none() && self.tags.is_none() && self.lock.is_open();
        if self.from == self.to && self.from_version.is_none() && same {
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
    version: Option<VersionId>,
    sequence: u64,
    encryption: Option<Encryption>,
}

impl Stored {
    /// What another store acknowledged: for stores outside of this crate, after the fact.
    pub fn acknowledged(meta: &ObjectMeta) -> Self {
        Self::new(meta)
    }

    pub(crate) fn new(meta: &ObjectMeta) -> Self {
        Self {
            etag: meta.etag.clone(),
            checksum: meta.checksum.clone(),
            size: meta.size,
            modified: meta.modified,
            version: meta.version,
            sequence: meta.sequence,
            encryption: meta.encryption,
        }
    }

    /// The version that was made; `None` in a bucket that was never versioned.
    pub fn version(&self) -> Option<VersionId> {
        self.version
    }

    /// The number of the change.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// How the bytes are encrypted at rest, if they are.
    pub fn encryption(&self) -> Option<Encryption> {
        self.encryption
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
    /// The version; the newest without one.
    pub version: Option<VersionId>,
    /// The range; all of it without one.
    pub range: Option<ByteRange>,
    /// What must hold of the object.
    pub conditions: ReadConditions,
}

/// What to tell of an object, and when.
#[derive(Debug, Clone, Default)]
pub struct HeadObject {
    /// The version; the newest without one.
    pub version: Option<VersionId>,
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
    /// The version of it; the newest without one.
    pub from_version: Option<VersionId>,
    /// Where to.
    pub to: ObjectAddress,
    /// New headers, or `None` to keep those of the source.
    pub headers: Option<ObjectHeaders>,
    /// New tags, or `None` to keep those of the source.
    pub tags: Option<Tags>,
    /// What is to protect the copy; a copy never takes over the lock of its source.
    pub lock: ObjectLock,
    /// What must hold of the source. `If-None-Match` and `If-Modified-Since` that fail are
    /// [`crate::StoreError::PreconditionFailed`] here.
    pub source_conditions: ReadConditions,
    /// When the write may happen.
    pub condition: WriteCondition,
}

/// The removal of an object or of a version.
#[derive(Debug, Clone, Default)]
pub struct DeleteObject {
    /// The version to remove for good. Without one, the object is hidden by a delete marker where
    /// the bucket is versioned, and gone where it is not.
    pub version: Option<VersionId>,
    /// When the removal may happen: judged against the newest version, or the version named.
    pub condition: WriteCondition,
    /// When the object must have been written, in whole seconds.
    pub if_modified: Option<Timestamp>,
    /// How many bytes the object must have.
    pub if_size: Option<u64>,
    /// Tags that the object must have, so that a rule is not carried out on one that lost them
    /// since somebody looked. Another store behind ours does not judge them.
    pub if_tagged: Vec<(String, String)>,
    /// Whether a governance retention is to be ended.
    pub bypass: GovernanceBypass,
    /// On whose account it happens, as the feed tells it.
    pub cause: DeleteCause,
}

impl DeleteObject {
    /// Whether it depends on nothing that is there.
    pub(crate) fn is_free(&self) -> bool {
        let open = self.if_modified.is_none() && self.if_size.is_none();
        open && self.if_tagged.is_empty() && self.condition == WriteCondition::Always
    }

    /// Judges the time, size and tags of what is there; a delete marker has none of them.
    pub(crate) fn judge_facts(&self, found: Option<&ObjectMeta>) -> Result<(), StoreError> {
        let Self { if_modified, if_size, if_tagged, .. } = self;
        if if_modified.is_none() && if_size.is_none() && if_tagged.is_empty() {
            return Ok(());
        }
        let meta = found.ok_or(StoreError::NoSuchKey)?;
        let then = if_modified.is_none_or(|at| at.as_second() == meta.modified.as_second());
        let same = if_size.is_none_or(|wanted| wanted == meta.size);
        let tagged = if_tagged.iter().all(|(key, value)| meta.tags.get(key) == Some(value));
        if then && same && tagged { Ok(()) } else { Err(StoreError::PreconditionFailed) }
    }
}

impl DeleteCause {
    /// The change that the removal of a version is.
    pub(crate) fn removal(self) -> EventKind {
        match self {
            Self::Request => EventKind::Delete,
            Self::Lifecycle => EventKind::LifecycleDelete,
        }
    }

    /// The change that a new delete marker is.
    pub(crate) fn hiding(self) -> EventKind {
        match self {
            Self::Request => EventKind::DeleteMarkerCreated,
            Self::Lifecycle => EventKind::LifecycleDeleteMarkerCreated,
        }
    }
}

/// On whose account something is removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DeleteCause {
    /// Somebody asked for it.
    #[default]
    Request,
    /// A rule of the bucket's lifecycle.
    Lifecycle,
}

/// What a removal did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Deleted {
    /// The version that was removed, or the delete marker that was made.
    pub version: Option<VersionId>,
    /// Whether that is a delete marker.
    pub marker: bool,
}

/// A version that is to be changed in place: its tags or its lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionAddress {
    /// The object.
    pub object: ObjectAddress,
    /// The version; the newest without one.
    pub version: Option<VersionId>,
}

/// One change of a version in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionChange {
    /// Replaces the tags; none removes them.
    Tags(Tags),
    /// Replaces the retention; `None` ends it.
    Retention(Option<Retention>, GovernanceBypass),
    /// Sets the legal hold on or off.
    LegalHold(bool),
}
