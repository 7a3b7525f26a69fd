//! Inputs made to be slow, and sizes that ought not to be.

use std::time::Instant;

use serde_json::{Value, json};
use wh_policy::analysis::Answer;

use super::{allow, check, newly, told};

fn on(resources: &[String]) -> Vec<Value> {
    vec![allow(json!({"Resource": resources}))]
}

fn tenants(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("arn:aws:s3:::data/tenant-{n:03}/*/reports/*.csv")).collect()
}

#[test]
fn a_hundred_tenants_are_no_trouble() {
    let statements = |count: usize| {
        tenants(count).iter().map(|t| allow(json!({"Resource": t}))).collect::<Vec<_>>()
    };
    for (new, old, expected) in [
        (
            on(&tenants(100)),
            on(&tenants(99)),
            "s3:GetObject arn:aws:s3:::data/tenant-099//reports/.csv",
        ),
        (on(&tenants(100)), statements(100), "no"),
        (statements(100), on(&tenants(100)), "no"),
        (
            statements(100),
            statements(99),
            "s3:GetObject arn:aws:s3:::data/tenant-099//reports/.csv",
        ),
    ] {
        let before = Instant::now();
        check(&new, &old, expected);
        println!("{expected}: {:?}", before.elapsed());
    }
}

#[test]
fn hostile_patterns_end_within_the_budget() {
    let marks = "?".repeat(16);
    let one = |text: String| on(&[format!("arn:aws:s3:::{text}")]);
    let before = Instant::now();
    let easy = newly(&one(format!("*a{marks}")), &one(format!("*b{marks}")));
    assert_eq!(told(&easy), "s3:GetObject arn:aws:s3:::acccccccccccccccc");
    println!("two of them: {:?}", before.elapsed());
    // That every text that fits both of these fits the third takes more states than there are.
    let before = Instant::now();
    let hard = newly(&one(format!("*a{marks}??*c{marks}")), &one(format!("*?a?{marks}*?{marks}c")));
    println!("{}: {:?}", told(&hard), before.elapsed());
    let before = Instant::now();
    let stars = newly(&one("a*".repeat(200)), &one("*a".repeat(200)));
    println!("{}: {:?}", told(&stars), before.elapsed());
    let before = Instant::now();
    let within = newly(&one(format!("*a{marks}*b{marks}")), &one(format!("*a*{marks}b{marks}")));
    assert!(matches!(within, Answer::No | Answer::Unknown(_)), "{within:?}");
    println!("{}: {:?}", told(&within), before.elapsed());
}
