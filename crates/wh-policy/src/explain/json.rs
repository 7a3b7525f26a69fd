//! A trace as JSON, for machines.

use serde_json::{Value, json};

use super::trace::{Obstacle, PolicyTrace, Says, StatementTrace, Trace};
use super::{Outcome, PolicyType};
use crate::ContextValue;

impl Outcome {
    /// The stable name: `allow`, `explicit-deny`, `implicit-deny`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::ExplicitDeny => "explicit-deny",
            Self::ImplicitDeny => "implicit-deny",
        }
    }
}

impl Says {
    /// The stable name: `denies`, `allows`, `nothing`, `unreadable`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Denies => "denies",
            Self::Allows => "allows",
            Self::Nothing => "nothing",
            Self::Unreadable => "unreadable",
        }
    }
}

impl Obstacle<'_> {
    /// The element that kept the statement from applying: `action`, `resource`, `principal`,
    /// `statement`, `operator`, `condition`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::Resource => "resource",
            Self::Principal => "principal",
            Self::Malformed => "statement",
            Self::UnknownOperator { .. } => "operator",
            Self::Condition { .. } => "condition",
        }
    }
}

impl Trace<'_> {
    /// `{decision, principal, action, resource, message, policy_type, policy, statement, near_miss,
    /// policies: [{type, level, policy, says, malformed, statements: [{statement, effect, applies,
    /// obstacle}]}]}`.
    pub fn to_json(&self) -> String {
        let why = &self.summary;
        let policies: Vec<Value> = self.policies.iter().map(policy).collect();
        json!({
            "decision": why.outcome.code(),
            "principal": why.principal,
            "action": why.action,
            "resource": why.resource,
            "message": why.message(),
            "policy_type": why.policy_type.map(PolicyType::as_str),
            "policy": why.policy,
            "statement": why.statement,
            "near_miss": why.near_miss,
            "policies": policies,
        })
        .to_string()
    }
}

fn policy(policy: &PolicyTrace<'_>) -> Value {
    let statements: Vec<Value> = policy.statements.iter().map(statement).collect();
    let malformed: Vec<String> = policy.faults.iter().map(ToString::to_string).collect();
    json!({
        "type": policy.kind.as_str(),
        "level": policy.level,
        "policy": policy.name,
        "says": policy.says.code(),
        "malformed": malformed,
        "statements": statements,
    })
}

fn statement(one: &StatementTrace<'_>) -> Value {
    json!({
        "statement": one.statement.label(),
        "effect": one.statement.effect.as_str(),
        "applies": one.obstacle.is_none(),
        "obstacle": one.obstacle.as_ref().map(obstacle),
    })
}

fn obstacle(obstacle: &Obstacle<'_>) -> Value {
    match obstacle {
        Obstacle::Action | Obstacle::Resource | Obstacle::Principal | Obstacle::Malformed => {
            json!({ "element": obstacle.code() })
        }
        Obstacle::UnknownOperator { operator } => {
            json!({ "element": obstacle.code(), "operator": operator })
        }
        Obstacle::Condition { operator, key, expected, actual, malformed } => {
            let actual = actual.as_ref().map(|value| match value {
                ContextValue::One(value) => json!(value),
                ContextValue::Many(values) => json!(values),
            });
            json!({
                "element": obstacle.code(),
                "operator": operator,
                "key": key,
                "expected": expected,
                "actual": actual,
                "malformed": malformed,
            })
        }
    }
}
