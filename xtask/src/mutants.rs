//! `cargo xtask mutants`: breaks the policy engine in small ways, one at a time, and counts how often
//! its tests notice.

use std::path::PathBuf;

use anyhow::Result;

use crate::run::{command, run};
use crate::tools;

/// The evaluator and the matcher: what a decision depends on once documents are read.
const FILES: [&str; 9] = [
    "crates/wh-policy/src/applies.rs",
    "crates/wh-policy/src/arn_pattern.rs",
    "crates/wh-policy/src/condition.rs",
    "crates/wh-policy/src/context.rs",
    "crates/wh-policy/src/evaluate.rs",
    "crates/wh-policy/src/glob.rs",
    "crates/wh-policy/src/index.rs",
    "crates/wh-policy/src/principal.rs",
    "crates/wh-policy/src/template.rs",
];

/// How long one run of the tests may take, in seconds. A mutant that loops is caught by it.
const SECONDS_MAX: &str = "90";

/// Break the policy engine in small ways and count how often its tests notice
#[derive(clap::Args)]
pub(crate) struct Mutants {
    /// A part of the whole, such as 1/8
    #[arg(long)]
    shard: Option<String>,
    /// Where to write the lists of caught and missed mutants
    #[arg(long, default_value = "target/mutants")]
    out: PathBuf,
}

impl Mutants {
    /// Runs cargo-mutants; it fails where a mutant was missed, and lists it.
    pub(crate) fn start(&self) -> Result<()> {
        let program = tools::cargo_mutants()?.to_string_lossy().into_owned();
        let out = self.out.to_string_lossy().into_owned();
        let mut arguments =
            vec!["mutants", "--package", "wh-policy", "--timeout", SECONDS_MAX, "--output", &out];
        arguments.extend(FILES.iter().flat_map(|file| ["--file", file]));
        if let Some(shard) = &self.shard {
            arguments.extend(["--shard", shard]);
        }
        // Analysis is judged by the evaluator, not the other way round.
        arguments.extend(["--", "--lib", "--test", "policy", "--test", "vectors"]);
        arguments.extend(["--", "--skip", "analysis"]);
        run(command(&program, &arguments))
    }
}
