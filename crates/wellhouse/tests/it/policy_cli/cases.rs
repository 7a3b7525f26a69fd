//! `test` and `explain` on files of cases that are not what they should be.

use super::{allows, folder, path, policy};

/// A case that passes, with further fields; one line.
fn case(more: &str) -> String {
    let policy = allows("s3:GetObject", "arn:aws:s3:::b/*").replace('\n', " ");
    format!(
        r#"{{"name": "a", "principal": "arn:aws:iam::111122223333:role/R", "action": "s3:GetObject",
        "resource": "arn:aws:s3:::b/k", "identity_policies": [{policy}], {more}}}"#
    )
    .replace('\n', " ")
}

/// Runs one file and asks for words in the one failure.
#[track_caller]
fn fails(text: &str, words: &[&str]) {
    let folder = folder(&[("c.json", text)]);
    let ran = policy(&["test", &path(&folder, "c.json")], 1, words);
    assert!(ran.out.contains("FAILED") && ran.out.contains("0 passed, 1 failed"), "{ran:?}");
    let json = policy(&["test", "--output", "json", &path(&folder, "c.json")], 1, &[]).json();
    assert_eq!(json["pass"], false, "{json}");
}

#[test]
fn a_file_without_cases_fails() {
    fails("[]", &["no cases in", "c.json"]);
    fails("", &["no cases in"]);
    let folder = folder(&[("c.json", "[]")]);
    policy(&["explain", &path(&folder, "c.json")], 1, &["no cases in"]);
}

#[test]
fn a_field_that_nobody_reads_fails_the_case() {
    let with = |more: &str| case(&format!(r#""expected": "Allow", {more}"#));
    fails(&with(r#""identity_policy": []"#), &["`identity_policy`", "`identity_policies`?"]);
    fails(&with(r#""Expected": "Deny""#), &["`Expected` is not a field", "`expected`?"]);
    fails(&with(r#""role": "R""#), &["`role` is not a field", "the fields are name, source"]);
    // What was not understood is no error that a case may ask for.
    fails(&case(r#""expected": "Error", "role": "R""#), &["`role` is not a field"]);
    fails(&case(r#""expected": "allow""#), &["`expected` must be Allow, Deny or Error"]);
    fails(&case(r#""tags": []"#), &["`expected` is missing"]);
    let good = with(r#""source": "x", "tags": ["y"], "boundary": null"#);
    let folder = folder(&[("g.json", &good), ("b.json", &with(r#""role": "R""#))]);
    policy(&["test", &path(&folder, "g.json")], 0, &["1 passed, 0 failed"]);
    policy(&["explain", &path(&folder, "b.json")], 0, &["Error: `role` is not a field"]);
}

#[test]
fn what_is_not_json_is_told_with_its_place_and_what_it_may_be() {
    fails("{\n  \"name\": \"a\",\n  \"action\" 1\n}", &["line 3, column 12"]);
    fails("[\n  {\"name\" 1}\n]", &["line 2, column 11"]);
    fails(&format!("{}\n{{\"name\" 1}}", case(r#""expected": "Allow""#)), &["line 2, column 9"]);
    fails(
        "{\n  \"name\": \"a\", // first\n  \"action\": 1\n}",
        &["line 2", "JSON has no comments"],
    );
    fails("[\n  {\"name\": \"a\"},\n]", &["take out the comma"]);
    fails("- name: a\n  action: b\n", &["looks like YAML"]);
    let document = allows("s3:GetObject", "*");
    fails(&document, &["this is a policy, not a test", "policy check"]);
}

#[test]
fn what_is_broken_fails_and_the_rest_is_run() {
    let good = case(r#""expected": "Allow""#);
    let folder = folder(&[("a.json", "{"), ("c.json", &good)]);
    std::fs::write(folder.path().join("b.json"), [0xff]).expect("a file");
    let words = ["a.json: line 1", "cannot read", "b.json", "1 passed, 2 failed"];
    policy(&["test", &path(&folder, "")], 1, &words);
    let missing = ["test", "nowhere.json", &path(&folder, "c.json")];
    policy(&missing, 1, &["cannot read nowhere.json", "1 passed, 1 failed"]);
    let ran = policy(&["test", "--output", "json", &path(&folder, "")], 1, &[]);
    let lines: Vec<serde_json::Value> =
        ran.out.lines().map(|line| serde_json::from_str(line).expect("JSON Lines")).collect();
    assert_eq!((lines.len(), &lines[2]["pass"]), (3, &true.into()), "{ran:?}");
    assert!(lines[0]["error"].as_str().is_some_and(|error| error.contains("a.json")), "{ran:?}");
    assert_eq!(lines[2]["file"], path(&folder, "c.json"));
    let named = policy(&["explain", "--output", "json", &path(&folder, "c.json")], 0, &[]).json();
    assert_eq!((&named["name"], &named["decision"]), (&"a".into(), &"allow".into()));
}
