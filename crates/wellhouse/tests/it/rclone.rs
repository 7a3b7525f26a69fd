//! rclone as a client.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use crate::actors::{Actor, Keys};
use crate::server::{Server, tool};

/// Names that other tools, file systems and URLs stumble over.
const NAMES: [&str; 9] = [
    "plain.txt",
    "deep/a+b c#d%e.txt",
    "deep/er/🦀 ünï.txt",
    "deep/er/q?uo\"te's&<>;:@=$,!*(){}[]^~`|.txt",
    "deep/back\\slash",
    "deep/ before and after ",
    "deep/new\nline",
    "..dots..",
    "%2f%00",
];

fn rclone(keys: &Keys, arguments: &[&str]) -> Output {
    let mut command = Command::new(tool("WELLHOUSE_TEST_RCLONE"));
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", "/nonexistent");
    command.envs([
        ("RCLONE_CONFIG", "/nonexistent/rclone.conf"),
        ("RCLONE_CONFIG_HOUSE_TYPE", "s3"),
        ("RCLONE_CONFIG_HOUSE_PROVIDER", "Other"),
        ("RCLONE_CONFIG_HOUSE_ENDPOINT", &keys.endpoint),
        ("RCLONE_CONFIG_HOUSE_REGION", "us-east-1"),
        ("RCLONE_CONFIG_HOUSE_ACCESS_KEY_ID", &keys.access_key_id),
        ("RCLONE_CONFIG_HOUSE_SECRET_ACCESS_KEY", &keys.secret),
        ("RCLONE_CONFIG_HOUSE_SESSION_TOKEN", &keys.token),
        // As on AWS where lists are disabled: rclone's own default for objects is refused.
        ("RCLONE_CONFIG_HOUSE_ACL", "bucket-owner-full-control"),
        ("RCLONE_CONFIG_HOUSE_BUCKET_ACL", "private"),
        ("RCLONE_RETRIES", "1"),
    ]);
    command.args(arguments).output().expect("rclone runs")
}

#[track_caller]
fn succeeds(keys: &Keys, arguments: &[&str]) -> String {
    let output = rclone(keys, arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "rclone {}: {errors}", arguments.join(" "));
    String::from_utf8(output.stdout).expect("text")
}

#[track_caller]
fn fails_with(keys: &Keys, arguments: &[&str], word: &str) {
    let output = rclone(keys, arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "rclone {} succeeded", arguments.join(" "));
    assert!(errors.contains(word), "`{word}` is not in: {errors}");
}

fn text(path: &Path) -> &str {
    path.to_str().expect("text")
}

/// The root user, who may make buckets.
fn root(server: &Server) -> Keys {
    let (access_key_id, secret) = server.root();
    let (token, endpoint) = (String::new(), server.s3.clone());
    Keys { access_key_id, secret, token, endpoint, bucket: String::new(), prefix: String::new() }
}

fn folder_of_odd_names(server: &Server) -> std::path::PathBuf {
    let folder = server.scratch().join("folder");
    std::fs::create_dir_all(folder.join("deep/er")).expect("a folder");
    for name in NAMES {
        std::fs::write(folder.join(name), name).expect("a file");
    }
    std::fs::write(folder.join("empty"), "").expect("a file");
    folder
}

fn copies_and_checks(keys: &Keys, server: &Server) {
    let folder = folder_of_odd_names(server);
    let from = text(&folder);
    succeeds(keys, &["copy", from, "house:tools/copy"]);
    succeeds(keys, &["check", from, "house:tools/copy"]);
    succeeds(keys, &["check", "--download", from, "house:tools/copy"]);
    let listed = succeeds(keys, &["lsf", "-R", "--files-only", "house:tools/copy"]);
    assert_eq!(listed.lines().count(), NAMES.len() + 1, "{listed}");
    // rclone writes a line feed in a name as the sign for it, and takes it back.
    assert!(listed.lines().any(|line| line == "deep/new␊line"), "{listed}");
    let back = server.scratch().join("back");
    succeeds(keys, &["copy", "house:tools/copy", text(&back)]);
    let names = |of: &Path| -> BTreeSet<_> {
        let files = std::fs::read_dir(of.join("deep")).expect("a folder");
        files.map(|file| file.expect("a name").file_name()).collect()
    };
    assert_eq!(names(&back), names(&folder));

    std::fs::remove_file(folder.join("plain.txt")).expect("it was there");
    std::fs::write(folder.join("more"), "more").expect("a file");
    succeeds(keys, &["sync", from, "house:tools/copy"]);
    succeeds(keys, &["check", from, "house:tools/copy"]);
    let again = rclone(keys, &["sync", "-v", from, "house:tools/copy"]);
    let told = String::from_utf8_lossy(&again.stderr);
    assert!(told.contains("There was nothing to transfer"), "{told}");
}

