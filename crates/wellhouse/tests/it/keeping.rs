//! Check, scrub, repair, backup and restore, as an operator uses them.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use aws_sdk_s3::primitives::ByteStream;
use serde_json::Value;

use crate::actors::{Actor, Keys, PASSWORD};
use crate::sdk::client;
use crate::server::{Server, wellhouse};

pub(crate) fn run(data: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = wellhouse();
    command.args(["--data"]).arg(data).args(arguments);
    let Output { status, stdout, stderr } = command.output().expect("it runs");
    let text = [stdout, stderr].map(|text| String::from_utf8(text).expect("text")).concat();
    (status.code().expect("a code"), text)
}

#[track_caller]
pub(crate) fn ends(data: &Path, arguments: &[&str], code: i32, words: &[&str]) -> String {
    let (ended, text) = run(data, arguments);
    assert_eq!(ended, code, "{}: {text}", arguments.join(" "));
    for word in words {
        assert!(text.contains(word), "{}: `{word}` is not in: {text}", arguments.join(" "));
    }
    text
}

pub(crate) async fn put(keys: &Keys, key: &str, body: Vec<u8>) {
    let s3 = client(keys).await;
    let put = s3.put_object().bucket(&keys.bucket).key(key).body(ByteStream::from(body));
    put.send().await.expect("put");
}

pub(crate) async fn get(keys: &Keys, key: &str) -> Vec<u8> {
    let got = client(keys).await.get_object().bucket(&keys.bucket).key(key).send().await;
    got.expect("get").body.collect().await.expect("a body").to_vec()
}

fn blobs(data: &Path) -> Vec<PathBuf> {
    let shards = std::fs::read_dir(data.join("objects/blobs")).expect("shards");
    let files = shards.flat_map(|s| std::fs::read_dir(s.expect("a shard").path()).expect("blobs"));
    files.map(|file| file.expect("a blob").path()).collect()
}

