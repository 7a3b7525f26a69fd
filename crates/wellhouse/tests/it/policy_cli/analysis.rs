//! `diff`, `prove`, `who`: answers about all requests.

use std::path::Path;

use super::{allows, edit, exported, folder, path, policy, write};

fn text(path: &Path) -> &str {
    path.to_str().expect("text")
}

#[test]
fn what_is_the_same_is_no_difference_however_it_is_written() {
    let (_folder, world) = exported();
    policy(&["diff", "standard", text(&world)], 0, &["= unchanged: AdminRole"]);
    let one = folder(&[
        ("a.json", &allows("s3:Get*", "arn:aws:s3:::b/*")),
        ("b.json", &allows("s3:Get*", "arn:aws:s3:::b/**")),
    ]);
    let same = ["diff", &path(&one, "a.json"), &path(&one, "b.json")];
    policy(&same, 0, &["unnamed is written differently, and allows the same"]);
}

#[test]
fn a_difference_comes_with_a_request_that_shows_it() {
    let folder = folder(&[
        ("a.json", &allows("s3:GetObject", "arn:aws:s3:::b/shared/*")),
        ("b.json", &allows("s3:GetObject", "arn:aws:s3:::b/*")),
    ]);
    let (a, b) = (path(&folder, "a.json"), path(&folder, "b.json"));
    let words =
        ["≠ unnamed", "b.json allows, and", "s3:GetObject on arn:aws:s3:::b/", "explain --from"];
    let ran = policy(&["diff", &a, &b], 2, &words);
    let command = ran.out.lines().find_map(|line| line.trim().strip_prefix("wellhouse policy "));
    let command: Vec<&str> = command.expect("a command").split(' ').collect();
    policy(&command, 0, &["Allowed: "]);
    policy(&["diff", &b, &a], 2, &["allows nothing that"]);
    let json = policy(&["diff", &a, &b, "--output", "json"], 2, &[]).json();
    let one = &json["principals"][0];
    assert_eq!((&one["gained"]["answer"], &one["lost"]["answer"]), (&"yes".into(), &"no".into()));
    assert_eq!(one["gained"]["request"]["action"], "s3:GetObject");
}

#[test]
fn roles_that_come_and_go_are_differences() {
    let (_folder, world) = exported();
    std::fs::remove_dir_all(world.join("roles/UploadRole")).expect("the role");
    policy(&["diff", "standard", text(&world)], 2, &["- UploadRole is only in standard"]);
    policy(&["diff", text(&world), "standard"], 2, &["+ UploadRole is only in standard"]);
    policy(&["diff", "standard", text(&world), "--role", "AdminRole"], 0, &[]);
    policy(&["diff", "standard", text(&world), "--role", "Admin"], 1, &["--role `Admin`"]);
    policy(&["diff", "standard", "/nonexistent"], 1, &["/nonexistent"]);
}

#[test]
fn a_bucket_policy_counts_for_its_bucket() {
    let (_folder, world) = exported();
    let open = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
        "Action": "s3:GetObject", "Resource": "arn:aws:s3:::wellhouse/open/*"}]}"#;
    write(&world.join("buckets/wellhouse/policy.json"), open);
    let words = ["≠ anonymous", "s3:GetObject on arn:aws:s3:::wellhouse/open/", "--anonymous"];
    policy(&["diff", "standard", text(&world)], 2, &words);
}

#[test]
fn a_proof_is_a_proof_and_a_refutation_a_request() {
    let delete = ["--action", "s3:DeleteObject", "--resource", "wellhouse/*"];
    let regular = [&["prove", "--role", "RegularUserRole"], &delete[..]].concat();
    policy(&regular, 0, &["proved: no request for s3:DeleteObject on wellhouse/*"]);
    let access = [&["prove", "--role", "S3AccessRole"], &delete[..]].concat();
    policy(
        &access,
        1,
        &["refuted: S3AccessRole is allowed", "s3:DeleteObject on arn:aws:s3:::wellhouse/"],
    );
    let json = policy(&[&access[..], &["--output", "json"]].concat(), 1, &[]).json();
    assert_eq!((&json["proved"], &json["principals"][0]["answer"]), (&false.into(), &"yes".into()));
    policy(&["prove", "--anonymous", "--action", "*", "--resource", "*"], 0, &["proved"]);
    policy(&["prove", "--action", "s3:Get*"], 1, &["--resource"]);
    policy(&["prove", "--action", "Get", "--resource", "b"], 1, &["--action"]);
}

