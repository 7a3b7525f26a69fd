//! Deleting objects. Many at once are as many operations, each judged and recorded alone.

use futures::StreamExt;
use futures::stream;
use wh_names::{BucketName, ObjectKey, Partition};
use wh_objects::{DeleteObject as StoreDelete, ObjectAddress};

use crate::operation::sealed::Sealed;
use crate::{Caller, Demand, Demands, Gate, GateError, Operation, OperationKind, Permit};

/// How many of the deletes of one `DeleteObjects` run at a time; they share commits.
const DELETES_AT_ONCE: usize = 32;

/// Removes an object.
#[derive(Debug, Clone)]
pub struct DeleteObject {
    /// The object.
    pub address: ObjectAddress,
}

impl Sealed for DeleteObject {}

impl Operation for DeleteObject {
    const KIND: OperationKind = OperationKind::DeleteObject;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        Demand::on_object("s3:DeleteObject", partition, &self.address).alone()
    }
}

impl Gate {
    /// Removes an object; that there is none is fine.
    pub async fn delete_object(&self, permit: Permit<DeleteObject>) -> Result<(), GateError> {
        let (op, caller, spent) = permit.spend();
        let (delete, stamp) = (StoreDelete::default(), self.stamp(&caller));
        let deleted = self.store.delete_object(&op.address, delete, &stamp).await;
        spent.settle(deleted.map(|_| ()))
    }

    /// Removes objects, each judged alone; the results are in the order of the keys.
    pub async fn delete_objects(
        &self,
        caller: &Caller,
        bucket: &BucketName,
        keys: Vec<ObjectKey>,
    ) -> Vec<(ObjectKey, Result<(), GateError>)> {
        let deletes = keys.into_iter().map(|key| async move {
            let address = ObjectAddress { bucket: bucket.clone(), key: key.clone() };
            (key, self.admit_and_delete(caller, address).await)
        });
        stream::iter(deletes).buffered(DELETES_AT_ONCE).collect().await
    }

    async fn admit_and_delete(
        &self,
        caller: &Caller,
        address: ObjectAddress,
    ) -> Result<(), GateError> {
        let permit = self.admit(caller, DeleteObject { address }).await?;
        self.delete_object(permit).await
    }
}
