//! Uploads in parts, under the ids that the upstream store gives them.

use aws_sdk_s3::types::{self, CompletedMultipartUpload, EncodingType};
use wh_names::BucketName;
use wh_objects::{
    BodyCheck, ByteStream, Capability, Checksum, ChecksumAlgorithm, ChecksumKind, CompleteUpload,
    CompletedPart, CreateUpload, HeadObject, ListUploads, ObjectAddress, PART_BYTES_MAX,
    PART_NUMBER_MAX, PartMeta, PartsPage, Stamp, StoreError, Stored, UploadId, UploadMarker,
    UploadMeta, UploadPart, UploadsPage, WriteCondition,
};

use super::UpstreamStore;
use super::body::{Fate, outgoing};
use super::fault::fault;
use super::lists::{PAGE_MAX, key};
use super::meta::{checksum, dressed, sent, with_checksum};
use super::objects::{Announced, unmeasured};
use super::wire::{
    self, algorithm, bare, broken, checked_by, decoded, length, lock_fields, quoted, signed,
    tags_header, time, version, write_headers,
};

type Declared = Option<(ChecksumAlgorithm, ChecksumKind)>;

/// Refuses part numbers outside of 1–10,000.
pub(super) fn check_number(number: u16) -> Result<(), StoreError> {
    if (1..=PART_NUMBER_MAX).contains(&number) {
        return Ok(());
    }
    Err(StoreError::InvalidRequest { why: "a part's number must be between 1 and 10,000" })
}

impl UpstreamStore {
    pub(super) async fn begin_upload(
        &self,
        address: &ObjectAddress,
        create: CreateUpload,
    ) -> Result<UploadId, StoreError> {
        const DOING: &str = "beginning an upload";
        let bucket = self.visible(&address.bucket)?;
        create.judge()?;
        self.may_bring((&create.headers, &create.tags, &create.lock))?;
        if create.checksum.is_some_and(|(algorithm, _)| !self.findings.verifies(algorithm)) {
            return Err(StoreError::NotKept { what: "checksums of uploads by this algorithm" });
        }
        let (sum, kind) = create.checksum.unzip();
        let (mode, until, hold) = lock_fields(&create.lock);
        let call = self.clients.write.create_multipart_upload().bucket(bucket);
        let call = dressed!(call.key(address.key.as_str()), create.headers)
            .set_tagging(tags_header(&create.tags))
            .set_object_lock_mode(mode)
            .set_object_lock_retain_until_date(until)
            .set_object_lock_legal_hold_status(hold)
            .set_checksum_algorithm(sum.map(algorithm))
            .set_checksum_type(kind.map(wire::kind));
        let answer = sent!(call, create.headers).await.map_err(|error| fault(DOING, error))?;
        let id = answer.upload_id().unwrap_or_default();
        UploadId::parse(id).map_err(|_| broken(DOING, "an id that no client could send"))
    }

    pub(super) async fn put_part(
        &self,
        part: UploadPart,
        body: ByteStream,
        stamp: &Stamp,
    ) -> Result<PartMeta, StoreError> {
        const DOING: &str = "putting a part";
        let bucket = self.visible(&part.address.bucket)?;
        check_number(part.number)?;
        let size = part.size.ok_or_else(unmeasured)?;
        // Only the client knows by which algorithm the upload is checked.
        let announced = self.announced(part.expected.as_ref(), None);
        let fate = Fate::default();
        let check =
            BodyCheck::new(Some(size), part.content_md5.clone(), part.expected, PART_BYTES_MAX);
        let body = outgoing(body, (check, size), &fate).await?;
        let call = self.clients.body.upload_part().bucket(bucket).key(part.address.key.as_str());
        let call = call
            .upload_id(part.upload.as_str())
            .part_number(i32::from(part.number))
            .set_content_md5(part.content_md5)
            .content_length(signed(size))
            .body(body);
        let call = match announced {
            Announced::Nothing => call,
            Announced::Value(algorithm, value) => with_checksum!(call, algorithm, Some(value)),
            Announced::Trailer(algorithm) => call.checksum_algorithm(wire::algorithm(algorithm)),
        };
        let answer = fate.answered(call.send()).await?;
        let answer = answer.map_err(|e| fate.refused().unwrap_or_else(|| fault(DOING, e)))?;
        let values = [
            answer.checksum_crc32(),
            answer.checksum_crc32_c(),
            answer.checksum_crc64_nvme(),
            answer.checksum_sha1(),
            answer.checksum_sha256(),
        ];
        Ok(PartMeta {
            number: part.number,
            size,
            etag: bare(answer.e_tag()),
            checksum: checksum(values, ChecksumKind::FullObject),
            modified: stamp.at,
        })
    }

