//! `wellhouse doctor`: whether this house can stand where it is, and what to do where it cannot.

mod house;
mod mail;
mod providers;
mod scan;
mod stores;
mod webhooks;

pub(crate) use house::open_to_others;

use anyhow::Result;
use clap::ValueEnum;
use serde_json::json;

use crate::config::{Config, StoreKind};
use crate::{Ended, say};

/// Look at configuration, folders, keys, clock and store, and say what to mend (exit 2: something is
/// wrong)
///
/// For a gateway it tries what the upstream store can do, in the control bucket, which it makes where it
/// is missing. Nothing else is changed.
#[derive(clap::Args)]
#[command(
    after_help = "Exit codes: 0 all is well, 2 something is to be mended, 1 the configuration \
                        cannot be read.\ndocs/gateway.md tells what a gateway needs of its upstream."
)]
pub(crate) struct Doctor {
    /// How the report is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// For people
    Text,
    /// For machines
    Json,
}

/// How something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// As it should be.
    Good,
    /// As it may be, and worth knowing.
    Note,
    /// Not as it should be.
    Wrong,
}

impl Verdict {
    fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Note => "note",
            Self::Wrong => "wrong",
        }
    }
}

/// One line of the report.
#[derive(Debug, Clone)]
struct Line {
    what: String,
    verdict: Verdict,
    found: String,
    fix: Option<String>,
}

impl Line {
    fn good(what: impl Into<String>, found: impl Into<String>) -> Self {
        Self { what: what.into(), verdict: Verdict::Good, found: found.into(), fix: None }
    }

    fn note(what: impl Into<String>, found: impl Into<String>) -> Self {
        Self { what: what.into(), verdict: Verdict::Note, found: found.into(), fix: None }
    }

    fn wrong(what: impl Into<String>, found: impl Into<String>, fix: impl Into<String>) -> Self {
        let (what, found, fix) = (what.into(), found.into(), Some(fix.into()));
        Self { what, verdict: Verdict::Wrong, found, fix }
    }
}

pub(crate) async fn run(doctor: Doctor, config: Result<Config>) -> Result<Ended> {
    let config = match config {
        Ok(config) => config,
        Err(error) => {
            let fix = "mend what is named; README.md lists every key";
            print(doctor.output, &[Line::wrong("configuration", format!("{error:#}"), fix)]);
            return Ok(Ended::Failed);
        }
    };
    let kind = match config.store.kind {
        StoreKind::Embedded => "embedded",
        StoreKind::Gateway => "gateway",
        StoreKind::Aws => "aws",
    };
    let mut lines = vec![Line::good("configuration", format!("store.kind = \"{kind}\""))];
    lines.extend(house::look(&config));
    lines.extend(match config.store.kind {
        StoreKind::Embedded => house::cellar(&config),
        StoreKind::Gateway => stores::upstream(&config).await,
        StoreKind::Aws => stores::amazons(&config).await,
    });
    lines.extend(webhooks::look(&config).await);
    lines.extend(providers::look(&config).await);
    lines.extend(mail::look(&config).await);
    lines.extend(scan::look(&config).await);
    print(doctor.output, &lines);
    let wrong = lines.iter().any(|line| line.verdict == Verdict::Wrong);
    Ok(if wrong { Ended::Different } else { Ended::Done })
}

fn print(output: Output, lines: &[Line]) {
    if output == Output::Json {
        let lines: Vec<_> = lines.iter().map(as_json).collect();
        let well = !lines.iter().any(|line| line["verdict"] == "wrong");
        return say(&json!({ "well": well, "checks": lines }).to_string());
    }
    for line in lines {
        say(&format!("{:<5}  {}: {}", line.verdict.as_str(), line.what, line.found));
        if let Some(fix) = &line.fix {
            say(&format!("       → {fix}"));
        }
    }
}

fn as_json(line: &Line) -> serde_json::Value {
    json!({
        "check": line.what,
        "verdict": line.verdict.as_str(),
        "found": line.found,
        "fix": line.fix,
    })
}
