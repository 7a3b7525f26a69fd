//! What a point says, and the lists of blobs that it names.
//!
//! A point is two lines: a JSON object, and the SHA-256 of it in hexadecimal.

use serde::{Deserialize, Serialize};

use super::pieces::{Sum, sum};
use crate::disk::BlobId;

/// The newest format of points that this version reads, and the one that it writes.
pub(super) const POINT_FORMAT: u32 = 1;

/// What one backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) format: u32,
    pub(super) point: String,
    /// The store that it was taken of.
    pub(super) store: String,
    pub(super) store_format: u32,
    /// Whether the store is encrypted: then its master key is needed, which is not here.
    pub(super) encrypted: bool,
    pub(super) openings: u64,
    /// The word of the last opening: the same number with another one is of a store that was
    /// rolled back, and gives names of blobs out again. Older versions wrote none.
    #[serde(default)]
    pub(super) lineage: String,
    pub(super) buckets: u64,
    pub(super) objects: u64,
    pub(super) versions: u64,
    pub(super) newest_event: u64,
    /// `objects/index.db`, and what else belongs to the installation.
    pub(super) files: Vec<FileEntry>,
    pub(super) blobs: u64,
    pub(super) blob_bytes: u64,
    /// The pieces of the list of blobs.
    pub(super) lists: Vec<String>,
    /// Blobs that were found damaged, and are not here, and pages of the index, which are.
    pub(super) damaged: Vec<String>,
}

/// What every format of points begins with.
#[derive(Deserialize)]
struct Heading {
    format: u32,
}

/// A file that is kept in pieces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileEntry {
    /// Where it belongs below the folder that is restored to.
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
    pub(super) pieces: Vec<String>,
}

impl Manifest {
    pub(super) fn to_text(&self) -> Option<String> {
        let json = serde_json::to_string(self).ok()?;
        let sum = sum(json.as_bytes());
        Some(format!("{json}\n{sum}\n"))
    }

    /// Reads a point; a newer one is told by its format alone.
    pub(super) fn parse(text: &[u8]) -> Result<Self, Option<u32>> {
        let text = std::str::from_utf8(text).map_err(|_| None)?;
        let (json, told) = text.split_once('\n').ok_or(None)?;
        if Sum::parse(told.trim_end()) != Some(sum(json.as_bytes())) {
            return Err(None);
        }
        let Heading { format } = serde_json::from_str(json).map_err(|_| None)?;
        if format > POINT_FORMAT {
            return Err(Some(format));
        }
        serde_json::from_str(json).map_err(|_| None)
    }
}

/// A blob as a list names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) id: BlobId,
    pub(super) bytes: u64,
    pub(super) sum: Sum,
}

impl Listed {
    /// Its name at the target.
    pub(super) fn name(&self) -> String {
        format!("blobs/{}/{}-{}", self.id.shard(), self.id, self.sum)
    }

    fn line(&self) -> String {
        format!("{} {} {}\n", self.id, self.bytes, self.sum)
    }

    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let (id, bytes, sum) = (words.next()?, words.next()?, words.next()?);
        let (id, sum) = (BlobId::parse(id)?, Sum::parse(sum)?);
        Some(Self { id, bytes: bytes.parse().ok()?, sum })
    }
}

/// How many numbers in a row share a piece of the list, so that a blob more or less changes one.
const NUMBERS_TOGETHER: u64 = 1024;

/// The pieces of a list, which is in order.
pub(super) fn list_pieces(blobs: &[Listed]) -> impl Iterator<Item = String> {
    let group = |blob: &Listed| (blob.id.opening, blob.id.count / NUMBERS_TOGETHER);
    blobs
        .chunk_by(move |a, b| group(a) == group(b))
        .map(|together| together.iter().map(Listed::line).collect())
}

/// Reads a piece of a list.
pub(super) fn parse_list(piece: &[u8]) -> Option<Vec<Listed>> {
    std::str::from_utf8(piece).ok()?.lines().map(Listed::parse).collect()
}
