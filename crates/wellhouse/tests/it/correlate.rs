//! CloudTrail held against the audit log: of every request it can be told which person did it, by which
//! grant and role session; and what does not fit is found.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::actors::Actor;
use crate::aws_mode::{BUCKET, Moto, settings};
use crate::server::{Server, wellhouse};

const ACCOUNT: &str = "123456789012";

/// A portal before moto, with a person who has asked for something.
struct House {
    server: Server,
    settings: Vec<(String, String)>,
    trail: tempfile::TempDir,
    _moto: Moto,
}

/// What the audit log and the credentials tell of a person's session.
#[derive(Debug, Clone)]
struct Session {
    key: String,
    uid: String,
    grant: String,
    name: String,
    role_arn: String,
    prefix: String,
}

impl House {
    fn new() -> Self {
        let moto = Moto::start();
        let settings = settings(&moto);
        let trail = tempfile::tempdir().expect("a folder");
        let mut apply = wellhouse();
        apply.envs(settings.iter().cloned()).args(["apply", "--yes"]).current_dir(trail.path());
        assert!(apply.output().expect("it runs").status.success());
        // moto judges a bucket policy's denies without their conditions.
        let cleared = ureq::delete(format!("{}/{BUCKET}?policy", moto.url)).call();
        assert_eq!(cleared.expect("an answer").status().as_u16(), 204);
        let borrowed: Vec<(&str, &str)> =
            settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Self { server: Server::start_with(&borrowed), settings, trail, _moto: moto }
    }

    /// The folder into which `aws s3 sync` brings a day's files.
    fn day(&self) -> PathBuf {
        let day = "AWSLogs/123456789012/CloudTrail/us-east-1/2026/11/26";
        self.trail.path().join(day)
    }

    /// Writes records as CloudTrail does, packed.
    fn write(&self, name: &str, records: &[Value]) {
        std::fs::create_dir_all(self.day()).expect("a folder");
        let file = std::fs::File::create(self.day().join(name)).expect("a file");
        let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::default());
        let text = json!({ "Records": records }).to_string();
        packed.write_all(text.as_bytes()).expect("written");
        packed.finish().expect("written");
    }

    fn correlate(&self, at: &Path, arguments: &[&str]) -> (Option<i32>, String) {
        let mut command = wellhouse();
        command.envs(self.settings.iter().cloned()).current_dir(self.trail.path());
        command.args(["audit", "correlate", "--data"]).arg(self.server.data());
        command.arg("--cloudtrail").arg(at).args(arguments);
        let output = command.output().expect("it runs");
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).expect("text"))
    }

    #[track_caller]
    fn check(&self, arguments: &[&str], code: i32, words: &[&str]) -> String {
        let (found, text) = self.correlate(self.trail.path(), arguments);
        assert_eq!(found, Some(code), "{text}");
        for word in words {
            assert!(text.contains(word), "`{word}` is not in\n{text}");
        }
        text
    }
}

/// The line of the audit log that was written when the session was taken.
fn session(ada: &mut Actor, bob: &mut Actor) -> Session {
    let home = bob.location("home/");
    let (status, keys) = bob.post("/credentials", &json!({ "location": home }));
    assert_eq!(status, 200, "{keys}");
    let text = |name: &str| keys[name].as_str().expect(name).to_owned();
    let (key, secret) = (text("access_key_id"), text("secret_access_key"));
    let (_, account) = bob.get("/account");
    let line = line_of(ada, &key);
    let word = |name: &str| {
        let detail = line["detail"].as_str().expect("text");
        let found = detail.split(' ').find_map(|word| word.strip_prefix(name));
        found.unwrap_or_else(|| panic!("{name}: {detail}")).to_owned()
    };
    assert_eq!(line["outcome"], "done", "{line}");
    assert!(!line.to_string().contains(&secret), "no secret in {line}");
    let uid = line["source_identity"].as_str().expect("a uid").to_owned();
    assert_eq!(account["uid"].as_str().unwrap_or(&uid), uid);
    Session {
        key,
        grant: word("grant="),
        name: word("session="),
        role_arn: line["resource"].as_str().expect("an ARN").to_owned(),
        prefix: text("prefix"),
        uid,
    }
}

