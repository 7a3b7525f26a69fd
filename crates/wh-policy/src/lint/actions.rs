//! Rules about actions alone: whether there is such a one, and whether it belongs here.

use std::collections::BTreeSet;

use super::Found;
use super::distance::nearest;
use super::rules::{
    ACTION_EMPTY, ACTION_UNKNOWN, ALLOW_NOT_ACTION, CALL_NOT_ACTION, FULL_ACCESS, OTHER_SERVICE,
    SERVICE_UNKNOWN,
};
use super::span::{quoted, token};
use super::view::{Clause, Spot, View, has_wildcard, rows_of, service_and_name};
use crate::PolicyKind;
use crate::tables::{self, Call, When};

/// The services that the tables hold.
pub(super) const SERVICES: [&str; 3] = ["iam", "s3", "sts"];

pub(super) fn check(view: &View<'_>, found: &mut Vec<Found>) {
    let mut unknown = BTreeSet::new();
    for clause in &view.clauses {
        if clause.actions.negated && clause.allows() {
            found.push(all_but(clause));
        }
        found.extend(everything(view.kind, clause));
        for item in &clause.actions.items {
            let Some((service, _)) = service_and_name(&item.text) else { continue };
            let service = service.to_ascii_lowercase();
            if let Some(home) = home(view.kind).filter(|home| !service.starts_with(home)) {
                let message = format!("`{}` is not decided by a policy of {home}", item.text);
                found.push(Found::new(&OTHER_SERVICE, item, message));
            } else if SERVICES.contains(&service.as_str()) {
                found.extend(known_service(view, &service, item));
            } else if unknown.insert(service.clone()) {
                let message = format!("actions of `{service}` are not checked");
                found.push(Found::new(&SERVICE_UNKNOWN, item, message));
            }
        }
    }
}

/// The service whose actions a policy of the kind decides about.
fn home(kind: PolicyKind) -> Option<&'static str> {
    match kind {
        PolicyKind::Resource => Some("s3"),
        PolicyKind::Trust => Some("sts"),
        PolicyKind::Identity
        | PolicyKind::ManagedIdentity
        | PolicyKind::Boundary
        | PolicyKind::Session => None,
    }
}

/// Full access. A boundary or session policy that opens everything narrows nothing, which is their
/// holder's own matter.
fn everything(kind: PolicyKind, clause: &Clause) -> Option<Found> {
    let grants = match kind {
        PolicyKind::Identity | PolicyKind::ManagedIdentity => true,
        PolicyKind::Boundary | PolicyKind::Session | PolicyKind::Resource | PolicyKind::Trust => {
            false
        }
    };
    let resources = clause.resources.as_ref().filter(|list| !list.negated)?;
    let star = |item: &&Spot| item.text == "*";
    let action = clause.actions.items.iter().find(star)?;
    let plain = clause.allows() && !clause.actions.negated && clause.tests.is_empty();
    (grants && plain && !clause.unread && resources.items.iter().any(|item| star(&item))).then(
        || {
            Found::new(&FULL_ACCESS, action, "every action on every resource is allowed")
                .advise("name the actions and resources that are meant")
        },
    )
}

fn all_but(clause: &Clause) -> Found {
    let names: Vec<&str> = clause.actions.items.iter().map(|item| item.text.as_str()).collect();
    let message = format!("every action is allowed except {}", listed(&names));
    let found = Found::new(&ALLOW_NOT_ACTION, &clause.actions.spot, message);
    found.advise("name the actions that are meant")
}

fn known_service(view: &View<'_>, service: &str, item: &Spot) -> Option<Found> {
    let name = item.text.as_str();
    if !rows_of(name).is_empty() {
        return None;
    }
    if has_wildcard(name) {
        let message = format!("no action matches `{name}`");
        return Some(Found::new(&ACTION_EMPTY, item, message));
    }
    if let Some(call) = call_of(service, name) {
        return Some(call_for(view, item, call));
    }
    let all = tables::actions().iter().map(|row| row.name);
    let of_service = all.filter(|name| name.split_once(':').is_some_and(|(s, _)| s == service));
    let found = Found::new(&ACTION_UNKNOWN, item, format!("there is no action `{name}`"));
    Some(match nearest(name, of_service) {
        Some(meant) => {
            let range = token(view.text, item.at);
            found.replace(format!("write `{meant}`"), range, quoted(meant))
        }
        None => found,
    })
}

/// The call of the service that goes by an action's name.
fn call_of(service: &str, action: &str) -> Option<&'static Call> {
    let (_, name) = action.split_once(':')?;
    let of_service = |action: &str| action.split_once(':').is_some_and(|(s, _)| s == service);
    tables::calls().find(|call| {
        call.name.eq_ignore_ascii_case(name) && call.needs.iter().all(|n| of_service(n.action))
    })
}

fn call_for(view: &View<'_>, item: &Spot, call: &Call) -> Found {
    let plain = |when| matches!(when, When::Always | When::WithoutVersionId);
    let needs = call.needs.iter().filter(|need| plain(need.when));
    let needs: Vec<&str> = needs.map(|need| need.action).collect();
    let message = format!("`{}` is a call, not an action; it needs {}", call.name, listed(&needs));
    let found = Found::new(&CALL_NOT_ACTION, item, message);
    match needs.as_slice() {
        [one] => found.replace(format!("write `{one}`"), token(view.text, item.at), quoted(one)),
        _ => found.advise(format!("write {}", listed(&needs))),
    }
}

/// Names in backticks, as a sentence lists them.
pub(super) fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
    }
}
