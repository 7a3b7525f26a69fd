//! Who is asked about, about what, and what a question has to hold.

use std::path::Path;

use serde_json::{Value, json};

use super::{allows, edit, exported, folder, path, policy, write};

fn text(path: &Path) -> &str {
    path.to_str().expect("text")
}

/// Adds a statement to a policy.
#[track_caller]
fn add(path: &Path, statement: Value) {
    let read = std::fs::read_to_string(path).expect("the policy");
    let mut policy: Value = serde_json::from_str(&read).expect("JSON");
    policy["Statement"].as_array_mut().expect("statements").push(statement);
    write(path, &policy.to_string());
}

#[test]
fn whoever_a_trust_policy_newly_lets_in_is_a_difference() {
    let check = |principal: Value, action: &str, who: &str| {
        let (_folder, world) = exported();
        let statement = json!({ "Effect": "Allow", "Principal": principal, "Action": action });
        add(&world.join("roles/AdminRole/trust.json"), statement);
        let words = [&format!("≠ {who}"), "for example:", &format!("{action} on arn:aws:iam:")];
        let ran = policy(&["diff", "standard", text(&world)], 2, &words);
        assert!(!ran.out.contains("AdminRole is written differently"), "{}", ran.out);
        assert!(ran.out.contains("`AdminRole` is written differently"), "{}", ran.out);
        let from = ["--from", text(&world)];
        let who_can = ["who", "--action", action, "--resource", "AdminRole"];
        policy(&[&who_can[..], &from].concat(), 0, &[&format!("✔ {who}")]);
        let proof = ["prove", "--action", action, "--resource", "AdminRole"];
        policy(&[&proof[..], &from].concat(), 1, &[&format!("refuted: {who} is allowed")]);
    };
    let assume = "sts:AssumeRole";
    let aws = |arn: &str| json!({ "AWS": format!("arn:aws:iam::{arn}") });
    check(aws("000000000000:user/mallory"), assume, "arn:aws:iam::000000000000:user/mallory");
    check(aws("999999999999:role/x"), assume, "arn:aws:iam::999999999999:role/x");
    check(aws("999999999999:root"), assume, "a user of 999999999999");
    check(json!({ "AWS": "999999999999" }), assume, "a user of 999999999999");
    check(aws("000000000000:root"), assume, "a user of 000000000000 who may assume roles");
    check(json!({ "Service": "lambda.amazonaws.com" }), assume, "lambda.amazonaws.com");
    let google = json!({ "Federated": "accounts.google.com" });
    check(google, "sts:AssumeRoleWithWebIdentity", "accounts.google.com");
    let saml = "arn:aws:iam::000000000000:saml-provider/x";
    check(json!({ "Federated": saml }), "sts:AssumeRoleWithSAML", saml);
    check(json!("*"), assume, "a user of any other account");
    check(json!("*"), assume, "a user of 000000000000");
}

#[test]
fn whom_a_bucket_policy_lets_in_is_asked_about() {
    let (_folder, world) = exported();
    let bucket = world.join("buckets/wellhouse/policy.json");
    let mut allow = json!({
        "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::999999999999:root" },
        "Action": "s3:GetObject", "Resource": "arn:aws:s3:::wellhouse/*",
    });
    add(&bucket, allow.clone());
    let diff = ["diff", "standard", text(&world)];
    // The standard policy denies to other accounts whatever it allows them.
    policy(&diff, 0, &["`wellhouse` is written differently, and allows the same"]);
    edit(&bucket, "\"aws:PrincipalAccount\":\"000000000000\"", "\"aws:PrincipalAccount\":\"1\"");
    let words = [
        "≠ a user of 999999999999",
        "s3:GetObject on arn:aws:s3:::wellhouse/",
        "it no longer denies by `DenyForeignAccountPrincipals`",
        "a user of 999999999999: its own account allows it all",
    ];
    edit(&bucket, "StringNotEquals", "StringEquals");
    policy(&diff, 2, &words);
    let who = ["who", "--from", text(&world), "--action", "s3:GetObject", "--resource"];
    policy(
        &[&who[..], &["wellhouse/*"]].concat(),
        0,
        &["✔ a user of 999999999999", "allows it all"],
    );
    allow["Principal"] = json!({ "CanonicalUser": "0".repeat(64) });
    let (_folder, world) = exported();
    add(&world.join("buckets/wellhouse/policy.json"), allow);
    policy(&["diff", "standard", text(&world)], 1, &["not known for CanonicalUser 000"]);
}

