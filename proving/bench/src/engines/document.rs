//! The rules as IAM's JSON, for the engines that read it.

use serde_json::{Map, Value, json};

use crate::scenario::{Rule, Ruling, Test};

/// How an engine wants what others write differently.
pub(super) struct Dialect {
    /// The actions that a pattern stands for.
    pub(super) actions: fn(&'static str) -> Vec<&'static str>,
    /// The name of the operator for "before this date".
    pub(super) before: &'static str,
    /// The variable that holds the caller's name.
    pub(super) username: &'static str,
}

/// The variable as the rules write it.
pub(super) const USERNAME: &str = "${aws:username}";

/// IAM's own.
pub(super) const IAM: Dialect =
    Dialect { actions: |pattern| vec![pattern], before: "DateLessThan", username: USERNAME };

/// One document.
pub(super) fn document(rules: &[Rule], dialect: &Dialect) -> String {
    let statements: Vec<Value> = rules.iter().map(|rule| statement(rule, dialect)).collect();
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

fn statement(rule: &Rule, dialect: &Dialect) -> Value {
    let actions: Vec<_> = rule.actions.iter().flat_map(|text| (dialect.actions)(text)).collect();
    let resources = rule.resources.iter().map(|text| text.replace(USERNAME, dialect.username));
    let mut statement = json!({
        "Sid": rule.sid,
        "Effect": match rule.ruling {
            Ruling::Allow => "Allow",
            Ruling::Deny => "Deny",
        },
        "Action": actions,
        "Resource": resources.collect::<Vec<_>>(),
    });
    if let Some(elements) = statement.as_object_mut()
        && !rule.tests.is_empty()
    {
        elements.insert("Condition".to_owned(), Value::Object(conditions(rule, dialect)));
    }
    statement
}

fn conditions(rule: &Rule, dialect: &Dialect) -> Map<String, Value> {
    let mut operators = Map::new();
    for test in rule.tests {
        let (operator, key, values) = condition(test, dialect);
        let keys = operators.entry(operator).or_insert_with(|| json!({}));
        if let Some(keys) = keys.as_object_mut() {
            keys.insert(key.to_owned(), values);
        }
    }
    operators
}

fn condition(test: &Test, dialect: &Dialect) -> (&'static str, &'static str, Value) {
    match test {
        Test::AddressIn(networks) => ("IpAddress", "aws:SourceIp", json!(networks)),
        Test::AddressNotIn(networks) => ("NotIpAddress", "aws:SourceIp", json!(networks)),
        Test::Secure(wanted) => ("Bool", "aws:SecureTransport", json!(wanted.to_string())),
        Test::Like(key, patterns) => ("StringLike", key, json!(patterns)),
        Test::OneOf(key, values) => ("StringEquals", key, json!(values)),
        Test::AnyOf(key, values) => ("ForAnyValue:StringEquals", key, json!(values)),
        Test::Below(key, limit) => ("NumericLessThan", key, json!(limit.to_string())),
        Test::Before(time) => (dialect.before, "aws:CurrentTime", json!(time)),
    }
}
