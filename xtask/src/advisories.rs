//! `cargo xtask advisories`: known vulnerabilities of what is built in: `RustSec`'s database by cargo-deny,
//! npm's by `npm audit`. Both are asked over the network.

use std::process::{Command, Stdio};

use anyhow::{Result, bail};
use serde_json::Value;

use crate::run::{command, root, run, say};
use crate::tools;

/// Asks both; whatever could not be asked is a failure here.
pub(crate) fn check() -> Result<()> {
    let unasked = ask()?;
    if unasked.is_empty() {
        return Ok(());
    }
    bail!("advisories were not checked: {}", unasked.join("; "))
}

/// Asks those that can be reached, and says which could not.
pub(crate) fn check_where_possible() -> Result<()> {
    for why in ask()? {
        say(&format!("advisories: NOT CHECKED, because {why}"));
    }
    Ok(())
}

/// A vulnerability is an error; what could not be asked is told.
fn ask() -> Result<Vec<String>> {
    let mut unasked = Vec::new();
    let deny = tools::cargo_deny()?.to_string_lossy().into_owned();
    let mut fetch = command(&deny, &["fetch", "db"]);
    if fetch.stdout(Stdio::null()).stderr(Stdio::null()).status()?.success() {
        run(command(&deny, &["--all-features", "check", "--disable-fetch", "advisories"]))?;
        say("advisories: none of RustSec's concerns a crate");
    } else {
        unasked.push("RustSec's database cannot be fetched from here".to_owned());
    }
    match npm_audit()? {
        Some(0) => say("advisories: none of npm's concerns a package"),
        Some(found) => bail!("npm knows {found} vulnerabilities: see `npm audit` in web/"),
        None => unasked.push("npm's registry does not answer `npm audit` from here".to_owned()),
    }
    Ok(unasked)
}

/// How many vulnerabilities npm's registry knows of what web/ is made with, its tools included.
fn npm_audit() -> Result<Option<u64>> {
    let mut audit = Command::new("npm");
    audit.args(["audit", "--json", "--package-lock-only"]).current_dir(root().join("web"));
    let out = audit.stderr(Stdio::null()).output()?;
    Ok(vulnerabilities(&String::from_utf8_lossy(&out.stdout)))
}

/// The number in npm's report; none where it is no report.
fn vulnerabilities(report: &str) -> Option<u64> {
    let report: Value = serde_json::from_str(report).ok()?;
    report.pointer("/metadata/vulnerabilities/total")?.as_u64()
}

#[cfg(test)]
mod tests {
    use super::vulnerabilities;

    #[test]
    fn no_report_is_not_taken_for_a_good_one() {
        for (report, expected) in [
            (r#"{"auditReportVersion":2,"metadata":{"vulnerabilities":{"total":0}}}"#, Some(0)),
            (r#"{"auditReportVersion":2,"metadata":{"vulnerabilities":{"total":3}}}"#, Some(3)),
            (r#"{"message":"405 Method Not Allowed","error":{}}"#, None),
            ("", None),
        ] {
            assert_eq!(vulnerabilities(report), expected, "{report}");
        }
    }
}
