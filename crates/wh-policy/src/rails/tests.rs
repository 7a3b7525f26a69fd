//! Rails that hold, rails that do not, and what shows it.

use std::collections::BTreeMap;
use std::sync::Arc;

use wh_names::{AccountId, Arn, Partition};

use super::{Breach, EVERYONE, Expectation, PUBLIC, Rail, broken};
use crate::{NamedPolicy, PolicyDocument, PolicyKind, Realm, RealmRole};

const ACCOUNT: &str = "111122223333";

fn policy(text: &str, kind: PolicyKind) -> NamedPolicy {
    let document = PolicyDocument::parse(text, kind).expect("a policy");
    NamedPolicy { name: "own".to_owned(), document: Arc::new(document) }
}

fn allow(actions: &str, on: &str) -> String {
    format!(r#"{{"Effect":"Allow","Action":{actions},"Resource":{on}}}"#)
}

/// Two roles with these statements, and a bucket with this policy.
fn realm(regular: &str, admin: &str, bucket: &str) -> Realm {
    let account = AccountId::parse(ACCOUNT).expect("an account");
    let role = |name: &str, statements: &str| {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        let trust = r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
        RealmRole {
            arn: Arn::parse(&format!("arn:aws:iam::{ACCOUNT}:role/w/{name}")).expect("an arn"),
            trust: Some(policy(trust, PolicyKind::Trust)),
            permissions: vec![policy(&text, PolicyKind::Identity)],
            boundary: None,
        }
    };
    let bucket = format!(r#"{{"Version":"2012-10-17","Statement":[{bucket}]}}"#);
    Realm {
        partition: Partition::parse("aws").expect("a partition"),
        account,
        roles: BTreeMap::from([
            ("Regular".to_owned(), role("Regular", regular)),
            ("Admin".to_owned(), role("Admin", admin)),
        ]),
        buckets: BTreeMap::from([("files".to_owned(), policy(&bucket, PolicyKind::Resource))]),
    }
}

const TLS: &str = r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::files/*",
    "Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#;

fn rail(who: &str, never: &str) -> Rail {
    Rail {
        name: "a-rail".to_owned(),
        why: "it is a test".to_owned(),
        who: vec![who.to_owned()],
        except: vec!["Admin".to_owned()],
        never: vec![never.to_owned()],
        on: vec!["*".to_owned()],
        except_on: vec!["files/home/*".to_owned()],
    }
}

/// Who breaks a rail, and by what.
#[track_caller]
fn check(rail: &Rail, realm: &Realm, expected: &[(&str, &str)]) {
    rail.check(realm).expect("a good rail");
    let found = broken(std::slice::from_ref(rail), realm);
    let found: Vec<(String, String)> = found
        .into_iter()
        .map(|one| match one.how {
            Breach::By(witness) => {
                (one.who, format!("{} {}", witness.action.as_str(), witness.resource))
            }
            Breach::NotProved(because) => (one.who, because),
        })
        .collect();
    let found: Vec<(&str, &str)> = found.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_rail_holds_or_is_broken_by_a_request_that_is_allowed() {
    let read = allow(r#""s3:GetObject""#, r#""arn:aws:s3:::files/*""#);
    let all = allow(r#""s3:*""#, r#""*""#);
    check(&rail("Regular", "write"), &realm(&read, &all, TLS), &[]);
    let home = allow(r#""s3:*""#, r#""arn:aws:s3:::files/home/${aws:PrincipalTag/uid}/*""#);
    check(&rail("Regular", "write"), &realm(&home, &all, TLS), &[]);
    let shared = allow(r#""s3:*""#, r#""arn:aws:s3:::files/shared/*""#);
    check(
        &rail("Regular", "write"),
        &realm(&shared, &all, TLS),
        &[("Regular", "s3:PutObject arn:aws:s3:::files/shared/")],
    );
}

#[test]
fn what_nobody_can_ask_for_breaks_no_rail() {
    // An action of buckets on objects: no such request exists.
    let odd = allow(r#""s3:PutBucketPolicy""#, r#""arn:aws:s3:::files/shared/*""#);
    let all = allow(r#""s3:*""#, r#""*""#);
    check(&rail("Regular", "permissions"), &realm(&odd, &all, TLS), &[]);
}

#[test]
fn strangers_and_those_whom_a_bucket_names_are_asked_about() {
    let nothing = allow(r#""s3:GetObject""#, r#""arn:aws:s3:::other/*""#);
    let open = r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::files/open/*"}"#;
    let object = "s3:GetObject arn:aws:s3:::files/open/";
    let public = Rail { who: vec![PUBLIC.to_owned()], ..rail(PUBLIC, "s3:*") };
    check(
        &public,
        &realm(&nothing, &nothing, open),
        &[("a stranger", object), ("anonymous", object)],
    );
    let named = r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:role/theirs"},
        "Action":"s3:DeleteObjectVersion","Resource":"arn:aws:s3:::files/*"}"#;
    let everyone = rail(EVERYONE, "s3:DeleteObjectVersion");
    let theirs = "arn:aws:iam::444455556666:role/theirs";
    let version = "s3:DeleteObjectVersion arn:aws:s3:::files/";
    check(&everyone, &realm(&nothing, &nothing, named), &[(theirs, version)]);
    check(&public, &realm(&nothing, &nothing, named), &[]);
}

#[test]
fn a_rail_that_names_nobody_of_the_estate_is_refused() {
    let read = allow(r#""s3:GetObject""#, r#""*""#);
    let realm = realm(&read, &read, TLS);
    let wrong = |change: fn(&mut Rail)| {
        let mut rail = rail(EVERYONE, "write");
        change(&mut rail);
        rail.check(&realm).map_err(|error| error.code())
    };
    assert_eq!(wrong(|_| ()), Ok(()));
    assert_eq!(wrong(|rail| rail.who = vec!["Reglar".to_owned()]), Err("malformed-rail"));
    assert_eq!(wrong(|rail| rail.never = vec!["writes".to_owned()]), Err("malformed-rail"));
    assert_eq!(wrong(|rail| rail.never.clear()), Err("empty-rail"));
    assert_eq!(wrong(|rail| rail.name = "No name".to_owned()), Err("invalid-rail-name"));
}

#[test]
fn an_expectation_that_is_not_met_says_what_was_decided() {
    let read = allow(r#""s3:GetObject""#, r#""arn:aws:s3:::files/*""#);
    let realm = realm(&read, &read, TLS);
    let expected = |action: &str, allowed| Expectation {
        name: "one".to_owned(),
        role: Some("Regular".to_owned()),
        action: action.to_owned(),
        on: "files/shared/a".to_owned(),
        context: BTreeMap::from([("aws:SecureTransport".to_owned(), "true".to_owned())]),
        allowed,
    };
    assert_eq!(expected("s3:GetObject", true).missed(&realm), None);
    assert_eq!(expected("s3:PutObject", false).missed(&realm), None);
    let missed = expected("s3:PutObject", true).missed(&realm).expect("it is missed");
    assert!(missed.why.contains("no identity-based policy allows"), "{}", missed.why);
    assert!(expected("s3:GetObject", false).missed(&realm).is_some());
}
