//! `--from running`: what is in force in a server.

use crate::server::{Server, free_port, wellhouse};

#[track_caller]
fn beside(server: &Server, arguments: &[&str], code: i32, words: &[&str]) {
    let mut command = wellhouse();
    let listen = server.s3.strip_prefix("http://").expect("an address");
    command.env("WELLHOUSE_S3__LISTEN", listen).env("WELLHOUSE_PORTAL__LISTEN", portal(server));
    let output = command.arg("policy").args(arguments).arg("--data").arg(server.data()).output();
    let output = output.expect("it runs");
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{said}");
    for word in words {
        assert!(said.contains(word), "`{word}` is not in:\n{said}");
    }
}

fn portal(server: &Server) -> &str {
    server.portal.strip_prefix("http://").expect("an address")
}

#[test]
fn the_running_estate_is_the_standard_one_and_can_be_asked() {
    let server = Server::start();
    beside(&server, &["check", "--from", "running"], 0, &["documents checked"]);
    beside(&server, &["diff", "standard", "running"], 0, &["AdminRole"]);
    let asked =
        ["--role", "RegularUserRole", "--action", "s3:PutObject", "--resource", "wellhouse/a"];
    beside(&server, &[&["explain", "--from", "running"], &asked[..]].concat(), 0, &["Denied: "]);
    let to = server.scratch().join("export");
    let to = to.to_str().expect("text");
    beside(&server, &["export", to, "--from", "running"], 0, &["files written from running"]);
    beside(&server, &["diff", to, "running"], 0, &[]);
}

#[test]
fn where_nothing_runs_it_says_what_to_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().to_str().expect("text").to_owned();
    let check = |listen: String| {
        let mut command = wellhouse();
        command.env("WELLHOUSE_S3__LISTEN", listen);
        let output =
            command.args(["policy", "check", "--from", "running", "--data", &data]).output();
        let output = output.expect("it runs");
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).expect("text")
    };
    let errors = check(format!("127.0.0.1:{}", free_port()));
    assert!(errors.contains("start `wellhouse serve` first"), "{errors}");
    let server = Server::start();
    let keys = server.data().join("authority.keys");
    std::fs::copy(keys, folder.path().join("authority.keys")).expect("the keys");
    drop(server);
    let errors = check(format!("127.0.0.1:{}", free_port()));
    assert!(errors.contains("nothing answers at 127.0.0.1:"), "{errors}");
}
