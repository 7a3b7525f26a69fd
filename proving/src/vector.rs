//! A case as a line of a policy test file, and back.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::question::{Given, Principal, Question, Verdict};

/// The case in the format of policy test files, expecting a verdict.
///
/// A federated user's user, which the format cannot say, is lost.
pub fn vector(name: &str, q: &Question, expected: Verdict) -> Value {
    let principal = match &q.principal {
        Principal::Anonymous => json!({"type": "Anonymous"}),
        Principal::Root(account, partition) => {
            json!(format!("arn:{partition}:iam::{account}:root"))
        }
        Principal::User(arn)
        | Principal::Role(arn)
        | Principal::Session(_, arn)
        | Principal::FederatedUser(arn, _) => json!(arn),
        Principal::Service(name) => json!({"Service": name}),
        Principal::Federated(provider) => json!({"Federated": provider}),
    };
    let mut context = serde_json::Map::new();
    for (key, given) in &q.context {
        let value = match given {
            Given::One(value) => json!(value),
            Given::Many(values) => json!(values),
        };
        context.insert(key.clone(), value);
    }
    json!({
        "name": name,
        "identity_policies": q.identity,
        "resource_policy": q.resource,
        "boundary": q.boundary,
        "session_policies": q.session,
        "scps": q.scps,
        "rcps": q.rcps,
        "principal": principal,
        "resource_account": q.owner,
        "action": q.action,
        "resource": q.target,
        "context": context,
        "expected": if expected == Verdict::Allow { "Allow" } else { "Deny" },
        "expected_explicit": expected == Verdict::ExplicitDeny,
    })
}

/// Reads a line that asks for a decision: the question, and what is expected of it. `None` where the
/// line asks for something else, or expects an error.
pub fn read(line: &Value) -> Option<(Question, bool, Option<bool>)> {
    let text = |name: &str| line.get(name).and_then(Value::as_str);
    let some = |name: &str| line.get(name).filter(|value| !value.is_null()).cloned();
    let one = |name: &str| some(name).map(parsed);
    let list = |name: &str| some(name).map(|value| listed(value).into_iter().map(parsed).collect());
    let level = |value: Value| listed(value).into_iter().map(parsed).collect();
    let levels =
        |name: &str| some(name).map(|value| listed(value).into_iter().map(level).collect());
    let allowed = match text("expected")? {
        "Allow" => true,
        "Deny" => false,
        _ => return None,
    };
    let context = context(line.get("context"));
    let principal = principal(line.get("principal")?, &context)?;
    let action = text("action")?.to_owned();
    let service = action.split(':').next().unwrap_or_default();
    let target = match text("resource")? {
        "*" => format!("arn:aws:{service}:::*"),
        arn => arn.to_owned(),
    };
    let is_account = |account: &&str| account.len() == 12;
    let of_target = target.split(':').nth(4).filter(is_account);
    let owner = text("resource_account").or(of_target).or(principal.account());
    let question = Question {
        identity: list("identity_policies").unwrap_or_default(),
        resource: one("resource_policy"),
        boundary: one("boundary"),
        session: list("session_policies"),
        scps: levels("scps"),
        rcps: levels("rcps"),
        owner: owner.unwrap_or("000000000000").to_owned(),
        principal,
        action,
        target,
        context,
    };
    Some((question, allowed, line.get("expected_explicit").and_then(Value::as_bool)))
}

/// A document that is given as text.
fn parsed(document: Value) -> Value {
    let text = document.as_str().and_then(|text| serde_json::from_str(text).ok());
    text.unwrap_or(document)
}

fn listed(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            vec![value]
        }
    }
}

fn context(given: Option<&Value>) -> BTreeMap<String, Given> {
    let scalar = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    let given = given.and_then(Value::as_object).into_iter().flatten();
    let given = given.filter(|(_, value)| !value.is_null()).map(|(key, value)| {
        let given = match value.as_array() {
            Some(values) => Given::Many(values.iter().map(scalar).collect()),
            None => Given::One(scalar(value)),
        };
        (key.clone(), given)
    });
    given.collect()
}

fn principal(value: &Value, context: &BTreeMap<String, Given>) -> Option<Principal> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let Some(arn) = value.as_str().map(str::to_owned).or_else(|| text("AWS")) else {
        let service = text("Service").map(Principal::Service);
        let federated = text("Federated").map(Principal::Federated);
        return service.or(federated).or(Some(Principal::Anonymous));
    };
    let fields: Vec<&str> = arn.splitn(6, ':').collect();
    let (Some(partition), Some(account)) = (fields.get(1), fields.get(4)) else {
        return (arn == "*").then_some(Principal::Anonymous);
    };
    let resource = fields.get(5)?;
    Some(match resource.split('/').next()? {
        "root" => Principal::Root((*account).to_owned(), (*partition).to_owned()),
        "user" => Principal::User(arn),
        "role" => Principal::Role(arn),
        "federated-user" => Principal::FederatedUser(arn, None),
        _ => {
            let name = resource.split('/').nth(1)?;
            let plain = format!("arn:{partition}:iam::{account}:role/{name}");
            let tail = format!("/{name}");
            let known = context.iter().find(|(k, _)| k.eq_ignore_ascii_case("aws:PrincipalArn"));
            let role = match known {
                Some((_, Given::One(role))) if role.contains(":role/") && role.ends_with(&tail) => {
                    role.clone()
                }
                _ => plain,
            };
            Principal::Session(role, arn)
        }
    })
}
