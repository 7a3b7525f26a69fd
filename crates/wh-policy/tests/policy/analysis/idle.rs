//! Statements that never matter, and why.

use serde_json::{Value, json};
use wh_policy::analysis::{
    Access, Budget, IdleReason, Possible, can_apply, idle_statements, matches_nothing,
};
use wh_policy::{Context, PolicyKind, PolicySet};

use super::{ACCOUNT, account, allow, deny, named, session};
use crate::{ROLE, USER};

/// The numbers of the idle statements of an identity policy, beside a bucket policy, and why.
#[track_caller]
fn check(identity: &[Value], bucket: &[Value], expected: &[(usize, IdleReason)]) {
    let identity = [named(&json!(identity), PolicyKind::Identity)];
    let bucket = named(&json!(bucket), PolicyKind::Resource);
    let (subject, owner, known) = (session(), account(ACCOUNT), Context::new());
    let access = Access {
        policies: PolicySet {
            identity: &identity,
            resource: Some(&bucket),
            ..PolicySet::default()
        },
        subject: &subject,
        resource_account: &owner,
        known: &known,
        absent: &[],
    };
    let idle = idle_statements(&access, Budget::default());
    let found: Vec<(usize, IdleReason)> =
        idle.into_iter().map(|idle| (idle.number, idle.reason)).collect();
    assert_eq!(found, expected);
}

fn on(resource: &str) -> Value {
    allow(json!({"Resource": format!("arn:aws:s3:::{resource}")}))
}

fn never() -> Value {
    json!({"StringEquals": {"k": "a"}, "StringLike": {"k": "b*"}})
}

#[test]
fn a_statement_that_matters_is_not_idle() {
    check(&[on("a*"), on("b*"), deny(json!({"Resource": "arn:aws:s3:::ab*"}))], &[], &[]);
    check(
        &[on("a")],
        &[deny(json!({"Principal": "*", "Resource": "arn:aws:s3:::b"}))],
        &[(1, IdleReason::DeniesNothing)],
    );
}

#[test]
fn a_statement_that_others_cover_is_redundant() {
    check(&[on("a*"), on("ab*")], &[], &[(2, IdleReason::Redundant)]);
    check(&[on("a*"), on("a*")], &[], &[(1, IdleReason::Redundant), (2, IdleReason::Redundant)]);
    check(
        &[on("a?*"), on("a"), on("a*")],
        &[],
        &[(1, IdleReason::Redundant), (2, IdleReason::Redundant), (3, IdleReason::Redundant)],
    );
    check(
        &[on("a*")],
        &[allow(json!({"Principal": {"AWS": ROLE}, "Resource": "arn:aws:s3:::a"}))],
        &[(1, IdleReason::Redundant)],
    );
}

#[test]
fn a_statement_that_others_take_away_is_shadowed() {
    check(
        &[on("a*"), on("b"), deny(json!({"Resource": "arn:aws:s3:::b*"}))],
        &[],
        &[(2, IdleReason::Shadowed)],
    );
    check(
        &[on("a*"), deny(json!({"Resource": "arn:aws:s3:::b*"}))],
        &[],
        &[(2, IdleReason::DeniesNothing)],
    );
}

#[test]
fn a_statement_may_contradict_itself_or_speak_of_others() {
    check(
        &[on("a*"), allow(json!({"Condition": never()}))],
        &[],
        &[(2, IdleReason::MatchesNothing)],
    );
    check(
        &[on("a*")],
        &[allow(json!({"Principal": {"AWS": USER}}))],
        &[(1, IdleReason::OtherPrincipals)],
    );
}

#[test]
fn what_depends_on_an_unknown_value_is_said_to_be_unknown() {
    let because = "because the value of `${aws:userid}` is not known".to_owned();
    check(&[on("a*"), on("b/${aws:userid}")], &[], &[(2, IdleReason::Unknown(because))]);
    check(&[on("a*"), on("a/${aws:userid}")], &[], &[(2, IdleReason::Redundant)]);
}

#[track_caller]
fn applies(over: Value, expected: &Possible) {
    let policy = named(&json!([allow(over)]), PolicyKind::Identity);
    let statement = &policy.document.statements()[0];
    assert_eq!(&can_apply(statement, Budget::default()), expected);
    assert_eq!(matches_nothing(statement, Budget::default()), *expected == Possible::No);
}

#[test]
fn a_statement_alone_may_match_nothing() {
    applies(json!({}), &Possible::Yes);
    applies(json!({"Condition": never()}), &Possible::No);
    applies(json!({"Action": null, "NotAction": "*"}), &Possible::No);
    applies(json!({"Action": null, "NotAction": "s3:*"}), &Possible::Yes);
    applies(
        json!({"Condition": {"Null": {"k": "true"}, "StringEquals": {"k": "a"}}}),
        &Possible::No,
    );
    applies(
        json!({"Condition": {"Null": {"k": "true"}, "StringNotEquals": {"k": "a"}}}),
        &Possible::Yes,
    );
    applies(
        json!({"Condition": {"NumericLessThan": {"k": "1"}, "NumericGreaterThan": {"k": "0"}}}),
        &Possible::Yes,
    );
    applies(
        json!({"Condition": {"NumericLessThan": {"k": "1"}, "NumericGreaterThan": {"k": "1"}}}),
        &Possible::No,
    );
    applies(
        json!({"Condition": {"DateLessThan": {"k": "2026"}, "DateGreaterThan": {"k": "2027"}}}),
        &Possible::No,
    );
    applies(
        json!({"Condition": {"IpAddress": {"k": "10.0.0.0/8"}, "NotIpAddress": {"k": "0.0.0.0/0"}}}),
        &Possible::No,
    );
    applies(
        json!({"Condition": {"ForAllValues:StringEquals": {"s": "a"}, "ForAnyValue:StringEquals": {"s": "b"}}}),
        &Possible::No,
    );
    let both =
        json!({"ForAnyValue:StringEquals": {"s": "a"}, "ForAnyValue:StringLike": {"s": "b"}});
    applies(json!({"Condition": both}), &Possible::Yes);
}
