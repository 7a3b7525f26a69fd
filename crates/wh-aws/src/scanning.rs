//! What the scan for malware asks of the store: the bytes of one version, and its tags.

use aws_sdk_s3::types::ChecksumMode;
use wh_names::{BucketName, ObjectKey};

use crate::error::{AwsError, sort};
use crate::objects::{ObjectClient, bytes, timestamp};
use crate::reading::ObjectBody;
use crate::sessions::RoleSession;
use crate::tagging::{ObjectTags, as_body};

impl ObjectClient {
    /// The bytes of one version.
    pub async fn read_version(
        &self,
        session: &RoleSession,
        (bucket, key): (&BucketName, &ObjectKey),
        version: &str,
    ) -> Result<ObjectBody, AwsError> {
        let call = session.s3().get_object().bucket(bucket.as_str()).key(key.as_str());
        let call = call.version_id(version).checksum_mode(ChecksumMode::Enabled);
        let answer = call.send().await.map_err(sort)?;
        Ok(ObjectBody {
            size: bytes(answer.content_length())?,
            modified: timestamp(answer.last_modified())?,
            body: answer.body,
        })
    }

    /// The tags of one version.
    pub async fn version_tags(
        &self,
        session: &RoleSession,
        (bucket, key): (&BucketName, &ObjectKey),
        version: &str,
    ) -> Result<ObjectTags, AwsError> {
        let call = session.s3().get_object_tagging().bucket(bucket.as_str()).key(key.as_str());
        let answer = call.version_id(version).send().await.map_err(sort)?;
        Ok(answer.tag_set.into_iter().map(|tag| (tag.key, tag.value)).collect())
    }

    /// Replaces the tags of one version.
    pub async fn put_version_tags(
        &self,
        session: &RoleSession,
        (bucket, key, version): (&BucketName, &ObjectKey, &str),
        tags: &[(String, String)],
    ) -> Result<(), AwsError> {
        let call = session.s3().put_object_tagging().bucket(bucket.as_str()).key(key.as_str());
        call.version_id(version).tagging(as_body(tags)?).send().await.map_err(sort)?;
        Ok(())
    }
}
