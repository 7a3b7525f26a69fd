//! Answers about all requests.

mod enumerated;
mod hostile;
mod idle;
mod kinds;
mod questions;
mod universe;
mod worlds;

use std::sync::Arc;

use serde_json::{Value, json};
use wh_names::{AccountId, Arn};
use wh_policy::analysis::{Access, Answer, Budget, Requests, Witness, more_permissive};
use wh_policy::{
    Context, ContextValue, NamedPolicy, PolicyDocument, PolicyKind, PolicySet, Subject,
};

use crate::{ROLE, SESSION, USER};

const ACCOUNT: &str = "111122223333";

pub(super) fn account(text: &str) -> AccountId {
    AccountId::parse(text).expect("an account")
}

pub(super) fn arn(text: &str) -> Arn {
    Arn::parse(text).expect("an ARN")
}

pub(super) fn session() -> Subject {
    Subject::RoleSession { role_arn: arn(ROLE), session_arn: arn(SESSION) }
}

pub(super) fn user() -> Subject {
    Subject::User { arn: arn(USER) }
}

/// A stored policy of these statements.
pub(super) fn named(statements: &Value, kind: PolicyKind) -> NamedPolicy {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let document = Arc::new(PolicyDocument::read_stored(&text, kind));
    NamedPolicy { name: format!("policy {text}"), document }
}

/// A statement: `Allow`, `s3:GetObject` and `*`, unless `over` says otherwise.
pub(super) fn statement(over: &Value) -> Value {
    let mut statement = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"});
    for (key, value) in over.as_object().expect("an object") {
        if value.is_null() {
            statement.as_object_mut().expect("an object").remove(key);
        } else {
            statement[key] = value.clone();
        }
    }
    statement
}

pub(super) fn allow(over: Value) -> Value {
    statement(&over)
}

pub(super) fn deny(over: Value) -> Value {
    let mut statement = statement(&over);
    statement["Effect"] = json!("Deny");
    statement
}

/// Whether a session with the identity policy `new` can do what it cannot with `old`.
pub(super) fn newly_with(new: &[Value], old: &[Value], known: &Context) -> Answer {
    newly_within(new, old, known, Budget::default())
}

pub(super) fn newly_within(
    new: &[Value],
    old: &[Value],
    known: &Context,
    budget: Budget,
) -> Answer {
    let (new, old) =
        (named(&json!(new), PolicyKind::Identity), named(&json!(old), PolicyKind::Identity));
    let (subject, owner) = (session(), account(ACCOUNT));
    let access = |identity| Access {
        policies: PolicySet { identity, ..PolicySet::default() },
        subject: &subject,
        resource_account: &owner,
        known,
        absent: &[],
    };
    let (new, old) = (std::slice::from_ref(&new), std::slice::from_ref(&old));
    more_permissive(&access(new), &access(old), &Requests::all(), budget)
}

pub(super) fn newly(new: &[Value], old: &[Value]) -> Answer {
    newly_with(new, old, &Context::new())
}

/// Action, resource and context on one line: `s3:GetObject arn:aws:s3:::a k=b l=[c d]`.
pub(super) fn shown(witness: &Witness) -> String {
    let keys = witness.context.iter().map(|(key, value)| match value {
        ContextValue::One(value) => format!(" {key}={value}"),
        ContextValue::Many(values) => format!(" {key}=[{}]", values.join(" ")),
    });
    format!("{} {}{}", witness.action, witness.resource, keys.collect::<String>())
}

/// The answer in a word or two: `no`, `unknown …`, or the witness, marked if it may not be shortest.
pub(super) fn told(answer: &Answer) -> String {
    match answer {
        Answer::No => "no".to_owned(),
        Answer::Unknown(because) => format!("unknown {because}"),
        Answer::Yes(witness) if witness.shortest => shown(witness),
        Answer::Yes(witness) => format!("~ {}", shown(witness)),
    }
}

#[track_caller]
pub(super) fn check(new: &[Value], old: &[Value], expected: &str) {
    let answer = newly(new, old);
    assert_eq!(told(&answer), expected, "new {new:?}\nold {old:?}");
}
