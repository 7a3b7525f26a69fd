//! The Wellhouse binary: reads flags, environment, clock and randomness, and wires the house.

// The futures of the SDK's calls nest deeper than the compiler's default lets it look.
#![recursion_limit = "256"]

mod config;
mod document;
mod embedded;
mod estate;
mod keys;
mod logging;
mod parameters;
mod policy;
mod ready;
mod serve;
mod stop;

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::config::{Config, Listeners, Overrides};

/// Files on S3, under the IAM policies that you read.
#[derive(Parser)]
#[command(name = "wellhouse", version, about, disable_help_subcommand = true)]
struct Arguments {
    #[command(flatten)]
    overrides: Overrides,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the portal and, on the embedded store, the S3 endpoint
    Serve(Listeners),
    /// Print the documentation of roles and policies (Markdown)
    Document,
    /// Show what would change on AWS for bucket and roles to be as documented (exit 2: changes)
    Plan,
    /// Make bucket and roles on AWS as documented
    Apply(estate::Apply),
    #[command(subcommand)]
    Policy(policy::Policy),
    /// Print the OpenAPI document of the portal's HTTP API
    Openapi,
}

/// What a command that ended well has to say by its exit code.
pub(crate) enum Ended {
    /// 0
    Done,
    /// 1: it ran, and the answer is no
    Failed,
    /// 2: there is a difference
    Different,
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(usage) => return explain_usage(&usage),
    };
    match run(arguments) {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::Failed) => ExitCode::FAILURE,
        Ok(Ended::Different) => ExitCode::from(2),
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// Help is an answer; a wrong flag is a failure. clap's own code for it, 2, means a difference here.
fn explain_usage(usage: &clap::Error) -> ExitCode {
    let printed = usage.print();
    if usage.use_stderr() || printed.is_err() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn run(arguments: Arguments) -> Result<Ended> {
    let load = |listeners: &Listeners| Config::load(&arguments.overrides, listeners);
    let config = || load(&Listeners::default());
    match arguments.command {
        Command::Serve(listeners) => asynchronously(serve::serve(load(&listeners)?)),
        Command::Document => document::print(&config()?),
        Command::Plan => asynchronously(estate::plan(config()?)),
        Command::Apply(apply) => asynchronously(estate::apply(config()?, apply)),
        Command::Policy(policy) => policy::run(&policy, &config),
        Command::Openapi => {
            say(&wh_portal::openapi());
            Ok(Ended::Done)
        }
    }
}

fn asynchronously(work: impl Future<Output = Result<Ended>>) -> Result<Ended> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(work);
    // A blocking read that hangs on a bad disk must not keep the process.
    runtime.shutdown_timeout(stop::AFTER_DRAIN);
    ended
}

/// Prints a line for the person at the terminal; colours only reach a terminal that wants them.
pub(crate) fn say(line: &str) {
    // Whoever reads may have gone, as `head` does: then there is nobody to tell.
    let _written = writeln!(anstream::stdout(), "{line}");
}

/// One sentence on standard error, causes included.
#[expect(clippy::print_stderr, reason = "this is the program's output")]
fn complain(error: &anyhow::Error) {
    let sentence = format!("{error:#}");
    let one_line: Vec<&str> = sentence.split_whitespace().collect();
    eprintln!("wellhouse: {}", one_line.join(" "));
}
