//! `wellhouse policy …`, as a newcomer and as a script use it.

mod analysis;
mod asking;
mod cases;
mod check;
mod explain;
mod guide;
mod output;
mod running;
mod worlds;

use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::server::wellhouse;

/// What a run printed, and its exit code.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    out: String,
    errors: String,
}

impl Ran {
    /// The output as JSON.
    #[track_caller]
    fn json(&self) -> Value {
        let parsed = serde_json::from_str(&self.out);
        parsed.unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Runs `wellhouse policy` and asks for an exit code and for words in what it prints.
#[track_caller]
fn policy(arguments: &[&str], code: i32, words: &[&str]) -> Ran {
    let output = wellhouse().arg("policy").args(arguments).output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
    let ran =
        Ran { code: output.status.code(), out: text(&output.stdout), errors: text(&output.stderr) };
    assert_eq!(ran.code, Some(code), "{arguments:?}\n{}{}", ran.out, ran.errors);
    for word in words {
        let said = ran.out.contains(word) || ran.errors.contains(word);
        assert!(said, "`{word}` is not in:\n{}{}", ran.out, ran.errors);
    }
    ran
}

/// A folder with files in it.
#[track_caller]
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        write(&folder.path().join(name), text);
    }
    folder
}

#[track_caller]
fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}

fn path(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).to_str().expect("text").to_owned()
}

/// The standard estate, exported.
#[track_caller]
fn exported() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let world = folder.path().join("world");
    policy(&["export", world.to_str().expect("text")], 0, &["files written from standard"]);
    (folder, world)
}

/// Replaces a text in a file; it has to be there.
#[track_caller]
fn edit(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).expect("a file");
    assert!(text.contains(from), "`{from}` is not in {}:\n{text}", path.display());
    std::fs::write(path, text.replacen(from, to, 1)).expect("a file");
}

/// A policy of one statement that allows an action on a resource.
fn allows(action: &str, resource: &str) -> String {
    format!(
        "{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {{\"Sid\": \"One\", \"Effect\": \
         \"Allow\", \"Action\": \"{action}\", \"Resource\": \"{resource}\"}}\n  ]\n}}\n"
    )
}

#[test]
fn what_is_wrong_on_the_command_line_is_a_failure_and_no_difference() {
    policy(&["diff", "--colour"], 1, &["--colour", "Usage"]);
    policy(&["shout"], 1, &["shout"]);
    policy(&["--help"], 0, &["check", "explain", "diff", "prove", "who", "WORLD", "Exit codes"]);
    for command in ["check", "test", "explain", "diff", "prove", "who", "export"] {
        policy(&[command, "--help"], 0, &["Usage: wellhouse policy", "--output"]);
    }
}
