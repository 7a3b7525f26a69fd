//! The tags of objects.

use wh_names::Partition;
use wh_objects::{HeadObject, ObjectMeta, Tags, VersionAddress, VersionChange};

use crate::operation::sealed::Sealed;
use crate::{Caller, Demand, Demands, Gate, GateError, Operation, OperationKind, Permit};

/// Reads the tags of a version.
#[derive(Debug, Clone)]
pub struct GetObjectTagging {
    /// The version.
    pub version: VersionAddress,
}

/// Replaces the tags of a version.
#[derive(Debug, Clone)]
pub struct PutObjectTagging {
    /// The version.
    pub version: VersionAddress,
    /// Its new tags.
    pub tags: Tags,
}

/// Removes the tags of a version.
#[derive(Debug, Clone)]
pub struct DeleteObjectTagging {
    /// The version.
    pub version: VersionAddress,
}

fn demand(
    actions: (&'static str, &'static str),
    partition: &Partition,
    at: &VersionAddress,
) -> Demand {
    Demand::on_version(actions, partition, &at.object, at.version).existing(&at.object, at.version)
}

impl Sealed for GetObjectTagging {}
impl Operation for GetObjectTagging {
    const KIND: OperationKind = OperationKind::GetObjectTagging;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        let actions = ("s3:GetObjectTagging", "s3:GetObjectVersionTagging");
        demand(actions, partition, &self.version).alone()
    }
}

impl Sealed for PutObjectTagging {}
impl Operation for PutObjectTagging {
    const KIND: OperationKind = OperationKind::PutObjectTagging;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        let actions = ("s3:PutObjectTagging", "s3:PutObjectVersionTagging");
        demand(actions, partition, &self.version).with_tags(&self.tags).alone()
    }
}

impl Sealed for DeleteObjectTagging {}
impl Operation for DeleteObjectTagging {
    const KIND: OperationKind = OperationKind::DeleteObjectTagging;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        let actions = ("s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging");
        demand(actions, partition, &self.version).alone()
    }
}

impl Gate {
    /// What is known of a version, its tags among it.
    pub async fn get_object_tagging(
        &self,
        permit: Permit<GetObjectTagging>,
    ) -> Result<ObjectMeta, GateError> {
        let (op, caller, spent) = permit.spend();
        spent.settle(self.version(&caller, GetObjectTagging::KIND, &op.version).await)
    }

    /// Replaces the tags of a version, and tells which one that was.
    pub async fn put_object_tagging(
        &self,
        permit: Permit<PutObjectTagging>,
    ) -> Result<ObjectMeta, GateError> {
        let (op, caller, spent) = permit.spend();
        let change = VersionChange::Tags(op.tags);
        let kind = PutObjectTagging::KIND;
        spent.settle(self.change_version(&caller, kind, &op.version, change).await)
    }

    /// Removes the tags of a version, and tells which one that was.
    pub async fn delete_object_tagging(
        &self,
        permit: Permit<DeleteObjectTagging>,
    ) -> Result<ObjectMeta, GateError> {
        let (op, caller, spent) = permit.spend();
        let change = VersionChange::Tags(Tags::default());
        let kind = DeleteObjectTagging::KIND;
        spent.settle(self.change_version(&caller, kind, &op.version, change).await)
    }

    /// What is known of a version. That there is none is told only to those who may list it.
    pub(super) async fn version(
        &self,
        caller: &Caller,
        kind: OperationKind,
        at: &VersionAddress,
    ) -> Result<ObjectMeta, GateError> {
        let head = HeadObject { version: at.version, ..HeadObject::default() };
        match self.store.head_object(&at.object, head).await {
            Ok(meta) => Ok(meta),
            Err(e) => Err(self.absent(caller, kind, &at.object, e).await),
        }
    }

    /// Changes a version in place. That there is none is told only to those who may list it.
    pub(super) async fn change_version(
        &self,
        caller: &Caller,
        kind: OperationKind,
        at: &VersionAddress,
        change: VersionChange,
    ) -> Result<ObjectMeta, GateError> {
        match self.store.change_version(at, change, &self.stamp(caller)).await {
            Ok(meta) => Ok(meta),
            Err(e) => Err(self.absent(caller, kind, &at.object, e).await),
        }
    }
}
