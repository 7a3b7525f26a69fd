//! The nearest miss: which statement almost allowed it, and what stood in the way.

use super::trace::{Obstacle, obstacle};
use super::words::{Language, why_not};
use crate::applies::Asked;
use crate::evaluate::{Ruling, by_principal};
use crate::{Effect, NamedPolicy, PolicyType, Statement, Subject};

/// A statement that covers the action and yet does not allow it.
struct Miss<'a> {
    policy: &'a NamedPolicy,
    statement: &'a Statement,
    obstacle: Obstacle<'a>,
}

/// How far a statement came: the further, the nearer to allowing.
fn stage(obstacle: &Obstacle<'_>) -> u8 {
    match obstacle {
        Obstacle::Action => 0,
        Obstacle::Resource => 1,
        Obstacle::Principal => 2,
        Obstacle::Malformed | Obstacle::UnknownOperator { .. } | Obstacle::Condition { .. } => 3,
    }
}

/// The sentence about the nearest miss; none where no statement even covers the action.
pub(super) fn near_miss(ruling: &Ruling<'_>, asked: &Asked<'_>) -> Option<String> {
    let kind = ruling.kind?;
    if kind == PolicyType::Trust && matches!(asked.subject, Subject::Root { .. }) {
        return Some("root assumes no roles, whatever their trust policies say".to_owned());
    }
    let named = by_principal(kind);
    let mut nearest: Option<Miss<'_>> = None;
    for policy in ruling.silent {
        for statement in policy.document.statements.iter().filter(|s| s.effect == Effect::Allow) {
            let Some(obstacle) = obstacle(statement, asked, named) else { continue };
            let before = nearest.as_ref().map_or(0, |miss| stage(&miss.obstacle));
            if stage(&obstacle) > before {
                nearest = Some(Miss { policy, statement, obstacle });
            }
        }
    }
    let Miss { policy, statement, obstacle } = nearest?;
    let label = statement.label();
    let why = why_not(statement, &obstacle, Language::English);
    Some(format!("statement `{label}` of `{}` {why}", policy.name))
}
