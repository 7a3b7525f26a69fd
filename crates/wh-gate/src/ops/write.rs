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

/// The most that one body may have, in bytes: S3's limit of an object that is written at once.
const BODY_BYTES_MAX: u64 = 5 << 30;

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
        let at_most = permit.op().put.size.unwrap_or(BODY_BYTES_MAX);
        self.put_object_within(permit, body, at_most).await
    }

    /// The same, of a body whose length is not known, but at most this many bytes.
    pub async fn put_object_within(
        &self,
        permit: Permit<PutObject>,
        body: ByteStream,
        at_most: u64,
    ) -> Result<Stored, GateError> {
        let (op, caller, spent) = permit.spend();
        let stamp = self.stamp(&caller);
        let bytes = op.put.size.unwrap_or(at_most);
        let room = match self.room(&caller, &op.address, bytes).await {
            Ok(room) => room,
            Err(full) => return spent.settle(Err(full)),
        };
        let writing = self.store.put_object(&op.address, op.put, body, &stamp);
        let stored = match self.written((&op.address, room), writing).await {
            Ok(stored) => Ok(stored),
            Err(e) => Err(self.absent(&caller, PutObject::KIND, &op.address, e).await),
        };
        spent.settle(stored)
    }
}
