//! Multipart uploads: begin, look, complete, abort. The parts themselves never pass through here.
//!
//! The whole object's CRC-64/NVME is given at the end, and the store verifies it.
//! Source: S3 User Guide, "Checking object integrity", full object checksums.

use aws_sdk_s3::types::{
    ChecksumAlgorithm, ChecksumType, CompletedMultipartUpload, CompletedPart, Part,
};
use wh_names::{BucketName, ObjectKey};

use crate::error::{AwsError, sort};
use crate::objects::{Carried, ObjectClient, Written, bytes, unquoted};
use crate::sessions::RoleSession;
use crate::tagging::{ObjectTags, as_header};

/// What must be true of the key for a write to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteCondition {
    /// Nothing: an object that is there is replaced.
    Always,
    /// No object is there.
    IfAbsent,
    /// The object that is there has this `ETag`, without quotation marks.
    IfMatch(String),
}

impl WriteCondition {
    /// The values of `If-Match` and `If-None-Match`.
    pub(crate) fn headers(&self) -> (Option<String>, Option<String>) {
        match self {
            Self::Always => (None, None),
            Self::IfAbsent => (None, Some("*".to_owned())),
            Self::IfMatch(etag) => (Some(format!("\"{etag}\"")), None),
        }
    }
}

/// What a new object has besides its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewObject {
    /// Its media type.
    pub content_type: String,
    /// What it takes over from the object that it replaces.
    pub carried: Carried,
    /// Its tags; any takes `s3:PutObjectTagging`.
    pub tags: ObjectTags,
}

/// A part that the store holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartInfo {
    /// 1–10,000.
    pub n: u16,
    /// In bytes.
    pub size: u64,
    /// Without quotation marks.
    pub etag: String,
    /// In base64, where the store tells it.
    pub crc64nvme: Option<String>,
}

/// What makes an object of its parts.
#[derive(Debug, Clone)]
pub struct CompleteUpload {
    /// As `create_multipart` returned it.
    pub upload_id: String,
    /// The parts in the order of their numbers, as `list_parts` returned them.
    pub parts: Vec<PartInfo>,
    /// The CRC-64/NVME of the whole object, in base64.
    pub crc64nvme: String,
    /// The size of the whole object, in bytes.
    pub size: u64,
    /// What must be true of the key.
    pub condition: WriteCondition,
}

impl ObjectClient {
    /// Begins an upload that will be verified by a CRC-64/NVME of the whole; returns its id.
    pub async fn create_multipart(
        &self,
        session: &RoleSession,
        bucket: &BucketName,
        key: &ObjectKey,
        object: &NewObject,
    ) -> Result<String, AwsError> {
        begin(session.s3(), bucket, key, Some(object)).await
    }

    /// All parts that the store holds of an upload, in order.
    pub async fn list_parts(
        &self,
        session: &RoleSession,
        bucket: &BucketName,
        key: &ObjectKey,
        upload_id: &str,
    ) -> Result<Vec<PartInfo>, AwsError> {
        let mut parts = Vec::new();
        let mut marker = None;
        loop {
            let page = session
                .s3()
                .list_parts()
                .bucket(bucket.as_str())
                .key(key.as_str())
                .upload_id(upload_id)
                .set_part_number_marker(marker)
                .send()
                .await
                .map_err(sort)?;
            for part in page.parts() {
                parts.push(part_info(part)?);
            }
            if !page.is_truncated().unwrap_or_default() || page.parts().is_empty() {
                return Ok(parts);
            }
            marker = page.next_part_number_marker;
        }
    }

    /// Makes the object of its parts; the store verifies its checksum and size.
    pub async fn complete(
        &self,
        session: &RoleSession,
        bucket: &BucketName,
        key: &ObjectKey,
        upload: CompleteUpload,
    ) -> Result<Written, AwsError> {
        complete(session.s3(), bucket, key, upload).await
    }

    /// Ends an upload and frees its parts. One that is not there counts as ended.
    pub async fn abort(
        &self,
        session: &RoleSession,
        bucket: &BucketName,
        key: &ObjectKey,
        upload_id: &str,
    ) -> Result<(), AwsError> {
        abort(session.s3(), bucket, key, upload_id).await
    }
}

