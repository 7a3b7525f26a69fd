//! `Principal`: who is at the S3 door.
//!
//! Invariant: minted only here. The anonymous one says nothing; every other stands for credentials
//! that this authority issued.

use std::sync::Arc;

use jiff::Timestamp;
use wh_names::{
    AccessKeyId, AccountId, Arn, InstanceId, Partition, RoleName, SourceIdentity, UserName,
};
use wh_policy::{Context, Subject};

use crate::oidc::WebIdentity;
use crate::own_session::OwnSession;
use crate::session::Session;
use crate::state::{CompiledRole, CompiledUser};

/// Who is asking. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Principal(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    kind: Kind,
    subject: Subject,
    arn: Option<Arn>,
    account: Option<AccountId>,
    user_id: String,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Anonymous,
    Root,
    User(Arc<KnownUser>),
    /// A session of a role.
    Session(Arc<Session>),
    /// A user's or the root user's own session.
    OwnSession(Arc<OwnSession>),
    /// Somebody for whom an identity provider vouches, before a role is assumed.
    Federated(Arc<WebIdentity>),
}

/// A user as recognised by an access key. What the user may do is not in here: that is asked anew.
#[derive(Debug)]
pub(crate) struct KnownUser {
    pub(crate) name: UserName,
    pub(crate) user_id: String,
    pub(crate) access_key: AccessKeyId,
}

impl Principal {
    /// Whoever did not say who they are.
    pub fn anonymous() -> Self {
        Self(Arc::new(Inner {
            kind: Kind::Anonymous,
            subject: Subject::Anonymous,
            arn: None,
            account: None,
            user_id: "anonymous".to_owned(),
        }))
    }

    pub(crate) fn root(partition: &Partition, account: &AccountId) -> Self {
        Self::root_as(Kind::Root, partition, account)
    }

    /// The root user by its own session.
    pub(crate) fn root_session(
        session: Arc<OwnSession>,
        partition: &Partition,
        account: &AccountId,
    ) -> Self {
        Self::root_as(Kind::OwnSession(session), partition, account)
    }

    fn root_as(kind: Kind, partition: &Partition, account: &AccountId) -> Self {
        Self(Arc::new(Inner {
            kind,
            subject: Subject::Root { account: account.clone(), partition: partition.clone() },
            arn: Some(Arn::root(partition, account)),
            account: Some(account.clone()),
            user_id: account.as_str().to_owned(),
        }))
    }

    /// A user by an access key.
    pub(crate) fn user(user: &CompiledUser, access_key: &AccessKeyId, account: &AccountId) -> Self {
        let known = KnownUser {
            name: user.name.clone(),
            user_id: user.user_id.clone(),
            access_key: access_key.clone(),
        };
        Self::user_as(Kind::User(Arc::new(known)), user, account)
    }

    /// A user by a session of its own.
    pub(crate) fn user_session(
        session: Arc<OwnSession>,
        user: &CompiledUser,
        account: &AccountId,
    ) -> Self {
        Self::user_as(Kind::OwnSession(session), user, account)
    }

    fn user_as(kind: Kind, user: &CompiledUser, account: &AccountId) -> Self {
        Self(Arc::new(Inner {
            kind,
            subject: Subject::User { arn: user.arn.clone() },
            arn: Some(user.arn.clone()),
            account: Some(account.clone()),
            user_id: user.user_id.clone(),
        }))
    }

    /// Somebody for whom an identity provider vouches.
    pub(crate) fn federated(identity: WebIdentity) -> Self {
        let provider = identity.provider().clone();
        Self(Arc::new(Inner {
            subject: Subject::Federated { provider: provider.as_str().to_owned() },
            arn: Some(provider),
            account: None,
            user_id: identity.subject().to_owned(),
            kind: Kind::Federated(Arc::new(identity)),
        }))
    }

    pub(crate) fn session(session: Arc<Session>, role: &CompiledRole, account: &AccountId) -> Self {
        let subject =
            Subject::RoleSession { role_arn: role.arn.clone(), session_arn: session.arn.clone() };
        Self(Arc::new(Inner {
            subject,
            arn: Some(session.arn.clone()),
            account: Some(account.clone()),
            user_id: format!("{}:{}", session.role_id, session.name),
            kind: Kind::Session(session),
        }))
    }

    pub(crate) fn kind(&self) -> &Kind {
        &self.0.kind
    }

    /// The principal as the policy engine sees it.
    pub fn subject(&self) -> &Subject {
        &self.0.subject
    }

    /// The ARN: of the role session, of the user, of the root user, or of the provider that vouches for
    /// somebody. The anonymous principal has none.
    pub fn arn(&self) -> Option<&Arn> {
        self.0.arn.as_ref()
    }

    /// The ARN, or `anonymous`: what stands in records.
    pub fn label(&self) -> &str {
        self.0.arn.as_ref().map_or("anonymous", Arn::as_str)
    }

    /// The account; the anonymous principal has none.
    pub fn account(&self) -> Option<&AccountId> {
        self.0.account.as_ref()
    }

