//! The store in memory: the reference that the disk is compared with.

mod state;
mod uploads;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use jiff::Timestamp;
use wh_names::BucketName;

use crate::digest::{Announced, Digests, Hasher};
use crate::listing::Collector;
use crate::{
    BucketDocument, BucketMeta, ByteStream, ChecksumAlgorithm, CompleteUpload, CopyObject,
    CreateUpload, GetObject, ListObjects, ListPage, ListUploads, ListedObject, ObjectAddress,
    ObjectMeta, ObjectRead, ObjectStore, PUT_BYTES_MAX, PartMeta, PartsPage, PutObject,
    ReadConditions, StoreError, Stored, UploadId, UploadPart, UploadPartCopy, UploadsPage, range,
};
use state::{Blocks, Object, State};

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
    async fn create_bucket(&self, bucket: &BucketName, at: Timestamp) -> Result<(), StoreError> {
        self.state().create_bucket(bucket, at)
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

    async fn put_object(
        &self,
        address: &ObjectAddress,
        put: PutObject,
        body: ByteStream,
        at: Timestamp,
    ) -> Result<Stored, StoreError> {
        self.state().bucket(&address.bucket)?;
        let PutObject { headers, expected, content_md5, condition, size } = put;
        let announced = Announced { size, content_md5, expected };
        let algorithm = announced.algorithm().unwrap_or(ChecksumAlgorithm::Crc64Nvme);
        let (digests, blocks) = take_in(body, announced, None, PUT_BYTES_MAX).await?;
        let meta = ObjectMeta::of_body(&address.key, headers, &digests, algorithm, at);
        self.state().put(&address.bucket, Object { meta, blocks }, &condition)
    }

    async fn get_object(
        &self,
        address: &ObjectAddress,
        get: GetObject,
    ) -> Result<ObjectRead, StoreError> {
        let object = self.state().object(address)?.clone();
        get.conditions.judge(&object.meta)?;
        let range = range::resolve(get.range, object.meta.size)?;
        let blocks = object.blocks.slice(&range);
        let body = Box::pin(futures::stream::iter(blocks.into_iter().map(Ok)));
        Ok(ObjectRead { meta: object.meta, range, body })
    }

    async fn head_object(
        &self,
        address: &ObjectAddress,
        conditions: &ReadConditions,
    ) -> Result<ObjectMeta, StoreError> {
        let meta = self.state().object(address)?.meta.clone();
        conditions.judge(&meta)?;
        Ok(meta)
    }

    async fn copy_object(&self, copy: CopyObject, at: Timestamp) -> Result<Stored, StoreError> {
        copy.judge()?;
        let mut state = self.state();
        let source = state.object(&copy.from)?.clone();
        copy.source_conditions.judge_source(&source.meta)?;
        let object = Object { meta: source.meta.copied(&copy, at), blocks: source.blocks };
        state.put(&copy.to.bucket, object, &copy.condition)
    }

    async fn delete_object(&self, address: &ObjectAddress) -> Result<(), StoreError> {
        self.state().bucket_mut(&address.bucket)?.objects.remove(address.key.as_str());
        Ok(())
    }

    async fn list_objects(
        &self,
        bucket: &BucketName,
        list: ListObjects,
    ) -> Result<ListPage, StoreError> {
        let state = self.state();
        let mut collector = Collector::new(list);
        state.bucket(bucket)?.scan(collector.start(), collector.end(), |key, object| {
            collector.visit(key, || Ok(ListedObject::of(&object.meta)))
        })?;
        Ok(collector.finish())
    }

    async fn create_multipart_upload(
        &self,
        address: &ObjectAddress,
        create: CreateUpload,
        id: UploadId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.state().create_upload(address, create, id, at)
    }

    async fn upload_part(
        &self,
        part: UploadPart,
        body: ByteStream,
        at: Timestamp,
    ) -> Result<PartMeta, StoreError> {
        self.take_part(part, body, at).await
    }

    async fn upload_part_copy(
        &self,
        part: UploadPartCopy,
        at: Timestamp,
    ) -> Result<PartMeta, StoreError> {
        self.state().copy_part(&part, at)
    }

    async fn complete_multipart_upload(
        &self,
        complete: CompleteUpload,
        at: Timestamp,
    ) -> Result<Stored, StoreError> {
        self.state().complete_upload(&complete, at)
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
