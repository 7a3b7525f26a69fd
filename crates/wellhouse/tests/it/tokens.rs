//! API tokens at a person's own machine: `wellhouse login`, and the AWS CLI and boto3 that take their
//! credentials from `wellhouse credentials`, until the token is revoked or its person shut out.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::actors::Actor;
use crate::server::{Server, tool, wellhouse};
use crate::transport::{Certificate, tls_house};

/// How long what was ended may go on.
const ENDS_WITHIN: Duration = Duration::from_secs(1);

/// A person's own machine: a token that is kept, and a profile that names it.
pub(crate) struct Machine {
    folder: PathBuf,
    portal: String,
    s3: String,
}

pub(crate) fn token(actor: &mut Actor, locations: &[&str], actions: &[&str]) -> (String, String) {
    let form = json!({ "name": "laptop", "locations": locations, "actions": actions });
    let (status, made) = actor.post("/tokens", &form);
    assert_eq!(status, 201, "{made}");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    (text(&made["token"]["id"]), text(&made["secret"]))
}

fn uid_of(administrator: &mut Actor, name: &str) -> String {
    let (_, people) = administrator.get("/people");
    let people = people["people"].as_array().expect("people").clone();
    let person = people.iter().find(|p| p["name"] == name).expect("the person");
    person["uid"].as_str().expect("a uid").to_owned()
}

fn text(output: &Output) -> String {
    let texts = [&output.stdout, &output.stderr];
    texts.map(|text| String::from_utf8_lossy(text).into_owned()).concat()
}

impl Machine {
    pub(crate) fn new(server: &Server, name: &str) -> Self {
        let folder = server.scratch().join(name);
        std::fs::create_dir(&folder).expect("a folder");
        Self { folder, portal: server.portal.clone(), s3: server.s3.clone() }
    }

    /// The binary, as this machine's user runs it.
    fn wellhouse(&self, arguments: &[&str]) -> Output {
        let mut command = wellhouse();
        command.env("HOME", &self.folder).args(arguments).output().expect("it runs")
    }

    #[track_caller]
    pub(crate) fn ends(&self, arguments: &[&str], code: i32, words: &[&str]) -> String {
        let output = self.wellhouse(arguments);
        let text = text(&output);
        assert_eq!(output.status.code(), Some(code), "{}: {text}", arguments.join(" "));
        for word in words {
            assert!(text.contains(word), "{}: `{word}` is not in: {text}", arguments.join(" "));
        }
        text
    }

    pub(crate) fn log_in(&self, secret: &str) {
        let file = self.folder.join("token");
        std::fs::write(&file, secret).expect("written");
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).expect("closed");
        let file = file.to_str().expect("text");
        self.ends(&["login", &self.portal, "--token-file", file], 0, &["by the token `laptop`"]);
        let binary = env!("CARGO_BIN_EXE_wellhouse");
        let profile = |name: &str, location: &str| {
            format!(
                "[profile {name}]\nregion = us-east-1\nendpoint_url = {}\n\
                 credential_process = {binary} credentials {location}\n",
                self.s3
            )
        };
        let profiles = profile("home", "home") + &profile("shared", "shared/");
        std::fs::write(self.folder.join("config"), profiles).expect("written");
    }

    fn tool(&self, program: PathBuf, profile: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", &self.folder);
        command.env("AWS_CONFIG_FILE", self.folder.join("config")).env("AWS_PROFILE", profile);
        command.env("AWS_EC2_METADATA_DISABLED", "true").env("AWS_PAGER", "");
        command
    }

    fn aws(&self, profile: &str, arguments: &[&str]) -> Output {
        let mut command = self.tool(tool("WELLHOUSE_TEST_AWS"), profile);
        command.args(arguments).output().expect("the AWS CLI runs")
    }

    #[track_caller]
    fn succeeds(&self, arguments: &[&str]) -> String {
        let output = self.aws("home", arguments);
        assert!(output.status.success(), "aws {}: {}", arguments.join(" "), text(&output));
        text(&output)
    }

    #[track_caller]
    fn fails_with(&self, profile: &str, arguments: &[&str], words: &[&str]) {
        let output = self.aws(profile, arguments);
        let text = text(&output);
        assert!(!output.status.success(), "aws {} succeeded", arguments.join(" "));
        for word in words {
            assert!(text.contains(word), "`{word}` is not in: {text}");
        }
    }

    /// A program that holds its credentials, and asks the store again whenever it is told to.
    fn holds(&self, prefix: &str) -> Holder {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/boto3/api_tokens.py");
        let mut python = self.tool(tool("WELLHOUSE_TEST_PYTHON"), "home");
        python.env("PREFIX", prefix).arg(path).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = python.spawn().expect("Python runs");
        let lines = BufReader::new(child.stdout.take().expect("an output"));
        Holder { child, lines }
    }
}