/// Begins an upload that will be verified by a CRC-64/NVME of the whole; returns its id.
pub(crate) async fn begin(
    s3: &aws_sdk_s3::Client,
    bucket: &BucketName,
    key: &ObjectKey,
    object: Option<&NewObject>,
) -> Result<String, AwsError> {
    let call = s3.create_multipart_upload().bucket(bucket.as_str()).key(key.as_str());
    let call = match object {
        Some(NewObject { content_type, carried, tags }) => call
            .content_type(content_type)
            .set_metadata(Some(carried.metadata.clone().into_iter().collect()))
            .set_cache_control(carried.cache_control.clone())
            .set_content_disposition(carried.content_disposition.clone())
            .set_content_language(carried.content_language.clone())
            .set_tagging(as_header(tags)),
        None => call,
    };
    let answer = call
        .checksum_algorithm(ChecksumAlgorithm::Crc64Nvme)
        .checksum_type(ChecksumType::FullObject)
        .send()
        .await
        .map_err(sort)?;
    answer.upload_id.ok_or_else(|| AwsError::malformed("the store gave no upload id"))
}

/// Makes the object of its parts; the store verifies its checksum and size.
pub(crate) async fn complete(
    s3: &aws_sdk_s3::Client,
    bucket: &BucketName,
    key: &ObjectKey,
    upload: CompleteUpload,
) -> Result<Written, AwsError> {
    let parts = upload.parts.into_iter().map(completed_part).collect();
    let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    let (if_match, if_none_match) = upload.condition.headers();
    let size = i64::try_from(upload.size).map_err(AwsError::malformed)?;
    let answer = s3
        .complete_multipart_upload()
        .bucket(bucket.as_str())
        .key(key.as_str())
        .upload_id(upload.upload_id)
        .multipart_upload(parts)
        .checksum_crc64_nvme(upload.crc64nvme)
        .checksum_type(ChecksumType::FullObject)
        .mpu_object_size(size)
        .set_if_match(if_match)
        .set_if_none_match(if_none_match)
        .send()
        .await
        .map_err(sort)?;
    let etag = unquoted(answer.e_tag());
    Ok(Written { etag, crc64nvme: answer.checksum_crc64_nvme })
}

/// The same, of parts whose sum nobody knows.
pub(crate) async fn complete_unsummed(
    s3: &aws_sdk_s3::Client,
    (bucket, key): (&BucketName, &ObjectKey),
    size: u64,
    (upload_id, parts, condition): (String, Vec<PartInfo>, WriteCondition),
) -> Result<Written, AwsError> {
    let parts = parts.into_iter().map(completed_part).collect();
    let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    let (if_match, if_none_match) = condition.headers();
    let answer = s3
        .complete_multipart_upload()
        .bucket(bucket.as_str())
        .key(key.as_str())
        .upload_id(upload_id)
        .multipart_upload(parts)
        .mpu_object_size(i64::try_from(size).map_err(AwsError::malformed)?)
        .set_if_match(if_match)
        .set_if_none_match(if_none_match)
        .send()
        .await
        .map_err(sort)?;
    let etag = unquoted(answer.e_tag());
    Ok(Written { etag, crc64nvme: answer.checksum_crc64_nvme })
}

/// Ends an upload and frees its parts. One that is not there counts as ended.
pub(crate) async fn abort(
    s3: &aws_sdk_s3::Client,
    bucket: &BucketName,
    key: &ObjectKey,
    upload_id: &str,
) -> Result<(), AwsError> {
    let call = s3.abort_multipart_upload();
    let call = call.bucket(bucket.as_str()).key(key.as_str()).upload_id(upload_id);
    match call.send().await.map_err(sort) {
        Ok(_) | Err(AwsError::NoSuchUpload) => Ok(()),
        Err(error) => Err(error),
    }
}

fn part_info(part: &Part) -> Result<PartInfo, AwsError> {
    let n = part.part_number().unwrap_or_default();
    Ok(PartInfo {
        n: u16::try_from(n).map_err(AwsError::malformed)?,
        size: bytes(part.size())?,
        etag: unquoted(part.e_tag()),
        crc64nvme: part.checksum_crc64_nvme().map(str::to_owned),
    })
}

fn completed_part(part: PartInfo) -> CompletedPart {
    CompletedPart::builder()
        .part_number(i32::from(part.n))
        .e_tag(format!("\"{}\"", part.etag))
        .set_checksum_crc64_nvme(part.crc64nvme)
        .build()
}
