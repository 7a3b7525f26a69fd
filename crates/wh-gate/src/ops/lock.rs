//! Object lock: what a bucket retains, and what holds a version.

use wh_names::{BucketName, Partition};
use wh_objects::{
    BucketChange, GovernanceBypass, ObjectAddress, ObjectLock, ObjectLockState, Retention,
    StoreError, VersionAddress, VersionChange, VersionId,
};

use super::buckets::on_bucket;
use crate::operation::sealed::Sealed;
use crate::{Caller, Demand, Demands, Gate, GateError, Operation, OperationKind, Permit};

on_bucket! {
    /// Reads whether a bucket has object lock, and what it retains by default.
    GetObjectLockConfiguration: "s3:GetBucketObjectLockConfiguration"
}

/// Gives a bucket object lock for ever, or changes what it retains by default.
#[derive(Debug, Clone)]
pub struct PutObjectLockConfiguration {
    /// The bucket.
    pub bucket: BucketName,
    /// What new versions get that come without a retention.
    pub state: ObjectLockState,
}

/// Reads the retention of a version.
#[derive(Debug, Clone)]
pub struct GetObjectRetention {
    /// The version.
    pub version: VersionAddress,
}

/// Changes the retention of a version.
#[derive(Debug, Clone)]
pub struct PutObjectRetention {
    /// The version.
    pub version: VersionAddress,
    /// Its new retention; `None` ends it.
    pub retention: Option<Retention>,
    /// Whether a governance retention is to be shortened or ended.
    pub bypass: GovernanceBypass,
}

/// Reads whether a version has a legal hold.
#[derive(Debug, Clone)]
pub struct GetObjectLegalHold {
    /// The version.
    pub version: VersionAddress,
}

/// Sets the legal hold of a version on or off.
#[derive(Debug, Clone)]
pub struct PutObjectLegalHold {
    /// The version.
    pub version: VersionAddress,
    /// On or off.
    pub on: bool,
}

fn demand(name: &'static str, partition: &Partition, at: &VersionAddress) -> Demand {
    Demand::on_object(name, partition, &at.object).of_version(at.version)
}

/// The demand of ending a governance retention early.
pub(super) fn bypass(
    partition: &Partition,
    at: &ObjectAddress,
    version: Option<VersionId>,
) -> Demand {
    Demand::on_object("s3:BypassGovernanceRetention", partition, at).of_version(version)
}

impl Sealed for PutObjectLockConfiguration {}
impl Operation for PutObjectLockConfiguration {
    const KIND: OperationKind = OperationKind::PutObjectLockConfiguration;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        Demand::on_bucket("s3:PutBucketObjectLockConfiguration", partition, &self.bucket).alone()
    }
}

impl Sealed for GetObjectRetention {}
impl Operation for GetObjectRetention {
    const KIND: OperationKind = OperationKind::GetObjectRetention;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        demand("s3:GetObjectRetention", partition, &self.version).alone()
    }
}

impl Sealed for PutObjectRetention {}
impl Operation for PutObjectRetention {
    const KIND: OperationKind = OperationKind::PutObjectRetention;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        let put = demand("s3:PutObjectRetention", partition, &self.version);
        put.with_retention(self.retention).alone()
    }
}

impl Sealed for GetObjectLegalHold {}
impl Operation for GetObjectLegalHold {
    const KIND: OperationKind = OperationKind::GetObjectLegalHold;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        demand("s3:GetObjectLegalHold", partition, &self.version).alone()
    }
}

impl Sealed for PutObjectLegalHold {}
impl Operation for PutObjectLegalHold {
    const KIND: OperationKind = OperationKind::PutObjectLegalHold;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        let put = demand("s3:PutObjectLegalHold", partition, &self.version);
        put.with("s3:object-lock-legal-hold", if self.on { "ON" } else { "OFF" }).alone()
    }
}

impl Gate {
    /// Whether a bucket has object lock, and what it retains by default.
    pub async fn get_object_lock_configuration(
        &self,
        permit: Permit<GetObjectLockConfiguration>,
    ) -> Result<Option<ObjectLockState>, GateError> {
        let settings = self.store.bucket_settings(&permit.spend().0.bucket).await;
        Ok(settings?.object_lock)
    }

    /// Gives a bucket object lock for ever, or changes what it retains by default.
    pub async fn put_object_lock_configuration(
        &self,
        permit: Permit<PutObjectLockConfiguration>,
    ) -> Result<(), GateError> {
        let (op, _, spent) = permit.spend();
        let change = BucketChange::ObjectLock(op.state);
        spent.settle(self.store.change_bucket(&op.bucket, change).await)
    }

    /// The retention of a version, if it has one.
    pub async fn get_object_retention(
        &self,
        permit: Permit<GetObjectRetention>,
    ) -> Result<Option<Retention>, GateError> {
        let (op, caller, spent) = permit.spend();
        let lock = self.lock(&caller, GetObjectRetention::KIND, &op.version).await;
        spent.settle(lock.map(|lock| lock.retention))
    }

    /// Changes the retention of a version. Whether a governance retention may be loosened is asked
    /// once one stands in the way.
    pub async fn put_object_retention(
        &self,
        permit: Permit<PutObjectRetention>,
    ) -> Result<(), GateError> {
        let (op, caller, spent) = permit.spend();
        let PutObjectRetention { version: at, retention, bypass: asked } = op;
        let kind = PutObjectRetention::KIND;
        let change = |bypass| VersionChange::Retention(retention, bypass);
        let first = change(GovernanceBypass::No);
        let mut changed = self.change_version(&caller, kind, &at, first).await;
        let locked = matches!(changed, Err(GateError::Store(StoreError::Locked { .. })));
        if locked && asked == GovernanceBypass::Yes {
            let demand = bypass(&self.partition, &at.object, at.version);
            if let Err(refusal) = self.insist(&caller, kind, demand).await {
                return spent.settle(Err(refusal));
            }
            changed = self.change_version(&caller, kind, &at, change(asked)).await;
        }
        spent.settle(changed.map(drop))
    }

    /// Whether a version has a legal hold.
    pub async fn get_object_legal_hold(
        &self,
        permit: Permit<GetObjectLegalHold>,
    ) -> Result<bool, GateError> {
        let (op, caller, spent) = permit.spend();
        let lock = self.lock(&caller, GetObjectLegalHold::KIND, &op.version).await;
        spent.settle(lock.map(|lock| lock.legal_hold))
    }

    /// Sets the legal hold of a version on or off.
    pub async fn put_object_legal_hold(
        &self,
        permit: Permit<PutObjectLegalHold>,
    ) -> Result<(), GateError> {
        let (op, caller, spent) = permit.spend();
        let change = VersionChange::LegalHold(op.on);
        let kind = PutObjectLegalHold::KIND;
        spent.settle(self.change_version(&caller, kind, &op.version, change).await.map(drop))
    }

    /// What holds a version; a bucket without object lock has nothing to tell.
    async fn lock(
        &self,
        caller: &Caller,
        kind: OperationKind,
        at: &VersionAddress,
    ) -> Result<ObjectLock, GateError> {
        let settings = self.store.bucket_settings(&at.object.bucket).await?;
        if settings.object_lock.is_none() {
            let why = "Bucket is missing Object Lock Configuration";
            return Err(StoreError::InvalidRequest { why }.into());
        }
        Ok(self.version(caller, kind, at).await?.lock)
    }
}
