//! Backups in a bucket: the `Target` of `wh-objects` over S3.

use std::path::Path;

use async_trait::async_trait;
use aws_sdk_s3::error::DisplayErrorContext;
use aws_sdk_s3::primitives::{ByteStream, Length};
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use wh_names::{BucketName, KeyPrefix};
use wh_objects::backup::{Source, Target, TargetError};

use crate::client::Client;
use crate::error::{AwsError, sort};

/// A file longer than this, in bytes, goes in parts.
const PUT_BYTES_MAX: u64 = 64 << 20;

/// The shortest part, in bytes; longer ones keep a file within [`PARTS_MAX`].
const PART_BYTES_MIN: u64 = 32 << 20;

/// S3 takes 10,000 parts.
const PARTS_MAX: u64 = 9_000;

/// Backups under a prefix of a bucket, reached with our own credentials.
#[derive(Debug)]
pub struct BackupBucket {
    s3: aws_sdk_s3::Client,
    bucket: BucketName,
    prefix: KeyPrefix,
}

impl BackupBucket {
    /// Backups under `prefix`, which is empty or ends in `/`.
    pub fn new(client: &Client, bucket: BucketName, prefix: KeyPrefix) -> Self {
        Self { s3: client.s3(), bucket, prefix }
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix.as_str())
    }

    async fn put_whole(&self, name: &str, body: ByteStream) -> Result<(), AwsError> {
        let call = self.s3.put_object().bucket(self.bucket.as_str()).key(self.key(name));
        call.body(body).send().await.map(drop).map_err(sort)
    }

    /// An upload that fails is aborted.
    async fn put_parts(&self, name: &str, path: &Path, size: u64) -> Result<(), AwsError> {
        let (bucket, key) = (self.bucket.as_str(), self.key(name));
        let begun = self.s3.create_multipart_upload().bucket(bucket).key(&key).send().await;
        let id = begun.map_err(sort)?.upload_id;
        let id = id.ok_or_else(|| AwsError::malformed("the store gave no upload id"))?;
        let done = self.send_parts((&key, &id), path, size).await;
        if done.is_err() {
            let abort = self.s3.abort_multipart_upload().bucket(bucket).key(&key).upload_id(&id);
            if let Err(error) = abort.send().await {
                let error = DisplayErrorContext(error);
                tracing::warn!(%error, key, "an upload of a backup was left unfinished");
            }
        }
        done
    }

    async fn send_parts(
        &self,
        (key, id): (&str, &str),
        path: &Path,
        size: u64,
    ) -> Result<(), AwsError> {
        let bucket = self.bucket.as_str();
        let part_bytes = size.div_ceil(PARTS_MAX).max(PART_BYTES_MIN);
        let (mut parts, mut at, mut number) = (Vec::new(), 0, 1);
        while at < size {
            let len = part_bytes.min(size - at);
            let body = ByteStream::read_from().path(path).offset(at).length(Length::Exact(len));
            let body = body.build().await.map_err(AwsError::malformed)?;
            let part = self.s3.upload_part().bucket(bucket).key(key).upload_id(id);
            let part = part.part_number(number).body(body).send().await.map_err(sort)?;
            let done = CompletedPart::builder().part_number(number).set_e_tag(part.e_tag);
            parts.push(done.build());
            at += len;
            number += 1;
        }
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let complete = self.s3.complete_multipart_upload().bucket(bucket).key(key).upload_id(id);
        complete.multipart_upload(parts).send().await.map(drop).map_err(sort)
    }

    async fn list_all(&self, folder: &str) -> Result<Vec<String>, AwsError> {
        let (mut names, mut token) = (Vec::new(), None);
        loop {
            let list = self.s3.list_objects_v2().bucket(self.bucket.as_str());
            let list = list.prefix(self.key(folder)).set_continuation_token(token);
            let page = list.send().await.map_err(sort)?;
            // Names are of plain letters, so that no encoding comes between.
            let keys = page.contents().iter().filter_map(|object| object.key());
            names.extend(
                keys.filter_map(|key| key.strip_prefix(self.prefix.as_str())).map(str::to_owned),
            );
            token = page.next_continuation_token().map(str::to_owned);
            if token.is_none() {
                return Ok(names);
            }
        }
    }

    fn error(&self, doing: &str, name: &str) -> impl FnOnce(AwsError) -> TargetError {
        let doing = format!("{doing} s3://{}/{}", self.bucket, self.key(name));
        move |source| TargetError::new(doing, source)
    }
}

#[async_trait]
impl Target for BackupBucket {
    fn describe(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.prefix.as_str())
    }

    async fn put(&self, name: &str, source: Source<'_>) -> Result<(), TargetError> {
        let put = match source {
            Source::Bytes(bytes) => self.put_whole(name, bytes.to_vec().into()).await,
            Source::File(path, size) if size > PUT_BYTES_MAX => {
                self.put_parts(name, path, size).await
            }
            Source::File(path, _) => match ByteStream::from_path(path).await {
                Ok(body) => self.put_whole(name, body).await,
                Err(error) => Err(AwsError::malformed(error)),
            },
        };
        put.map_err(self.error("writing", name))
    }

    async fn get(&self, name: &str) -> Result<Option<wh_objects::ByteStream>, TargetError> {
        let call = self.s3.get_object().bucket(self.bucket.as_str()).key(self.key(name));
        let body = match call.send().await.map_err(sort) {
            Ok(answer) => answer.body,
            Err(AwsError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(self.error("reading", name)(error)),
        };
        let blocks = futures::stream::unfold(body, |mut body| async {
            let block = body.next().await?;
            Some((block.map_err(Into::into), body))
        });
        Ok(Some(Box::pin(blocks)))
    }

    async fn list(&self, folder: &str) -> Result<Vec<String>, TargetError> {
        self.list_all(folder).await.map_err(self.error("listing", folder))
    }

    async fn remove(&self, name: &str) -> Result<(), TargetError> {
        let call = self.s3.delete_object().bucket(self.bucket.as_str()).key(self.key(name));
        call.send().await.map(drop).map_err(sort).map_err(self.error("removing", name))
    }

    /// What S3 has answered for is durable.
    async fn settle(&self) -> Result<(), TargetError> {
        Ok(())
    }
}
