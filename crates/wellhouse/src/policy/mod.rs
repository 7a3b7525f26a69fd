//! `wellhouse policy …`: policies on the command line, one command a file.

mod arrival;
mod asked;
mod cases;
mod check;
mod diff;
mod edited;
mod excerpt;
mod explain;
mod export;
mod fields;
mod files;
mod fitting;
mod idle;
mod inquiry;
mod json_slip;
mod kind;
mod named;
mod odd_value;
mod principal;
mod prove;
mod rails;
mod reach;
mod slip;
mod test;
mod used;
mod vacuous;
mod who;
mod witness;
mod world;

use anyhow::Result;

pub(crate) use rails::guard;

use crate::config::Config;
use crate::{Ended, say};

/// Check, test, explain, compare and prove policies
///
/// A WORLD is where roles and their policies are read from: `standard`, the estate as the
/// configuration describes it; `running`, the same as it is in force in the store; a folder as
/// `wellhouse policy export` writes it; an `estate.toml`; or a JSON file with one policy.
///
/// Exit codes: 0 done (of `explain`: decided, even if denied; of `check`: no errors), 1 failed or the
/// answer is no (of `test`: a case failed; of `prove`: refuted or not known), 2 there is a difference.
#[derive(clap::Subcommand)]
#[command(after_help = "Begin with:\n  \
    wellhouse policy check policy.json      what is wrong with a document\n  \
    wellhouse policy export mine            the standard roles as files, to edit\n  \
    wellhouse policy diff standard mine     what your edits allow and forbid\n\
    docs/policies.md shows all of it with examples.")]
pub(crate) enum Policy {
    Check(check::Check),
    Test(test::Test),
    Explain(explain::Explain),
    Diff(diff::Diff),
    Prove(prove::Prove),
    Who(who::Who),
    What(reach::What),
    Use(used::Use),
    Export(export::Export),
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Output {
    /// For people
    Text,
    /// For machines
    Json,
}

/// Prints lines behind an indent.
fn say_each(indent: &str, lines: &[String]) {
    for line in lines {
        say(&format!("{indent}{line}"));
    }
}

/// Gives the configuration to those who need it: a document can be checked without.
type Configured<'a> = &'a dyn Fn() -> Result<Config>;

/// Runs a subcommand.
pub(crate) fn run(policy: &Policy, config: Configured<'_>) -> Result<Ended> {
    match policy {
        Policy::Check(check) => check::run(check, config),
        Policy::Test(test) => test::run(test, config),
        Policy::Explain(explain) => explain::run(explain, config),
        Policy::Diff(diff) => diff::run(diff, config),
        Policy::Prove(prove) => prove::run(prove, config),
        Policy::Who(who) => who::run(who, config),
        Policy::What(what) => reach::what(what, &config()?),
        Policy::Use(asked) => used::run(asked, config),
        Policy::Export(export) => export::run(export, config),
    }
}
