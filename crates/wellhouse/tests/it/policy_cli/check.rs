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
    policy(&["check", "--from", "standard"], 0, &["18 documents checked"]);
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
