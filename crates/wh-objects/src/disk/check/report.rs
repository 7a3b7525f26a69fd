//! What a check found.

use crate::disk::holders::Owner;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FindingKind {
    /// The index itself cannot be read in places.
    Index,
    /// A bucket's row or settings.
    Bucket,
    /// A version's record does not decode, or is in the wrong table.
    Record,
    /// Where a version's or part's bytes are is not known, or does not fit its size.
    Extents,
    /// The order of a key's versions.
    Order,
    /// An upload or a part.
    Upload,
    /// An event's record, or a gap in the feed.
    Event,
    /// A blob's row.
    BlobRow,
    /// A blob file is gone, cut, or not what it should be.
    BlobFile,
    /// A block of a blob is not what was written.
    BlobBytes,
    /// A blob is counted as used more or less often than it is.
    Refs,
    /// A bucket's usage is not the sum of what it holds.
    Usage,
    /// A block of a blob is not what was written, and nobody uses it. It is no damage.
    Unused,
    /// A file that nobody names. It is no damage: the next opening collects it.
    Orphan,
}

impl FindingKind {
    /// The stable code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::Bucket => "bucket",
            Self::Record => "record",
            Self::Extents => "extents",
            Self::Order => "order",
            Self::Upload => "upload",
            Self::Event => "event",
            Self::BlobRow => "blob-row",
            Self::BlobFile => "blob-file",
            Self::BlobBytes => "blob-bytes",
            Self::Refs => "refs",
            Self::Usage => "usage",
            Self::Unused => "unused",
            Self::Orphan => "orphan",
        }
    }

    /// Whether it is damage.
    pub fn is_damage(self) -> bool {
        !matches!(self, Self::Unused | Self::Orphan)
    }
}

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub kind: FindingKind,
    /// In plain words.
    pub what: String,
    /// Whom it concerns, where that is known.
    pub owner: Option<Owner>,
}

/// How much was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Buckets.
    pub buckets: u64,
    /// Current versions.
    pub objects: u64,
    /// All versions, delete markers included.
    pub versions: u64,
    /// Unfinished uploads.
    pub uploads: u64,
    /// Their parts.
    pub parts: u64,
    /// Events of the feed.
    pub events: u64,
    /// Blobs, inline or in files.
    pub blobs: u64,
    /// Blobs in files.
    pub files: u64,
    /// Bytes that were read and compared.
    pub bytes: u64,
}

/// How many findings are told one by one.
const FINDINGS_MAX: usize = 10_000;

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// How much was looked at.
    pub counts: Counts,
    /// What is not as it should be: the first 10,000.
    pub findings: Vec<Finding>,
    /// How many further findings there are.
    pub further: u64,
    damaged: bool,
}

impl CheckReport {
    /// Whether nothing is damaged.
    pub fn is_whole(&self) -> bool {
        !self.damaged
    }

    pub(in crate::disk) fn find(&mut self, kind: FindingKind, what: String, owner: Option<Owner>) {
        self.damaged |= kind.is_damage();
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding { kind, what, owner });
        } else {
            self.further += 1;
        }
    }
}