    pub(super) async fn complete(&self, complete: CompleteUpload) -> Result<Stored, StoreError> {
        const DOING: &str = "completing an upload";
        let bucket = self.visible(&complete.address.bucket)?;
        if complete.parts.is_empty() {
            return Err(StoreError::InvalidRequest { why: "an object needs at least one part" });
        }
        if !complete.parts.is_sorted_by(|a, b| a.number < b.number) {
            return Err(StoreError::InvalidPartOrder);
        }
        let summed = complete.parts.iter().any(|part| part.checksum.is_some());
        let declared = if summed || complete.expected.is_some() {
            self.parts_once(&complete.address, &complete.upload, (0, 1)).await?.1
        } else {
            None
        };
        if matches!(complete.condition, WriteCondition::IfSequence(_)) {
            return Err(StoreError::NotKept { what: Capability::Sequences.as_str() });
        }
        let pinned = self.pinned((&complete.address, None), &complete.condition).await?;
        let (if_match, if_none_match) = write_headers(&complete.condition);
        let (sum, kind) = in_force(declared);
        let parts = complete.parts.iter().map(|part| named(part, sum)).collect();
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let call = self.clients.slow.complete_multipart_upload().bucket(bucket);
        let call = call
            .key(complete.address.key.as_str())
            .upload_id(complete.upload.as_str())
            .multipart_upload(parts)
            .set_mpu_object_size(complete.object_size.map(signed))
            .set_if_match(pinned.or(if_match))
            .set_if_none_match(if_none_match);
        let call = match complete.expected {
            Some(value) => {
                with_checksum!(call, sum, Some(value)).set_checksum_type(Some(wire::kind(kind)))
            }
            None => call,
        };
        let answer = call.send().await.map_err(|error| of_whole(fault(DOING, error), sum))?;
        // S3 tells no size here: it is asked for, of this very version.
        let version = version(answer.version_id())?;
        let head = HeadObject { version, ..HeadObject::default() };
        let mut meta = self.head(&complete.address, head).await?;
        meta.etag = bare(answer.e_tag());
        Ok(Stored::acknowledged(&meta))
    }

    pub(super) async fn abort(
        &self,
        address: &ObjectAddress,
        upload: &UploadId,
    ) -> Result<(), StoreError> {
        let bucket = self.visible(&address.bucket)?;
        let call = self.clients.write.abort_multipart_upload().bucket(bucket);
        let call = call.key(address.key.as_str()).upload_id(upload.as_str()).send().await;
        call.map(drop).map_err(|error| fault("aborting an upload", error))
    }

    pub(super) async fn parts(
        &self,
        address: &ObjectAddress,
        upload: &UploadId,
        (after, max): (u16, usize),
    ) -> Result<PartsPage, StoreError> {
        let asked = (after, max.clamp(1, PAGE_MAX));
        let (mut parts, declared, truncated) = self.parts_once(address, upload, asked).await?;
        parts.truncate(max);
        let truncated = truncated && max > 0;
        let next_after = parts.last().filter(|_| truncated).map(|part| part.number);
        let begun = self.begun(address, upload).await?;
        let (key, id) = (address.key.clone(), upload.clone());
        let upload = UploadMeta { key, id, begun, checksum: declared };
        Ok(PartsPage { upload, parts, truncated, next_after })
    }

