//! How a house stands, on a real server: every check once failing and once holding, by breaking the thing
//! itself.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::actors::Actor;
use crate::audit::until;
use crate::server::{Server, tool, wellhouse};

/// What holds of no house that was just set up: nobody made a backup, and nothing is scanned.
const AT_FIRST: [&str; 2] = ["malware-scan", "backup-young"];

/// Runs a command beside the server's data folder, and gives its exit code and what it said.
fn ran(server: &Server, (settings, arguments): (&[(&str, &str)], &[&str])) -> (i32, String) {
    let mut command = wellhouse();
    command.args(arguments).arg("--data").arg(server.data()).envs(settings.iter().copied());
    command.env("WELLHOUSE_S3__LISTEN", server.s3.trim_start_matches("http://"));
    command.env("WELLHOUSE_PORTAL__LISTEN", server.portal.trim_start_matches("http://"));
    let output = command.current_dir(server.scratch()).output().expect("it runs");
    let text = String::from_utf8(output.stdout).expect("text");
    assert_ne!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    (output.status.code().expect("a code"), text)
}

fn looked(server: &Server, settings: &[(&str, &str)]) -> Value {
    let (code, text) = ran(server, (settings, &["posture", "--output", "json"]));
    let report: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(code == 0, report["well"] == true, "{text}");
    report
}

fn with_state(report: &Value, state: &str) -> Vec<String> {
    let checks = report["checks"].as_array().expect("checks").iter();
    let of = checks.filter(|check| check["state"] == state);
    of.map(|check| check["check"].as_str().expect("an id").to_owned()).collect()
}

/// What fails besides what fails at first.
pub(crate) fn failing(server: &Server, settings: &[(&str, &str)]) -> Vec<String> {
    let mut failing = with_state(&looked(server, settings), "fails");
    failing.retain(|id| !AT_FIRST.contains(&id.as_str()));
    failing
}

