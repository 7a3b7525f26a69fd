//! The audit trail of a real server: read, signed, checked, and found out when it was touched.

use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::actors::Actor;
use crate::server::{Server, tool, wellhouse};

/// Longer than any of it takes.
const NEVER: Duration = Duration::from_mins(1);

fn audit(data: &Path, arguments: &[&str]) -> Output {
    let mut command = wellhouse();
    command.arg("audit").args(arguments).arg("--data").arg(data).output().expect("it runs")
}

#[track_caller]
fn ends(output: &Output, code: i32) -> String {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}{errors}");
    said + &errors
}

/// As whoever may write the file can do.
fn tamper(data: &Path, sql: &str) {
    let script = "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1])\n\
                  c.execute(sys.argv[2])\nc.commit()\nc.close()\n";
    let ledger = data.join("ledger.db");
    let mut python = Command::new(tool("WELLHOUSE_TEST_PYTHON"));
    let done = python.args(["-c", script]).arg(ledger).arg(sql).output().expect("Python runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// How often this server has signed.
fn signed(data: &Path) -> usize {
    std::fs::read_to_string(data.join("audit.checkpoints")).map_or(0, |text| text.lines().count())
}

pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < NEVER, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_trail_that_was_touched_is_found_and_nothing_is_signed_any_more() {
    let server = Server::start_with(&[("WELLHOUSE_AUDIT__CHECKPOINT_MINUTES", "0")]);
    let data = server.scratch().join("data");
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let (status, _) = bob.get("/audit");
    assert_eq!(status, 403);
    until("the server signs", || signed(&data) > 0);
    let whole = ends(&audit(&data, &["verify"]), 0);
    assert!(whole.contains("trail      whole") && whole.contains("checkpoints hold"), "{whole}");
    let (_, standing) = ada.get("/audit/standing");
    assert_eq!(standing["faults"], json!([]), "{standing}");
    assert!(standing["signed_at"].is_string(), "{standing}");

    // Kept elsewhere, with a key of another's: as an operator's timer does.
    let elsewhere = tempfile::tempdir().expect("a folder");
    let at = |name: &str| elsewhere.path().join(name).to_str().expect("text").to_owned();
    let (key, kept) = (at("mine.key"), at("mine.checkpoints"));
    ends(&audit(&data, &["checkpoint", "--key", &key, "--to", &kept]), 0);
    let again = ends(&audit(&data, &["checkpoint", "--key", &key, "--to", &kept]), 0);
    assert!(again.contains("Nothing was added") || again.contains("Checkpoint 2"), "{again}");
    let (folder, _, _) = server.stop("TERM");
    let data = folder.path().join("data");
    let public = at("mine.pub");
    let against = ["verify", "--checkpoints", &kept, "--public-key", &public];
    ends(&audit(&data, &against), 0);

    // One line less.
    tamper(&data, "DELETE FROM audit WHERE operation = 'PeopleApprove'");
    let found = ends(&audit(&data, &["verify", "--output", "json"]), 2);
    let found: Value = serde_json::from_str(found.lines().next().expect("JSON")).expect("JSON");
    assert_eq!(found["whole"], false);
    assert!(found["chains"][0]["faults"][0]["what"].to_string().contains("missing"), "{found}");
    let refused = ends(&audit(&data, &["checkpoint", "--key", &key, "--to", &kept]), 2);
    assert!(refused.contains("nothing was signed"), "{refused}");

    // The checkpoints of the data folder thrown away with it: those that were kept elsewhere tell.
    for file in ["audit.checkpoints", "audit.key", "audit.pub"] {
        std::fs::remove_file(data.join(file)).expect("removed");
    }
    let zero = "0".repeat(64);
    tamper(&data, "UPDATE audit SET chain = NULL, link = NULL, hash = NULL");
    tamper(&data, "UPDATE audit_outcomes SET link = NULL, hash = NULL");
    tamper(&data, &format!("UPDATE audit_chains SET head_link = 0, head_hash = '{zero}'"));
    let server = Server::start_again(folder);
    let data = server.scratch().join("data");
    until("the server signs what it found", || signed(&data) > 0);
    ends(&audit(&data, &["verify"]), 0);
    let found = ends(&audit(&data, &against), 2);
    assert!(found.contains("a checkpoint has signed"), "{found}");
}

#[test]
fn a_checkpoint_that_was_touched_is_found() {
    let server = Server::start();
    let data = server.scratch().join("data");
    until("the server signs", || signed(&data) > 0);
    let (folder, _, _) = server.stop("TERM");
    let data = folder.path().join("data");
    ends(&audit(&data, &["verify"]), 0);
    let file = data.join("audit.checkpoints");
    let good = std::fs::read(&file).expect("checkpoints");
    let length = good.len() - 1;
    for place in (0..length).step_by(length / 40 + 1) {
        let mut bad = good.clone();
        bad[place] ^= 1;
        std::fs::write(&file, &bad).expect("written");
        let found = ends(&audit(&data, &["verify"]), 2);
        assert!(found.contains("checkpoints NOT WHOLE"), "byte {place}: {found}");
    }
    std::fs::write(&file, [&good[..], b"torn"].concat()).expect("written");
    ends(&audit(&data, &["verify"]), 0);
}