struct Holder {
    child: std::process::Child,
    lines: BufReader<std::process::ChildStdout>,
}

impl Holder {
    /// What came of asking the store now: `ok`, or an error's code.
    fn asks(&mut self) -> String {
        writeln!(self.child.stdin.as_mut().expect("an input"), "now").expect("told");
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("a line");
        line.trim().to_owned()
    }

    /// It is over within a second of this call, for good.
    #[track_caller]
    fn is_over(&mut self, since: Instant) {
        let mut said = self.asks();
        while said == "ok" && since.elapsed() < ENDS_WITHIN {
            said = self.asks();
        }
        assert_eq!(said, "InvalidToken", "after {:?}", since.elapsed());
        assert!(since.elapsed() < ENDS_WITHIN, "{:?}", since.elapsed());
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        drop(self.child.wait());
    }
}

#[test]
fn the_aws_cli_and_boto3_work_by_a_token_within_its_bounds_until_it_is_revoked() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let (uid, home) = (uid_of(&mut ada, "bob"), bob.location("home/"));
    let (id, secret) = token(&mut bob, &[&home], &["list", "read", "write"]);
    let machine = Machine::new(&server, "laptop");
    machine.log_in(&secret);
    let kept = machine.folder.join(".config/wellhouse/login.json");
    assert_eq!(std::fs::metadata(&kept).expect("kept").permissions().mode() & 0o777, 0o600);
    machine.ends(
        &["whoami"],
        0,
        &["bob (", &uid, "`laptop`: list, read, write", "as S3AccessRole"],
    );
    let who = machine.ends(&["whoami", "--output", "json"], 0, &[]);
    let who: Value = serde_json::from_str(&who).expect("JSON");
    assert_eq!((&who["person"]["uid"], &who["token"]["id"]), (&json!(uid), &json!(id)), "{who}");
    assert_eq!(who["locations"].as_array().map(Vec::len), Some(1), "{who}");

    let (note, place) = (machine.folder.join("note"), format!("s3://wellhouse/home/{uid}/"));
    std::fs::write(&note, "note").expect("a file");
    let (note, there) = (note.to_str().expect("text"), format!("{place}note"));
    machine.succeeds(&["s3", "cp", "--only-show-errors", note, &there]);
    assert!(machine.succeeds(&["s3", "ls", &place]).contains("note"));
    assert_eq!(machine.succeeds(&["s3", "cp", &there, "-"]), "note");
    let who = machine.succeeds(&["sts", "get-caller-identity", "--query", "Arn"]);
    assert!(who.contains(&format!("S3AccessRole/u-{uid}-{id}")), "{who}");
    let denied = ["AccessDenied", "session policy"];
    machine.fails_with("home", &["s3", "rm", &there], &denied);
    machine.fails_with("home", &["s3", "cp", note, "s3://wellhouse/shared/note"], &denied);
    machine.fails_with("home", &["s3", "ls", "s3://wellhouse/shared/"], &["AccessDenied"]);
    machine.fails_with("home", &["iam", "list-roles"], &["AccessDenied"]);
    machine.fails_with("shared", &["s3", "ls"], &["opens no location `shared/`"]);
    let tags = ["s3api", "get-bucket-policy", "--bucket", "wellhouse"];
    machine.fails_with("home", &tags, &["AccessDenied"]);

    let mut holder = machine.holds(&format!("home/{uid}/"));
    assert_eq!(holder.asks(), "ok");
    assert_eq!(bob.delete(&format!("/tokens/{id}")).0, 204);
    holder.is_over(Instant::now());
    machine.ends(&["credentials", "home"], 1, &["token-revoked", "wellhouse login"]);
    machine.fails_with("home", &["s3", "ls", &place], &["token-revoked"]);
    machine.ends(&["logout"], 0, &["forgotten"]);
    assert!(!kept.exists());
    machine.ends(&["whoami"], 1, &["wellhouse login URL"]);
    assert!(!server.log().contains(&secret), "no token is logged");
}

