//! IAM.

use wh_authority::{IamReply, IamRequest};
use wh_names::Partition;

use crate::operation::sealed::Sealed;
use crate::{Demands, Gate, GateError, Operation, OperationKind, Permit};

/// Any request to IAM.
#[derive(Debug, Clone)]
pub struct IamCall {
    /// The request.
    pub request: IamRequest,
}

impl Sealed for IamCall {}

impl Operation for IamCall {
    const KIND: OperationKind = OperationKind::IamCall;

    fn demands(&self, _: &Partition) -> Demands<'_> {
        Demands::Iam(&self.request)
    }

    fn mutates(&self) -> bool {
        !self.request.only_reads()
    }
}

impl Gate {
    /// Does what the request asks of IAM.
    pub async fn iam(&self, permit: Permit<IamCall>) -> Result<IamReply, GateError> {
        let (op, _, spent) = permit.spend();
        spent.settle(self.authority.execute(op.request).await)
    }
}
