//! What is kept of a run for its last step, which looks in every log for every secret: the logs of all
//! servers, at the finest level, and the secrets that the tests came to know. Only where
//! `cargo xtask test` names a folder.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

/// What is shorter would be found where it is none.
const SECRET_CHARS_MIN: usize = 10;

/// The fields of bodies that hold a secret.
const SECRETS: [&str; 11] = [
    "secret",
    "secret_access_key",
    "session_token",
    "codes",
    "recovery_codes",
    "recovery_code",
    "password",
    "current",
    "new",
    "new_password",
    "token",
];

/// Those that hold an address with one, maybe.
const ADDRESSES: [&str; 3] = ["uri", "url", "path"];

#[expect(clippy::disallowed_methods, reason = "the chore names the folder")]
fn folder() -> Option<PathBuf> {
    std::env::var_os("WELLHOUSE_TEST_LOGS").map(PathBuf::from)
}

/// The level of the logs, where they are kept.
pub(crate) fn level() -> Option<(&'static str, &'static str)> {
    folder().map(|_| ("WELLHOUSE_LOG__FILTER", "trace"))
}

/// Keeps a log.
pub(crate) fn log(of: &Path) {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let Some(folder) = folder().filter(|_| of.exists()) else { return };
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("it-{}-{number}.log", std::process::id());
    let text = std::fs::read(of).expect("the log");
    let kept: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').filter(is_no_mail).collect();
    std::fs::write(folder.join(name), kept.concat()).expect("the log is kept");
}

/// With `mail.transport = "log"` mails stand in the log, links and all: that is what it is for.
fn is_no_mail(line: &&[u8]) -> bool {
    const MAIL: &[u8] = b" wellhouse::mail: a mail text=";
    !line.windows(MAIL.len()).any(|part| part == MAIL)
}

/// Keeps a secret.
pub(crate) fn secret(text: &str) {
    let Some(folder) = folder().filter(|_| text.len() >= SECRET_CHARS_MIN) else { return };
    let file: Result<File, _> =
        OpenOptions::new().create(true).append(true).open(folder.join("secrets"));
    let line = format!("{text}\n");
    file.expect("the secrets").write_all(line.as_bytes()).expect("kept");
}

/// Keeps the secrets in the body of a request or an answer.
pub(crate) fn secrets_in(answer: &Value) {
    match answer {
        Value::Array(all) => all.iter().for_each(secrets_in),
        Value::Object(fields) => {
            for (name, value) in fields {
                if SECRETS.contains(&name.as_str()) {
                    texts(value);
                }
                if let Some(text) = value.as_str().filter(|_| ADDRESSES.contains(&name.as_str())) {
                    within(text);
                }
                secrets_in(value);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn texts(value: &Value) {
    match value {
        Value::Array(all) => all.iter().for_each(texts),
        Value::String(text) => secret(text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {}
    }
}

/// What is secret in an address.
fn within(text: &str) {
    for mark in ["#token=", "X-Amz-Signature=", "X-Amz-Security-Token=", "secret="] {
        for part in text.split(mark).skip(1) {
            secret(part.split('&').next().unwrap_or_default());
        }
    }
}
