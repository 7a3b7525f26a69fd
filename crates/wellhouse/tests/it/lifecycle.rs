//! Starting and stopping: a second start finds everything, and what is wrong is said in a sentence.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use crate::actors::{Actor, PASSWORD};
use crate::server::{Server, free_port, wellhouse};

#[track_caller]
fn refuses_to_start(arguments: &[&str], words: &[&str]) {
    let output = wellhouse().arg("serve").args(arguments).output().expect("it runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    for word in words {
        assert!(errors.contains(word), "`{word}` is not in: {errors}");
    }
    assert_eq!(errors.trim_end().lines().count(), 1, "more than a sentence: {errors}");
}

fn ports() -> [String; 2] {
    [format!("127.0.0.1:{}", free_port()), format!("127.0.0.1:{}", free_port())]
}

#[test]
fn a_second_start_finds_everything_as_it_was() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    Actor::approved(&server, &mut ada, "bob");
    let (status, roles) = ada.get("/roles");
    assert_eq!(status, 200, "{roles}");
    let server = server.restart();
    assert_eq!(server.setup_token, None, "the house is set up already");
    let mut again = ada.elsewhere(&server, PASSWORD);
    assert_eq!(again.get("/roles").1, roles);
    again.sign_in("bob");
    again.location("home/");
}

#[test]
fn the_one_time_link_works_once() {
    let server = Server::start();
    Actor::administrator(&server);
    let mut mallory = Actor::stranger(&server);
    let form = serde_json::json!({ "token": server.setup_token, "name": "mallory",
        "password": PASSWORD, "registration": "open", "homes": true });
    let (status, body) = mallory.post("/setup", &form);
    assert!((400..500).contains(&status), "{status} {body}");
    assert_eq!(mallory.get("/session").0, 401);
}

#[test]
fn secrets_are_for_the_owner_alone() {
    let server = Server::start();
    for entry in std::fs::read_dir(server.data()).expect("the data folder") {
        let entry = entry.expect("an entry");
        let mode = entry.metadata().expect("metadata").permissions().mode() & 0o077;
        assert_eq!(mode, 0, "{} is open to others", entry.path().display());
    }
    let mode = std::fs::metadata(server.data()).expect("metadata").permissions().mode() & 0o777;
    assert_eq!(mode, 0o700);
}

#[test]
fn it_stops_cleanly_within_ten_seconds() {
    for signal in ["INT", "TERM"] {
        let server = Server::start();
        let (_, status, took) = server.stop(signal);
        assert_eq!(status.code(), Some(0), "after {signal}");
        assert!(took < Duration::from_secs(10), "{took:?}");
    }
}

#[test]
fn a_port_that_is_taken_is_one_sentence() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let data = data.to_str().expect("text");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = taken.local_addr().expect("an address").to_string();
    let [free, other] = ports();
    let words = [taken.as_str(), "in use"];
    refuses_to_start(&["--data", data, "--portal-listen", &taken, "--s3-listen", &free], &words);
    refuses_to_start(&["--data", data, "--portal-listen", &other, "--s3-listen", &taken], &words);
}

#[test]
fn a_folder_that_cannot_be_written_is_one_sentence() {
    let [portal, s3] = ports();
    let listen = ["--portal-listen", &portal, "--s3-listen", &s3];
    // /proc takes no folders, whoever asks: root is refused there too.
    let arguments = [&["--data", "/proc/wellhouse"], &listen[..]].concat();
    refuses_to_start(&arguments, &["/proc/wellhouse"]);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "x").expect("a file");
    let arguments = [&["--data", file.to_str().expect("text")], &listen[..]].concat();
    refuses_to_start(&arguments, &["file"]);
}

#[test]
fn a_folder_in_use_or_of_a_newer_version_is_one_sentence() {
    let server = Server::start();
    let [portal, s3] = ports();
    let data = server.data();
    let arguments =
        ["--data", data.to_str().expect("text"), "--portal-listen", &portal, "--s3-listen", &s3];
    refuses_to_start(&arguments, &["already open", data.to_str().expect("text")]);
    let (folder, _, _) = server.stop("TERM");
    std::fs::write(folder.path().join("data/objects/format"), "wellhouse-objects 99\n")
        .expect("a file");
    refuses_to_start(&arguments, &["newer"]);
}

#[test]
fn configuration_that_is_wrong_names_the_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("wellhouse.toml");
    let path = file.to_str().expect("text");
    std::fs::write(&file, "[portal]\nlissten = \"127.0.0.1:1\"\n").expect("a file");
    refuses_to_start(&["--config", path], &["lissten"]);
    std::fs::write(&file, "[portal]\nlisten = \"0.0.0.0:8080\"\n").expect("a file");
    refuses_to_start(&["--config", path], &["portal.listen", "behind_tls_proxy"]);
    refuses_to_start(&["--config", "/nonexistent.toml"], &["/nonexistent.toml"]);
}
