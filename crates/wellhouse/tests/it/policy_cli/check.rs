//! `check` and `test`: documents and expectations.

use serde_json::Value;

use super::{allows, folder, path, policy};

#[test]
fn a_valid_document_is_put_into_words() {
    let folder = folder(&[("a.json", &allows("s3:GetObject", "arn:aws:s3:::b/*"))]);
    let words = ["valid", "One: allows `s3:GetObject` on `arn:aws:s3:::b/*`", "identity policy"];
    policy(&["check", &path(&folder, "a.json")], 0, &words);
}

#[test]
fn a_finding_has_its_place_its_code_and_its_fix() {
    let folder = folder(&[("a.json", &allows("s3:GetObjet", "arn:aws:s3:::b/*"))]);
    let file = path(&folder, "a.json");
    let place = format!("{file}:4:49 warning[action-unknown]");
    let ran = policy(&["check", &file], 0, &[&place, "fix: write `s3:GetObject`", "1 warning"]);
    let mut lines = ran.out.lines().skip_while(|line| !line.contains("\"s3:GetObjet\""));
    let (shown, mark) = (lines.next().expect("the line"), lines.next().expect("the mark"));
    let column = |line: &str, what| line.find(what).map(|at| line[..at].chars().count());
    assert_eq!(column(shown, "\"s3:GetObjet\""), column(mark, "^"), "{}", ran.out);
    policy(&["check", "--strict", &file], 1, &["action-unknown"]);
}

#[test]
fn what_iam_refuses_fails() {
    let folder = folder(&[("a.json", "{\"Version\": \"2012-10-17\"}"), ("b.json", "{")]);
    policy(&["check", &path(&folder, "a.json")], 1, &["error[policy-missing-element]", "1 error"]);
    policy(&["check", &path(&folder, "b.json")], 1, &["error[policy-syntax]"]);
    policy(&["check", &path(&folder, "c.json")], 1, &["cannot read", "c.json"]);
    policy(&["check"], 1, &["PATH"]);
}

#[test]
fn the_kind_is_guessed_and_said() {
    let trust = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}}"#;
    let bucket = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*",
        "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"}}"#;
    let folder = folder(&[("t.json", trust), ("b.json", bucket), ("n.json", "[1]")]);
    policy(&["check", &path(&folder, "t.json")], 0, &["trust policy: guessed"]);
    policy(&["check", &path(&folder, "b.json")], 0, &["bucket policy: guessed"]);
    let said = ["check", "--kind", "identity", &path(&folder, "t.json")];
    policy(&said, 1, &["policy-forbidden-element"]);
    // Of a folder, what is no policy is passed over.
    policy(&["check", &path(&folder, "")], 0, &["2 documents checked"]);
}

#[test]
fn findings_are_json_and_sarif() {
    let folder = folder(&[("a.json", &allows("s3:GetObjet", "arn:aws:s3:::b/*"))]);
    let file = path(&folder, "a.json");
    let found = policy(&["check", "--output", "json", &file], 0, &[]).json();
    assert_eq!(found[0]["code"], "action-unknown");
    assert_eq!((&found[0]["line"], &found[0]["file"]), (&4.into(), &file.as_str().into()));
    let log = policy(&["check", "--output", "sarif", &file], 0, &[]).json();
    assert_eq!(log["version"], "2.1.0");
    assert!(log["$schema"].as_str().expect("a schema").contains("sarif-2.1.0"));
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["name"], "wellhouse");
    let result = &run["results"][0];
    assert_eq!(
        (&result["ruleId"], &result["level"]),
        (&"action-unknown".into(), &"warning".into())
    );
    assert!(result["message"]["text"].is_string());
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], file.as_str());
    assert_eq!(place["region"]["startLine"], 4);
}

#[test]
fn the_standard_estate_has_no_errors_and_says_so() {
    policy(&["check", "--from", "standard"], 0, &["19 documents checked"]);
}

#[test]
fn cases_of_a_folder_are_run() {
    let case = |name: &str, expected: &str| {
        format!(
            r#"{{"name": "{name}", "identity_policies": [{}], "principal":
            "arn:aws:iam::111122223333:role/R", "action": "s3:GetObject", "resource":
            "arn:aws:s3:::b/k", "context": {{}}, "expected": "{expected}"}}"#,
            allows("s3:GetObject", "arn:aws:s3:::b/*")
        )
        .replace('\n', " ")
    };
    let (one, two) =
        (case("a", "Allow"), format!("{}\n{}\n", case("b", "Allow"), case("c", "Deny")));
    let folder = folder(&[("one.json", &one), ("deeper/two.jsonl", &two), ("readme.txt", "x")]);
    let words = ["FAILED c: expected Deny, got Allow", "2 passed, 1 failed", "two.jsonl"];
    policy(&["test", &path(&folder, "")], 1, &words);
    policy(&["test", &path(&folder, "one.json")], 0, &["1 passed, 0 failed"]);
    let json = policy(&["test", "--output", "json", &path(&folder, "one.json")], 0, &[]).json();
    assert_eq!((&json["name"], &json["pass"]), (&Value::from("a"), &Value::from(true)));
    let named = ["explain", &path(&folder, "deeper/two.jsonl"), "--name", "c"];
    policy(&named, 0, &["Allowed: statement `One` of `identity_policies[0]`"]);
    let wrong = ["explain", &path(&folder, "deeper/two.jsonl"), "--name", "x"];
    policy(&wrong, 1, &["--name `x`", "none of the 2 cases"]);
}

