//! `wellhouse document`: the documentation of roles and policies, from the values that are applied.

use anyhow::{Result, bail};
use jiff::Timestamp;
use wh_ledger::{EstateCheck, Ledger, LedgerError};
use wh_provision::{DocumentFormat, Standing, diagram, document, document_html, document_in_force};

use crate::config::Config;
use crate::estate::Which;
use crate::output::say_document;
use crate::{Ended, ledger, parameters};

/// Print the documentation of the estate: who may become which role, what each may do, every policy
#[derive(clap::Args)]
pub(crate) struct Document {
    #[command(flatten)]
    which: Which,
    /// As what
    #[arg(long, value_enum, default_value_t = Format::Markdown)]
    format: Format,
    /// What is in force in this installation, with what administrators saved, in the place of what is
    /// described; and whether the store was so when it was last read back
    #[arg(long)]
    in_force: bool,
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
pub(crate) async fn print(config: Config, asked: Document) -> Result<Ended> {
    let text = if asked.in_force {
        in_force(&config, &asked).await?
    } else {
        let estate = asked.which.estate(&config)?;
        match asked.format {
            Format::Markdown => document(&estate),
            Format::Html => document_html(&estate),
            Format::Svg => diagram(&estate),
        }
    };
    say_document(&text);
    Ok(Ended::Done)
}

async fn in_force(config: &Config, asked: &Document) -> Result<String> {
    if !ledger::is_there(config) {
        bail!(
            "there is no installation in {}: start the server once, or say --data",
            config.data.display()
        );
    }
    let (described, estate) = (asked.which.estate(config)?, asked.which.in_force(config).await?);
    let clock = parameters::clock();
    let ledger = ledger::open(config, &clock).await?;
    let known = read_back(&ledger).await;
    ledger.close().await;
    let (check, saved_at, unread_at) = known?;
    let saved_since = check.as_ref().is_some_and(|check| saved_at >= Some(check.checked_at));
    let unread_at = unread_at.map(|at| at.to_string());
    let read_at = check.as_ref().map(|check| check.checked_at.to_string());
    let differences = check.map(|check| check.differences).unwrap_or_default();
    let standing = Standing {
        described: &described,
        made_at: &clock.now().to_string(),
        read_at: read_at.as_deref(),
        differences: &differences,
        unread_at: unread_at.as_deref(),
        saved_since,
    };
    Ok(match asked.format {
        Format::Markdown => document_in_force(&estate, &standing, DocumentFormat::Markdown),
        Format::Html => document_in_force(&estate, &standing, DocumentFormat::Html),
        Format::Svg => diagram(&estate),
    })
}

/// What was found when the store was read back, when permissions were saved last, and when reading failed.
async fn read_back(
    ledger: &Ledger,
) -> Result<(Option<EstateCheck>, Option<Timestamp>, Option<Timestamp>), LedgerError> {
    let (check, saved_at) = (ledger.estate_check().await?, ledger.policies_saved_at().await?);
    Ok((check, saved_at, ledger.estate_unread().await?))
}
