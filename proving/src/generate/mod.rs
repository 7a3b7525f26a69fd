//! Makes documents and requests that have something to do with each other.
//!
//! The request comes first, and the documents are written around it: patterns that match it, or
//! nearly, and conditions on the keys that it has, or has not.

mod conditions;
mod principals;
mod spoil;
mod statements;

pub(crate) use statements::statement;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::dice::Dice;
use crate::question::{Given, Principal, Question};
use crate::vocabulary::{ACCOUNTS, ACTIONS, KEYS, OBJECTS, Pool, TRUST_ACTIONS, values};

/// Statements in one document, at most.
const STATEMENTS_MAX: usize = 3;

/// Statements in one that is long enough for the engine to look them up.
const LONG_MAX: usize = 80;

/// Where a document stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Identity, boundary, session and service control policies.
    Caller,
    /// A bucket's policy, or a resource control policy.
    Bucket,
    /// A role's trust policy.
    Trust,
}

/// Makes a case.
pub fn question(dice: &mut Dice<'_>) -> Question {
    let mut q = request(dice);
    let place = if q.is_about_trust() { Place::Trust } else { Place::Bucket };
    if dice.chance(if q.principal.account() == Some(q.owner.as_str()) { 55 } else { 85 }) {
        q.resource = Some(document(dice, &q, place));
    }
    if q.principal.account().is_none() {
        q.rcps = dice.chance(10).then(|| vec![documents(dice, &q, Place::Bucket, 1)]);
        return q;
    }
    q.identity = documents(dice, &q, Place::Caller, 2);
    if !matches!(q.principal, Principal::Root(..)) {
        q.boundary = dice.chance(15).then(|| guard(dice, &q));
        q.session = dice.chance(session_chance(&q.principal)).then(|| {
            let count = dice.below(3);
            (0..count).map(|_| guard(dice, &q)).collect()
        });
    }
    q.scps = dice.chance(12).then(|| levels(dice, &q));
    q.rcps = dice.chance(8).then(|| vec![documents(dice, &q, Place::Bucket, 1)]);
    q
}

/// Makes another request of the same documents: something about it changes.
pub fn vary(dice: &mut Dice<'_>, q: &mut Question) {
    let trust = q.is_about_trust();
    match dice.below(6) {
        0 | 1 => q.context = context(dice),
        2 => q.action = action(dice, trust),
        3 if !trust => q.target = target(dice, "s3", &q.owner),
        4 => {
            let known = q.principal.account().is_some();
            let other = principals::principal(dice, trust);
            if other.account().is_some() == known {
                q.principal = other;
            }
        }
        5 => q.owner = dice.pick(&ACCOUNTS).to_owned(),
        _ => drop(q.context.pop_first()),
    }
}

fn session_chance(principal: &Principal) -> usize {
    match principal {
        Principal::Session(..) => 25,
        Principal::FederatedUser(..) => 60,
        Principal::User(_) | Principal::Role(_) | Principal::Root(..) => 4,
        Principal::Anonymous | Principal::Service(_) | Principal::Federated(_) => 0,
    }
}

fn request(dice: &mut Dice<'_>) -> Question {
    let trust = dice.chance(18);
    let action = action(dice, trust);
    let principal = principals::principal(dice, trust);
    let owner = match principal.account() {
        Some(account) if dice.chance(70) => account.to_owned(),
        _ => dice.pick(&ACCOUNTS).to_owned(),
    };
    let target = target(dice, action.split(':').next().unwrap_or_default(), &owner);
    Question {
        identity: Vec::new(),
        resource: None,
        boundary: None,
        session: None,
        scps: None,
        rcps: None,
        principal,
        action,
        target,
        owner,
        context: context(dice),
    }
}

fn action(dice: &mut Dice<'_>, trust: bool) -> String {
    if trust { dice.pick(&TRUST_ACTIONS) } else { dice.pick(&ACTIONS) }.to_owned()
}

fn target(dice: &mut Dice<'_>, service: &str, owner: &str) -> String {
    match service {
        "sts" => format!("arn:aws:iam::{owner}:role/app/writer"),
        "iam" => format!("arn:aws:iam::{owner}:user/alice"),
        _ => format!("arn:aws:s3:::{}", dice.pick(&OBJECTS)),
    }
}

fn context(dice: &mut Dice<'_>) -> BTreeMap<String, Given> {
    let mut context = BTreeMap::new();
    for _ in 0..dice.below(5) {
        let (key, pool) = dice.pick(&KEYS);
        let duplicate = |k: &String| k.eq_ignore_ascii_case(key);
        if context.keys().any(duplicate) {
            continue;
        }
        let many = if pool == Pool::Set { dice.chance(90) } else { dice.chance(6) };
        let pool = if dice.chance(5) { Pool::Text } else { pool };
        let given = if many {
            let count = dice.below(4);
            Given::Many((0..count).map(|_| dice.pick(values(pool)).to_owned()).collect())
        } else {
            Given::One(dice.pick(values(pool)).to_owned())
        };
        context.insert(respelt(dice, key, 10), given);
    }
    context
}

/// The same name, now and then in other letters.
fn respelt(dice: &mut Dice<'_>, name: &str, percent: usize) -> String {
    if !dice.chance(percent) {
        return name.to_owned();
    }
    if dice.chance(50) { name.to_uppercase() } else { name.to_lowercase() }
}

fn levels(dice: &mut Dice<'_>, q: &Question) -> Vec<Vec<Value>> {
    let count = dice.below(3);
    (0..count)
        .map(|_| {
            let documents = usize::from(!dice.chance(5)) + dice.below(2);
            (0..documents).map(|_| guard(dice, q)).collect()
        })
        .collect()
}

/// A document that limits: often one that allows everything, with or without a denial.
fn guard(dice: &mut Dice<'_>, q: &Question) -> Value {
    let mut document = document(dice, q, Place::Caller);
    if dice.chance(60) {
        let all = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
        match document.get_mut("Statement") {
            Some(Value::Array(statements)) => statements.push(all),
            Some(statement) => *statement = all,
            None => {}
        }
    }
    document
}

fn documents(dice: &mut Dice<'_>, q: &Question, place: Place, most: usize) -> Vec<Value> {
    let count = dice.below(most + 1);
    (0..count).map(|_| document(dice, q, place)).collect()
}

fn document(dice: &mut Dice<'_>, q: &Question, place: Place) -> Value {
    let mut document = Map::new();
    match dice.below(40) {
        0..5 => {}
        5..10 => drop(document.insert("Version".to_owned(), json!("2008-10-17"))),
        10 if dice.chance(30) => drop(document.insert("Version".to_owned(), json!("2026-01-01"))),
        _ => drop(document.insert("Version".to_owned(), json!("2012-10-17"))),
    }
    if place != Place::Caller && dice.chance(5) {
        document.insert("Id".to_owned(), json!("an id"));
    }
    let long = dice.below(150) == 149;
    let count = if long { dice.below(LONG_MAX) } else { dice.below(STATEMENTS_MAX) } + 1;
    let mut statements = Value::Array((0..count).map(|_| statement(dice, q, place)).collect());
    if dice.chance(40) {
        principals::unlist(&mut statements);
    }
    document.insert("Statement".to_owned(), statements);
    let mut document = Value::Object(document);
    if dice.below(200) == 199 {
        spoil::spoil(dice, &mut document);
    }
    document
}
