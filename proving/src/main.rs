//! The proving ground's command; `cargo xtask fuzz` builds and starts it.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use clap::{Parser, Subcommand};
use proving::fuzz;

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
    let Work::Fuzz(Fuzz::Policy(policy)) = Arguments::parse().work;
    match policy.start() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("failed: {error:#}"));
            ExitCode::FAILURE
        }
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
