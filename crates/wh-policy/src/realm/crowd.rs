//! Whoever may ask in a realm: its roles, whom its trust and bucket policies name, a stranger with an
//! account of their own, and nobody.
//!
//! Of whom we do not know the policies we take it that they allow everything.

use std::collections::BTreeMap;

use wh_names::{AccountId, Arn};

use super::Realm;
use crate::principal::PrincipalId;
use crate::{NamedPolicy, PolicyDocument, PolicyKind, Subject};

/// An account that nobody has: AWS numbers no account so.
const NO_ACCOUNT: [&str; 2] = ["000000000001", "000000000002"];

/// What sessions of nobody in particular are called.
const ANY_USER: &str = "any-user";

/// Somebody who may ask.
#[derive(Debug, Clone)]
pub(crate) struct Somebody {
    /// A role's name, an ARN, a service's name, `anonymous`, `a stranger`.
    pub(crate) name: String,
    pub(crate) subject: Subject,
    /// The role whose policies count.
    pub(crate) role: Option<String>,
    pub(crate) identity: Vec<NamedPolicy>,
    pub(crate) boundary: Option<NamedPolicy>,
    /// Whether it is anybody at all, and not someone whom we let in by name.
    pub(crate) public: bool,
}

/// Everybody, each once, in the order of their names.
pub(crate) fn crowd(realm: &Realm) -> Vec<Somebody> {
    let mut all: BTreeMap<String, Somebody> = BTreeMap::new();
    let roles = realm.roles.iter().map(|(name, role)| {
        let subject = Subject::Role { arn: role.arn.clone() };
        of_role(realm, name, (name.clone(), subject))
    });
    let strangers = [Some(anonymous()), stranger(realm)].into_iter().flatten();
    for one in roles.chain(named(realm)).chain(strangers) {
        all.entry(one.name.clone()).or_insert(one);
    }
    all.into_values().collect()
}

pub(crate) fn of_role(realm: &Realm, role: &str, (name, subject): (String, Subject)) -> Somebody {
    let known = realm.roles.get(role);
    Somebody {
        name,
        subject,
        role: Some(role.to_owned()),
        identity: known.map(|role| role.permissions.clone()).unwrap_or_default(),
        boundary: known.and_then(|role| role.boundary.clone()),
        public: false,
    }
}

fn other(name: &str, subject: Subject, identity: Vec<NamedPolicy>) -> Somebody {
    let (name, role, boundary) = (name.to_owned(), None, None);
    Somebody { name, subject, role, identity, boundary, public: false }
}

fn anonymous() -> Somebody {
    Somebody { public: true, ..other("anonymous", Subject::Anonymous, Vec::new()) }
}

/// A user of an account that no policy names.
fn stranger(realm: &Realm) -> Option<Somebody> {
    let free = |account: &&&str| **account != realm.account.as_str();
    let account = NO_ACCOUNT.iter().find(free)?;
    let subject = Subject::User { arn: user(realm, account)? };
    Some(Somebody { public: true, ..other("a stranger", subject, everything()) })
}

fn user(realm: &Realm, account: &str) -> Option<Arn> {
    Arn::parse(&format!("arn:{}:iam::{account}:user/{ANY_USER}", realm.partition)).ok()
}

fn everything() -> Vec<NamedPolicy> {
    let text = r#"{"Version": "2012-10-17", "Statement": [
        {"Sid": "Assumed", "Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;
    let document = PolicyDocument::read_stored(text, PolicyKind::Identity).into();
    vec![NamedPolicy { name: "assumed".to_owned(), document }]
}

/// Whom trust and bucket policies name, in principals and in conditions.
fn named(realm: &Realm) -> Vec<Somebody> {
    let trusts = realm.roles.values().filter_map(|role| role.trust.as_ref());
    let policies = trusts.chain(realm.buckets.values());
    let statements = policies.flat_map(|policy| policy.document.statements());
    statements
        .flat_map(|statement| {
            let entries = statement.principal.iter().flat_map(|principal| &principal.entries);
            let ids = entries.filter_map(|entry| by_id(realm, &entry.id));
            let tests = statement.conditions.iter().flat_map(|condition| &condition.tests);
            let meant = tests.flat_map(|test| {
                let key = test.name.as_str();
                test.values.iter().filter_map(move |value| by_condition(realm, key, value))
            });
            ids.chain(meant).collect::<Vec<_>>()
        })
        .collect()
}

fn by_id(realm: &Realm, id: &PrincipalId) -> Option<Somebody> {
    match id {
        PrincipalId::Account(account) => of_account(realm, account),
        PrincipalId::Exact(arn) => by_arn(realm, arn),
        PrincipalId::Role { partition, account, path } => {
            by_arn(realm, &format!("arn:{partition}:iam::{account}:role{path}"))
        }
        PrincipalId::Service(name) => {
            Some(other(name, Subject::Service { name: name.clone() }, Vec::new()))
        }
        PrincipalId::Federated(provider) => {
            let subject = Subject::Federated { provider: provider.clone() };
            Some(other(provider, subject, Vec::new()))
        }
        PrincipalId::Everyone | PrincipalId::Nobody | PrincipalId::Unreadable => None,
    }
}

/// A pattern stands for many: one of them is asked about.
fn by_condition(realm: &Realm, key: &str, value: &str) -> Option<Somebody> {
    match key {
        "aws:principalaccount" => of_account(realm, value),
        "aws:principalarn" => by_arn(realm, &value.replace("${*}", "x").replace(['*', '?'], "x")),
        _ => None,
    }
}

/// A user of another account. What users of our own may do, their own policies say, and those are not
/// part of the realm.
fn of_account(realm: &Realm, account: &str) -> Option<Somebody> {
    if account == realm.account.as_str() {
        return None;
    }
    let account = AccountId::parse(account).ok()?;
    let subject = Subject::User { arn: user(realm, account.as_str())? };
    Some(other(&format!("a user of {account}"), subject, everything()))
}

fn by_arn(realm: &Realm, text: &str) -> Option<Somebody> {
    let arn = Arn::parse(text).ok()?;
    AccountId::parse(arn.account()).ok()?;
    let (kind, rest) = arn.resource().split_once('/')?;
    let role = |name: &str| {
        let named = realm.roles.get_key_value(name);
        named.filter(|(_, role)| role.arn.account() == arn.account()).map(|(name, _)| name.clone())
    };
    let last = rest.rsplit('/').next().unwrap_or_default();
    match (arn.service(), kind) {
        ("iam", "user") => Some(other(text, Subject::User { arn: arn.clone() }, everything())),
        // One of ours is asked about already.
        ("iam", "role") if role(last).is_some() => None,
        ("iam", "role") => Some(other(text, Subject::Role { arn: arn.clone() }, everything())),
        ("sts", "federated-user") => {
            let subject = Subject::FederatedUser { arn: arn.clone(), user_arn: None };
            Some(other(text, subject, everything()))
        }
        ("sts", "assumed-role") => {
            let name = rest.split('/').next().unwrap_or_default();
            let known = role(name);
            let ours = known.as_ref().and_then(|name| realm.roles.get(name));
            let (partition, account) = (arn.partition(), arn.account());
            let pathless = Arn::parse(&format!("arn:{partition}:iam::{account}:role/{name}")).ok();
            let role_arn = ours.map(|role| role.arn.clone()).or(pathless)?;
            let subject = Subject::RoleSession { role_arn, session_arn: arn.clone() };
            Some(match known {
                Some(name) => of_role(realm, &name, (text.to_owned(), subject)),
                None => other(text, subject, everything()),
            })
        }
        _ => None,
    }
}
