//! STS.

use wh_authority::{AssumedRole, TemporaryCredentials};
use wh_names::{AccessKeyId, AccountId, Arn, Partition};

use crate::operation::action;
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

/// Opens a session of a role for somebody for whom an identity provider vouches: the caller.
#[derive(Debug, Clone)]
pub struct AssumeRoleWithWebIdentity {
    /// What is asked.
    pub ask: wh_authority::AssumeRoleWithWebIdentity,
}

impl Sealed for AssumeRoleWithWebIdentity {}

impl Operation for AssumeRoleWithWebIdentity {
    const KIND: OperationKind = OperationKind::AssumeRoleWithWebIdentity;

    fn demands(&self, _: &Partition) -> Demands<'_> {
        Demands::WebIdentity(&self.ask)
    }
}

/// Reads what a refusal did not say in the open.
#[derive(Debug, Clone)]
pub struct DecodeAuthorizationMessage {
    /// The encoded message.
    pub message: String,
    /// The account that is asked: STS's actions without a resource are judged on it.
    pub account: AccountId,
}

impl Sealed for DecodeAuthorizationMessage {}

impl Operation for DecodeAuthorizationMessage {
    const KIND: OperationKind = OperationKind::DecodeAuthorizationMessage;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        let resource = Arn::sts(partition, &self.account);
        Demands::Sts { action: action("sts:DecodeAuthorizationMessage"), resource }
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

/// Opens a session of the user, or of the root user, that asks.
#[derive(Debug, Clone, Copy)]
pub struct GetSessionToken {
    /// How long it shall last, in seconds; twelve hours without it.
    pub duration_s: Option<u32>,
}

impl Sealed for GetSessionToken {}

impl Operation for GetSessionToken {
    const KIND: OperationKind = OperationKind::GetSessionToken;

    fn demands(&self, _: &Partition) -> Demands<'_> {
        Demands::Own
    }
}

/// Asks which account an access key belongs to.
#[derive(Debug, Clone)]
pub struct GetAccessKeyInfo {
    /// The key.
    pub id: AccessKeyId,
    /// The account that is asked: STS's actions without a resource are judged on it.
    pub account: AccountId,
}

impl Sealed for GetAccessKeyInfo {}

impl Operation for GetAccessKeyInfo {
    const KIND: OperationKind = OperationKind::GetAccessKeyInfo;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        let resource = Arn::sts(partition, &self.account);
        Demands::Sts { action: action("sts:GetAccessKeyInfo"), resource }
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

    /// Opens a session of a role for somebody for whom a provider vouches. As
    /// [`Gate::assume_role`], it is judged again.
    #[expect(clippy::unused_async, reason = "as all that acts: a door need not know who waits")]
    pub async fn assume_role_with_web_identity(
        &self,
        permit: Permit<AssumeRoleWithWebIdentity>,
    ) -> Result<AssumedRole, GateError> {
        let (op, caller, spent) = permit.spend();
        let (who, context) = (&caller.principal, caller.facts.context());
        spent.settle(self.authority.assume_role_with_web_identity(who, &op.ask, &context))
    }

    /// What a refusal did not say in the open.
    #[expect(clippy::unused_async, reason = "as all that acts: a door need not know who waits")]
    pub async fn decode_authorization_message(
        &self,
        permit: Permit<DecodeAuthorizationMessage>,
    ) -> Result<String, GateError> {
        let (op, _, spent) = permit.spend();
        spent.settle(self.authority.open_message(&op.message))
    }

    /// Opens a session of the caller's own.
    #[expect(clippy::unused_async, reason = "as all that acts: a door need not know who waits")]
    pub async fn get_session_token(
        &self,
        permit: Permit<GetSessionToken>,
    ) -> Result<TemporaryCredentials, GateError> {
        let (op, caller, spent) = permit.spend();
        spent.settle(self.authority.get_session_token(&caller.principal, op.duration_s))
    }

    /// The account of an access key: this one, for the keys that it issued.
    #[expect(clippy::unused_async, reason = "as all that acts: a door need not know who waits")]
    pub async fn get_access_key_info(
        &self,
        permit: Permit<GetAccessKeyInfo>,
    ) -> Result<AccountId, GateError> {
        let (op, _, spent) = permit.spend();
        spent.settle(self.authority.account_of(&op.id))
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
