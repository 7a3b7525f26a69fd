//! Checkpoints: signed statements of how far the chains of the audit trail reached, and when.
//!
//! A line of the file is a signature in Base64, a blank, and the JSON that is signed, byte for byte: any
//! tool that knows Ed25519 can check it. Each names the hash of the line before, so that none can be
//! taken out between others. The file grows at its end only. A line that names another key hands over to
//! it: those after it are signed by that key, and no others count.

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
use wh_names::Entropy;

use super::key::{PublicKey, PublicKeys, SigningKey, alone, finish};

const FORMAT: u32 = 1;

/// The format of one that hands over to the next key.
const FORMAT_HANDING_OVER: u32 = 2;

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
    /// The public half of the key that signs from the next line on, in hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) next_key: Option<String>,
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

    /// The key to which the last checkpoint hands over, where it does.
    pub(super) fn next_key(&self) -> Option<String> {
        self.checkpoints.last().and_then(|last| last.next_key.clone())
    }

    /// When the key was handed over to, by a checkpoint that counts.
    pub(super) fn handed_over(&self, key: &PublicKey) -> Option<Timestamp> {
        let named = Some(key.fingerprint());
        self.checkpoints.iter().find(|one| one.next_key == named).map(|one| one.at)
    }
}

/// Reads the checkpoints of a file; a file that is missing has none. The oldest of the keys is believed;
/// the others must have been handed over to.
pub(super) fn read(path: &Path, keys: &PublicKeys) -> Result<Kept> {
    let mut kept = read_lines(path, keys)?;
    let others = keys.all().iter().skip(1);
    let foreign = others.filter(|key| kept.handed_over(key).is_none());
    let faults: Vec<_> = foreign
        .map(|key| {
            let key = key.fingerprint();
            format!("the key {key} was put in by somebody who does not hold the key before it")
        })
        .collect();
    kept.faults.extend(faults);
    Ok(kept)
}

fn read_lines(path: &Path, keys: &PublicKeys) -> Result<Kept> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Kept::default()),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let mut kept = Kept::default();
    let mut key = keys.oldest().cloned();
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        // A line that a crash cut short was never finished, and says nothing.
        let Some(line) = line.strip_suffix(b"\n") else { break };
        let number = kept.checkpoints.len() + kept.faults.len() + 1;
        match parse(line, key.as_ref()).and_then(|checkpoint| in_order(&kept, checkpoint)) {
            Ok(checkpoint) => {
                let next = checkpoint.next_key.as_deref().and_then(PublicKey::from_fingerprint);
                key = next.or(key);
                kept.checkpoints.push(checkpoint);
            }
            Err(why) => kept.faults.push(format!("line {number} {why}")),
        }
        kept.last = hex::encode(Sha256::digest(line));
        kept.whole += line.len() as u64 + 1;
    }
    Ok(kept)
}

/// The last checkpoint of a file alone: what came before it is for `audit verify` to read.
pub(super) fn newest(path: &Path, keys: &PublicKeys) -> Result<Kept> {
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
    match parse(line, keys.newest()).or_else(|why| just_handed_over(line, keys).ok_or(why)) {
        Ok(checkpoint) => kept.checkpoints.push(checkpoint),
        Err(why) => kept.faults.push(format!("the last line {why}")),
    }
    Ok(kept)
}

/// The line by which the key before the newest handed over to it.
fn just_handed_over(line: &[u8], keys: &PublicKeys) -> Option<Checkpoint> {
    let [.., before, newest] = keys.all() else { return None };
    let checkpoint = parse(line, Some(before)).ok()?;
    (checkpoint.next_key == Some(newest.fingerprint())).then_some(checkpoint)
}

fn parse(line: &[u8], key: Option<&PublicKey>) -> Result<Checkpoint, &'static str> {
    let line = std::str::from_utf8(line).map_err(|_| "is no text")?;
    let (signature, json) = line.split_once(' ').ok_or("is no checkpoint")?;
    let signature = STANDARD.decode(signature).map_err(|_| "has no signature")?;
    if !key.is_some_and(|key| key.has_signed(json.as_bytes(), &signature)) {
        return Err("was not signed by this key, or was changed since");
    }
    let checkpoint: Checkpoint = serde_json::from_str(json).map_err(|_| "is no checkpoint")?;
    match (checkpoint.format, &checkpoint.next_key) {
        (FORMAT, None) => {}
        (FORMAT_HANDING_OVER, Some(key)) if PublicKey::from_fingerprint(key).is_some() => {}
        _ => return Err("was made by a later version"),
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
    let checkpoint = Checkpoint { chains, ..after(kept, now) };
    write(path, (key, kept), &checkpoint)?;
    Ok(Some(checkpoint))
}

/// One that follows the last and says nothing new.
fn after(kept: &Kept, now: Timestamp) -> Checkpoint {
    let last = kept.checkpoints.last();
    Checkpoint {
        format: FORMAT,
        number: last.map_or(1, |last| last.number + 1),
        at: now,
        before: kept.last.clone(),
        chains: last.map_or_else(Vec::new, |last| last.chains.clone()),
        next_key: None,
    }
}

/// Makes another key, hands over to it, and puts it in the place of `key`. What the old one signed stays
/// good; it signs nothing more, and is gone.
pub(super) fn hand_over(
    path: &Path,
    key: &Path,
    now: Timestamp,
    entropy: &Entropy,
) -> Result<PublicKey> {
    let alone = alone(key)?;
    let old = SigningKey::open_alone(key, path, entropy)?;
    let kept = read(path, old.known())?;
    if let Some(fault) = old.fault().or_else(|| kept.faults.first().cloned()) {
        bail!("the checkpoints in {} are not whole: {fault}", path.display());
    }
    let next = SigningKey::successor(key, entropy)?;
    let (format, next_key) = (FORMAT_HANDING_OVER, Some(next.fingerprint()));
    write(path, (&old, &kept), &Checkpoint { format, next_key, ..after(&kept, now) })?;
    finish(key, path)?;
    drop(alone);
    Ok(next)
}

fn write(path: &Path, (key, kept): (&SigningKey, &Kept), checkpoint: &Checkpoint) -> Result<()> {
    let json = serde_json::to_string(checkpoint)?;
    let line = format!("{} {json}\n", STANDARD.encode(key.sign(json.as_bytes())));
    append(path, kept.whole, &line).with_context(|| format!("cannot write {}", path.display()))
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
