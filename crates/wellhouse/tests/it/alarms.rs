//! The alarms that are exported: each rings for what it is about, and for nothing else.
//!
//! Whether a pattern matches an event is judged by moto's own matcher; the events are as CloudTrail
//! hands them to `EventBridge`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::server::{tool, wellhouse};

const ESTATES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/estates");
const PROVISIONER: &str = "arn:aws:iam::123456789012:role/ops/Provisioner";
const UID: &str = "01k7d3m5q8w0e2r4t6y8v0b2n4";
const PATH: &str = "arn:aws:iam::123456789012:role/wellhouse/everything";

/// Patterns and events as JSON on standard input; which pattern matches which event, on standard output.
const MATCHER: &str = "
import json, sys
from moto.events.models import EventPatternParser, EventPattern
asked = json.load(sys.stdin)
patterns = {}
for name, pattern in asked['patterns'].items():
    text = json.dumps(pattern)
    assert len(text) <= 2048, name
    patterns[name] = EventPattern(text, EventPatternParser(text).parse())
print(json.dumps([[n for n, p in patterns.items() if p.matches_event(e)] for e in asked['events']]))
";

fn exported(estate: &str, format: &str) -> BTreeMap<String, Value> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = wellhouse();
    command.args(["export", "--alarms", "--format", format, "--folder"]).arg(folder.path());
    command.args(["--estate", &format!("{ESTATES}/{estate}.toml")]);
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.path().to_owned()];
    while let Some(within) = folders.pop() {
        for entry in std::fs::read_dir(within).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder.path()).expect("below it").display().to_string();
            let text = std::fs::read_to_string(path).expect("text");
            files.insert(name, serde_json::from_str(&text).expect("JSON"));
        }
    }
    files
}

/// With the roles that may change the estate in the place of what stands for them.
fn filled(pattern: &Value) -> Value {
    let text = pattern.to_string();
    let text = text.replace("{\"Ref\":\"Provisioners\"}", &json!([PROVISIONER]).to_string());
    serde_json::from_str(&text.replace("\"PROVISIONERS\"", &json!([PROVISIONER]).to_string()))
        .expect("JSON")
}

/// The patterns of a template's rules, by name.
fn patterns(template: &Value) -> BTreeMap<String, Value> {
    let resources = template["Resources"].as_object().expect("resources");
    let rules = resources.iter().filter(|(_, one)| one["Type"] == "AWS::Events::Rule");
    rules.map(|(id, rule)| (id.clone(), filled(&rule["Properties"]["EventPattern"]))).collect()
}

