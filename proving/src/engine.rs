//! Asks the engine what the second account was asked.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use serde_json::Value;
use wh_names::{AccountId, Action, Arn, Partition};
use wh_policy::{
    Context, ContextValue, Decision, NamedPolicy, Outcome, PolicyDocument, PolicyKind, PolicySet,
    Request, Subject, evaluate,
};

use crate::question::{Given, Principal, Question, Verdict};

/// The documents of a question, as the engine reads them.
#[derive(Debug)]
pub struct Policies {
    identity: Vec<NamedPolicy>,
    resource: Option<NamedPolicy>,
    boundary: Option<NamedPolicy>,
    session: Option<Vec<NamedPolicy>>,
    scps: Option<Vec<Vec<NamedPolicy>>>,
    rcps: Option<Vec<Vec<NamedPolicy>>>,
}

impl Policies {
    /// Reads the documents of a question.
    pub fn read(q: &Question) -> Self {
        let resource = if q.is_about_trust() { PolicyKind::Trust } else { PolicyKind::Resource };
        Self {
            identity: read_all("identity", &q.identity, PolicyKind::Identity),
            resource: q.resource.as_ref().map(|d| read("resource", 0, d, resource)),
            boundary: q.boundary.as_ref().map(|d| read("boundary", 0, d, PolicyKind::Boundary)),
            session: q.session.as_ref().map(|d| read_all("session", d, PolicyKind::Session)),
            scps: read_levels("scp", q.scps.as_ref(), PolicyKind::Identity),
            rcps: read_levels("rcp", q.rcps.as_ref(), PolicyKind::Resource),
        }
    }

    /// Every document.
    pub fn all(&self) -> impl Iterator<Item = &NamedPolicy> {
        let levels = self.scps.iter().chain(&self.rcps).flatten().flatten();
        let lists = self.identity.iter().chain(self.session.iter().flatten());
        lists.chain(&self.resource).chain(&self.boundary).chain(levels)
    }

    /// What the engine decides for the request of a question.
    pub fn decide(&self, q: &Question) -> Result<Verdict> {
        Asked::new(q)?.decide(self, |decision| Ok(verdict(decision)))
    }
}

/// What the engine decides for a question.
pub fn decide(q: &Question) -> Result<Verdict> {
    Policies::read(q).decide(q)
}

/// A decision in the words of both.
pub fn verdict(decision: &Decision<'_>) -> Verdict {
    match decision.outcome() {
        Outcome::Allow => Verdict::Allow,
        Outcome::ExplicitDeny => Verdict::ExplicitDeny,
        Outcome::ImplicitDeny => Verdict::ImplicitDeny,
    }
}

/// The request of a question, in the engine's own words.
#[derive(Debug)]
pub struct Asked {
    subject: Subject,
    action: Action,
    resource: Arn,
    resource_account: AccountId,
    context: Context,
}

impl Asked {
    /// Puts a request into the engine's words; an error where a name is none.
    pub fn new(q: &Question) -> Result<Self> {
        let mut context = Context::new();
        for (key, given) in &q.context {
            match given {
                Given::One(value) => context.set(key, value.as_str()),
                Given::Many(values) => context.set(key, ContextValue::Many(values.clone())),
            }
        }
        Ok(Self {
            subject: subject(&q.principal)?,
            action: Action::parse(&q.action)?,
            resource: Arn::parse(&q.target)?,
            resource_account: AccountId::parse(&q.owner)?,
            context,
        })
    }

    /// Decides; `with` sees the decision.
    pub fn decide<T>(
        &self,
        policies: &Policies,
        with: impl FnOnce(&Decision<'_>) -> Result<T>,
    ) -> Result<T> {
        let set = PolicySet {
            identity: &policies.identity,
            resource: policies.resource.as_ref(),
            boundary: policies.boundary.as_ref(),
            session: policies.session.as_deref(),
            scps: policies.scps.as_deref(),
            rcps: policies.rcps.as_deref(),
        };
        let request = Request {
            subject: &self.subject,
            action: &self.action,
            resource: &self.resource,
            resource_account: &self.resource_account,
            context: &self.context,
        };
        with(&evaluate(&set, &request))
    }
}

fn read(name: &str, number: usize, document: &Value, kind: PolicyKind) -> NamedPolicy {
    let document = PolicyDocument::read_stored(&document.to_string(), kind);
    NamedPolicy { name: format!("{name}-{number}"), document: Arc::new(document) }
}

fn read_all(name: &str, documents: &[Value], kind: PolicyKind) -> Vec<NamedPolicy> {
    documents.iter().enumerate().map(|(number, d)| read(name, number, d, kind)).collect()
}

fn read_levels(
    name: &str,
    levels: Option<&Vec<Vec<Value>>>,
    kind: PolicyKind,
) -> Option<Vec<Vec<NamedPolicy>>> {
    levels.map(|levels| levels.iter().map(|level| read_all(name, level, kind)).collect())
}

fn subject(principal: &Principal) -> Result<Subject> {
    Ok(match principal {
        Principal::Anonymous => Subject::Anonymous,
        Principal::Root(account, partition) => Subject::Root {
            account: AccountId::parse(account)?,
            partition: Partition::parse(partition)?,
        },
        Principal::User(arn) => Subject::User { arn: Arn::parse(arn)? },
        Principal::Role(arn) => Subject::Role { arn: Arn::parse(arn)? },
        Principal::Session(role, session) => {
            Subject::RoleSession { role_arn: Arn::parse(role)?, session_arn: Arn::parse(session)? }
        }
        Principal::FederatedUser(arn, user) => Subject::FederatedUser {
            arn: Arn::parse(arn).context("a federated user")?,
            user_arn: user.as_deref().map(Arn::parse).transpose()?,
        },
        Principal::Service(name) => Subject::Service { name: name.clone() },
        Principal::Federated(provider) => Subject::Federated { provider: provider.clone() },
    })
}
