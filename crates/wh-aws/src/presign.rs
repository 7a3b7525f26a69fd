//! Presigned requests: what a browser sends straight to the store, bound to its exact content.
//!
//! Length and checksum stand in headers inside the signature. A checksum that is hoisted into the
//! query string is not verified by S3, and one that is not signed is refused; neither happens here.

use std::time::Duration;

use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use wh_names::{BucketName, ObjectKey};

use crate::credentials::system_time;
use crate::disposition::{Disposition, content_disposition};
use crate::error::{AwsError, sort};
use crate::multipart::WriteCondition;
use crate::objects::ObjectClient;
use crate::sessions::RoleSession;

/// One part to be uploaded.
#[derive(Debug, Clone)]
pub struct PartToSign {
    /// As `create_multipart` returned it.
    pub upload_id: String,
    /// 1–10,000.
    pub n: u16,
    /// In bytes.
    pub size: u64,
    /// The part's CRC-64/NVME in base64.
    pub crc64nvme: String,
    /// How long the URL holds; no longer than the session.
    pub expires: Duration,
}

/// A whole object to be uploaded by one request.
#[derive(Debug, Clone)]
pub struct PutToSign {
    /// In bytes.
    pub size: u64,
    /// The object's CRC-64/NVME in base64.
    pub crc64nvme: String,
    /// The object's media type.
    pub content_type: String,
    /// What must be true of the key.
    pub condition: WriteCondition,
    /// How long the URL holds; no longer than the session.
    pub expires: Duration,
}

/// An object to be downloaded.
#[derive(Debug, Clone)]
pub struct GetToSign {
    /// The version; without one, the newest.
    pub version: Option<String>,
    /// Save or show.
    pub disposition: Disposition,
    /// The name under which a browser saves it.
    pub file_name: String,
    /// Overrides the object's media type.
    pub content_type: Option<String>,
    /// How long the URL holds; no longer than the session.
    pub expires: Duration,
}

/// A request that needs no further credentials. Its URL is a secret until it expires.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedRequest {
    /// Where to send it.
    pub url: String,
    /// The headers that must be sent with it, without `host`.
    pub headers: Vec<(String, String)>,
}

impl std::fmt::Debug for SignedRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedRequest").field("url", &"…").field("headers", &self.headers).finish()
    }
}

impl ObjectClient {
    /// Signs `UploadPart` for exactly these bytes.
    pub async fn presign_part(
        &self,
        session: &RoleSession,
        bucket: &BucketName,
        key: &ObjectKey,
        part: PartToSign,
    ) -> Result<SignedRequest, AwsError> {
        let call = session
            .public_s3()
            .upload_part()
            .bucket(bucket.as_str())
            .key(key.as_str())
            .upload_id(part.upload_id)
            .part_number(i32::from(part.n))
            .content_length(i64::try_from(part.size).map_err(AwsError::malformed)?)
            .checksum_crc64_nvme(part.crc64nvme);
        let signed = call.presigned(self.signed_for(session, part.expires)?).await;
        Ok(signed_request(&signed.map_err(sort)?))
    }

    /// Signs `PutObject` for exactly these bytes.
    pub async fn presign_put(
        &self,
        session: &RoleSession,
        bucket: &BucketName,
        key: &ObjectKey,
        put: PutToSign,
    ) -> Result<SignedRequest, AwsError> {
        let (if_match, if_none_match) = put.condition.headers();
        let call = session
            .public_s3()
            .put_object()
            .bucket(bucket.as_str())
            .key(key.as_str())
            .content_length(i64::try_from(put.size).map_err(AwsError::malformed)?)
            .content_type(put.content_type)
            .checksum_crc64_nvme(put.crc64nvme)
            .set_if_match(if_match)
            .set_if_none_match(if_none_match);
        let signed = call.presigned(self.signed_for(session, put.expires)?).await;
        Ok(signed_request(&signed.map_err(sort)?))
    }

    /// Signs `GetObject` and returns the URL; it needs no headers, so a link can carry it.
    pub async fn presign_get(
        &self,
        session: &RoleSession,
        bucket: &BucketName,
        key: &ObjectKey,
        get: GetToSign,
    ) -> Result<String, AwsError> {
        let disposition = content_disposition(get.disposition, &get.file_name);
        let call = session
            .public_s3()
            .get_object()
            .bucket(bucket.as_str())
            .key(key.as_str())
            .set_version_id(get.version)
            .response_content_disposition(disposition)
            .set_response_content_type(get.content_type);
        let signed = call.presigned(self.signed_for(session, get.expires)?).await;
        Ok(signed.map_err(sort)?.uri().to_owned())
    }

    /// A URL does not promise to outlive the session that signed it.
    fn signed_for(
        &self,
        session: &RoleSession,
        expires: Duration,
    ) -> Result<PresigningConfig, AwsError> {
        let now = self.clock.now();
        let left = Duration::try_from(session.expires().duration_since(now)).unwrap_or_default();
        PresigningConfig::builder()
            .start_time(system_time(now))
            .expires_in(expires.min(left))
            .build()
            .map_err(AwsError::malformed)
    }
}

fn signed_request(signed: &PresignedRequest) -> SignedRequest {
    let sent = signed.headers().filter(|(name, _)| !name.eq_ignore_ascii_case("host"));
    SignedRequest {
        url: signed.uri().to_owned(),
        headers: sent.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
    }
}
