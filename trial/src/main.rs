//! The store on trial: everything that is done to it to see whether it keeps its promises.
//!
//! `cargo xtask trial …` builds and starts it. Each trial says what it did, counts violations and
//! fails on the first one that it can show.

mod bench;
mod chance;
mod compare;
mod content;
mod driver;
mod flips;
mod full_disk;
mod histories;
mod keys;
mod model;
mod power;
mod schedules;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod syscalls;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Puts the durable store on trial.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    trial: Trial,
}

#[derive(Subcommand)]
enum Trial {
    Drive(driver::Drive),
    Verify(driver::Verify),
    Flips(flips::Flips),
    Histories(histories::Histories),
    #[command(name = "model")]
    Compare(compare::Compare),
    Schedules(schedules::Schedules),
    #[command(hide = true)]
    ServeStore(histories::ServeStore),
    FullDisk(full_disk::FullDisk),
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    Syscalls(syscalls::Syscalls),
    /// Measure the store by itself, side by side with plain files on the same disk
    Bench(bench::Bench),
    Power(power::Power),
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
    match arguments.trial {
        Trial::Drive(drive) => drive.start(),
        Trial::Verify(verify) => verify.start(),
        Trial::Flips(flips) => flips.start(),
        Trial::Histories(histories) => histories.start(),
        Trial::Compare(compare) => compare.start(),
        Trial::Schedules(schedules) => schedules.start(),
        Trial::ServeStore(serve) => serve.start(),
        Trial::FullDisk(full_disk) => full_disk.start(),
        #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
        Trial::Syscalls(syscalls) => syscalls.start(),
        Trial::Bench(bench) => bench.start(),
        Trial::Power(power) => power.start(),
    }
}

/// Prints a line of the report.
#[expect(clippy::print_stdout, reason = "the report is what this program is for")]
pub(crate) fn report(line: &str) {
    println!("{line}");
}
