//! The store of a gateway: objects in another S3 store, under the keys that people see.
//!
//! Every operation of the port is the S3 operation of the same name. What the upstream has no notion of
//! (bucket policies and the other documents that the gate enforces) lies in a bucket of its own, the
//! control bucket; what neither can keep is refused ([`Capability`]). See docs/gateway.md.
//!
//! Invariant: nothing of an object is kept here. A gateway may be killed at any time, and many may stand
//! before one upstream.

mod body;
mod buckets;
mod clients;
mod control;
mod copies;
mod fault;
mod lists;
mod meta;
mod objects;
mod probe;
mod uploads;
mod version_list;
mod versions;
mod wire;

pub use clients::UpstreamOptions;
pub use probe::{Finding, Findings, Verdict};

use std::sync::Arc;

use async_trait::async_trait;
use moka::future::Cache;
use tokio::sync::{Mutex, watch};
use wh_names::{BucketName, Entropy};
use wh_objects::{
    BucketChange, BucketDocument, BucketMeta, BucketSettings, BucketUsage, ByteStream,
    Capabilities, Capability, CompleteUpload, CopyObject, CreateUpload, DeleteObject, Deleted,
    Event, GetObject, HeadObject, ListObjects, ListPage, ListUploads, ListVersions, ObjectAddress,
    ObjectMeta, ObjectRead, ObjectStore, PartMeta, PartsPage, PutObject, Stamp, StoreError, Stored,
    UploadId, UploadPart, UploadPartCopy, UploadsPage, VersionAddress, VersionChange, VersionsPage,
};

use clients::Clients;
use control::Control;

/// An upstream S3 store, as a store of objects.
#[derive(Debug)]
pub struct UpstreamStore {
    clients: Clients,
    region: String,
    control: Control,
    findings: Findings,
    settings: Cache<(BucketName, u64), BucketSettings>,
    /// Buckets are made and removed one at a time.
    housekeeping: Mutex<()>,
    no_events: watch::Sender<u64>,
}

impl UpstreamStore {
    /// Reaches the upstream, makes the control bucket where it is missing, and finds out what the
    /// upstream can do. Refuses one that cannot be reached, or that breaks S3's rules in a way that no
    /// refusal could make good.
    pub async fn open(options: UpstreamOptions, entropy: &Entropy) -> Result<Self, StoreError> {
        let clients = Clients::new(&options).await?;
        let control = Control::new(&clients, options.control_bucket.clone());
        let region = options.region.as_str().to_owned();
        buckets::make_control(&clients, (control.bucket(), &region)).await?;
        let findings = probe::probe(&clients, control.bucket(), entropy).await?;
        let settings =
            Cache::builder().max_capacity(control::KEPT_MAX).time_to_live(control::AGE_MAX).build();
        let (housekeeping, no_events) = (Mutex::default(), watch::Sender::new(0));
        Ok(Self { clients, region, control, findings, settings, housekeeping, no_events })
    }

    /// What was found out about the upstream.
    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    fn needs(&self, one: Capability) -> Result<(), StoreError> {
        self.findings.capabilities.needs(one)
    }

    /// The name of a bucket that clients may know of: any but the control bucket.
    fn visible<'a>(&self, bucket: &'a BucketName) -> Result<&'a str, StoreError> {
        if bucket == self.control.bucket() {
            return Err(StoreError::NoSuchBucket);
        }
        Ok(bucket.as_str())
    }
}

#[async_trait]
impl ObjectStore for UpstreamStore {
    fn capabilities(&self) -> Capabilities {
        self.findings.capabilities.clone()
    }

    async fn create_bucket(
        &self,
        bucket: &BucketName,
        settings: BucketSettings,
        _stamp: &Stamp,
    ) -> Result<(), StoreError> {
        self.make_bucket(bucket, settings).await
    }

    async fn delete_bucket(&self, bucket: &BucketName) -> Result<(), StoreError> {
        self.remove_bucket(bucket).await
    }

