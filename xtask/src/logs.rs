//! The logs of a whole run of tests, and every secret that it knew: none of them stands in any of them.
//!
//! While the tests run, the servers log at the finest level into a folder, and beside it lies what was secret
//! (`crates/wellhouse/tests/it/kept.rs`, `web/e2e/support/kept.ts`). The last step looks.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::run::{say, target};

/// The variable that names the folder to the tests.
pub(crate) const VARIABLE: &str = "WELLHOUSE_TEST_LOGS";

/// So many different secrets a whole run knows at least.
const SECRETS_MIN: usize = 500;

/// What secrets look like, whether a test knows them or not; and one of each, to be found.
const SHAPES: [(&str, &str); 9] = [
    ("X-Amz-Signature=", "GET /a?X-Amz-Signature=00"),
    ("X-Amz-Security-Token=", "GET /a?X-Amz-Security-Token=00"),
    (
        "[, ]Signature=[0-9a-f]{64}",
        ", Signature=0000000000000000000000000000000000000000000000000000000000000000",
    ),
    ("wh_pat_[0-9a-f]{16}", "wh_pat_0000000000000000"),
    ("(sid|sign-in)=[0-9a-f]{16}", "cookie: __Host-sid=0000000000000000"),
    ("token=[0-9a-f]{16}", "/new-password#token=0000000000000000"),
    ("otpauth://", "otpauth://totp/a"),
    ("[$]argon2id[$]", "$argon2id$v=19"),
    ("PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----"),
];

/// Where the logs of this run are to be kept; empty at first.
pub(crate) fn fresh() -> Result<PathBuf> {
    let folder = folder();
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Where they are.
pub(crate) fn folder() -> PathBuf {
    target().join("logs")
}

/// Looks for every secret in every log. First in a log that holds each of them: all must be found.
pub(crate) fn hold_no_secret(secrets_min: usize) -> Result<()> {
    let folder = folder();
    let secrets = fs::read_to_string(folder.join("secrets")).context("no secrets were kept")?;
    let secrets: BTreeSet<&str> = secrets.lines().collect();
    if secrets.len() < secrets_min {
        bail!("only {} secrets are known, of {secrets_min} at least", secrets.len());
    }
    let list = folder.join("secrets-once");
    let lines: Vec<&str> = secrets.iter().copied().collect();
    fs::write(&list, lines.join("\n") + "\n")?;
    let control = folder.join("control");
    fs::create_dir_all(&control)?;
    let planted = secrets.iter().copied().chain(SHAPES.map(|(_, example)| example));
    let planted: Vec<String> = planted.map(|line| format!("TRACE a: {line} b\n")).collect();
    fs::write(control.join("planted.log"), planted.concat())?;
    let found = found_in(&control, &list)?.len();
    fs::remove_dir_all(&control)?;
    if found != planted.len() {
        bail!("of {} planted secrets {found} were found: the search is broken", planted.len());
    }
    let (logs, bytes) = size_of(&folder)?;
    let told = found_in(&folder, &list)?;
    say(&format!(
        "{} secrets and {} shapes of secrets looked for in {logs} logs of {} MiB",
        secrets.len(),
        SHAPES.len(),
        bytes / 1024 / 1024
    ));
    match told.len() {
        0 => Ok(()),
        many => bail!("{many} lines of logs hold a secret:\n{}", shown(&told)),
    }
}

/// What the whole run must have known.
pub(crate) fn of_a_whole_run() -> Result<()> {
    hold_no_secret(SECRETS_MIN)
}

fn size_of(folder: &Path) -> Result<(usize, u64)> {
    let (mut logs, mut bytes) = (0, 0);
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.path().extension().is_some_and(|kind| kind == "log") {
            (logs, bytes) = (logs + 1, bytes + entry.metadata()?.len());
        }
    }
    Ok((logs, bytes))
}

/// The places, `file:line`, of lines that hold a secret.
fn found_in(folder: &Path, list: &Path) -> Result<BTreeSet<String>> {
    let known = ["-F".to_owned(), "-f".to_owned(), list.to_string_lossy().into_owned()];
    let shapes = SHAPES.map(|(shape, _)| shape).join("|");
    let shapes = ["-E".to_owned(), "-e".to_owned(), shapes];
    let mut places = grep(folder, &known)?;
    places.extend(grep(folder, &shapes)?);
    Ok(places)
}

fn grep(folder: &Path, what: &[String]) -> Result<BTreeSet<String>> {
    let mut grep = Command::new("grep");
    grep.args(["-r", "-n", "-a", "--include=*.log"]).args(what).arg(folder).env("LC_ALL", "C");
    let out = grep.output().context("grep did not start")?;
    if !matches!(out.status.code(), Some(0 | 1)) {
        bail!("grep failed: {}", String::from_utf8_lossy(&out.stderr));
    }
    let text = String::from_utf8_lossy(&out.stdout);
    Ok(text.lines().map(place).collect())
}

/// The file, the line, and no more of what stands there than who logged it: the rest may be the secret.
fn place(line: &str) -> String {
    line.splitn(3, ':').take(2).collect::<Vec<_>>().join(":")
}

fn shown(places: &BTreeSet<String>) -> String {
    const SHOWN_MAX: usize = 20;
    let lines: Vec<&str> = places.iter().take(SHOWN_MAX).map(String::as_str).collect();
    lines.join("\n")
}
