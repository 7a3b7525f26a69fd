//! Where an object's bytes are: ranges of blobs, which objects share by reference.

use std::fmt;
use std::ops::Range;

/// A blob's name, never used twice: the store's opening, and a count within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct BlobId {
    pub(crate) opening: u64,
    pub(crate) count: u64,
}

impl BlobId {
    pub(crate) fn to_bytes(self) -> [u8; 16] {
        (u128::from(self.opening) << 64 | u128::from(self.count)).to_be_bytes()
    }

    pub(crate) fn from_bytes(bytes: [u8; 16]) -> Self {
        let whole = u128::from_be_bytes(bytes);
        let low = |n: u128| u64::try_from(n & u128::from(u64::MAX)).unwrap_or_default();
        Self { opening: low(whole >> 64), count: low(whole) }
    }

    /// Reads a file's name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let bytes: [u8; 16] = hex::decode(name).ok()?.try_into().ok()?;
        Some(Self::from_bytes(bytes)).filter(|id| id.to_string() == name)
    }

    /// The folder below `blobs` that the file is in.
    pub(crate) fn shard(self) -> String {
        format!("{:02x}", self.count & 0xff)
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.opening, self.count)
    }
}

/// A range of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    /// The blob's row in the index.
    pub(super) row: i64,
    /// The blob.
    pub(super) blob: BlobId,
    /// Whether the row itself holds the bytes.
    pub(super) inline: bool,
    /// Where the range begins in the blob.
    pub(super) offset: u64,
    /// How many bytes it has.
    pub(super) len: u64,
}

/// The extents, or parts of them, that lie in a range of what they make up.
pub(super) fn slice(extents: &[Extent], range: &Range<u64>) -> Vec<Extent> {
    let mut out = Vec::new();
    let mut at = 0_u64;
    for extent in extents {
        let from = range.start.clamp(at, at + extent.len) - at;
        let to = range.end.clamp(at, at + extent.len) - at;
        if from < to {
            out.push(Extent { offset: extent.offset + from, len: to - from, ..*extent });
        }
        at += extent.len;
    }
    out
}
