//! `wellhouse keys rotate` and `wellhouse keys house`.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wh_ledger::{AuditOutcome, AuditWriter, Durability, Ledger};
use wh_portal::HouseKey;

use super::facts::{found, house_keys};
use super::rotate::{OwnKeys, Sessions, Which};
use crate::audit::Signing;
use crate::config::Config;
use crate::control::{self, Request, unheard};
use crate::embedded::Parameters;
use crate::store::Output;
use crate::{Ended, operator, parameters, say};

/// Rotate the house's own keys: those of sessions and sealed secrets, and that of the audit log
///
/// What the old keys sealed and signed stays good: sessions and presigned links live as long as they were
/// to, secrets in the ledger open, checkpoints verify. New keys seal and sign from now on. Works while the
/// server runs or not; nodes that share a ledger learn of it by themselves. docs/cryptography.md has more.
#[derive(clap::Args)]
pub(crate) struct Rotate {
    /// Only these
    #[arg(long, value_enum)]
    only: Option<Only>,
    /// End all temporary credentials and presigned links at once, because the old keys may be known. All
    /// servers of the house must be stopped
    #[arg(long, conflicts_with = "audit_key")]
    end_sessions: bool,
    /// The signing key of another account, where the server does not sign (audit.sign = "elsewhere")
    #[arg(long, value_name = "FILE", requires = "checkpoints")]
    audit_key: Option<PathBuf>,
    /// The checkpoints that it signs
    #[arg(long, value_name = "FILE", requires = "audit_key")]
    checkpoints: Option<PathBuf>,
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

/// Which keys are rotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Only {
    /// `authority.keys`
    Authority,
    /// `audit.key`
    Audit,
}

/// List the house's own keys and their ages, without the keys
#[derive(clap::Args)]
pub(crate) struct House {
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

pub(crate) fn which(only: Option<Only>) -> Which {
    match only {
        None => Which::Both,
        Some(Only::Authority) => Which::Authority,
        Some(Only::Audit) => Which::Audit,
    }
}

pub(crate) async fn rotate(asked: &Rotate, config: &Config, ledger: &Ledger) -> Result<Ended> {
    if let (Some(key), Some(checkpoints)) = (asked.audit_key.clone(), asked.checkpoints.clone()) {
        let signing = Signing { key, checkpoints };
        let (now, entropy) = (parameters::clock().now(), parameters::entropy());
        let rotating = async { signing.rotate(now, &entropy) };
        recorded(ledger, "house/audit.key", rotating).await?;
        say("The key was rotated. Give the new public file to whoever verifies.");
        return Ok(Ended::Done);
    }
    if asked.only == Some(Only::Audit) && Signing::of(config).is_none() {
        bail!("another account signs the audit log: name --audit-key and --checkpoints");
    }
    let resource = match which(asked.only) {
        Which::Both => "house/authority.keys, audit.key",
        Which::Authority => "house/authority.keys",
        Which::Audit => "house/audit.key",
    };
    Box::pin(recorded(ledger, resource, rotated(asked, config, ledger))).await?;
    listed(config, asked.output)?;
    Ok(Ended::Done)
}

/// By the server that runs on the data folder, or by ourselves.
async fn rotated(asked: &Rotate, config: &Config, ledger: &Ledger) -> Result<()> {
    if asked.end_sessions {
        let runs = control::ask(&config.data, &Request::Standing, &mut unheard).await?.is_some();
        if runs {
            bail!("the server runs: stop it, and all nodes of the house, for --end-sessions");
        }
    } else {
        let request = Request::RotateKeys(asked.only);
        if control::ask(&config.data, &request, &mut unheard).await?.is_some() {
            return Ok(());
        }
    }
    let (clock, entropy) = (parameters::clock(), parameters::entropy());
    let parameters = Parameters { ledger: ledger.clone(), clock, entropy };
    let sessions = if asked.end_sessions { Sessions::End } else { Sessions::LiveOn };
    let own = OwnKeys::open(config, &parameters).await?;
    own.rotate(which(asked.only), sessions).await
}

async fn recorded(
    ledger: &Ledger,
    resource: &str,
    rotating: impl Future<Output = Result<()>>,
) -> Result<()> {
    let audit = AuditWriter::start(ledger).await?;
    let record = operator::record(operator::Deed::to("RotateHouseKeys", resource));
    let id = audit.record(record, Durability::Disk).await?;
    let done = rotating.await;
    let outcome = if done.is_ok() { "done" } else { "keys-not-rotated" };
    audit.tell(id, AuditOutcome::of(parameters::clock().now(), outcome));
    audit.flush().await;
    done.context("the keys were not rotated")
}

pub(crate) fn house(asked: &House, config: &Config) -> Result<Ended> {
    listed(config, asked.output)?;
    Ok(Ended::Done)
}

fn listed(config: &Config, output: Output) -> Result<()> {
    let all = house_keys(found(config, None)?, parameters::clock().now());
    match output {
        Output::Json => {
            let keys: Vec<Value> = all.iter().map(as_json).collect();
            say(&json!({ "keys": keys }).to_string());
        }
        Output::Text => all.iter().for_each(|key| say(&in_words(key))),
    }
    Ok(())
}

fn as_json(key: &HouseKey) -> Value {
    json!({
        "file": key.file,
        "generation": key.generation,
        "fingerprint": key.fingerprint,
        "made_at": key.made_at.map(|at| at.to_string()),
        "seals_from": key.seals_from.map(|at| at.to_string()),
        "opens_sessions_until": key.opens_sessions_until.map(|at| at.to_string()),
        "in_force": key.in_force,
        "due_at": key.due_at.map(|at| at.to_string()),
    })
}

fn in_words(key: &HouseKey) -> String {
    let HouseKey { file, generation, .. } = key;
    let made = key.made_at.map_or("at an unknown time".to_owned(), |at| at.to_string());
    let state = match (key.in_force, key.opens_sessions_until, key.seals_from, key.due_at) {
        (true, _, _, Some(due)) => format!("in force; to be rotated by {due}"),
        (true, _, _, None) => "in force".to_owned(),
        (false, Some(until), _, _) => {
            format!("replaced; opens sessions until {until}, and what the ledger keeps for good")
        }
        (false, None, Some(from), _) => format!("seals from {from}"),
        (false, None, None, _) => "not in use".to_owned(),
    };
    let fingerprint = key.fingerprint.as_ref().map(|print| format!("  {print}"));
    let fingerprint = fingerprint.unwrap_or_default();
    format!("{file:<15} generation {generation}, made {made}: {state}{fingerprint}")
}
