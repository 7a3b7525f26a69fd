//! Deleting objects. Many at once are as many operations, each judged and recorded alone.

use futures::StreamExt;
use futures::stream;
use wh_names::{BucketName, ObjectKey, Partition};
use wh_objects::{
    DeleteObject as StoreDelete, Deleted, GovernanceBypass, ObjectAddress, StoreError,
    WriteCondition,
};

use super::lock::bypass;
use crate::operation::sealed::Sealed;
use crate::quotas::Removed;
use crate::{Caller, Demand, Demands, Gate, GateError, Operation, OperationKind, Permit};

/// How many of the deletes of one `DeleteObjects` run at a time; they share commits.
const DELETES_AT_ONCE: usize = 32;

/// Removes an object, or a version of it.
#[derive(Debug, Clone)]
pub struct DeleteObject {
    /// The object.
    pub address: ObjectAddress,
    /// What of it, and when.
    pub delete: StoreDelete,
}

impl Sealed for DeleteObject {}

impl Operation for DeleteObject {
    const KIND: OperationKind = OperationKind::DeleteObject;

    /// Source: S3 User Guide, "How to perform conditional deletes": what a given `ETag`, time or size
    /// tells of the object needs the right to read it.
    fn demands(&self, partition: &Partition) -> Demands<'_> {
        let (at, version) = (&self.address, self.delete.version);
        let actions = ("s3:DeleteObject", "s3:DeleteObjectVersion");
        let delete = Demand::on_version(actions, partition, at, version);
        let delete = match &self.delete.condition {
            WriteCondition::IfMatch(etag) => delete.with("s3:if-match", etag.trim_matches('"')),
            WriteCondition::Always
            | WriteCondition::IfNoneMatchAny
            | WriteCondition::IfSequence(_) => delete,
        };
        if !self.tells_of_what_is_there() {
            return delete.alone();
        }
        let actions = ("s3:GetObject", "s3:GetObjectVersion");
        let read = Demand::on_version(actions, partition, at, version).existing(at, version);
        Demands::S3(vec![delete, read])
    }
}

impl DeleteObject {
    /// Whether its condition, met or not, tells of the object.
    fn tells_of_what_is_there(&self) -> bool {
        let StoreDelete { condition, if_modified, if_size, .. } = &self.delete;
        let by_etag = matches!(condition, WriteCondition::IfMatch(etag) if etag != "*");
        by_etag || if_modified.is_some() || if_size.is_some()
    }
}

/// What is to be deleted, and what came of it.
pub type DeletedOne = (ObjectKey, StoreDelete, Result<Deleted, GateError>);

impl Gate {
    /// Removes an object or a version; that there is none is fine. Whether a governance retention may
    /// be ended is asked once one stands in the way.
    pub async fn delete_object(&self, permit: Permit<DeleteObject>) -> Result<Deleted, GateError> {
        let (op, caller, spent) = permit.spend();
        let DeleteObject { address, delete } = op;
        let change = match self.change_of(&caller, &address, delete.version).await {
            Ok(change) => change,
            Err(full) => return spent.settle(Err(full)),
        };
        let (asked, stamp) = (delete.bypass, self.stamp(&caller));
        let first = StoreDelete { bypass: GovernanceBypass::No, ..delete.clone() };
        let mut deleted = self.store.delete_object(&address, first, &stamp).await;
        if matches!(deleted, Err(StoreError::Locked { .. })) && asked == GovernanceBypass::Yes {
            let demand = bypass(&self.partition, &address, delete.version);
            if let Err(refusal) = self.insist(&caller, DeleteObject::KIND, demand).await {
                self.changed(&address, change, Removed::No).await;
                return spent.settle(Err(refusal));
            }
            deleted = self.store.delete_object(&address, delete, &stamp).await;
        }
        self.changed(&address, change, Removed::of(&deleted)).await;
        spent.settle(match deleted {
            Ok(deleted) => Ok(deleted),
            Err(e) => Err(self.absent(&caller, DeleteObject::KIND, &address, e).await),
        })
    }

    /// Removes objects, each judged alone; the results are in the order in which they were named.
    pub async fn delete_objects(
        &self,
        caller: &Caller,
        bucket: &BucketName,
        named: Vec<(ObjectKey, StoreDelete)>,
    ) -> Vec<DeletedOne> {
        let deletes = named.into_iter().map(|(key, delete)| async move {
            let address = ObjectAddress { bucket: bucket.clone(), key: key.clone() };
            let deleted = self.admit_and_delete(caller, address, delete.clone()).await;
            (key, delete, deleted)
        });
        stream::iter(deletes).buffered(DELETES_AT_ONCE).collect().await
    }

    async fn admit_and_delete(
        &self,
        caller: &Caller,
        address: ObjectAddress,
        delete: StoreDelete,
    ) -> Result<Deleted, GateError> {
        let permit = self.admit(caller, DeleteObject { address, delete }).await?;
        self.delete_object(permit).await
    }
}
