//! What a store does of all that a store may do.
//!
//! Invariant: what a store lacks it refuses, as [`StoreError::NotKept`]; it never accepts and ignores.

use std::collections::BTreeSet;

use crate::StoreError;

/// Something that not every store does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Capability {
    /// The time and the author that come with a change are what it tells of the change. Without it,
    /// times are those of the store's own clock, and authors are not kept.
    Stamps,
    /// Changes have ascending numbers, and so have versions.
    Sequences,
    /// There is a feed of changes.
    Events,
    /// A bucket may hold so many bytes and no more.
    Quotas,
    /// How much a bucket holds is known without counting it.
    Usage,
    /// A body may come without its length.
    UnmeasuredBodies,
    /// Headers that are kept with objects may be empty, or hold what HTTP can only hold as text of an
    /// unknown encoding: more than visible ASCII. `Expires` may be no date.
    WideHeaders,
    /// The parts that an object was uploaded in are remembered.
    Parts,
    /// What is replaced or deleted can be kept as a version.
    Versioning,
    /// Objects have tags.
    Tags,
    /// Versions can be locked.
    ObjectLock,
    /// Writes happen on a condition, judged in one step with the write.
    ConditionalWrites,
    /// Deletes happen on a condition, judged in one step with the delete.
    ConditionalDeletes,
    /// CRC-64/NVME is computed of what comes without a checksum, and kept.
    Checksums,
}

impl Capability {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Stamps,
        Self::Sequences,
        Self::Events,
        Self::Quotas,
        Self::Usage,
        Self::UnmeasuredBodies,
        Self::WideHeaders,
        Self::Parts,
        Self::Versioning,
        Self::Tags,
        Self::ObjectLock,
        Self::ConditionalWrites,
        Self::ConditionalDeletes,
        Self::Checksums,
    ];

    /// What it is called where it is stated: in plain words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stamps => "times and authors given with a change",
            Self::Sequences => "numbers of changes",
            Self::Events => "feed of changes",
            Self::Quotas => "quotas",
            Self::Usage => "count of what a bucket holds",
            Self::UnmeasuredBodies => "bodies of unknown length",
            Self::WideHeaders => "headers that are empty or beyond ASCII",
            Self::Parts => "parts of objects",
            Self::Versioning => "versions",
            Self::Tags => "tags of objects",
            Self::ObjectLock => "object lock",
            Self::ConditionalWrites => "conditional writes",
            Self::ConditionalDeletes => "conditional deletes",
            Self::Checksums => "checksums",
        }
    }
}

/// What a store does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities(BTreeSet<Capability>);

impl Capabilities {
    /// Everything.
    pub fn all() -> Self {
        Self(Capability::ALL.into())
    }

    /// The same without some.
    pub fn without(mut self, lacking: impl IntoIterator<Item = Capability>) -> Self {
        for one in lacking {
            self.0.remove(&one);
        }
        self
    }

    /// Whether the store does it.
    pub fn has(&self, one: Capability) -> bool {
        self.0.contains(&one)
    }

    /// What the store lacks.
    pub fn lacking(&self) -> impl Iterator<Item = Capability> {
        Capability::ALL.into_iter().filter(|one| !self.has(*one))
    }

    /// Refuses what the store lacks, as [`StoreError::NotKept`].
    pub fn needs(&self, one: Capability) -> Result<(), StoreError> {
        if self.has(one) { Ok(()) } else { Err(StoreError::NotKept { what: one.as_str() }) }
    }
}
