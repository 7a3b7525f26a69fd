//! Whether policies tell persons apart whose grants are the same.
//!
//! Two persons differ in their uid alone: in what their sessions are called and tagged, and in the
//! prefixes that hold it. A policy that names none of the keys that hold it, and whose patterns either end
//! before it in a `*` or put it exactly there, says the same to both. Whatever else it says is taken to
//! tell them apart: then everybody is asked about for themselves.

use std::sync::Arc;

use serde_json::Value;

use crate::PolicyDocument;

/// The condition keys whose values hold a uid, in lower case.
const KEYS: [&str; 4] =
    ["aws:principaltag/uid", "aws:sourceidentity", "aws:userid", "aws:principaltag/*"];

/// A uid, as a policy writes the one of whoever asks.
const UID_VARIABLE: &str = "${aws:PrincipalTag/uid}";

/// What stands for it in a grant's prefix.
const UID_PLACEHOLDER: &str = "${uid}";

/// Whether any of the documents may say something else of one person than of another whose grants have the
/// same prefixes, `${uid}` in them where each has their own.
pub fn tells_apart(documents: &[Arc<PolicyDocument>], prefixes: &[&str]) -> bool {
    documents.iter().any(|document| document_does(document, prefixes))
}

fn document_does(document: &PolicyDocument, prefixes: &[&str]) -> bool {
    if !document.faults().is_empty() {
        return true;
    }
    let Ok(root) = serde_json::from_str::<Value>(&document.to_json()) else { return true };
    let statements = each(root.get("Statement").unwrap_or(&Value::Null));
    statements.iter().any(|statement| statement_does(statement, prefixes))
}

fn statement_does(statement: &Value, prefixes: &[&str]) -> bool {
    let resources = ["Resource", "NotResource"].into_iter().filter_map(|key| statement.get(key));
    let named = resources.flat_map(each).filter_map(Value::as_str);
    let by_resource = named.map(key_of).any(|pattern| pattern_does(pattern, prefixes));
    let operators = statement.get("Condition").and_then(Value::as_object);
    let tests = operators.into_iter().flat_map(|all| all.values()).filter_map(Value::as_object);
    let by_condition = tests.flatten().any(|(key, values)| {
        let key = key.to_ascii_lowercase();
        let values = each(values);
        let written = || values.iter().filter_map(|value| value.as_str());
        if KEYS.contains(&key.as_str()) {
            return true;
        }
        match key.as_str() {
            "s3:prefix" => written().any(|pattern| pattern_does(pattern, prefixes)),
            _ => written().any(|text| text.contains("${") && !is_escaped(text)),
        }
    });
    by_resource || by_condition
}

/// Of a pattern for ARNs, what is matched with the key.
fn key_of(pattern: &str) -> &str {
    let path = pattern.split_once(":::").map_or(pattern, |(_, path)| path);
    path.split_once('/').map_or("*", |(bucket, key)| {
        // A wildcard in the bucket's place may swallow the slash: nothing is known of the key.
        if bucket.contains(['*', '?']) { "?" } else { key }
    })
}

fn pattern_does(pattern: &str, prefixes: &[&str]) -> bool {
    if pattern.contains("${") && !pattern.contains(UID_VARIABLE) && !is_escaped(pattern) {
        return true;
    }
    let at = ["*", "?", "${"].iter().filter_map(|sign| pattern.find(sign)).min();
    let (literal, rest) =
        pattern.split_at_checked(at.unwrap_or(pattern.len())).unwrap_or((pattern, ""));
    let mut with_uid = prefixes.iter().filter_map(|prefix| prefix.split_once(UID_PLACEHOLDER));
    let plain = |rest: &str| rest.is_empty() || rest == "*";
    let own = |rest: &str| {
        rest.strip_prefix(UID_VARIABLE).is_some_and(|after| ["", "/", "/*"].contains(&after))
    };
    if pattern.contains(UID_VARIABLE) && !own(rest) {
        return true;
    }
    if own(rest) {
        // The same place for everybody: where grants put the uid, and nowhere that they do not reach.
        return with_uid.any(|(before, _)| before != literal)
            || prefixes.iter().any(|prefix| {
                !prefix.contains(UID_PLACEHOLDER)
                    && prefix.len() > literal.len()
                    && prefix.starts_with(literal)
            });
    }
    with_uid.any(|(before, _)| {
        if before.starts_with(literal) { !plain(rest) } else { literal.starts_with(before) }
    })
}

/// Whether every `${` writes a sign that would otherwise mean something.
fn is_escaped(text: &str) -> bool {
    text.split("${")
        .skip(1)
        .all(|after| ["*}", "?}", "$}"].iter().any(|sign| after.starts_with(sign)))
}

fn each(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |items| items.iter().collect())
}

#[cfg(test)]
mod tests {
    use super::{key_of, pattern_does};

    const GRANTED: [&str; 3] = ["shared/", "home/${uid}/", ""];

    #[track_caller]
    fn check(arn: &str, expected: bool) {
        assert_eq!(pattern_does(key_of(arn), &GRANTED), expected, "{arn}");
    }

    #[test]
    fn a_pattern_tells_persons_apart_where_it_looks_into_their_uid() {
        check("*", false);
        check("arn:aws:s3:::files", false);
        check("arn:aws:s3:::files/*", false);
        check("arn:aws:s3:::files/home/*", false);
        check("arn:aws:s3:::files/shared/*", false);
        check("arn:aws:s3:::files/shared/a?c", false);
        check("arn:aws:s3:::files/home/${aws:PrincipalTag/uid}/*", false);
        check("arn:aws:s3:::files/home/01a*", true);
        check("arn:aws:s3:::files/home/*/private/*", true);
        check("arn:aws:s3:::files/*.pdf", true);
        check("arn:aws:s3:::f*s/home/01", true);
        check("arn:aws:s3:::files/homes/${aws:PrincipalTag/uid}/*", true);
        check("arn:aws:s3:::files/shared/${aws:username}/*", true);
    }
}
