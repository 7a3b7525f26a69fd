//! The store in memory: the reference that the disk is compared with.

mod state;
mod uploads;
mod versions;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use tokio::sync::watch;
use wh_names::BucketName;

use crate::digest::{Announced, Digests, Hasher};
use crate::listing::{Collector, Step};
use crate::object::Dress;
use crate::{
    BucketChange, BucketDocument, BucketMeta, BucketSettings, BucketUsage, ByteStream,
    ChecksumAlgorithm, CompleteUpload, CopyObject, CreateUpload, DeleteObject, Deleted, Event,
    EventKind, GetObject, HeadObject, ListObjects, ListPage, ListUploads, ListVersions,
    ListedObject, ObjectAddress, ObjectMeta, ObjectParts, ObjectRead, ObjectStore, PUT_BYTES_MAX,
    PartMeta, PartsPage, PutObject, Stamp, StoreError, Stored, UploadId, UploadPart,
    UploadPartCopy, UploadsPage, VersionAddress, VersionChange, VersionsPage, range,
};
use state::{Blocks, Object, State};
use versions::Write;

/// A store that forgets everything when it is dropped. Durable by its own, short measure.
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: Mutex<State>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a body in and judges it.
async fn take_in(
    mut body: ByteStream,
    announced: Announced,
    also: Option<ChecksumAlgorithm>,
    max: u64,
) -> Result<(Digests, Blocks), StoreError> {
    let mut hasher = Hasher::new(announced.algorithm().into_iter().chain(also));
    let mut blocks: Vec<Bytes> = Vec::new();
    let mut bytes = 0;
    while let Some(block) = body.next().await {
        let block = block.map_err(StoreError::Body)?;
        bytes += block.len() as u64;
        announced.judge_so_far(bytes, max)?;
        hasher.update(&block);
        blocks.push(block);
    }
    let digests = hasher.finish();
    announced.judge(&digests)?;
    Ok((digests, Blocks::new(blocks)))
}

#[async_trait]
impl ObjectStore for MemoryStore {
    fn capabilities(&self) -> crate::Capabilities {
        crate::Capabilities::all()
    }

    async fn create_bucket(
        &self,
        bucket: &BucketName,
        settings: BucketSettings,
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        settings.judge()?;
        self.state().create_bucket(bucket, settings, stamp)
    }

    async fn delete_bucket(&self, bucket: &BucketName) -> Result<(), StoreError> {
        self.state().delete_bucket(bucket)
    }

    async fn bucket(&self, bucket: &BucketName) -> Result<BucketMeta, StoreError> {
        let created = self.state().bucket(bucket)?.created;
        Ok(BucketMeta { name: bucket.clone(), created })
    }

    async fn list_buckets(&self) -> Result<Vec<BucketMeta>, StoreError> {
        Ok(self.state().list_buckets())
    }

    async fn put_bucket_document(
        &self,
        bucket: &BucketName,
        kind: BucketDocument,
        text: Option<&str>,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let documents = &mut state.bucket_mut(bucket)?.documents;
        match text {
            Some(text) => documents.insert(kind, text.into()),
            None => documents.remove(&kind),
        };
        Ok(())
    }

    async fn bucket_document(
        &self,
        bucket: &BucketName,
        kind: BucketDocument,
    ) -> Result<Option<Arc<str>>, StoreError> {
        Ok(self.state().bucket(bucket)?.documents.get(&kind).cloned())
    }

    async fn bucket_settings(&self, bucket: &BucketName) -> Result<BucketSettings, StoreError> {
        Ok(self.state().bucket(bucket)?.settings)
    }

    async fn change_bucket(
        &self,
        bucket: &BucketName,
        change: BucketChange,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let bucket = state.bucket_mut(bucket)?;
        bucket.settings = bucket.settings.changed(change)?;
        Ok(())
    }

    async fn bucket_usage(&self, bucket: &BucketName) -> Result<BucketUsage, StoreError> {
        Ok(self.state().bucket(bucket)?.usage())
    }

    async fn put_object(
        &self,
        address: &ObjectAddress,
        put: PutObject,
        body: ByteStream,
        stamp: &Stamp,
    ) -> Result<Stored, StoreError> {
        self.state().bucket(&address.bucket)?.has_room_for(&address.key, put.size)?;
        let PutObject { headers, tags, lock, expected, content_md5, condition, size } = put;
        let announced = Announced { size, content_md5, expected };
        let algorithm = announced.algorithm().unwrap_or(ChecksumAlgorithm::Crc64Nvme);
        let (digests, blocks) = take_in(body, announced, None, PUT_BYTES_MAX).await?;
        let dress = Dress { headers, tags, lock, encryption: None };
        let meta = ObjectMeta::of_body(&address.key, dress, &digests, algorithm, stamp.at);
        let write = Write { condition: &condition, kind: EventKind::Put, freed: 0, stamp };
        self.state().put(address, Object { meta, blocks, parts: None }, write)
    }

