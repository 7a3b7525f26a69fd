//! The control bucket: the documents of buckets that the gate enforces, for the upstream has no notion
//! of them, or would enforce them on the gateway instead of on whoever asks.
//!
//! A document is one object, `documents/BUCKET/KIND`, and its text is the body. It is kept here for at
//! most half a second: what one gateway changes, all have within one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use moka::future::Cache;
use wh_names::BucketName;
use wh_objects::{BucketDocument, Capability, StoreError};

use super::UpstreamStore;
use super::clients::Clients;
use super::fault::{answer, fault};
use super::wire::broken;

/// How old what is told of a bucket may be. With the time of one call it stays within a second.
pub(super) const AGE_MAX: Duration = Duration::from_millis(500);
/// How many buckets' documents and settings are kept at a time.
pub(super) const KEPT_MAX: u64 = 10_000;
/// The longest document, in bytes. The gate's own limits are lower.
const DOCUMENT_BYTES_MAX: usize = 1 << 20;

type Name = (BucketName, BucketDocument, u64);

/// The control bucket.
#[derive(Debug)]
pub(super) struct Control {
    clients: Clients,
    bucket: BucketName,
    kept: Cache<Name, Option<Arc<str>>>,
    /// Counts the changes made here: who reads after a change does not meet what was kept before it.
    changes: AtomicU64,
}

impl Control {
    pub(super) fn new(clients: &Clients, bucket: BucketName) -> Self {
        let kept = Cache::builder().max_capacity(KEPT_MAX).time_to_live(AGE_MAX).build();
        Self { clients: clients.clone(), bucket, kept, changes: AtomicU64::new(0) }
    }

    pub(super) fn bucket(&self) -> &BucketName {
        &self.bucket
    }

    /// A number that changes with every change made here.
    pub(super) fn now(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }

    /// Tells that something has changed.
    pub(super) fn changed(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
    }

    async fn get(
        &self,
        bucket: &BucketName,
        kind: BucketDocument,
    ) -> Result<Option<Arc<str>>, StoreError> {
        const DOING: &str = "reading a document of a bucket";
        let call = self.clients.read.get_object().bucket(self.bucket.as_str());
        let found = match call.key(key(bucket, kind)).send().await {
            Ok(found) => found,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(fault(DOING, error)),
        };
        let long = found.content_length().and_then(|bytes| usize::try_from(bytes).ok());
        if long.is_none_or(|bytes| bytes > DOCUMENT_BYTES_MAX) {
            return Err(broken(DOING, "a document without a length, or a longer one than it took"));
        }
        let body = found.body.collect().await;
        let body = body.map_err(|error| StoreError::Unreachable { what: error.to_string() })?;
        let text = String::from_utf8(body.to_vec()).map_err(|error| broken(DOING, error))?;
        Ok(Some(text.into()))
    }

    async fn put(
        &self,
        bucket: &BucketName,
        kind: BucketDocument,
        text: Option<&str>,
    ) -> Result<(), StoreError> {
        let (control, key) = (self.bucket.as_str(), key(bucket, kind));
        let done = if let Some(text) = text {
            let call = self.clients.write.put_object().bucket(control).key(key);
            let body = ByteStream::from(text.as_bytes().to_vec());
            call.body(body).send().await.map(drop).map_err(|e| fault("keeping a document", e))
        } else {
            let call = self.clients.write.delete_object().bucket(control).key(key);
            call.send().await.map(drop).map_err(|e| fault("removing a document", e))
        };
        // Even one that failed may have happened.
        self.changed();
        done
    }

    /// Removes what there is of a bucket, so that one of the same name begins with nothing.
    pub(super) async fn forget(&self, bucket: &BucketName) -> Result<(), StoreError> {
        for kind in BucketDocument::ALL {
            if self.get(bucket, kind).await?.is_some() {
                self.put(bucket, kind, None).await?;
            }
        }
        self.changed();
        Ok(())
    }
}

fn is_absent(
    error: &aws_sdk_s3::error::SdkError<
        aws_sdk_s3::operation::get_object::GetObjectError,
        crate::error::HttpResponse,
    >,
) -> bool {
    answer(error).is_some_and(|answer| answer.code == "NoSuchKey")
}

fn key(bucket: &BucketName, kind: BucketDocument) -> String {
    format!("documents/{bucket}/{}", kind.as_str())
}

/// What several who asked at once are told.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is none of these is an error of the upstream, whatever it is"
)]
pub(super) fn shared(error: &StoreError) -> StoreError {
    match error {
        StoreError::NoSuchBucket => StoreError::NoSuchBucket,
        StoreError::Busy => StoreError::Busy,
        StoreError::Unreachable { what } => StoreError::Unreachable { what: what.clone() },
        other => broken("looking after a bucket", other),
    }
}

impl UpstreamStore {
    pub(super) async fn document(
        &self,
        bucket: &BucketName,
        kind: BucketDocument,
    ) -> Result<Option<Arc<str>>, StoreError> {
        self.settings_of(bucket).await?;
        let control = &self.control;
        let name = (bucket.clone(), kind, control.now());
        let found = control.kept.try_get_with(name, control.get(bucket, kind));
        found.await.map_err(|error| shared(&error))
    }

    pub(super) async fn put_document(
        &self,
        bucket: &BucketName,
        kind: BucketDocument,
        text: Option<&str>,
    ) -> Result<(), StoreError> {
        if kind == BucketDocument::Lifecycle && text.is_some() {
            // What a rule removes must still be what it was when the rule was asked.
            self.needs(Capability::ConditionalDeletes)?;
        }
        if text.is_some_and(|text| text.len() > DOCUMENT_BYTES_MAX) {
            return Err(StoreError::EntityTooLarge { max: DOCUMENT_BYTES_MAX as u64 });
        }
        self.settings_of(bucket).await?;
        self.control.put(bucket, kind, text).await
    }
}
