//! Rules about what a condition does where its key is missing, and about how it is written.

use super::Found;
use super::rules::{
    ALLOW_IF_EXISTS, ALLOW_NEGATED, EMPTY_CONDITION, MFA_DENY, OPERATOR_CASE, TLS_REVERSED,
};
use super::span::{quoted, token};
use super::view::{Clause, Test, View};
use crate::operator::{Family, Operator, Quantifier};
use crate::tables::{self, KeyRow};

pub(super) fn check(view: &View<'_>, found: &mut Vec<Found>) {
    for clause in &view.clauses {
        for spot in &clause.empty {
            let message = "a condition without keys always holds";
            found.push(Found::new(&EMPTY_CONDITION, spot, message).advise("take it out"));
        }
        let mut operators: Vec<usize> = Vec::new();
        for test in &clause.tests {
            if !operators.contains(&test.name.at) {
                operators.push(test.name.at);
                found.extend(operator_case(view, test));
            }
            if test.values.is_empty() {
                let message = format!("no value is given for `{}`", test.key.text);
                found.push(Found::new(&EMPTY_CONDITION, &test.key, message));
            }
            found.extend(if clause.allows() { allow(clause, test) } else { deny(view, test) });
            found.extend(transport(clause, test));
        }
    }
}

fn operator_case(view: &View<'_>, test: &Test) -> Option<Found> {
    let (_, proper) = Operator::parse(&test.name.text)?;
    if proper == test.name.text {
        return None;
    }
    let message = format!("IAM writes `{proper}`");
    let found = Found::new(&OPERATOR_CASE, &test.name, message);
    Some(found.replace(
        format!("write `{proper}`"),
        token(view.text, test.name.at),
        quoted(&proper),
    ))
}

fn allow(clause: &Clause, test: &Test) -> Option<Found> {
    let key = &test.key.text;
    let demanded = || clause.demands(|other| other.eq_ignore_ascii_case(key));
    if test.operator.if_exists && !demanded() {
        let message = format!("where `{key}` is missing, this is true");
        return Some(Found::new(&ALLOW_IF_EXISTS, &test.key, message));
    }
    let negated = test.operator.negated && test.operator.quantifier == Quantifier::Single;
    if negated && !test.operator.if_exists && may_be_missing(key) && !demanded() {
        let message = format!("where `{key}` is missing, this is true");
        let found = Found::new(&ALLOW_NEGATED, &test.key, message);
        return Some(found.advise(format!("add `\"Null\": {{\"{key}\": \"false\"}}`")));
    }
    None
}

/// Global keys that every request has.
const ALWAYS: [&str; 15] = [
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalType",
    "aws:RequestedRegion",
    "aws:ResourceAccount",
    "aws:SecureTransport",
    "aws:SourceIp",
    "aws:UserAgent",
    "aws:userid",
    "aws:ViaAWSService",
    "aws:ViaAWSMCPService",
    "aws:IsMcpServiceAction",
];

/// Whether a key describes the one who asks or what is asked for, and may be missing. Headers are
/// not meant: `s3:x-amz-acl` is held against what somebody sends, and who sends nothing is fine. A
/// multivalued key needs a set operator before anything else.
fn may_be_missing(key: &str) -> bool {
    let always = ALWAYS.iter().any(|name| name.eq_ignore_ascii_case(key));
    let object_tag = |name: &str| name == "s3:ExistingObjectTag/${TagKey}";
    let told = |row: &KeyRow| !row.kind.multivalued() && (row.global || object_tag(row.name));
    !always && tables::key(key).is_some_and(told)
}

/// Keys that only the temporary credentials of a sign-in with MFA carry.
const MFA_KEYS: [&str; 2] = ["aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"];

fn deny(view: &View<'_>, test: &Test) -> Option<Found> {
    let asks = MFA_KEYS.iter().any(|key| key.eq_ignore_ascii_case(&test.key.text));
    if !asks || test.operator.if_exists || test.operator.family == Family::Null {
        return None;
    }
    let message = format!("long-term keys have no `{}`, and are not denied", test.key.text);
    let found = Found::new(&MFA_DENY, &test.key, message);
    let better = format!("{}IfExists", test.name.text);
    if !test.alone {
        return Some(found.advise(format!("move it to `{better}`")));
    }
    let range = token(view.text, test.name.at);
    Some(found.replace(format!("write `{better}`"), range, quoted(&better)))
}

fn transport(clause: &Clause, test: &Test) -> Option<Found> {
    let wrong = if clause.allows() { "false" } else { "true" };
    let only = |value: &str| test.values.iter().all(|v| v.text.eq_ignore_ascii_case(value));
    if !test.key.text.eq_ignore_ascii_case("aws:SecureTransport")
        || test.operator.family != Family::Bool
        || test.values.is_empty()
        || !only(wrong)
    {
        return None;
    }
    let message = match wrong {
        "true" => "requests over TLS are denied",
        _ => "only requests without TLS are allowed",
    };
    let right = if clause.allows() { "true" } else { "false" };
    let found = Found::new(&TLS_REVERSED, &test.key, message);
    Some(found.advise(format!("hold it against `{right}`")))
}
