//! What a decision says of itself: in words, as a tree, as JSON.

use std::sync::Arc;

use serde_json::{Value, json};
use wh_names::{AccountId, Action, Arn};
use wh_policy::{
    Context, Language, NamedPolicy, Outcome, PolicyDocument, PolicyKind, PolicySet, Request,
    Subject, Trace, evaluate,
};

use crate::{OBJECT, ROLE, SESSION, policy};

/// A role session reads an object; `look` gets what its policy, called `files`, says of it.
fn traced<T>(document: &Value, context: &Context, look: impl Fn(Trace<'_>) -> T) -> T {
    let document = PolicyDocument::read_stored(&document.to_string(), PolicyKind::Identity);
    let identity = [NamedPolicy { name: "files".to_owned(), document: Arc::new(document) }];
    let arn = |text: &str| Arn::parse(text).expect("an ARN");
    let subject = Subject::RoleSession { role_arn: arn(ROLE), session_arn: arn(SESSION) };
    let request = Request {
        subject: &subject,
        action: &Action::parse("s3:GetObject").expect("an action"),
        resource: &arn(OBJECT),
        resource_account: &AccountId::parse("111122223333").expect("an account"),
        context,
    };
    let policies = PolicySet { identity: &identity, ..PolicySet::default() };
    look(evaluate(&policies, &request).trace())
}

/// What is said of the one statement of a document, in both languages.
#[track_caller]
fn check(over: Value, english: &str, german: &str) {
    let mut context = Context::new();
    context.set("x:has", "a");
    context.set("x:set", vec!["a".to_owned(), "b".to_owned()]);
    let mut statement = json!({"Sid": "S"});
    for (key, value) in over.as_object().expect("an object") {
        statement[key] = value.clone();
    }
    let said = |language| {
        traced(&policy(statement.clone()), &context, |trace| {
            trace.in_words(language).pop().expect("a sentence")
        })
    };
    assert_eq!(said(Language::English), format!("Statement `S` of `files` {english}."));
    assert_eq!(said(Language::German), format!("Anweisung `S` von `files` {german}."));
}

fn when(operator: &str, key: &str, value: Value) -> Value {
    json!({"Condition": {operator: {key: value}}})
}

#[test]
fn a_statement_says_what_kept_it_from_applying() {
    check(json!({}), "allows it", "erlaubt es");
    check(json!({"Effect": "Deny"}), "denies it", "verbietet es");
    check(
        json!({"Action": ["s3:PutObject", "s3:List*"]}),
        "is about other actions: `s3:PutObject`, `s3:List*`",
        "betrifft andere Aktionen: `s3:PutObject`, `s3:List*`",
    );
    check(
        json!({"Action": null, "NotAction": "s3:Get*"}),
        "is about every action except `s3:Get*`",
        "betrifft jede Aktion außer `s3:Get*`",
    );
    check(
        json!({"Resource": "arn:aws:s3:::bkt/mine/*"}),
        "allows the action, but on only `arn:aws:s3:::bkt/mine/*`",
        "erlaubt die Aktion, aber nur auf `arn:aws:s3:::bkt/mine/*`",
    );
    check(
        json!({"Effect": "Deny", "Resource": null, "NotResource": "arn:aws:s3:::bkt/*"}),
        "denies the action, but on everything except `arn:aws:s3:::bkt/*`",
        "verbietet die Aktion, aber auf alles außer `arn:aws:s3:::bkt/*`",
    );
}

#[test]
fn a_condition_says_what_it_asks_for_and_what_there_is() {
    check(
        when("StringEquals", "x:has", json!(["b", "c", "d", "e"])),
        "would allow it, but `StringEquals` on `x:has` asks for `b`, `c`, `d` and 1 more, and the \
         request has `a`",
        "würde es erlauben, aber `StringEquals` auf `x:has` verlangt `b`, `c`, `d` und 1 weitere, \
         und die Anfrage hat `a`",
    );
    check(
        when("StringNotEquals", "x:has", json!("a")),
        "would allow it, but `StringNotEquals` on `x:has` asks for anything but `a`, and the \
         request has `a`",
        "würde es erlauben, aber `StringNotEquals` auf `x:has` verlangt alles außer `a`, und die \
         Anfrage hat `a`",
    );
    check(
        when("NumericLessThan", "x:none", json!("5")),
        "would allow it, but `NumericLessThan` on `x:none` asks for `5`, and the request does not \
         have it",
        "würde es erlauben, aber `NumericLessThan` auf `x:none` verlangt `5`, und in der Anfrage \
         fehlt der Schlüssel",
    );
    check(
        when("ForAllValues:StringEquals", "x:set", json!("a")),
        "would allow it, but `ForAllValues:StringEquals` on `x:set` asks for `a`, and the request \
         has `a`, `b`",
        "würde es erlauben, aber `ForAllValues:StringEquals` auf `x:set` verlangt `a`, und die \
         Anfrage hat `a`, `b`",
    );
    check(
        when("StringEquals", "x:set", json!("a")),
        "would allow it, but `StringEquals` on `x:set` has no `ForAllValues` or `ForAnyValue`, and \
         the request has several values: `a`, `b`",
        "würde es erlauben, aber `StringEquals` auf `x:set` hat kein `ForAllValues` oder \
         `ForAnyValue`, und die Anfrage hat mehrere Werte: `a`, `b`",
    );
    check(
        when("IpAddress", "x:has", json!("nowhere")),
        "would allow it, but `IpAddress` on `x:has` holds a malformed value",
        "würde es erlauben, aber `IpAddress` auf `x:has` enthält einen fehlerhaften Wert",
    );
    check(
        when("StringResembles", "x:has", json!("a")),
        "would allow it, but `StringResembles` is not a condition operator",
        "würde es erlauben, aber `StringResembles` ist kein Bedingungsoperator",
    );
}

/// Three statements, of which the first is about something else and the last denies.
fn three() -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Write", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"},
        {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
        {"Sid": "NotSecret", "Effect": "Deny", "Action": "s3:*", "Resource": "*",
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    ]})
}

