//! Machines on the embedded store: enrolled once, credentials from `IMDSv2` alone, and what they may do
//! with them; the AWS CLI as people install it.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use crate::actors::Actor;
use crate::keeping::{ends, run};
use crate::server::{Server, tool, wellhouse};

const ENDPOINT: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT=";

/// The agent of a machine; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Agent {
    child: Child,
    /// Where its metadata service is.
    pub(crate) metadata: String,
    s3: String,
    home: tempfile::TempDir,
}

impl Agent {
    fn command(server: &Server, state: &Path, token: &Path) -> Command {
        let mut command = wellhouse();
        command.args(["machine", "agent", "--listen", "127.0.0.1:0", "--endpoint", &server.s3]);
        command.arg("--state").arg(state).arg("--token-file").arg(token);
        command
    }

    /// Enrols a machine of this name and starts its agent.
    pub(crate) fn enrolled(server: &Server, name: &str) -> Self {
        let token = server.scratch().join(format!("{name}.token"));
        let to = token.to_str().expect("text");
        let invite = ["machine", "enrol-token", "--name", name, "--to", to];
        ends(&server.data(), &invite, 0, &["once, until"]);
        Self::start(server, &server.scratch().join(name), &token)
    }

    fn start(server: &Server, state: &Path, token: &Path) -> Self {
        let mut command = Self::command(server, state, token);
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("an output")).lines();
        let found = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix(ENDPOINT).map(str::to_owned));
        let Some(metadata) = found else {
            let mut text = String::new();
            child.stderr.take().expect("errors").read_to_string(&mut text).expect("text");
            panic!("the agent ended before it was ready:\n{text}");
        };
        // The pipes stay open and are read, so that the agent can go on writing.
        let errors = BufReader::new(child.stderr.take().expect("errors")).lines();
        std::thread::spawn(move || lines.for_each(drop));
        std::thread::spawn(move || errors.for_each(drop));
        let home = tempfile::tempdir().expect("a folder");
        Self { child, metadata, s3: server.s3.clone(), home }
    }

    /// What tools on the machine are told: where things are, and no credentials.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("HOME", self.home.path().to_str().expect("text").to_owned()),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", self.metadata.clone()),
            ("AWS_ENDPOINT_URL", self.s3.clone()),
            ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
            ("AWS_PAGER", String::new()),
            // The CLI waits a second and asks once, which a busy machine can take.
            ("AWS_METADATA_SERVICE_TIMEOUT", "20".to_owned()),
            ("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "3".to_owned()),
        ]
    }

    fn aws(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(tool("WELLHOUSE_TEST_AWS"));
        command.env_clear().env("PATH", "/usr/bin:/bin").envs(self.environment());
        command.args(arguments).output().expect("the AWS CLI runs")
    }

    #[track_caller]
    fn succeeds(&self, arguments: &[&str]) -> String {
        let output = self.aws(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "aws {}: {errors}", arguments.join(" "));
        String::from_utf8(output.stdout).expect("text")
    }

    #[track_caller]
    fn fails_with(&self, arguments: &[&str], word: &str) {
        let output = self.aws(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "aws {} succeeded", arguments.join(" "));
        assert!(errors.contains(word), "aws {}: `{word}` is not in: {errors}", arguments.join(" "));
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn a_machine_uploads_by_imdsv2_alone_and_may_do_nothing_else() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let agent = Agent::enrolled(&server, "camera");
    let note = server.scratch().join("note");
    std::fs::write(&note, "from a machine").expect("a file");
    let note = note.to_str().expect("text");
    let place = "s3://wellhouse/instances/camera/";
    agent.succeeds(&["s3", "cp", "--only-show-errors", note, &format!("{place}note")]);
    let who = agent.succeeds(&["sts", "get-caller-identity", "--query", "Arn", "--output", "text"]);
    let machine = who.trim().rsplit_once(":assumed-role/EC2UploadRole/").expect("a session").1;
    assert!(machine.starts_with("i-"), "{who}");
    assert!(agent.succeeds(&["configure", "list"]).contains("iam-role"));

    let read = ["--bucket", "wellhouse", "--key", "instances/camera/note"];
    agent.fails_with(
        &[&["s3api", "get-object"], &read[..], &["/dev/null"]].concat(),
        "AccessDenied",
    );
    agent.fails_with(&[&["s3api", "delete-object"], &read[..]].concat(), "AccessDenied");
    agent.fails_with(&["s3api", "list-objects-v2", "--bucket", "wellhouse"], "AccessDenied");
    agent.fails_with(&["s3", "cp", note, "s3://wellhouse/shared/note"], "AccessDenied");
    agent.fails_with(&["s3", "cp", note, "s3://wellhouse/instances"], "AccessDenied");
    let admin = ["--role-arn", "arn:aws:iam::000000000000:role/wellhouse/x/AdminRole"];
    let admin = [&["sts", "assume-role", "--role-session-name", "further"], &admin[..]].concat();
    agent.fails_with(&admin, "AccessDenied");
    agent.fails_with(&["iam", "list-roles"], "AccessDenied");

    let (_, trail) = ada.get("/audit");
    let trail = trail["entries"].as_array().expect("entries").clone();
    let put = trail.iter().find(|e| e["resource"].as_str().is_some_and(|r| r.ends_with("a/note")));
    let put = put.expect("an entry");
    assert!(put["principal"].as_str().expect("text").ends_with(machine), "{put}");
    for operation in ["InviteMachine", "EnrolMachine", "DeliverCredentials"] {
        assert!(trail.iter().any(|entry| entry["operation"] == operation), "{operation}");
    }
}

