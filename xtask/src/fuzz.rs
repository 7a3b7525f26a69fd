//! `fuzz`: hold the policy engine against a second account of the rules, on random cases, and the
//! engine and the S3 door against whatever a coverage-guided fuzzer comes upon.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use clap::Subcommand;

use crate::run::{command, root, run, say, target};
use crate::tools;

/// Cases of the slice that `cargo xtask test` runs.
const SLICE: u64 = 200_000;

/// Comparisons of change sets that `cargo xtask test` makes.
const SLICE_OF_CHANGES: u64 = 100_000;

/// Bytes of one input of the fuzzer, at most.
const INPUT_BYTES_MAX: u32 = 4096;

/// Seconds after which the fuzzer calls an input too slow.
const INPUT_SECONDS_MAX: u32 = 30;

/// The fuzz targets of the S3, STS and IAM door, in `crates/wh-endpoint/fuzz`.
const DOOR: [&str; 13] = [
    "browsers-form",
    "chunks",
    "credentials",
    "cross-origin",
    "form-policy",
    "hosts",
    "iam-operations",
    "operations",
    "paths",
    "query-form",
    "query-string",
    "request-headers",
    "strangers",
];

/// Feed the policy engine and the S3 door with what nobody would write.
#[derive(clap::Args)]
pub(crate) struct Fuzz {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Random documents and requests: the engine against a second account of the rules
    Policy(Policy),
    /// Change sets on random estates, against enumeration by the engine
    Changes(Changes),
    /// Any text, to the reader of documents
    Parse(Guided),
    /// Wildcards and variables, against a naive matcher
    Matcher(Guided),
    /// Documents and requests that a fuzzer chooses, against the second account
    Evaluate(Guided),
    /// Random houses: who reaches what, against asking the evaluator for each person and key
    Who(Who),
    /// What strangers and clients send to the S3, STS and IAM door
    Door(Door),
}

#[derive(clap::Args)]
struct Policy {
    /// How many cases
    #[arg(long, default_value_t = 1_000_000)]
    cases: u64,
    /// What the cases grow from; the same seed makes the same cases
    #[arg(long)]
    seed: Option<u64>,
    /// The number of the first case, to see one again
    #[arg(long)]
    first: Option<u64>,
    /// How many threads
    #[arg(long, default_value_t = 1)]
    threads: u64,
}

#[derive(clap::Args)]
struct Who {
    /// How many houses; each is asked some 26,000 questions
    #[arg(long, default_value_t = 100)]
    estates: u64,
}

#[derive(clap::Args)]
struct Changes {
    /// How many comparisons, at least
    #[arg(long, default_value_t = 1_000_000)]
    comparisons: u64,
    /// What the estates grow from; the same seed makes the same estates
    #[arg(long)]
    seed: Option<u64>,
}

#[derive(clap::Args)]
struct Guided {
    /// How long
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

#[derive(clap::Args)]
struct Door {
    /// Which targets; all of them, one after the other, by default
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(DOOR))]
    targets: Vec<String>,
    #[command(flatten)]
    guided: Guided,
}

impl Fuzz {
    /// Builds and runs what is asked for.
    pub(crate) fn start(&self) -> Result<()> {
        match &self.what {
            What::Policy(policy) => policy.start(),
            What::Changes(changes) => changes.start(),
            What::Parse(guided) => guided.start("wh-policy", "parse"),
            What::Matcher(guided) => guided.start("wh-policy", "matcher"),
            What::Evaluate(guided) => guided.start("wh-policy", "evaluate"),
            What::Who(who) => who.start(),
            What::Door(door) => door.start(),
        }
    }
}

/// The slice of every test run: always the same cases.
pub(crate) fn slice() -> Result<()> {
    Policy { cases: SLICE, seed: None, first: None, threads: 2 }.start()
}

/// The same of change sets.
pub(crate) fn slice_of_changes() -> Result<()> {
    Changes { comparisons: SLICE_OF_CHANGES, seed: None }.start()
}

impl Changes {
    fn start(&self) -> Result<()> {
        say("building the proving ground (release)");
        run(command("cargo", &["build", "--release", "--quiet", "--package", "proving"]))?;
        let mut proving = Command::new(target().join("release/proving"));
        proving.args(["fuzz", "changes", "--comparisons", &self.comparisons.to_string()]);
        if let Some(seed) = self.seed {
            proving.arg("--seed").arg(seed.to_string());
        }
        proving.current_dir(root());
        run(proving)
    }
}

impl Policy {
    fn start(&self) -> Result<()> {
        say("building the proving ground (release)");
        run(command("cargo", &["build", "--release", "--quiet", "--package", "proving"]))?;
        let mut proving = Command::new(target().join("release/proving"));
        proving.args(["fuzz", "policy", "--cases", &self.cases.to_string()]);
        proving.args(["--threads", &self.threads.to_string()]);
        for (name, value) in [("--seed", self.seed), ("--first", self.first)] {
            if let Some(value) = value {
                proving.arg(name).arg(value.to_string());
            }
        }
        proving.current_dir(root());
        run(proving)
    }
}

impl Who {
    fn start(&self) -> Result<()> {
        let test = "reach::tests::what_is_said_of_everybody_agrees_with_asking_for_each";
        let arguments = ["test", "--release", "-p", "wh-files", "--lib", "--", "--nocapture", test];
        let mut cargo = command("cargo", &arguments);
        cargo.env("WELLHOUSE_ESTATES", self.estates.to_string());
        run(cargo)
    }
}

impl Door {
    fn start(&self) -> Result<()> {
        let all = || DOOR.map(str::to_owned).to_vec();
        let targets = if self.targets.is_empty() { all() } else { self.targets.clone() };
        targets.iter().try_for_each(|target| {
            say(&format!("fuzzing {target} for {} s", self.guided.seconds));
            self.guided.start("wh-endpoint", target)
        })
    }
}

impl Guided {
    /// Runs libFuzzer. What it learns is kept in the target folder; a finding stands in `artifacts`
    /// and becomes a test.
    fn start(&self, package: &str, name: &str) -> Result<()> {
        let cargo_fuzz = tools::cargo_fuzz()?;
        let folder = root().join("crates").join(package).join("fuzz");
        let corpus = target().join("fuzz/corpus").join(name);
        fs::create_dir_all(&corpus)?;
        let mut fuzz = Command::new(cargo_fuzz);
        // No sanitizer: there is no unsafe code. The compiler's flags for coverage are not stable.
        fuzz.args(["run", "--sanitizer", "none", "--fuzz-dir"]).arg(&folder).arg(name);
        fuzz.arg("--target-dir").arg(target().join("fuzz")).arg(&corpus);
        let seeds = folder.join("seeds").join(name);
        if seeds.exists() {
            fuzz.arg(seeds);
        }
        fuzz.arg("--").arg(format!("-max_total_time={}", self.seconds));
        fuzz.arg(format!("-max_len={INPUT_BYTES_MAX}"));
        fuzz.arg(format!("-timeout={INPUT_SECONDS_MAX}"));
        let words = folder.join(format!("{name}.dict"));
        if words.exists() {
            fuzz.arg(format!("-dict={}", words.to_str().context("the path is not UTF-8")?));
        }
        fuzz.env("RUSTC_BOOTSTRAP", "1").current_dir(root());
        run(fuzz)
    }
}
