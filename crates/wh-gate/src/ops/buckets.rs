//! Buckets themselves.

use wh_names::{BucketName, Partition};
use wh_objects::{
    BucketChange, BucketMeta, BucketSettings, Encryption, ObjectLockState, StoreError, Versioning,
};

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

        impl crate::ops::OnBucket for $name {
            fn bucket(&self) -> &wh_names::BucketName {
                &self.bucket
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

/// Makes a bucket.
#[derive(Debug, Clone)]
pub struct CreateBucket {
    /// The bucket.
    pub bucket: BucketName,
    /// Whether it has object lock from the beginning, and so versioning.
    pub object_lock: Option<ObjectLockState>,
}

impl Sealed for CreateBucket {}

impl Operation for CreateBucket {
    const KIND: OperationKind = OperationKind::CreateBucket;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        let on = |name| Demand::on_bucket(name, partition, &self.bucket);
        let mut demands = vec![on("s3:CreateBucket")];
        if self.object_lock.is_some() {
            demands.push(on("s3:PutBucketObjectLockConfiguration"));
            demands.push(on("s3:PutBucketVersioning"));
        }
        Demands::S3(demands)
    }
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
    /// Asks whether a bucket keeps versions.
    GetBucketVersioning: "s3:GetBucketVersioning"
}
on_bucket! {
    /// Asks how a bucket's objects are encrypted at rest. The store does it alike for all.
    GetBucketEncryption: "s3:GetEncryptionConfiguration"
}

/// Enables or suspends a bucket's versioning.
#[derive(Debug, Clone)]
pub struct PutBucketVersioning {
    /// The bucket.
    pub bucket: BucketName,
    /// What is to become of what is replaced or deleted.
    pub versioning: Versioning,
}

impl Sealed for PutBucketVersioning {}

impl Operation for PutBucketVersioning {
    const KIND: OperationKind = OperationKind::PutBucketVersioning;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        Demand::on_bucket("s3:PutBucketVersioning", partition, &self.bucket).alone()
    }
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
        let mut settings = BucketSettings::default();
        if op.object_lock.is_some() {
            settings.versioning = Versioning::Enabled;
            settings.object_lock = op.object_lock;
        }
        let stamp = self.stamp(&caller);
        spent.settle(self.store.create_bucket(&op.bucket, settings, &stamp).await)
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

    /// Whether a bucket keeps versions.
    pub async fn get_bucket_versioning(
        &self,
        permit: Permit<GetBucketVersioning>,
    ) -> Result<Versioning, GateError> {
        let settings = self.store.bucket_settings(&permit.spend().0.bucket).await;
        Ok(settings?.versioning)
    }

    /// Enables or suspends a bucket's versioning.
    pub async fn put_bucket_versioning(
        &self,
        permit: Permit<PutBucketVersioning>,
    ) -> Result<(), GateError> {
        let (op, _, spent) = permit.spend();
        let change = BucketChange::Versioning(op.versioning);
        spent.settle(self.store.change_bucket(&op.bucket, change).await)
    }

    /// How a bucket's objects are encrypted at rest, if they are.
    pub async fn get_bucket_encryption(
        &self,
        permit: Permit<GetBucketEncryption>,
    ) -> Result<Option<Encryption>, GateError> {
        self.known_bucket(&permit.spend().0.bucket).await?;
        Ok(self.encryption)
    }

    pub(super) async fn known_bucket(&self, bucket: &BucketName) -> Result<BucketMeta, GateError> {
        self.store.bucket(bucket).await.map_err(StoreError::into)
    }
}