#[test]
fn the_metadata_service_tells_nothing_to_version_one_and_nothing_through_proxies() {
    let server = Server::start();
    let agent = Agent::enrolled(&server, "camera");
    let http = ureq::Agent::config_builder().http_status_as_error(false).build();
    let http = ureq::Agent::from(http);
    let credentials =
        format!("{}/latest/meta-data/iam/security-credentials/EC2UploadRole", agent.metadata);
    let put = || http.put(format!("{}/latest/api/token", agent.metadata));
    let seconds = "x-aws-ec2-metadata-token-ttl-seconds";
    assert_eq!(http.get(&credentials).call().expect("an answer").status(), 401);
    assert_eq!(put().send_empty().expect("an answer").status(), 400);
    let proxied = put().header(seconds, "60").header("x-forwarded-for", "192.0.2.7");
    assert_eq!(proxied.send_empty().expect("an answer").status(), 403);
    let token = put().header(seconds, "60").send_empty().expect("an answer");
    assert_eq!(token.headers()[seconds], "60");
    let token = token.into_body().read_to_string().expect("a token");
    let shown = http.get(&credentials).header("x-aws-ec2-metadata-token", &token);
    let told = shown.call().expect("an answer").into_body().read_to_string().expect("text");
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!((&told["Code"], &told["Type"]), (&"Success".into(), &"AWS-HMAC".into()));
    let rebound = http.get(&credentials).header("x-aws-ec2-metadata-token", &token);
    let rebound = rebound.header("host", "rebound.example").call().expect("an answer");
    assert_eq!(rebound.status(), 403);
}

#[test]
fn a_token_enrols_one_machine_and_a_revoked_machine_is_refused() {
    let server = Server::start();
    let data = server.data();
    let agent = Agent::enrolled(&server, "camera");
    let (token, state) = (server.scratch().join("camera.token"), server.scratch().join("camera"));
    let replayed = Agent::command(&server, &server.scratch().join("thief"), &token).output();
    let replayed = replayed.expect("it runs");
    let errors = String::from_utf8_lossy(&replayed.stderr);
    assert_eq!(replayed.status.code(), Some(1), "{errors}");
    assert!(errors.contains("token does not count"), "{errors}");
    let name = ["machine", "enrol-token", "--name", "camera"];
    ends(&data, &name, 1, &["a machine `camera` is enrolled"]);
    ends(&data, &["machine", "enrol-token", "--name", "x", "--profile", "none"], 1, &["--profile"]);
    ends(&data, &["machine", "enrol-token", "--name", "x", "--valid", "25h"], 1, &["at most 24h"]);
    let mode = std::fs::metadata(&state).expect("a file");
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode.permissions()) & 0o777, 0o600);

    let note = server.scratch().join("note");
    std::fs::write(&note, "x").expect("a file");
    let note = note.to_str().expect("text");
    let copy = ["s3", "cp", "--only-show-errors", note, "s3://wellhouse/instances/camera/note"];
    agent.succeeds(&copy);
    ends(&data, &["machine", "list"], 0, &["camera: enrolled, profile EC2UploadRole", "127.0.0.1"]);
    ends(&data, &["machine", "revoke", "camera"], 0, &["within a second"]);
    agent.fails_with(&copy, "InvalidToken");
    ends(&data, &["machine", "revoke", "camera"], 0, &["was revoked before"]);
    ends(&data, &["machine", "revoke", "other"], 1, &["there is no machine"]);
    drop(agent);
    let again = Agent::command(&server, &state, &token).output().expect("it runs");
    let errors = String::from_utf8_lossy(&again.stderr);
    assert_eq!(again.status.code(), Some(1), "{errors}");
    assert!(errors.contains("has been revoked"), "{errors}");
    let (_, listed) = run(&data, &["machine", "list", "--output", "json"]);
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    assert_eq!(listed["machines"][0]["standing"], "revoked", "{listed}");
    // The name is free again.
    Agent::enrolled(&server, "camera2");
}
