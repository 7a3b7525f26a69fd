//! Random policies of every type, made so that they meet.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};
use wh_names::{AccountId, Partition};
use wh_policy::analysis::Access;
use wh_policy::{Context, NamedPolicy, PolicyKind, PolicySet, Subject};

use super::{account, arn, named, session, user};
use crate::{ROLE, SESSION, USER};

const ACTIONS: [&str; 9] = [
    "s3:GetObject",
    "s3:Get*",
    "s3:*",
    "*",
    "s3:PutObject",
    "s3:?etObject",
    "sts:AssumeRole",
    "sts:*",
    "sts:GetCallerIdentity",
];
const RESTS: [&str; 10] = ["a", "b", "a*", "*a", "?", "??", "*b?", "ab*", "*", "a?*b"];
const HEADS: [&str; 3] = ["arn:aws:s3:::", "arn:aws:*:::", "arn:*:s3::*:"];

/// The values that key `k` is compared with, by what the operator reads.
fn values_of(base: &str) -> &'static [&'static str] {
    if base.starts_with("Numeric") {
        &["0", "5", "5.0", "1e1", "-1"]
    } else if base.starts_with("Date") {
        &["2026", "2026-01-01T00:00:00Z", "0", "1767225601"]
    } else if base.contains("Ip") {
        &["10.0.0.0/8", "10.0.0.0/7", "0.0.0.0/0", "::/0", "10.0.0.1", "::ffff:10.0.0.0/120"]
    } else if base.starts_with("Binary") {
        &["AAA=", "AQ==", ""]
    } else if base.starts_with("Arn") {
        &["arn:aws:s3:::a", "*", "arn:*:s3:*::*b", "${x:v}", "arn:aws:s3:::${aws:PrincipalTag/t}"]
    } else if base == "Bool" || base == "Null" {
        &["true", "false"]
    } else {
        &["a", "ab", "a*", "?", "*", "", "A", "b*a", "${aws:PrincipalTag/t}", "${x:v}", "5", "true"]
    }
}

const BASES: [&str; 27] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnNotEquals",
    "ArnLike",
    "ArnNotLike",
    "Null",
];

/// What the values of each key are read as, in one world: mixed keys are mostly not of interest.
fn condition(family: usize) -> impl Strategy<Value = (String, String, Vec<&'static str>)> {
    let families: [&[&str]; 6] = [
        &BASES[0..6],
        &BASES[6..12],
        &BASES[12..18],
        &["IpAddress", "NotIpAddress"],
        &["BinaryEquals"],
        &["StringLike", "ArnLike", "ArnNotEquals", "Bool", "StringNotLike"],
    ];
    let bases = families[family].iter().copied().chain(["Null"]).collect::<Vec<_>>();
    let key = prop_oneof![3 => Just("x:k"), 2 => Just("x:s")];
    (select(bases), key, 0..8_usize, any::<bool>()).prop_flat_map(|(base, key, set, exists)| {
        // Only `x:s` is looked at as a set, and not always.
        let quantifier = match (key, set) {
            ("x:s", 0..3) => "ForAllValues:",
            ("x:s", 3..6) => "ForAnyValue:",
            _ => "",
        };
        let suffix = if exists && base != "Null" { "IfExists" } else { "" };
        let operator = format!("{quantifier}{base}{suffix}");
        let values = subsequence(values_of(base).to_vec(), 1..=2);
        (Just(operator), Just(key.to_owned()), values)
    })
}

fn conditions(family: usize) -> impl Strategy<Value = Value> {
    vec(condition(family), 0..3).prop_map(|all| {
        let mut blocks = Map::new();
        for (operator, key, values) in all {
            blocks.entry(operator).or_insert_with(|| json!({}))[key] = json!(values);
        }
        Value::Object(blocks)
    })
}

fn resource() -> impl Strategy<Value = String> {
    prop_oneof![
        1 => Just("*".to_owned()),
        8 => (select(HEADS.to_vec()), select(RESTS.to_vec())).prop_map(|(h, r)| format!("{h}{r}")),
        1 => Just("arn:aws:s3:::${aws:PrincipalTag/t}*".to_owned()),
        1 => Just("arn:aws:s3:::a${x:v}".to_owned()),
        1 => Just("arn:aws:s3".to_owned()),
        1 => Just("no ARN".to_owned()),
    ]
}

