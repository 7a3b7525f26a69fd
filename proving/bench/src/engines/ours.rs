//! The engine of this repository.

use std::hint::black_box;
use std::sync::Arc;

use anyhow::{Result, bail};
use wh_names::{AccountId, Action, Arn};
use wh_policy::{
    Context, ContextValue, NamedPolicy, Outcome, PolicyDocument, PolicyError, PolicyFault,
    PolicyKind, PolicySet, Request, Subject, evaluate,
};

use super::document::{IAM, document};
use super::{Answer, Engine, Reader};
use crate::scenario::{Ask, Fact, Rule, STATEMENTS_PER_DOCUMENT, USER};

const ACCOUNT: &str = "123456789012";

/// Our engine, with its policies compiled and its requests prepared.
#[derive(Debug)]
pub struct Ours {
    policies: Vec<NamedPolicy>,
    asks: Vec<Ask>,
    prepared: Vec<Prepared>,
}

/// A request with everything that it borrows.
#[derive(Debug)]
struct Prepared {
    subject: Subject,
    action: Action,
    resource: Arn,
    account: AccountId,
    context: Context,
}

impl Ours {
    /// Reads the rules as documents of twenty statements, and prepares the requests.
    pub fn new(rules: &[Rule], asks: &[Ask]) -> Result<Self> {
        Self::in_documents_of(STATEMENTS_PER_DOCUMENT, rules, asks)
    }

    /// Reads the rules as one document, of whatever length.
    pub fn in_one_document(rules: &[Rule], asks: &[Ask]) -> Result<Self> {
        Self::in_documents_of(rules.len(), rules, asks)
    }

    fn in_documents_of(statements: usize, rules: &[Rule], asks: &[Ask]) -> Result<Self> {
        let policies: Result<Vec<_>> = rules.chunks(statements).map(policy).collect();
        let prepared: Result<Vec<_>> = asks.iter().map(Prepared::new).collect();
        Ok(Self { policies: policies?, asks: asks.to_vec(), prepared: prepared? })
    }

    /// Decides, and asks for the explanation.
    pub fn explain(&self, ask: usize) {
        let Some(prepared) = self.prepared.get(ask) else { return };
        let set = PolicySet { identity: &self.policies, ..PolicySet::default() };
        let request = prepared.request();
        let decision = evaluate(&set, &request);
        black_box(decision.explanation());
    }

    /// Builds the request from text, and decides.
    pub fn build_and_decide(&self, ask: usize) -> Answer {
        match self.asks.get(ask).map(Prepared::new) {
            Some(Ok(prepared)) => self.judge(&prepared),
            Some(Err(_)) | None => Answer::Failed,
        }
    }

    fn judge(&self, prepared: &Prepared) -> Answer {
        let set = PolicySet { identity: &self.policies, ..PolicySet::default() };
        match evaluate(&set, &prepared.request()).outcome() {
            Outcome::Allow => Answer::Allow,
            Outcome::ExplicitDeny => Answer::ExplicitDeny,
            Outcome::ImplicitDeny => Answer::ImplicitDeny,
        }
    }
}

impl Engine for Ours {
    fn decide(&self, ask: usize) -> Answer {
        self.prepared.get(ask).map_or(Answer::Failed, |prepared| self.judge(prepared))
    }
}

fn policy(rules: &[Rule]) -> Result<NamedPolicy> {
    let read = PolicyDocument::read_stored(&document(rules, &IAM), PolicyKind::Identity);
    // All rules in one document are more than IAM takes.
    let doubtful = |fault: &&PolicyError| !matches!(fault.fault(), PolicyFault::TooLarge { .. });
    if let Some(fault) = read.faults().iter().find(doubtful) {
        bail!("our own document has a fault: {fault}");
    }
    Ok(NamedPolicy { name: "bench".to_owned(), document: Arc::new(read) })
}

/// Strict parsing, as when a policy is written.
pub(super) fn reader(rules: &[Rule]) -> Reader {
    let text = document(rules, &IAM);
    Box::new(move || {
        black_box(PolicyDocument::parse(black_box(&text), PolicyKind::Identity)).is_ok()
    })
}

impl Prepared {
    fn new(ask: &Ask) -> Result<Self> {
        let mut context = Context::new();
        for (key, fact) in &ask.facts {
            context.set(key, value(fact));
        }
        Ok(Self {
            subject: Subject::User {
                arn: Arn::parse(&format!("arn:aws:iam::{ACCOUNT}:user/{USER}"))?,
            },
            action: Action::parse(ask.action)?,
            resource: Arn::parse(&ask.arn())?,
            account: AccountId::parse(ACCOUNT)?,
            context,
        })
    }

    fn request(&self) -> Request<'_> {
        Request {
            subject: &self.subject,
            action: &self.action,
            resource: &self.resource,
            resource_account: &self.account,
            context: &self.context,
        }
    }
}

fn value(fact: &Fact) -> ContextValue {
    match fact {
        Fact::Text(text) | Fact::Time(text) | Fact::Address(text) => (*text).into(),
        Fact::Flag(flag) => (*flag).into(),
        Fact::Number(number) => number.to_string().into(),
        Fact::Many(values) => values.iter().map(|&text| text.to_owned()).collect::<Vec<_>>().into(),
    }
}
