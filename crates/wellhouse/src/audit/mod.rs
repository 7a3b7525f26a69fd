//! `wellhouse audit …`, and what the server does for its audit trail: to see that the chains are whole,
//! and to sign how far they reach.

mod checkpoint;
mod correlate;
mod key;
mod verify;
mod watch;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Result, bail};
use jiff::Timestamp;
use wh_names::Entropy;

use crate::config::{AuditSigning, Config};
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

/// One signs, or hands the key over, at a time.
pub(crate) type SigningTurn = Arc<tokio::sync::Mutex<()>>;

/// A signing key and the checkpoints that it signs.
#[derive(Debug, Clone)]
pub(crate) struct Signing {
    pub(crate) key: PathBuf,
    pub(crate) checkpoints: PathBuf,
}

/// What is known of a signing key.
#[derive(Debug, Clone)]
pub(crate) struct SigningKeyFacts {
    /// Its public half, in hexadecimal digits.
    pub(crate) fingerprint: String,
    /// Which it is, from 1.
    pub(crate) generation: usize,
    pub(crate) made: Option<Timestamp>,
}

impl Signing {
    /// That of the data folder; `None` where another account signs.
    pub(crate) fn of(config: &Config) -> Option<Self> {
        match config.audit.sign {
            AuditSigning::Here => {
                Some(Self { key: key::path(&config.data), checkpoints: checkpoints(config) })
            }
            AuditSigning::Elsewhere => None,
        }
    }

    /// Makes another key, to which the one before hands over among the checkpoints.
    pub(crate) fn rotate(&self, now: Timestamp, entropy: &Entropy) -> Result<()> {
        checkpoint::hand_over(&self.checkpoints, &self.key, now, entropy).map(drop)
    }

    /// What is known of the key; `None` where none was made yet.
    pub(crate) fn facts(&self) -> Result<Option<SigningKeyFacts>> {
        if !self.key.exists() {
            return Ok(None);
        }
        let known = key::PublicKeys::read(&key::public_path(&self.key))?;
        let Some(newest) = known.newest() else { return Ok(None) };
        if let Some(fault) = key::foreign(&self.key, &known) {
            bail!("{fault}");
        }
        // A key that was handed over to was written when it was made.
        let written = std::fs::metadata(&self.key).and_then(|found| found.modified()).ok();
        let written = written.and_then(|at| Timestamp::try_from(at).ok());
        Ok(Some(SigningKeyFacts {
            fingerprint: newest.fingerprint(),
            generation: known.all().len(),
            made: written,
        }))
    }
}

/// When the last checkpoint was signed with the key of the data folder; `None`: none was, or another account
/// signs.
pub(crate) fn signed_at(config: &Config) -> Result<Option<Timestamp>> {
    let Some(signing) = Signing::of(config).filter(|signing| signing.key.exists()) else {
        return Ok(None);
    };
    let known = key::PublicKeys::read(&key::public_path(&signing.key))?;
    let kept = checkpoint::newest(&signing.checkpoints, &known)?;
    Ok(kept.checkpoints.last().map(|last| last.at))
}

async fn checkpointed(
    asked: &Checkpoint,
    config: &Config,
    ledger: &wh_ledger::Ledger,
) -> Result<Ended> {
    let key = asked.key.clone().unwrap_or_else(|| key::path(&config.data));
    let file = asked.to.clone().unwrap_or_else(|| checkpoints(config));
    let key = key::SigningKey::open(&key, &file, &parameters::entropy())?;
    let mut kept = checkpoint::read(&file, key.known())?;
    kept.faults.extend(key.fault());
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
