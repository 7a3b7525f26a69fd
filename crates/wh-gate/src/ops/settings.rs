//! Settings of buckets and objects that are the same for all of them: that the bucket's owner owns
//! everything and there are no access control lists, that everything is encrypted as the store
//! encrypts, and what no bucket here has.
//!
//! Source: S3 User Guide, "Controlling ownership of objects and disabling ACLs for your bucket".

use wh_names::{BucketName, Partition};
use wh_objects::{HeadObject, ObjectMeta, VersionAddress};

use super::buckets::on_bucket;
use crate::operation::sealed::Sealed;
use crate::{Demand, Demands, Gate, GateError, Operation, OperationKind, Permit};

/// An operation whose only subject is a bucket.
pub trait OnBucket: Operation {
    /// The bucket.
    fn bucket(&self) -> &BucketName;
}

on_bucket! {
    /// Asks for the access control list of the bucket: full control for its owner.
    GetBucketAcl: "s3:GetBucketAcl"
}
on_bucket! {
    /// Encrypts the bucket as the store encrypts everything.
    PutBucketEncryption: "s3:PutEncryptionConfiguration"
}
on_bucket! {
    /// Goes back to the encryption that every bucket has. AWS has no action of its own for that.
    DeleteBucketEncryption: "s3:PutEncryptionConfiguration"
}
on_bucket! {
    /// Asks for transfer acceleration, which no bucket has.
    GetBucketAccelerateConfiguration: "s3:GetAccelerateConfiguration"
}
on_bucket! {
    /// Asks who pays for requests: the bucket's owner.
    GetBucketRequestPayment: "s3:GetBucketRequestPayment"
}
on_bucket! {
    /// Asks for the bucket's website, which no bucket has.
    GetBucketWebsite: "s3:GetBucketWebsite"
}
on_bucket! {
    /// Asks where the bucket is replicated to, which no bucket is.
    GetBucketReplication: "s3:GetReplicationConfiguration"
}
on_bucket! {
    /// Asks where requests to the bucket are logged to, which those to no bucket are.
    GetBucketLogging: "s3:GetBucketLogging"
}

/// The access control list that is to be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AclAsked {
    /// `bucket-owner-full-control`, which everything has.
    OwnerFullControl,
    /// Any other.
    Other,
}

impl AclAsked {
    fn judge(self) -> Result<(), GateError> {
        match self {
            Self::OwnerFullControl => Ok(()),
            Self::Other => Err(GateError::AclsDisabled),
        }
    }
}

/// Sets the access control list of a bucket.
#[derive(Debug, Clone)]
pub struct PutBucketAcl {
    /// The bucket.
    pub bucket: BucketName,
    /// The list.
    pub acl: AclAsked,
}

/// Asks for the access control list of an object: full control for the bucket's owner.
#[derive(Debug, Clone)]
pub struct GetObjectAcl {
    /// The version.
    pub version: VersionAddress,
}

/// Sets the access control list of an object.
#[derive(Debug, Clone)]
pub struct PutObjectAcl {
    /// The version.
    pub version: VersionAddress,
    /// The list.
    pub acl: AclAsked,
}

impl Sealed for PutBucketAcl {}
impl Operation for PutBucketAcl {
    const KIND: OperationKind = OperationKind::PutBucketAcl;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        Demand::on_bucket("s3:PutBucketAcl", partition, &self.bucket).alone()
    }
}

/// The demand of what is asked about the access control list of a version.
fn acl_demand(
    actions: (&'static str, &'static str),
    partition: &Partition,
    at: &VersionAddress,
) -> Demands<'static> {
    let demand = Demand::on_version(actions, partition, &at.object, at.version);
    demand.existing(&at.object, at.version).alone()
}

impl Sealed for GetObjectAcl {}
impl Operation for GetObjectAcl {
    const KIND: OperationKind = OperationKind::GetObjectAcl;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        acl_demand(("s3:GetObjectAcl", "s3:GetObjectVersionAcl"), partition, &self.version)
    }
}

impl Sealed for PutObjectAcl {}
impl Operation for PutObjectAcl {
    const KIND: OperationKind = OperationKind::PutObjectAcl;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        acl_demand(("s3:PutObjectAcl", "s3:PutObjectVersionAcl"), partition, &self.version)
    }
}

impl Gate {
    /// Does what every bucket is answered alike, if there is such a bucket.
    pub async fn as_every_bucket<Op: OnBucket>(&self, permit: Permit<Op>) -> Result<(), GateError> {
        let (op, _, spent) = permit.spend();
        spent.settle(self.known_bucket(op.bucket()).await.map(drop))
    }

    /// Sets the access control list of a bucket to the one that it has.
    pub async fn put_bucket_acl(&self, permit: Permit<PutBucketAcl>) -> Result<(), GateError> {
        let (op, _, spent) = permit.spend();
        let known = self.known_bucket(&op.bucket).await;
        spent.settle(known.and_then(|_| op.acl.judge()))
    }

    /// What is known of a version; its access control list is that of all.
    pub async fn get_object_acl(
        &self,
        permit: Permit<GetObjectAcl>,
    ) -> Result<ObjectMeta, GateError> {
        let (op, caller, spent) = permit.spend();
        spent.settle(self.version(&caller, GetObjectAcl::KIND, &op.version).await)
    }

    /// Sets the access control list of a version to the one that it has.
    pub async fn put_object_acl(&self, permit: Permit<PutObjectAcl>) -> Result<(), GateError> {
        let (op, caller, spent) = permit.spend();
        let head = HeadObject { version: op.version.version, ..HeadObject::default() };
        spent.settle(match self.store.head_object(&op.version.object, head).await {
            Ok(_) => op.acl.judge(),
            Err(e) => Err(self.absent(&caller, PutObjectAcl::KIND, &op.version.object, e).await),
        })
    }
}
