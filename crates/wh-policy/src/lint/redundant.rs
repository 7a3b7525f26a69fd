//! Rules about what adds nothing, as far as the texts show it.

use std::collections::BTreeSet;

use super::Found;
use super::reach::{covers, covers_arn};
use super::rules::{
    ACTION_REDUNDANT, RESOURCE_REDUNDANT, Rule, STATEMENT_DUPLICATE, STATEMENT_REDUNDANT,
    STATEMENT_SHADOWED,
};
use super::span::removal;
use super::view::{Clause, List, Principals, Spot, Test, View};
use crate::operator::Operator;

/// How many items of a list, and how many statements, are compared with each other. No policy within
/// its size has more.
const COMPARED_MAX: usize = 600;

pub(super) fn check(view: &View<'_>, found: &mut Vec<Found>) {
    for clause in &view.clauses {
        let action = |a: &str, b: &str| covers(&a.to_ascii_lowercase(), &b.to_ascii_lowercase());
        items(view, &clause.actions.items, &ACTION_REDUNDANT, found, &action);
        let arn = |a: &str, b: &str| covers_arn(a, b, view.variables);
        let resources = clause.resources.as_ref().map_or(&[][..], |list| &list.items);
        items(view, resources, &RESOURCE_REDUNDANT, found, &arn);
    }
    statements(view, found);
}

/// Items of a list that another covers; of two that say the same, the later one.
fn items(
    view: &View<'_>,
    items: &[Spot],
    rule: &'static Rule,
    found: &mut Vec<Found>,
    covers: &dyn Fn(&str, &str) -> bool,
) {
    if items.len() > COMPARED_MAX {
        return;
    }
    for (at, item) in items.iter().enumerate() {
        let mut others = items.iter().enumerate().filter(|(other, _)| *other != at);
        let wider = others.find(|(other, wide)| {
            covers(&wide.text, &item.text) && (*other < at || !covers(&item.text, &wide.text))
        });
        let Some((_, wide)) = wider else { continue };
        let message = format!("`{}` is covered by `{}`", item.text, wide.text);
        let redundant = Found::new(rule, item, message);
        found.push(match removal(view.text, item.at) {
            Some(range) => redundant.replace("take it out", range, ""),
            None => redundant,
        });
    }
}

fn statements(view: &View<'_>, found: &mut Vec<Found>) {
    if view.clauses.len() > COMPARED_MAX {
        return;
    }
    for (at, clause) in view.clauses.iter().enumerate() {
        let mut others = view.clauses.iter().enumerate().filter(|(other, _)| *other != at);
        let hit = others.find_map(|(other, wide)| {
            Some((verdict(clause, wide, other < at, view.variables)?, wide))
        });
        let Some((rule, wide)) = hit else { continue };
        let message = match rule.code {
            code if code == STATEMENT_DUPLICATE.code => format!("it says what {} says", name(wide)),
            code if code == STATEMENT_SHADOWED.code => {
                format!("{} denies all that it allows", name(wide))
            }
            _ => format!("{} covers it", name(wide)),
        };
        let redundant = Found::new(rule, &clause.spot, message);
        found.push(match removal(view.text, clause.spot.at) {
            Some(range) => redundant.replace("take it out", range, ""),
            None => redundant,
        });
    }
}

fn name(clause: &Clause) -> String {
    format!("`{}`", clause.spot.path)
}

/// What another statement makes of one, if anything.
fn verdict(clause: &Clause, wide: &Clause, before: bool, variables: bool) -> Option<&'static Rule> {
    if !holds(wide, clause, variables) {
        return None;
    }
    if clause.effect != wide.effect {
        return clause.allows().then_some(&STATEMENT_SHADOWED);
    }
    match (holds(clause, wide, variables), before) {
        (true, true) => Some(&STATEMENT_DUPLICATE),
        (true, false) => None,
        (false, _) => Some(&STATEMENT_REDUNDANT),
    }
}

/// Whether one statement applies wherever the other does.
fn holds(wide: &Clause, clause: &Clause, variables: bool) -> bool {
    let action = |a: &str, b: &str| covers(&a.to_ascii_lowercase(), &b.to_ascii_lowercase());
    let resources = match (&wide.resources, &clause.resources) {
        (None, None) => true,
        (Some(wide), Some(list)) => holds_list(wide, list, &|a, b| covers_arn(a, b, variables)),
        (Some(_), None) | (None, Some(_)) => false,
    };
    resources
        && !wide.unread
        && !clause.unread
        && holds_list(&wide.actions, &clause.actions, &action)
        && (wide.names_everyone() || same_principals(wide, clause))
        && wide.tests.iter().all(|test| clause.tests.iter().any(|other| same(test, other)))
}

fn holds_list(wide: &List, list: &List, covers: &dyn Fn(&str, &str) -> bool) -> bool {
    let each = |of: &List, by: &List| {
        !of.items.is_empty()
            && of
                .items
                .iter()
                .all(|item| by.items.iter().any(|wide| covers(&wide.text, &item.text)))
    };
    match (wide.negated, list.negated) {
        (false, false) => each(list, wide),
        // What is left out of the wider list must be left out of the other too.
        (true, true) => each(wide, list),
        (false, true) => wide.items.iter().any(|item| item.text == "*"),
        (true, false) => false,
    }
}

/// Whether two statements name the same principals, in whatever order.
fn same_principals(one: &Clause, other: &Clause) -> bool {
    let entries = |principals: &Principals| -> BTreeSet<(&'static str, String)> {
        principals.entries.iter().map(|(kind, spot)| (kind.as_str(), spot.text.clone())).collect()
    };
    match (&one.principals, &other.principals) {
        (None, None) => true,
        (Some(one), Some(other)) => {
            one.negated == other.negated && one.star == other.star && entries(one) == entries(other)
        }
        (Some(_), None) | (None, Some(_)) => false,
    }
}

fn same(one: &Test, other: &Test) -> bool {
    let name = |test: &Test| Operator::parse(&test.name.text).map(|(_, name)| name);
    let values = |test: &Test| -> BTreeSet<String> {
        test.values.iter().map(|value| value.text.clone()).collect()
    };
    name(one) == name(other)
        && one.key.text.eq_ignore_ascii_case(&other.key.text)
        && values(one) == values(other)
}