    async fn parts_once(
        &self,
        address: &ObjectAddress,
        upload: &UploadId,
        (after, max): (u16, usize),
    ) -> Result<(Vec<PartMeta>, Declared, bool), StoreError> {
        let bucket = self.visible(&address.bucket)?;
        let call = self.clients.read.list_parts().bucket(bucket).key(address.key.as_str());
        let answer = call
            .upload_id(upload.as_str())
            .part_number_marker(after.to_string())
            .max_parts(super::lists::asked(max))
            .send()
            .await
            .map_err(|error| fault("listing parts", error))?;
        let parts = answer.parts().iter().map(part).collect::<Result<Vec<_>, _>>()?;
        let declared = checked_by(answer.checksum_algorithm(), answer.checksum_type());
        let declared = declared.or_else(|| shown_by(parts.first()));
        Ok((parts, declared, answer.is_truncated().unwrap_or_default()))
    }

    /// When an upload was begun, which a list of its parts does not say.
    async fn begun(
        &self,
        address: &ObjectAddress,
        upload: &UploadId,
    ) -> Result<jiff::Timestamp, StoreError> {
        let prefix = wh_names::KeyPrefix::parse(address.key.as_str());
        let prefix = prefix.map_err(|error| broken("listing uploads", error))?;
        let mut after = None;
        loop {
            let list =
                ListUploads { prefix: prefix.clone(), delimiter: None, after, max: PAGE_MAX };
            let page = self.uploads(&address.bucket, list).await?;
            if let Some(found) = page.uploads.iter().find(|one| one.id == *upload) {
                return Ok(found.begun);
            }
            let others = page.uploads.last().is_some_and(|one| one.key != address.key);
            after = page.next_after.filter(|_| !others);
            if after.is_none() {
                return Err(StoreError::NoSuchUpload);
            }
        }
    }

    pub(super) async fn uploads(
        &self,
        bucket: &BucketName,
        list: ListUploads,
    ) -> Result<UploadsPage, StoreError> {
        const DOING: &str = "listing uploads";
        let name = self.visible(bucket)?;
        let delimiter = list.delimiter.filter(|delimiter| !delimiter.is_empty());
        let (after, within) = list.after.map_or((None, None), |a| (Some(a.key), a.upload));
        let begin =
            super::lists::start(list.prefix.as_str(), delimiter.as_deref(), after.as_deref());
        let call = self.clients.read.list_multipart_uploads().bucket(name);
        let answer = call
            .prefix(list.prefix.as_str())
            .set_delimiter(delimiter)
            .set_key_marker(begin.marker.clone())
            .set_upload_id_marker(within.map(|id| id.to_string()))
            .encoding_type(EncodingType::Url)
            .max_uploads(super::lists::asked(list.max))
            .send()
            .await
            .map_err(|error| fault(DOING, error))?;
        let encoded = answer.encoding_type() == Some(&EncodingType::Url);
        let upload = |one: &types::MultipartUpload| {
            let id = UploadId::parse(one.upload_id().unwrap_or_default());
            Ok(UploadMeta {
                key: key(one.key(), encoded)?,
                id: id.map_err(|_| broken(DOING, "an id that no client could send"))?,
                begun: time(one.initiated())?,
                checksum: checked_by(one.checksum_algorithm(), one.checksum_type()),
            })
        };
        let uploads = answer.uploads().iter().map(upload).collect::<Result<Vec<_>, _>>()?;
        let truncated = answer.is_truncated().unwrap_or_default() && list.max > 0;
        let next = answer.next_key_marker().filter(|_| truncated);
        let next_after = match next {
            Some(key) => Some(UploadMarker {
                key: decoded(key, encoded)?,
                upload: answer.next_upload_id_marker().and_then(|id| UploadId::parse(id).ok()),
            }),
            None if truncated => return Err(broken(DOING, "a page cut short without a marker")),
            None => None,
        };
        let common = answer.common_prefixes().iter().map(|common| common.prefix());
        let common = common.map(|prefix| decoded(prefix.unwrap_or_default(), encoded));
        let mut common_prefixes = common.collect::<Result<Vec<_>, _>>()?;
        common_prefixes.retain(|prefix| !begin.is_over(prefix));
        Ok(UploadsPage { uploads, common_prefixes, truncated, next_after })
    }
}

