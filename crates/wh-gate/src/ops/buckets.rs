//! Buckets themselves.

use wh_names::{BucketName, Partition};
use wh_objects::{BucketMeta, StoreError};

use crate::operation::sealed::Sealed;
use crate::{Demand, Demands, Gate, GateError, Operation, OperationKind, Permit};

/// Writes an operation whose only subject is a bucket.
macro_rules! on_bucket {
    ($(#[$doc:meta])* $name:ident: $action:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name {
            /// The bucket.
            pub bucket: wh_names::BucketName,
        }

        impl crate::operation::sealed::Sealed for $name {}

        impl crate::Operation for $name {
            const KIND: crate::OperationKind = crate::OperationKind::$name;

            fn demands(&self, partition: &wh_names::Partition) -> crate::Demands<'_> {
                crate::Demand::on_bucket($action, partition, &self.bucket).alone()
            }
        }
    };
}
pub(super) use on_bucket;

/// Lists every bucket.
#[derive(Debug, Clone, Copy)]
pub struct ListBuckets;

impl Sealed for ListBuckets {}

impl Operation for ListBuckets {
    const KIND: OperationKind = OperationKind::ListBuckets;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        Demand::on_every_bucket("s3:ListAllMyBuckets", partition).alone()
    }
}

on_bucket! {
    /// Makes a bucket.
    CreateBucket: "s3:CreateBucket"
}
on_bucket! {
    /// Removes an empty bucket.
    DeleteBucket: "s3:DeleteBucket"
}
on_bucket! {
    /// Asks whether a bucket is there.
    HeadBucket: "s3:ListBucket"
}
on_bucket! {
    /// Asks where a bucket is. The answer is the endpoint's region, if the bucket is there.
    GetBucketLocation: "s3:GetBucketLocation"
}
on_bucket! {
    /// Asks whether a bucket keeps versions. It never does, if it is there.
    GetBucketVersioning: "s3:GetBucketVersioning"
}

impl Gate {
    /// Every bucket, by name.
    pub async fn list_buckets(
        &self,
        permit: Permit<ListBuckets>,
    ) -> Result<Vec<BucketMeta>, GateError> {
        let (_, _, spent) = permit.spend();
        spent.settle(self.store.list_buckets().await)
    }

    /// Makes a bucket.
    pub async fn create_bucket(&self, permit: Permit<CreateBucket>) -> Result<(), GateError> {
        let (op, caller, spent) = permit.spend();
        spent.settle(self.store.create_bucket(&op.bucket, &self.stamp(&caller)).await)
    }

    /// Removes an empty bucket.
    pub async fn delete_bucket(&self, permit: Permit<DeleteBucket>) -> Result<(), GateError> {
        let (op, _, spent) = permit.spend();
        spent.settle(self.store.delete_bucket(&op.bucket).await)
    }

    /// Tells of a bucket.
    pub async fn head_bucket(&self, permit: Permit<HeadBucket>) -> Result<BucketMeta, GateError> {
        self.known_bucket(&permit.spend().0.bucket).await
    }

    /// Tells of a bucket; where it is, the door knows.
    pub async fn get_bucket_location(
        &self,
        permit: Permit<GetBucketLocation>,
    ) -> Result<BucketMeta, GateError> {
        self.known_bucket(&permit.spend().0.bucket).await
    }

    /// Tells of a bucket, which keeps no versions.
    pub async fn get_bucket_versioning(
        &self,
        permit: Permit<GetBucketVersioning>,
    ) -> Result<BucketMeta, GateError> {
        self.known_bucket(&permit.spend().0.bucket).await
    }

    async fn known_bucket(&self, bucket: &BucketName) -> Result<BucketMeta, GateError> {
        self.store.bucket(bucket).await.map_err(StoreError::into)
    }
}