#[test]
fn a_document_says_what_must_never_be() {
    let never = allows("s3:PutBucketPolicy", "*");
    let folder = folder(&[("never.json", &never), ("broken.json", "{\"Statement\": 1}")]);
    let asked = ["prove", "--role", "S3AccessRole", "--never"];
    policy(
        &[&asked[..], &[&path(&folder, "never.json")]].concat(),
        0,
        &["proved", "never.json describes"],
    );
    policy(
        &[&asked[..], &[&path(&folder, "broken.json")]].concat(),
        1,
        &["broken.json", "Statement"],
    );
}

#[test]
fn who_can_and_by_which_statement() {
    let asked = ["who", "--action", "s3:PutObject", "--resource", "wellhouse/home/*"];
    let ran =
        policy(&asked, 0, &["✔ S3AccessRole", "✘ RegularUserRole", "✘ anonymous", "statement `"]);
    assert!(ran.out.contains("can s3:PutObject on wellhouse/home/*:"), "{}", ran.out);
    let json = policy(&[&asked[..], &["--output", "json"]].concat(), 0, &[]).json();
    let all = json["principals"].as_array().expect("principals");
    let of = |name: &str| all.iter().find(|one| one["principal"] == name).expect("the principal");
    assert_eq!(of("RegularUserRole")["answer"], "no");
    assert_eq!(of("S3AccessRole")["answer"], "yes");
    assert!(of("S3AccessRole")["statement"].is_string(), "{json}");
    policy(
        &["who", "--action", "sts:AssumeRole", "--resource", "EC2UploadRole"],
        0,
        &["✔ ec2.amazonaws.com"],
    );
}

#[test]
fn a_statement_that_never_matters_is_found_in_a_world() {
    let twice = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "All", "Effect": "Allow", "Action": "s3:*", "Resource": "*"},
  {"Sid": "Some", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::x/a*"}]}"#;
    let bound = allows("s3:*", "arn:aws:s3:::x/*");
    let folder =
        folder(&[("roles/R/permissions/p.json", twice), ("roles/R/boundary.json", &bound)]);
    let world = path(&folder, "");
    let words =
        ["p.json:3:3 suggestion[statement-never-matters]", "all that it allows is allowed without"];
    policy(&["check", &world], 0, &words);
    let file = folder.path().join("roles/R/permissions/p.json");
    edit(&file, "\"s3:*\"", "\"s3:Put*\"");
    let ran = policy(&["check", &world], 0, &[]);
    assert!(!ran.out.contains("statement-never-matters"), "{}", ran.out);
    edit(&file, "x/a*", "y/*");
    let words = ["p.json:3:3 suggestion[statement-never-matters]", "not allowed by the boundary"];
    policy(&["check", &world], 0, &words);
}

#[test]
fn what_depends_on_a_persons_tags_is_not_known_until_they_are_said() {
    let own = allows("s3:GetObject", "arn:aws:s3:::b/${aws:PrincipalTag/team}/*");
    let folder = folder(&[("a.json", &own)]);
    let file = path(&folder, "a.json");
    let asked = ["who", "--from", &file, "--action", "s3:GetObject", "--resource", "b/blue/*"];
    let words = ["0 of 2 can", "(1 not known)", "? unnamed", "not known, because the value of"];
    policy(&asked, 0, &words);
    let blue = [&asked[..], &["--context", "aws:PrincipalTag/team=blue"]].concat();
    policy(&blue, 0, &["1 of 2 can", "aws:PrincipalTag/team = `blue`"]);
    let none = [&asked[..], &["--absent", "aws:PrincipalTag/*"]].concat();
    policy(&none, 0, &["0 of 2 can s3:GetObject on b/blue/*:", "aws:PrincipalTag/* is absent"]);
    let prove = [&["prove"], &asked[1..]].concat();
    policy(&prove, 1, &["not known: unnamed, because the value of"]);
    policy(&[&asked[..], &["--absent", "team"]].concat(), 1, &["--absent `team`"]);
}

#[test]
fn a_bucket_policy_says_nothing_of_other_buckets() {
    let closed = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*",
        "Action": "*", "Resource": ["arn:aws:s3:::one", "arn:aws:s3:::one/*"]}]}"#;
    let reach = allows("s3:GetObject", "*");
    let folder = folder(&[
        ("roles/R/permissions/p.json", &reach),
        ("buckets/one/policy.json", closed),
        (
            "buckets/two/policy.json",
            &closed.replace("one", "two").replace("\"Action\": \"*\"", "\"Action\": \"s3:Put*\""),
        ),
    ]);
    let world = path(&folder, "");
    let read = |bucket: &str, code: i32, words: &[&str]| {
        let asked = ["prove", "--from", &world, "--role", "R", "--action", "s3:GetObject"];
        policy(&[&asked[..], &["--resource", bucket]].concat(), code, words);
    };
    read("one/*", 0, &["proved"]);
    read("two/*", 1, &["arn:aws:s3:::two/"]);
    read("three/*", 1, &["arn:aws:s3:::three/"]);
}
