//! The house's own keys are rotated: what was sealed and signed before stays good, and keys that somebody
//! else put in are found.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::actors::{Actor, Keys};
use crate::audit::until;
use crate::sdk::client;
use crate::server::{Server, wellhouse, wellhouse_that_ends};

const CHECKPOINTS: (&str, &str) = ("WELLHOUSE_AUDIT__CHECKPOINT_MINUTES", "0");

fn run(data: &Path, arguments: &[&str]) -> Output {
    wellhouse().args(arguments).arg("--data").arg(data).output().expect("it runs")
}

#[track_caller]
fn ends(output: &Output, code: i32) -> String {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}{errors}");
    said + &errors
}

fn checkpoints(data: &Path) -> usize {
    fs::read_to_string(data.join("audit.checkpoints")).map_or(0, |text| text.lines().count())
}

/// What the list says: the file, the generation, and whether it is in force.
fn listed(keys: &Value) -> Vec<(String, u64, bool)> {
    let one = |key: &Value| {
        let file = key["file"].as_str().expect("a file").to_owned();
        let generation = key["generation"].as_u64().expect("a number");
        (file, generation, key["in_force"].as_bool().expect("a bool"))
    };
    keys["keys"].as_array().expect("keys").iter().map(one).collect()
}

/// The status with which the store answers a GET of an object that is not there: 404 to those who may ask.
fn answer(keys: &Keys) -> u16 {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let s3 = client(keys).await;
        let key = format!("{}nothing", keys.prefix);
        let asked = s3.get_object().bucket(&keys.bucket).key(key).send().await;
        asked.expect_err("it is not there").raw_response().expect("an answer").status().as_u16()
    })
}

fn fetched(url: &str) -> String {
    let curl = ["--silent", "--max-time", "60", "--output", "/dev/null", "--write-out"];
    let output = Command::new("curl").args(curl).args(["%{http_code}", url]).output();
    String::from_utf8(output.expect("curl runs").stdout).expect("a status")
}

fn presigned(actor: &mut Actor, home: &str) -> String {
    let link = actor.post(&format!("/locations/{home}/downloads"), &json!({ "path": "a.txt" }));
    assert_eq!(link.0, 200, "{}", link.1);
    link.1["url"].as_str().expect("a URL").to_owned()
}

/// A person's own access key, made by an operator.
fn own_key(server: &Server, name: &str) -> Keys {
    let made = ["keys", "create", name, "--name", "backup", "--grant", "shared/"];
    let made = run(&server.data(), &[&made[..], &["--output", "json"]].concat());
    let made: Value = serde_json::from_str(ends(&made, 0).trim()).expect("JSON");
    let text = |name: &str| made[name].as_str().expect(name).to_owned();
    crate::kept::secret(&text("secret_access_key"));
    Keys {
        access_key_id: text("id"),
        secret: text("secret_access_key"),
        token: String::new(),
        endpoint: server.s3.clone(),
        bucket: text("bucket"),
        prefix: "shared/".to_owned(),
    }
}

