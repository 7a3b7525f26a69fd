//! From a document back to JSON.
//!
//! Invariant: what is printed is read again as the same document. Lists of one are printed as their
//! element; characters that policies cannot hold are escaped.

use std::fmt::Write as _;

use crate::principal::{PrincipalElement, PrincipalKind};
use crate::{PolicyDocument, Statement};

/// A JSON value that keeps the order of its members.
pub(crate) enum Json {
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

pub(crate) fn compact(document: &PolicyDocument) -> String {
    written(&tree(document))
}

/// A value on one line.
pub(crate) fn written(json: &Json) -> String {
    let mut out = String::new();
    write(&mut out, json, None);
    out
}

pub(crate) fn pretty(document: &PolicyDocument) -> String {
    let mut out = String::new();
    write(&mut out, &tree(document), Some(0));
    out
}

fn tree(document: &PolicyDocument) -> Json {
    let mut members = Vec::new();
    if let Some(version) = &document.version_text {
        members.push(("Version".to_owned(), Json::Text(version.clone())));
    }
    if let Some(id) = &document.id {
        members.push(("Id".to_owned(), Json::Text(id.clone())));
    }
    let statements = document.statements.iter().map(statement).collect();
    members.push(("Statement".to_owned(), Json::List(statements)));
    Json::Object(members)
}

fn statement(statement: &Statement) -> Json {
    let mut members: Vec<(String, Json)> = Vec::new();
    let mut add = |name: &str, value: Json| members.push((name.to_owned(), value));
    if let Some(sid) = &statement.sid {
        add("Sid", Json::Text(sid.clone()));
    }
    add("Effect", Json::Text(statement.effect.as_str().to_owned()));
    if let Some(element) = &statement.principal {
        add(if element.negated { "NotPrincipal" } else { "Principal" }, principal(element));
    }
    let (actions, negated) = statement.actions();
    add(if negated { "NotAction" } else { "Action" }, list(&actions));
    let (resources, negated) = statement.resources();
    if statement.resources.is_some() {
        add(if negated { "NotResource" } else { "Resource" }, list(&resources));
    }
    if !statement.conditions.is_empty() {
        let blocks = statement.conditions.iter().map(|condition| {
            let keys = condition.tests.iter().map(|test| {
                let values: Vec<&str> = test.values.iter().map(String::as_str).collect();
                (test.key.clone(), list(&values))
            });
            (condition.name.clone(), Json::Object(keys.collect()))
        });
        add("Condition", Json::Object(blocks.collect()));
    }
    Json::Object(members)
}

fn principal(element: &PrincipalElement) -> Json {
    if element.star {
        return Json::Text("*".to_owned());
    }
    let mut kinds: Vec<PrincipalKind> = element.entries.iter().map(|entry| entry.kind).collect();
    kinds.dedup();
    let of_kind = |kind: PrincipalKind| {
        let entries = element.entries.iter().filter(|entry| entry.kind == kind);
        let texts: Vec<&str> = entries.map(|entry| entry.text.as_str()).collect();
        (kind.as_str().to_owned(), list(&texts))
    };
    Json::Object(kinds.into_iter().map(of_kind).collect())
}

fn list(texts: &[&str]) -> Json {
    match texts {
        [one] => Json::Text((*one).to_owned()),
        many => Json::List(many.iter().map(|text| Json::Text((*text).to_owned())).collect()),
    }
}

/// Writes a value; `indent` is the depth, or none for one line.
fn write(out: &mut String, json: &Json, indent: Option<usize>) {
    let inner = indent.map(|depth| depth + 1);
    match json {
        Json::Text(text) => quote(out, text),
        Json::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                separate(out, at, inner);
                write(out, item, inner);
            }
            close(out, ']', items.is_empty(), indent);
        }
        Json::Object(members) => {
            out.push('{');
            for (at, (key, value)) in members.iter().enumerate() {
                separate(out, at, inner);
                quote(out, key);
                out.push_str(if indent.is_some() { ": " } else { ":" });
                write(out, value, inner);
            }
            close(out, '}', members.is_empty(), indent);
        }
    }
}

fn separate(out: &mut String, at: usize, indent: Option<usize>) {
    if at > 0 {
        out.push(',');
    }
    new_line(out, indent);
}

fn close(out: &mut String, bracket: char, empty: bool, indent: Option<usize>) {
    if !empty {
        new_line(out, indent);
    }
    out.push(bracket);
}

fn new_line(out: &mut String, indent: Option<usize>) {
    if let Some(depth) = indent {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    }
}

pub(crate) fn quote(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' '..='\u{ff}' => out.push(c),
            c => escape(out, c),
        }
    }
    out.push('"');
}

fn escape(out: &mut String, c: char) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        // Writing to a string cannot fail.
        let _written = write!(out, "\\u{unit:04x}");
    }
}
