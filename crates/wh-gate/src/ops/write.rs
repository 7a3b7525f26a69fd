//! Writing an object in one body.

use wh_names::Partition;
use wh_objects::{ByteStream, ObjectAddress, PutObject as StorePut, Stored};

use super::write_demands;
use crate::operation::sealed::Sealed;
use crate::{Demands, Gate, GateError, Operation, OperationKind, Permit};

/// Writes an object.
#[derive(Debug)]
pub struct PutObject {
    /// The object.
    pub address: ObjectAddress,
    /// What comes with its body.
    pub put: StorePut,
}

impl Sealed for PutObject {}

impl Operation for PutObject {
    const KIND: OperationKind = OperationKind::PutObject;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        let put = &self.put;
        let brought = (&put.tags, &put.lock);
        Demands::S3(write_demands(partition, &self.address, &put.condition, brought))
    }
}

impl Gate {
    /// Writes an object.
    pub async fn put_object(
        &self,
        permit: Permit<PutObject>,
        body: ByteStream,
    ) -> Result<Stored, GateError> {
        let (op, caller, spent) = permit.spend();
        let stamp = self.stamp(&caller);
        let stored = match self.store.put_object(&op.address, op.put, body, &stamp).await {
            Ok(stored) => Ok(stored),
            Err(e) => Err(self.absent(&caller, PutObject::KIND, &op.address, e).await),
        };
        spent.settle(stored)
    }
}
