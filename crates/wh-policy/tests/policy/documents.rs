//! Reading, printing, and telling documents apart.

use std::sync::Arc;

use serde_json::json;
use wh_policy::testfile::run;
use wh_policy::{NamedPolicy, PolicyDocument, PolicyKind, PolicySet, summary};

use crate::result;

const IDENTITY: &str = "identity";
const TRUST: &str = "trust";
const RESOURCE: &str = "resource";

#[track_caller]
fn check(kind: &str, document: &str, valid: bool) {
    let got = result(&json!({
        "name": "validity", "document": document, "policy_kind": kind, "valid": valid,
    }));
    assert!(got.pass, "{document}\n{}", got.explanation);
}

/// A statement's own elements in a whole document of the current version.
#[track_caller]
fn statement(kind: &str, elements: &str, valid: bool) {
    let document = format!(r#"{{"Version":"2012-10-17","Statement":[{{{elements}}}]}}"#);
    check(kind, &document, valid);
}

#[test]
fn the_grammar_is_iams() {
    let s = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#;
    check(IDENTITY, &format!(r#"{{"Version":"2012-10-17","Statement":{s}}}"#), true);
    check(IDENTITY, &format!(r#"{{"Statement":[{s}]}}"#), true);
    check("managed-identity", &format!(r#"{{"Statement":[{s}]}}"#), false);
    let old = format!(r#"{{"Version":"2008-10-17","Statement":[{s}]}}"#);
    check(IDENTITY, &old, true);
    check("managed-identity", &old, false);
    for bad in [
        String::new(),
        "[]".to_owned(),
        "{}".to_owned(),
        r#"{"Version":"2012-10-17","Statement":[]}"#.to_owned(),
        format!(r#"{{"version":"2012-10-17","Statement":[{s}]}}"#),
        format!(r#"{{"Version":"2012-10-18","Statement":[{s}]}}"#),
        format!(r#"{{"Version":"2012-10-17","Version":"2012-10-17","Statement":[{s}]}}"#),
        format!(r#"{{"Version":"2012-10-17","Id":"x","Statement":[{s}]}}"#),
        format!(r#"{{"Version":"2012-10-17","Statement":[{s}],"Extra":1}}"#),
        format!(r#"{{"Version":"2012-10-17","Statement":[{s}]}} x"#),
    ] {
        check(IDENTITY, &bad, false);
    }
}

#[test]
fn a_statement_holds_what_its_kind_takes() {
    for (elements, valid) in [
        (r#""Effect":"Allow","Action":"s3:GetObject","Resource":"*""#, true),
        (r#""Effect":"Deny","NotAction":["s3:Get*","iam:*"],"NotResource":"*""#, true),
        (r#""Sid":"Good1","Effect":"Allow","Action":"*","Resource":"*""#, true),
        (r#""Sid":"not good","Effect":"Allow","Action":"*","Resource":"*""#, false),
        (r#""Effect":"allow","Action":"*","Resource":"*""#, false),
        (r#""Action":"*","Resource":"*""#, false),
        (r#""Effect":"Allow","Effect":"Allow","Action":"*","Resource":"*""#, false),
        (r#""Effect":"Allow","action":"*","Resource":"*""#, false),
        (r#""Effect":"Allow","Action":"*""#, false),
        (r#""Effect":"Allow","Resource":"*""#, false),
        (r#""Effect":"Allow","Action":"*","NotAction":"*","Resource":"*""#, false),
        (r#""Effect":"Allow","Action":"*","Resource":"*","NotResource":"*""#, false),
        (r#""Effect":"Allow","Action":[],"Resource":"*""#, false),
        (r#""Effect":"Allow","Action":"GetObject","Resource":"*""#, false),
        (r#""Effect":"Allow","Action":"s3:s3:GetObject","Resource":"*""#, false),
        (r#""Effect":"Allow","Action":"s*:GetObject","Resource":"*""#, false),
        (r#""Effect":"Allow","Action":"s3:Get Object","Resource":"*""#, false),
        (r#""Effect":"Allow","Action":7,"Resource":"*""#, false),
        (r#""Effect":"Allow","Action":"*","Resource":"bkt""#, false),
        (r#""Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::bkt/${aws:username}""#, true),
        (r#""Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::bkt/${aws:user name}""#, false),
        (r#""Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::bkt/${aws:username""#, false),
        (r#""Effect":"Allow","Action":"*","Resource":"arn:aws:${s3:x}:::bkt""#, false),
        (r#""Effect":"Allow","Action":"*","Resource":"arn:aws:*:::bkt""#, false),
        (r#""Effect":"Allow","Action":"*","Resource":"arn:aws:s3""#, false),
        (r#""Effect":"Allow","Action":"*","Resource":"arn:aws:s3:us-east-1::bkt""#, false),
        (r#""Effect":"Allow","Action":"*","Resource":"arn:aws:iam::111122223333:role/*""#, true),
        (r#""Effect":"Allow","Action":"*","Resource":"arn:aws:iam::111122223333:roles/*""#, false),
        (r#""Effect":"Allow","Action":"*","Resource":"*","Principal":"*""#, false),
    ] {
        statement(IDENTITY, elements, valid);
    }
}

#[test]
fn conditions_are_typed() {
    for (condition, valid) in [
        (r"{}", true),
        (r#"{"StringEquals":{"s3:prefix":"a"}}"#, true),
        (r#"{"ForAllValues:StringLikeIfExists":{"aws:TagKeys":["a","b"]}}"#, true),
        (r#"{"Bool":{"aws:SecureTransport":false}}"#, true),
        (r#"{"NumericLessThan":{"s3:TlsVersion":1.2}}"#, true),
        (r#"{"Null":{"s3:prefix":true}}"#, true),
        (r#"{"NullIfExists":{"s3:prefix":true}}"#, false),
        (r#"{"StringIs":{"s3:prefix":"a"}}"#, false),
        (r#"{"StringEquals":"a"}"#, false),
        (r#"{"StringEquals":{"s3:prefix":{}}}"#, false),
        (r#"{"StringEquals":{"s3:prefix":null}}"#, false),
        (r#"{"StringEquals":{"s3:prefix":"a","S3:Prefix":"b"}}"#, false),
        (r#"{"StringEquals":{"a:b":"c"},"StringEquals":{"a:b":"d"}}"#, false),
        (r#"{"NumericLessThan":{"s3:max-keys":"ten"}}"#, false),
        (r#"{"DateLessThan":{"aws:CurrentTime":"soon"}}"#, false),
        (r#"{"Bool":{"aws:SecureTransport":"${x:y}"}}"#, false),
        (r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/40"}}"#, false),
        (r#"{"ArnLike":{"aws:PrincipalArn":"role"}}"#, false),
        (r#"{"BinaryEquals":{"x:y":"!"}}"#, false),
    ] {
        let elements =
            format!(r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{condition}"#);
        statement(IDENTITY, &elements, valid);
    }
}

#[test]
fn principals_are_for_resources() {
    for (principal, trusted, bucket) in [
        (r#""Principal":"*""#, true, true),
        (r#""Principal":{"AWS":["111122223333","*"]}"#, true, true),
        (r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/a/b"}"#, true, true),
        (r#""Principal":{"AWS":"arn:aws:sts::111122223333:assumed-role/a/b"}"#, true, true),
        (r#""Principal":{"Service":"ec2.amazonaws.com"}"#, true, true),
        (
            r#""Principal":{"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}"#,
            false,
            true,
        ),
        (r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/*"}"#, false, false),
        (r#""Principal":{"AWS":"arn:aws:iam::111122223333:group/g"}"#, false, false),
        (r#""Principal":{"AWS":"ada"}"#, false, false),
        (r#""Principal":{"AWS":[]}"#, false, false),
        (r#""Principal":{"Service":"*"}"#, false, false),
        (r#""Principal":"ada""#, false, false),
        (r#""Principal":{}"#, false, false),
        (r#""Principal":{"Person":"ada"}"#, false, false),
        (r#""NotPrincipal":{"AWS":"111122223333"}"#, false, false),
        (r#""Principal":"*","NotPrincipal":"*""#, false, false),
        (r#""Sid":"x""#, false, false),
    ] {
        let elements = format!(r#""Effect":"Allow","Action":"sts:AssumeRole",{principal}"#);
        statement(TRUST, &elements, trusted);
        let elements = format!(r#""Effect":"Allow","Action":"s3:*","Resource":"*",{principal}"#);
        statement(RESOURCE, &elements, bucket);
    }
    let deny =
        r#""Effect":"Deny","NotPrincipal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*""#;
    statement(RESOURCE, deny, true);
    statement(RESOURCE, r#""Effect":"Allow","Principal":"*","Action":"s3:*""#, false);
    let trust = r#""Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*""#;
    statement(TRUST, trust, false);
    statement(
        RESOURCE,
        r#""Sid":"a b","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*""#,
        true,
    );
}

#[test]
fn an_error_says_where() {
    let text = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{\n    \"Effect\": \"Allow\",\n    \"Action\": [\"s3:Get*\", \"GetObject\"],\n    \"Resource\": \"*\"\n  }]\n}";
    let error = PolicyDocument::parse(text, PolicyKind::Identity).expect_err("a fault");
    assert_eq!((error.line(), error.column()), (5, 27));
    assert_eq!(error.path(), "Statement[0].Action");
    assert_eq!(error.code(), "policy-invalid-value");
    let error =
        PolicyDocument::parse("{\n  \"Version\": ,", PolicyKind::Identity).expect_err("a fault");
    assert_eq!(error.to_string(), "line 2, column 14, at `$`: a JSON value is expected");
    let twice = r#"{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}"#;
    let error = PolicyDocument::parse(twice, PolicyKind::Identity).expect_err("a fault");
    assert_eq!((error.code(), error.column()), ("policy-duplicate-key", 25));
}

#[test]
fn a_sid_is_used_once() {
    let s = r#"{"Sid":"A","Effect":"Allow","Action":"*","Resource":"*"}"#;
    check(IDENTITY, &format!(r#"{{"Statement":[{s},{s}]}}"#), false);
}

#[test]
fn a_document_is_written_in_latin_one() {
    let with = |key: &str| {
        format!(
            r#"{{"Statement":{{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/{key}"}}}}"#
        )
    };
    check(IDENTITY, &with("é"), true);
    check(IDENTITY, &with("ж"), false);
    check(IDENTITY, &with("\\u0436"), true);
}

#[test]
fn a_stored_document_that_cannot_be_read_denies() {
    let broken = PolicyDocument::read_stored("{", PolicyKind::Identity);
    assert_eq!(broken.faults().len(), 1);
    let good = PolicyDocument::read_stored(
        r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
        PolicyKind::Identity,
    );
    assert!(good.faults().is_empty());
}

#[track_caller]
fn same(one: &str, other: &str, expected: bool) {
    let got = result(&json!({
        "name": "same", "policy1": one, "policy2": other, "equivalent": expected,
    }));
    assert!(got.pass, "{one}\n{other}");
}

#[test]
fn documents_are_the_same_when_they_say_the_same() {
    let a = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":["s3:A","s3:B"],"Resource":"*","Condition":{"Bool":{"aws:SecureTransport":true}}}}"#;
    let b = r#"{"Statement":[{"Action":["S3:b","s3:A"],"Effect":"Allow","Resource":["*"],"Principal":{"AWS":["*"]},"Condition":{"Bool":{"aws:securetransport":["true"]}}}],"Version":"2012-10-17"}"#;
    same(a, b, true);
    same(a, &b.replace("s3:A", "s3:C"), false);
    same(a, &b.replace("Allow", "Deny"), false);
    same(a, "{", false);
    let account = a.replace(r#""*","Action"#, r#"{"AWS":"111122223333"},"Action"#);
    same(&account, &account.replace("111122223333", "arn:aws:iam::111122223333:root"), true);
}

#[test]
fn a_test_file_is_an_array_or_lines() {
    let case = r#"{"name":"N","document":"{}","policy_kind":"identity","valid":false}"#;
    let other = case.replace('N', "M");
    for text in [format!("[{case},\n{other}]"), format!("{case}\n\n{other}\n")] {
        let results = run(&text).expect("a test file");
        assert_eq!(results.len(), 2);
        assert!(results.iter().all(|r| r.pass));
    }
    let twice = run(&format!("[{case},{case}]")).expect("a test file");
    assert!(!twice[1].pass);
    assert!(run("[{]").is_err());
    let error = run(&format!("{case}\nnonsense\n")).expect_err("not JSON");
    assert_eq!(error.to_string(), "line 2, column 1: a JSON value is expected");
    let malformed = r#"{"name":"x","identity_policies":[{"Statement":[{"Effect":"Maybe"}]}],
        "principal":"arn:aws:iam::111122223333:user/a","action":"s3:GetObject",
        "resource":"arn:aws:s3:::b/k","context":{},"expected":"EXPECTED"}"#;
    for (expected, pass) in [("Deny", false), ("Error", true)] {
        let results = run(&malformed.replace("EXPECTED", expected)).expect("a test file");
        assert_eq!((results[0].decision.as_str(), results[0].pass), ("Error", pass));
    }
}

#[test]
fn a_document_can_be_read_aloud() {
    let text = r#"{"Version":"2012-10-17","Statement":[
        {"Sid":"Read","Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":"arn:aws:s3:::b/*",
         "Condition":{"StringLike":{"s3:prefix":["a/*","b/*"]},"Bool":{"aws:SecureTransport":"true"}}},
        {"Effect":"Deny","NotAction":"s3:Get*","Resource":"*"}]}"#;
    let document = PolicyDocument::parse(text, PolicyKind::Identity).expect("a policy");
    assert_eq!(
        summary::in_words(&document),
        [
            "Read: allows `s3:GetObject` and `s3:ListBucket` on `arn:aws:s3:::b/*`, when `s3:prefix` is \
             like `a/*` or `b/*` and `aws:SecureTransport` is `true`",
            "#2: denies every action except `s3:Get*` on every resource",
        ]
    );
    assert_eq!(summary::actions_allowed(&document), ["s3:GetObject", "s3:ListBucket"]);
}

#[test]
fn a_policy_names_the_keys_of_its_conditions_and_variables() {
    let statement = |elements: &str| format!(r#"{{"Effect":"Deny","Action":"s3:*",{elements}}}"#);
    for (elements, expected) in [
        (r#""Resource":"*""#, false),
        (
            r#""Resource":"*","Condition":{"StringEquals":{"S3:\u0045xistingObjectTag/A":"b"}}"#,
            true,
        ),
        (
            r#""Resource":"*","Condition":{"StringEquals":{"s3:prefix":"s3:ExistingObjectTag/a"}}"#,
            false,
        ),
        (
            r#""Resource":"*","Condition":{"StringEquals":{"s3:prefix":"${s3:ExistingObjectTag/a}"}}"#,
            true,
        ),
        (r#""Resource":"arn:aws:s3:::b/${s3:existingobjecttag/a}""#, true),
        (r#""NotResource":"arn:aws:s3:::b/${s3:existingobjecttag/a}""#, true),
        (r#""Resource":"*","Condition":{"Null":{"s3:RequestObjectTag/a":"true"}}"#, false),
    ] {
        let plain = statement(r#""Resource":"*""#);
        let text =
            format!(r#"{{"Version":"2012-10-17","Statement":[{plain},{}]}}"#, statement(elements));
        let document = PolicyDocument::parse(&text, PolicyKind::Identity).expect("a policy");
        let policy = NamedPolicy { name: "p".to_owned(), document: Arc::new(document) };
        let one = std::slice::from_ref(&policy);
        for set in [
            PolicySet { identity: one, ..PolicySet::default() },
            PolicySet { session: Some(one), ..PolicySet::default() },
            PolicySet { boundary: Some(&policy), ..PolicySet::default() },
            PolicySet { resource: Some(&policy), ..PolicySet::default() },
            PolicySet { scps: Some(&[vec![policy.clone()]]), ..PolicySet::default() },
            PolicySet { rcps: Some(&[vec![policy.clone()]]), ..PolicySet::default() },
        ] {
            assert_eq!(set.name_key("s3:existingobjecttag/"), expected, "{elements}");
        }
    }
}
