//! `wellhouse document`: the documentation of roles and policies, from the values that are applied.

use anyhow::Result;

use crate::config::Config;
use crate::output::say_document;
use crate::{Ended, estate};

/// Prints the estate's documentation as Markdown.
pub(crate) fn print(config: &Config) -> Result<Ended> {
    say_document(&wh_provision::document(&estate::configured(config)?));
    Ok(Ended::Done)
}
