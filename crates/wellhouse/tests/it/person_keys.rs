//! Access keys of persons: made in the portal or on the machine, used by the AWS CLI and boto3, and
//! refused as soon as they end.

use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::actors::{Actor, PASSWORD};
use crate::keeping::{ends, run};
use crate::server::{Server, tool};

/// A key as its person keeps it.
struct Key {
    id: String,
    secret: String,
    endpoint: String,
}

impl Key {
    fn read(told: &Value) -> Self {
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let id = told["key"]["id"].as_str().or(told["id"].as_str()).expect("an id").to_owned();
        let secret = text(&told["secret_access_key"]);
        Self { id, secret, endpoint: text(&told["endpoint"]) }
    }

    fn environment(&self) -> [(&'static str, &str); 6] {
        [
            ("AWS_ACCESS_KEY_ID", &self.id),
            ("AWS_SECRET_ACCESS_KEY", &self.secret),
            ("AWS_ENDPOINT_URL", &self.endpoint),
            ("AWS_DEFAULT_REGION", "us-east-1"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_PAGER", ""),
        ]
    }

    fn aws(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(tool("WELLHOUSE_TEST_AWS"));
        command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", "/nonexistent");
        command.envs(self.environment()).args(arguments).output().expect("the AWS CLI runs")
    }

    #[track_caller]
    fn succeeds(&self, arguments: &[&str]) -> String {
        let output = self.aws(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "aws {}: {errors}", arguments.join(" "));
        String::from_utf8(output.stdout).expect("text")
    }

    #[track_caller]
    fn fails_with(&self, arguments: &[&str], words: &[&str]) {
        let output = self.aws(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "aws {} succeeded", arguments.join(" "));
        for word in words {
            assert!(errors.contains(word), "`{word}` is not in: {errors}");
        }
    }
}

fn form(location: &str, actions: &Value, password: &str) -> Value {
    json!({ "name": "backup", "location": location, "days": 7, "actions": actions,
        "password": password })
}

fn make(actor: &mut Actor, location: &str, actions: &Value) -> Key {
    let (status, made) = actor.post("/keys", &form(location, actions, PASSWORD));
    assert_eq!(status, 201, "{made}");
    Key::read(&made)
}

fn uid_of(administrator: &mut Actor, name: &str) -> String {
    let (_, people) = administrator.get("/people");
    let people = people["people"].as_array().expect("people").clone();
    let person = people.iter().find(|p| p["name"] == name).expect("the person");
    person["uid"].as_str().expect("a uid").to_owned()
}

#[test]
fn a_key_is_its_persons_role_session_and_ends_when_it_is_revoked() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let uid = uid_of(&mut ada, "bob");
    let home = bob.location("home/");
    let (status, wrong) = bob.post("/keys", &form(&home, &Value::Null, "not the password"));
    assert_eq!((status, &wrong["code"]), (403, &json!("password-wrong")), "{wrong}");
    let key = make(&mut bob, &home, &Value::Null);
    let place = format!("s3://wellhouse/home/{uid}/");

    let note = server.scratch().join("note");
    std::fs::write(&note, "note").expect("a file");
    let note = note.to_str().expect("text");
    key.succeeds(&["s3", "cp", "--only-show-errors", note, &format!("{place}note")]);
    assert!(key.succeeds(&["s3", "ls", &place]).contains("note"));
    key.fails_with(
        &["s3", "cp", note, "s3://wellhouse/shared/note"],
        &["AccessDenied", "session policy"],
    );
    let who = key.succeeds(&["sts", "get-caller-identity", "--query", "Arn", "--output", "text"]);
    assert!(who.trim().ends_with(&format!("S3AccessRole/u-{uid}-{}", key.id)), "{who}");
    key.fails_with(&["sts", "get-session-token"], &["AccessDenied"]);
    key.fails_with(&["iam", "create-user", "--user-name", "x"], &["AccessDenied"]);
    let role = ["--role-arn", "arn:aws:iam::000000000000:role/AdminRole"];
    let role = [&["sts", "assume-role", "--role-session-name", "further"][..], &role].concat();
    key.fails_with(&role, &["AccessDenied"]);
    let forged = Key { secret: "x".repeat(40), id: key.id.clone(), endpoint: key.endpoint.clone() };
    forged.fails_with(&["s3", "ls", &place], &["SignatureDoesNotMatch"]);

    let (_, listed) = bob.get("/keys");
    let told = &listed["keys"][0];
    assert_eq!((&told["id"], &told["standing"]), (&json!(key.id), &json!("active")), "{told}");
    assert_eq!(told["used"]["ip"], "127.0.0.1", "{told}");
    assert!(!listed.to_string().contains(&key.secret), "the secret is shown once");
    let (status, _) = bob.delete(&format!("/keys/{}", key.id));
    assert_eq!(status, 204);
    key.fails_with(&["s3", "ls", &place], &["InvalidAccessKeyId", "was revoked"]);
    forged.fails_with(&["s3", "ls", &place], &["SignatureDoesNotMatch"]);
    let (_, trail) = ada.get("/audit");
    let trail = trail["entries"].as_array().expect("entries").clone();
    for operation in ["CreatePersonKey", "RevokePersonKey"] {
        let found = trail.iter().find(|entry| entry["operation"] == operation);
        let found = found.expect("an entry");
        assert_eq!((&found["source_identity"], &found["outcome"]), (&json!(uid), &json!("done")));
        assert!(found["resource"].as_str().expect("text").ends_with(&key.id), "{found}");
    }
    assert!(!server.log().contains(&key.secret), "no secret is logged");
}

#[test]
fn a_narrowed_key_does_less_and_every_key_falls_with_what_it_hangs_on() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let uid = uid_of(&mut ada, "bob");
    let team = json!({ "role": "S3AccessRole", "prefix": "team/", "title": "Team" });
    let (status, grant) = ada.post(&format!("/people/{uid}/grants"), &team);
    assert_eq!(status, 201, "{grant}");
    let (home, team) = (bob.location("home/"), bob.location("team/"));
    let read = make(&mut bob, &home, &json!(["s3:Get*", "s3:List*"]));
    let all = make(&mut bob, &home, &Value::Null);
    let granted = make(&mut bob, &team, &Value::Null);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/boto3/person_keys.py");
    let mut python = Command::new(tool("WELLHOUSE_TEST_PYTHON"));
    python.env_clear().env("PATH", "/usr/bin:/bin").envs(all.environment());
    python.envs([("READ_KEY", &read.id), ("READ_SECRET", &read.secret)]);
    let prefix = format!("home/{uid}/");
    let output = python.env("PREFIX", prefix).arg(path).output().expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let team = ["s3api", "list-objects-v2", "--bucket", "wellhouse", "--prefix", "team/"];
    granted.succeeds(&team);
    let taken = ada.delete(&format!("/grants/{}", grant["id"].as_str().expect("an id")));
    assert_eq!(taken.0, 204);
    let gone = ["InvalidAccessKeyId", "grant", "was taken away"];
    granted.fails_with(&team, &gone);
    let home = format!("home/{uid}/");
    let listing = ["s3api", "list-objects-v2", "--bucket", "wellhouse", "--prefix", &home];
    all.succeeds(&listing);
    assert_eq!(ada.post(&format!("/people/{uid}/disable"), &json!({})).0, 204);
    all.fails_with(&listing, &["InvalidAccessKeyId", "was revoked"]);
    assert_eq!(ada.post(&format!("/people/{uid}/enable"), &json!({})).0, 204);
    all.fails_with(&listing, &["InvalidAccessKeyId", "was revoked"]);
}

