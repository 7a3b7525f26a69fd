//! Reading objects.

use wh_names::Partition;
use wh_objects::{
    GetObject as StoreGet, HeadObject as StoreHead, ObjectAddress, ObjectMeta, ObjectRead,
};

use crate::operation::sealed::Sealed;
use crate::{Demand, Demands, Gate, GateError, Operation, OperationKind, Permit};

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
        Demand::on_object("s3:GetObject", partition, &self.address).alone()
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
        Demand::on_object("s3:GetObject", partition, &self.address).alone()
    }
}

impl Gate {
    /// Reads an object. That there is none is told only to those who may list it.
    pub async fn get_object(&self, permit: Permit<GetObject>) -> Result<ObjectRead, GateError> {
        let (op, caller, spent) = permit.spend();
        let read = match self.store.get_object(&op.address, op.get).await {
            Ok(read) => Ok(read),
            Err(e) => Err(self.absent(&caller, GetObject::KIND, &op.address, e).await),
        };
        spent.settle(read)
    }

    /// Reads what is known of an object. That there is none is told only to those who may list it.
    pub async fn head_object(&self, permit: Permit<HeadObject>) -> Result<ObjectMeta, GateError> {
        let (op, caller, spent) = permit.spend();
        let meta = match self.store.head_object(&op.address, op.head).await {
            Ok(meta) => Ok(meta),
            Err(e) => Err(self.absent(&caller, HeadObject::KIND, &op.address, e).await),
        };
        spent.settle(meta)
    }
}
