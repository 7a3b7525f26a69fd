//! `wellhouse audit …`, and what the server does for its audit trail: to see that the chains are whole,
//! and to sign how far they reach.

mod checkpoint;
mod correlate;
mod key;
mod verify;
mod watch;

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::config::Config;
use crate::output::complain;
use crate::store::Output;
use crate::{Ended, ledger, parameters};

pub(crate) use watch::watch;

/// Look after the audit trail: that nothing in it was changed, taken out or put in
///
/// Every line of the trail is chained to the one before, and checkpoints sign how far the chain reached.
#[derive(clap::Subcommand)]
#[command(
    after_help = "docs/audit.md tells what is found by what, and how to keep checkpoints elsewhere."
)]
pub(crate) enum Audit {
    Verify(verify::Verify),
    Checkpoint(Checkpoint),
    Correlate(correlate::Correlate),
}

/// Check the chains, and sign how far they reach
///
/// The server does this by itself, with a key in the data folder, unless audit.sign = "elsewhere". Run by
/// another account, with a key that the server cannot read, it protects against the server, too.
#[derive(clap::Args)]
pub(crate) struct Checkpoint {
    /// The signing key, a file that is made where it is missing [default: audit.key in the data folder]
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// The file to which checkpoints are added [default: audit.checkpoints in the data folder]
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

/// The file of the checkpoints that the server makes.
fn checkpoints(config: &Config) -> PathBuf {
    config.data.join("audit.checkpoints")
}

pub(crate) async fn run(command: Audit, config: Config) -> Result<Ended> {
    if !ledger::is_there(&config) {
        bail!("there is no installation in {}", config.data.display());
    }
    let ledger = ledger::open(&config, &parameters::clock()).await?;
    let done = match command {
        Audit::Verify(asked) => verify::run(&asked, &config, &ledger).await,
        Audit::Checkpoint(asked) => checkpointed(&asked, &config, &ledger).await,
        Audit::Correlate(asked) => correlate::run(&asked, &config, &ledger).await,
    };
    ledger.close().await;
    done
}

async fn checkpointed(
    asked: &Checkpoint,
    config: &Config,
    ledger: &wh_ledger::Ledger,
) -> Result<Ended> {
    let key = asked.key.clone().unwrap_or_else(|| key::path(&config.data));
    let file = asked.to.clone().unwrap_or_else(|| checkpoints(config));
    let key = key::SigningKey::open(&key, &parameters::entropy())?;
    let kept = checkpoint::read(&file, &key.public())?;
    let found = verify::look(ledger, &kept).await?;
    if found.iter().any(|check| !check.faults.is_empty()) {
        verify::print(asked.output, &found, &kept, 0);
        complain(&anyhow::anyhow!("the chains are not whole: nothing was signed"));
        return Ok(Ended::Different);
    }
    ledger.settle_audit().await?;
    let signed = checkpoint::add(&file, (&key, &kept), &found, parameters::clock().now())?;
    verify::print_signed(asked.output, signed.as_ref(), &file);
    Ok(Ended::Done)
}