/// By what an upload is checked where the store does not say so (Garage), but keeps the checksums of
/// parts: the kind is S3's default for the algorithm.
fn shown_by(part: Option<&PartMeta>) -> Declared {
    let algorithm = part?.checksum.as_ref()?.algorithm;
    let kind = match algorithm {
        ChecksumAlgorithm::Crc64Nvme => ChecksumKind::FullObject,
        ChecksumAlgorithm::Crc32
        | ChecksumAlgorithm::Crc32c
        | ChecksumAlgorithm::Sha1
        | ChecksumAlgorithm::Sha256 => ChecksumKind::Composite,
    };
    Some((algorithm, kind))
}

/// S3's own default is a full-object CRC-64/NVME.
fn in_force(declared: Declared) -> (ChecksumAlgorithm, ChecksumKind) {
    declared.unwrap_or((ChecksumAlgorithm::Crc64Nvme, ChecksumKind::FullObject))
}

/// A digest that is wrong at the end is the whole object's checksum.
fn of_whole(error: StoreError, algorithm: ChecksumAlgorithm) -> StoreError {
    if !matches!(error, StoreError::BadDigest) {
        return error;
    }
    StoreError::ChecksumMismatch { algorithm, computed: String::new() }
}

fn named(part: &CompletedPart, sum: ChecksumAlgorithm) -> types::CompletedPart {
    let named = types::CompletedPart::builder().part_number(i32::from(part.number));
    with_checksum!(named.e_tag(quoted(&part.etag)), sum, part.checksum.clone()).build()
}

fn part(part: &types::Part) -> Result<PartMeta, StoreError> {
    let values = [
        part.checksum_crc32(),
        part.checksum_crc32_c(),
        part.checksum_crc64_nvme(),
        part.checksum_sha1(),
        part.checksum_sha256(),
    ];
    let checksum: Option<Checksum> = checksum(values, ChecksumKind::FullObject);
    let number = part.part_number().and_then(|number| u16::try_from(number).ok());
    Ok(PartMeta {
        number: number.ok_or_else(|| broken("listing parts", "a part without a number"))?,
        size: length(part.size())?,
        etag: bare(part.e_tag()),
        checksum,
        modified: time(part.last_modified())?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_part_shows_by_what_an_upload_is_checked() {
        let part = |algorithm: Option<ChecksumAlgorithm>| PartMeta {
            number: 1,
            size: 5,
            etag: "e".to_owned(),
            checksum: algorithm.map(|algorithm| Checksum {
                algorithm,
                kind: ChecksumKind::FullObject,
                value: "UsZmBA==".to_owned(),
            }),
            modified: jiff::Timestamp::UNIX_EPOCH,
        };
        assert_eq!(shown_by(None), None);
        assert_eq!(shown_by(Some(&part(None))), None);
        let crc32 = part(Some(ChecksumAlgorithm::Crc32));
        let composite = Some((ChecksumAlgorithm::Crc32, ChecksumKind::Composite));
        assert_eq!(shown_by(Some(&crc32)), composite);
        let crc64 = part(Some(ChecksumAlgorithm::Crc64Nvme));
        let full = Some((ChecksumAlgorithm::Crc64Nvme, ChecksumKind::FullObject));
        assert_eq!(shown_by(Some(&crc64)), full);
    }
}
