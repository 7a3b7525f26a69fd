//! `explain`: one request.

use super::{allows, folder, path, policy};

fn explain(flags: &[&str], words: &[&str]) -> super::Ran {
    policy(&[&["explain"], flags].concat(), 0, words)
}

#[test]
fn a_refusal_names_what_is_missing() {
    let asked = ["--role", "RegularUserRole", "--action", "s3:PutObject", "--resource"];
    let words = [
        "Denied: no identity-based policy allows `s3:PutObject` on `arn:aws:s3:::wellhouse/shared/a`",
        "is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::wellhouse/shared/a",
        "└─",
        "roles and policies: standard",
    ];
    explain(&[&asked[..], &["wellhouse/shared/a"]].concat(), &words);
    explain(&[&asked[..], &["s3://wellhouse/shared/a"]].concat(), &words);
    explain(&[&asked[..], &["arn:aws:s3:::wellhouse/shared/a"]].concat(), &words);
    let german = [&asked[..], &["wellhouse/a", "--language", "de"]].concat();
    explain(&german, &["Verweigert: keine identitätsbasierte Richtlinie"]);
    let json = explain(&[&asked[..], &["wellhouse/a", "--output", "json"]].concat(), &[]).json();
    assert_eq!(
        (&json["decision"], &json["action"]),
        (&"implicit-deny".into(), &"s3:PutObject".into())
    );
    assert!(json["policies"].as_array().is_some_and(|policies| policies.len() > 1), "{json}");
}

#[test]
fn a_grant_narrows_and_a_key_that_was_asked_for_is_pointed_out() {
    let grant = ["--role", "S3AccessRole", "--grant", "home/ada/"];
    let read = ["--action", "s3:GetObject", "--resource"];
    explain(&[&grant[..], &read, &["wellhouse/home/ada/a"]].concat(), &["Allowed: "]);
    let other = [&grant[..], &read, &["wellhouse/home/bob/a"]].concat();
    explain(&other, &["Denied: no session policy", "`grant`"]);
    let bare = ["--role", "S3AccessRole", "--grant", "home/ada"];
    let other = [&bare[..], &read, &["wellhouse/home/adam/a"]].concat();
    explain(&other, &["Allowed: ", "the grant `home/ada` does not end in `/`"]);
    let list = [&grant[..], &["--action", "s3:ListBucket", "--resource", "wellhouse"]].concat();
    explain(
        &list,
        &[
            "Hint",
            "`s3:prefix` was not given",
            "with it, `List` could allow it: --context s3:prefix=home/ada/",
        ],
    );
    let with = [&list[..], &["--context", "s3:prefix=home/ada/"]].concat();
    explain(&with, &["Allowed: ", "s3:prefix = `home/ada/`"]);
}

#[test]
fn anybody_can_be_asked_about() {
    let read = ["--action", "s3:GetObject", "--resource", "wellhouse/a"];
    explain(&[&["--anonymous"], &read[..]].concat(), &["Denied", "anonymous"]);
    let root = ["--principal", "arn:aws:iam::000000000000:root"];
    explain(&[&root, &read[..]].concat(), &["has no policies in standard"]);
    let session = ["--principal", "arn:aws:sts::000000000000:assumed-role/AdminRole/ada"];
    explain(&[&session, &read[..]].concat(), &["Allowed: ", "assumed-role/AdminRole/ada"]);
    let assume = ["--action", "sts:AssumeRole", "--resource", "EC2UploadRole"];
    let service = ["--principal", "ec2.amazonaws.com"];
    explain(&[&service, &assume[..]].concat(), &["Allowed: ", "role trust policy"]);
}

#[test]
fn one_document_is_a_role_of_its_own() {
    let folder = folder(&[("a.json", &allows("s3:GetObject", "arn:aws:s3:::b/*"))]);
    let file = path(&folder, "a.json");
    let asked = ["--from", &file, "--action", "s3:GetObject", "--resource", "b/k"];
    explain(&asked, &["Allowed: statement `One` of `a`"]);
}

#[test]
fn what_was_mistyped_is_named_with_what_was_meant() {
    let wrong = |flags: &[&str], words: &[&str]| {
        policy(&[&["explain"], flags].concat(), 1, words);
    };
    let read = ["--action", "s3:GetObject", "--resource", "wellhouse/a"];
    wrong(&[&["--role", "AdminRol"], &read[..]].concat(), &["--role `AdminRol`", "`AdminRole`?"]);
    wrong(&read, &["--role NAME", "AdminRole, EC2UploadRole"]);
    wrong(&["--role", "AdminRole"], &["--action and --resource"]);
    let admin = [&["--role", "AdminRole"], &read[..]].concat();
    let bare = [&admin[..], &["--context", "s3:prefix"]].concat();
    wrong(&bare, &["--context `s3:prefix` has no value", "s3:prefix=VALUE"]);
    let typo = [&admin[..], &["--context", "aws:SecureTranspot=true"]].concat();
    wrong(&typo, &["did you mean `aws:SecureTransport`"]);
    wrong(&[&["--from", "standrd"], &admin[..]].concat(), &["`standrd` is neither"]);
    wrong(
        &["--role", "AdminRole", "--action", "GetObject", "--resource", "b"],
        &["--action `GetObject`"],
    );
    wrong(
        &["--principal", "ada", "--action", "s3:GetObject", "--resource", "b"],
        &["--principal `ada`"],
    );
    wrong(&["--role", "AdminRole", "--action", "s3:GetObject"], &["--resource"]);
    let odd = ["--role", "AdminRole", "--action", "s3:GetObjet", "--resource", "wellhouse/a"];
    explain(&odd, &["Note", "s3:GetObjet"]);
}

