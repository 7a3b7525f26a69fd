//! STS.

use wh_authority::AssumedRole;
use wh_names::{AccountId, Arn, Partition};

use crate::operation::sealed::Sealed;
use crate::refusal::{RefusalCause, plain};
use crate::{Demands, Gate, GateError, Operation, OperationKind, Permit, Refusal};

/// Opens a session of a role.
#[derive(Debug, Clone)]
pub struct AssumeRole {
    /// What is asked.
    pub ask: wh_authority::AssumeRole,
}

impl Sealed for AssumeRole {}

impl Operation for AssumeRole {
    const KIND: OperationKind = OperationKind::AssumeRole;

    fn demands(&self, _: &Partition) -> Demands<'_> {
        Demands::Trust(&self.ask)
    }
}

/// Asks who one is. No policy can deny that.
#[derive(Debug, Clone, Copy)]
pub struct GetCallerIdentity;

impl Sealed for GetCallerIdentity {}

impl Operation for GetCallerIdentity {
    const KIND: OperationKind = OperationKind::GetCallerIdentity;

    fn demands(&self, _: &Partition) -> Demands<'_> {
        Demands::Known
    }
}

/// Who a caller is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerIdentity {
    /// Their ARN.
    pub arn: Arn,
    /// Their account.
    pub account: AccountId,
    /// `aws:userid`.
    pub user_id: String,
}

impl Gate {
    /// Opens a session of a role. The authority judges again what was judged at admission: it alone
    /// makes credentials, and makes none that it has not judged.
    #[expect(clippy::unused_async, reason = "as all that acts: a door need not know who waits")]
    pub async fn assume_role(&self, permit: Permit<AssumeRole>) -> Result<AssumedRole, GateError> {
        let (op, caller, spent) = permit.spend();
        let context = caller.facts.context();
        spent.settle(self.authority.assume_role(&caller.principal, &op.ask, &context))
    }

    /// Tells a caller who they are.
    pub fn get_caller_identity(
        &self,
        permit: Permit<GetCallerIdentity>,
    ) -> Result<CallerIdentity, GateError> {
        let (_, caller, _) = permit.spend();
        let who = &caller.principal;
        let (Some(arn), Some(account)) = (who.arn(), who.account()) else {
            let asked = plain(GetCallerIdentity::KIND);
            return Err(Refusal::of(RefusalCause::Anonymous, &caller, asked).into());
        };
        let (arn, account) = (arn.clone(), account.clone());
        Ok(CallerIdentity { arn, account, user_id: who.user_id().to_owned() })
    }
}
