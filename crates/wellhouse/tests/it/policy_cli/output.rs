//! What leaves the program: no control characters from outside, and nothing unwritten.

use std::fs::File;
use std::process::Stdio;

use super::{folder, path, policy};
use crate::server::wellhouse;

/// Characters that steer a terminal or turn the direction of writing, as JSON writes them.
const STEERING: &str = r"\u001b[2J\u009b\u007f\u202e\u2066";

#[track_caller]
fn harmless(ran: &super::Ran) {
    let steers = |c: &char| {
        (c.is_control() && *c != '\n') || ('\u{202a}'..='\u{202e}').contains(c) || *c == '\u{2066}'
    };
    let steering: Vec<char> = ran.out.chars().chain(ran.errors.chars()).filter(steers).collect();
    assert!(steering.is_empty(), "{steering:?} in {ran:?}");
}

#[test]
fn control_characters_of_others_are_shown_by_number() {
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Sid": "a{STEERING}\nb", "Effect": "Allow",
        "Action": "s3:GetObjet{STEERING}", "Resource": "arn:aws:s3:::b/{STEERING}"}}]}}"#
    );
    let case = format!(
        r#"{{"name": "n{STEERING}\nb", "principal": "arn:aws:iam::111122223333:role/R", "action":
        "s3:GetObject", "resource": "arn:aws:s3:::b/k{STEERING}", "expected": "Allow",
        "identity_policies": [{text}]}}"#
    );
    let folder = folder(&[("p.json", &text), ("c.json", &case)]);
    let (p, c) = (path(&folder, "p.json"), path(&folder, "c.json"));
    let one = policy(&["check", &p], 1, &[]);
    harmless(&one);
    for output in ["json", "sarif"] {
        let ran = policy(&["check", "--output", output, &p], 1, &[]);
        harmless(&ran);
        ran.json();
    }
    harmless(&policy(&["test", &c], 1, &[r"FAILED n\u001b[2J\u009b\u007f\u202e\u2066\u000ab"]));
    harmless(&policy(&["explain", &c], 0, &[r"n\u001b[2J"]));
    let ran = policy(&["test", &c, "--output", "json"], 1, &[]);
    harmless(&ran);
    let name = "n\u{1b}[2J\u{9b}\u{7f}\u{202e}\u{2066}\nb";
    assert_eq!(ran.json()["name"], name);
    let asked = ["explain", "--from", &c, "--action", "s3:GetObject", "--resource"];
    harmless(&policy(&[&asked[..], &["b/\u{1b}[2J"]].concat(), 1, &[]));
    let breaks = ["explain", "--role", "AdminRole", "--action", "s3:GetObject", "--resource"];
    policy(&[&breaks[..], &["wellhouse/a\nb"]].concat(), 0, &[r"wellhouse/a\u000ab`."]);
    let explained = policy(&["explain", &c], 0, &[r"`a\u001b[2J"]);
    assert!(!explained.out.lines().any(|line| line.starts_with('b')), "{explained:?}");
    harmless(&policy(&["check", "no\u{1b}[2J\u{9b}"], 1, &[r"no\u001b[2J\u009b"]));
    harmless(&policy(&["check", "--no\u{1b}[2J\u{9b}"], 1, &[r"--no\u001b[2J\u009b"]));
}

#[test]
fn a_full_disk_is_a_failure_and_a_reader_that_left_is_none() {
    let help: &[&str] = &["policy", "--help"];
    let export: &[&str] = &["policy", "check", "--from", "standard"];
    for arguments in [help, export, &["openapi"], &["document"]] {
        let full = File::options().write(true).open("/dev/full").expect("a full device");
        let run = wellhouse().args(arguments).stdout(full).output().expect("it runs");
        let errors = String::from_utf8(run.stderr).expect("text");
        assert_eq!(run.status.code(), Some(1), "{arguments:?}: {errors}");
        assert!(errors.contains("cannot write to standard output"), "{arguments:?}: {errors}");
        let mut child = wellhouse()
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        drop(child.stdout.take());
        let run = child.wait_with_output().expect("it ends");
        let errors = String::from_utf8(run.stderr).expect("text");
        assert_eq!((run.status.code(), errors.as_str()), (Some(0), ""), "{arguments:?}");
    }
}