/// As the root user of the store.
#[track_caller]
fn aws(server: &Server, arguments: &str) {
    let (id, secret) = server.root();
    let mut command = Command::new(tool("WELLHOUSE_TEST_AWS"));
    command.args(arguments.split(' ')).args(["--endpoint-url", &server.s3]).env_clear();
    command.env("PATH", "/usr/bin:/bin").env("AWS_DEFAULT_REGION", "us-east-1");
    command.env("AWS_ACCESS_KEY_ID", id).env("AWS_SECRET_ACCESS_KEY", secret);
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Changes the ledger behind everybody's back.
fn tamper(server: &Server, sql: &str) {
    let script = "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1], timeout=20)\n\
                  c.execute(sys.argv[2])\nc.commit()";
    let ledger = server.data().join("ledger.db");
    let mut python = Command::new("python3");
    let done = python.args(["-c", script]).arg(ledger).arg(sql).status().expect("it runs");
    assert!(done.success(), "{sql}");
}

fn open(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set");
}

#[test]
fn a_bucket_or_role_that_is_changed_by_hand_fails_its_check_until_it_is_mended() {
    let server = Server::start();
    assert_eq!(failing(&server, &[]), [""; 0]);
    let open = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Open","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::wellhouse/*"}]}"#;
    let wide =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let named =
        open.replace(r#""*","Action""#, r#"{"AWS":"arn:aws:iam::999999999999:root"},"Action""#);
    let put =
        |policy: &str| format!("s3api put-bucket-policy --bucket wellhouse --policy {policy}");
    for (broken, expected) in [
        ("s3api delete-public-access-block --bucket wellhouse".to_owned(), &["public-access-blocked"][..]),
        (
            "s3api put-bucket-versioning --bucket wellhouse --versioning-configuration Status=Suspended".to_owned(),
            &["versioning"],
        ),
        ("s3api delete-bucket-lifecycle --bucket wellhouse".to_owned(), &["lifecycle"]),
        (
            "s3api delete-bucket-ownership-controls --bucket wellhouse".to_owned(),
            &["acls-off"],
        ),
        ("s3api delete-bucket-policy --bucket wellhouse".to_owned(), &["signed-links-end"]),
        (put(&named), &["no-foreign-statements", "signed-links-end"]),
        (
            "iam delete-role-permissions-boundary --role-name UploadRole".to_owned(),
            &["roles-bounded"],
        ),
        (
            format!("iam put-role-policy --role-name UploadRole --policy-name More --policy-document {wide}"),
            &["no-wide-statements"],
        ),
    ] {
        aws(&server, &broken);
        let mut expected: Vec<_> = expected.iter().map(|id| (*id).to_owned()).collect();
        expected.push("no-drift".to_owned());
        let mut found = failing(&server, &[]);
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{broken}");
        ran(&server, (&[], &["apply", "--yes", "--own-all"]));
        assert_eq!(failing(&server, &[]), [""; 0], "{broken}");
    }
}

#[test]
fn what_people_carry_and_leave_lying_fails_until_it_is_taken_away() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    Actor::approved(&server, &mut ada, "bob");
    assert_eq!(failing(&server, &[]), [""; 0]);

    ran(&server, (&[], &["grant", "add", "AdminRole", "", "--person", "bob"]));
    let report = looked(&server, &[]);
    assert!(with_state(&report, "fails").contains(&"administrators-second-factor".to_owned()));
    let (_, people) = ada.get("/people");
    let people = people["people"].as_array().expect("people").clone();
    let bob = people.iter().find(|one| one["name"] == "bob").expect("bob");
    let uid = bob["uid"].as_str().expect("a uid").to_owned();
    ada.post(&format!("/people/{uid}/disable"), &json!({}));
    assert_eq!(failing(&server, &[]), [""; 0], "who is disabled administers nothing");
    ada.post(&format!("/people/{uid}/enable"), &json!({}));
    let (_, grants) = ada.get(&format!("/people/{uid}/grants"));
    let grants = grants["grants"].as_array().expect("grants").clone();
    let grant = grants.iter().find(|one| one["role"] == "AdminRole").expect("the grant");
    ada.delete(&format!("/grants/{}", grant["id"].as_str().expect("an id")));
    assert_eq!(failing(&server, &[]), [""; 0]);

    let not_demanded = [("WELLHOUSE_PEOPLE__ADMINISTRATORS_NEED_SECOND_FACTOR", "false")];
    assert_eq!(failing(&server, &not_demanded), ["second-factor-demanded"]);

    let long_ago = "UPDATE persons SET last_sign_in_at = 1, approved_at = 1 WHERE name = 'bob'";
    tamper(&server, long_ago);
    tamper(&server, &format!("DELETE FROM sessions WHERE uid = '{uid}'"));
    tamper(&server, &format!("DELETE FROM known_devices WHERE uid = '{uid}'"));
    assert_eq!(failing(&server, &[]), ["no-unused-persons"]);
    tamper(&server, "UPDATE persons SET last_sign_in_at = 9000000000000 WHERE name = 'bob'");

    ran(&server, (&[], &["keys", "create", "bob", "--name", "backup", "--grant", "shared/"]));
    assert_eq!(failing(&server, &[]), [""; 0]);
    let short = [("WELLHOUSE_POSTURE__KEY_DAYS_MAX", "10")];
    assert_eq!(failing(&server, &short), ["keys-end"]);
    tamper(&server, "UPDATE person_keys SET created_at = 1");
    let mut found = failing(&server, &[]);
    found.sort();
    assert_eq!(found, ["keys-end", "no-unused-keys"]);
    tamper(&server, "UPDATE person_keys SET revoked_at = 2");
    assert_eq!(failing(&server, &[]), [""; 0], "what was revoked opens nothing");

    let (status, _) = ada.put_json(
        "/settings",
        &json!({ "registration": "open", "homes": true, "domains": [], "mail_check": false }),
    );
    assert_eq!(status, 200);
    assert_eq!(failing(&server, &[]), ["registration-not-open"]);
}

#[test]
fn tokens_that_live_long_or_lie_unused_fail_until_they_are_revoked() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let home = ada.location("");
    let form = json!({ "name": "reports", "locations": [home], "actions": ["list"], "days": 365 });
    let (status, made) = ada.post("/tokens", &form);
    assert_eq!(status, 201, "{made}");
    crate::kept::secret(made["secret"].as_str().unwrap_or_default());
    assert_eq!(failing(&server, &[]), ["tokens-end"]);
    assert_eq!(failing(&server, &[("WELLHOUSE_POSTURE__TOKEN_DAYS_MAX", "365")]), [""; 0]);
    let old = "UPDATE api_tokens SET created_at = 1, expires_at = 9000000000000";
    tamper(&server, old);
    let mut found = failing(&server, &[]);
    found.sort();
    assert_eq!(found, ["no-unused-tokens", "tokens-end"]);
    tamper(&server, "UPDATE api_tokens SET revoked_at = 2");
    assert_eq!(failing(&server, &[]), [""; 0]);
}

#[test]
fn the_installation_itself_is_looked_at() {
    let server = Server::start_with(&[("WELLHOUSE_AUDIT__CHECKPOINT_MINUTES", "0")]);
    let data = server.data();
    let report = looked(&server, &[]);
    assert_eq!(with_state(&report, "fails"), AT_FIRST);

    let place = server.scratch().join("backup");
    ran(&server, (&[], &["backup", "--to", place.to_str().expect("text")]));
    assert_eq!(with_state(&looked(&server, &[]), "fails"), ["malware-scan"]);
    tamper(&server, "UPDATE settings SET value = '1 /mnt/old' WHERE name = 'backup.last'");
    assert_eq!(with_state(&looked(&server, &[]), "fails"), AT_FIRST);
    let scanned = [("WELLHOUSE_SCAN__CLAMD", "tcp 127.0.0.1:1")];
    assert!(!failing(&server, &scanned).contains(&"malware-scan".to_owned()));

    open(&data, 0o755);
    assert_eq!(failing(&server, &[]), ["data-folder-private"]);
    open(&data, 0o700);
    assert_eq!(failing(&server, &[]), [""; 0]);

    until("the server signs", || data.join("audit.checkpoints").is_file());
    let holds = |id: &str| with_state(&looked(&server, &[]), "holds").contains(&id.to_owned());
    assert!(holds("audit-signed"));
    let elsewhere = [("WELLHOUSE_AUDIT__SIGN", "elsewhere")];
    let unknown = with_state(&looked(&server, &elsewhere), "unknown");
    assert!(unknown.contains(&"audit-signed".to_owned()), "{unknown:?}");

    assert!(holds("house-keys-young"));
    let keys = fs::File::options().write(true).open(data.join("authority.keys")).expect("opened");
    keys.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000)).expect("set");
    assert_eq!(failing(&server, &[]), ["house-keys-young"]);

    let off = [("WELLHOUSE_STORE__ENCRYPTION__KEYS", "off")];
    assert!(failing(&server, &off).contains(&"encrypted-at-rest".to_owned()));
}

#[test]
fn what_cannot_be_read_is_not_known_and_what_is_accepted_fails_again_when_its_time_is_over() {
    let server = Server::start();
    let accepting = |until: &str| {
        let risk = format!(
            "[[posture.accept]]\ncheck = \"malware-scan\"\nthing = \"house\"\nreason = \"a test\"\nuntil = \"{until}\"\n"
        );
        let file = server.scratch().join(format!("{until}.toml"));
        fs::write(&file, risk).expect("written");
        let (_, text) = ran(
            &server,
            (&[], &["posture", "--output", "json", "--config", file.to_str().expect("text")]),
        );
        serde_json::from_str::<Value>(&text).expect("JSON")
    };
    let report = accepting("2999-12-31");
    assert_eq!(with_state(&report, "accepted"), ["malware-scan"]);
    assert_eq!(with_state(&report, "fails"), ["backup-young"]);
    assert_eq!(with_state(&accepting("2020-12-31"), "fails"), AT_FIRST);

    let sarif = ran(&server, (&[], &["posture", "--output", "sarif"])).1;
    let sarif: Value = serde_json::from_str(&sarif).expect("JSON");
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "malware-scan");

    let closed = [("WELLHOUSE_S3__LISTEN", "127.0.0.1:1")];
    let mut command = wellhouse();
    command.args(["posture", "--output", "json", "--data"]).arg(server.data()).envs(closed);
    let output = command.output().expect("it runs");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let unknown = with_state(&report, "unknown");
    for id in ["public-access-blocked", "tls-only", "no-drift", "roles-bounded"] {
        assert!(unknown.contains(&id.to_owned()), "{id}: {report:#}");
    }
    let checks = report["checks"].as_array().expect("checks");
    assert!(
        checks.iter().filter(|one| one["state"] == "unknown").all(|one| one["why"].is_string())
    );
}

#[test]
fn the_server_looks_by_itself_and_a_change_of_state_is_in_the_audit_log() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut seen = Value::Null;
    until("the server looks", || {
        seen = ada.get("/posture").1;
        seen["checked_at"].is_string()
    });
    let state = |report: &Value, id: &str| {
        let checks = report["checks"].as_array().expect("checks").clone();
        let one = checks.into_iter().find(|check| check["id"] == id).expect("the check");
        one["state"].as_str().expect("a state").to_owned()
    };
    assert_eq!(state(&seen, "versioning"), "holds");
    let suspend = "s3api put-bucket-versioning --bucket wellhouse --versioning-configuration Status=Suspended";
    aws(&server, suspend);
    assert_eq!(state(&check_now(&mut ada), "versioning"), "fails");
    ran(&server, (&[], &["apply", "--yes"]));
    assert_eq!(state(&check_now(&mut ada), "versioning"), "holds");
    let (_, trail) = ada.get("/audit?action=wellhouse:PostureChanged&resource=posture/versioning");
    let details: Vec<_> = trail["entries"].as_array().expect("entries").iter().collect();
    let detail = |at: usize| details[at]["detail"].as_str().expect("a detail");
    assert_eq!(detail(0), "before: fails; now: holds", "{trail}");
    assert_eq!(detail(1), "before: holds; now: fails: bucket/wellhouse", "{trail}");

    until("the audit log was looked at", || state(&check_now(&mut ada), "audit-whole") == "holds");
}

/// Looks now, as soon as nobody else does.
fn check_now(ada: &mut Actor) -> Value {
    let mut found = (0, Value::Null);
    until("it is our turn", || {
        found = ada.post("/posture/checks", &json!({}));
        found.0 != 409
    });
    assert_eq!(found.0, 200, "{}", found.1);
    found.1
}