/// What a program sends and the store copies by itself.
fn copies_within(keys: &Keys) {
    succeeds(keys, &["copy", "house:tools/copy", "house:tools/second"]);
    succeeds(keys, &["check", "house:tools/copy", "house:tools/second"]);
    succeeds(keys, &["moveto", "house:tools/second/more", "house:tools/second/moved"]);
    assert_eq!(succeeds(keys, &["cat", "house:tools/second/moved"]), "more");
    let part = ["cat", "--offset", "1", "--count", "2", "house:tools/second/moved"];
    assert_eq!(succeeds(keys, &part), "or");
}

fn in_parts(keys: &Keys, server: &Server) {
    let large = server.scratch().join("large");
    let bytes: Vec<u8> = (0..=250).cycle().take(40 << 20).collect();
    std::fs::write(&large, bytes).expect("a file");
    let parts = ["--s3-upload-cutoff", "8M", "--s3-chunk-size", "5M"];
    succeeds(keys, &[&["copy", text(&large), "house:tools/parts"][..], &parts].concat());
    succeeds(
        keys,
        &[
            "check",
            "--download",
            "--include",
            "/large",
            text(&server.scratch()),
            "house:tools/parts",
        ],
    );
    // Larger than a copy in one request may be, by rclone's own limit.
    let copy = ["copy", "house:tools/parts", "house:tools/again", "--s3-copy-cutoff", "8M"];
    succeeds(keys, &[&copy[..], &parts].concat());
    succeeds(keys, &["check", "--download", "house:tools/parts", "house:tools/again"]);
    let under_way = succeeds(keys, &["backend", "list-multipart-uploads", "house:tools"]);
    assert!(!under_way.contains("UploadId"), "nothing is left half-done: {under_way}");
    succeeds(keys, &["cleanup", "house:tools"]);
}

#[test]
fn copy_check_sync_move_large_files_and_purge() {
    let server = Server::start_store_only();
    let keys = root(&server);
    // rclone makes the bucket itself when it writes first.
    copies_and_checks(&keys, &server);
    copies_within(&keys);
    in_parts(&keys, &server);
    fails_with(&keys, &["rmdir", "house:tools"], "BucketNotEmpty");
    succeeds(&keys, &["purge", "house:tools/second"]);
    assert_eq!(succeeds(&keys, &["lsf", "house:tools"]), "again/\ncopy/\nparts/\n");
    succeeds(&keys, &["purge", "house:tools"]);
    assert_eq!(succeeds(&keys, &["lsd", "house:"]), "");
}

#[test]
fn a_persons_keys_open_what_the_person_may_and_no_more() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let keys = bob.keys("home/");
    let file = server.scratch().join("note");
    std::fs::write(&file, "hello").expect("a file");
    // A person may not make buckets, and need not.
    let no_bucket = ["--s3-no-check-bucket"];
    let home = format!("house:{}/{}", keys.bucket, keys.prefix);
    succeeds(&keys, &[&["copy", text(&file), &home][..], &no_bucket].concat());
    assert_eq!(succeeds(&keys, &["cat", &format!("{home}note")]), "hello");
    assert_eq!(succeeds(&keys, &["lsf", &home]), "note\n");
    let shared = format!("house:{}/shared/", keys.bucket);
    fails_with(&keys, &[&["copy", text(&file), &shared][..], &no_bucket].concat(), "Forbidden");
    fails_with(&keys, &["lsf", &shared], "AccessDenied");
}
