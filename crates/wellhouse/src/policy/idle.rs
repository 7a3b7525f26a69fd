//! Statements of a world that never matter, as findings.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;
use wh_policy::analysis::{Budget, Idle, IdleReason, idle_statements, matches_nothing};
use wh_policy::lint::{self, Finding, Fix, Place, Severity};
use wh_policy::{Context, NamedPolicy, PolicyDocument, PolicyKind};

use super::inquiry::{access, places};
use super::principal::Principal;
use super::world::{Role, World};

/// The code of these findings.
const CODE: &str = "statement-never-matters";

/// The findings of each document, by its place.
pub(super) fn findings(world: &World) -> BTreeMap<PathBuf, Vec<Finding>> {
    let mut found: BTreeMap<PathBuf, Vec<Finding>> = BTreeMap::new();
    for (name, role) in &world.roles {
        for (at, number, reason) in idle(world, name, role) {
            let place = role.places.get(at);
            let document = world.documents.iter().find(|document| Some(&document.place) == place);
            let Some((document, why)) = document.zip(words(&reason)) else { continue };
            let mut finding = finding(&document.text, number, why);
            let root: Value = serde_json::from_str(&document.text).unwrap_or_default();
            if reason == IdleReason::Redundant && trusted(world, role, &root, number) {
                finding.message = format!("the statement never changes a decision: {TRUSTED}");
                finding.fix = None;
            } else if is_only(&root) {
                // Nothing would be left of the policy.
                finding.fix = None;
            }
            found.entry(document.place.clone()).or_default().push(finding);
        }
    }
    for document in &world.documents {
        // Those of roles are seen to above, and by more than themselves.
        if matches!(document.kind, PolicyKind::Identity | PolicyKind::ManagedIdentity) {
            continue;
        }
        let read = PolicyDocument::read_stored(&document.text, document.kind);
        let never = read.statements().iter().zip(1..);
        let never = never.filter(|(statement, _)| matches_nothing(statement, Budget::default()));
        let all = never.map(|(_, number)| finding(&document.text, number, MATCHES_NOTHING));
        found.entry(document.place.clone()).or_default().extend(all);
    }
    found
}

const TRUSTED: &str = "the trust policies already name this role; it may stay for readers";

/// Whether a statement is about assuming roles, and trust policies name the role itself.
fn trusted(world: &World, role: &Role, root: &Value, number: usize) -> bool {
    let statement = match root.get("Statement") {
        Some(Value::Array(all)) => all.get(number.saturating_sub(1)),
        other => other,
    };
    let assumes = |action: &Value| action.as_str().is_some_and(|action| action.starts_with("sts:"));
    let assumes = match statement.and_then(|statement| statement.get("Action")) {
        Some(Value::Array(actions)) => actions.iter().all(assumes),
        Some(action) => assumes(action),
        None => false,
    };
    let arn = format!("\"{}\"", role.arn);
    let mut trusts = world.documents.iter().filter(|one| one.kind == PolicyKind::Trust);
    assumes && trusts.any(|trust| trust.text.contains(&arn))
}

/// Whether a policy has one statement.
fn is_only(root: &Value) -> bool {
    root.get("Statement").is_some_and(|all| all.as_array().is_none_or(|all| all.len() == 1))
}

/// The statements of a role's permissions that matter nowhere: which policy, which statement, why.
fn idle(world: &World, name: &str, role: &Role) -> Vec<(usize, usize, IdleReason)> {
    // Policies of other types may bear the same names; here each has a name of its own.
    let numbered = role.permissions.iter().enumerate().map(|(at, policy)| NamedPolicy {
        name: format!("permission {at}"),
        document: Arc::clone(&policy.document),
    });
    let copy = Role {
        arn: role.arn.clone(),
        trust: None,
        permissions: numbered.collect(),
        places: Vec::new(),
        boundary: role.boundary.clone(),
    };
    let principal = Principal::of_role(name, &copy);
    let nothing = Context::new();
    let mut everywhere: Option<Vec<Idle>> = None;
    // Where nothing else has a say, a statement matters most easily: mostly there is nothing left then.
    for place in places(&[world]).iter().rev() {
        if everywhere.as_ref().is_some_and(Vec::is_empty) {
            break;
        }
        let access = access(world, &principal, place, (&nothing, &[]));
        let mut here = idle_statements(&access, Budget::default());
        here.retain(|idle| !matches!(idle.reason, IdleReason::Unknown(_)));
        let same =
            |one: &Idle, other: &Idle| (&one.policy, one.number) == (&other.policy, other.number);
        let as_before = |mut one: Idle| {
            let other = here.iter().find(|other| same(&one, other))?;
            // Refused here and allowed without it there: it matters nowhere, for more than one reason.
            let differs = one.reason != other.reason && other.reason != IdleReason::OtherPrincipals;
            if differs && one.reason != IdleReason::MatchesNothing {
                one.reason = IdleReason::Redundant;
            }
            Some(one)
        };
        everywhere = Some(match everywhere {
            None => here,
            Some(before) => before.into_iter().filter_map(as_before).collect(),
        });
    }
    let found = everywhere.unwrap_or_default().into_iter();
    found
        .filter_map(|idle| {
            let at = idle.policy.strip_prefix("permission ")?.parse().ok()?;
            Some((at, idle.number, idle.reason))
        })
        .collect()
}

const MATCHES_NOTHING: &str = "no request can be what it asks for: its elements or conditions \
                               contradict each other";

fn words(reason: &IdleReason) -> Option<&'static str> {
    match reason {
        IdleReason::MatchesNothing => Some(MATCHES_NOTHING),
        IdleReason::Shadowed => Some(
            "all that it allows is denied, or is not allowed by the boundary or another policy that \
             would have to allow it too",
        ),
        IdleReason::Redundant => {
            Some("all that it allows is allowed without it, or denied in any case")
        }
        IdleReason::DeniesNothing => Some("nothing that it denies would be allowed without it"),
        IdleReason::OtherPrincipals | IdleReason::Unknown(_) => None,
    }
}

fn finding(text: &str, number: usize, why: &str) -> Finding {
    let first = Place { line: 1, column: 1 };
    let (start, end) = lint::statement_place(text, number).unwrap_or((first, first));
    Finding {
        code: CODE,
        severity: Severity::Suggestion,
        start,
        end,
        path: format!("Statement[{}]", number.saturating_sub(1)),
        message: format!("the statement never changes a decision: {why}"),
        fix: Some(Fix { description: "take it out, or mend it".to_owned(), replacement: None }),
    }
}
