//! Findings for programs.

use serde_json::{Value, json};
use wh_policy::lint::{Finding, RULES, json, lint, sarif};

use super::{I, pairs};

const TEXT: &str = "{\"Version\": \"2012-10-17\",\n \"Statement\": {\"Effect\": \"Allow\",\n  \
                    \"Action\": \"s3:ListBucket\", \"Resource\": \"arn:aws:s3:::b/*\"}}";

fn read(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn sarif_says_where_and_how_to_mend_it() {
    let found = lint(TEXT, I);
    let log = read(&sarif(&[("a b/ä.json", TEXT, &found)]));
    assert_eq!((&log["version"], log["runs"].as_array().map(Vec::len)), (&json!("2.1.0"), Some(1)));
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    assert_eq!(rules.len(), RULES.len());
    let result = &run["results"][0];
    let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
    assert_eq!(rules[index]["id"], result["ruleId"]);
    assert_eq!(result["ruleId"], "list-bucket-on-object-arn");
    assert_eq!(result["level"], "warning");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b/%C3%A4.json");
    let region = json!({"startLine": 3, "startColumn": 13, "endLine": 3, "endColumn": 28});
    assert_eq!(place["region"], region);
    assert_eq!(
        result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"],
        "Statement.Action"
    );
    let change = &result["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(change["insertedContent"]["text"], "\"arn:aws:s3:::b\"");
    let region = json!({"startLine": 3, "startColumn": 42, "endLine": 3, "endColumn": 60});
    assert_eq!(change["deletedRegion"], region);
}

#[test]
fn every_finding_has_its_rule_in_sarif() {
    let texts: Vec<(String, Vec<Finding>)> = pairs()
        .into_iter()
        .map(|pair| {
            let text = pair.bad.replace('§', "");
            let found = lint(&text, pair.kind);
            (text, found)
        })
        .collect();
    let files: Vec<_> = texts.iter().map(|(text, found)| ("f.json", &**text, &**found)).collect();
    let log = read(&sarif(&files));
    let results = log["runs"][0]["results"].as_array().expect("results");
    assert_eq!(results.len(), texts.iter().map(|(_, found)| found.len()).sum::<usize>());
    assert!(results.iter().all(|result| result["ruleIndex"].is_u64()));
}

#[test]
fn json_is_one_object_a_finding() {
    let found = lint(TEXT, I);
    let [finding] = found.as_slice() else { panic!("{found:#?}") };
    let at = TEXT.find("\"arn:").expect("the resource");
    assert_eq!(
        read(&json(&[("f.json", TEXT, &found)])),
        json!([{
            "file": "f.json", "code": "list-bucket-on-object-arn", "severity": "warning",
            "line": 3, "column": 13, "end_line": 3, "end_column": 28, "path": "Statement.Action",
            "message": finding.message,
            "fix": {
                "description": "write `arn:aws:s3:::b`",
                "replacement": {"start": at, "end": at + 18, "text": "\"arn:aws:s3:::b\""},
            },
        }])
    );
    assert_eq!(read(&json(&[])), json!([]));
}
