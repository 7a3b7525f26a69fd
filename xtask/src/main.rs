//! The house's chores: `cargo xtask up | dev | test | tidy | bench | simulate | api | tables | crash |
//! trial | fuzz | mutants | postgres | garage | shots | compatibility | schemathesis | enumeration |
//! sign-ins | torture | small-files | large-folder | lint-estate | converge | sbom | advisories`.

mod advisories;
mod api;
mod compatibility;
mod converge;
mod estate;
mod fuzz;
mod garage;
mod harness;
mod logs;
mod mutants;
mod policy_bench;
mod postgres;
mod run;
mod sbom;
mod schemathesis;
mod simulate;
mod tables;
mod test;
mod tidy;
mod tools;
mod up;
mod uploads;
mod web;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::harness::Build;

/// The house's chores.
#[derive(Parser)]
#[command(name = "cargo xtask", about = "Build, run, check and measure Wellhouse")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Build everything, web UI included, and start Wellhouse on the embedded store
    Up(up::Up),
    /// Start the server (debug build) and the Vite dev server with live reload
    Dev(up::Up),
    /// Run every check and test, fetching what they need
    Test(test::Test),
    /// Check the house rules that no compiler checks
    Tidy,
    /// Write openapi.json and the UI's types from it
    Api,
    /// Write the policy engine's tables of S3, STS and IAM
    Tables(tables::Tables),
    /// Kill the server under load, again and again, and look for what was lost
    Crash(harness::Crash),
    /// Compare what strangers are told of who is here and of who is not, and how fast
    Enumeration(harness::Enumeration),
    /// Sign in very many times at one moment, and spend one code fifty-fold at once
    SignIns(harness::SignIns),
    /// Send one large file through everything that can go wrong on its way, in Chromium
    Torture(uploads::Torture),
    /// Upload very many small files in Chromium, beside the AWS CLI
    SmallFiles(uploads::SmallFiles),
    /// Open a folder of very many entries in Chromium and measure it
    LargeFolder(uploads::LargeFolder),
    /// Kill the server while a folder is moved, again and again, and count its objects
    Moves(harness::Moves),
    /// Put the durable store on trial: kills, power cuts, bit flips, a model
    Trial(harness::Trial),
    /// Feed the policy engine and the S3 door with random cases, and with what a fuzzer comes upon
    Fuzz(fuzz::Fuzz),
    /// Measure, side by side with the disk, and print one table
    Bench(harness::Bench),
    /// Break the policy engine in small ways and count how often its tests notice
    Mutants(mutants::Mutants),
    /// Run a command with a PostgreSQL beside it, as the tests have one
    Postgres(postgres::Beside),
    /// Run a cluster of Garage on the loopback, as an upstream for gateways
    Garage(garage::Garage),
    /// Ask another policy engine about the policy vectors, and compare
    Simulate,
    /// Make every documented call with the clients that people use; write docs/compatibility.md
    Compatibility,
    /// Look in the logs that the last test run kept for every secret that it knew
    Logs,
    /// Ask the API whatever its description allows and does not; look for 5xx and unknown answers
    Schemathesis(schemathesis::Schemathesis),
    /// Have others' rules judge the estate: cfn-lint, checkov, cfn-guard and Prowler
    LintEstate(estate::LintEstate),
    /// Cut an apply off after every one of its calls, and see the next one finish it
    Converge,
    /// Write the bills of materials of the binary and of the page
    Sbom,
    /// Ask `RustSec` and npm for known vulnerabilities of what is built in
    Advisories,
    /// Take the pictures of docs/images from a running house
    Shots,
}

fn main() -> ExitCode {
    match start(Arguments::parse().chore) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            run::say(&format!("failed: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn start(chore: Chore) -> Result<()> {
    match chore {
        Chore::Up(up) => up.start_release(),
        Chore::Dev(up) => up.start_dev(),
        Chore::Test(test) => test.all(),
        Chore::Garage(garage) => garage.start(),
        Chore::Tidy => tidy::check(),
        Chore::Api => api::write(),
        Chore::Tables(tables) => tables.write(),
        Chore::Crash(crash) => crash.start(Build::Release),
        Chore::Enumeration(asking) => asking.start(),
        Chore::SignIns(many) => many.start(),
        Chore::Torture(torture) => torture.start(),
        Chore::SmallFiles(small) => small.start(),
        Chore::LargeFolder(folder) => folder.start(),
        Chore::Moves(moves) => moves.start(Build::Release),
        Chore::Trial(trial) => trial.start(),
        Chore::Fuzz(fuzz) => fuzz.start(),
        Chore::Bench(bench) => bench.start(),
        Chore::Mutants(mutants) => mutants.start(),
        Chore::Postgres(beside) => beside.start(),
        Chore::Compatibility => compatibility::write(),
        Chore::Logs => logs::hold_no_secret(1),
        Chore::Schemathesis(asking) => asking.start(),
        Chore::LintEstate(lint) => lint.start(),
        Chore::Converge => converge::every_call(),
        Chore::Simulate => simulate::compare(),
        Chore::Sbom => sbom::write(),
        Chore::Advisories => advisories::check(),
        Chore::Shots => test::shots(),
    }
}
