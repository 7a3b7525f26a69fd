//! Inputs made to be slow, and sizes that ought not to be. What each takes is printed.

#![expect(clippy::print_stdout, reason = "what it takes is for whoever runs the test alone")]

use std::time::Instant;

use serde_json::{Value, json};
use wh_names::AccountId;
use wh_policy::analysis::{
    Access, Answer, Budget, Requests, allows_any, idle_statements, more_permissive,
};
use wh_policy::{Context, PolicyKind, PolicySet};

use super::{ACCOUNT, account, allow, deny, named, newly, newly_within, session, told};

/// The answer about two policies, and what it took.
#[track_caller]
fn timed(name: &str, new: &[Value], old: &[Value]) -> String {
    let before = Instant::now();
    let answer = told(&newly(new, old));
    println!("{name}: {answer} in {:?}", before.elapsed());
    answer
}

fn on(resources: &[String]) -> Vec<Value> {
    vec![allow(json!({"Resource": resources}))]
}

fn one(text: &str) -> Vec<Value> {
    on(&[format!("arn:aws:s3:::{text}")])
}

fn tenants(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("arn:aws:s3:::data/tenant-{n:03}/*/reports/*.csv")).collect()
}

fn each(resources: &[String]) -> Vec<Value> {
    resources.iter().map(|resource| allow(json!({"Resource": resource}))).collect()
}

#[test]
fn a_hundred_tenants_are_no_trouble() {
    let (all, most) = (tenants(100), tenants(99));
    let last = "s3:GetObject arn:aws:s3:::data/tenant-099//reports/.csv";
    assert_eq!(timed("100 patterns, 99 patterns", &on(&all), &on(&most)), last);
    assert_eq!(timed("100 patterns, 100 statements", &on(&all), &each(&all)), "no");
    assert_eq!(timed("100 statements, 100 patterns", &each(&all), &on(&all)), "no");
    assert_eq!(timed("100 statements, 99 statements", &each(&all), &each(&most)), last);
}

/// Statements with conditions of many kinds, that deny a little of what they allow.
fn large(count: usize) -> Vec<Value> {
    let mut out = Vec::new();
    for n in 0..count {
        let home = format!("arn:aws:s3:::data/{n:03}/*");
        let condition = json!({
            "StringLike": {"s3:prefix": [format!("{n}/*"), format!("{n}")]},
            "IpAddress": {"aws:SourceIp": format!("10.{}.0.0/16", n % 250)},
            "NumericLessThan": {"s3:max-keys": n},
            "Bool": {"aws:SecureTransport": "true"},
        });
        out.push(allow(
            json!({"Action": ["s3:Get*", "s3:List*"], "Resource": home, "Condition": condition}),
        ));
        let secret = format!("arn:aws:s3:::data/*/secret-{n:03}/*");
        out.push(deny(json!({"Action": "s3:*", "Resource": secret})));
    }
    out
}

#[test]
fn many_statements_with_conditions_are_no_trouble() {
    let policy = large(60);
    assert_eq!(timed("120 statements with conditions, the same", &policy, &policy), "no");
    let mut wider = policy.clone();
    wider[118]["Condition"]["IpAddress"]["aws:SourceIp"] = json!("10.0.0.0/8");
    let found = timed("120 statements, one of them wider", &wider, &policy);
    assert!(found.starts_with("s3:GetObject arn:aws:s3:::data/059/ aws:"), "{found}");
}

#[test]
fn idle_statements_of_a_large_policy_are_found() {
    let mut statements = large(20);
    statements.push(allow(
        json!({"Resource": "arn:aws:s3:::data/007/*", "Condition": statements[14]["Condition"]}),
    ));
    let policy = [named(&json!(statements), PolicyKind::Identity)];
    let (subject, owner, known) = (session(), account(ACCOUNT), Context::new());
    let policies = PolicySet { identity: &policy, ..PolicySet::default() };
    let access = Access {
        policies,
        subject: &subject,
        resource_account: &owner,
        known: &known,
        absent: &[],
    };
    let before = Instant::now();
    let idle = idle_statements(&access, Budget::default());
    println!("41 statements, which are idle: {:?}", before.elapsed());
    let numbers: Vec<usize> = idle.iter().map(|idle| idle.number).collect();
    assert_eq!(numbers, [41]);
}

#[test]
fn hostile_patterns_that_differ_are_told_apart() {
    let marks = "?".repeat(16);
    let found = timed("*a? and *b?", &one(&format!("*a{marks}")), &one(&format!("*b{marks}")));
    assert_eq!(found, "s3:GetObject arn:aws:s3:::acccccccccccccccc");
    let found = timed("a*a* and *a*a", &one(&"a*".repeat(200)), &one(&"*a".repeat(200)));
    assert!(found.ends_with("aaab"), "{found}");
    let found =
        timed("*a?*b?", &one(&format!("*a{marks}*b{marks}")), &one(&format!("*a*{marks}b*")));
    assert_eq!(found, "no");
}

#[test]
fn what_is_too_hard_ends_with_the_budget() {
    let marks = "?".repeat(20);
    // Each text is one of the others, but which takes a state for every set of places of an `a`.
    let new = one(&format!("*a{marks}"));
    let old = on(&["a*".to_owned(), format!("?*a{marks}")].map(|r| format!("arn:aws:s3:::{r}")));
    let before = Instant::now();
    let budget = Budget { states: 20_000, ..Budget::default() };
    let answer = newly_within(&new, &old, &Context::new(), budget);
    println!("too hard: {} in {:?}", told(&answer), before.elapsed());
    assert!(
        matches!(&answer, Answer::Unknown(because) if because.contains("budget")),
        "{answer:?}"
    );
    let easy = one(&format!("*a{marks}b"));
    assert_eq!(timed("a text in a shorter one", &easy, &one(&format!("*?{marks}b"))), "no");
}

#[test]
fn a_small_budget_is_kept() {
    let marks = "?".repeat(16);
    let policy = |text: &str| [named(&json!(one(text)), PolicyKind::Identity)];
    let (new, old) =
        (policy(&format!("*a{marks}*a{marks}b")), policy(&format!("*a{marks}??*a{marks}b")));
    let (subject, owner, known) = (session(), account(ACCOUNT), Context::new());
    let owner: &AccountId = &owner;
    let access = |identity| Access {
        policies: PolicySet { identity, ..PolicySet::default() },
        subject: &subject,
        resource_account: owner,
        known: &known,
        absent: &[],
    };
    for states in [0, 1, 10, 100, 1_000] {
        let budget = Budget { states, steps: 1_000 };
        let answer = more_permissive(&access(&new), &access(&old), &Requests::all(), budget);
        assert!(!matches!(answer, Answer::No), "{states}: {answer:?}");
    }
    let budget = Budget { states: 10, steps: 1_000 };
    let answer = allows_any(&access(&new), &Requests::all(), budget);
    assert!(matches!(answer, Answer::Yes(_) | Answer::Unknown(_)), "{answer:?}");
}
