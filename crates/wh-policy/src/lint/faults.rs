//! What the strict reader refuses, as findings: all of it, not only the first.

use super::distance::nearest;
use super::rules::{ALLOW_NOT_PRINCIPAL, NULL_IF_EXISTS, Rule, SYNTAX, rule};
use super::span::{quoted, token};
use super::view::{Spot, View};
use super::{Finding, Found, Place};
use crate::error::{PolicyError, PolicyFault};
use crate::json::{Node, Value};
use crate::{operator, parse};

/// The one finding in a text that is not JSON.
pub(super) fn syntax(fault: &PolicyError) -> Finding {
    let start = Place { line: fault.line(), column: fault.column() };
    Finding {
        code: SYNTAX.code,
        severity: SYNTAX.severity,
        start,
        end: start,
        path: "$".to_owned(),
        message: fault.fault().to_string(),
        fix: None,
    }
}

pub(super) fn check(view: &View<'_>) -> Vec<Found> {
    let faults = parse::faults(view.text, view.root, view.kind);
    let place = |fault: &PolicyError| (fault.line(), fault.column());
    let wrong = |fault: &&PolicyError| matches!(fault.fault(), PolicyFault::WrongType(_));
    let wrong: Vec<(usize, usize)> = faults.iter().filter(wrong).map(place).collect();
    // What has the wrong type lacks everything that it should hold; once is enough.
    let told = |fault: &&PolicyError| {
        !matches!(fault.fault(), PolicyFault::Missing(_)) || !wrong.contains(&place(fault))
    };
    faults.iter().filter(told).map(|fault| found(view, fault)).collect()
}

fn found(view: &View<'_>, fault: &PolicyError) -> Found {
    let at = byte(view.text, fault.line(), fault.column());
    let path = path_to(view.root, at).unwrap_or_else(|| "$".to_owned());
    let spot = Spot { at, path, text: String::new() };
    let found = Found::new(rule_of(fault), &spot, fault.fault().to_string());
    let meant = match fault.fault() {
        PolicyFault::UnknownElement(name) => {
            let elements = parse::DOCUMENT_ELEMENTS.into_iter().chain(parse::STATEMENT_ELEMENTS);
            nearest(name, elements).map(str::to_owned)
        }
        PolicyFault::UnknownOperator(name) => operator_meant(name),
        PolicyFault::Invalid { .. } if spot.path == "Version" => Some("2012-10-17".to_owned()),
        PolicyFault::Syntax(_)
        | PolicyFault::DuplicateKey(_)
        | PolicyFault::Missing(_)
        | PolicyFault::Forbidden(_)
        | PolicyFault::WrongType(_)
        | PolicyFault::Invalid { .. } => None,
        PolicyFault::TooLarge { .. } => return found.advise("split the policy"),
    };
    match meant {
        Some(name) => found.replace(format!("write `{name}`"), token(view.text, at), quoted(&name)),
        None => found,
    }
}

/// The operator that was probably meant, with its set operator and `IfExists`.
fn operator_meant(written: &str) -> Option<String> {
    let (set, name) = match written.split_once(':') {
        Some((set, name)) => (nearest(set, ["ForAllValues", "ForAnyValue"].into_iter())?, name),
        None => ("", written),
    };
    let (base, suffix) = match name.strip_suffix("IfExists") {
        Some(base) => (base, "IfExists"),
        None => (name, ""),
    };
    let base = nearest(base, operator::names().into_iter())?;
    let suffix = if base == "Null" { "" } else { suffix };
    let colon = if set.is_empty() { "" } else { ":" };
    Some(format!("{set}{colon}{base}{suffix}"))
}

fn rule_of(fault: &PolicyError) -> &'static Rule {
    if let PolicyFault::UnknownOperator(name) = fault.fault()
        && name.eq_ignore_ascii_case("NullIfExists")
    {
        return &NULL_IF_EXISTS;
    }
    if *fault.fault() == PolicyFault::Forbidden(parse::NOT_PRINCIPAL_ALLOWED) {
        return &ALLOW_NOT_PRINCIPAL;
    }
    // Every code of the reader has a rule of its name.
    rule(fault.code()).unwrap_or(&SYNTAX)
}

/// The byte of a place.
fn byte(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let here = text.get(before..).unwrap_or_default();
    let offset = here.char_indices().nth(column - 1).map_or(here.len(), |(at, _)| at);
    before + offset
}

/// The path to the element whose key or value holds a byte.
fn path_to(root: &Node, at: usize) -> Option<String> {
    let mut path = String::new();
    let mut node = root;
    loop {
        let (step, next) = match &node.value {
            Value::Object(members) => {
                let (_, key, next) = members.iter().rfind(|(begins, _, _)| *begins <= at)?;
                (if path.is_empty() { key.clone() } else { format!(".{key}") }, next)
            }
            Value::Array(items) => {
                let index = items.iter().rposition(|item| item.at <= at)?;
                (format!("[{index}]"), items.get(index)?)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                return Some(path);
            }
        };
        path.push_str(&step);
        if at <= next.at {
            return Some(path);
        }
        node = next;
    }
}
