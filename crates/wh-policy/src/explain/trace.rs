//! Every statement that had a say: what it did, or the first thing that kept it from applying.

use crate::applies::Asked;
use crate::context::Held;
use crate::evaluate::{Court, by_principal};
use crate::index::Order;
use crate::{
    ContextValue, Effect, Explanation, NamedPolicy, Outcome, PolicyError, PolicySet, PolicyType,
    Request, Statement,
};

/// Why a decision is as it is, statement by statement.
#[derive(Debug, Clone)]
pub struct Trace<'a> {
    /// What decided.
    pub summary: Explanation,
    /// Every policy that has a say in it, in the order in which they are blamed: organisation,
    /// resource, identity, boundary, session.
    pub policies: Vec<PolicyTrace<'a>>,
}

/// What one policy said.
#[derive(Debug, Clone)]
pub struct PolicyTrace<'a> {
    /// Its type.
    pub kind: PolicyType,
    /// The level of the organisation that it belongs to, from 1.
    pub level: Option<usize>,
    /// Its name.
    pub name: &'a str,
    /// What came of it.
    pub says: Says,
    /// Its statements, in the order of the document.
    pub statements: Vec<StatementTrace<'a>>,
    /// What is malformed in it.
    pub faults: &'a [PolicyError],
}

/// What a policy says of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Says {
    /// A statement denies it.
    Denies,
    /// A statement allows it, and none denies it.
    Allows,
    /// No statement applies.
    Nothing,
    /// The document cannot be read: whatever it has a say in is denied.
    Unreadable,
}

/// What one statement did.
#[derive(Debug, Clone)]
pub struct StatementTrace<'a> {
    /// The statement.
    pub statement: &'a Statement,
    /// The first thing that kept it from applying; none where it applies.
    pub obstacle: Option<Obstacle<'a>>,
}

/// What keeps a statement from applying.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle<'a> {
    /// It is about other actions.
    Action,
    /// It is about other resources.
    Resource,
    /// It names other principals.
    Principal,
    /// It is malformed as a whole, and so allows nothing.
    Malformed,
    /// It holds an operator that IAM does not know, and so allows nothing.
    UnknownOperator {
        /// The operator as written.
        operator: &'a str,
    },
    /// A condition is not met.
    Condition {
        /// The operator as written.
        operator: &'a str,
        /// The condition key as written.
        key: &'a str,
        /// The values as written.
        expected: &'a [String],
        /// What the request holds; none where the key is absent.
        actual: Option<ContextValue>,
        /// Whether a value is malformed, so that nothing meets the condition.
        malformed: bool,
    },
}

/// A condition key that a request does not hold, and that would have mattered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanting<'a> {
    /// The statement that asks for it.
    pub statement: &'a Statement,
    /// The operator as written.
    pub operator: &'a str,
    /// The condition key as written.
    pub key: &'a str,
    /// The values as written.
    pub expected: &'a [String],
}

impl<'a> Trace<'a> {
    /// The condition keys that were not given and would have mattered: to what might have allowed a
    /// refused request, and to what might have denied an allowed one. Each statement wants one at most:
    /// the first that kept it from applying.
    pub fn wanting(&self) -> Vec<Wanting<'a>> {
        let why = &self.summary;
        let (effect, kind) = match why.outcome {
            Outcome::Allow => (Effect::Deny, None),
            Outcome::ImplicitDeny => (Effect::Allow, why.policy_type),
            Outcome::ExplicitDeny => return Vec::new(),
        };
        let policies = self.policies.iter().filter(|one| kind.is_none_or(|kind| one.kind == kind));
        let statements = policies.flat_map(|policy| &policy.statements);
        statements.filter(|one| one.statement.effect == effect).filter_map(wanting).collect()
    }
}

