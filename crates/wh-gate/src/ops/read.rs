//! Reading objects.

use wh_names::Partition;
use wh_objects::{
    GetObject as StoreGet, HeadObject as StoreHead, ObjectAddress, ObjectMeta, ObjectRead, Tags,
    VersionAddress, VersionId,
};

use crate::operation::sealed::Sealed;
use crate::{Caller, Demand, Demands, Gate, GateError, Operation, OperationKind, Permit};

/// Reads an object or a range of it.
#[derive(Debug, Clone)]
pub struct GetObject {
    /// The object.
    pub address: ObjectAddress,
    /// What of it, and when.
    pub get: StoreGet,
}

impl Sealed for GetObject {}

impl Operation for GetObject {
    const KIND: OperationKind = OperationKind::GetObject;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        to_read(partition, &self.address, self.get.version).alone()
    }
}

/// Reads what is known of an object.
#[derive(Debug, Clone)]
pub struct HeadObject {
    /// The object.
    pub address: ObjectAddress,
    /// Which version, and when.
    pub head: StoreHead,
}

impl Sealed for HeadObject {}

impl Operation for HeadObject {
    const KIND: OperationKind = OperationKind::HeadObject;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        to_read(partition, &self.address, self.head.version).alone()
    }
}

/// The demand of reading an object, or a version of it.
pub(super) fn to_read(
    partition: &Partition,
    at: &ObjectAddress,
    version: Option<VersionId>,
) -> Demand {
    let actions = ("s3:GetObject", "s3:GetObjectVersion");
    Demand::on_version(actions, partition, at, version).existing(at, version)
}

impl Gate {
    /// Reads an object. That there is none is told only to those who may list it.
    pub async fn get_object(&self, mut permit: Permit<GetObject>) -> Result<ObjectRead, GateError> {
        let judged = permit.take_tags();
        let (op, caller, spent) = permit.spend();
        let at = VersionAddress { object: op.address, version: op.get.version };
        let read = match self.store.get_object(&at.object, op.get).await {
            Ok(mut read) => {
                let found = (GetObject::KIND, judged.as_ref());
                self.shown(&caller, found, &at, &mut read.meta).await.map(|()| read)
            }
            Err(e) => Err(self.absent(&caller, GetObject::KIND, &at.object, e).await),
        };
        spent.settle(read)
    }

    /// Reads what is known of an object. That there is none is told only to those who may list it.
    pub async fn head_object(
        &self,
        mut permit: Permit<HeadObject>,
    ) -> Result<ObjectMeta, GateError> {
        let judged = permit.take_tags();
        let (op, caller, spent) = permit.spend();
        let at = VersionAddress { object: op.address, version: op.head.version };
        let meta = match self.store.head_object(&at.object, op.head).await {
            Ok(mut meta) => {
                let found = (HeadObject::KIND, judged.as_ref());
                self.shown(&caller, found, &at, &mut meta).await.map(|()| meta)
            }
            Err(e) => Err(self.absent(&caller, HeadObject::KIND, &at.object, e).await),
        };
        spent.settle(meta)
    }

    /// Sees to it that what was read is what was judged, and takes away of it what has permissions of
    /// its own that the caller has not: tags, retention, legal hold.
    ///
    /// Source: S3 API Reference, `GetObject`, on `x-amz-tagging-count` and `x-amz-object-lock-…`.
    async fn shown(
        &self,
        caller: &Caller,
        (kind, judged): (OperationKind, Option<&Tags>),
        at: &VersionAddress,
        meta: &mut ObjectMeta,
    ) -> Result<(), GateError> {
        let (object, version, partition) = (&at.object, at.version, &self.partition);
        let demands = to_read(partition, object, version).alone();
        self.judge_found(caller, kind, demands, (judged, (at, &meta.tags))).await?;
        let actions = ("s3:GetObjectTagging", "s3:GetObjectVersionTagging");
        let tagging =
            || Demand::on_version(actions, partition, object, version).existing(object, version);
        if !meta.tags.is_empty() && !self.may(caller, kind, tagging()).await {
            meta.tags = Tags::default();
        }
        let on = |name| Demand::on_object(name, partition, object).of_version(version);
        if meta.lock.retention.is_some()
            && !self.may(caller, kind, on("s3:GetObjectRetention")).await
        {
            meta.lock.retention = None;
        }
        if meta.lock.legal_hold && !self.may(caller, kind, on("s3:GetObjectLegalHold")).await {
            meta.lock.legal_hold = false;
        }
        Ok(())
    }
}
