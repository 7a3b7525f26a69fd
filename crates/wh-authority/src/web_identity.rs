//! `sts:AssumeRoleWithWebIdentity`: somebody for whom an identity provider vouches becomes a session of
//! a role that trusts the provider.
//!
//! Source: STS API Reference, `AssumeRoleWithWebIdentity`; IAM User Guide, "Available keys for AWS
//! OIDC federation".

use std::sync::Arc;

use wh_names::{Action, Arn, RoleSessionName};
use wh_policy::{Context, PolicySet, Request, Subject, evaluate};

use crate::assume_role::{checked_policies, invalid, packed, seconds_of};
use crate::authority::names_role_of;
use crate::oidc::WebIdentity;
use crate::principal::Kind;
use crate::state::CompiledRole;
use crate::{AssumeRoleError, AssumedRole, Authority, Principal};

const NO_TOKEN: &str = "no identity provider vouches for the caller";

/// What is asked of `AssumeRoleWithWebIdentity`, beside the token.
#[derive(Debug, Clone)]
pub struct AssumeRoleWithWebIdentity {
    /// The role.
    pub role_arn: Arn,
    /// What the session will be called.
    pub session_name: RoleSessionName,
    /// How long it shall last, in seconds; an hour without it.
    pub duration_s: Option<u32>,
    /// An inline session policy.
    pub policy: Option<String>,
    /// Managed policies that narrow the session.
    pub policy_arns: Vec<String>,
}

/// What will be true of the session, if it is allowed.
struct Proposal {
    role: Arc<CompiledRole>,
    seconds: u32,
    policy_chars: usize,
}

impl Authority {
    /// Opens a session of a role for somebody whose token was recognised. `context` holds the keys of
    /// the request.
    pub fn assume_role_with_web_identity(
        &self,
        caller: &Principal,
        ask: &AssumeRoleWithWebIdentity,
        context: &Context,
    ) -> Result<AssumedRole, AssumeRoleError> {
        let Kind::Federated(identity) = caller.kind() else { return Err(invalid(NO_TOKEN)) };
        let Proposal { role, seconds, policy_chars } = self.propose(identity, ask, context)?;
        let mut claims = self.claims(&role, &ask.session_name, seconds);
        claims.fp = Some(identity.provider().as_str().to_owned());
        claims.fk = identity.keys().into();
        claims.po.clone_from(&ask.policy);
        claims.pa.clone_from(&ask.policy_arns);
        let credentials = self.issue(&claims).ok_or_else(|| invalid("the session is too large"))?;
        let place = &self.place;
        Ok(AssumedRole {
            credentials,
            arn: Arn::assumed_role(&place.partition, &place.account, &role.name, &ask.session_name),
            assumed_role_id: format!("{}:{}", role.role_id, ask.session_name),
            source_identity: None,
            packed_policy_size: packed(policy_chars),
        })
    }

    /// Whether [`Authority::assume_role_with_web_identity`] would open a session.
    pub fn judge_web_identity(
        &self,
        caller: &Principal,
        ask: &AssumeRoleWithWebIdentity,
        context: &Context,
    ) -> Result<(), AssumeRoleError> {
        let Kind::Federated(identity) = caller.kind() else { return Err(invalid(NO_TOKEN)) };
        self.propose(identity, ask, context).map(drop)
    }

    fn propose(
        &self,
        identity: &WebIdentity,
        ask: &AssumeRoleWithWebIdentity,
        context: &Context,
    ) -> Result<Proposal, AssumeRoleError> {
        let state = self.state();
        let role = names_role_of(&self.place, &ask.role_arn)
            .then(|| state.role_by_arn(&ask.role_arn))
            .flatten();
        let mut context = context.clone();
        for (key, value) in identity.keys() {
            context.set(&key, value);
        }
        context.set("aws:FederatedProvider", identity.provider().as_str());
        context.set("sts:RoleSessionName", ask.session_name.as_str());
        if let Some(seconds) = ask.duration_s {
            context.set("sts:DurationSeconds", seconds.to_string());
        }
        let action = Action::parse("sts:AssumeRoleWithWebIdentity");
        let action = action.map_err(|e| invalid(e.to_string()))?;
        let subject = Subject::Federated { provider: identity.provider().as_str().to_owned() };
        let trust = role.and_then(|role| role.trust.as_ref());
        let policies = PolicySet { resource: trust, ..PolicySet::default() };
        let decision = evaluate(
            &policies,
            &Request {
                subject: &subject,
                action: &action,
                resource: &ask.role_arn,
                resource_account: &self.place.account,
                context: &context,
            },
        );
        let (Some(role), true) = (role.filter(|_| trust.is_some()), decision.allowed()) else {
            return Err(AssumeRoleError::Denied(Box::new(decision.explanation())));
        };
        Ok(Proposal {
            role: Arc::clone(role),
            seconds: seconds_of(ask.duration_s, role)?,
            policy_chars: checked_policies(ask.policy.as_deref(), &ask.policy_arns, |arn| {
                state.session_policy(arn).is_some()
            })?,
        })
    }
}
