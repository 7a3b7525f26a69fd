//! An object's bytes, as they come from the store.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ChecksumMode;
use bytes::Bytes;
use jiff::Timestamp;
use wh_names::{BucketName, ObjectKey};

use crate::error::{AwsError, sort};
use crate::objects::{ObjectClient, bytes, timestamp};
use crate::sessions::RoleSession;

/// An object that is being read. Its checksum is verified at its end, where the store tells one.
#[derive(Debug)]
pub struct ObjectBody {
    /// In bytes.
    pub size: u64,
    /// When it was last written.
    pub modified: Timestamp,
    pub(crate) body: ByteStream,
}

impl ObjectBody {
    /// The next bytes; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, AwsError> {
        let broken = |error: aws_sdk_s3::primitives::ByteStreamError| AwsError::Unreachable {
            message: error.to_string(),
        };
        self.body.try_next().await.map_err(broken)
    }
}

impl ObjectClient {
    /// An object's bytes.
    pub async fn read(
        &self,
        session: &RoleSession,
        bucket: &BucketName,
        key: &ObjectKey,
    ) -> Result<ObjectBody, AwsError> {
        let call = session.s3().get_object().bucket(bucket.as_str()).key(key.as_str());
        let answer = call.checksum_mode(ChecksumMode::Enabled).send().await.map_err(sort)?;
        Ok(ObjectBody {
            size: bytes(answer.content_length())?,
            modified: timestamp(answer.last_modified())?,
            body: answer.body,
        })
    }
}