#[test]
fn what_a_token_opened_ends_with_its_person() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let (uid, home) = (uid_of(&mut ada, "bob"), bob.location("home/"));
    let (_, secret) = token(&mut bob, &[&home], &["list", "read", "write", "delete"]);
    let machine = Machine::new(&server, "laptop");
    machine.log_in(&secret);
    let mut holder = machine.holds(&format!("home/{uid}/"));
    let session = bob.keys("home/");
    let by_session = || {
        let mut command = machine.tool(tool("WELLHOUSE_TEST_AWS"), "none");
        command.env_remove("AWS_PROFILE").envs(session.environment());
        let list = ["s3api", "list-objects-v2", "--bucket", "wellhouse", "--prefix"];
        let output = command.args(list).arg(&session.prefix).output().expect("it runs");
        (output.status.success(), text(&output))
    };
    assert!(by_session().0, "{}", by_session().1);
    assert_eq!(holder.asks(), "ok");
    assert_eq!(ada.post(&format!("/people/{uid}/disable"), &json!({})).0, 204);
    holder.is_over(Instant::now());
    machine.ends(&["whoami"], 1, &["token-revoked"]);
    assert_eq!(bob.get("/session").0, 401);
    let (allowed, said) = by_session();
    assert!(!allowed && said.contains("InvalidToken"), "{said}");
    assert_eq!(ada.post(&format!("/people/{uid}/enable"), &json!({})).0, 204);
    machine.ends(&["whoami"], 1, &["token-revoked"]);
    assert_eq!(holder.asks(), "InvalidToken", "what was ended stays ended");
}

#[test]
fn a_token_crosses_no_network_in_the_open() {
    let certificate = Certificate::new();
    let server = tls_house(&certificate);
    let machine = Machine::new(&server, "laptop");
    let file = machine.folder.join("token");
    std::fs::write(&file, format!("wh_pat_{}", "0".repeat(64))).expect("written");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).expect("closed");
    let log_in = |url: &str, trusted: bool| {
        let mut command = wellhouse();
        command.env("HOME", &machine.folder).args(["login", url, "--token-file"]).arg(&file);
        if trusted {
            command.env("SSL_CERT_FILE", certificate.path());
        }
        let output = command.output().expect("it runs");
        assert_eq!(output.status.code(), Some(1));
        text(&output)
    };
    let secure = server.portal.replace("http:", "https:");
    let unknown = log_in(&secure, false);
    assert!(unknown.contains("does not answer") && !unknown.contains("token-unknown"), "{unknown}");
    assert!(log_in(&secure, true).contains("token-unknown"), "the portal is asked");
    let plain = log_in("http://files.example.org", false);
    assert!(plain.contains("other machines are spoken to by https"), "{plain}");
    std::fs::write(&file, "no token").expect("written");
    assert!(log_in(&secure, true).contains("wh_pat_"), "what a token looks like is told");
}
