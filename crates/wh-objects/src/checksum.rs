//! Checksums as S3 names and writes them.
//!
//! Source: S3 User Guide, "Checking object integrity".

use std::fmt;

/// A checksum algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChecksumAlgorithm {
    /// CRC-32 (ISO-HDLC).
    Crc32,
    /// CRC-32C (iSCSI).
    Crc32c,
    /// CRC-64/NVME.
    Crc64Nvme,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
}

impl ChecksumAlgorithm {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// The name as S3 writes it: `CRC64NVME`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// Reads S3's name, in any case.
    pub fn parse(input: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.as_str().eq_ignore_ascii_case(input))
    }
}

impl fmt::Display for ChecksumAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a checksum covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChecksumKind {
    /// The bytes of the object.
    FullObject,
    /// The checksums of its parts.
    Composite,
}

impl ChecksumKind {
    /// The name as S3 writes it: `FULL_OBJECT`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FullObject => "FULL_OBJECT",
            Self::Composite => "COMPOSITE",
        }
    }
}

/// A checksum that was computed from the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checksum {
    /// How.
    pub algorithm: ChecksumAlgorithm,
    /// Over what.
    pub kind: ChecksumKind,
    /// In Base64; a composite one ends in `-N`, the number of parts.
    pub value: String,
}

/// A checksum that a body must have.
#[derive(Debug)]
pub struct ExpectedChecksum {
    /// How it is computed.
    pub algorithm: ChecksumAlgorithm,
    /// What it must be.
    pub value: ExpectedValue,
}

/// The value of an expected checksum, in Base64.
pub enum ExpectedValue {
    /// Known before the body.
    Now(String),
    /// Known once the body has ended: it comes in a trailer. Asked once, after the last byte;
    /// `None` is a trailer that did not come, and refuses the body.
    AfterBody(Box<dyn FnOnce() -> Option<String> + Send>),
}

impl ExpectedValue {
    pub(crate) fn take(self) -> Option<String> {
        match self {
            Self::Now(value) => Some(value),
            Self::AfterBody(ask) => ask(),
        }
    }
}

impl fmt::Debug for ExpectedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now(value) => f.debug_tuple("Now").field(value).finish(),
            Self::AfterBody(_) => f.write_str("AfterBody"),
        }
    }
}
