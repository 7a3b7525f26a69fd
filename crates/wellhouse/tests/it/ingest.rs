//! `wellhouse ingest` on a machine: each file once and for good, with credentials from the metadata
//! service alone.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::actors::{Actor, Keys};
use crate::machines::Agent;
use crate::sdk::client;
use crate::server::{Server, wellhouse};

const PLACE: &str = "s3://wellhouse/instances/camera/";

/// The command, as it runs on the machine of `agent`.
fn ingest(agent: &Agent, folder: &Path) -> Command {
    let mut command = wellhouse();
    command.envs(agent.environment()).arg("ingest").arg(folder).arg(PLACE);
    command.args(["--settle", "100ms", "--output", "json"]);
    command
}

/// Runs it and gives its exit code and events.
fn run(command: &mut Command) -> (i32, Vec<Value>, String) {
    let output = command.output().expect("it runs");
    let text = String::from_utf8(output.stdout).expect("text");
    let events = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let errors = String::from_utf8(output.stderr).expect("text");
    (output.status.code().expect("a code"), events, errors)
}

fn of<'e>(events: &'e [Value], kind: &str) -> Vec<&'e str> {
    let events = events.iter().filter(|event| event["event"] == kind);
    let mut paths: Vec<&str> = events.map(|event| event["path"].as_str().unwrap_or("")).collect();
    paths.sort_unstable();
    paths
}

async fn object(keys: &Keys, key: &str) -> Vec<u8> {
    let got = client(keys).await.get_object().bucket(&keys.bucket).key(key).send().await;
    got.expect("the object").body.collect().await.expect("a body").to_vec()
}

/// How often an operation was done, by the audit trail.
fn count(ada: &mut Actor, operation: &str) -> usize {
    let (_, trail) = ada.get("/audit");
    let entries = trail["entries"].as_array().expect("entries");
    assert!(entries.len() < 200, "older entries are on other pages");
    let meant = |entry: &&Value| entry["operation"] == operation && entry["outcome"] == "done";
    entries.iter().filter(meant).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_go_once_and_nothing_is_written_over() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let keys = ada.keys("");
    let agent = Agent::enrolled(&server, "camera");
    let folder = server.scratch().join("in");
    std::fs::create_dir_all(folder.join("a b")).expect("folders");
    for (name, text) in [("one two", "1"), ("a b/🦀 ünï", "crab"), ("empty", "")] {
        std::fs::write(folder.join(name), text).expect("written");
    }
    symlink("/etc/passwd", folder.join("link")).expect("a link");
    let (code, events, errors) = run(&mut ingest(&agent, &folder));
    assert_eq!(code, 0, "{events:?} {errors}");
    assert_eq!(of(&events, "sent"), ["a b/🦀 ünï", "empty", "one two"]);
    assert_eq!(of(&events, "passed"), ["link"]);
    assert_eq!(object(&keys, "instances/camera/a b/🦀 ünï").await, b"crab");
    assert_eq!(count(&mut ada, "PutObject"), 3);

    std::fs::write(folder.join("new"), "new").expect("written");
    let (code, events, _) = run(&mut ingest(&agent, &folder));
    assert_eq!((code, of(&events, "sent")), (0, vec!["new"]));
    let end = events.last().expect("an event");
    assert_eq!((&end["sent"], &end["known"]), (&1.into(), &3.into()), "{end}");
    assert_eq!(count(&mut ada, "PutObject"), 4, "nothing goes twice");

    std::fs::write(folder.join("one two"), "changed").expect("written");
    let (code, events, _) = run(&mut ingest(&agent, &folder));
    assert_eq!((code, of(&events, "failed")), (1, vec!["one two"]), "{events:?}");
    assert_eq!(object(&keys, "instances/camera/one two").await, b"1");
    let lost = server.scratch().join("other journal");
    let mut without = ingest(&agent, &folder);
    let (code, events, _) = run(without.arg("--state").arg(&lost));
    assert_eq!((code, of(&events, "sent").len(), of(&events, "failed").len()), (1, 0, 4));
    assert_eq!(object(&keys, "instances/camera/one two").await, b"1");
}

/// A server, and an upload to it that was killed between its first part and its last.
struct CutOff {
    server: Server,
    ada: Actor,
    agent: Agent,
    bytes: Vec<u8>,
    folder: PathBuf,
    journal: PathBuf,
}

impl CutOff {
    /// On a busy machine an upload may be over before it is killed: that is tried again.
    fn make() -> Self {
        std::iter::repeat_with(Self::attempt).take(20).flatten().next().expect("one is cut off")
    }