#[test]
fn what_was_sealed_and_signed_before_a_rotation_stays_good() {
    let server = Server::start_with(&[CHECKPOINTS]);
    let data = server.data();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let home = bob.location("home/");
    bob.upload_digits(&home, "a.txt");
    let (before, link) = (bob.keys("shared/"), presigned(&mut bob, &home));
    let own = own_key(&server, "bob");
    until("the server signs", || checkpoints(&data) > 0);
    let first = fs::read_to_string(data.join("authority.keys")).expect("read");
    let public = fs::read_to_string(data.join("audit.pub")).expect("read");

    // By an administrator of the portal; and who administers nothing is refused.
    assert_eq!(bob.post("/house-keys/rotation", &json!({})).0, 403);
    let (status, keys) = ada.post("/house-keys/rotation", &json!({}));
    assert_eq!(status, 200, "{keys}");
    let ring = |generation, in_force| ("authority.keys".to_owned(), generation, in_force);
    let signing = |generation| ("audit.key".to_owned(), generation, true);
    assert_eq!(listed(&keys), [ring(1, false), ring(2, true), signing(2)], "{keys}");
    assert_eq!((answer(&before), fetched(&link).as_str(), answer(&own)), (404, "200", 404));
    let after = bob.keys("shared/");
    assert_eq!(answer(&after), 404);

    // By the operator, beside the server.
    let asked = run(&data, &["keys", "rotate", "--only", "authority", "--output", "json"]);
    let keys: Value = serde_json::from_str(ends(&asked, 0).trim()).expect("JSON");
    let expected = [ring(1, false), ring(2, false), ring(3, true), signing(2)];
    assert_eq!(listed(&keys), expected, "{keys}");
    for secret in first.lines().filter_map(|line| line.split_once('=')).map(|(_, value)| value) {
        assert!(!keys.to_string().contains(secret), "a key is told");
    }
    assert_eq!((answer(&before), answer(&after), fetched(&link).as_str()), (404, 404, "200"));
    let refused = ends(&run(&data, &["keys", "rotate", "--end-sessions"]), 1);
    assert!(refused.contains("the server runs"), "{refused}");
    let (_, audit) = ada.get("/audit?action=wellhouse:RotateHouseKeys");
    let outcome = |at: usize| audit["entries"][at]["outcome"].as_str().map(str::to_owned);
    assert_eq!((outcome(0), outcome(1)), (Some("keys-not-rotated".into()), Some("done".into())));
    let (_, audit) = ada.get("/audit?action=portal:HouseKeysRotate&outcome=done");
    let detail = audit["entries"][0]["detail"].as_str().expect("a detail");
    assert!(detail.contains("now: authority.keys generation 2"), "{detail}");

    // By the operator, with the server stopped: once with what was sealed, once at once.
    let server = server.again_at_its_place(&[CHECKPOINTS]);
    assert_eq!((answer(&before), answer(&own), fetched(&link).as_str()), (404, 404, "200"));
    let signed = checkpoints(&data);
    let server = server.again_after(&[CHECKPOINTS], |data| {
        ends(&run(data, &["keys", "rotate"]), 0);
        ends(&run(data, &["keys", "rotate", "--end-sessions", "--only", "authority"]), 0);
    });
    assert_eq!((answer(&before), answer(&after), fetched(&link).as_str()), (403, 403, "403"));
    assert_eq!(answer(&own), 404, "the ledger's secrets open for good");
    let mut ada = ada.elsewhere(&server, crate::actors::PASSWORD);
    let (status, keys) = ada.get("/house-keys");
    assert_eq!((status, listed(&keys).len()), (200, 6), "{keys}");

    // The log of all of it, by the keys that it is signed by; and by the first alone.
    until("the server signs", || checkpoints(&data) > signed + 1);
    let whole = ends(&run(&data, &["audit", "verify"]), 0);
    assert_eq!(whole.matches("Checkpoints of the key").count(), 3, "{whole}");
    assert_eq!(whole.matches("handed over to at").count(), 2, "{whole}");
    let kept = server.scratch().join("kept.pub");
    fs::write(&kept, public).expect("written");
    let against = ["audit", "verify", "--public-key", kept.to_str().expect("text")];
    ends(&run(&data, &against), 0);
    let (_, standing) = ada.get("/audit/standing");
    assert_eq!(standing["faults"], json!([]), "{standing}");
    assert!(!data.join("audit.key.next").exists());
}

/// A data folder whose keys were rotated, of another house.
fn strangers() -> tempfile::TempDir {
    let server = Server::start_store_only();
    let data = server.data();
    until("the server signs", || checkpoints(&data) > 0);
    let (folder, _, _) = server.stop("TERM");
    ends(&run(&folder.path().join("data"), &["keys", "rotate"]), 0);
    folder
}