#[test]
fn an_operator_makes_lists_and_revokes_keys_on_the_machine() {
    let server = Server::start();
    let data = server.data();
    let mut ada = Actor::administrator(&server);
    Actor::approved(&server, &mut ada, "bob");
    let uid = uid_of(&mut ada, "bob");
    let home = format!("home/{uid}/");
    let create = ["keys", "create", "bob", "--name", "mirror", "--grant", &home];
    ends(&data, &[&create[..6], &["none/"]].concat(), 1, &["--grant must name one grant of bob"]);
    ends(
        &data,
        &["keys", "create", "eve", "--name", "x"],
        1,
        &["nobody has the name or uid `eve`"],
    );
    let long = [&create[..], &["--days", "91"]].concat();
    ends(&data, &long, 1, &["between 1 and 90 days"]);
    let only = [&create[..], &["--days", "2", "--only", "s3:Get*", "--only", "s3:List*"]].concat();
    let made = ends(&data, &[&only[..], &["--output", "json"]].concat(), 0, &[]);
    let made: Value = serde_json::from_str(&made).expect("JSON");
    let mut key = Key::read(&made);
    key.endpoint.clone_from(&server.s3);
    let place = format!("s3://wellhouse/{home}");
    // An empty listing ends with 1: only a refusal says so.
    let listing = ["s3api", "list-objects-v2", "--bucket", "wellhouse", "--prefix", &home];
    key.succeeds(&listing);
    key.fails_with(&["s3", "rm", &format!("{place}x")], &["AccessDenied", "session policy"]);
    ends(&data, &["keys", "list", "bob"], 0, &[&key.id, "`mirror` for", "from 127.0.0.1"]);
    ends(&data, &["keys", "revoke", &key.id], 0, &["is revoked"]);
    key.fails_with(&listing, &["InvalidAccessKeyId", "was revoked"]);
    ends(&data, &["keys", "revoke", &key.id], 0, &["was revoked before"]);
    ends(&data, &["keys", "revoke", "AKIAAAAAAAAAAAAAAAAA"], 1, &["no person has"]);
    let (status, listed) = run(&data, &["keys", "list", "--output", "json"]);
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    assert_eq!((status, &listed["keys"][0]["standing"]), (0, &json!("key-revoked")), "{listed}");
    let (_, trail) = ada.get("/audit");
    let made = trail["entries"].as_array().expect("entries").iter();
    let by: Vec<_> = made.filter(|e| e["operation"] == "CreatePersonKey").collect();
    assert_eq!((by.len(), &by[0]["principal"]), (1, &json!("operator")), "{trail}");
}
