//! What holds of every document: made of pieces that rules look at, well and badly put together.

use proptest::prelude::{
    ProptestConfig, Strategy, any, prop, prop_assert, prop_assert_eq, proptest,
};
use serde_json::{Value, json};
use wh_policy::lint::{Severity, lint};
use wh_policy::{PolicyDocument, PolicyKind};

use super::{I, M, R, S, T};

const ACTIONS: [&str; 12] = [
    "*",
    "s3:*",
    "s3:GetObject",
    "s3:getobjct",
    "s3:ListBucket",
    "s3:HeadObject",
    "s3:List*",
    "iam:PassRole",
    "sts:AssumeRole",
    "sts:AssumeRoleWithWebIdentity",
    "ec2:RunInstances",
    "GetObject",
];

const RESOURCES: [&str; 8] = [
    "*",
    "arn:aws:s3:::bkt",
    "arn:aws:s3:::bkt/*",
    "arn:aws:s3:::bkt*",
    "arn:aws:s3:::bkt/home/${aws:username}*",
    "arn:aws:s3:::bkt/${aws:usernme, 'x}'}",
    "arn:aws:iam::111122223333:role/é/x",
    "arn:aws:s3:::bkt/${",
];

const VALUES: [&str; 8] = [
    "*",
    "",
    "111122223333",
    "${*}",
    "true",
    "home",
    "10.0.0.0/8",
    "arn:aws:sts::1:assumed-role/a/b",
];

const OPERATORS: [&str; 9] = [
    "StringEquals",
    "stringnotlike",
    "ForAllValues:StringEquals",
    "ForAnyValue:StringNotEquals",
    "BoolIfExists",
    "Bool",
    "Null",
    "NullIfExists",
    "IpAddress",
];

const KEYS: [&str; 9] = [
    "s3:prefix",
    "aws:SourceIp",
    "aws:TagKeys",
    "aws:RequestTag",
    "aws:requesttag/x",
    "aws:SecureTransport",
    "aws:MultiFactorAuthPresent",
    "aws:SorceIp",
    "id.example.org:sub",
];

fn words(pool: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let word = move || prop::sample::select(pool).prop_map(Value::from);
    let list = prop::collection::vec(word(), 1..4).prop_map(Value::from);
    let odd = prop::sample::select(vec![json!(1), json!(null), json!({}), json!([])]);
    proptest::prop_oneof![15 => word(), 15 => list, 1 => odd]
}

fn condition() -> impl Strategy<Value = Value> {
    let keys = prop::collection::hash_map(prop::sample::select(&KEYS[..]), words(&VALUES), 0..3);
    let blocks = prop::collection::hash_map(prop::sample::select(&OPERATORS[..]), keys, 0..3);
    blocks.prop_map(|blocks| json!(blocks))
}

fn principal() -> impl Strategy<Value = Value> {
    let kinds = prop::sample::select(vec!["AWS", "Service", "Federated", "Person"]);
    let named = (kinds, words(&VALUES)).prop_map(|(kind, words)| json!({kind: words}));
    proptest::prop_oneof![words(&VALUES), named]
}

fn statement() -> impl Strategy<Value = Value> {
    let effect =
        prop::sample::select(vec!["Allow", "Allow", "Allow", "Deny", "Deny", "Deny", "Maybe"]);
    let parts = (
        effect,
        words(&ACTIONS),
        words(&RESOURCES),
        prop::option::weighted(0.3, principal()),
        condition(),
    );
    let names = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (parts, names).prop_map(|((effect, actions, resources, principal, condition), names)| {
        let mut statement = json!({"Effect": effect});
        statement[if names.0 { "Action" } else { "NotAction" }] = actions;
        statement[if names.1 { "Resource" } else { "NotResource" }] = resources;
        if let Some(principal) = principal {
            statement[if names.2 { "Principal" } else { "NotPrincipal" }] = principal;
        }
        if names.3 {
            statement["Condition"] = condition;
        }
        statement
    })
}

fn document() -> impl Strategy<Value = String> {
    let version = prop::sample::select(vec!["2012-10-17", "2012-10-17", "2008-10-17", "2020"]);
    let statements = prop::collection::vec(statement(), 0..4);
    let shape = (any::<bool>(), any::<bool>());
    (prop::option::of(version), statements, shape).prop_map(|(version, statements, shape)| {
        let mut document = json!({"Statement": statements});
        if let Some(version) = version {
            document["Version"] = version.into();
        }
        if shape.0 { format!("{document:#}") } else { document.to_string() }
    })
}

fn kind() -> impl Strategy<Value = PolicyKind> {
    prop::sample::select(vec![I, M, R, S, T, PolicyKind::Boundary])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn errors_are_what_the_strict_reader_refuses(text in document(), kind in kind()) {
        let refused = PolicyDocument::parse(&text, kind).is_err();
        let errors = lint(&text, kind).into_iter().filter(|f| f.severity == Severity::Error);
        prop_assert_eq!(errors.count() > 0, refused, "{}", text);
    }

    #[test]
    fn findings_stand_in_the_order_of_the_text_and_inside_it(text in document(), kind in kind()) {
        let found = lint(&text, kind);
        prop_assert!(found.is_sorted_by_key(|f| f.start));
        for finding in &found {
            let line = text.lines().nth(finding.start.line - 1).unwrap_or_default();
            prop_assert!(finding.start.column <= line.chars().count(), "{:?}", finding);
            prop_assert!(finding.start < finding.end, "{:?}", finding);
        }
    }

    #[test]
    fn a_fix_leaves_json(text in document(), kind in kind()) {
        for finding in lint(&text, kind) {
            let Some(fixed) = finding.fix.as_ref().and_then(|fix| fix.apply(&text)) else {
                continue;
            };
            let read = serde_json::from_str::<Value>(&fixed);
            prop_assert!(read.is_ok(), "{:?}\n{}", finding, fixed);
        }
    }

    #[test]
    fn any_text_can_be_looked_at(text in "[{}\\[\\]\",:a-zé$*\\\\ \n]{0,40}", kind in kind()) {
        lint(&text, kind);
    }
}
