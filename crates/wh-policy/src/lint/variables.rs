//! Rules about policy variables: `${aws:username}`.

use super::Found;
use super::keys::{is_known_service, meant};
use super::rules::{VARIABLE_ABSENT, VARIABLE_MULTIVALUED, VARIABLE_OLD, VARIABLE_UNKNOWN};
use super::span::{quoted, token};
use super::view::{Spot, Test, View};
use crate::PolicyKind;
use crate::operator::Family;
use crate::tables;

pub(super) fn check(view: &View<'_>, found: &mut Vec<Found>) {
    let mut old = false;
    for clause in &view.clauses {
        let resources = clause.resources.iter().flat_map(|list| &list.items);
        let values = clause.tests.iter().filter(|t| takes_variables(t)).flat_map(|t| &t.values);
        for item in resources.chain(values) {
            let names = names(&item.text);
            if view.variables {
                found.extend(names.iter().filter_map(|name| variable(view, item, name)));
            } else if !old && names.iter().any(|name| tables::key(name).is_some()) {
                old = true;
                found.push(in_old_version(view, item));
            }
        }
    }
}

fn takes_variables(test: &Test) -> bool {
    match test.operator.family {
        Family::StringEquals
        | Family::StringEqualsIgnoreCase
        | Family::StringLike
        | Family::Arn => true,
        Family::Numeric(_)
        | Family::Date(_)
        | Family::Bool
        | Family::Binary
        | Family::IpAddress
        | Family::Null => false,
    }
}

/// The keys in the `${…}` of a text, without defaults and without the literal escapes.
fn names(text: &str) -> Vec<&str> {
    let inside = text.split("${").skip(1).filter_map(|rest| rest.split_once('}'));
    let keys = inside.map(|(inside, _)| inside.split_once(',').map_or(inside, |(key, _)| key));
    keys.filter(|key| !matches!(*key, "*" | "?" | "$")).collect()
}

fn in_old_version(view: &View<'_>, item: &Spot) -> Found {
    let message = "`${…}` is plain text in a document that is not of version 2012-10-17";
    let found = Found::new(&VARIABLE_OLD, item, message);
    if let Some(version) = &view.version {
        let range = token(view.text, version.at);
        return found.replace("write version `2012-10-17`", range, quoted("2012-10-17"));
    }
    let open = view.root.at + 1;
    found.replace("write the version", open..open, "\"Version\": \"2012-10-17\", ")
}

fn variable(view: &View<'_>, item: &Spot, name: &str) -> Option<Found> {
    if let Some(row) = tables::key(name) {
        if view.kind == PolicyKind::Session && row.name == "aws:username" {
            let message = "a session has no `aws:username`";
            let advice = "use a tag of the session: `${aws:PrincipalTag/…}`";
            return Some(Found::new(&VARIABLE_ABSENT, item, message).advise(advice));
        }
        let message = format!("`{}` has many values, and is never put in", row.name);
        let many = row.kind.multivalued();
        return many.then(|| Found::new(&VARIABLE_MULTIVALUED, item, message));
    }
    if name.contains(':') && !is_known_service(name) {
        return None;
    }
    let found = Found::new(&VARIABLE_UNKNOWN, item, format!("`{name}` is no condition key"));
    Some(match meant(name) {
        Some(key) => {
            let ends = ['}', ','];
            let right = ends.iter().fold(item.text.clone(), |text, end| {
                text.replace(&format!("${{{name}{end}"), &format!("${{{key}{end}"))
            });
            found.replace(format!("write `{key}`"), token(view.text, item.at), quoted(&right))
        }
        None => found,
    })
}
