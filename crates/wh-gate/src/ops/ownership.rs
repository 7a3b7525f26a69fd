//! Whether a bucket says who owns what is written into it. There are no access control lists here, so
//! that its owner does, whatever the bucket says: with its controls removed, too.
//!
//! Source: S3 User Guide, "Controlling ownership of objects and disabling ACLs for your bucket".

use wh_objects::BucketDocument;

use super::buckets::on_bucket;
use crate::{Gate, GateError, Permit};

on_bucket! {
    /// Asks who owns what is written into the bucket: the bucket's owner.
    GetBucketOwnershipControls: "s3:GetBucketOwnershipControls"
}
on_bucket! {
    /// Lets the bucket's owner own what is written into it, as it is anyway.
    PutBucketOwnershipControls: "s3:PutBucketOwnershipControls"
}
on_bucket! {
    /// Lets the bucket say nothing of it. AWS has no action of its own for that.
    DeleteBucketOwnershipControls: "s3:PutBucketOwnershipControls"
}

/// What is kept with a bucket whose controls were removed.
const REMOVED: &str = "removed";

impl Gate {
    /// Whether the bucket says who owns what is written into it: a new one does.
    pub async fn get_bucket_ownership_controls(
        &self,
        permit: Permit<GetBucketOwnershipControls>,
    ) -> Result<bool, GateError> {
        let kind = BucketDocument::OwnershipControls;
        let kept = self.document(&permit.spend().0.bucket, kind).await?;
        Ok(kept.as_deref() != Some(REMOVED))
    }

    /// Lets the bucket say that its owner owns what is written into it.
    pub async fn put_bucket_ownership_controls(
        &self,
        permit: Permit<PutBucketOwnershipControls>,
    ) -> Result<(), GateError> {
        let (op, _, spent) = permit.spend();
        self.keep(&op.bucket, BucketDocument::OwnershipControls, None, spent).await
    }

    /// Lets the bucket say nothing of it.
    pub async fn delete_bucket_ownership_controls(
        &self,
        permit: Permit<DeleteBucketOwnershipControls>,
    ) -> Result<(), GateError> {
        let (op, _, spent) = permit.spend();
        self.keep(&op.bucket, BucketDocument::OwnershipControls, Some(REMOVED), spent).await
    }
}
