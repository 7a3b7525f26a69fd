//! The log of a run: which operations were begun, and what was answered.
//!
//! Each line is one write(2), so a log tells everything up to the moment at which its writer was
//! killed. It must not lie on the disk that is on trial.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};

/// Writes a log.
#[derive(Debug)]
pub(crate) struct Log(File);

impl Log {
    /// Begins a new log.
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let file = std::fs::OpenOptions::new().append(true).create_new(true).open(path);
        Ok(Self(file.with_context(|| format!("making the log {}", path.display()))?))
    }

    /// Writes a line.
    pub(crate) fn line(&self, text: &str) -> Result<()> {
        Ok((&self.0).write_all(format!("{text}\n").as_bytes())?)
    }
}

/// What became of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was begun, and there is no answer.
    InFlight,
    /// It was not done after all.
    Skipped,
    /// It was acknowledged.
    Ok(String),
    /// It was refused, or it failed: the code of the error.
    Err(String),
}

/// A log, read.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    /// What became of each operation that was begun.
    pub(crate) outcomes: BTreeMap<u64, Outcome>,
    /// Whether the store was opened, as far as the log tells.
    pub(crate) opened: bool,
    /// Whether the run came to its end.
    pub(crate) ended: bool,
}

impl History {
    /// Reads a log.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path);
        Self::parse(&text.with_context(|| format!("reading the log {}", path.display()))?)
    }

    /// Reads the text of a log; a last line that was cut is as if it had not been written.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let mut history = Self::default();
        for line in text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')) {
            history.take(line).with_context(|| format!("the log's line `{line}`"))?;
        }
        Ok(history)
    }

    fn take(&mut self, line: &str) -> Result<()> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (number, text) = rest.split_once(' ').unwrap_or((rest, ""));
        let outcome = match word {
            "opened" => {
                self.opened = true;
                return Ok(());
            }
            "ended" => {
                self.ended = true;
                return Ok(());
            }
            "failed" => return Ok(()),
            "begin" => Outcome::InFlight,
            "skip" => Outcome::Skipped,
            "ok" => Outcome::Ok(text.to_owned()),
            // What follows the code is for people.
            "err" => Outcome::Err(text.split(' ').next().unwrap_or(text).to_owned()),
            _ => anyhow::bail!("no such line"),
        };
        self.outcomes.insert(number.parse()?, outcome);
        Ok(())
    }
}