fn path(path: &Path) -> String {
    path.to_str().expect("text").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_running_house_comes_back_with_its_persons_and_files() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    Actor::approved(&server, &mut ada, "bob");
    let keys = ada.keys("");
    let large: Vec<u8> = (0..=250).cycle().take(3 << 20).collect();
    put(&keys, "kept/large", large.clone()).await;
    put(&keys, "kept/small", vec![7; 100]).await;
    let (data, to) = (server.data(), path(&server.scratch().join("backup")));
    let made = ends(&data, &["backup", "--to", &to, "--output", "json"], 0, &[]);
    let made: Value = serde_json::from_str(&made).expect("JSON");
    assert_eq!(made["blobs_copied"], 1, "{made}");
    put(&keys, "kept/small", vec![8; 100]).await;
    let again = ends(&data, &["backup", "--to", &to], 0, &["Made point", "0 of 1 blobs were new"]);
    assert!(!again.contains("damaged"), "{again}");
    ends(&data, &["backup", "verify", "--from", &to], 0, &["Read 2 points", "whole"]);
    let listed = ends(&data, &["backup", "list", "--from", &to], 0, &["objects in"]);
    assert_eq!(listed.lines().count(), 2, "{listed}");
    let point = made["point"].as_str().expect("a point").to_owned();
    let (scratch, _, _) = server.stop("TERM");
    let then = scratch.path().join("then");
    let back = ["restore", "--from", &to, "--at", &point, "--to", &path(&then)];
    ends(Path::new("/nonexistent"), &back, 0, &["Put point"]);
    ends(Path::new("/nonexistent"), &back, 1, &["is not empty"]);
    // The master key is not in a backup.
    ends(&then, &["store", "check"], 1, &["key"]);
    std::fs::copy(data.join("store.keys"), then.join("store.keys")).expect("the key file");
    ends(&then, &["store", "check"], 0, &["The store is whole."]);
    // The restored folder is served in the place of the old one.
    std::fs::remove_dir_all(&data).expect("removed");
    std::fs::rename(&then, &data).expect("renamed");
    let server = Server::start_again(scratch);
    assert_eq!(server.setup_token, None, "the house is set up already");
    let mut again = Actor::stranger(&server);
    again.sign_in("bob");
    again.location("home/");
    let keys = ada.elsewhere(&server, PASSWORD).keys("");
    assert_eq!(get(&keys, "kept/large").await, large);
    assert_eq!(get(&keys, "kept/small").await, vec![7; 100], "as it was at that point");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_goes_to_a_bucket_of_another_house() {
    let (server, other) = (Server::start(), Server::start());
    let keys = Actor::administrator(&server).keys("");
    put(&keys, "a", vec![1; 200_000]).await;
    let vault = Actor::administrator(&other).keys("");
    let to = format!("s3://{}/backups/house", vault.bucket);
    let with = |arguments: &[&str]| {
        let mut command = wellhouse();
        command.env("AWS_ACCESS_KEY_ID", &vault.access_key_id);
        command.env("AWS_SECRET_ACCESS_KEY", &vault.secret).env("AWS_SESSION_TOKEN", &vault.token);
        command.arg("--data").arg(server.data()).args(arguments);
        command.args(["--endpoint", &vault.endpoint]);
        let output = command.output().expect("it runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {errors}", arguments.join(" "));
        String::from_utf8(output.stdout).expect("text")
    };
    let made = with(&["backup", "--to", &to]);
    assert!(made.contains("1 of 1 blobs were new"), "{made}");
    assert!(with(&["backup", "--to", &to]).contains("0 of 1 blobs were new"));
    assert!(with(&["backup", "verify", "--from", &to]).contains("The backup is whole."));
    assert!(with(&["backup", "prune", "--from", &to]).contains("1 points went"));
    let back = path(&server.scratch().join("back"));
    assert!(with(&["restore", "--from", &to, "--to", &back]).contains("Put point"));
    let keys = Path::new(&back).join("store.keys");
    std::fs::copy(server.data().join("store.keys"), keys).expect("the key file");
    ends(Path::new(&back), &["store", "check"], 0, &["The store is whole."]);
    ends(Path::new(&back), &["backup", "list", "--from", "s3://NO"], 1, &["is no bucket"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_midst_of_a_backup_the_earlier_point_is_whole() {
    let server = Server::start();
    let keys = Actor::administrator(&server).keys("");
    put(&keys, "first", vec![1; 200_000]).await;
    let (data, to) = (server.data(), server.scratch().join("backup"));
    ends(&data, &["backup", "--to", &path(&to)], 0, &["Made point"]);
    for number in 0..40_u8 {
        put(&keys, &format!("more/{number}"), vec![number; 2 << 20]).await;
    }
    let mut command = wellhouse();
    command.arg("--data").arg(&data).args(["backup", "--to", &path(&to)]);
    let mut backup = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it runs");
    let copied = || walk(&to.join("blobs"));
    while copied() < 5 && backup.try_wait().expect("a status").is_none() {
        std::thread::yield_now();
    }
    server.signal("KILL");
    let ended = backup.wait().expect("a status");
    assert_eq!(ended.code(), Some(1), "it was killed in the midst");
    let listed = ends(&data, &["backup", "list", "--from", &path(&to)], 0, &[]);
    assert_eq!(listed.lines().count(), 1, "{listed}");
    ends(&data, &["backup", "verify", "--from", &path(&to)], 0, &["The backup is whole."]);
    ends(&data, &["backup", "prune", "--from", &path(&to)], 1, &["--unlock"]);
    let back = server.scratch().join("back");
    ends(&data, &["restore", "--from", &path(&to), "--to", &path(&back)], 0, &["Put point"]);
    std::fs::copy(data.join("store.keys"), back.join("store.keys")).expect("the key file");
    ends(&back, &["store", "check"], 0, &["The store is whole."]);
    // The next one goes on, by the command itself: no server runs.
    ends(&data, &["backup", "--to", &path(&to)], 0, &["Made point"]);
    ends(&data, &["backup", "prune", "--from", &path(&to)], 0, &["1 points went"]);
    ends(&data, &["backup", "verify", "--from", &path(&to)], 0, &["The backup is whole."]);
}

fn walk(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let count = |path: PathBuf| if path.is_dir() { walk(&path) } else { 1 };
    entries.map(|entry| entry.map_or(0, |entry| count(entry.path()))).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_is_found_by_the_scrub_and_the_check_and_taken_away_by_the_repair() {
    let server = Server::start();
    let keys = Actor::administrator(&server).keys("");
    put(&keys, "good", vec![1; 300_000]).await;
    put(&keys, "bad", vec![2; 400_000]).await;
    let data = server.data();
    ends(&data, &["store", "check"], 1, &["a server is running: stop it first"]);
    ends(&data, &["store", "scrub"], 0, &["Last pass", "No damage is known."]);
    let bad = blobs(&data).into_iter().max_by_key(|b| std::fs::metadata(b).expect("it").len());
    let bad = bad.expect("a blob");
    let mut bytes = std::fs::read(&bad).expect("a blob");
    bytes[1000] ^= 1;
    std::fs::write(&bad, bytes).expect("written");
    ends(&data, &["store", "scrub"], 2, &["1 damaged", "belongs to", "/bad version"]);
    ends(&data, &["store", "scrub", "--status"], 2, &["/bad version"]);
    let (_folder, _, _) = server.stop("TERM");
    ends(&data, &["store", "scrub", "--status"], 2, &["/bad version"]);
    ends(&data, &["store", "check"], 2, &["blob-bytes: ", "/bad version", "damaged"]);
    let report = ends(&data, &["store", "check", "--output", "json"], 2, &[]);
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!((&report["whole"], &report["findings"][0]["key"]), (&false.into(), &"bad".into()));
    ends(&data, &["store", "repair"], 1, &["--quarantine"]);
    ends(&data, &["store", "repair", "--quarantine"], 1, &["leaves the store", "--yes"]);
    ends(&data, &["store", "check"], 2, &[]);
    ends(&data, &["store", "repair", "--quarantine", "--yes"], 0, &["/bad version", "Done: 1"]);
    ends(&data, &["store", "check"], 0, &["The store is whole."]);
    ends(&data, &["store", "repair", "--quarantine", "--yes"], 0, &["nothing to repair"]);
    let kept = walk(&data.join("objects/quarantine"));
    assert!(kept >= 3, "about, readable and the blob: {kept}");
}

#[test]
fn what_is_not_there_is_said_in_a_sentence() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, none) = (folder.path().join("data"), path(&folder.path().join("none")));
    ends(&data, &["store", "check"], 1, &["there is no store"]);
    ends(&data, &["store", "scrub"], 1, &["there is no store in", "--data"]);
    ends(&data, &["backup", "--to", &none], 1, &["there is no store in", "--data"]);
    ends(&data, &["backup"], 1, &["where to?"]);
    ends(&data, &["backup", "list", "--from", &none], 0, &["There is no backup"]);
    ends(&data, &["backup", "verify", "--from", &none], 1, &["there is no backup in"]);
    let restore = ["restore", "--from", &none, "--to", &path(&folder.path().join("to"))];
    ends(&data, &restore, 1, &["there is no backup in"]);
    assert!(!data.exists() && !folder.path().join("to").exists(), "nothing was made");
}
