//! `wellhouse policy …`: documents on the command line.

use std::path::PathBuf;

use anyhow::{Context, Result};
use wh_policy::testfile::{self, CaseResult};

use crate::{Ended, say};

/// Work with policy documents.
#[derive(clap::Subcommand)]
pub(crate) enum Policy {
    /// Run policy test files; exit 0 when every case passes, 1 otherwise
    Test(TestFiles),
    /// Check one document as IAM would when it is written; exit 0 when it is valid
    Check(CheckFile),
}

/// Files of cases, and how to print them.
#[derive(clap::Args)]
pub(crate) struct TestFiles {
    /// JSON arrays or JSON Lines of cases
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// `text`, or `json`: one object a case
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// One document.
#[derive(clap::Args)]
pub(crate) struct CheckFile {
    /// The document
    file: PathBuf,
    /// What the document is for
    #[arg(long, value_enum, default_value_t = Kind::Identity)]
    kind: Kind,
}

/// How results are printed.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Output {
    /// For people
    Text,
    /// For machines
    Json,
}

/// What a document is for.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Kind {
    /// An inline policy of a role
    Identity,
    /// A managed policy
    ManagedIdentity,
    /// A permission boundary
    Boundary,
    /// A session policy
    Session,
    /// A bucket policy
    Resource,
    /// A role's trust policy
    Trust,
}

impl Kind {
    fn of_policy(self) -> wh_policy::PolicyKind {
        match self {
            Self::Identity => wh_policy::PolicyKind::Identity,
            Self::ManagedIdentity => wh_policy::PolicyKind::ManagedIdentity,
            Self::Boundary => wh_policy::PolicyKind::Boundary,
            Self::Session => wh_policy::PolicyKind::Session,
            Self::Resource => wh_policy::PolicyKind::Resource,
            Self::Trust => wh_policy::PolicyKind::Trust,
        }
    }
}

/// Runs a subcommand.
pub(crate) fn run(policy: &Policy) -> Result<Ended> {
    match policy {
        Policy::Test(files) => test(files),
        Policy::Check(file) => check(file),
    }
}

fn read(path: &PathBuf) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn test(files: &TestFiles) -> Result<Ended> {
    let (mut passed, mut failed) = (0_usize, 0_usize);
    for path in &files.files {
        let results = testfile::run(&read(path)?).with_context(|| path.display().to_string())?;
        for result in &results {
            print_case(result, files.output);
        }
        let good = results.iter().filter(|r| r.pass).count();
        passed += good;
        failed += results.len() - good;
    }
    if matches!(files.output, Output::Text) {
        say(&format!("{passed} passed, {failed} failed"));
    }
    Ok(if failed == 0 { Ended::Done } else { Ended::Failed })
}

fn print_case(result: &CaseResult, output: Output) {
    match output {
        Output::Json => say(&result.to_json()),
        Output::Text if result.pass => {}
        Output::Text => say(&format!(
            "FAILED {}: expected {}, got {}\n       {}",
            result.name, result.expected, result.decision, result.explanation
        )),
    }
}

fn check(file: &CheckFile) -> Result<Ended> {
    match wh_policy::PolicyDocument::parse(&read(&file.file)?, file.kind.of_policy()) {
        Ok(document) => {
            say("valid");
            for line in wh_policy::summary::in_words(&document) {
                say(&format!("  {line}"));
            }
            Ok(Ended::Done)
        }
        Err(error) => {
            say(&format!("{}: {error}", file.file.display()));
            Ok(Ended::Failed)
        }
    }
}