#[test]
fn a_trace_is_drawn_as_a_tree() {
    let mut context = Context::new();
    let tree = traced(&three(), &context, |trace| trace.tree(Language::English));
    assert_eq!(
        tree,
        "Allowed: statement `Read` of `files` (identity-based policy) allows `s3:GetObject` on \
         `arn:aws:s3:::bkt/key`.\n\
         └─ identity-based policy `files`: allows it\n   \
            ├─ · `Write` is about other actions: `s3:PutObject`\n   \
            ├─ ✔ `Read` allows it\n   \
            └─ · `NotSecret` would deny it, but `Bool` on `aws:SecureTransport` asks for `false`, \
         and the request does not have it\n"
    );
    context.set("aws:SecureTransport", "false");
    let tree = traced(&three(), &context, |trace| trace.tree(Language::German));
    assert_eq!(
        tree,
        "Verweigert: Anweisung `NotSecret` von `files` (identitätsbasierte Richtlinie) verbietet \
         `s3:GetObject` auf `arn:aws:s3:::bkt/key`.\n\
         └─ identitätsbasierte Richtlinie `files`: verbietet es\n   \
            ├─ · `Write` betrifft andere Aktionen: `s3:PutObject`\n   \
            ├─ ✔ `Read` erlaubt es\n   \
            └─ ✘ `NotSecret` verbietet es\n"
    );
}

#[test]
fn a_trace_travels_as_json() {
    let text = traced(&three(), &Context::new(), |trace| trace.to_json());
    let told: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(told["decision"], "allow");
    assert_eq!(told["statement"], "Read");
    assert_eq!(told["policies"][0]["says"], "allows");
    let statements = &told["policies"][0]["statements"];
    assert_eq!(statements[0]["obstacle"], json!({"element": "action"}));
    assert_eq!(
        (&statements[1]["applies"], &statements[1]["obstacle"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(
        statements[2]["obstacle"],
        json!({
            "element": "condition", "operator": "Bool", "key": "aws:SecureTransport",
            "expected": ["false"], "actual": null, "malformed": false,
        })
    );
}

#[test]
fn a_trace_shows_no_policy_that_has_no_say() {
    let arn = |text: &str| Arn::parse(text).expect("an ARN");
    let named = |text: &str, kind| NamedPolicy {
        name: "p".to_owned(),
        document: Arc::new(PolicyDocument::read_stored(text, kind)),
    };
    let denies = r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
    let allows = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let trusts = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}}"#;
    let (scps, identity) =
        ([vec![named(denies, PolicyKind::Identity)]], [named(allows, PolicyKind::Identity)]);
    let trust = named(trusts, PolicyKind::Trust);
    let closed = r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"*"}}"#;
    let closed = named(closed, PolicyKind::Trust);
    let account = AccountId::parse("111122223333").expect("an account");
    let linked = Subject::Role { arn: arn("arn:aws:iam::111122223333:role/aws-service-role/x/R") };
    let root = Subject::Root {
        account: account.clone(),
        partition: wh_names::Partition::parse("aws").expect("aws"),
    };
    let told = |subject: &Subject, action: &str, resource: &str| {
        let request = Request {
            subject,
            action: &Action::parse(action).expect("an action"),
            resource: &arn(resource),
            resource_account: &account,
            context: &Context::new(),
        };
        let policies = PolicySet {
            identity: &identity,
            scps: Some(&scps),
            resource: Some(&closed),
            ..PolicySet::default()
        };
        let trace = evaluate(&policies, &request).trace();
        (trace.summary.outcome, trace.summary.near_miss.clone(), trace.policies.len())
    };
    // Neither the organisation's policy nor the trust policy has a say in it.
    assert_eq!(told(&linked, "s3:GetObject", OBJECT), (Outcome::Allow, None, 1));
    assert_eq!(told(&root, "sts:GetCallerIdentity", ROLE), (Outcome::Allow, None, 0));
    let policies = PolicySet { resource: Some(&trust), ..PolicySet::default() };
    let request = Request {
        subject: &root,
        action: &Action::parse("sts:AssumeRole").expect("an action"),
        resource: &arn(ROLE),
        resource_account: &account,
        context: &Context::new(),
    };
    let why = evaluate(&policies, &request).explanation();
    assert_eq!(
        why.near_miss.as_deref(),
        Some("root assumes no roles, whatever their trust policies say")
    );
}
