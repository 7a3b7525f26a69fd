//! `cargo xtask schemathesis`: random requests after the OpenAPI document, as nobody, as a regular person
//! and as an administrator, against the release binary on the loopback.

use std::path::Path;

use anyhow::Result;

use crate::harness::Build;
use crate::run::{command, run};
use crate::tools;

/// Ask the API whatever its description allows and does not, and look for 5xx and answers that it does not have
#[derive(clap::Args)]
pub(crate) struct Schemathesis {
    /// How many requests at least, of all three together
    #[arg(long, default_value_t = 5_000)]
    cases: u32,
    /// For how long as each of the three, before the next round
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Seed of the first round
    #[arg(long, default_value_t = 1)]
    seed: u32,
}

/// What `cargo xtask test` tries.
pub(crate) fn slice() -> Result<()> {
    ask(&Build::Release.server()?, [600, 15, 1])
}

impl Schemathesis {
    /// Builds the binary and asks it.
    pub(crate) fn start(&self) -> Result<()> {
        ask(&Build::Release.server()?, [self.cases, self.seconds, self.seed])
    }
}

fn ask(binary: &Path, bounds: [u32; 3]) -> Result<()> {
    let python = tools::schemathesis()?.join("bin/python").to_string_lossy().into_owned();
    let mut asking = command(&python, &["tests/schemathesis/run.py"]);
    asking.env("PYTHONDONTWRITEBYTECODE", "1").arg(binary);
    asking.args(bounds.map(|bound| bound.to_string()));
    run(asking)
}