/// The line is there before the session is used, what came of it soon after.
fn line_of(ada: &mut Actor, key: &str) -> Value {
    for _ in 0..200 {
        let (_, log) = ada.get("/audit?action=sts:AssumeRole");
        let lines = log["entries"].as_array().expect("lines");
        let line = lines.iter().find(|line| line["detail"].to_string().contains(key));
        let line = line.unwrap_or_else(|| panic!("no line of {key}: {log}"));
        if line["outcome"] == "done" {
            return line.clone();
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("nothing came of the session of {key}");
}

fn identity(of: &Session) -> Value {
    let role = of.role_arn.rsplit('/').next().expect("a name");
    json!({
        "type": "AssumedRole",
        "principalId": format!("AROAEXAMPLE0123456789:{}", of.name),
        "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{}", of.name),
        "accountId": ACCOUNT,
        "accessKeyId": of.key,
        "sessionContext": {
            "sessionIssuer": {"type": "Role", "principalId": "AROAEXAMPLE0123456789",
                "arn": of.role_arn, "accountId": ACCOUNT, "userName": role},
            "attributes": {"creationDate": "2026-11-26T12:00:00Z", "mfaAuthenticated": "false"},
            "sourceIdentity": of.uid,
        },
    })
}

#[expect(clippy::disallowed_methods, reason = "the server goes by this clock")]
fn record(name: &str, who: &Value, asked: &Value) -> Value {
    json!({
        "eventVersion": "1.11",
        "userIdentity": who,
        "eventTime": jiff::Timestamp::now().to_string(),
        "eventSource": if name.starts_with("Assume") { "sts.amazonaws.com" } else { "s3.amazonaws.com" },
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.9",
        "userAgent": "[Mozilla/5.0]",
        "requestParameters": asked,
        "responseElements": null,
        "additionalEventData": {"SignatureVersion": "SigV4", "CipherSuite": "TLS_AES_128_GCM_SHA256",
            "AuthenticationMethod": "QueryString", "bytesTransferredOut": 9, "x-amz-id-2": "id2EXAMPLE"},
        "requestID": "EXAMPLE123456789",
        "eventID": "f1e2d3c4-0000-4000-8000-000000000000",
        "readOnly": true,
        "resources": [{"type": "AWS::S3::Object", "ARN": format!("arn:aws:s3:::{BUCKET}/x")}],
        "eventType": "AwsApiCall",
        "managementEvent": false,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Data",
    })
}

#[test]
fn of_each_request_it_is_told_whose_it_was_and_what_does_not_fit_is_found() {
    let house = House::new();
    let mut ada = Actor::administrator(&house.server);
    let mut bob = Actor::approved(&house.server, &mut ada, "bob");
    let bobs = session(&mut ada, &mut bob);
    assert_eq!(bobs.name.split('-').nth(1), Some(bobs.uid.as_str()));
    let object = |key: &str| json!({"bucketName": BUCKET, "key": format!("{}{key}", bobs.prefix)});
    let note = object("note.txt");
    let service = json!({"type": "AWSService", "invokedBy": "lifecycle.s3.amazonaws.com"});
    let portal = Session {
        role_arn: format!("arn:aws:iam::{ACCOUNT}:role/wellhouse/main/PortalRole"),
        name: "i-0123456789abcdef0".to_owned(),
        ..bobs.clone()
    };
    let mut by_portal = identity(&portal);
    by_portal["sessionContext"]["sourceIdentity"] = Value::Null;
    let instance = Session {
        role_arn: format!("arn:aws:iam::{ACCOUNT}:role/wellhouse/main/EC2UploadRole"),
        ..portal.clone()
    };
    let assumes = json!({"roleArn": bobs.role_arn, "roleSessionName": bobs.name,
        "sourceIdentity": bobs.uid});
    let upload = json!({"bucketName": BUCKET, "key": "instances/log"});
    let elsewhere = json!({"bucketName": "theirs", "key": "a"});
    house.write(
        "1_CloudTrail_us-east-1_20261126T1200Z_a.json.gz",
        &[
            record("GetObject", &identity(&bobs), &note),
            record("AssumeRole", &by_portal, &assumes),
            record("PutObject", &identity(&instance), &upload),
            record("DeleteObject", &service, &note),
            record("GetObject", &service, &elsewhere),
        ],
    );
    // What seals the others, and what is no file of a trail, is left out.
    let digests = house.trail.path().join("AWSLogs/123456789012/CloudTrail-Digest");
    std::fs::create_dir_all(&digests).expect("a folder");
    std::fs::write(digests.join("d.json.gz"), "no records").expect("written");
    std::fs::write(house.day().join("notes.txt"), "mine").expect("written");

    let (key, grant, name, uid) = (&bobs.key, &bobs.grant, &bobs.name, &bobs.uid);
    let whose = format!("bob ({uid}), by grant {grant} of ");
    let told = house.check(
        &[],
        0,
        &[
            &format!("GetObject {BUCKET}/{}note.txt: {whose}", bobs.prefix),
            &format!("in session {name} (line "),
            "from 203.0.113.9, by a presigned URL",
            &format!("the portal, for session {name} of {uid}"),
            "PutObject wellhouse-test-bucket/instances/log: instance i-0123456789abcdef0",
            "AWS's lifecycle.s3.amazonaws.com",
            "1 of persons, 3 of others, 0 that do not fit; 1 not about this estate.",
        ],
    );
    assert!(!told.contains("theirs"), "{told}");
    let bobs_own = house.check(&["--who", "bob", "--output", "json"], 0, &[]);
    let line: Value = serde_json::from_str(bobs_own.trim()).expect("one line of JSON");
    assert_eq!(line["who"], "person");
    assert_eq!(
        (&line["told"]["uid"], &line["told"]["grant"], &line["told"]["session"]),
        (&json!(uid), &json!(grant), &json!(name))
    );
    assert_eq!((&line["access_key_id"], &line["id_2"]), (&json!(key), &json!("id2EXAMPLE")));
    assert_eq!(house.check(&["--who", "ada"], 0, &[]).lines().count(), 1, "only the sum");
    doubts(&house, &bobs, &note);
}

/// Each of these differs in one thing from a request of Bob's.
fn doubts(house: &House, bobs: &Session, note: &Value) {
    let (uid, name) = (&bobs.uid, &bobs.name);
    let of = |changed: Session| record("GetObject", &identity(&changed), note);
    let other = "01k7d3m5q8w0e2r4t6y8v0b2n4";
    let mut nameless = identity(bobs);
    nameless["sessionContext"].as_object_mut().expect("it").remove("sourceIdentity");
    let mut late = of(bobs.clone());
    late["eventTime"] = json!("2031-01-01T00:00:00Z");
    let admin =
        bobs.role_arn.replace(bobs.role_arn.rsplit('/').next().expect("a name"), "AdminRole");
    let assumes = json!({"roleArn": bobs.role_arn, "roleSessionName": name, "sourceIdentity": uid});
    let user = json!({"type": "IAMUser", "arn": format!("arn:aws:iam::{ACCOUNT}:user/mallory"),
        "accessKeyId": "AKIAEXAMPLE012345678", "userName": "mallory"});
    let cases = [
        (
            of(Session { key: "ASIAEXAMPLEUNKNOWN00".to_owned(), ..bobs.clone() }),
            "no line of the audit log tells who took the session of `ASIAEXAMPLEUNKNOWN00`"
                .to_owned(),
        ),
        (record("GetObject", &nameless, note), "its session has no source identity".to_owned()),
        (
            of(Session { uid: other.to_owned(), ..bobs.clone() }),
            format!("its session is named `{name}`, and its source identity is `{other}`"),
        ),
        (
            of(Session {
                uid: other.to_owned(),
                name: name.replace(uid.as_str(), other),
                ..bobs.clone()
            }),
            format!("says that the session is of `{uid}`"),
        ),
        (of(Session { role_arn: admin, ..bobs.clone() }), "says that the role is `".to_owned()),
        (late, "says that the session was from ".to_owned()),
        (
            record("AssumeRole", &user, &assumes),
            format!(
                "was asked for by arn:aws:iam::{ACCOUNT}:user/mallory, who is not who takes it"
            ),
        ),
    ];
    for (number, (record, why)) in cases.into_iter().enumerate() {
        house.write("2_doubtful.json.gz", &[record]);
        let told = house.check(&["--doubtful"], 2, &["DOUBTFUL: ", &why, "1 that do not fit"]);
        assert_eq!(told.lines().count(), 2, "{number}: {told}");
    }
    std::fs::remove_file(house.day().join("2_doubtful.json.gz")).expect("removed");
    for (text, why) in [
        ("{\"a\":1}", "it has no `Records`"),
        ("{\"Records\":[{}]}", "record 1 of "),
        ("no JSON", "is no file of CloudTrail"),
    ] {
        let broken = house.day().join("3_broken.json");
        std::fs::write(&broken, text).expect("written");
        let (code, told) = house.correlate(&broken, &[]);
        assert!(code == Some(1) && told.contains(why), "{told}");
        std::fs::remove_file(broken).expect("removed");
    }
    let (code, told) = house.correlate(&house.trail.path().join("nothing-here"), &[]);
    assert!(code == Some(1) && told.contains("cannot read"), "{told}");
}
