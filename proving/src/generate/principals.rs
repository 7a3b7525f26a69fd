//! Who asks, and how resource policies name them.

use serde_json::{Map, Value, json};

use crate::dice::Dice;
use crate::question::Principal;
use crate::vocabulary::ACCOUNTS;

const USERS: [&str; 3] = ["user/alice", "user/team/bob", "user/Alice"];
const ROLES: [&str; 4] = [
    "role/reader",
    "role/app/writer",
    "role/writer",
    "role/aws-service-role/s3.amazonaws.com/linked",
];
const SERVICES: [&str; 2] = ["ec2.amazonaws.com", "s3.amazonaws.com"];
const PROVIDERS: [&str; 3] = [
    "accounts.google.com",
    "accounts.google.com.evil.com",
    "arn:aws:iam::111122223333:saml-provider/corp",
];

/// Somebody.
pub(super) fn principal(dice: &mut Dice<'_>, trust: bool) -> Principal {
    let account = if dice.chance(75) { ACCOUNTS[0] } else { dice.pick(&ACCOUNTS) };
    let partition = if dice.chance(3) { "aws-cn" } else { "aws" };
    let role = dice.pick(&ROLES);
    let iam = |name: &str| format!("arn:{partition}:iam::{account}:{name}");
    let sts = |name: &str| format!("arn:{partition}:sts::{account}:{name}");
    match dice.below(if trust { 24 } else { 22 }) {
        0..6 => Principal::User(iam(dice.pick(&USERS))),
        6..13 => {
            let name = role.rsplit('/').next().unwrap_or_default();
            Principal::Session(iam(role), sts(&format!("assumed-role/{name}/s-1")))
        }
        13..15 => Principal::Role(iam(role)),
        15..17 => Principal::Root(account.to_owned(), partition.to_owned()),
        17..19 => {
            let user = dice.chance(70).then(|| iam("user/alice"));
            Principal::FederatedUser(sts("federated-user/carol"), user)
        }
        19 => Principal::Anonymous,
        20 | 22 => Principal::Service(dice.pick(&SERVICES).to_owned()),
        _ => Principal::Federated(dice.pick(&PROVIDERS).to_owned()),
    }
}

/// The names, by kind, of an element that names somebody; often the principal.
pub(super) fn element(dice: &mut Dice<'_>, principal: &Principal) -> Value {
    if dice.chance(12) {
        return json!("*");
    }
    let mut names: Map<String, Value> = Map::new();
    for _ in 0..=dice.below(3) {
        let (kind, name) = if dice.chance(60) { own(dice, principal) } else { other(dice) };
        let listed = names.entry(kind).or_insert_with(|| json!([]));
        if let Value::Array(list) = listed {
            list.push(json!(name));
        }
    }
    if dice.chance(30) {
        names.values_mut().for_each(unlist);
    }
    Value::Object(names)
}

/// A list of one becomes its item.
pub(super) fn unlist(list: &mut Value) {
    if let Value::Array(items) = list
        && items.len() == 1
        && let Some(item) = items.pop()
    {
        *list = item;
    }
}

fn own(dice: &mut Dice<'_>, principal: &Principal) -> (String, String) {
    let mut names: Vec<&str> = match principal {
        Principal::Anonymous => vec!["*"],
        Principal::Service(name) => return ("Service".to_owned(), name.clone()),
        Principal::Federated(name) => return ("Federated".to_owned(), name.clone()),
        Principal::Root(..) => Vec::new(),
        Principal::User(arn) | Principal::Role(arn) | Principal::FederatedUser(arn, None) => {
            vec![arn]
        }
        Principal::Session(one, two) | Principal::FederatedUser(two, Some(one)) => vec![one, two],
    };
    let account = principal.account().unwrap_or_default();
    let partition = if dice.chance(95) { "aws" } else { "aws-cn" };
    let root = format!("arn:{partition}:iam::{account}:root");
    if !account.is_empty() {
        names.extend([account, &root]);
    }
    ("AWS".to_owned(), dice.pick(&names).to_owned())
}

fn other(dice: &mut Dice<'_>) -> (String, String) {
    let account = dice.pick(&ACCOUNTS);
    let (kind, name) = match dice.below(12) {
        0 | 1 => ("AWS", account.to_owned()),
        2 => ("AWS", format!("arn:aws:iam::{account}:root")),
        3 | 4 => ("AWS", format!("arn:aws:iam::{account}:{}", dice.pick(&USERS))),
        5 | 6 => ("AWS", format!("arn:aws:iam::{account}:{}", dice.pick(&ROLES))),
        7 => ("AWS", format!("arn:aws:sts::{account}:assumed-role/writer/s-1")),
        8 => ("Service", dice.pick(&SERVICES).to_owned()),
        9 => ("Federated", dice.pick(&PROVIDERS).to_owned()),
        10 if dice.chance(20) => ("AWS", format!("arn:aws:iam::{account}:user/*")),
        10 if dice.chance(20) => ("CanonicalUser", "79a59df900b949e55d96a1e698fb".to_owned()),
        _ => ("AWS", format!("arn:aws:sts::{account}:federated-user/carol")),
    };
    (kind.to_owned(), name)
}
