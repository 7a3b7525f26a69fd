//! The store on a local disk: an index in SQLite, and files for what does not fit in it.
//!
//! Invariant: what is acknowledged is durable, in this order: bytes synced, file named, folder
//! synced, index committed. A crash at any point leaves the old object or the new one, and at most
//! a file that the next opening collects.

mod bare;
mod blob;
mod blobs;
mod buckets;
mod check;
mod closed;
mod closing;
mod codec;
mod events;
mod extent;
mod folder;
mod give;
mod harm;
mod health;
mod holders;
mod index;
mod lane;
mod md5_pool;
mod objects;
mod open;
mod opening;
mod options;
mod orphans;
mod parts;
mod repair;
mod rewrap;
mod rows;
#[cfg(any(test, feature = "schedules"))]
pub mod schedules;
mod scrub;
mod seal;
mod shelf;
mod snapshot;
mod sound;
mod sync;
mod take;
mod upgrade;
mod uploads;
mod version_list;
mod versions;
mod write;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::watch;
use wh_names::BucketName;

pub use check::{CheckReport, Counts, Depth, Finding, FindingKind, check};
pub(crate) use extent::BlobId;
pub(crate) use folder::{FORMAT, Folder, sync_folder};
pub use holders::Owner;
pub(crate) use opening::Opening;
pub use options::{DiskOptions, Durability, OpenError};
pub use repair::{Doomed, Repair, RepairError, RepairPlan, RepairReport, plan_repair};
pub use rewrap::Rewrapped;
pub use scrub::{DamagedBlob, ScrubOptions, ScrubPass, ScrubStatus};
pub use seal::{KeyId, Keyring, KeyringError, Keys};
pub(crate) use snapshot::Snapshot;

use crate::{
    BucketChange, BucketDocument, BucketMeta, BucketSettings, BucketUsage, ByteStream,
    CompleteUpload, CopyObject, CreateUpload, DeleteObject, Deleted, Encryption, Event, GetObject,
    HeadObject, ListObjects, ListPage, ListUploads, ListVersions, ObjectAddress, ObjectMeta,
    ObjectParts, ObjectRead, ObjectStore, PartMeta, PartsPage, PutObject, Stamp, StoreError,
    Stored, UploadId, UploadPart, UploadPartCopy, UploadsPage, VersionAddress, VersionChange,
    VersionsPage,
};
use buckets::Buckets;
use events::Feed;
use health::Health;
use index::{Readers, Writer};
use md5_pool::Md5Pool;
use shelf::Shelf;
use snapshot::RawIndex;
use take::Writing;

/// A store on a local disk. One process at a time has it open.
#[derive(Debug)]
pub struct DiskStore {
    // The writer first: when it is dropped it waits for its thread, and the lock goes last.
    writer: Arc<Writer>,
    readers: Arc<Readers>,
    buckets: Arc<Buckets>,
    feed: Feed,
    shelf: Arc<Shelf>,
    health: Arc<Health>,
    raw_index: Arc<RawIndex>,
    hashing: Md5Pool<Writing>,
    scrubbing: tokio::sync::Mutex<()>,
    lock: std::fs::File,
}

impl DiskStore {
    /// Opens the store in a folder, and makes it when there is none. What a crash left behind is
    /// collected in the background.
    pub async fn open(options: DiskOptions) -> Result<Self, OpenError> {
        open::open(options).await
    }

    /// How what is written now is encrypted at rest, if it is.
    pub fn encryption(&self) -> Option<Encryption> {
        self.shelf.sealing().current().map(|_| Encryption::Aes256)
    }

    /// Ends writing, waits for what is under way in the index, and releases the folder. Whatever
    /// is asked of the store afterwards is refused with [`StoreError::Closed`].
    pub async fn close(&self) {
        self.health.close();
        self.readers.close();
        let writer = Arc::clone(&self.writer);
        if tokio::task::spawn_blocking(move || writer.close()).await.is_err() {
            tracing::warn!("the runtime ended before the store was closed");
        }
        if let Err(error) = self.lock.unlock() {
            tracing::warn!(%error, "the store's lock was not released");
        }
    }
}

#[async_trait]
impl ObjectStore for DiskStore {
    fn capabilities(&self) -> crate::Capabilities {
        crate::Capabilities::all()
    }

    async fn create_bucket(
        &self,
        bucket: &BucketName,
        settings: BucketSettings,
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        self.make_bucket(bucket.clone(), settings, stamp).await
    }

    async fn delete_bucket(&self, bucket: &BucketName) -> Result<(), StoreError> {
        self.remove_bucket(bucket.clone()).await
    }

    async fn bucket(&self, bucket: &BucketName) -> Result<BucketMeta, StoreError> {
        let created = self.buckets.get(bucket)?.created;
        Ok(BucketMeta { name: bucket.clone(), created })
    }

    async fn list_buckets(&self) -> Result<Vec<BucketMeta>, StoreError> {
        Ok(self.buckets.list())
    }

