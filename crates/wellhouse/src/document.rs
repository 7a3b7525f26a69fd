//! `wellhouse document`: the documentation of roles and policies, from the values that are applied.

use anyhow::Result;
use wh_provision::{diagram, document, document_html};

use crate::Ended;
use crate::config::Config;
use crate::estate::Which;
use crate::output::say_document;

/// Print the documentation of the estate: who may become which role, what each may do, every policy
#[derive(clap::Args)]
pub(crate) struct Document {
    #[command(flatten)]
    which: Which,
    /// As what
    #[arg(long, value_enum, default_value_t = Format::Markdown)]
    format: Format,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// For repositories and terminals
    Markdown,
    /// One page that needs nothing else, with the diagram
    Html,
    /// The diagram alone: who may assume what, and reach what
    Svg,
}

/// Prints it.
pub(crate) fn print(config: &Config, asked: &Document) -> Result<Ended> {
    let estate = asked.which.estate(config)?;
    let text = match asked.format {
        Format::Markdown => document(&estate),
        Format::Html => document_html(&estate),
        Format::Svg => diagram(&estate),
    };
    say_document(&text);
    Ok(Ended::Done)
}
