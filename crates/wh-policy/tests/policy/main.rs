//! The engine, judged by tables of cases and by properties.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a helper of a test fails the test, as the test itself would"
)]

mod analysis;
mod conditions;
mod decisions;
mod documents;
mod explanations;
mod lint;
mod narrowing;
mod properties;

use serde_json::{Value, json};
use wh_policy::testfile::{CaseResult, run};

/// What a case should come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Allow,
    Implicit,
    Explicit,
}

pub(crate) const BUCKET: &str = "arn:aws:s3:::bkt";
pub(crate) const OBJECT: &str = "arn:aws:s3:::bkt/key";
pub(crate) const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/Reader/ada";
pub(crate) const ROLE: &str = "arn:aws:iam::111122223333:role/Reader";
pub(crate) const USER: &str = "arn:aws:iam::111122223333:user/ada";

/// Fields of `over` put over those of a plain request: a role session gets an object of its account.
fn case(over: &Value) -> Value {
    let mut case = json!({
        "name": "case", "identity_policies": [], "resource_policy": null, "boundary": null,
        "session_policies": null, "scps": null, "rcps": null, "principal": SESSION,
        "resource_account": "111122223333", "action": "s3:GetObject", "resource": OBJECT,
        "context": {}, "expected": "Allow",
    });
    for (key, value) in over.as_object().expect("an object") {
        case[key] = value.clone();
    }
    case
}

fn result(case: &Value) -> CaseResult {
    run(&case.to_string()).expect("a test file").pop().expect("one case")
}

#[track_caller]
fn check(over: Value, expected: Expected) {
    let got = result(&case(&over));
    let (word, explicit) = match expected {
        Expected::Allow => ("Allow", false),
        Expected::Implicit => ("Deny", false),
        Expected::Explicit => ("Deny", true),
    };
    assert_eq!(
        (got.decision.as_str(), got.explicit),
        (word, explicit),
        "{over:#}\n{}",
        got.explanation
    );
}

/// A document of one statement, which allows reading objects unless `over` says otherwise.
fn policy(over: Value) -> Value {
    let mut statement = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"});
    for (key, value) in over.as_object().expect("an object") {
        if value.is_null() {
            statement.as_object_mut().expect("an object").remove(key);
        } else {
            statement[key] = value.clone();
        }
    }
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

/// A trust policy of one statement.
fn trust(over: Value) -> Value {
    let mut document = policy(json!({"Action": "sts:AssumeRole", "Resource": null}));
    for (key, value) in over.as_object().expect("an object") {
        document["Statement"][0][key] = value.clone();
    }
    document
}
