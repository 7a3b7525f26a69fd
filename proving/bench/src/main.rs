//! `cargo xtask bench policy`: measures the policy engine beside three others, and prints one table.

use std::env;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail};
use clap::{Parser, ValueEnum};
use policy_bench::engines::Which;
use policy_bench::hostile::{Place, Shape, Trial};
use policy_bench::measure::Effort;
use policy_bench::report::{Allocations, Report, json, table};
use policy_bench::scenario::Setting;
use policy_bench::{decisions, hostile, own, parsing};
use serde_json::Value;

/// Measures the policy engine beside others.
#[derive(Parser)]
struct Arguments {
    /// Shorter rounds: to see that it works, not to quote
    #[arg(long)]
    quick: bool,
    /// What to print
    #[arg(long, value_enum, default_value_t = Output::Table)]
    output: Output,
    /// One hostile match by one engine, in this process: engine, place, shape, pieces, letters
    #[arg(long = "try", num_args = 5, hide = true)]
    trial: Option<Vec<String>>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Output {
    /// Markdown for people
    Table,
    /// JSON for programs
    Json,
}

fn main() -> ExitCode {
    match start(&Arguments::parse()) {
        Ok(text) => {
            print(&text);
            ExitCode::SUCCESS
        }
        Err(error) => {
            say(&format!("failed: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn start(arguments: &Arguments) -> Result<String> {
    if let Some(trial) = &arguments.trial {
        return one_trial(trial);
    }
    let effort = if arguments.quick { Effort::quick() } else { Effort::full() };
    let report = measured(effort)?;
    Ok(match arguments.output {
        Output::Table => table(&report),
        Output::Json => json(&report).to_string(),
    })
}

fn measured(effort: Effort) -> Result<Report> {
    let mut rows = Vec::new();
    for setting in Setting::all() {
        say(&setting.name());
        rows.push(decisions::measure(setting, effort)?);
    }
    say("ours alone, hostile wildcards, reading, allocations");
    Ok(Report {
        rows,
        own: own::measure(effort)?,
        hostile: hostile::measure(effort)?,
        scaling: hostile::scaling(effort)?,
        parsing: parsing::measure(effort),
        allocations: allocations()?,
    })
}

fn one_trial(words: &[String]) -> Result<String> {
    let [engine, place, shape, pieces, letters] = words else { bail!("a trial has five words") };
    let trial = Trial {
        place: Place::named(place)?,
        shape: Shape::named(shape)?,
        pieces: pieces.parse()?,
        letters: letters.parse()?,
    };
    Ok(trial.decide(Which::named(engine)?, Effort::quick())?.to_string())
}

/// Runs the binary that counts, which was built beside this one.
fn allocations() -> Result<Vec<Allocations>> {
    let program = env::current_exe()?.with_file_name("policy-bench-allocations");
    let out = Command::new(&program).output().context("the counting binary did not start")?;
    if !out.status.success() {
        bail!("the counting binary failed: {}", String::from_utf8_lossy(&out.stderr).trim());
    }
    let found: Vec<Value> = serde_json::from_slice(&out.stdout)?;
    found
        .iter()
        .map(|row| counted(row).context("the counting binary said something else"))
        .collect()
}

fn counted(row: &Value) -> Option<Allocations> {
    let text = |name| row.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Allocations {
        row: text("row")?,
        engine: text("engine")?,
        mean: row.get("mean")?.as_f64()?,
        most: row.get("most")?.as_u64()?,
    })
}

#[expect(clippy::print_stdout, reason = "the report is the program's output")]
fn print(text: &str) {
    println!("{text}");
}

/// Says what is being measured, beside the report.
#[expect(clippy::print_stderr, reason = "a chore talks to the person who runs it")]
fn say(what: &str) {
    eprintln!("▸ {what}");
}