#[test]
fn what_makes_no_sense_is_refused_with_what_does() {
    let wrong = |flags: &[&str], words: &[&str]| {
        policy(&[&["explain"], flags].concat(), 1, words);
    };
    let read = ["--action", "s3:GetObject", "--resource", "wellhouse/home/ada/a"];
    let grant = |prefix: &str, words: &[&str]| {
        wrong(&[&["--role", "S3AccessRole", "--grant", prefix], &read[..]].concat(), words);
    };
    grant("/home/ada/", &["--grant `/home/ada/`", "write --grant 'home/ada/'"]);
    grant("wellhouse/home/ada/", &["write --grant 'home/ada/'"]);
    wrong(&[&["--anonymous", "--grant", "home/"], &read[..]].concat(), &["--anonymous"]);
    let all = ["--role", "AdminRole", "--action", "s3:*", "--resource", "wellhouse/a"];
    wrong(&all, &["`explain` decides one request", "`who` or `prove`"]);
    let of = |arn: &str, words: &[&str]| {
        wrong(&[&["--principal", arn], &read[..]].concat(), words);
    };
    let meant = "did you mean `arn:aws:iam::000000000000:role/wellhouse/main/AdminRole`?";
    of("arn:aws:iam::000000000000:role/wellhouse/main/AdminRol", &["no such role", meant]);
    of("arn:aws:iam::000000000000:role/AdminRole", &["no such role", meant]);
    of("arn:aws:sts::000000000000:assumed-role/AdminRol/ada", &["no such role", meant]);
    let foreign = ["--principal", "arn:aws:iam::111122223333:role/Other"];
    explain(&[&foreign, &read[..]].concat(), &["Denied"]);
}

#[test]
fn a_value_that_no_request_has_is_noted() {
    let asked = ["--role", "AdminRole", "--action", "s3:GetObject", "--resource", "wellhouse/a"];
    let with = |pair: &str| {
        let ran = explain(&[&asked[..], &["--context", pair]].concat(), &[]);
        ran.out.contains("no request has it")
    };
    for odd in [
        "aws:SourceIp=banana",
        "aws:SecureTransport=yes",
        "s3:signatureAge=old",
        "aws:CurrentTime=noon",
        "aws:PrincipalArn=ada",
    ] {
        assert!(with(odd), "{odd}");
    }
    for good in [
        "aws:SourceIp=2001:db8::1",
        "aws:SecureTransport=True",
        "s3:signatureAge=5",
        "aws:CurrentTime=2026-01-01T00:00:00Z",
        "aws:CurrentTime=1767225600",
        "s3:prefix=banana",
    ] {
        assert!(!with(good), "{good}");
    }
    let json = [&asked[..], &["--context", "aws:SourceIp=banana", "--output", "json"]].concat();
    let json = explain(&json, &[]).json();
    assert!(json["notes"][0].as_str().is_some_and(|note| note.contains("an IP address")), "{json}");
    assert!(json["assumed"].as_array().is_some_and(|lines| !lines.is_empty()), "{json}");
    assert!(json["hint"].is_array(), "{json}");
}

#[test]
fn the_nearest_miss_is_told_where_it_adds_something() {
    let asked = |resource: &str| {
        let role = ["--role", "S3AccessRole", "--grant", "home/ada/"];
        let flags = ["--action", "s3:ListBucket", "--resource", resource];
        explain(&[&role[..], &flags].concat(), &[]).out
    };
    let hinted = asked("wellhouse");
    assert!(hinted.contains("Hint") && !hinted.contains("Nearest"), "{hinted}");
    let one = folder(&[("a.json", &allows("s3:GetObject", "arn:aws:s3:::b/*"))]);
    let file = path(&one, "a.json");
    let flags = ["--from", &file, "--action", "s3:GetObject", "--resource", "c/k"];
    let single = explain(&flags, &[]).out;
    assert!(!single.contains("Nearest"), "{single}");
    let two = format!("[{}, {}]", statement("s3:GetObject"), statement("s3:PutObject"));
    let two = format!("{{\"Version\": \"2012-10-17\", \"Statement\": {two}}}");
    let two = folder(&[("a.json", &two)]);
    let file = path(&two, "a.json");
    let flags = ["--from", &file, "--action", "s3:GetObject", "--resource", "c/k"];
    explain(&flags, &["Nearest", "statement `#1`"]);
}

fn statement(action: &str) -> String {
    format!(r#"{{"Effect": "Allow", "Action": "{action}", "Resource": "arn:aws:s3:::b/*"}}"#)
}

#[test]
fn a_hint_never_offers_a_pattern_for_a_value() {
    let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action":
        "s3:ListBucket", "Resource": "*", "Condition": {"StringLike": {"s3:prefix": "h?me/*/x"}}}}"#;
    let folder = folder(&[("a.json", text)]);
    let file = path(&folder, "a.json");
    let asked = ["--from", &file, "--action", "s3:ListBucket", "--resource", "b"];
    explain(&asked, &["--context s3:prefix=VALUE"]);
}