#[test]
fn keys_that_the_holder_did_not_put_in_are_found() {
    let (theirs, server) = (strangers(), Server::start_with(&[CHECKPOINTS]));
    let theirs = theirs.path().join("data");
    let data = server.data();
    until("the server signs", || checkpoints(&data) > 0);
    let (folder, _, _) = server.stop("TERM");
    ends(&run(&data, &["audit", "verify"]), 0);
    let read = |data: &Path, file: &str| fs::read_to_string(data.join(file)).expect("read");
    let files = ["audit.key", "audit.pub", "audit.checkpoints", "authority.keys"];
    let whole: Vec<_> = files.iter().map(|file| read(&data, file)).collect();
    let write = |file: &str, text: &str| fs::write(data.join(file), text).expect("written");
    let back = || files.iter().zip(&whole).for_each(|(file, text)| write(file, text));

    // Another signing key, alone.
    write("audit.key", &read(&theirs, "audit.key"));
    let found = ends(&run(&data, &["audit", "verify"]), 2);
    assert!(found.contains("somebody put it in"), "{found}");
    let found = ends(&run(&data, &["doctor"]), 2);
    assert!(found.contains("somebody put it in"), "{found}");
    ends(&run(&data, &["keys", "rotate"]), 1);
    ends(&run(&data, &["audit", "checkpoint"]), 1);
    // With its public half added, as a rotation leaves it.
    let both = read(&data, "audit.pub") + &last_pem(&read(&theirs, "audit.pub"));
    write("audit.pub", &both);
    let found = ends(&run(&data, &["audit", "verify"]), 2);
    assert!(found.contains("does not hold the key before it"), "{found}");
    // And with a line by which their own old key hands over to it.
    let lines = read(&data, "audit.checkpoints") + &read(&theirs, "audit.checkpoints");
    write("audit.checkpoints", &lines);
    let found = ends(&run(&data, &["audit", "verify"]), 2);
    assert!(found.contains("was not signed by this key"), "{found}");
    // A next key that nobody handed over to counts for nothing.
    back();
    write("audit.key.next", &read(&theirs, "audit.key"));
    ends(&run(&data, &["audit", "verify"]), 0);
    let private = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o600);
    fs::set_permissions(data.join("audit.key.next"), private).expect("set");
    ends(&run(&data, &["keys", "rotate"]), 0);
    ends(&run(&data, &["audit", "verify"]), 0);
    assert_ne!(read(&data, "audit.key"), read(&theirs, "audit.key"));

    // Another generation of the authority's keys.
    let next = read(&theirs, "authority.keys");
    let next = next.lines().last().expect("a line");
    assert!(next.starts_with("next="), "they were rotated");
    write("authority.keys", &format!("{}{next}\n", read(&data, "authority.keys")));
    let found = ends(&run(&data, &["doctor"]), 2);
    assert!(found.contains("generation 3 were not put in by the holder"), "{found}");
    let mut start = wellhouse_that_ends();
    start.args(["serve", "--portal-listen", "127.0.0.1:0", "--s3-listen", "127.0.0.1:0"]);
    let found = ends(&start.arg("--data").arg(&data).output().expect("it runs"), 1);
    assert!(found.contains("were not put in by the holder"), "{found}");
    drop(folder);
}

/// The last key of a public file.
fn last_pem(text: &str) -> String {
    let begin = "-----BEGIN PUBLIC KEY-----";
    format!("{begin}{}", text.rsplit(begin).next().expect("a key"))
}

#[test]
fn a_key_that_is_older_than_advised_is_told_until_it_is_rotated() {
    let server = Server::start_store_only();
    let data = server.data();
    until("the server signs", || checkpoints(&data) > 0);
    let (_folder, _, _) = server.stop("TERM");
    let line = "age of the house's keys";
    let said = |code| {
        let said = ends(&run(&data, &["doctor"]), code);
        said.lines().find(|told| told.contains(line)).expect("a line").to_owned()
    };
    let young = run(&data, &["doctor"]).status.code().expect("a code");
    assert!(said(young).starts_with("good"), "{}", said(young));
    let then = two_years_and_a_day_ago();
    for file in ["authority.keys", "audit.key"] {
        let file = File::options().write(true).open(data.join(file)).expect("opened");
        file.set_modified(then).expect("set");
    }
    let old = said(2);
    assert!(old.starts_with("wrong"), "{old}");
    assert!(old.contains("authority.keys was made") && old.contains("audit.key was made"), "{old}");
    ends(&run(&data, &["keys", "rotate"]), 0);
    assert!(said(young).starts_with("good"), "{}", said(young));
}

#[expect(clippy::disallowed_methods, reason = "the binary under test goes by the real clock")]
fn two_years_and_a_day_ago() -> SystemTime {
    SystemTime::now().checked_sub(Duration::from_hours(24 * 731)).expect("a time")
}
