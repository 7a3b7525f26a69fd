//! Buckets as they come in and go out.

use jiff::Timestamp;
use wh_names::BucketName;

use crate::{ObjectLockState, StoreError, Versioning};

/// A bucket, as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketMeta {
    /// Its name.
    pub name: BucketName,
    /// When it was made.
    pub created: Timestamp,
}

/// The documents that are kept with a bucket. Their texts are opaque to the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BucketDocument {
    /// The bucket policy.
    Policy,
    /// The CORS rules.
    Cors,
    /// The bucket's tags.
    Tagging,
    /// The lifecycle rules.
    Lifecycle,
    /// Which public access is blocked.
    PublicAccessBlock,
    /// Who is told of changes.
    Notification,
    /// That it no longer says who owns what is written into it.
    OwnershipControls,
}

impl BucketDocument {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Policy,
        Self::Cors,
        Self::Tagging,
        Self::Lifecycle,
        Self::PublicAccessBlock,
        Self::Notification,
        Self::OwnershipControls,
    ];

    /// The name that a store keeps it under.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Cors => "cors",
            Self::Tagging => "tagging",
            Self::Lifecycle => "lifecycle",
            Self::PublicAccessBlock => "public-access-block",
            Self::Notification => "notification",
            Self::OwnershipControls => "ownership-controls",
        }
    }
}

/// What a bucket does with its objects; the store itself acts by it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BucketSettings {
    /// What happens to what is replaced or deleted.
    pub versioning: Versioning,
    /// Whether versions can be locked. It is never taken away.
    pub object_lock: Option<ObjectLockState>,
    /// How many bytes the bucket may hold: all versions, and parts of unfinished uploads.
    pub quota_bytes: Option<u64>,
}

/// One change of a bucket's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BucketChange {
    /// Enables or suspends versioning.
    Versioning(Versioning),
    /// Enables object lock, or changes its default. Versioning must be enabled.
    ObjectLock(ObjectLockState),
    /// Sets or removes the quota, in bytes. What is there already stays.
    Quota(Option<u64>),
}

impl BucketSettings {
    /// Judges the settings of a bucket that is to be made.
    pub fn judge(self) -> Result<(), StoreError> {
        let Some(state) = self.object_lock else { return Ok(()) };
        Self { object_lock: None, ..self }.changed(BucketChange::ObjectLock(state)).map(drop)
    }

    /// The settings after a change, where it is allowed.
    pub(crate) fn changed(mut self, change: BucketChange) -> Result<Self, StoreError> {
        match change {
            BucketChange::Versioning(wanted) => {
                crate::lock::judge_versioning(self.object_lock, wanted)?;
                self.versioning = wanted;
            }
            BucketChange::ObjectLock(state) => {
                if self.versioning != Versioning::Enabled {
                    let why = "object lock needs a bucket with versioning enabled";
                    return Err(StoreError::InvalidBucketState { why });
                }
                state.default.map_or(Ok(()), crate::DefaultRetention::judge)?;
                self.object_lock = Some(state);
            }
            BucketChange::Quota(bytes) => self.quota_bytes = bytes,
        }
        Ok(self)
    }
}

/// How much a bucket holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BucketUsage {
    /// How many keys have a current version that is not a delete marker.
    pub objects: u64,
    /// How many versions there are, current or not, delete markers included.
    pub versions: u64,
    /// The bytes of all versions.
    pub bytes: u64,
    /// The bytes of the parts of unfinished uploads.
    pub upload_bytes: u64,
}

impl BucketUsage {
    /// What counts against a quota: the bytes of all versions, and of parts of unfinished uploads.
    pub fn held_bytes(&self) -> u64 {
        self.bytes.saturating_add(self.upload_bytes)
    }

    /// Refuses `more` bytes that would not fit. What asks for no more always fits.
    pub(crate) fn has_room(&self, quota: Option<u64>, more: u64) -> Result<(), StoreError> {
        match quota {
            Some(quota) if more > 0 && self.held_bytes().saturating_add(more) > quota => {
                Err(StoreError::QuotaExceeded { quota_bytes: quota })
            }
            Some(_) | None => Ok(()),
        }
    }
}