    async fn get_object(
        &self,
        address: &ObjectAddress,
        get: GetObject,
    ) -> Result<ObjectRead, StoreError> {
        let object = self.state().bucket(&address.bucket)?.read(&address.key, get.version)?;
        get.conditions.judge(&object.meta)?;
        let range = range::resolve(get.range, object.meta.size)?;
        let blocks = object.blocks.slice(&range);
        let body = Box::pin(futures::stream::iter(blocks.into_iter().map(Ok)));
        Ok(ObjectRead { meta: object.meta, range, body })
    }

    async fn head_object(
        &self,
        address: &ObjectAddress,
        head: HeadObject,
    ) -> Result<ObjectMeta, StoreError> {
        let object = self.state().bucket(&address.bucket)?.read(&address.key, head.version)?;
        head.conditions.judge(&object.meta)?;
        Ok(object.meta)
    }

    async fn object_parts(&self, at: &VersionAddress) -> Result<ObjectParts, StoreError> {
        let object = self.state().bucket(&at.object.bucket)?.read(&at.object.key, at.version)?;
        let parts = object.parts.map(|parts| parts.to_vec());
        Ok(ObjectParts { meta: object.meta, parts })
    }

    async fn copy_object(&self, copy: CopyObject, stamp: &Stamp) -> Result<Stored, StoreError> {
        copy.judge()?;
        let mut state = self.state();
        let from = state.bucket(&copy.from.bucket)?;
        let source = from.source(&copy.from.key, copy.from_version)?;
        copy.source_conditions.judge_source(&source.meta)?;
        let Object { meta, blocks, parts } = source;
        let object = Object { meta: meta.copied(&copy, stamp.at), blocks, parts };
        let write = Write { condition: &copy.condition, kind: EventKind::Copy, freed: 0, stamp };
        state.put(&copy.to, object, write)
    }

    async fn delete_object(
        &self,
        address: &ObjectAddress,
        delete: DeleteObject,
        stamp: &Stamp,
    ) -> Result<Deleted, StoreError> {
        self.state().delete(address, &delete, stamp)
    }

    async fn change_version(
        &self,
        address: &VersionAddress,
        change: VersionChange,
        stamp: &Stamp,
    ) -> Result<ObjectMeta, StoreError> {
        self.state().change_version(address, change, stamp)
    }

    async fn list_objects(
        &self,
        bucket: &BucketName,
        list: ListObjects,
    ) -> Result<ListPage, StoreError> {
        let state = self.state();
        let mut collector = Collector::new(list);
        state.bucket(bucket)?.scan(collector.start(), collector.end(), |key, versions| {
            match versions.first().and_then(|newest| newest.object.as_ref()) {
                Some(object) => collector.visit(key, || Ok(ListedObject::of(&object.meta))),
                None => Ok(Step::Next),
            }
        })?;
        Ok(collector.finish())
    }

    async fn list_object_versions(
        &self,
        bucket: &BucketName,
        list: ListVersions,
    ) -> Result<VersionsPage, StoreError> {
        self.state().list_versions(bucket, list)
    }

    async fn create_multipart_upload(
        &self,
        address: &ObjectAddress,
        create: CreateUpload,
        id: UploadId,
        stamp: &Stamp,
    ) -> Result<UploadId, StoreError> {
        self.state().create_upload(address, create, id.clone(), stamp)?;
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
        self.state().copy_part(&part, stamp)
    }

    async fn complete_multipart_upload(
        &self,
        complete: CompleteUpload,
        stamp: &Stamp,
    ) -> Result<Stored, StoreError> {
        self.state().complete_upload(&complete, stamp)
    }

    async fn abort_multipart_upload(
        &self,
        address: &ObjectAddress,
        upload: &UploadId,
    ) -> Result<(), StoreError> {
        self.state().abort_upload(address, upload)
    }

    async fn list_parts(
        &self,
        address: &ObjectAddress,
        upload: &UploadId,
        after: u16,
        max: usize,
    ) -> Result<PartsPage, StoreError> {
        self.state().list_parts(address, upload, after, max)
    }

    async fn list_multipart_uploads(
        &self,
        bucket: &BucketName,
        list: ListUploads,
    ) -> Result<UploadsPage, StoreError> {
        self.state().list_uploads(bucket, &list)
    }

    async fn events(&self, after: u64, max: usize) -> Result<Vec<Event>, StoreError> {
        self.state().events(after, max)
    }

    async fn trim_events(&self, before: u64) -> Result<(), StoreError> {
        self.state().trim_events(before);
        Ok(())
    }

    fn newest_event(&self) -> watch::Receiver<u64> {
        self.state().newest_event()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::MemoryStore;
    use crate::{ObjectStore, conformance};

    #[tokio::test]
    async fn the_memory_store_conforms() {
        conformance::run_all(async || Arc::new(MemoryStore::new()) as Arc<dyn ObjectStore>).await;
    }
}