#[test]
fn a_denial_that_went_is_said_and_strangers_are_asked() {
    let (_folder, world) = exported();
    let bucket = world.join("buckets/wellhouse/policy.json");
    let read = std::fs::read_to_string(&bucket).expect("the policy");
    let mut document: Value = serde_json::from_str(&read).expect("JSON");
    document["Statement"].as_array_mut().expect("statements").pop();
    write(&bucket, &document.to_string());
    let words = [
        "it no longer denies by `DenyForeignAccountPrincipals`",
        "to everybody who was asked about",
        "unchanged: AdminRole",
        "a user of any other account, anonymous",
    ];
    let ran = policy(&["diff", "standard", text(&world)], 0, &words);
    assert!(!ran.out.contains("Role is written differently"), "{}", ran.out);
}

#[test]
fn a_question_that_no_request_fits_is_empty_and_not_proved() {
    let check = |action: &str, resource: &str, words: &[&str]| {
        let question = ["prove", "--action", action, "--resource", resource];
        let ran = policy(&question, 1, &[&["the question is empty: --"], words].concat());
        assert!(!ran.out.contains("proved:"), "{}", ran.out);
        let json = policy(&[&question[..], &["--output", "json"]].concat(), 1, &[]).json();
        assert_eq!(json["proved"], false);
        assert!(json["empty"][0].is_string() && json["assumed"][0].is_string(), "{json}");
        assert!(json["notes"].is_array(), "{json}");
    };
    check("s3:GetObjet", "wellhouse/*", &["there is no action `s3:GetObjet`", "s3:GetObject"]);
    check("s3:Frob*", "*", &["s3:Frob*"]);
    check("s3:GetObject", "wellhouse", &["--action: ", "s3:GetObject"]);
    check("s3:ListBucket", "wellhouse/*", &["--action: ", "s3:ListBucket"]);
    check("s3:GetObject", "welhouse/*", &["`welhouse/*`", "did you mean `wellhouse/*`?"]);
    check("s3:GetObject", "/wellhouse/*", &["did you mean `wellhouse/*`?"]);
    check("sts:AssumeRole", "AdminRol", &["did you mean `AdminRole`?"]);
    check("iam:PassRole", "Nobody*", &["no such role", "AdminRole, EC2UploadRole"]);
    let none = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}]}"#;
    let folder = folder(&[("none.json", none), ("unknown.json", &allows("s3:GetObjet", "*"))]);
    let never = |name: &str, words: &[&str]| {
        policy(&["prove", "--never", &path(&folder, name)], 1, words);
    };
    never("none.json", &["the question is empty: --never has no Allow statement"]);
    never("unknown.json", &["the question is empty: --never: there is no action `s3:GetObjet`"]);
    policy(&["prove", "--anonymous"], 1, &["give --action and --resource, or --never FILE"]);
    // Without anything said the estate's guard rails are meant.
    policy(&["prove"], 0, &["proved: nothing-is-public"]);
}

#[test]
fn who_knows_the_roles_and_buckets_that_there_are() {
    let who = |action: &str, resource: &str, code: i32, words: &[&str]| {
        policy(&["who", "--action", action, "--resource", resource], code, words)
    };
    let names = ["`Nope`: standard has no such role", "AdminRole, EC2UploadRole"];
    who("sts:AssumeRole", "Nope", 1, &names);
    who("s3:GetObject", "Nope/*", 1, &["no such bucket", "its buckets: wellhouse"]);
    who("s3:GetObject", "wellhouse", 1, &["the question is empty"]);
    let ran =
        who("sts:AssumeRole", "Admin*", 0, &["✔ PortalRole", "role/wellhouse/main/AdminRole"]);
    // Whoever signs nothing calls neither STS nor IAM.
    assert!(!ran.out.contains("anonymous"), "{}", ran.out);
    for key in ["Account", "Arn", "Type"].map(|part| format!("aws:Principal{part}=x")) {
        let asked = ["who", "--action", "s3:GetObject", "--resource", "wellhouse/*", "--context"];
        policy(&[&asked[..], &[&key]].concat(), 1, &["it follows from who asks"]);
        policy(&["diff", "standard", "standard", "--context", &key], 1, &["it follows"]);
    }
}

