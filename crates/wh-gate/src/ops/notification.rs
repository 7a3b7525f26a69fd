//! Who is told of changes in a bucket.

use wh_names::{BucketName, Partition};
use wh_objects::{BucketDocument, Capability, Notifications, StoreError};

use super::buckets::on_bucket;
use crate::operation::sealed::Sealed;
use crate::{Demand, Demands, Gate, GateError, Operation, OperationKind, Permit};

on_bucket! {
    /// Asks who is told of changes in the bucket.
    GetBucketNotificationConfiguration: "s3:GetBucketNotification"
}

/// Says who is told of changes in the bucket, instead of who was.
#[derive(Debug, Clone)]
pub struct PutBucketNotificationConfiguration {
    /// The bucket.
    pub bucket: BucketName,
    /// The rules, which were checked.
    pub notifications: Notifications,
}

impl Sealed for PutBucketNotificationConfiguration {}

impl Operation for PutBucketNotificationConfiguration {
    const KIND: OperationKind = OperationKind::PutBucketNotificationConfiguration;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        Demand::on_bucket("s3:PutBucketNotification", partition, &self.bucket).alone()
    }
}

impl Gate {
    /// Who is told of changes in the bucket.
    pub async fn get_bucket_notification_configuration(
        &self,
        permit: Permit<GetBucketNotificationConfiguration>,
    ) -> Result<Notifications, GateError> {
        self.notifications(&permit.spend().0.bucket).await
    }

    /// Says who is told, from the next change on.
    pub async fn put_bucket_notification_configuration(
        &self,
        permit: Permit<PutBucketNotificationConfiguration>,
    ) -> Result<(), GateError> {
        let (op, _, spent) = permit.spend();
        if !self.store.capabilities().has(Capability::Events) && !op.notifications.rules.is_empty()
        {
            return spent.settle(Err(StoreError::NotKept { what: "feed of changes" }));
        }
        let before = match self.notifications(&op.bucket).await {
            Ok(before) => before,
            Err(error) => return spent.settle(Err(error)),
        };
        let newest = *self.store.newest_event().borrow();
        let text = op.notifications.beginning_after(newest, &before).to_json();
        let text = (!text.contains("\"rules\":[]")).then_some(text);
        self.keep(&op.bucket, BucketDocument::Notification, text.as_deref(), spent).await
    }

    async fn notifications(&self, bucket: &BucketName) -> Result<Notifications, GateError> {
        let text = self.document(bucket, BucketDocument::Notification).await?;
        // What this store wrote it can read; a bucket with what it cannot read tells nobody.
        Ok(text.and_then(|text| Notifications::parse(&text).ok()).unwrap_or_default())
    }
}
