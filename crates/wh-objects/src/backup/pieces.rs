//! Pieces kept by what is in them, and the reading back that every writing ends with.

use std::collections::HashSet;
use std::fmt;

use futures::StreamExt;
use sha2::{Digest, Sha256};

use super::error::BackupError;
use super::target::{Source, Target};

/// How long a piece is, in bytes; the last one of a file is what is left.
pub(super) const PIECE_BYTES: usize = 256 << 10;

/// A SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Sum([u8; 32]);

impl Sum {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 32] = hex::decode(text).ok()?.try_into().ok()?;
        Some(Self(bytes)).filter(|sum| sum.to_string() == text)
    }

    /// The name of the piece that has it.
    pub(super) fn piece(&self) -> String {
        let text = self.to_string();
        let shard: String = text.chars().take(2).collect();
        format!("chunks/{shard}/{text}")
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

pub(super) fn sum(data: &[u8]) -> Sum {
    Sum(Sha256::digest(data).into())
}

/// A SHA-256 of what comes by and by.
#[derive(Clone, Default)]
pub(super) struct Summing(Sha256);

impl Summing {
    pub(super) fn add(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    pub(super) fn sum(self) -> Sum {
        Sum(self.0.finalize().into())
    }
}

pub(super) fn damaged(target: &dyn Target, what: &str) -> BackupError {
    BackupError::Damaged { target: target.describe(), what: format!("`{what}`") }
}

/// Reads a file of the target, handing its blocks on, and tells its length and its sum.
pub(super) async fn read(
    target: &dyn Target,
    name: &str,
    on_block: &mut (dyn FnMut(&[u8]) -> Result<(), BackupError> + Send),
) -> Result<(u64, Sum), BackupError> {
    let mut body = target.get(name).await?.ok_or_else(|| damaged(target, name))?;
    let (mut bytes, mut summing) = (0, Summing::default());
    while let Some(block) = body.next().await {
        let reading = |e| super::TargetError::new(format!("reading `{name}`"), e);
        let block = block.map_err(reading)?;
        bytes += block.len() as u64;
        summing.add(&block);
        on_block(&block)?;
    }
    Ok((bytes, summing.sum()))
}

/// Reads a whole file of the target, of `bytes_max` at most.
pub(super) async fn read_small(
    target: &dyn Target,
    name: &str,
    bytes_max: usize,
) -> Result<(Vec<u8>, Sum), BackupError> {
    let mut data = Vec::new();
    let mut keep = |block: &[u8]| {
        if data.len() + block.len() > bytes_max {
            return Err(damaged(target, name));
        }
        data.extend_from_slice(block);
        Ok(())
    };
    let (_, sum) = read(target, name, &mut keep).await?;
    Ok((data, sum))
}

/// Reads a piece, which must be what its name says.
pub(super) async fn read_piece(target: &dyn Target, wanted: &str) -> Result<Vec<u8>, BackupError> {
    let wanted = Sum::parse(wanted).ok_or_else(|| damaged(target, wanted))?;
    let (data, sum) = read_small(target, &wanted.piece(), PIECE_BYTES_MAX).await?;
    if sum == wanted { Ok(data) } else { Err(damaged(target, &wanted.piece())) }
}

/// The longest piece that is read; lists may be longer than others.
const PIECE_BYTES_MAX: usize = 4 << 20;

/// Puts a file and reads it back.
pub(super) async fn put(
    target: &dyn Target,
    name: &str,
    source: Source<'_>,
    expected: Sum,
) -> Result<(), BackupError> {
    target.put(name, source).await?;
    let (_, sum) = read(target, name, &mut |_| Ok(())).await?;
    if sum == expected { Ok(()) } else { Err(damaged(target, name)) }
}

/// Pieces that are known to be at the target.
#[derive(Debug, Default)]
pub(super) struct Known(pub(super) HashSet<Sum>);

impl Known {
    /// Puts a piece unless it is there. Tells its sum, and how many bytes were written.
    pub(super) async fn keep(
        &mut self,
        target: &dyn Target,
        data: &[u8],
    ) -> Result<(Sum, u64), BackupError> {
        let sum = sum(data);
        if self.0.contains(&sum) {
            return Ok((sum, 0));
        }
        put(target, &sum.piece(), Source::Bytes(data), sum).await?;
        self.0.insert(sum);
        Ok((sum, data.len() as u64))
    }
}