    async fn put_bucket_document(
        &self,
        bucket: &BucketName,
        kind: BucketDocument,
        text: Option<&str>,
    ) -> Result<(), StoreError> {
        self.keep_document(bucket.clone(), kind, text.map(Arc::from)).await
    }

    async fn bucket_document(
        &self,
        bucket: &BucketName,
        kind: BucketDocument,
    ) -> Result<Option<Arc<str>>, StoreError> {
        Ok(self.buckets.get(bucket)?.documents.get(&kind).cloned())
    }

    async fn bucket_settings(&self, bucket: &BucketName) -> Result<BucketSettings, StoreError> {
        Ok(self.buckets.get(bucket)?.settings)
    }

    async fn change_bucket(
        &self,
        bucket: &BucketName,
        change: BucketChange,
    ) -> Result<(), StoreError> {
        self.change_settings(bucket.clone(), change).await
    }

    async fn bucket_usage(&self, bucket: &BucketName) -> Result<BucketUsage, StoreError> {
        self.usage(bucket.clone()).await
    }

    async fn put_object(
        &self,
        address: &ObjectAddress,
        put: PutObject,
        body: ByteStream,
        stamp: &Stamp,
    ) -> Result<Stored, StoreError> {
        self.put(address, put, body, stamp).await
    }

    async fn get_object(
        &self,
        address: &ObjectAddress,
        get: GetObject,
    ) -> Result<ObjectRead, StoreError> {
        self.get(address, get).await
    }

    async fn head_object(
        &self,
        address: &ObjectAddress,
        head: HeadObject,
    ) -> Result<ObjectMeta, StoreError> {
        self.head(address, head).await
    }

    async fn object_parts(&self, at: &VersionAddress) -> Result<ObjectParts, StoreError> {
        self.parts_of(at.clone()).await
    }

    async fn copy_object(&self, copy: CopyObject, stamp: &Stamp) -> Result<Stored, StoreError> {
        self.copy(copy, stamp).await
    }

    async fn delete_object(
        &self,
        address: &ObjectAddress,
        delete: DeleteObject,
        stamp: &Stamp,
    ) -> Result<Deleted, StoreError> {
        self.delete(address.clone(), delete, stamp).await
    }

    async fn change_version(
        &self,
        address: &VersionAddress,
        change: VersionChange,
        stamp: &Stamp,
    ) -> Result<ObjectMeta, StoreError> {
        self.change(address.clone(), change, stamp).await
    }

    async fn list_objects(
        &self,
        bucket: &BucketName,
        list: ListObjects,
    ) -> Result<ListPage, StoreError> {
        self.list(bucket, list).await
    }

    async fn list_object_versions(
        &self,
        bucket: &BucketName,
        list: ListVersions,
    ) -> Result<VersionsPage, StoreError> {
        self.list_versions(bucket, list).await
    }

    async fn create_multipart_upload(
        &self,
        address: &ObjectAddress,
        create: CreateUpload,
        id: UploadId,
        stamp: &Stamp,
    ) -> Result<UploadId, StoreError> {
        self.begin_upload(address.clone(), create, id.clone(), stamp).await?;
        Ok(id)
    }

    async fn upload_part(
        &self,
        part: UploadPart,
        body: ByteStream,
        stamp: &Stamp,
    ) -> Result<PartMeta, StoreError> {
        self.take_part(part, body, stamp).await
    }

    async fn upload_part_copy(
        &self,
        part: UploadPartCopy,
        stamp: &Stamp,
    ) -> Result<PartMeta, StoreError> {
        self.copy_part(part, stamp).await
    }

    async fn complete_multipart_upload(
        &self,
        complete: CompleteUpload,
        stamp: &Stamp,
    ) -> Result<Stored, StoreError> {
        self.complete_upload(complete, stamp).await
    }

    async fn abort_multipart_upload(
        &self,
        address: &ObjectAddress,
        upload: &UploadId,
    ) -> Result<(), StoreError> {
        self.abort_upload(address.clone(), upload.clone()).await
    }

    async fn list_parts(
        &self,
        address: &ObjectAddress,
        upload: &UploadId,
        after: u16,
        max: usize,
    ) -> Result<PartsPage, StoreError> {
        self.parts(address.clone(), upload.clone(), after, max).await
    }

    async fn list_multipart_uploads(
        &self,
        bucket: &BucketName,
        list: ListUploads,
    ) -> Result<UploadsPage, StoreError> {
        self.uploads(bucket, list).await
    }

    async fn events(&self, after: u64, max: usize) -> Result<Vec<Event>, StoreError> {
        self.read_events(after, max).await
    }

    async fn trim_events(&self, before: u64) -> Result<(), StoreError> {
        self.forget_events(before).await
    }

    fn newest_event(&self) -> watch::Receiver<u64> {
        self.feed.subscribe()
    }
}
