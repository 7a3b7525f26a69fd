//! Wildcards and variables, by way of whole decisions: a resource pattern, a `StringLike`, an
//! `ArnLike` and an action pattern, each against the second account. The parts of the input are
//! separated by line feeds.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use proving::question::{Given, Principal, Question};
use proving::{engine, spec};
use serde_json::{Value, json};

fn statement(elements: [(&str, Value); 3]) -> Value {
    let mut statement = json!({"Effect": "Allow"});
    for (name, value) in elements {
        statement[name] = value;
    }
    json!({"Version": "2012-10-17", "Statement": statement})
}

fn question(document: Value, target: &str, action: &str, value: &str, text: &str) -> Question {
    let one = |text: &str| Given::One(text.to_owned());
    let context = [("aws:PrincipalTag/x", one(value)), ("s3:prefix", one(text))];
    Question {
        identity: vec![document],
        resource: None,
        boundary: None,
        session: None,
        scps: None,
        rcps: None,
        principal: Principal::User("arn:aws:iam::111122223333:user/ada".to_owned()),
        action: action.to_owned(),
        target: target.to_owned(),
        owner: "111122223333".to_owned(),
        context: BTreeMap::from(context.map(|(key, given)| (key.to_owned(), given))),
    }
}

fn check(q: &Question) {
    if let Ok(found) = engine::decide(q) {
        assert_eq!(found, spec::decide(q), "{q:?}");
    }
}

fuzz_target!(|data: &[u8]| {
    let input = String::from_utf8_lossy(data);
    let mut parts = input.splitn(3, '\n');
    let (Some(pattern), Some(text)) = (parts.next(), parts.next()) else { return };
    let value = parts.next().unwrap_or_default();
    let (any, get) = (json!("*"), "s3:GetObject");
    let empty = || ("Condition", json!({}));
    let object = format!("arn:aws:s3:::{text}");
    let target = if text.starts_with("arn:") { text } else { &object };
    let anywhere = [json!(pattern), json!(format!("arn:aws:s3:::{pattern}"))];
    for resource in anywhere {
        let document = statement([("Action", any.clone()), ("Resource", resource), empty()]);
        check(&question(document, target, get, value, text));
    }
    for operator in ["StringLike", "StringNotLike", "StringEqualsIgnoreCase", "ArnLike"] {
        let condition = ("Condition", json!({operator: {"s3:prefix": pattern}}));
        let document = statement([("Action", any.clone()), ("Resource", any.clone()), condition]);
        check(&question(document, "arn:aws:s3:::b", get, value, text));
    }
    for (listed, asked) in [(pattern, get), (pattern, text), (&format!("s3:{pattern}"), text)] {
        let document = statement([("Action", json!(listed)), ("Resource", any.clone()), empty()]);
        check(&question(document, "arn:aws:s3:::b", asked, value, text));
    }
});