fn statement(family: usize) -> impl Strategy<Value = Value> {
    let principals = ["*", SESSION, ROLE, USER, "111122223333"];
    (
        prop_oneof![3 => Just("Allow"), 2 => Just("Deny")],
        subsequence(ACTIONS.to_vec(), 1..3),
        vec(resource(), 1..3),
        conditions(family),
        subsequence(principals.to_vec(), 1..3),
        (0..6_u8, 0..6_u8, 0..5_u8),
    )
        .prop_map(|(effect, actions, resources, conditions, principals, not)| {
            let mut out = json!({"Effect": effect, "Condition": conditions});
            out[if not.0 == 0 { "NotAction" } else { "Action" }] = json!(actions);
            out[if not.1 == 0 { "NotResource" } else { "Resource" }] = json!(resources);
            let deny = effect == "Deny" && not.2 == 0;
            out[if deny { "NotPrincipal" } else { "Principal" }] = json!({"AWS": principals});
            out
        })
}

/// Policies of every type; each may be missing.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) identity: Vec<NamedPolicy>,
    resource: Option<NamedPolicy>,
    boundary: Option<NamedPolicy>,
    session: Option<Vec<NamedPolicy>>,
    scps: Option<Vec<Vec<NamedPolicy>>>,
    rcps: Option<Vec<Vec<NamedPolicy>>>,
}

impl World {
    /// The text of all policies.
    pub(super) fn text(&self) -> String {
        let set = self.set();
        let levels = [set.scps, set.rcps].into_iter().flatten().flatten().flatten();
        let all = set.identity.iter().chain(set.resource).chain(set.boundary);
        let all = all.chain(set.session.unwrap_or_default()).chain(levels);
        all.map(|policy| policy.document.to_json()).collect()
    }

    pub(super) fn set(&self) -> PolicySet<'_> {
        PolicySet {
            identity: &self.identity,
            resource: self.resource.as_ref(),
            boundary: self.boundary.as_ref(),
            session: self.session.as_deref(),
            scps: self.scps.as_deref(),
            rcps: self.rcps.as_deref(),
        }
    }
}

fn policy(kind: PolicyKind, family: usize) -> impl Strategy<Value = NamedPolicy> {
    vec(statement(family), 1..4).prop_map(move |mut statements| {
        if kind != PolicyKind::Resource {
            for statement in &mut statements {
                let object = statement.as_object_mut().expect("an object");
                object.remove("Principal");
                object.remove("NotPrincipal");
            }
        }
        named(&json!(statements), kind)
    })
}

fn world(family: usize) -> impl Strategy<Value = World> {
    let maybe = |kind| proptest::option::weighted(0.3, policy(kind, family));
    let some = |kind| proptest::option::weighted(0.2, vec(policy(kind, family), 1..2));
    let identity = prop_oneof![
        1 => Just(Vec::new()),
        6 => vec(policy(PolicyKind::Identity, family), 1..3)
    ];
    (
        identity,
        maybe(PolicyKind::Resource),
        maybe(PolicyKind::Boundary),
        some(PolicyKind::Session),
        some(PolicyKind::Identity),
        some(PolicyKind::Resource),
    )
        .prop_map(|(identity, resource, boundary, session, scps, rcps)| World {
            identity,
            resource,
            boundary,
            session,
            scps: scps.map(|level| vec![level]),
            rcps: rcps.map(|level| vec![level]),
        })
}

fn subject() -> impl Strategy<Value = Subject> {
    prop_oneof![
        4 => Just(session()),
        3 => Just(user()),
        1 => Just(Subject::Anonymous),
        1 => Just(Subject::Root { account: account("111122223333"), partition: Partition::parse("aws").expect("a partition") }),
        1 => Just(Subject::Role { arn: arn(ROLE) }),
        1 => Just(Subject::FederatedUser {
            arn: arn("arn:aws:sts::111122223333:federated-user/ada"), user_arn: Some(arn(USER)),
        }),
        1 => Just(Subject::Service { name: "s3.amazonaws.com".to_owned() }),
    ]
}

/// What stays the same for all requests.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    pub(super) subject: Subject,
    pub(super) owner: AccountId,
    pub(super) known: Context,
}

fn setting() -> impl Strategy<Value = Setting> {
    let owner = prop_oneof![3 => Just("111122223333"), 1 => Just("444455556666")];
    (subject(), owner, select(vec!["a", "*", ""])).prop_map(|(subject, owner, tag)| {
        let mut known = Context::new();
        known.set("aws:PrincipalTag/t", tag);
        Setting { subject, owner: account(owner), known }
    })
}

impl Setting {
    pub(super) fn access<'a>(&'a self, policies: PolicySet<'a>) -> Access<'a> {
        Access {
            policies,
            subject: &self.subject,
            resource_account: &self.owner,
            known: &self.known,
            absent: &[],
        }
    }
}

/// A family of values, two sets of policies, and what stays the same.
pub(super) fn two_worlds() -> impl Strategy<Value = (usize, World, World, Setting)> {
    (0..6_usize).prop_flat_map(|family| (Just(family), world(family), world(family), setting()))
}
