//! `bench policy`: build `proving/bench`, which is no member of the workspace, and run it.

use std::process::Command;

use anyhow::Result;

use crate::run::{command, root, run, say, target};

/// Measure the policy engine, side by side with three others.
#[derive(clap::Args)]
pub(crate) struct PolicyBench {
    /// Shorter rounds: to see that it works, not to quote
    #[arg(long)]
    quick: bool,
    /// What to print
    #[arg(long, value_enum, default_value_t = Output::Table)]
    output: Output,
}

/// How the figures are printed.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Output {
    /// Markdown for people
    Table,
    /// JSON for programs
    Json,
}

impl PolicyBench {
    /// Builds it with its own lock file, and runs it.
    pub(crate) fn start(&self) -> Result<()> {
        say("building the policy benchmark and its peers (release; some minutes at first)");
        let folder = target().join("policy-bench");
        let mut build = command("cargo", &["build", "--release", "--locked", "--quiet"]);
        build.args(["--manifest-path", "proving/bench/Cargo.toml", "--target-dir"]).arg(&folder);
        run(build)?;
        let mut bench = Command::new(folder.join("release/policy-bench"));
        if self.quick {
            bench.arg("--quick");
        }
        let output = match self.output {
            Output::Table => "table",
            Output::Json => "json",
        };
        bench.args(["--output", output]).current_dir(root());
        run(bench)
    }
}
