//! Versions of objects: their ids, and what a bucket does with what it replaces.
//!
//! Source: S3 User Guide, "Retaining multiple versions of objects with S3 Versioning".

use std::fmt;

/// Which version of an object.
///
/// Its text is opaque to callers, as with S3: `null`, or 16 hexadecimal digits. A version that was
/// written later has a greater number, whatever the clock says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum VersionId {
    /// The version that was written while versioning was not enabled; a key has at most one.
    Null,
    /// The version that this change of the store made.
    Numbered(u64),
}

impl VersionId {
    /// Reads what [`fmt::Display`] writes. `None` is a text that no version can have.
    pub fn parse(input: &str) -> Option<Self> {
        if input == "null" {
            return Some(Self::Null);
        }
        let number = u64::from_str_radix(input, 16).ok().map(Self::Numbered);
        number.filter(|id| id.to_string() == input)
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Numbered(number) => write!(f, "{number:016x}"),
        }
    }
}

/// What a bucket does with what is replaced or deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Versioning {
    /// It is gone. No bucket comes back to this state.
    #[default]
    Unversioned,
    /// It stays as a noncurrent version.
    Enabled,
    /// Versions stay, but what is written now has the id `null` and replaces what had it before.
    Suspended,
}

#[cfg(test)]
mod tests {
    use super::VersionId;

    #[test]
    fn ids_are_read_as_they_are_written_and_nothing_else_is() {
        for id in [VersionId::Null, VersionId::Numbered(0), VersionId::Numbered(u64::MAX)] {
            assert_eq!(VersionId::parse(&id.to_string()), Some(id));
        }
        for text in ["", "NULL", "1", "00000000000000G0", "+000000000000001", "000000000000000A"] {
            assert_eq!(VersionId::parse(text), None, "{text}");
        }
    }
}