    fn attempt() -> Option<Self> {
        let server = Server::start();
        let ada = Actor::administrator(&server);
        let agent = Agent::enrolled(&server, "camera");
        let folder = server.scratch().join("in");
        std::fs::create_dir(&folder).expect("a folder");
        let bytes: Vec<u8> = (0..64_u64 << 17).flat_map(u64::to_le_bytes).collect();
        assert_eq!(bytes.len(), 64 << 20);
        std::fs::write(folder.join("large"), &bytes).expect("written");
        let journal = folder.join(".wellhouse-ingest.jsonl");
        let told = || std::fs::read_to_string(&journal).unwrap_or_default();
        let mut child = ingest(&agent, &folder).stdout(Stdio::null()).spawn().expect("it starts");
        while !told().contains("\"part\"") && child.try_wait().expect("a status").is_none() {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        child.kill().expect("killed");
        child.wait().expect("a status");
        let told = told();
        assert!(told.contains("\"part\""), "it ended before: {told}");
        let cut_off = !told.contains("\"completing\"");
        cut_off.then_some(Self { server, ada, agent, bytes, folder, journal })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_was_killed_goes_on_and_no_part_goes_twice() {
    let CutOff { server, mut ada, agent, bytes, folder, journal } = CutOff::make();
    let keys = ada.keys("");
    let told = std::fs::read_to_string(&journal).expect("the journal");
    let parts_before = told.matches("\"part\"").count();

    let (code, events, errors) = run(&mut ingest(&agent, &folder));
    assert_eq!(code, 0, "{events:?} {errors}");
    let begins = events.iter().find(|event| event["event"] == "begins").expect("an event");
    assert_eq!(begins["parts_sent_before"], parts_before, "{begins}");
    let told = std::fs::read_to_string(&journal).expect("the journal");
    assert_eq!(told.matches("\"part\"").count(), 4, "what is there stays: {told}");
    // The one that was on its way may have come after all.
    assert!((4..=5).contains(&count(&mut ada, "UploadPart")));
    assert_eq!(count(&mut ada, "CreateMultipartUpload"), 1);
    assert_eq!(count(&mut ada, "CompleteMultipartUpload"), 1);
    assert!(object(&keys, "instances/camera/large").await == bytes, "other bytes");
    let (code, events, _) = run(&mut ingest(&agent, &folder));
    assert_eq!((code, of(&events, "sent").len()), (0, 0));

    // Cut off after the object was made and before that was written down.
    forget_last(&journal, "done");
    let (code, events, errors) = run(&mut ingest(&agent, &folder));
    assert_eq!((code, of(&events, "sent")), (0, vec!["large"]), "{events:?} {errors}");
    assert_eq!(count(&mut ada, "CompleteMultipartUpload"), 1, "it was made before");
    assert_eq!(count(&mut ada, "CreateMultipartUpload"), 1);
    drop(server);
}

/// Takes the last line of a journal away.
fn forget_last(journal: &Path, kind: &str) {
    let told = std::fs::read_to_string(journal).expect("the journal");
    let (before, last) = told.trim_end().rsplit_once('\n').expect("lines");
    assert!(last.starts_with(&format!("{{\"{kind}\"")), "{last}");
    std::fs::write(journal, format!("{before}\n")).expect("written");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_know_is_said_and_not_called_sent() {
    let server = Server::start();
    let keys = Actor::administrator(&server).keys("");
    let agent = Agent::enrolled(&server, "camera");
    let folder = server.scratch().join("in");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("note"), "note").expect("written");
    let (code, events, _) = run(&mut ingest(&agent, &folder));
    assert_eq!((code, of(&events, "sent")), (0, vec!["note"]));
    let journal = folder.join(".wellhouse-ingest.jsonl");
    forget_last(&journal, "done");
    for _ in 0..2 {
        let (code, events, _) = run(&mut ingest(&agent, &folder));
        assert_eq!((code, of(&events, "failed")), (1, vec!["note"]));
        let failed = events.iter().find(|event| event["event"] == "failed").expect("an event");
        assert!(failed["why"].as_str().expect("text").contains("cut off before its answer"));
    }
    // Once the object is gone there is no question.
    let gone = client(&keys).await;
    let gone = gone.delete_object().bucket(&keys.bucket).key("instances/camera/note").send().await;
    gone.expect("deleted");
    let (code, events, _) = run(&mut ingest(&agent, &folder));
    assert_eq!((code, of(&events, "sent")), (0, vec!["note"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watched_folder_is_sent_until_the_word_to_stop() {
    let server = Server::start();
    let keys = Actor::administrator(&server).keys("");
    let agent = Agent::enrolled(&server, "camera");
    let folder = server.scratch().join("in");
    std::fs::create_dir(&folder).expect("a folder");
    let mut watching = ingest(&agent, &folder);
    let mut child = watching.arg("--watch").stdout(Stdio::piped()).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("an output")).lines();
    let mut next = || -> Value {
        let line = lines.next().expect("it goes on").expect("text");
        serde_json::from_str(&line).expect("JSON")
    };
    for name in ["one", "two"] {
        // At once: while it is written it could be taken for an empty one that has settled.
        let whole = server.scratch().join(name);
        std::fs::write(&whole, name).expect("written");
        std::fs::rename(&whole, folder.join(name)).expect("renamed");
        let event = next();
        assert_eq!((&event["event"], &event["path"]), (&"sent".into(), &name.into()), "{event}");
        assert_eq!(object(&keys, &format!("instances/camera/{name}")).await, name.as_bytes());
    }
    let (code, _, errors) = run(&mut ingest(&agent, &folder));
    assert_eq!(code, 1);
    assert!(errors.contains("another ingest uses the journal"), "{errors}");
    let stopped = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(stopped.expect("kill").success());
    assert_eq!(next()["sent"], 2);
    assert!(child.wait().expect("a status").success());
}
