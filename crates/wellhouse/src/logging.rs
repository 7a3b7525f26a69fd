//! Logs go to standard error, as text or as JSON lines.

use std::io::IsTerminal;

use anyhow::{Context, Result};
use tracing_subscriber::EnvFilter;

use crate::config::{LogConfig, LogFormat};

/// Always on top of the operator's filter: these crates log credentials or query strings in detail.
const NEVER: [&str; 6] = [
    "aws_sigv4=warn",
    "aws_smithy_runtime=warn",
    "aws_smithy_runtime_api=warn",
    "hyper=info",
    "s3s=off",
    "sqlx=warn",
];

/// Starts logging for the whole process.
pub(crate) fn start(config: &LogConfig) -> Result<()> {
    let mut filter = EnvFilter::try_new(&config.filter)
        .with_context(|| format!("log.filter = `{}` is not a filter", config.filter))?;
    for directive in NEVER {
        filter = filter.add_directive(directive.parse()?);
    }
    let colours = std::io::stderr().is_terminal();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours);
    let builder = builder.with_writer(std::io::stderr);
    match config.format {
        LogFormat::Text => builder.with_target(true).init(),
        LogFormat::Json => builder.json().init(),
    }
    Ok(())
}