fn matches(patterns: &BTreeMap<String, Value>, events: &[Value]) -> Vec<BTreeSet<String>> {
    let mut python = Command::new(tool("WELLHOUSE_TEST_PYTHON"));
    let python = python.args(["-c", MATCHER]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = python.spawn().expect("Python runs");
    let asked = json!({"patterns": patterns, "events": events}).to_string();
    let mut input = running.stdin.take().expect("its input");
    input.write_all(asked.as_bytes()).expect("it listens");
    drop(input);
    let output = running.wait_with_output().expect("it ends");
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// A session of a role, as `userIdentity` tells it.
fn session(role: &str, name: &str, source: Option<&str>) -> Value {
    let last = role.rsplit('/').next().expect("a name");
    let mut identity = json!({
        "type": "AssumedRole",
        "principalId": format!("AROAEXAMPLE0123456789:{name}"),
        "arn": format!("arn:aws:sts::123456789012:assumed-role/{last}/{name}"),
        "accountId": "123456789012",
        "accessKeyId": "ASIAEXAMPLE012345678",
        "sessionContext": {
            "sessionIssuer": {"type": "Role", "principalId": "AROAEXAMPLE0123456789",
                "arn": role, "accountId": "123456789012", "userName": last},
            "webIdFederationData": {},
            "attributes": {"creationDate": "2026-11-26T12:00:00Z", "mfaAuthenticated": "false"},
        },
    });
    if let Some(source) = source {
        identity["sessionContext"]["sourceIdentity"] = json!(source);
    }
    identity
}

fn user() -> Value {
    json!({"type": "IAMUser", "principalId": "AIDAEXAMPLE0123456789", "accountId": "123456789012",
        "arn": "arn:aws:iam::123456789012:user/mallory", "accessKeyId": "AKIAEXAMPLE012345678",
        "userName": "mallory"})
}

/// What `EventBridge` is handed: the record of CloudTrail as its detail.
fn event((service, name): (&str, &str), who: Value, asked: Value, error: Option<&str>) -> Value {
    let data = ["GetObject", "PutObject", "DeleteObject"].contains(&name);
    let kind = if service == "signin" { "AWS Console Sign In" } else { "AWS API Call" };
    let mut detail = json!({
        "eventVersion": "1.11", "userIdentity": who, "eventTime": "2026-11-26T12:00:00Z",
        "eventSource": format!("{service}.amazonaws.com"), "eventName": name,
        "awsRegion": "eu-central-1", "sourceIPAddress": "203.0.113.9", "userAgent": "[test]",
        "requestParameters": asked, "responseElements": null, "requestID": "EXAMPLE1234567890",
        "eventID": "f1e2d3c4-0000-4000-8000-000000000000", "readOnly": false,
        "eventType": "AwsApiCall", "managementEvent": !data,
        "recipientAccountId": "123456789012",
        "eventCategory": if data { "Data" } else { "Management" },
    });
    if let Some(error) = error {
        detail["errorCode"] = json!(error);
    }
    json!({"version": "0", "id": "e", "detail-type": format!("{kind} via CloudTrail"),
        "source": format!("aws.{service}"), "account": "123456789012",
        "time": "2026-11-26T12:00:00Z", "region": "eu-central-1", "resources": [],
        "detail": detail})
}

/// An event, and what rings for it.
struct Case(Value, &'static [&'static str]);

#[expect(clippy::too_many_lines, reason = "a table")]
fn cases() -> Vec<Case> {
    let role = |name: &str| format!("{PATH}/{name}");
    let person = |uid: &str| session(&role("S3AccessRole"), &format!("u-{uid}-0a1b"), Some(uid));
    let provisioner = session(PROVISIONER, "ci", None);
    let portal = session(&role("PortalRole"), "i-0123456789abcdef0", None);
    let bucket = json!({"bucketName": "example-archive", "key": "a"});
    let other = json!({"bucketName": "theirs", "key": "a"});
    let to = |role: String| json!({"roleArn": role, "roleSessionName": "u-x-y"});
    let denied = Some("AccessDenied");
    let someone = "01k7d3m5q8w0e2r4t6y8v0b2n5";
    let trail = json!({"name": "example-trail"});
    let settings = |name| ("s3", name);
    vec![
        Case(event(settings("GetObject"), person(someone), bucket.clone(), None), &["Heard"]),
        Case(
            event(settings("GetObject"), person(someone), bucket.clone(), denied),
            &["Denied", "Heard"],
        ),
        Case(event(settings("GetObject"), person(someone), other.clone(), None), &[]),
        Case(
            event(settings("PutObject"), person(UID), bucket.clone(), denied),
            &["Denied", "Heard", "RevokedPerson"],
        ),
        // Nobody's session, so nobody's burst.
        Case(event(settings("GetObject"), user(), bucket.clone(), denied), &["Heard"]),
        Case(event(settings("PutBucketPolicy"), user(), bucket.clone(), None), &["SettingChanged"]),
        Case(
            event(settings("DeleteBucketEncryption"), portal.clone(), bucket.clone(), denied),
            &["SettingChanged"],
        ),
        Case(
            event(
                settings("PutBucketLifecycle"),
                session(&role("AdminRole"), "x", None),
                bucket.clone(),
                None,
            ),
            &["SettingChanged"],
        ),
        Case(event(settings("PutBucketPolicy"), provisioner.clone(), bucket.clone(), None), &[]),
        Case(event(settings("PutBucketPolicy"), user(), other, None), &[]),
        Case(
            event(("sts", "AssumeRole"), user(), to(role("AdminRole")), denied),
            &["RoleAssumedByAnother"],
        ),
        Case(
            event(("sts", "AssumeRole"), provisioner.clone(), to(role("UploadRole")), None),
            &["RoleAssumedByAnother"],
        ),
        Case(event(("sts", "AssumeRole"), portal, to(role("AdminRole")), None), &[]),
        Case(event(("sts", "AssumeRole"), user(), to(role("../other/AdminRole")), None), &[]),
        Case(
            event(("kms", "ScheduleKeyDeletion"), provisioner.clone(), json!({"keyId": "k"}), None),
            &["KeyAtRisk"],
        ),
        Case(event(("kms", "Decrypt"), person(someone), Value::Null, None), &[]),
        Case(
            event(
                ("signin", "ConsoleLogin"),
                session(&role("AdminRole"), "x", None),
                Value::Null,
                None,
            ),
            &["ConsoleAsAdministrator"],
        ),
        Case(event(("signin", "ConsoleLogin"), provisioner.clone(), Value::Null, None), &[]),
        Case(event(("cloudtrail", "StopLogging"), user(), trail.clone(), None), &["TrailChanged"]),
        Case(
            event(
                ("cloudtrail", "PutEventSelectors"),
                user(),
                json!({"trailName": "example-trail"}),
                None,
            ),
            &["TrailChanged"],
        ),
        Case(event(("cloudtrail", "StopLogging"), user(), json!({"name": "theirs"}), None), &[]),
        Case(event(("cloudtrail", "StopLogging"), provisioner, trail, None), &[]),
    ]
}

#[test]
fn each_alarm_rings_for_what_it_is_about_and_for_nothing_else() {
    let template = exported("everything", "cloudformation").remove("alarms.json").expect("it");
    let patterns = patterns(&template);
    let cases = cases();
    let events: Vec<Value> = cases.iter().map(|Case(event, _)| event.clone()).collect();
    for (Case(event, expected), found) in cases.iter().zip(matches(&patterns, &events)) {
        let expected: BTreeSet<String> = expected.iter().map(|&id| id.to_owned()).collect();
        let (detail, who) =
            (&event["detail"]["eventName"], &event["detail"]["userIdentity"]["arn"]);
        assert_eq!(found, expected, "{detail} by {who}: {event:#}");
    }
    // Each rings for something.
    let told: BTreeSet<&str> =
        cases.iter().flat_map(|Case(_, rings)| rings.iter().copied()).collect();
    let all: BTreeSet<&str> = patterns.keys().map(String::as_str).collect();
    assert_eq!(told, all);
}

#[test]
fn a_configuration_for_terraform_has_the_same_alarms() {
    for estate in ["five-lines", "everything"] {
        let template = exported(estate, "cloudformation").remove("alarms.json").expect("it");
        let files = exported(estate, "terraform");
        let of_files = files.iter().filter_map(|(path, pattern)| {
            let name = path.strip_prefix("patterns/")?.strip_suffix(".json")?;
            Some((name.to_owned(), filled(pattern)))
        });
        let of_files: BTreeMap<String, Value> = of_files.collect();
        assert_eq!(of_files, patterns(&template), "{estate}");
        let main = &files["main.tf.json"];
        let rules = main["resource"]["aws_cloudwatch_event_rule"].as_object().expect("rules");
        let mut named: BTreeSet<&str> = rules.keys().map(String::as_str).collect();
        // Sign-ins and the global STS are told in the partition's first region.
        for name in ["ConsoleAsAdministrator_first", "RoleAssumedByAnother_first"] {
            assert!(named.remove(name), "{estate}: {name}");
            assert_eq!(rules[name]["region"], "us-east-1");
        }
        assert_eq!(named, of_files.keys().map(String::as_str).collect(), "{estate}");
        let targets = main["resource"]["aws_cloudwatch_event_target"].as_object().expect("targets");
        let told = named.iter().filter(|name| **name != "Heard").count() + 2;
        assert_eq!(targets.len(), told, "{estate}: only what is heard is told to nobody");
    }
}

#[test]
fn alarms_are_for_aws_and_for_the_tools_that_can_make_them() {
    let refused = |arguments: &[&str], word: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = wellhouse();
        command.args(["export", "--alarms"]).args(arguments).current_dir(folder.path());
        let output = command.output().expect("it runs");
        assert_eq!(output.status.code(), Some(1));
        let text = String::from_utf8(output.stderr).expect("text");
        assert!(text.contains(word), "{text}");
    };
    let five = format!("{ESTATES}/five-lines.toml");
    refused(&["--format", "json", "--estate", &five], "cloudformation or terraform");
    refused(&["--format", "terraform"], "target = \"aws\"");
}
