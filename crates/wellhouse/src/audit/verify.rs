//! `wellhouse audit verify`: is every line of the trail there, as it was written?

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::json;
use wh_ledger::{AUDIT_REFUSALS_KEPT, AuditChain, AuditCheck, AuditFault, AuditFaultKind, Ledger};

use super::checkpoint::{Checkpoint, Kept, read};
use super::key::{self, PublicKeys};
use crate::config::Config;
use crate::store::Output;
use crate::{Ended, say};

/// Read the whole audit trail, and say what was changed, taken out, put in or written anew (exit 2)
#[derive(clap::Args)]
#[command(
    after_help = "Exit codes: 0 all of it is whole, 2 something is not, 1 it could not be read."
)]
pub(crate) struct Verify {
    /// Checkpoints that were kept elsewhere [default: audit.checkpoints in the data folder]
    #[arg(long, value_name = "FILE")]
    checkpoints: Option<PathBuf>,
    /// The public key that signed them, in PEM [default: audit.pub in the data folder]
    #[arg(long, value_name = "FILE")]
    public_key: Option<PathBuf>,
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

pub(super) async fn run(asked: &Verify, config: &Config, ledger: &Ledger) -> Result<Ended> {
    let file = asked.checkpoints.clone().unwrap_or_else(|| super::checkpoints(config));
    let public = key::public_path(&key::path(&config.data));
    let public = asked.public_key.clone().unwrap_or(public);
    let named = asked.checkpoints.is_some() || asked.public_key.is_some();
    let signs = key::path(&config.data).exists() || file.exists() || public.exists();
    let kept = if named || signs {
        let keys = PublicKeys::read(&public)?;
        let mut kept = read(&file, &keys)?;
        if !named {
            kept.faults.extend(key::foreign(&key::path(&config.data), &keys));
        }
        if !file.exists() {
            kept.faults.push(format!("{} is not there", file.display()));
        }
        if asked.output == Output::Text {
            print_keys(&keys, &kept);
        }
        kept
    } else {
        Kept::default()
    };
    let found = look(ledger, &kept).await?;
    let unlinked = ledger.audit_unlinked().await?;
    print(asked.output, &found, &kept, unlinked);
    let whole = unlinked == 0
        && kept.faults.is_empty()
        && found.iter().all(|check| check.faults.is_empty());
    Ok(if whole { Ended::Done } else { Ended::Different })
}

fn print_keys(keys: &PublicKeys, kept: &Kept) {
    for key in keys.all() {
        let handed_over = kept.handed_over(key).map(|at| format!(", handed over to at {at}"));
        let handed_over = handed_over.unwrap_or_default();
        say(&format!("Checkpoints of the key {}{handed_over}", key.fingerprint()));
    }
}

/// All chains from their beginnings, held against checkpoints.
pub(super) async fn look(ledger: &Ledger, kept: &Kept) -> Result<Vec<AuditCheck>> {
    let mut found = Vec::new();
    for chain in AuditChain::ALL {
        let mut check = ledger.check_audit_chain(chain, None, &kept.marks(chain)).await?;
        check.faults.extend(too_short(&check));
        found.push(check);
    }
    Ok(found)
}

/// Sweeping leaves so many lines of a chain whose beginning is forgotten; where there are less, somebody
/// else took them.
pub(super) fn too_short(check: &AuditCheck) -> Option<AuditFault> {
    let (tail, head) = (check.reach.tail.link, check.reach.head.link);
    let kept = i64::from(AUDIT_REFUSALS_KEPT);
    (tail > 0 && head - tail < kept)
        .then_some(AuditFault { link: tail, kind: AuditFaultKind::Beheaded })
}

pub(super) fn print(output: Output, found: &[AuditCheck], kept: &Kept, unlinked: u64) {
    if output == Output::Json {
        return say(&as_json(found, kept, unlinked).to_string());
    }
    for check in found {
        let (name, lines) = (check.reach.chain.as_str(), check.lines);
        let forgotten = match check.reach.tail.link {
            0 => String::new(),
            older => format!(", {older} older ones forgotten"),
        };
        let state = if check.faults.is_empty() { "whole" } else { "NOT WHOLE" };
        say(&format!("{name:<10} {state}: {lines} lines{forgotten}, {} marks", check.marks));
        check.faults.iter().for_each(|fault| say(&format!("           → {}", words(fault))));
    }
    kept.faults.iter().for_each(|fault| say(&format!("checkpoints NOT WHOLE: {fault}")));
    match kept.checkpoints.last() {
        Some(last) => {
            let count = kept.checkpoints.len();
            say(&format!("{count} checkpoints hold, the last of {}", last.at));
        }
        None => say("No checkpoint holds: whoever may write the ledger could have written it anew"),
    }
    if unlinked > 0 {
        say(&format!("{unlinked} lines stand in no chain"));
    }
}

fn as_json(found: &[AuditCheck], kept: &Kept, unlinked: u64) -> serde_json::Value {
    let chain = |check: &AuditCheck| {
        let fault = |fault: &AuditFault| json!({ "link": fault.link, "what": words(fault) });
        json!({
            "chain": check.reach.chain.as_str(),
            "lines": check.lines,
            "forgotten": check.reach.tail.link,
            "marks": check.marks,
            "faults": check.faults.iter().map(fault).collect::<Vec<_>>(),
        })
    };
    let whole = unlinked == 0
        && kept.faults.is_empty()
        && found.iter().all(|check| check.faults.is_empty());
    json!({
        "whole": whole,
        "chains": found.iter().map(chain).collect::<Vec<_>>(),
        "checkpoints": kept.checkpoints.len(),
        "checkpoint_faults": kept.faults,
        "last_checkpoint": kept.checkpoints.last().map(|last| last.at.to_string()),
        "unlinked": unlinked,
    })
}

pub(super) fn print_signed(output: Output, signed: Option<&Checkpoint>, file: &Path) {
    let number = signed.map(|checkpoint| checkpoint.number);
    match (output, number) {
        (Output::Json, _) => say(&json!({ "number": number, "file": file }).to_string()),
        (Output::Text, Some(number)) => {
            say(&format!("Checkpoint {number} was added to {}", file.display()));
        }
        (Output::Text, None) => say("Nothing was added since the last checkpoint"),
    }
}

/// A fault in words.
pub(super) fn words(fault: &AuditFault) -> String {
    let link = fault.link;
    match fault.kind {
        AuditFaultKind::Changed => format!("line {link} is not as it was written"),
        AuditFaultKind::Missing { to } if to == link => format!("line {link} is missing"),
        AuditFaultKind::Missing { to } => format!("lines {link} to {to} are missing"),
        AuditFaultKind::Repeated => format!("line {link} is there more than once"),
        AuditFaultKind::OutOfOrder => {
            format!("line {link} has a number that is not above those before it: put in afterwards")
        }
        AuditFaultKind::OtherEnd => {
            format!("the chain ends at line {link}, and its end is written down differently")
        }
        AuditFaultKind::Outside { lines } => format!("{lines} lines stand outside of the chain"),
        AuditFaultKind::Beheaded => {
            format!("the first {link} lines are gone, and more than is ever forgotten")
        }
        AuditFaultKind::Cut => {
            format!("a checkpoint has signed line {link}, which is not there: cut off, or put back")
        }
        AuditFaultKind::Forked => format!(
            "a checkpoint has signed another line {link}: the trail was written anew from there or \
             before"
        ),
    }
}
