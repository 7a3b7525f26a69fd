//! The proving ground's command; `cargo xtask fuzz` builds and starts it.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use clap::{Parser, Subcommand};
use proving::{changes, fuzz};

/// The seed of runs that name none.
const SEED: u64 = 2012_1017;

/// Holds the policy engine against a second account of the rules, and against itself.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    work: Work,
}

#[derive(Subcommand)]
enum Work {
    /// Random cases, made to collide
    #[command(subcommand)]
    Fuzz(Fuzz),
}

#[derive(Subcommand)]
enum Fuzz {
    /// The engine against the second account, and its own laws
    Policy(Policy),
    /// Change sets against enumeration, on random estates
    Changes(Changes),
}

#[derive(clap::Args)]
struct Changes {
    /// How many comparisons, at least
    #[arg(long, default_value_t = 100_000)]
    comparisons: u64,
    /// What the estates grow from; the same seed makes the same estates
    #[arg(long, default_value_t = SEED)]
    seed: u64,
}

#[derive(clap::Args)]
struct Policy {
    /// How many cases
    #[arg(long, default_value_t = 100_000)]
    cases: u64,
    /// What the cases grow from; the same seed makes the same cases
    #[arg(long, default_value_t = SEED)]
    seed: u64,
    /// The number of the first case, to see one again
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// How many threads
    #[arg(long, default_value_t = 1)]
    threads: u64,
}

fn main() -> ExitCode {
    let Work::Fuzz(fuzz) = Arguments::parse().work;
    let done = match fuzz {
        Fuzz::Policy(policy) => policy.start(),
        Fuzz::Changes(changes) => changes.start(),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("failed: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

impl Changes {
    fn start(&self) -> Result<bool> {
        let Self { comparisons, seed } = *self;
        let started = Instant::now();
        let tally = changes::run(seed, comparisons)?;
        tally.failures.iter().for_each(|failure| say(failure));
        let seconds = started.elapsed().as_secs_f32();
        say(&format!(
            "{} changes of seed {seed}: {} differences shown, {} persons not known, {seconds:.1} s",
            tally.changes, tally.differences, tally.unknown
        ));
        say(&format!(
            "{} changes tell nobody apart; {} persons with the same grants compared in them",
            tally.blind, tally.alike
        ));
        say(&format!("{} compared, {} differ", tally.comparisons, tally.failures.len()));
        Ok(tally.failures.is_empty())
    }
}

impl Policy {
    fn start(&self) -> Result<bool> {
        let Self { cases, seed, first, threads } = *self;
        say(&format!("{cases} cases of seed {seed}"));
        let started = Instant::now();
        let tally = fuzz::run(fuzz::Run { first, cases, seed, threads }, &say)?;
        let done = tally.passed + tally.failed;
        let milliseconds = started.elapsed().as_millis().max(1);
        let speed = u128::from(done) * 1000 / milliseconds;
        say(&format!("{}; {speed} cases a second", tally.mix()));
        say(&format!("{} passed, {} failed", tally.passed, tally.failed));
        Ok(tally.failed == 0)
    }
}

#[expect(clippy::print_stdout, reason = "a command talks to the person who runs it")]
fn say(what: &str) {
    println!("{what}");
}
