//! Buckets, as they are emptied and taken away.

use aws_sdk_s3::types::{Delete, MultipartUpload, ObjectIdentifier};
use wh_names::{BucketName, KeyPrefix};

use crate::cloud::AwsCloud;
use crate::error::{AwsError, sort};

impl AwsCloud {
    /// Page by page: every version and delete marker under a prefix, then every unfinished upload there.
    /// What object lock protects is refused by S3, and stays. Gives how many versions went.
    pub(crate) async fn empty_under(
        &self,
        bucket: &BucketName,
        prefix: &KeyPrefix,
    ) -> Result<usize, AwsError> {
        let mut gone = 0;
        loop {
            let call = self.s3.list_object_versions().bucket(bucket.as_str());
            let call = call.prefix(prefix.as_str());
            let page = call.send().await.map_err(sort)?;
            let versions = page.versions().iter().map(|v| (v.key(), v.version_id()));
            let markers = page.delete_markers().iter().map(|m| (m.key(), m.version_id()));
            let found: Vec<_> = versions.chain(markers).collect();
            if found.is_empty() {
                break;
            }
            gone += found.len();
            let named = found.into_iter().map(|(key, version)| {
                let object = ObjectIdentifier::builder().key(key.unwrap_or_default());
                object.set_version_id(version.map(str::to_owned)).build()
            });
            let named = named.collect::<Result<Vec<_>, _>>().map_err(AwsError::malformed)?;
            let all = Delete::builder().set_objects(Some(named)).quiet(true).build();
            let call = self.s3.delete_objects().bucket(bucket.as_str());
            let answer = call.delete(all.map_err(AwsError::malformed)?).send().await;
            if let Some(refused) = answer.map_err(sort)?.errors().first() {
                let key = refused.key().unwrap_or_default();
                let message = format!("{key}: {}", refused.message().unwrap_or_default());
                return Err(AwsError::Denied { message });
            }
        }
        self.abort_uploads(bucket, prefix).await?;
        Ok(gone)
    }

    async fn abort_uploads(&self, bucket: &BucketName, prefix: &KeyPrefix) -> Result<(), AwsError> {
        loop {
            let call = self.s3.list_multipart_uploads().bucket(bucket.as_str());
            let call = call.prefix(prefix.as_str());
            let page = call.send().await.map_err(sort)?;
            if page.uploads().is_empty() {
                return Ok(());
            }
            for upload in page.uploads() {
                self.abort_upload(bucket, upload).await?;
            }
        }
    }

    /// One that ended by itself is what was wanted.
    async fn abort_upload(
        &self,
        bucket: &BucketName,
        upload: &MultipartUpload,
    ) -> Result<(), AwsError> {
        let call = self.s3.abort_multipart_upload().bucket(bucket.as_str());
        let call = call.set_key(upload.key.clone()).set_upload_id(upload.upload_id.clone());
        match call.send().await.map_err(sort) {
            Ok(_) | Err(AwsError::NoSuchUpload) => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(in crate::cloud) async fn delete_bucket(
        &self,
        bucket: &BucketName,
    ) -> Result<(), AwsError> {
        self.s3.delete_bucket().bucket(bucket.as_str()).send().await.map_err(sort)?;
        Ok(())
    }
}