    /// `aws:userid`: `AROA…:session-name` for a role session, `AIDA…` for a user, the account id for
    /// the root user.
    pub fn user_id(&self) -> &str {
        &self.0.user_id
    }

    /// Who is really acting, where the session says so.
    pub fn source_identity(&self) -> Option<&SourceIdentity> {
        match self.kind() {
            Kind::Anonymous
            | Kind::Root
            | Kind::User(_)
            | Kind::OwnSession(_)
            | Kind::Federated(_) => None,
            Kind::Session(session) => session.source_identity.as_ref(),
        }
    }

    /// The machine that the session, or one before it, was delivered to.
    pub(crate) fn machine_arn(&self) -> Option<&Arn> {
        match self.kind() {
            Kind::Anonymous
            | Kind::Root
            | Kind::User(_)
            | Kind::OwnSession(_)
            | Kind::Federated(_) => None,
            Kind::Session(session) => session.machine.as_ref().map(|(_, arn)| arn),
        }
    }

    /// The role whose session this is.
    pub fn role(&self) -> Option<&RoleName> {
        self.role_session().map(|session| &session.role)
    }

    /// The machine that the session, or one before it, was delivered to.
    pub fn machine(&self) -> Option<&InstanceId> {
        self.role_session()?.machine.as_ref().map(|(id, _)| id)
    }

    fn role_session(&self) -> Option<&Session> {
        match self.kind() {
            Kind::Anonymous
            | Kind::Root
            | Kind::User(_)
            | Kind::OwnSession(_)
            | Kind::Federated(_) => None,
            Kind::Session(session) => Some(session),
        }
    }

    /// Whether nobody said who they are.
    pub fn is_anonymous(&self) -> bool {
        matches!(self.kind(), Kind::Anonymous)
    }

    /// Whether this is the account's root user, by its access key or by a session.
    pub fn is_root(&self) -> bool {
        matches!(self.subject(), Subject::Root { .. })
    }

    /// The name of the user whose access key signed the request: what IAM takes a missing `UserName`
    /// for.
    pub fn user_name(&self) -> Option<&UserName> {
        match self.kind() {
            Kind::User(known) => Some(&known.name),
            Kind::Anonymous
            | Kind::Root
            | Kind::Session(_)
            | Kind::OwnSession(_)
            | Kind::Federated(_) => None,
        }
    }

    /// Whether the credentials are temporary. Temporary credentials may not call IAM.
    pub fn is_temporary(&self) -> bool {
        match self.kind() {
            Kind::Session(_) | Kind::OwnSession(_) | Kind::Federated(_) => true,
            Kind::Anonymous | Kind::Root | Kind::User(_) => false,
        }
    }

    /// Fills in the condition keys that come from the credentials, over the role's own tags. Those that
    /// follow from the subject alone the policy engine knows by itself: `aws:PrincipalArn`, and
    /// `aws:PrincipalIsAWSService`, which anonymous requests do not hold.
    ///
    /// Source: IAM User Guide, "AWS global condition context keys", properties of the principal and
    /// of a role session.
    pub(crate) fn context(&self, context: &mut Context) {
        context.set("aws:ViaAWSService", "false");
        context.set("aws:userid", self.user_id());
        if let Some(account) = self.account() {
            context.set("aws:PrincipalAccount", account.as_str());
        }
        let session = match self.kind() {
            Kind::Anonymous => return context.set("aws:PrincipalType", "Anonymous"),
            Kind::Root => return context.set("aws:PrincipalType", "Account"),
            Kind::User(_) => return context.set("aws:PrincipalType", "User"),
            Kind::OwnSession(session) => {
                let kind = if self.is_root() { "Account" } else { "User" };
                context.set("aws:PrincipalType", kind);
                context.set("aws:MultiFactorAuthPresent", "false");
                return context.set("aws:TokenIssueTime", whole_seconds(session.issued));
            }
            Kind::Federated(identity) => {
                context.set("aws:FederatedProvider", identity.provider().as_str());
                for (key, value) in identity.keys() {
                    context.set(&key, value);
                }
                return;
            }
            Kind::Session(session) => session,
        };
        context.set("aws:PrincipalType", "AssumedRole");
        context.set("aws:TokenIssueTime", whole_seconds(session.issued));
        if let Some(source) = &session.source_identity {
            context.set("aws:SourceIdentity", source.as_str());
        }
        if session.service.as_deref() == Some("ec2.amazonaws.com") {
            context.set("ec2:RoleDelivery", "2.0");
            if let Some((_, arn)) = &session.machine {
                context.set("ec2:SourceInstanceArn", arn.as_str());
            }
        }
        if let Some((provider, keys)) = &session.federated {
            context.set("aws:FederatedProvider", provider.as_str());
            for (key, value) in keys {
                context.set(key, value.as_str());
            }
        }
        for (key, value) in &session.tags {
            context.set(&format!("aws:PrincipalTag/{key}"), value.as_str());
        }
    }
}

/// A time as AWS gives it in condition keys: ISO 8601 in whole seconds.
pub(crate) fn whole_seconds(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}
