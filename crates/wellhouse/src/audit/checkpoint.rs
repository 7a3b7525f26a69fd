//! Checkpoints: signed statements of how far the chains of the audit trail reached, and when.
//!
//! A line of the file is a signature in Base64, a blank, and the JSON that is signed, byte for byte: any
//! tool that knows Ed25519 can check it. Each names the hash of the line before, so that none can be
//! taken out between others. The file grows at its end only.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wh_ledger::{AuditChain, AuditCheck, AuditMark};

use super::key::{PublicKey, SigningKey};

const FORMAT: u32 = 1;

/// The last line is well within so many bytes of the end.
const TAIL_BYTES: u64 = 16 * 1024;

/// What is signed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Checkpoint {
    format: u32,
    /// Counted from 1.
    pub(super) number: u64,
    pub(super) at: Timestamp,
    /// The SHA-256 of the line before, in hexadecimal digits; empty in the first.
    before: String,
    pub(super) chains: Vec<Reached>,
}

/// How far a chain reached.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reached {
    chain: String,
    link: i64,
    hash: String,
}

/// The checkpoints of a file that are good, and what is wrong with the rest.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) checkpoints: Vec<Checkpoint>,
    pub(super) faults: Vec<String>,
    /// The hash of the last line.
    last: String,
    /// How many bytes of the file are whole lines.
    whole: u64,
}

impl Kept {
    /// What they say of a chain.
    pub(super) fn marks(&self, chain: AuditChain) -> Vec<AuditMark> {
        let all = self.checkpoints.iter().flat_map(|checkpoint| &checkpoint.chains);
        let of_chain = all.filter(|reached| reached.chain == chain.as_str());
        of_chain.map(|r| AuditMark { link: r.link, hash: r.hash.clone() }).collect()
    }
}

/// Reads the checkpoints of a file; a file that is missing has none.
pub(super) fn read(path: &Path, key: &PublicKey) -> Result<Kept> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Kept::default()),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let mut kept = Kept::default();
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        // A line that a crash cut short was never finished, and says nothing.
        let Some(line) = line.strip_suffix(b"\n") else { break };
        let number = kept.checkpoints.len() + kept.faults.len() + 1;
        match parse(line, key).and_then(|checkpoint| in_order(&kept, checkpoint)) {
            Ok(checkpoint) => kept.checkpoints.push(checkpoint),
            Err(why) => kept.faults.push(format!("line {number} {why}")),
        }
        kept.last = hex::encode(Sha256::digest(line));
        kept.whole += line.len() as u64 + 1;
    }
    Ok(kept)
}

/// The last checkpoint of a file alone: what came before it is for `audit verify` to read.
pub(super) fn newest(path: &Path, key: &PublicKey) -> Result<Kept> {
    let cannot = || format!("cannot read {}", path.display());
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Kept::default()),
        Err(error) => return Err(error).with_context(cannot),
    };
    let length = file.metadata().with_context(cannot)?.len();
    let start = length.saturating_sub(TAIL_BYTES);
    file.seek(SeekFrom::Start(start)).with_context(cannot)?;
    let mut tail = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut tail).with_context(cannot)?;
    let whole = tail.iter().rposition(|byte| *byte == b'\n');
    let Some(lines) = whole.and_then(|end| tail.get(..end)) else {
        if start > 0 {
            bail!("the end of {} is no checkpoint: run `wellhouse audit verify`", path.display());
        }
        return Ok(Kept::default());
    };
    let line = lines.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let mut kept = Kept {
        last: hex::encode(Sha256::digest(line)),
        whole: start + lines.len() as u64 + 1,
        ..Kept::default()
    };
    match parse(line, key) {
        Ok(checkpoint) => kept.checkpoints.push(checkpoint),
        Err(why) => kept.faults.push(format!("the last line {why}")),
    }
    Ok(kept)
}

fn parse(line: &[u8], key: &PublicKey) -> Result<Checkpoint, &'static str> {
    let line = std::str::from_utf8(line).map_err(|_| "is no text")?;
    let (signature, json) = line.split_once(' ').ok_or("is no checkpoint")?;
    let signature = STANDARD.decode(signature).map_err(|_| "has no signature")?;
    if !key.has_signed(json.as_bytes(), &signature) {
        return Err("was not signed by this key, or was changed since");
    }
    let checkpoint: Checkpoint = serde_json::from_str(json).map_err(|_| "is no checkpoint")?;
    if checkpoint.format != FORMAT {
        return Err("was made by a later version");
    }
    Ok(checkpoint)
}

fn in_order(kept: &Kept, checkpoint: Checkpoint) -> Result<Checkpoint, &'static str> {
    if checkpoint.before != kept.last {
        return Err("does not follow the line before it: lines are missing, or in another order");
    }
    Ok(checkpoint)
}

/// Adds a checkpoint of what was found whole; none where nothing was added since the last.
pub(super) fn add(
    path: &Path,
    (key, kept): (&SigningKey, &Kept),
    found: &[AuditCheck],
    now: Timestamp,
) -> Result<Option<Checkpoint>> {
    if !kept.faults.is_empty() {
        bail!("the checkpoints in {} are not whole: nothing was signed", path.display());
    }
    let reached = |check: &AuditCheck| Reached {
        chain: check.reach.chain.as_str().to_owned(),
        link: check.reach.head.link,
        hash: check.reach.head.hash.clone(),
    };
    let chains: Vec<_> = found.iter().map(reached).collect();
    let links = |chains: &[Reached]| chains.iter().map(|r| r.link).collect::<Vec<_>>();
    let last = kept.checkpoints.last();
    if last.is_some_and(|last| links(&last.chains) == links(&chains)) {
        return Ok(None);
    }
    let number = last.map_or(1, |last| last.number + 1);
    let before = kept.last.clone();
    let checkpoint = Checkpoint { format: FORMAT, number, at: now, before, chains };
    let json = serde_json::to_string(&checkpoint)?;
    let line = format!("{} {json}\n", STANDARD.encode(key.sign(json.as_bytes())));
    append(path, kept.whole, &line).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(Some(checkpoint))
}

fn append(path: &Path, whole: u64, line: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options.read(true).append(true).create(true).mode(0o600).open(path)?;
    file.lock()?;
    let mut rest = Vec::new();
    file.seek(SeekFrom::Start(whole))?;
    file.read_to_end(&mut rest)?;
    if rest.contains(&b'\n') || file.metadata()?.len() < whole {
        return Err(std::io::Error::other("somebody else writes to it: ask again"));
    }
    // A line that a crash cut short was never finished.
    if !rest.is_empty() {
        file.set_len(whole)?;
    }
    file.write_all(line.as_bytes())?;
    file.sync_all()
}
