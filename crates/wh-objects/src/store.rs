//! The port: what every store of objects does.

use std::error::Error;
use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::Stream;
use tokio::sync::watch;
use wh_names::BucketName;

use crate::{
    BucketChange, BucketDocument, BucketMeta, BucketSettings, BucketUsage, Capabilities,
    CompleteUpload, CopyObject, CreateUpload, DeleteObject, Deleted, Event, GetObject, HeadObject,
    ListObjects, ListPage, ListUploads, ListVersions, ObjectAddress, ObjectMeta, ObjectParts,
    ObjectRead, PartMeta, PartsPage, PutObject, Stamp, StoreError, Stored, UploadId, UploadPart,
    UploadPartCopy, UploadsPage, VersionAddress, VersionChange, VersionsPage,
};

/// What went wrong in a body on its way; the stream's maker knows more about it.
pub type StreamError = Box<dyn Error + Send + Sync>;

/// The bytes of an object or part, in blocks of any size.
pub type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, StreamError>> + Send>>;

/// A store of objects with S3's semantics.
///
/// Operations on one key are linearizable, listings are consistent with acknowledged writes, and
/// an operation that returned `Ok` is durable. What changes an object tells who does it, and when:
/// the change is an [`Event`] of the feed from the moment at which it is durable.
///
/// Source: Amazon S3 API Reference, the operations of the same names.
#[async_trait]
pub trait ObjectStore: Debug + Send + Sync {
    /// What this store does of all that a store may do. The rest it refuses.
    fn capabilities(&self) -> Capabilities;

    /// Makes an empty bucket with its settings, at once: no bucket is ever seen without them.
    async fn create_bucket(
        &self,
        bucket: &BucketName,
        settings: BucketSettings,
        stamp: &Stamp,
    ) -> Result<(), StoreError>;

    /// Removes a bucket without objects, together with its documents and unfinished uploads.
    async fn delete_bucket(&self, bucket: &BucketName) -> Result<(), StoreError>;

    /// Tells about one bucket.
    async fn bucket(&self, bucket: &BucketName) -> Result<BucketMeta, StoreError>;

    /// Tells about every bucket, in the order of their names.
    async fn list_buckets(&self) -> Result<Vec<BucketMeta>, StoreError>;

    /// Keeps a document with a bucket, or removes it with `None`. The text is opaque here.
    async fn put_bucket_document(
        &self,
        bucket: &BucketName,
        kind: BucketDocument,
        text: Option<&str>,
    ) -> Result<(), StoreError>;

    /// A document of a bucket. Cheap enough to be asked on every request.
    async fn bucket_document(
        &self,
        bucket: &BucketName,
        kind: BucketDocument,
    ) -> Result<Option<Arc<str>>, StoreError>;

    /// What a bucket does with its objects. Cheap enough to be asked on every request.
    async fn bucket_settings(&self, bucket: &BucketName) -> Result<BucketSettings, StoreError>;

    /// Changes what a bucket does with its objects.
    async fn change_bucket(
        &self,
        bucket: &BucketName,
        change: BucketChange,
    ) -> Result<(), StoreError>;

    /// How much a bucket holds.
    async fn bucket_usage(&self, bucket: &BucketName) -> Result<BucketUsage, StoreError>;

    /// Writes an object, wholly or not at all.
    async fn put_object(
        &self,
        address: &ObjectAddress,
        put: PutObject,
        body: ByteStream,
        stamp: &Stamp,
    ) -> Result<Stored, StoreError>;

    /// Reads an object or a range of it. The body is verified block by block before it is given
    /// out; it goes on to read the object as it was, even when that is replaced meanwhile.
    async fn get_object(
        &self,
        address: &ObjectAddress,
        get: GetObject,
    ) -> Result<ObjectRead, StoreError>;

    /// Tells about an object.
    async fn head_object(
        &self,
        address: &ObjectAddress,
        head: HeadObject,
    ) -> Result<ObjectMeta, StoreError>;

    /// Tells about a version and the parts that it was uploaded in, both at one moment. A store that
    /// keeps no parts tells of none.
    async fn object_parts(&self, at: &VersionAddress) -> Result<ObjectParts, StoreError> {
        let head = HeadObject { version: at.version, ..HeadObject::default() };
        Ok(ObjectParts { meta: self.head_object(&at.object, head).await?, parts: None })
    }

    /// Copies an object without copying its bytes; `ETag` and checksum stay as they were.
    async fn copy_object(&self, copy: CopyObject, stamp: &Stamp) -> Result<Stored, StoreError>;

    /// Removes an object or a version; that there is none is fine.
    async fn delete_object(
        &self,
        address: &ObjectAddress,
        delete: DeleteObject,
        stamp: &Stamp,
    ) -> Result<Deleted, StoreError>;

    /// Changes the tags or the lock of a version, and tells which version that was.
    async fn change_version(
        &self,
        address: &VersionAddress,
        change: VersionChange,
        stamp: &Stamp,
    ) -> Result<ObjectMeta, StoreError>;

    /// One page of a listing.
    async fn list_objects(
        &self,
        bucket: &BucketName,
        list: ListObjects,
    ) -> Result<ListPage, StoreError>;

    /// One page of a listing of versions.
    async fn list_object_versions(
        &self,
        bucket: &BucketName,
        list: ListVersions,
    ) -> Result<VersionsPage, StoreError>;

    /// Begins an upload in parts and gives its id: the one that the caller generated, or that of a
    /// store which makes its own.
    async fn create_multipart_upload(
        &self,
        address: &ObjectAddress,
        create: CreateUpload,
        id: UploadId,
        stamp: &Stamp,
    ) -> Result<UploadId, StoreError>;

    /// Writes one part; an earlier part of the same number is replaced.
    async fn upload_part(
        &self,
        part: UploadPart,
        body: ByteStream,
        stamp: &Stamp,
    ) -> Result<PartMeta, StoreError>;

    /// Makes a part of a range of an object, without copying its bytes.
    async fn upload_part_copy(
        &self,
        part: UploadPartCopy,
        stamp: &Stamp,
    ) -> Result<PartMeta, StoreError>;

    /// Makes an object of the parts, without rewriting them. Parts not named are dropped.
    async fn complete_multipart_upload(
        &self,
        complete: CompleteUpload,
        stamp: &Stamp,
    ) -> Result<Stored, StoreError>;

    /// Drops an upload and its parts.
    async fn abort_multipart_upload(
        &self,
        address: &ObjectAddress,
        upload: &UploadId,
    ) -> Result<(), StoreError>;

    /// One page of an upload's parts: at most `max`, with numbers above `after`.
    async fn list_parts(
        &self,
        address: &ObjectAddress,
        upload: &UploadId,
        after: u16,
        max: usize,
    ) -> Result<PartsPage, StoreError>;

    /// One page of a bucket's unfinished uploads, in the order of their keys and ids.
    async fn list_multipart_uploads(
        &self,
        bucket: &BucketName,
        list: ListUploads,
    ) -> Result<UploadsPage, StoreError>;

    /// The changes after number `after`, oldest first, at most `max` of them.
    ///
    /// Refuses with [`StoreError::EventsTrimmed`] when some of them are not kept any more.
    async fn events(&self, after: u64, max: usize) -> Result<Vec<Event>, StoreError>;

    /// Forgets all changes before number `before`, except for the newest.
    async fn trim_events(&self, before: u64) -> Result<(), StoreError>;

    /// The number of the newest durable change, to wait for the next one.
    fn newest_event(&self) -> watch::Receiver<u64>;
}
