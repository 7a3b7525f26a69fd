//! `cargo xtask up` and `dev`: from a fresh clone to a running house.

use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::run::{command, root, run, say, target};
use crate::web;

/// Build and start.
#[derive(clap::Args)]
pub(crate) struct Up {
    /// Passed on to `wellhouse serve`, for example `--data DIR`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    serve: Vec<String>,
}

impl Up {
    /// Builds UI and binary in release and becomes the server.
    pub(crate) fn start_release(self) -> Result<()> {
        let started = Instant::now();
        web::build()?;
        say("building the server (release; some minutes the first time)");
        run(command("cargo", &["build", "--release", "--quiet", "--package", "wellhouse"]))?;
        say(&format!("built in {} s; starting", started.elapsed().as_secs()));
        let mut server = Command::new(target().join("release/wellhouse"));
        server.arg("serve").args(self.serve).current_dir(root());
        // The server takes this process's place, so that Ctrl-C and signals reach it directly.
        Err(server.exec()).context("the server did not start")
    }

    /// Starts a debug server and the Vite dev server in front of it.
    pub(crate) fn start_dev(self) -> Result<()> {
        web::install()?;
        run(command("cargo", &["build", "--package", "wellhouse"]))?;
        let mut server = Command::new(target().join("debug/wellhouse"));
        server.arg("serve").args(["--portal-origin", "http://localhost:5173"]).args(self.serve);
        let mut server = server.current_dir(root()).spawn().context("the server did not start")?;
        let vite = web::npm_run("dev");
        server.kill()?;
        server.wait()?;
        vite
    }
}
