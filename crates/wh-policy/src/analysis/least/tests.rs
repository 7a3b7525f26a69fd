//! Smaller policies: what they keep, what they leave out, and that both are proved.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};
use wh_names::{AccountId, Action, Arn};

use super::{Narrowing, Proof, Seen, Smaller, proof, smaller};
use crate::{Context, NamedPolicy, PolicyDocument, PolicyKind, PolicySet, Request, Subject};

const ROLE: &str = "arn:aws:iam::111122223333:role/R";

fn document(text: &str) -> PolicyDocument {
    PolicyDocument::parse(text, PolicyKind::Identity).expect("a policy")
}

fn named(document: &PolicyDocument) -> NamedPolicy {
    NamedPolicy { name: "own".to_owned(), document: Arc::new(document.clone()) }
}

fn action(name: &str) -> Action {
    Action::parse(name).expect("an action")
}

fn arn(path: &str) -> Arn {
    Arn::parse(&format!("arn:aws:s3:::{path}")).expect("an arn")
}

/// `bucket/prefix*`, or one resource.
fn seen(name: &str, path: &str) -> Seen {
    match path.strip_suffix('*').map(|below| below.split_once('/').expect("a bucket")) {
        Some((bucket, prefix)) => Seen::below(&action(name), &arn(bucket), prefix),
        None => Seen::on(&action(name), &arn(path)),
    }
}

fn subject() -> (Subject, AccountId) {
    let session = "arn:aws:sts::111122223333:assumed-role/R/u";
    let subject = Subject::RoleSession {
        role_arn: Arn::parse(ROLE).expect("an arn"),
        session_arn: Arn::parse(session).expect("an arn"),
    };
    (subject, AccountId::parse("111122223333").expect("an account"))
}

fn proved(old: &PolicyDocument, new: Option<&PolicyDocument>, seen: &[Seen]) -> Proof {
    let (subject, account) = subject();
    let new = new.map(named);
    proof((&named(old), new.as_ref()), seen, (&subject, &account))
}