fn wanting<'a>(one: &StatementTrace<'a>) -> Option<Wanting<'a>> {
    match one.obstacle {
        Some(Obstacle::Condition { operator, key, expected, actual: None, malformed: false }) => {
            (operator != "Null").then_some(Wanting {
                statement: one.statement,
                operator,
                key,
                expected,
            })
        }
        Some(
            Obstacle::Condition { .. }
            | Obstacle::Action
            | Obstacle::Resource
            | Obstacle::Principal
            | Obstacle::Malformed
            | Obstacle::UnknownOperator { .. },
        )
        | None => None,
    }
}

/// Goes through every policy that has a say.
pub(super) fn trace<'a>(policies: &PolicySet<'a>, request: &Request<'a>) -> Trace<'a> {
    let court = Court::new(policies, request, Order::Document);
    let ruling = court.rule();
    let summary = super::summary(&ruling, &court.asked, request);
    let asked = &court.asked;
    let mut all = Vec::new();
    if court.is_always_allowed() {
        return Trace { summary, policies: all };
    }
    let levels = [
        (PolicyType::ServiceControl, policies.scps_for(request.subject)),
        (PolicyType::ResourceControl, policies.rcps_for(request.subject)),
    ];
    for (kind, levels) in levels {
        for (at, level) in levels.iter().enumerate() {
            all.extend(level.iter().map(|policy| of_policy(kind, Some(at + 1), policy, asked)));
        }
    }
    let mut add = |kind, policies: &'a [NamedPolicy]| {
        all.extend(policies.iter().map(|policy| of_policy(kind, None, policy, asked)));
    };
    add(court.resource_kind(), court.resource_policy().map_or(&[], std::slice::from_ref));
    add(PolicyType::Identity, policies.identity);
    add(PolicyType::Boundary, policies.boundary.map_or(&[], std::slice::from_ref));
    add(PolicyType::Session, policies.session.unwrap_or_default());
    Trace { summary, policies: all }
}

fn of_policy<'a>(
    kind: PolicyType,
    level: Option<usize>,
    policy: &'a NamedPolicy,
    asked: &Asked<'_>,
) -> PolicyTrace<'a> {
    let document = &policy.document;
    let named = by_principal(kind);
    let traced = document
        .statements
        .iter()
        .map(|statement| StatementTrace { statement, obstacle: obstacle(statement, asked, named) });
    let statements: Vec<StatementTrace<'a>> = traced.collect();
    let some = |effect| {
        statements.iter().any(|one| one.obstacle.is_none() && one.statement.effect == effect)
    };
    let says = match () {
        () if document.unreadable => Says::Unreadable,
        () if some(Effect::Deny) => Says::Denies,
        () if some(Effect::Allow) => Says::Allows,
        () => Says::Nothing,
    };
    PolicyTrace { kind, level, name: &policy.name, says, statements, faults: document.faults() }
}

/// The first thing that keeps a statement from applying; none where it applies.
pub(super) fn obstacle<'a>(
    statement: &'a Statement,
    asked: &Asked<'_>,
    by_principal: bool,
) -> Option<Obstacle<'a>> {
    if !statement.covers_action(asked) {
        return Some(Obstacle::Action);
    }
    if statement.doubtful && statement.effect == Effect::Allow {
        return Some(Obstacle::Malformed);
    }
    if !statement.covers_resource(asked) {
        return Some(Obstacle::Resource);
    }
    if by_principal && !asked.reach_of(statement).any() {
        return Some(Obstacle::Principal);
    }
    statement.conditions.iter().find_map(|condition| {
        if condition.holds(statement.effect, &asked.facts) {
            return None;
        }
        let operator = condition.name.as_str();
        let Some(test) = condition.failing(statement.effect, &asked.facts) else {
            return Some(Obstacle::UnknownOperator { operator });
        };
        let actual = asked.facts.get(&test.name).map(Held::to_owned);
        Some(Obstacle::Condition {
            operator,
            key: &test.key,
            expected: &test.values,
            actual,
            malformed: test.typed.is_none(),
        })
    })
}
