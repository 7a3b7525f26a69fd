//! What a case of a test file may hold: a field that nobody reads would test something else.

use serde_json::Value;

use super::slip;

/// Every field of the three forms of a case.
const FIELDS: [&str; 22] = [
    "name",
    "source",
    "tags",
    "identity_policies",
    "resource_policy",
    "boundary",
    "session_policies",
    "scps",
    "rcps",
    "principal",
    "resource_account",
    "action",
    "resource",
    "context",
    "expected",
    "expected_explicit",
    "document",
    "policy_kind",
    "valid",
    "policy1",
    "policy2",
    "equivalent",
];

/// What is wrong with the form of each case of a file, in order.
pub(super) fn slips(text: &str) -> Vec<Option<String>> {
    cases(text).iter().map(slip_in).collect()
}

/// Whether the whole file is a policy, which is checked and not run.
pub(super) fn is_policy(text: &str) -> bool {
    let root: Value = serde_json::from_str(text).unwrap_or_default();
    root.get("Statement").is_some() && root.get("expected").is_none()
}

fn cases(text: &str) -> Vec<Value> {
    match serde_json::from_str(text) {
        Ok(Value::Array(cases)) => cases,
        Ok(case) => vec![case],
        Err(_) => {
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            lines.map(|line| serde_json::from_str(line).unwrap_or_default()).collect()
        }
    }
}

fn slip_in(case: &Value) -> Option<String> {
    let members = case.as_object()?;
    if let Some(unknown) = members.keys().find(|name| !FIELDS.contains(&name.as_str())) {
        let meant = match slip::nearest(unknown, &FIELDS) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("the fields are {}", FIELDS.join(", ")),
        };
        return Some(format!("`{unknown}` is not a field of a case; {meant}"));
    }
    if members.contains_key("document") || members.contains_key("policy1") {
        return None;
    }
    match members.get("expected").map(Value::as_str) {
        Some(Some("Allow" | "Deny" | "Error")) => None,
        Some(_) => Some("`expected` must be Allow, Deny or Error".to_owned()),
        None => Some("`expected` is missing: Allow, Deny or Error".to_owned()),
    }
}
