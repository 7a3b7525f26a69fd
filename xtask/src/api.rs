//! `cargo xtask api`: the OpenAPI document and the UI's types, both committed.

use std::fs;

use anyhow::{Context, Result};

use crate::run::{command, output, root, run, say, target};
use crate::web;

/// Writes `openapi.json` from the server's code and `web/src/api/schema.d.ts` from that.
pub(crate) fn write() -> Result<()> {
    run(command("cargo", &["build", "--quiet", "--package", "wellhouse"]))?;
    let binary = target().join("debug/wellhouse");
    let document = output(&binary.to_string_lossy(), &["openapi"])
        .context("`wellhouse openapi` printed nothing")?;
    fs::write(root().join("openapi.json"), document + "\n")?;
    web::install()?;
    web::npm_run("api")?;
    say("wrote openapi.json and web/src/api/schema.d.ts");
    Ok(())
}
