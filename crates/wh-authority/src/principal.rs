//! `Principal`: who is at the S3 door.
//!
//! Invariant: minted only here. The anonymous one says nothing; every other stands for credentials
//! that this authority issued.

use std::sync::Arc;

use jiff::Timestamp;
use wh_names::{AccountId, Arn, Partition, SourceIdentity};
use wh_policy::{Context, Subject};

use crate::session::Session;
use crate::state::CompiledRole;

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
    Session(Arc<Session>),
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
        Self(Arc::new(Inner {
            kind: Kind::Root,
            subject: Subject::Root { account: account.clone(), partition: partition.clone() },
            arn: Some(Arn::root(partition, account)),
            account: Some(account.clone()),
            user_id: account.as_str().to_owned(),
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

    /// The ARN: of the role session or of the root user. The anonymous principal has none.
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

    /// `aws:userid`: `AROA…:session-name` for a role session, the account id for the root user.
    pub fn user_id(&self) -> &str {
        &self.0.user_id
    }

    /// Who is really acting, where the session says so.
    pub fn source_identity(&self) -> Option<&SourceIdentity> {
        match self.kind() {
            Kind::Anonymous | Kind::Root => None,
            Kind::Session(session) => session.source_identity.as_ref(),
        }
    }

    /// Whether nobody said who they are.
    pub fn is_anonymous(&self) -> bool {
        matches!(self.kind(), Kind::Anonymous)
    }

    /// Whether this is the account's root user.
    pub fn is_root(&self) -> bool {
        matches!(self.kind(), Kind::Root)
    }

    /// Whether the credentials are temporary. Temporary credentials may not call IAM.
    pub fn is_temporary(&self) -> bool {
        matches!(self.kind(), Kind::Session(_))
    }

    /// Fills in the condition keys that come from the credentials, over the role's own tags.
    ///
    /// Source: IAM User Guide, "AWS global condition context keys", properties of the principal and
    /// of a role session.
    pub(crate) fn context(&self, context: &mut Context) {
        context.set("aws:PrincipalIsAWSService", "false");
        context.set("aws:ViaAWSService", "false");
        context.set("aws:userid", self.user_id());
        if let Some(account) = self.account() {
            context.set("aws:PrincipalAccount", account.as_str());
        }
        let session = match self.kind() {
            Kind::Anonymous => return context.set("aws:PrincipalType", "Anonymous"),
            Kind::Root => return context.set("aws:PrincipalType", "Account"),
            Kind::Session(session) => session,
        };
        context.set("aws:PrincipalType", "AssumedRole");
        context.set("aws:TokenIssueTime", whole_seconds(session.issued));
        if let Some(source) = &session.source_identity {
            context.set("aws:SourceIdentity", source.as_str());
        }
        if session.service.as_deref() == Some("ec2.amazonaws.com") {
            context.set("ec2:RoleDelivery", "2.0");
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
