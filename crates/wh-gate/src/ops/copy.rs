//! Copying objects.

use wh_names::Partition;
use wh_objects::{CopyObject as StoreCopy, ObjectAddress, Stored};

use super::write_demands;
use crate::operation::sealed::Sealed;
use crate::{Demand, Demands, Gate, GateError, Operation, OperationKind, Permit};

/// Copies an object: to read the source and to write the destination are two decisions.
#[derive(Debug, Clone)]
pub struct CopyObject {
    /// From where to where, and when.
    pub copy: StoreCopy,
}

impl Sealed for CopyObject {}

impl Operation for CopyObject {
    const KIND: OperationKind = OperationKind::CopyObject;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        let copy = &self.copy;
        let source = copy_source(&copy.from);
        let mut demands = vec![Demand::on_object("s3:GetObject", partition, &copy.from)];
        for write in write_demands(partition, &copy.to, &copy.condition) {
            let write = write.with("s3:x-amz-copy-source", source.as_str());
            demands.push(match copy.headers {
                Some(_) => write.with("s3:x-amz-metadata-directive", "REPLACE"),
                None => write,
            });
        }
        Demands::S3(demands)
    }
}

/// The value of `s3:x-amz-copy-source`: decoded, without a leading slash.
pub(super) fn copy_source(from: &ObjectAddress) -> String {
    format!("{}/{}", from.bucket, from.key)
}

impl Gate {
    /// Copies an object. That there is no source is told only to those who may list it.
    pub async fn copy_object(&self, permit: Permit<CopyObject>) -> Result<Stored, GateError> {
        let (op, caller, spent) = permit.spend();
        let from = op.copy.from.clone();
        let stored = match self.store.copy_object(op.copy, &self.stamp(&caller)).await {
            Ok(stored) => Ok(stored),
            Err(e) => Err(self.absent(&caller, CopyObject::KIND, &from, e).await),
        };
        spent.settle(stored)
    }
}
