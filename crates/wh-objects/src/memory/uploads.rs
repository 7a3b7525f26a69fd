//! Uploads in parts, in memory.

use std::collections::BTreeMap;
use std::ops::Bound;

use jiff::Timestamp;
use wh_names::BucketName;

use super::state::{Blocks, Object, State};
use super::{MemoryStore, take_in};
use crate::digest::{Announced, Hasher};
use crate::multipart::{KeptPart, assemble, check_algorithm, check_create, check_number, in_force};
use crate::object::whole_millis;
use crate::{
    ByteStream, CompleteUpload, CreateUpload, ListUploads, ObjectAddress, ObjectHeaders,
    ObjectMeta, PART_BYTES_MAX, PartMeta, PartsPage, StoreError, Stored, UploadId, UploadMarker,
    UploadMeta, UploadPart, UploadPartCopy, UploadsPage, range,
};

#[derive(Debug)]
pub(super) struct Upload {
    meta: UploadMeta,
    headers: ObjectHeaders,
    parts: BTreeMap<u16, (KeptPart, Blocks)>,
}

impl MemoryStore {
    pub(super) async fn take_part(
        &self,
        part: UploadPart,
        body: ByteStream,
        at: Timestamp,
    ) -> Result<PartMeta, StoreError> {
        check_number(part.number)?;
        let UploadPart { address, upload, number, expected, content_md5, size } = part;
        let declared = self.state().upload(&address, &upload)?.meta.checksum;
        let announced = Announced { size, content_md5, expected };
        check_algorithm(declared, announced.algorithm())?;
        let also = Some(in_force(declared).0);
        let (digests, blocks) = take_in(body, announced, also, PART_BYTES_MAX).await?;
        let kept = KeptPart { digests, modified: whole_millis(at) };
        let meta = kept.meta(number, declared);
        self.state().upload(&address, &upload)?.parts.insert(number, (kept, blocks));
        Ok(meta)
    }
}

impl State {
    fn upload(
        &mut self,
        address: &ObjectAddress,
        id: &UploadId,
    ) -> Result<&mut Upload, StoreError> {
        let uploads = &mut self.bucket_mut(&address.bucket)?.uploads;
        uploads.get_mut(&(address.key.clone(), id.clone())).ok_or(StoreError::NoSuchUpload)
    }

    pub(super) fn create_upload(
        &mut self,
        address: &ObjectAddress,
        create: CreateUpload,
        id: UploadId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        check_create(&create)?;
        let uploads = &mut self.bucket_mut(&address.bucket)?.uploads;
        let meta = UploadMeta {
            key: address.key.clone(),
            id: id.clone(),
            begun: whole_millis(at),
            checksum: create.checksum,
        };
        let upload = Upload { meta, headers: create.headers, parts: BTreeMap::new() };
        uploads.insert((address.key.clone(), id), upload);
        Ok(())
    }

    pub(super) fn copy_part(
        &mut self,
        part: &UploadPartCopy,
        at: Timestamp,
    ) -> Result<PartMeta, StoreError> {
        check_number(part.number)?;
        let declared = self.upload(&part.address, &part.upload)?.meta.checksum;
        let source = self.object(&part.from)?;
        part.source_conditions.judge_source(&source.meta)?;
        let range = range::resolve(part.range, source.meta.size)?;
        if range.end - range.start > PART_BYTES_MAX {
            return Err(StoreError::EntityTooLarge { max: PART_BYTES_MAX });
        }
        let blocks = Blocks::new(source.blocks.slice(&range));
        let mut hasher = Hasher::new([in_force(declared).0]);
        blocks.iter().for_each(|block| hasher.update(block));
        let kept = KeptPart { digests: hasher.finish(), modified: whole_millis(at) };
        let meta = kept.meta(part.number, declared);
        let upload = self.upload(&part.address, &part.upload)?;
        upload.parts.insert(part.number, (kept, blocks));
        Ok(meta)
    }

    pub(super) fn complete_upload(
        &mut self,
        complete: &CompleteUpload,
        at: Timestamp,
    ) -> Result<Stored, StoreError> {
        let address = &complete.address;
        let upload = self.upload(address, &complete.upload)?;
        let kept = upload.parts.iter().map(|(n, (k, _))| (*n, k.clone())).collect();
        let assembled = assemble(complete, upload.meta.checksum, &kept)?;
        let chosen = complete.parts.iter().filter_map(|p| upload.parts.get(&p.number));
        let blocks = chosen.flat_map(|(_, blocks)| blocks.iter().cloned()).collect();
        let meta = ObjectMeta::of_parts(&address.key, upload.headers.clone(), assembled, at);
        let object = Object { meta, blocks: Blocks::new(blocks) };
        let stored = self.put(&address.bucket, object, &complete.condition)?;
        self.abort_upload(address, &complete.upload)?;
        Ok(stored)
    }

    pub(super) fn abort_upload(
        &mut self,
        address: &ObjectAddress,
        id: &UploadId,
    ) -> Result<(), StoreError> {
        let uploads = &mut self.bucket_mut(&address.bucket)?.uploads;
        let removed = uploads.remove(&(address.key.clone(), id.clone()));
        removed.map(drop).ok_or(StoreError::NoSuchUpload)
    }

    pub(super) fn list_parts(
        &mut self,
        address: &ObjectAddress,
        id: &UploadId,
        after: u16,
        max: usize,
    ) -> Result<PartsPage, StoreError> {
        let upload = self.upload(address, id)?;
        let (meta, parts) = (upload.meta.clone(), &upload.parts);
        let parts: Vec<_> = parts
            .range((Bound::Excluded(after), Bound::Unbounded))
            .take(max.saturating_add(1))
            .map(|(number, (kept, _))| kept.meta(*number, meta.checksum))
            .collect();
        Ok(PartsPage::new(meta, parts, max))
    }

    pub(super) fn list_uploads(
        &self,
        bucket: &BucketName,
        list: &ListUploads,
    ) -> Result<UploadsPage, StoreError> {
        let uploads = self.bucket(bucket)?.uploads.values().map(|upload| &upload.meta);
        let page: Vec<_> = uploads
            .filter(|meta| list.prefix.covers(meta.key.as_str()) && is_after(meta, list))
            .take(list.max.saturating_add(1))
            .cloned()
            .collect();
        Ok(UploadsPage::new(page, list.max))
    }
}

fn is_after(meta: &UploadMeta, list: &ListUploads) -> bool {
    let Some(UploadMarker { key, upload }) = &list.after else { return true };
    let same_key = meta.key.as_str() == key;
    meta.key.as_str() > key.as_str()
        || (same_key && upload.as_ref().is_some_and(|after| meta.id > *after))
}
