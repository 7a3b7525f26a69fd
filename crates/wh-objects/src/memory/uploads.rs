//! Uploads in parts, in memory.

use std::collections::BTreeMap;
use std::ops::Bound;

use wh_names::BucketName;

use super::state::{Blocks, Object, State};
use super::versions::Write;
use super::{MemoryStore, take_in};
use crate::digest::{Announced, Hasher};
use crate::listing::{Step, UploadCollector};
use crate::multipart::{
    KeptPart, assemble, check_algorithm, check_create, check_number, in_force, object_parts,
};
use crate::object::{Dress, whole_millis};
use crate::{
    ByteStream, CompleteUpload, CreateUpload, EventKind, ListUploads, ObjectAddress, ObjectMeta,
    PART_BYTES_MAX, PartMeta, PartsPage, Stamp, StoreError, Stored, UploadId, UploadMeta,
    UploadPart, UploadPartCopy, UploadsPage, lock, range,
};

#[derive(Debug)]
pub(super) struct Upload {
    meta: UploadMeta,
    dress: Dress,
    parts: BTreeMap<u16, (KeptPart, Blocks)>,
}

impl Upload {
    /// The bytes of its parts.
    pub(super) fn bytes(&self) -> u64 {
        self.parts.values().map(|(kept, _)| kept.digests.size).sum()
    }
}

impl MemoryStore {
    pub(super) async fn take_part(
        &self,
        part: UploadPart,
        body: ByteStream,
        stamp: &Stamp,
    ) -> Result<PartMeta, StoreError> {
        check_number(part.number)?;
        let UploadPart { address, upload, number, expected, content_md5, size } = part;
        let declared = self.state().upload(&address, &upload)?.meta.checksum;
        if let Some(size) = size {
            self.state().has_room_for_part((&address, &upload), number, size)?;
        }
        let announced = Announced { size, content_md5, expected };
        check_algorithm(declared, announced.algorithm())?;
        let also = Some(in_force(declared).0);
        let (digests, blocks) = take_in(body, announced, also, PART_BYTES_MAX).await?;
        let kept = KeptPart { digests, modified: whole_millis(stamp.at) };
        let meta = kept.meta(number, declared);
        self.state().keep_part((&address, &upload), number, (kept, blocks))?;
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

    /// Refuses a part of so many bytes that the bucket cannot hold in place of what is there.
    fn has_room_for_part(
        &mut self,
        (address, id): (&ObjectAddress, &UploadId),
        number: u16,
        size: u64,
    ) -> Result<(), StoreError> {
        let replaced = self.upload(address, id)?.parts.get(&number);
        let freed = replaced.map_or(0, |(kept, _)| kept.digests.size);
        self.bucket(&address.bucket)?.has_room(size, freed)
    }

    /// Puts a part in place of what is there, within the bucket's quota.
    fn keep_part(
        &mut self,
        (address, id): (&ObjectAddress, &UploadId),
        number: u16,
        part: (KeptPart, Blocks),
    ) -> Result<(), StoreError> {
        self.has_room_for_part((address, id), number, part.0.digests.size)?;
        self.upload(address, id)?.parts.insert(number, part);
        Ok(())
    }

    pub(super) fn create_upload(
        &mut self,
        address: &ObjectAddress,
        create: CreateUpload,
        id: UploadId,
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        check_create(&create)?;
        let bucket = self.bucket_mut(&address.bucket)?;
        lock::judge_given(bucket.settings.object_lock, create.lock, stamp.at)?;
        let uploads = &mut bucket.uploads;
        let meta = UploadMeta {
            key: address.key.clone(),
            id: id.clone(),
            begun: whole_millis(stamp.at),
            checksum: create.checksum,
        };
        let CreateUpload { headers, tags, lock, .. } = create;
        let dress = Dress { headers, tags, lock, encryption: None };
        let upload = Upload { meta, dress, parts: BTreeMap::new() };
        uploads.insert((address.key.clone(), id), upload);
        Ok(())
    }

    pub(super) fn copy_part(
        &mut self,
        part: &UploadPartCopy,
        stamp: &Stamp,
    ) -> Result<PartMeta, StoreError> {
        check_number(part.number)?;
        let declared = self.upload(&part.address, &part.upload)?.meta.checksum;
        let from = self.bucket(&part.from.bucket)?;
        let source = from.source(&part.from.key, part.from_version)?;
        part.source_conditions.judge_source(&source.meta)?;
        let range = range::resolve(part.range, source.meta.size)?;
        if range.end - range.start > PART_BYTES_MAX {
            return Err(StoreError::EntityTooLarge { max: PART_BYTES_MAX });
        }
        let blocks = Blocks::new(source.blocks.slice(&range));
        let mut hasher = Hasher::new([in_force(declared).0]);
        blocks.iter().for_each(|block| hasher.update(block));
        let kept = KeptPart { digests: hasher.finish(), modified: whole_millis(stamp.at) };
        let meta = kept.meta(part.number, declared);
        self.keep_part((&part.address, &part.upload), part.number, (kept, blocks))?;
        Ok(meta)
    }

    pub(super) fn complete_upload(
        &mut self,
        complete: &CompleteUpload,
        stamp: &Stamp,
    ) -> Result<Stored, StoreError> {
        let address = &complete.address;
        let upload = self.upload(address, &complete.upload)?;
        let kept = upload.parts.iter().map(|(n, (k, _))| (*n, k.clone())).collect();
        let assembled = assemble(complete, upload.meta.checksum, &kept)?;
        let chosen = complete.parts.iter().filter_map(|p| upload.parts.get(&p.number));
        let blocks = chosen.flat_map(|(_, blocks)| blocks.iter().cloned()).collect();
        let freed = upload.bytes();
        let meta = ObjectMeta::of_parts(&address.key, upload.dress.clone(), assembled, stamp.at);
        let parts = object_parts(complete, upload.meta.checksum, &kept);
        let object = Object { meta, blocks: Blocks::new(blocks), parts: Some(parts.into()) };
        let (condition, kind) = (&complete.condition, EventKind::CompleteMultipartUpload);
        let stored = self.put(address, object, Write { condition, kind, freed, stamp })?;
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
        let mut collector = UploadCollector::new(list.clone());
        let (mut start, end) = (collector.start(), collector.end());
        let within = collector.within().map(|(key, id)| (key.to_owned(), id.to_owned()));
        for meta in self.bucket(bucket)?.uploads.values().map(|upload| &upload.meta) {
            let (key, id) = (meta.key.as_str(), meta.id.as_str());
            let early = within.as_ref().is_some_and(|(k, i)| (key, id) <= (k.as_str(), i.as_str()));
            let late = end.as_ref().is_some_and(|end| key.as_bytes() >= end.as_slice());
            if early || late || key.as_bytes() < start.as_slice() {
                continue;
            }
            match collector.visit(key, || Ok(meta.clone()))? {
                Step::Next => {}
                Step::Stop => break,
                Step::SeekTo(next) => start = next,
            }
        }
        Ok(collector.finish())
    }
}
