//! The object store port, its conformance suite, and two stores: memory and disk.
//!
//! Invariant: a [`Stored`] exists only for bytes and metadata that are durable by the store's own
//! measure, and no store ever serves a byte that differs from the one that was acknowledged.

pub mod backup;
mod body_check;
mod bucket;
mod capability;
mod checksum;
mod conditions;
mod digest;
mod disk;
mod error;
mod event;
pub mod lifecycle;
mod limits;
mod listing;
mod lock;
mod memory;
mod multipart;
mod notification;
mod object;
mod range;
mod stamp;
mod store;
mod tags;
mod upload;
mod version;

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;

pub use body_check::BodyCheck;
pub use bucket::{BucketChange, BucketDocument, BucketMeta, BucketSettings, BucketUsage};
pub use capability::{Capabilities, Capability};
pub use checksum::{Checksum, ChecksumAlgorithm, ChecksumKind, ExpectedChecksum, ExpectedValue};
pub use conditions::{ReadConditions, WriteCondition};
#[cfg(any(test, feature = "schedules"))]
pub use disk::schedules;
pub use disk::{
    CheckReport, Counts, DamagedBlob, Depth, DiskOptions, DiskStore, Doomed, Durability, Finding,
    FindingKind, KeyId, Keyring, KeyringError, Keys, OpenError, Owner, Repair, RepairError,
    RepairPlan, RepairReport, Rewrapped, ScrubOptions, ScrubPass, ScrubStatus, check, plan_repair,
};
pub use error::StoreError;
pub use event::{Event, EventKind};
pub use limits::{
    OBJECT_BYTES_MAX, PART_BYTES_MAX, PART_BYTES_MIN, PART_NUMBER_MAX, PUT_BYTES_MAX,
};
pub use listing::{
    ListEntry, ListObjects, ListPage, ListVersions, ListedObject, ListedVersion, VersionEntry,
    VersionMarker, VersionsPage,
};
pub use lock::{
    DefaultRetention, GovernanceBypass, ObjectLock, ObjectLockState, Retention, RetentionMode,
    RetentionPeriod,
};
pub use memory::MemoryStore;
pub use notification::{NotificationError, NotificationRule, Notifications};
pub use object::{
    CopyObject, DeleteCause, DeleteObject, Deleted, Encryption, GetObject, HeadObject,
    ObjectAddress, ObjectHeaders, ObjectMeta, ObjectRead, PutObject, Stored, VersionAddress,
    VersionChange,
};
pub use range::ByteRange;
pub use stamp::Stamp;
pub use store::{ByteStream, ObjectStore, StreamError};
pub use tags::Tags;
pub use upload::{
    CompleteUpload, CompletedPart, CreateUpload, ListUploads, ObjectPart, ObjectParts, PartMeta,
    PartsPage, UploadId, UploadMarker, UploadMeta, UploadPart, UploadPartCopy, UploadsPage,
};
pub use version::{FOREIGN_ID_BYTES_MAX, ForeignId, VersionId, Versioning};