    async fn bucket(&self, bucket: &BucketName) -> Result<BucketMeta, StoreError> {
        self.one_bucket(bucket).await
    }

    async fn list_buckets(&self) -> Result<Vec<BucketMeta>, StoreError> {
        self.every_bucket(None).await
    }

    async fn put_bucket_document(
        &self,
        bucket: &BucketName,
        kind: BucketDocument,
        text: Option<&str>,
    ) -> Result<(), StoreError> {
        self.put_document(bucket, kind, text).await
    }

    async fn bucket_document(
        &self,
        bucket: &BucketName,
        kind: BucketDocument,
    ) -> Result<Option<Arc<str>>, StoreError> {
        self.document(bucket, kind).await
    }

    async fn bucket_settings(&self, bucket: &BucketName) -> Result<BucketSettings, StoreError> {
        self.settings_of(bucket).await
    }

    async fn change_bucket(
        &self,
        bucket: &BucketName,
        change: BucketChange,
    ) -> Result<(), StoreError> {
        self.change_settings(bucket, change).await
    }

    async fn bucket_usage(&self, bucket: &BucketName) -> Result<BucketUsage, StoreError> {
        self.visible(bucket)?;
        self.needs(Capability::Usage).map(|()| BucketUsage::default())
    }

    async fn put_object(
        &self,
        address: &ObjectAddress,
        put: PutObject,
        body: ByteStream,
        stamp: &Stamp,
    ) -> Result<Stored, StoreError> {
        self.put(address, put, (body, stamp)).await
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

    async fn copy_object(&self, copy: CopyObject, _stamp: &Stamp) -> Result<Stored, StoreError> {
        Box::pin(self.copy(copy)).await
    }

    async fn delete_object(
        &self,
        address: &ObjectAddress,
        delete: DeleteObject,
        _stamp: &Stamp,
    ) -> Result<Deleted, StoreError> {
        self.delete(address, delete).await
    }

    async fn change_version(
        &self,
        address: &VersionAddress,
        change: VersionChange,
        _stamp: &Stamp,
    ) -> Result<ObjectMeta, StoreError> {
        self.change(address, change).await
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
        _id: UploadId,
        _stamp: &Stamp,
    ) -> Result<UploadId, StoreError> {
        self.begin_upload(address, create).await
    }

    async fn upload_part(
        &self,
        part: UploadPart,
        body: ByteStream,
        stamp: &Stamp,
    ) -> Result<PartMeta, StoreError> {
        self.put_part(part, body, stamp).await
    }

    async fn upload_part_copy(
        &self,
        part: UploadPartCopy,
        _stamp: &Stamp,
    ) -> Result<PartMeta, StoreError> {
        self.copy_part(part).await
    }

    async fn complete_multipart_upload(
        &self,
        complete: CompleteUpload,
        _stamp: &Stamp,
    ) -> Result<Stored, StoreError> {
        self.complete(complete).await
    }

    async fn abort_multipart_upload(
        &self,
        address: &ObjectAddress,
        upload: &UploadId,
    ) -> Result<(), StoreError> {
        self.abort(address, upload).await
    }

    async fn list_parts(
        &self,
        address: &ObjectAddress,
        upload: &UploadId,
        after: u16,
        max: usize,
    ) -> Result<PartsPage, StoreError> {
        self.parts(address, upload, (after, max)).await
    }

    async fn list_multipart_uploads(
        &self,
        bucket: &BucketName,
        list: ListUploads,
    ) -> Result<UploadsPage, StoreError> {
        self.uploads(bucket, list).await
    }

    async fn events(&self, _after: u64, _max: usize) -> Result<Vec<Event>, StoreError> {
        self.needs(Capability::Events).map(|()| Vec::new())
    }

    async fn trim_events(&self, _before: u64) -> Result<(), StoreError> {
        self.needs(Capability::Events)
    }

    /// It stays 0: there is no feed to wait for.
    fn newest_event(&self) -> watch::Receiver<u64> {
        self.no_events.subscribe()
    }
}
