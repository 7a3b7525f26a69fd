//! The object store port, its conformance suite, and two stores: memory and disk.
//!
//! Invariant: a [`Stored`] exists only for bytes and metadata that are durable by the store's own
//! measure, and no store ever serves a byte that differs from the one that was acknowledged.

mod checksum;
mod conditions;
mod digest;
mod disk;
mod error;
mod limits;
mod listing;
mod memory;
mod multipart;
mod object;
mod range;
mod store;
mod upload;

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;

pub use checksum::{Checksum, ChecksumAlgorithm, ChecksumKind, ExpectedChecksum, ExpectedValue};
pub use conditions::{ReadConditions, WriteCondition};
pub use disk::{DiskOptions, DiskStore, OpenError};
pub use error::StoreError;
pub use limits::{
    OBJECT_BYTES_MAX, PART_BYTES_MAX, PART_BYTES_MIN, PART_NUMBER_MAX, PUT_BYTES_MAX,
};
pub use listing::{ListEntry, ListObjects, ListPage, ListedObject};
pub use memory::MemoryStore;
pub use object::{
    BucketDocument, BucketMeta, CopyObject, GetObject, ObjectAddress, ObjectHeaders, ObjectMeta,
    ObjectRead, PutObject, Stored,
};
pub use range::ByteRange;
pub use store::{ByteStream, ObjectStore, StreamError};
pub use upload::{
    CompleteUpload, CompletedPart, CreateUpload, ListUploads, PartMeta, PartsPage, UploadId,
    UploadMarker, UploadMeta, UploadPart, UploadPartCopy, UploadsPage,
};