#[test]
fn what_cannot_be_read_fails_and_the_rest_is_checked() {
    let folder = folder(&[("c.json", &allows("s3:GetObject", "*"))]);
    std::fs::write(folder.path().join("b.json"), [0xff]).expect("a file");
    let words = ["1 document checked", "1 could not be read", "cannot read", "b.json"];
    policy(&["check", &path(&folder, "")], 1, &words);
}

#[test]
fn links_in_circles_and_pipes_are_passed_over() {
    let one = allows("s3:GetObject", "arn:aws:s3:::b/*");
    let folder = folder(&[("deep/er/a.json", &one), ("roles/R/permissions/p.json", &one)]);
    for link in ["deep/up", "deep/er/up"] {
        std::os::unix::fs::symlink(folder.path(), folder.path().join(link)).expect("a link");
    }
    let pipe = |name: &str| {
        let made = std::process::Command::new("mkfifo").arg(folder.path().join(name)).status();
        assert!(made.expect("mkfifo").success());
    };
    pipe("deep/pipe.json");
    policy(&["check", &path(&folder, "")], 0, &["2 documents checked"]);
    pipe("roles/R/boundary.json");
    policy(&["check", &path(&folder, "")], 0, &["not checked as a world", "is not a file"]);
}

#[test]
fn what_is_nearly_a_world_is_told() {
    let one = allows("s3:PutObject", "arn:aws:s3:::b/*");
    for name in ["roles/R/bondary.json", "roles/R/permissons.json"] {
        let folder = folder(&[("roles/R/permissions/p.json", &one), (name, &one)]);
        let world = path(&folder, "");
        let place = name.strip_prefix("roles/").expect("a role");
        let words = ["warning[not-a-world] not checked as a world, because", place, "1 warning"];
        policy(&["check", &world], 0, &words);
        policy(&["check", "--strict", &world], 1, &["2 documents checked"]);
        let found = policy(&["check", "--output", "json", &world], 0, &[]).json();
        assert!(found.to_string().contains("not-a-world"), "{found}");
    }
}

#[test]
fn a_mark_before_the_text_is_no_part_of_it() {
    let one = format!("\u{feff}{}", allows("s3:GetObjet", "arn:aws:s3:::b/*"));
    let folder = folder(&[("a.json", &one)]);
    policy(&["check", &path(&folder, "a.json")], 0, &["a.json:4:49 warning[action-unknown]"]);
}

#[test]
fn what_is_not_json_is_told_what_it_may_be() {
    let hints = [
        ("", "the file is empty"),
        ("Version: x\nStatement: y\n", "looks like YAML"),
        ("{\n  # what\n  \"Version\": 1}", "JSON has no comments"),
        ("{\"Version\": \"2012-10-17\", /* x */ \"Statement\": []}", "JSON has no comments"),
        ("{\"Version\": \"2012-10-17\",\n}", "take out the comma"),
        ("{\"Statement\": [1,]}", "take out the comma"),
    ];
    for (text, hint) in hints {
        let folder = folder(&[("a.json", text)]);
        policy(&["check", &path(&folder, "a.json")], 1, &["error[policy-syntax]", hint]);
    }
    let folder = folder(&[("a.json", "{\"Version\" 1}")]);
    let ran = policy(&["check", &path(&folder, "a.json")], 1, &[]);
    assert!(!ran.out.contains("fix:"), "{ran:?}");
}

#[test]
fn a_bucket_is_a_kind() {
    let bucket = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*",
        "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"}}"#;
    let folder = folder(&[("b.json", bucket)]);
    policy(&["check", "--kind", "bucket", &path(&folder, "b.json")], 0, &["(bucket policy)"]);
}

#[test]
fn no_policy_is_emptied_by_advice() {
    let ran = policy(&["check", "--from", "standard"], 0, &["already name this role"]);
    assert!(!ran.out.contains("take it out"), "{}", ran.out);
    let bound = allows("s3:*", "arn:aws:s3:::x/*");
    let only = allows("s3:GetObject", "arn:aws:s3:::y/*");
    let folder =
        folder(&[("roles/R/permissions/p.json", &only), ("roles/R/boundary.json", &bound)]);
    let ran = policy(&["check", &path(&folder, "")], 0, &["not allowed by the boundary"]);
    assert!(!ran.out.contains("take it out"), "{}", ran.out);
}
