//! Whether JSON has the shape of a policy at all. What has not is no policy, and whoever has to heed
//! it refuses everything.

use serde_json::{Map, Value};

const DOCUMENT: [&str; 3] = ["Version", "Id", "Statement"];
const STATEMENT: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];
const PRINCIPAL: [&str; 4] = ["AWS", "Service", "Federated", "CanonicalUser"];

/// Whether every element is known, and of its type; whether values mean something is not asked.
pub(crate) fn is_policy(document: &Value) -> bool {
    let Some(document) = members(document, &DOCUMENT) else { return false };
    let text = |name: &str| document.get(name).is_none_or(Value::is_string);
    let statements = match document.get("Statement") {
        Some(Value::Array(list)) => list.iter().all(is_statement),
        Some(statement) => is_statement(statement),
        None => false,
    };
    text("Version") && text("Id") && statements
}

fn is_statement(statement: &Value) -> bool {
    let Some(statement) = members(statement, &STATEMENT) else { return false };
    let effect = statement.get("Effect").and_then(Value::as_str);
    let lists = ["Action", "NotAction", "Resource", "NotResource"];
    let both =
        |one: &str, other: &str| statement.contains_key(one) && statement.contains_key(other);
    matches!(effect, Some("Allow" | "Deny"))
        && statement.get("Sid").is_none_or(Value::is_string)
        && lists.iter().all(|name| statement.get(*name).is_none_or(|v| each(v, Value::is_string)))
        && (statement.contains_key("Action") || statement.contains_key("NotAction"))
        && !both("Action", "NotAction")
        && !both("Resource", "NotResource")
        && !both("Principal", "NotPrincipal")
        && statement.get("Principal").is_none_or(is_principal)
        && statement.get("NotPrincipal").is_none_or(is_principal)
        && statement.get("Condition").is_none_or(is_condition)
}

fn is_principal(principal: &Value) -> bool {
    let listed = |kinds: &Map<String, Value>| kinds.values().all(|v| each(v, is_scalar));
    principal.is_string() || members(principal, &PRINCIPAL).is_some_and(listed)
}

fn is_condition(condition: &Value) -> bool {
    let Some(blocks) = condition.as_object() else { return false };
    let distinct = |tests: &Map<String, Value>| {
        let mut keys: Vec<String> = tests.keys().map(|key| key.to_lowercase()).collect();
        keys.sort();
        keys.windows(2).all(|pair| pair.first() != pair.last())
    };
    let sound = |tests: &Map<String, Value>| tests.values().all(|v| each(v, is_scalar));
    blocks.values().all(|b| b.as_object().is_some_and(|tests| distinct(tests) && sound(tests)))
}

fn members<'v>(value: &'v Value, known: &[&str]) -> Option<&'v Map<String, Value>> {
    value.as_object().filter(|members| members.keys().all(|key| known.contains(&key.as_str())))
}

fn each(value: &Value, test: impl Fn(&Value) -> bool) -> bool {
    value.as_array().map_or_else(|| test(value), |items| items.iter().all(&test))
}

fn is_scalar(value: &Value) -> bool {
    value.is_string() || value.is_number() || value.is_boolean()
}
