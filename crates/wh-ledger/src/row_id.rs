//! `RowId`: what a grant or an upload is called.

use std::fmt;

use jiff::Timestamp;
use wh_names::{Entropy, NameError, Uid};

/// The identifier of a row that is not a person: a ULID in 26 lower-case characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowId(Uid);

impl RowId {
    /// Accepts the canonical lower-case form only.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        Uid::parse(input).map(Self)
    }

    /// A new identifier; those made later sort later.
    pub fn generate(now: Timestamp, entropy: &Entropy) -> Self {
        Self(Uid::generate(now, entropy))
    }

    /// What belongs to a person as nothing else does, and is called as they are.
    pub fn of(uid: &Uid) -> Self {
        Self(uid.clone())
    }

    /// The identifier as it was checked.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
