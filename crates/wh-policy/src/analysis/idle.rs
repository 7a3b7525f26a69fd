//! Statements that never matter.

use super::compile::{Compiler, allowed, applies, reaches};
use super::formula::Formula;
use super::inquiry::{documents, satisfiable};
use super::side::Side;
use super::space::Space;
use super::{Access, Budget};
use crate::{Effect, NamedPolicy, Statement};

/// Whether something can be, without a request to show for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Possible {
    /// It is proved that it cannot.
    No,
    /// It can.
    Yes,
    /// It is not known: "because …".
    Unknown(String),
}

/// A statement that never changes whether a request is allowed, or that may be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idle {
    /// The name of its policy.
    pub policy: String,
    /// Its `Sid`, or `#` and its number from 1.
    pub statement: String,
    /// Its number in the policy, from 1.
    pub number: usize,
    /// Why it never matters.
    pub reason: IdleReason,
}

/// Why a statement never matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdleReason {
    /// No request can be what it asks for: its elements or conditions contradict each other.
    MatchesNothing,
    /// It speaks of other principals.
    OtherPrincipals,
    /// It allows, but all that it allows is denied, or not allowed by another type of policy that has
    /// to allow it too.
    Shadowed,
    /// It allows, but all that it allows and that is not refused elsewhere is allowed without it.
    Redundant,
    /// It denies, but nothing that it denies would be allowed.
    DeniesNothing,
    /// Whether it matters is not known: "because …".
    Unknown(String),
}

/// Whether a statement can apply to any request of anyone, its principals aside.
pub fn can_apply(statement: &Statement, budget: Budget) -> Possible {
    let mut space = Space::of_statement(statement);
    let side = Side::open();
    let formula = applies(&mut Compiler { space: &mut space, side: &side }, statement);
    satisfiable(&space, formula, budget)
}

/// Whether it is proved that a statement applies to no request at all.
pub fn matches_nothing(statement: &Statement, budget: Budget) -> bool {
    can_apply(statement, budget) == Possible::No
}

/// The statements that can be left out, each for itself, without any request of this principal being
/// decided otherwise; and those of which that is not known. Two that say the same are both listed.
pub fn idle_statements(access: &Access<'_>, budget: Budget) -> Vec<Idle> {
    let policies = access.policies;
    let levels = [policies.scps, policies.rcps].into_iter().flatten().flatten().flatten();
    let named = policies
        .identity
        .iter()
        .chain(policies.resource)
        .chain(policies.boundary)
        .chain(policies.session.unwrap_or_default())
        .chain(levels);
    let statements = named.flat_map(|p| p.document.statements.iter().map(move |s| (p, s)));
    statements
        .filter_map(|(policy, statement)| {
            let reason = idle(access, policy, statement, budget)?;
            Some(Idle {
                policy: policy.name.clone(),
                statement: statement.label(),
                number: statement.number,
                reason,
            })
        })
        .collect()
}

fn idle<'a>(
    access: &Access<'a>,
    policy: &'a NamedPolicy,
    statement: &'a Statement,
    budget: Budget,
) -> Option<IdleReason> {
    if !reaches(access, policy, statement) {
        return Some(IdleReason::OtherPrincipals);
    }
    let side = Side::new(access, []);
    let mut space = Space::new(documents(&access.policies));
    let mut compiler = Compiler { space: &mut space, side: &side };
    let with = allowed(&mut compiler, access, None);
    let without = allowed(&mut compiler, access, Some((policy, statement.number)));
    let applies = applies(&mut compiler, statement);
    let differs = match statement.effect {
        Effect::Allow => with.clone().and(!without),
        Effect::Deny => without.and(!with.clone()),
    };
    let can = |formula: Formula| satisfiable(&space, formula, budget);
    match can(differs) {
        Possible::Yes => return None,
        Possible::Unknown(because) => return Some(IdleReason::Unknown(because)),
        Possible::No => {}
    }
    if can(applies.clone()) == Possible::No {
        return Some(IdleReason::MatchesNothing);
    }
    Some(match statement.effect {
        Effect::Deny => IdleReason::DeniesNothing,
        Effect::Allow => match can(applies.and(with)) {
            Possible::No => IdleReason::Shadowed,
            Possible::Yes | Possible::Unknown(_) => IdleReason::Redundant,
        },
    })
}
