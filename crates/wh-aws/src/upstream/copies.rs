//! Copies within the upstream store: it copies, and no byte passes the gateway.

use aws_sdk_s3::types::{MetadataDirective, TaggingDirective};
use wh_objects::{
    CopyObject, HeadObject, ObjectHeaders, ObjectMeta, PartMeta, StoreError, Stored, Tags,
    UploadPartCopy, VersionId,
};

use super::UpstreamStore;
use super::fault::fault;
use super::meta::{Told, checksum_of, dressed, sent};
use super::objects::Summed;
use super::uploads::check_number;
use super::wire::{
    bare, broken, copy_source, date, encryption, lock_fields, quoted, tags_header, time, version,
    write_headers,
};

impl UpstreamStore {
    pub(super) async fn copy(&self, copy: CopyObject) -> Result<Stored, StoreError> {
        const DOING: &str = "copying an object";
        let bucket = self.visible(&copy.to.bucket)?;
        copy.judge()?;
        let source = self.source((&copy.from, copy.from_version)).await?;
        let own_tags = copy.tags.clone().unwrap_or_default();
        let pinned = self.pinned((&copy.to, None), &copy.condition).await?;
        let (if_match, if_none_match) = write_headers(&copy.condition);
        let (mode, until, hold) = lock_fields(&copy.lock);
        let replaces = copy.headers.is_some();
        let headers = copy.headers.unwrap_or_default();
        self.may_bring((&headers, &own_tags, &copy.lock))?;
        let conditions = &copy.source_conditions;
        let call = self.clients.slow.copy_object().bucket(bucket).key(copy.to.key.as_str());
        let call = if replaces {
            dressed!(call, headers).metadata_directive(MetadataDirective::Replace)
        } else {
            call
        };
        let call = call
            .copy_source(copy_source(&copy.from, source.version))
            .set_copy_source_if_match(conditions.if_match.clone().or(Some(quoted(&source.etag))))
            .set_copy_source_if_none_match(conditions.if_none_match.clone())
            .set_copy_source_if_modified_since(conditions.if_modified_since.map(date))
            .set_copy_source_if_unmodified_since(conditions.if_unmodified_since.map(date))
            .set_tagging_directive(copy.tags.as_ref().map(|_| TaggingDirective::Replace))
            .set_tagging(copy.tags.as_ref().and_then(tags_header))
            .set_object_lock_mode(mode)
            .set_object_lock_retain_until_date(until)
            .set_object_lock_legal_hold_status(hold)
            .set_if_match(pinned.or(if_match))
            .set_if_none_match(if_none_match);
        let answer = sent!(call, headers).await.map_err(|error| of_copy(fault(DOING, error)))?;
        let result = answer.copy_object_result();
        let result = result.ok_or_else(|| broken(DOING, "nothing about the copy"))?;
        let told = Told {
            size: source.size,
            etag: bare(result.e_tag()),
            modified: time(result.last_modified())?,
            version: version(answer.version_id())?,
            headers: ObjectHeaders::default(),
            checksum: checksum_of!(result),
            lock: copy.lock,
            encryption: encryption(answer.server_side_encryption()),
            tag_count: None,
        };
        Ok(Stored::acknowledged(&told.into_meta(&copy.to.key, Tags::default())))
    }

    /// The source of a copy: it is looked at first, so that what is said of it is said in its words.
    async fn source(
        &self,
        (from, version): (&wh_objects::ObjectAddress, Option<VersionId>),
    ) -> Result<ObjectMeta, StoreError> {
        let head = HeadObject { version, ..HeadObject::default() };
        match self.head(from, head).await {
            Err(StoreError::DeleteMarker { .. }) => {
                let why = "the source of a copy cannot be a delete marker";
                Err(StoreError::InvalidRequest { why })
            }
            other => other,
        }
    }

    pub(super) async fn copy_part(&self, part: UploadPartCopy) -> Result<PartMeta, StoreError> {
        const DOING: &str = "copying a part";
        let bucket = self.visible(&part.address.bucket)?;
        check_number(part.number)?;
        let source = self.source((&part.from, part.from_version)).await?;
        let range = part.range.map_or(Ok(0..source.size), |range| range.resolve(source.size))?;
        // S3 takes a range of a copy only with both ends, and none of an empty object.
        let ends = part.range.map(|_| format!("bytes={}-{}", range.start, range.end - 1));
        let conditions = &part.source_conditions;
        let call = self.clients.slow.upload_part_copy().bucket(bucket);
        let answer = call
            .key(part.address.key.as_str())
            .upload_id(part.upload.as_str())
            .part_number(i32::from(part.number))
            .copy_source(copy_source(&part.from, source.version))
            .set_copy_source_range(ends)
            .set_copy_source_if_match(conditions.if_match.clone().or(Some(quoted(&source.etag))))
            .set_copy_source_if_none_match(conditions.if_none_match.clone())
            .set_copy_source_if_modified_since(conditions.if_modified_since.map(date))
            .set_copy_source_if_unmodified_since(conditions.if_unmodified_since.map(date))
            .send()
            .await
            .map_err(|error| of_copy(fault(DOING, error)))?;
        let result = answer.copy_part_result();
        let result = result.ok_or_else(|| broken(DOING, "nothing about the part"))?;
        Ok(PartMeta {
            number: part.number,
            size: range.end.saturating_sub(range.start),
            etag: bare(result.e_tag()),
            checksum: part_sum(result),
            modified: time(result.last_modified())?,
        })
    }
}

fn part_sum(result: &aws_sdk_s3::types::CopyPartResult) -> Summed {
    let values = [
        result.checksum_crc32(),
        result.checksum_crc32_c(),
        result.checksum_crc64_nvme(),
        result.checksum_sha1(),
        result.checksum_sha256(),
    ];
    super::meta::checksum(values, wh_objects::ChecksumKind::FullObject)
}

/// Conditions on a source fail in one way.
fn of_copy(error: StoreError) -> StoreError {
    if matches!(error, StoreError::NotModified { .. }) {
        StoreError::PreconditionFailed
    } else {
        error
    }
}
