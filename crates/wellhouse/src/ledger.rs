//! Where the ledger is, as the configuration says: SQLite in the data folder, or a PostgreSQL that
//! several nodes share.

use anyhow::{Context, Result};
use wh_ledger::{Ledger, PostgresOptions};
use wh_names::{Clock, Secret};

use crate::config::Config;
use crate::secret_file;

/// The variable that holds the password where no file does.
const PASSWORD_VARIABLE: &str = "WELLHOUSE_LEDGER_PASSWORD";

/// Whether there is one, as far as can be told without asking a server.
pub(crate) fn is_there(config: &Config) -> bool {
    config.ledger.url.is_some() || config.data.join("ledger.db").is_file()
}

/// Opens the ledger.
pub(crate) async fn open(config: &Config, clock: &Clock) -> Result<Ledger> {
    let Some(url) = &config.ledger.url else {
        let data = &config.data;
        let opened = Ledger::open(&data.join("ledger.db")).await;
        return opened.with_context(|| format!("cannot open the ledger in {}", data.display()));
    };
    let password = password(config)?;
    let options = PostgresOptions::new(url, password.as_ref(), &config.ledger.schema)
        .context("ledger.url, ledger.schema")?;
    let opened = Ledger::connect(&options, clock.clone()).await;
    opened.with_context(|| {
        format!(
            "cannot open the ledger at ledger.url, {}: see that the server runs there and that \
             ledger.url, ledger.password_file and the server's pg_hba.conf agree",
            options.address()
        )
    })
}

fn password(config: &Config) -> Result<Option<Secret>> {
    match &config.ledger.password_file {
        Some(path) => Ok(Some(secret_file::read("ledger.password_file", path)?)),
        None => from_environment(),
    }
}

#[expect(clippy::disallowed_methods, reason = "a secret, so no field of the configuration")]
fn from_environment() -> Result<Option<Secret>> {
    match std::env::var(PASSWORD_VARIABLE) {
        Ok(text) => Ok(Some(Secret::parse(&text).context(PASSWORD_VARIABLE)?)),
        Err(_absent) => Ok(None),
    }
}
