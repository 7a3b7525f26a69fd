//! New objects, sent with our own credentials: whole or in parts, and never over one that is there.
//!
//! `s3:PutObject` and `s3:AbortMultipartUpload` are enough: parts are not listed, and objects are looked
//! at only where that is allowed, so whoever sends remembers what was sent.

use std::time::Duration;

use aws_sdk_s3::primitives::SdkBody;
use aws_sdk_s3::types::{ChecksumMode, ChecksumType};
use bytes::Bytes;
use wh_names::{BucketName, ObjectKey};

use crate::client::Client;
use crate::error::{AwsError, sort};
use crate::multipart::{self, CompleteUpload, WriteCondition};
use crate::objects::{Written, unquoted};

/// How long one attempt may take: half a gigabyte over a slow line. A line that stands still is given
/// up long before, by the SDK.
const ATTEMPT_MAX: Duration = Duration::from_hours(1);
/// How often a part is attempted: to send it again changes nothing.
const PART_ATTEMPTS: u32 = 3;
/// An object is made by one attempt: where an answer was lost, a second one would find the object of
/// the first and could not tell it from another's.
const OBJECT_ATTEMPTS: u32 = 1;

/// Sends objects to one bucket.
#[derive(Debug, Clone)]
pub struct Sender {
    parts: aws_sdk_s3::Client,
    objects: aws_sdk_s3::Client,
    bucket: BucketName,
}

impl Sender {
    /// Sends to `bucket` with the client's own credentials.
    pub fn new(client: &Client, bucket: BucketName) -> Self {
        let parts = client.s3_for_bodies(ATTEMPT_MAX, PART_ATTEMPTS);
        let objects = client.s3_for_bodies(ATTEMPT_MAX, OBJECT_ATTEMPTS);
        Self { parts, objects, bucket }
    }

    /// Makes an object where none is; the store verifies its CRC-64/NVME, in base64.
    pub async fn put(
        &self,
        key: &ObjectKey,
        body: Bytes,
        crc64nvme: &str,
    ) -> Result<Written, AwsError> {
        let (if_match, if_none_match) = WriteCondition::IfAbsent.headers();
        let answer = self
            .objects
            .put_object()
            .bucket(self.bucket.as_str())
            .key(key.as_str())
            .set_if_match(if_match)
            .set_if_none_match(if_none_match)
            .checksum_crc64_nvme(crc64nvme)
            .body(SdkBody::from(body).into())
            .send()
            .await
            .map_err(sort)?;
        let etag = unquoted(answer.e_tag());
        Ok(Written { etag, crc64nvme: answer.checksum_crc64_nvme })
    }

    /// Begins an upload that will be verified by a CRC-64/NVME of the whole; returns its id.
    pub async fn begin(&self, key: &ObjectKey) -> Result<String, AwsError> {
        multipart::begin(&self.parts, &self.bucket, key, None).await
    }

    /// Sends part `n` of an upload; the store verifies its CRC-64/NVME, in base64. A store that knows no
    /// such sum verifies nothing, and tells none.
    pub async fn send_part(
        &self,
        (key, upload_id): (&ObjectKey, &str),
        n: u16,
        body: Bytes,
        crc64nvme: &str,
    ) -> Result<Written, AwsError> {
        let answer = self
            .parts
            .upload_part()
            .bucket(self.bucket.as_str())
            .key(key.as_str())
            .upload_id(upload_id)
            .part_number(i32::from(n))
            .checksum_crc64_nvme(crc64nvme)
            .body(SdkBody::from(body).into())
            .send()
            .await
            .map_err(sort)?;
        let etag = unquoted(answer.e_tag());
        Ok(Written { etag, crc64nvme: answer.checksum_crc64_nvme })
    }

    /// The size of an object in bytes, and its CRC-64/NVME in base64 where the store tells one of the
    /// whole. It takes `s3:GetObject`, which who only uploads may not have.
    pub async fn look(&self, key: &ObjectKey) -> Result<(u64, Option<String>), AwsError> {
        let call = self.parts.head_object().bucket(self.bucket.as_str()).key(key.as_str());
        let answer = call.checksum_mode(ChecksumMode::Enabled).send().await.map_err(sort)?;
        let of_the_whole = answer.checksum_type() != Some(&ChecksumType::Composite);
        let size = u64::try_from(answer.content_length().unwrap_or_default());
        let crc64nvme = answer.checksum_crc64_nvme.filter(|_| of_the_whole);
        Ok((size.map_err(AwsError::malformed)?, crc64nvme))
    }

    /// Makes the object of its parts, if the condition holds; the store verifies checksum and size.
    pub async fn complete(
        &self,
        key: &ObjectKey,
        upload: CompleteUpload,
    ) -> Result<Written, AwsError> {
        multipart::complete(&self.objects, &self.bucket, key, upload).await
    }

    /// Ends an upload and frees its parts. One that is not there counts as ended.
    pub async fn abort(&self, key: &ObjectKey, upload_id: &str) -> Result<(), AwsError> {
        multipart::abort(&self.parts, &self.bucket, key, upload_id).await
    }
}