fn policy(statements: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// The statements that are left, after it is proved that they suffice and add nothing.
#[track_caller]
fn check(narrowing: Narrowing, old: &Value, asked: &[(&str, &str)], expected: &Value) -> Smaller {
    let old = document(&policy(old));
    let asked: Vec<Seen> = asked.iter().map(|(name, path)| seen(name, path)).collect();
    let made = smaller(&old, &asked, narrowing).expect("it is well formed");
    let told = made.document.as_ref().map(PolicyDocument::to_json).unwrap_or_default();
    let told: Value = serde_json::from_str(&told).unwrap_or(json!({"Statement": []}));
    assert_eq!(told.get("Statement"), Some(expected), "{told:#}");
    let proof = proved(&old, made.document.as_ref(), &asked);
    assert!(proof.holds(), "{proof:?}");
    made
}

#[test]
fn a_statement_keeps_the_actions_and_the_places_that_were_seen() {
    let old = json!([
        {"Sid": "Read", "Effect": "Allow", "Action": ["s3:Get*", "s3:ListBucket"], "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:::c/*"]},
        {"Sid": "Write", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*"},
    ]);
    let asked = [("s3:GetObject", "b/shared/*"), ("s3:ListBucket", "b"), ("s3:GetObject", "b/a/x")];
    let made = check(
        Narrowing::Patterns,
        &old,
        &asked,
        &json!([
            {"Sid": "Read", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b"},
            {"Sid": "Read2", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"},
        ]),
    );
    let [read, write] = made.statements.as_slice() else { panic!("{made:?}") };
    assert_eq!(read.used, ["s3:GetObject", "s3:ListBucket"]);
    assert!(read.unused_actions.is_empty());
    assert_eq!(read.unused_resources, ["arn:aws:s3:::c/*"]);
    assert_eq!(
        (write.used.len(), write.unused_actions.as_slice()),
        (0, &["s3:PutObject".to_owned()][..])
    );
    check(
        Narrowing::Places,
        &old,
        &asked,
        &json!([
            {"Sid": "Read", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b"},
            {"Sid": "Read2", "Effect": "Allow", "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::b/a/x", "arn:aws:s3:::b/shared/*"]},
        ]),
    );
}

/// Without a value for the variable the statement says nothing, and places would say something.
#[test]
fn what_is_all_but_a_variable_stays_as_it_is() {
    let old = json!([{"Effect": "Allow", "Action": "s3:DeleteObject",
        "NotResource": "arn:aws:s3:::b/home/${aws:PrincipalTag/uid}/*"}]);
    for narrowing in [Narrowing::Places, Narrowing::Patterns] {
        check(narrowing, &old, &[("s3:DeleteObject", "c/*")], &old);
    }
}

#[test]
fn denials_and_conditions_stay_as_they_are() {
    let deny = json!({"Sid": "No", "Effect": "Deny", "NotAction": "s3:GetObject", "Resource": "*"});
    let condition = json!({"StringLike": {"s3:prefix": "home/${aws:PrincipalTag/uid}/*"}, "Bool": {"aws:SecureTransport": "true"}});
    let old = json!([
        deny,
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": condition},
    ]);
    check(
        Narrowing::Places,
        &old,
        &[("s3:ListBucket", "b")],
        &json!([
            deny,
            {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b", "Condition": condition},
        ]),
    );
    check(Narrowing::Places, &old, &[], &json!([deny]));
}

#[test]
fn nothing_that_was_asked_for_leaves_nothing_to_say() {
    let old = json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]);
    let made = check(Narrowing::Patterns, &old, &[], &json!([]));
    assert!(made.document.is_none() && made.differs);
}

#[test]
fn lists_that_are_turned_round_are_read_the_right_way_round() {
    let old = json!([
        {"Sid": "A", "Effect": "Allow", "NotAction": "s3:Delete*", "NotResource": "arn:aws:s3:::b/secret/*"},
    ]);
    let asked = [("s3:GetObject", "b/secret/deep/*"), ("s3:PutObject", "b/home/*")];
    let put = json!([{"Sid": "A", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/home/*"}]);
    check(Narrowing::Places, &old, &asked, &put);
    let whole = json!([{"Sid": "A", "Effect": "Allow", "Action": "s3:PutObject", "NotResource": "arn:aws:s3:::b/secret/*"}]);
    check(Narrowing::Patterns, &old, &asked, &whole);
    // Of a place that is only partly excepted, the exception stays.
    check(Narrowing::Places, &old, &[("s3:PutObject", "b/*")], &whole);
    check(Narrowing::Places, &old, &[("s3:DeleteObject", "b/home/*")], &json!([]));
}

#[test]
fn a_pattern_that_holds_a_place_only_in_part_or_for_some_stays_as_it_is() {
    let home = "arn:aws:s3:::b/home/${aws:PrincipalTag/uid}/*";
    let old = json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::b/*/open/?", home]}]);
    check(Narrowing::Places, &old, &[("s3:GetObject", "b/home/*")], &old);
    let own = json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*/open/?"}]);
    check(Narrowing::Places, &old, &[("s3:GetObject", "b/x/*")], &own);
}

#[test]
fn names_that_a_policy_cannot_hold_widen_to_their_folder() {
    let old =
        json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]);
    let wide = |on: &str| json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": on}]);
    check(Narrowing::Places, &old, &[("s3:GetObject", "b/a/文/*")], &wide("arn:aws:s3:::b/a/*"));
    check(Narrowing::Places, &old, &[("s3:GetObject", "b/文")], &wide("arn:aws:s3:::b/*"));
    let starred = wide("arn:aws:s3:::b/a${*}${$}{x}/*");
    check(Narrowing::Places, &old, &[("s3:GetObject", "b/a*${x}/*")], &starred);
}

#[test]
fn what_another_place_holds_is_not_said_twice() {
    let old = json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]);
    let asked = [("s3:GetObject", "b/a/*"), ("s3:GetObject", "b/a/b/*"), ("s3:GetObject", "b/ab")];
    let places = json!(["arn:aws:s3:::b/a/*", "arn:aws:s3:::b/ab"]);
    let expected = json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": places}]);
    check(Narrowing::Places, &old, &asked, &expected);
}

#[test]
fn a_policy_with_faults_is_left_alone() {
    let text = r#"{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"b"}]}"#;
    let old = PolicyDocument::read_stored(text, PolicyKind::Identity);
    let refused = smaller(&old, &[], Narrowing::Places).expect_err("it has faults");
    assert_eq!(refused.code(), "malformed-policy");
}

const ACTIONS: [&str; 5] =
    ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:DeleteObject", "s3:GetObjectAcl"];
const PATTERNS: [&str; 7] =
    ["s3:GetObject", "s3:Get*", "s3:*", "s3:?utObject", "*", "s3:listbucket", "s3:Delete*"];
const RESOURCES: [&str; 11] = [
    "*",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/home/*",
    "arn:aws:s3:::b/home/${aws:PrincipalTag/uid}/*",
    "arn:aws:s3:::b/*/x",
    "arn:aws:s3:::b/home/??",
    "arn:aws:s3:::?/home/u*",
    "arn:*:s3:::b/shared/a${*}",
    "arn:aws:s3:::c/shared/*",
];
const PATHS: [&str; 10] = [
    "b",
    "b/x",
    "b/home/x",
    "b/home/u1/x",
    "b/home/u2/y",
    "b/shared/a*",
    "b/shared/ab",
    "b/home/ü",
    "c/shared/x",
    "c/文/x",
];
const UIDS: [&str; 2] = ["u1", "u2"];

fn statement() -> impl Strategy<Value = Value> {
    let condition = prop_oneof![
        Just(json!({"Bool": {"aws:SecureTransport": "true"}})),
        Just(json!({"StringNotLike": {"s3:prefix": "home/*"}})),
        Just(json!({"StringEquals": {"aws:PrincipalTag/uid": "u1"}})),
    ];
    let parts = (
        prop_oneof![4 => Just("Allow"), 1 => Just("Deny")],
        (
            subsequence(PATTERNS.to_vec(), 1..=3),
            prop_oneof![5 => Just("Action"), 1 => Just("NotAction")],
        ),
        (
            subsequence(RESOURCES.to_vec(), 1..=3),
            prop_oneof![4 => Just("Resource"), 1 => Just("NotResource")],
        ),
        option::weighted(0.3, condition),
    );
    parts.prop_map(|(effect, (actions, action), (resources, resource), condition)| {
        let mut made = json!({"Effect": effect});
        made[action] = json!(actions);
        made[resource] = json!(resources);
        if let Some(condition) = condition {
            made["Condition"] = condition;
        }
        made
    })
}

/// What is seen: a request, or all in the folder of one.
fn what_was_seen() -> impl Strategy<Value = (&'static str, &'static str, bool)> {
    (select(ACTIONS.to_vec()), select(PATHS.to_vec()), any::<bool>())
}

fn of_seen(&(name, path, below): &(&'static str, &'static str, bool)) -> Seen {
    match path.rsplit_once('/').filter(|_| below) {
        Some((folder, _)) => seen(name, &format!("{folder}/*")),
        None => seen(name, path),
    }
}

fn contexts() -> Vec<(Context, &'static str)> {
    let mut out = Vec::new();
    for uid in UIDS {
        for (tls, prefix) in [("true", None), ("false", Some("home/")), ("true", Some("x"))] {
            let mut context = Context::new();
            context.set("aws:PrincipalTag/uid", uid);
            context.set("aws:SecureTransport", tls);
            if let Some(prefix) = prefix {
                context.set("s3:prefix", prefix);
            }
            out.push((context, uid));
        }
    }
    out
}

fn allows(
    document: Option<&PolicyDocument>,
    (name, path): (&str, &str),
    context: &Context,
) -> bool {
    let (subject, account) = subject();
    let identity: Vec<NamedPolicy> = document.map(named).into_iter().collect();
    let policies = PolicySet { identity: &identity, ..PolicySet::default() };
    let (action, resource) = (action(name), arn(path));
    let request = Request {
        subject: &subject,
        action: &action,
        resource: &resource,
        resource_account: &account,
        context,
    };
    crate::evaluate(&policies, &request).allowed()
}

fn is_seen(seen: &[Seen], name: &str, path: &str) -> bool {
    let text = arn(path);
    seen.iter().any(|one| {
        let fits = if one.below {
            text.as_str().starts_with(&one.literal)
        } else {
            text.as_str() == one.literal
        };
        one.action == name && fits
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn every_request_that_was_seen_stays_allowed_and_none_becomes_so(
        statements in vec(statement(), 1..5),
        asked in vec(what_was_seen(), 0..8),
        places in any::<bool>(),
    ) {
        let old = document(&policy(&Value::Array(statements)));
        let asked: Vec<Seen> = asked.iter().map(of_seen).collect();
        let narrowing = if places { Narrowing::Places } else { Narrowing::Patterns };
        let made = smaller(&old, &asked, narrowing).expect("it is well formed");
        let new = made.document.as_ref();
        assert!(new.is_none_or(|new| new.faults().is_empty()), "{:?}", new.map(PolicyDocument::faults));
        for (context, _) in contexts() {
            for name in ACTIONS {
                for path in PATHS {
                    let before = allows(Some(&old), (name, path), &context);
                    let after = allows(new, (name, path), &context);
                    let told = || format!("{name} on {path}: {}\n{:?}", old.to_json(), new.map(PolicyDocument::to_json));
                    assert!(before || !after, "gained {}", told());
                    if is_seen(&asked, name, path) {
                        assert!(!before || after, "lost {}", told());
                    }
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn the_analysis_finds_no_request_that_shows_otherwise(
        statements in vec(statement(), 1..4),
        asked in vec(what_was_seen(), 0..5),
        places in any::<bool>(),
    ) {
        let old = document(&policy(&Value::Array(statements)));
        let asked: Vec<Seen> = asked.iter().map(of_seen).collect();
        let narrowing = if places { Narrowing::Places } else { Narrowing::Patterns };
        let made = smaller(&old, &asked, narrowing).expect("it is well formed");
        let proof = proved(&old, made.document.as_ref(), &asked);
        let found = |answer: &crate::analysis::Answer| matches!(answer, crate::analysis::Answer::Yes(_));
        assert!(!found(&proof.loses) && !found(&proof.gains), "{proof:?} {}", old.to_json());
    }
}
