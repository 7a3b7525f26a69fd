//! The hammer: works on a running Wellhouse from outside, as its users do.
//!
//! `crash` kills the server under load and looks for what was lost, `power-live` also cuts the power
//! of its disk; `bench` measures it beside the disk that it stands on. `cargo xtask crash`, `cargo
//! xtask trial power-live` and `cargo xtask bench` build and start it.

mod bench;
mod bench_s3;
mod busy;
mod client;
mod content;
mod crash;
mod enumeration;
mod load;
mod moves;
mod power;
mod server;
mod sign_ins;
mod visitor;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Works on a running Wellhouse from outside.
#[derive(Parser)]
struct Arguments {
    /// The server's binary
    #[arg(long)]
    server: PathBuf,
    /// A folder to work in; it is emptied
    #[arg(long)]
    scratch: PathBuf,
    #[command(subcommand)]
    work: Work,
}

#[derive(Subcommand)]
enum Work {
    /// Kill the server under load, again and again
    Crash {
        /// How many times
        #[arg(long, default_value_t = 200)]
        cycles: u32,
        /// Seed of the load
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Kill the server under load while its disk loses power, fails or is full, again and again
    PowerLive(power::PowerLive),
    /// Measure
    Bench {
        /// Smaller and shorter
        #[arg(long)]
        quick: bool,
    },
    /// Measure the endpoint beside another S3 server
    BenchS3(bench_s3::BenchS3),
    /// Compare what strangers are told of who is here and of who is not, and how fast
    Enumeration(enumeration::Enumeration),
    /// Kill the server while a folder is moved, again and again
    Moves(moves::Moves),
    /// Sign in very many times at one moment; watch the memory, and others' requests
    SignIns(sign_ins::SignIns),
}

fn main() -> ExitCode {
    match start(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&format!("failed: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn start(arguments: Arguments) -> Result<()> {
    if arguments.scratch.exists() {
        std::fs::remove_dir_all(&arguments.scratch)?;
    }
    std::fs::create_dir_all(&arguments.scratch)?;
    let house = server::House::new(arguments.server, arguments.scratch.clone())?;
    let result = match arguments.work {
        Work::Crash { cycles, seed } => crash::run(house, cycles, seed),
        Work::PowerLive(power) => power.run(house, &arguments.scratch),
        Work::Bench { quick } => bench::run(house, &arguments.scratch, quick),
        Work::BenchS3(bench) => bench.run(house),
        Work::Enumeration(asking) => asking.run(house),
        Work::Moves(moves) => moves.run(house),
        Work::SignIns(many) => many.run(house),
    };
    std::fs::remove_dir_all(&arguments.scratch)?;
    result
}

/// Prints a line of the report.
#[expect(clippy::print_stdout, reason = "the report is what this program is for")]
pub(crate) fn report(line: &str) {
    println!("{line}");
}
