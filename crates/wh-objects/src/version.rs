//! Versions of objects: their ids, and what a bucket does with what it replaces.
//!
//! Source: S3 User Guide, "Retaining multiple versions of objects with S3 Versioning".

use std::fmt;

use crate::StoreError;

/// Which version of an object.
///
/// Its text is opaque to callers, as with S3: `null`, 16 hexadecimal digits, or what a store that is
/// not ours made of it. Of two numbered versions the one that was written later has the greater
/// number, whatever the clock says; foreign ids tell nothing of the kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum VersionId {
    /// The version that was written while versioning was not enabled; a key has at most one.
    Null,
    /// The version that this change of the store made.
    Numbered(u64),
    /// What another store calls it.
    Foreign(ForeignId),
}

/// The longest id of a version that another store may give, in bytes.
///
/// S3 documents 1,024; what is in use is shorter: 32 on Amazon S3 and Ceph, 36 where it is a UUID, about
/// 100 on Backblaze. The ids are kept in place, so that a version's id stays a plain value; a store whose
/// ids are longer is found out when the gateway starts, and refused.
pub const FOREIGN_ID_BYTES_MAX: usize = 102;

/// The id that another store gave to a version: 1–102 visible ASCII characters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ForeignId {
    bytes: [u8; FOREIGN_ID_BYTES_MAX],
    len: u8,
}

impl ForeignId {
    fn parse(input: &str) -> Option<Self> {
        let mut bytes = [0; FOREIGN_ID_BYTES_MAX];
        let visible = !input.is_empty() && input.bytes().all(|b| b.is_ascii_graphic());
        bytes.get_mut(..input.len()).filter(|_| visible)?.copy_from_slice(input.as_bytes());
        Some(Self { bytes, len: u8::try_from(input.len()).ok()? })
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        let text = self.bytes.get(..usize::from(self.len)).unwrap_or_default();
        // Only text gets in.
        std::str::from_utf8(text).unwrap_or_default()
    }
}

impl fmt::Debug for ForeignId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ForeignId({:?})", self.as_str())
    }
}

impl VersionId {
    /// Reads what [`fmt::Display`] writes. `None` is a text that no version can have, in no store.
    pub fn parse(input: &str) -> Option<Self> {
        if input == "null" {
            return Some(Self::Null);
        }
        let number = u64::from_str_radix(input, 16).ok().map(Self::Numbered);
        let ours = number.filter(|id| id.to_string() == input);
        ours.or_else(|| ForeignId::parse(input).map(Self::Foreign))
    }

    /// The same, for a store that numbers its versions: it has none of a foreign id.
    pub(crate) fn own(self) -> Result<Self, StoreError> {
        match self {
            Self::Null | Self::Numbered(_) => Ok(self),
            Self::Foreign(_) => Err(StoreError::InvalidVersionId),
        }
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Numbered(number) => write!(f, "{number:016x}"),
            Self::Foreign(id) => f.write_str(id.as_str()),
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
        let longest = "x".repeat(super::FOREIGN_ID_BYTES_MAX);
        for text in
            ["NULL", "1", "+000000000000001", "000000000000000A", "L4kqtJl.c_p/9=", &longest]
        {
            let id = VersionId::parse(text).expect("a foreign id");
            assert!(matches!(id, VersionId::Foreign(_)) && id.own().is_err());
            assert_eq!(id.to_string(), text);
        }
        for text in ["", "a b", "ü", "a\n", &"x".repeat(super::FOREIGN_ID_BYTES_MAX + 1)] {
            assert_eq!(VersionId::parse(text), None, "{text}");
        }
    }
}