#[test]
fn nobody_anonymous_assumes_a_role() {
    let (_folder, world) = exported();
    let open = json!({ "Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole" });
    add(&world.join("roles/AdminRole/trust.json"), open);
    let ran = policy(&["diff", "standard", text(&world)], 2, &["unchanged: anonymous"]);
    assert!(!ran.out.contains("≠ anonymous"), "{}", ran.out);
    let asked =
        ["prove", "--from", text(&world), "--anonymous", "--action", "*", "--resource", "*"];
    policy(&asked, 0, &["proved"]);
}

#[test]
fn a_new_role_is_shown_with_what_it_may_do_and_who_may_become_it() {
    let (_folder, world) = exported();
    let new = world.join("roles/New");
    std::fs::create_dir_all(new.join("permissions")).expect("a folder");
    let trust = std::fs::read(world.join("roles/UploadRole/trust.json")).expect("the trust");
    std::fs::write(new.join("trust.json"), trust).expect("a file");
    write(&new.join("permissions/p.json"), &allows("s3:GetObject", "arn:aws:s3:::wellhouse/*"));
    let words = [
        "+ New is only in",
        "it may, for example:",
        "    s3:GetObject on arn:aws:s3:::wellhouse/",
        "who may assume it: PortalRole\n",
        "it has no permissions boundary",
    ];
    let diff = ["diff", "standard", text(&world)];
    policy(&diff, 2, &words);
    policy(&[&diff[..], &["--role", "New"]].concat(), 2, &words[..1]);
    let json = policy(&[&diff[..], &["--output", "json"]].concat(), 2, &[]).json();
    assert_eq!(json["arrivals"][0]["assumed_by"], json!(["PortalRole"]));
    assert_eq!(json["arrivals"][0]["boundary"], false);
}

#[test]
fn a_boundary_that_went_is_said_though_it_decided_nothing() {
    let (_folder, world) = exported();
    std::fs::remove_file(world.join("roles/RegularUserRole/boundary.json")).expect("the boundary");
    let (old, new) = ("standard", text(&world));
    let words = ["RegularUserRole is written differently", "its permissions boundary was removed"];
    policy(&["diff", old, new], 0, &words);
    policy(&["diff", new, old], 0, &["its permissions boundary was added"]);
}

#[test]
fn each_action_that_changed_has_an_example_of_a_fitting_resource() {
    let all = r#"["s3:PutBucketPolicy", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"]"#;
    let many = allows("X", "*").replace("\"X\"", all);
    let folder = folder(&[("a.json", &allows("s3:GetObject", "*")), ("b.json", &many)]);
    let words = [
        "does not, for example:",
        "s3:PutBucketPolicy on arn:aws:s3:::",
        "s3:PutObject on arn:aws:s3:::",
        "s3:DeleteObject on arn:aws:s3:::",
        "s3:ListBucket on arn:aws:s3:::",
    ];
    let ran = policy(&["diff", &path(&folder, "a.json"), &path(&folder, "b.json")], 2, &words);
    let on = |action: &str| {
        let line = ran.out.lines().find(|line| line.trim().starts_with(action)).expect("a line");
        line.rsplit(' ').next().expect("a resource").contains('/')
    };
    assert!(on("s3:PutObject on") && on("s3:DeleteObject on"), "{}", ran.out);
    assert!(!on("s3:PutBucketPolicy on") && !on("s3:ListBucket on"), "{}", ran.out);
}

#[test]
fn a_role_that_is_named_twice_is_asked_once() {
    let asked = ["prove", "--action", "s3:DeleteObject", "--resource", "wellhouse/*"];
    let twice = ["--role", "RegularUserRole", "--role", "RegularUserRole"];
    policy(&[&asked[..], &twice].concat(), 0, &["is allowed to RegularUserRole\n"]);
}
