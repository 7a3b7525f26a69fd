//! One form for policies that say the same.
//!
//! AWS returns policies URL-encoded, reorders their lists, turns lists of one into strings, and
//! writes accounts as the ARN of their root. None of that is a difference.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// A document as it was written, from what a cloud returned: IAM percent-encodes it, S3 does not. None
/// where it is not text.
pub fn returned_document(returned: &str) -> Option<Cow<'_, str>> {
    if returned.starts_with('%') {
        return percent_decode_str(returned).decode_utf8().ok();
    }
    Some(Cow::Borrowed(returned))
}

/// Whether two policy documents say the same. One that cannot be read says nothing.
pub(crate) fn same(left: &str, right: &str) -> bool {
    match (canonical(left), canonical(right)) {
        (Some(left), Some(right)) => left == right,
        (None, _) | (_, None) => false,
    }
}

fn canonical(text: &str) -> Option<Value> {
    let decoded = returned_document(text)?;
    let Value::Object(mut document) = serde_json::from_str(&decoded).ok()? else { return None };
    let statements = listed(document.remove("Statement")?);
    let statements = statements.into_iter().map(statement).collect();
    document.insert("Statement".to_owned(), sorted(statements));
    Some(Value::Object(document))
}

fn statement(value: Value) -> Value {
    let Value::Object(fields) = value else { return value };
    let fields = fields.into_iter().map(|(name, value)| {
        let value = match name.as_str() {
            "Action" | "NotAction" | "Resource" | "NotResource" => strings(value),
            "Principal" | "NotPrincipal" => principal(value),
            "Condition" => condition(value),
            _ => value,
        };
        (name, value)
    });
    Value::Object(fields.collect())
}

/// `"*"` and `{"AWS": "*"}` name the same principals.
fn principal(value: Value) -> Value {
    let Value::Object(kinds) = value else {
        return Value::Object(Map::from_iter([("AWS".to_owned(), strings(value))]));
    };
    let kinds = kinds.into_iter().map(|(kind, names)| {
        let names = listed(names).into_iter().map(whole_account).collect();
        (kind, strings(Value::Array(names)))
    });
    Value::Object(kinds.collect())
}

/// `123456789012` is short for the ARN of that account's root.
fn whole_account(name: Value) -> Value {
    let Value::String(text) = &name else { return name };
    match text.strip_suffix(":root").and_then(|arn| arn.rsplit(':').next()) {
        Some(account) => Value::String(account.to_owned()),
        None => name,
    }
}

/// Operators and keys ignore case.
fn condition(value: Value) -> Value {
    let Value::Object(operators) = value else { return value };
    let operators = operators
        .into_iter()
        .map(|(operator, keys)| (operator.to_ascii_lowercase(), condition_keys(keys)));
    Value::Object(operators.collect())
}

fn condition_keys(value: Value) -> Value {
    let Value::Object(keys) = value else { return value };
    let keys = keys.into_iter().map(|(key, values)| (key.to_ascii_lowercase(), strings(values)));
    Value::Object(keys.collect())
}

/// A sorted list of strings: `true` and `1.2` may be written without quotation marks.
fn strings(value: Value) -> Value {
    sorted(listed(value).into_iter().map(quoted).collect())
}

fn quoted(value: Value) -> Value {
    if value.is_boolean() || value.is_number() { Value::String(value.to_string()) } else { value }
}

fn listed(value: Value) -> Vec<Value> {
    let Value::Array(list) = value else { return vec![value] };
    list
}

fn sorted(mut list: Vec<Value>) -> Value {
    list.sort_by_cached_key(Value::to_string);
    list.dedup();
    Value::Array(list)
}

#[cfg(test)]
mod tests {
    use super::same;

    const WANTED: &str = r#"{"Version":"2012-10-17","Statement":[
        {"Sid":"A","Effect":"Allow","Principal":{"AWS":["*"]},"Action":["s3:B","s3:A"],
         "Resource":["r"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}},
        {"Sid":"B","Effect":"Deny","Principal":{"AWS":"arn:aws:iam::111122223333:root"},
         "Action":"s3:*","Resource":"r"}]}"#;

    #[track_caller]
    fn check(found: &str, expected: bool) {
        assert_eq!(same(WANTED, found), expected, "{found}");
        assert_eq!(same(found, WANTED), expected, "{found}");
    }

    #[test]
    fn what_aws_does_to_a_policy_is_no_difference() {
        check(WANTED, true);
        check(
            r#"{"Statement":[
        {"Effect":"Deny","Sid":"B","Principal":{"AWS":"111122223333"},
         "Action":["s3:*"],"Resource":["r"]},
        {"Sid":"A","Effect":"Allow","Principal":"*","Action":["s3:A","s3:B"],
         "Resource":"r","Condition":{"bool":{"aws:securetransport":[false]}}}],
         "Version":"2012-10-17"}"#,
            true,
        );
        let encoded: String =
            percent_encoding::utf8_percent_encode(WANTED, percent_encoding::NON_ALPHANUMERIC)
                .to_string();
        check(&encoded, true);
    }

    #[test]
    fn what_changes_the_meaning_is_a_difference() {
        check(&WANTED.replace("s3:B", "s3:C"), false);
        check(&WANTED.replace("\"Deny\"", "\"Allow\""), false);
        check(&WANTED.replace("2012-10-17", "2008-10-17"), false);
        check(&WANTED.replace("111122223333:root", "111122223333:role/x"), false);
        check(&WANTED.replace("arn:aws:iam::111122223333:root", "AROAEXAMPLE"), false);
        check("", false);
        check("{}", false);
        assert!(!same("x", "x"));
    }
}
