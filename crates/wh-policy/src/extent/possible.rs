//! Whether a refusal might be an allow with other values of condition keys that are not known.
//!
//! Takes every such value at its best for the one who asks, statement by statement: "no" is certain, and
//! "yes" is put to the analysis.

use super::Asking;
use crate::context::Facts;
use crate::glob::Piece;
use crate::key::KeyName;
use crate::{
    Decision, Effect, Obstacle, PolicyTrace, PolicyType, Says, Statement, StatementTrace, Subject,
};

pub(super) fn may_be(asking: &Asking<'_>, decision: &Decision<'_>) -> bool {
    let trace = decision.trace();
    let denied = |policy: &PolicyTrace<'_>| {
        let mut statements = policy.statements.iter();
        matches!(policy.says, Says::Unreadable) || statements.any(|one| denies(asking, one))
    };
    if trace.policies.iter().any(denied) {
        return false;
    }
    let allows = |kind: PolicyType| {
        let mut policies = trace.policies.iter().filter(|policy| policy.kind == kind);
        policies.any(|policy| policy.statements.iter().any(|one| might_allow(asking, one)))
    };
    let set = &asking.policies;
    let by_resource = allows(PolicyType::Resource);
    match asking.subject {
        Subject::Anonymous | Subject::Service { .. } | Subject::Federated { .. } => by_resource,
        Subject::Root { .. }
        | Subject::User { .. }
        | Subject::RoleSession { .. }
        | Subject::Role { .. }
        | Subject::FederatedUser { .. } => {
            by_resource
                || (allows(PolicyType::Identity)
                    && (set.boundary.is_none() || allows(PolicyType::Boundary))
                    && (set.session.is_none() || allows(PolicyType::Session)))
        }
    }
}

/// Whether it denies whatever the keys hold that are not known.
fn denies(asking: &Asking<'_>, one: &StatementTrace<'_>) -> bool {
    one.statement.effect == Effect::Deny
        && one.obstacle.is_none()
        && !asks_what_is_open(asking, one.statement)
}

fn might_allow(asking: &Asking<'_>, one: &StatementTrace<'_>) -> bool {
    if one.statement.effect != Effect::Allow {
        return false;
    }
    match one.obstacle {
        None => true,
        Some(Obstacle::Condition { .. } | Obstacle::Resource) => {
            asks_what_is_open(asking, one.statement)
        }
        Some(
            Obstacle::Action
            | Obstacle::Principal
            | Obstacle::Malformed
            | Obstacle::UnknownOperator { .. },
        ) => false,
    }
}

/// Whether a condition or a variable of the statement speaks of a key that is not known.
fn asks_what_is_open(asking: &Asking<'_>, statement: &Statement) -> bool {
    let facts = Facts::new(asking.known, asking.subject);
    keys_of(statement).iter().any(|key| !is_settled(asking, &facts, key))
}

fn is_settled(asking: &Asking<'_>, facts: &Facts<'_>, key: &KeyName) -> bool {
    let absent = asking.absent.iter().any(|absent| {
        let absent = absent.to_lowercase();
        absent.strip_suffix('*').map_or(absent == key.as_str(), |it| key.as_str().starts_with(it))
    });
    absent || facts.get(key).is_some()
}

/// The condition keys that a statement speaks of.
pub(super) fn keys_of(statement: &Statement) -> Vec<KeyName> {
    let asked = || statement.conditions.iter().flat_map(|condition| &condition.tests);
    let mut keys: Vec<KeyName> = asked().map(|test| test.name.clone()).collect();
    let resources = statement.resources.iter().flat_map(|listed| &listed.items);
    let texts = resources.map(|item| &item.text).chain(asked().flat_map(|test| &test.values));
    for text in texts.filter(|text| text.contains("${")) {
        let reading = crate::template::Reading { variables: true, wildcards: true };
        let Ok(template) = crate::template::Template::parse(text, reading) else { continue };
        keys.extend(template.pieces().iter().filter_map(|piece| match piece {
            Piece::Variable(variable) => Some(variable.key.clone()),
            Piece::Literal(_) | Piece::Run | Piece::One => None,
        }));
    }
    keys
}
