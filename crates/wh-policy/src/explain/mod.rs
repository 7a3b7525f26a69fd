//! The decision and its reason.
//!
//! [`Explanation`] names what decided, in AWS's words. [`Trace`] goes through every statement of every
//! policy and says what it did, or why it did not apply: as a tree, in English or German, as JSON.
//! Both are made when a [`Decision`] is asked for them.
//!
//! Source: IAM User Guide, "Troubleshoot access denied error messages".

mod json;
mod near_miss;
mod trace;
mod tree;
mod words;

use std::fmt;

use crate::applies::Asked;
use crate::evaluate::{Court, Ruling};
use crate::index::Order;
use crate::{PolicySet, Request, Statement};

pub use trace::{Obstacle, PolicyTrace, Says, StatementTrace, Trace, Wanting};
pub use words::Language;

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Allowed, and nothing denies it.
    Allow,
    /// A statement denies it.
    ExplicitDeny,
    /// Nothing that would have to allow it does.
    ImplicitDeny,
}

/// The kinds of policy that can be the reason. `Display` gives AWS's name for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyType {
    /// A policy of the user or role.
    Identity,
    /// A policy of the resource, such as a bucket policy.
    Resource,
    /// The permissions boundary.
    Boundary,
    /// A policy passed when the session was made.
    Session,
    /// A service control policy.
    ServiceControl,
    /// A resource control policy.
    ResourceControl,
    /// A role's trust policy.
    Trust,
}

impl PolicyType {
    /// AWS's name: `identity-based policy`, `permissions boundary`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity-based policy",
            Self::Resource => "resource-based policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::ServiceControl => "service control policy",
            Self::ResourceControl => "resource control policy",
            Self::Trust => "role trust policy",
        }
    }

    fn with_article(self) -> String {
        let article = if matches!(self, Self::Identity) { "an" } else { "a" };
        format!("{article} {}", self.as_str())
    }
}

impl fmt::Display for PolicyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The reason of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What was decided.
    pub outcome: Outcome,
    /// Who asked: an ARN, a service, `anonymous`.
    pub principal: String,
    /// To do what.
    pub action: String,
    /// To which resource.
    pub resource: String,
    /// The type of policy that decided. An allow that needs no policy has none.
    pub policy_type: Option<PolicyType>,
    /// The policy that decided; none where no policy of the type allowed it.
    pub policy: Option<String>,
    /// The statement that decided: its `Sid`, or `#` and its number from 1.
    pub statement: Option<String>,
    /// Which statement came nearest to allowing it, and what stood in the way.
    pub near_miss: Option<String>,
}

impl Explanation {
    /// The decision as one sentence, a refusal in AWS's wording.
    pub fn message(&self) -> String {
        let Self { principal, action, resource, .. } = self;
        match (self.outcome, self.policy_type) {
            (Outcome::Allow, None) => {
                format!(
                    "User: {principal} is authorized to perform: {action} on resource: {resource}"
                )
            }
            (Outcome::Allow, Some(kind)) => format!(
                "User: {principal} is authorized to perform: {action} on resource: {resource} \
                 because {} allows the {action} action",
                kind.with_article()
            ),
            (Outcome::ExplicitDeny | Outcome::ImplicitDeny, None) => format!(
                "User: {principal} is not authorized to perform: {action} on resource: {resource}"
            ),
            // AWS words an implicit denial by a service control policy as an explicit one.
            (Outcome::ExplicitDeny, Some(kind))
            | (Outcome::ImplicitDeny, Some(kind @ PolicyType::ServiceControl)) => format!(
                "User: {principal} is not authorized to perform: {action} on resource: {resource} \
                 with an explicit deny in {}",
                kind.with_article()
            ),
            (Outcome::ImplicitDeny, Some(kind)) => format!(
                "User: {principal} is not authorized to perform: {action} on resource: {resource} \
                 because no {kind} allows the {action} action"
            ),
        }
    }
}

/// What was decided. Only [`evaluate`](crate::evaluate) makes one; why it was decided so is found out
/// when it is asked.
#[derive(Debug, Clone, Copy)]
#[must_use = "a decision that nobody reads decides nothing"]
pub struct Decision<'a> {
    pub(crate) outcome: Outcome,
    pub(crate) policies: PolicySet<'a>,
    pub(crate) request: Request<'a>,
}

impl<'a> Decision<'a> {
    /// What was decided.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Whether the request is allowed.
    pub fn allowed(&self) -> bool {
        match self.outcome {
            Outcome::Allow => true,
            Outcome::ExplicitDeny | Outcome::ImplicitDeny => false,
        }
    }

    /// The reason: which statement of which policy decided, and of those that almost allowed it, the
    /// nearest.
    pub fn explanation(&self) -> Explanation {
        let court = Court::new(&self.policies, &self.request, Order::Document);
        summary(&court.rule(), &court.asked, &self.request)
    }

    /// Every statement of every policy that had a say, and what came of it.
    pub fn trace(&self) -> Trace<'a> {
        trace::trace(&self.policies, &self.request)
    }
}

fn summary(ruling: &Ruling<'_>, asked: &Asked<'_>, request: &Request<'_>) -> Explanation {
    Explanation {
        outcome: ruling.outcome,
        principal: request.subject.display_name(),
        action: request.action.as_str().to_owned(),
        resource: request.resource.as_str().to_owned(),
        policy_type: ruling.kind,
        policy: ruling.found.map(|found| found.policy.name.clone()),
        statement: ruling.found.and_then(|found| found.statement).map(Statement::label),
        near_miss: near_miss::near_miss(ruling, asked),
    }
}
