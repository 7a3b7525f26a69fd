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
