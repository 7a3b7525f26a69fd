//! `cargo xtask lint-estate`: others' rules judge two estates, and the estate as it is applied.
//!
//! cfn-lint, checkov and cfn-guard (with AWS Control Tower's rules) read the exported templates;
//! Prowler reads what `wellhouse apply` made on moto. What they find must stand in
//! `tests/estate-exceptions.txt`, and what stands there must be found. Each tool is also shown something
//! bad, which it must find: a tool that finds nothing may have looked at nothing.

mod exceptions;
mod prowler;
mod templates;

use std::collections::BTreeSet;

use anyhow::Result;

use crate::run::say;
use exceptions::Exceptions;

/// Have others' rules judge the estate
#[derive(clap::Args)]
pub(crate) struct LintEstate {
    /// Leave out Prowler, which needs the server built and some minutes
    #[arg(long)]
    without_prowler: bool,
}

impl LintEstate {
    /// Judges templates, and then what is applied.
    pub(crate) fn start(&self) -> Result<()> {
        templates()?;
        if self.without_prowler {
            return Ok(());
        }
        let exceptions = Exceptions::read()?;
        let found = prowler::judge()?;
        told(&exceptions, &found, &[prowler::TOOL])
    }
}

/// Judges the templates.
pub(crate) fn templates() -> Result<()> {
    let exceptions = Exceptions::read()?;
    let found = templates::judge()?;
    told(&exceptions, &found, &templates::TOOLS)
}

fn told(exceptions: &Exceptions, found: &BTreeSet<Finding>, tools: &[&str]) -> Result<()> {
    exceptions.hold(found, tools)?;
    let excepted = found.len();
    say(&format!("{}: nothing but {excepted} findings that are excepted", tools.join(", ")));
    Ok(())
}

/// What a tool found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    /// The tool and its rule, `tool:rule`.
    rule: String,
    /// What it is about, as the tool names it.
    resource: String,
}

impl Finding {
    fn new(tool: &str, rule: &str, resource: &str) -> Self {
        Self { rule: format!("{tool}:{rule}"), resource: resource.to_owned() }
    }
}
