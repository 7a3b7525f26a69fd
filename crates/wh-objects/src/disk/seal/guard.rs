//! What covers a block of a blob, so that no wrong byte of it is ever given out.
//!
//! A plain block of format 2 is covered by a CRC-64/NVME of what it is and its bytes; a sealed one
//! by the tag of AES-256-GCM, whose associated data is what it is. *What it is* are the blob's id
//! and the block's number, so that a block in another's place is found as well. Format 1 has a
//! CRC-32C of the bytes alone.

use std::fmt;

use crc_fast::CrcAlgorithm;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, Tag, UnboundKey};

use super::wrap::Secret;
use crate::StoreError;
use crate::digest::block_crc;
use crate::disk::extent::BlobId;

/// The number that stands for the end of a file, which covers all marks and the size.
const END: u64 = u64::MAX;

const TAG_BYTES: usize = 16;

/// What is kept of a block: a checksum or a tag, of [`Guard::mark_bytes`].
#[derive(Debug, Clone, Copy)]
pub(in crate::disk) struct Mark {
    bytes: [u8; TAG_BYTES],
    len: usize,
}

impl Mark {
    fn new<const N: usize>(mark: [u8; N]) -> Self {
        let mut bytes = [0; TAG_BYTES];
        bytes.iter_mut().zip(mark).for_each(|(to, from)| *to = from);
        Self { bytes, len: N }
    }

    pub(in crate::disk) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// How the blocks of one blob are covered.
pub(in crate::disk) enum Guard {
    /// As format 1 did: CRC-32C. Only for reading.
    Crc32c,
    /// Plain, with CRC-64/NVME.
    Crc64,
    /// Sealed under the blob's own data key.
    Sealed(Box<LessSafeKey>),
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Crc32c => "Crc32c",
            Self::Crc64 => "Crc64",
            Self::Sealed(_) => "Sealed",
        })
    }
}

impl Guard {
    pub(super) fn sealed(data_key: &Secret) -> Option<Self> {
        let key = UnboundKey::new(&AES_256_GCM, data_key.as_slice()).ok()?;
        Some(Self::Sealed(Box::new(LessSafeKey::new(key))))
    }

    /// How long a mark is, in bytes.
    pub(in crate::disk) fn mark_bytes(&self) -> usize {
        match self {
            Self::Crc32c => 4,
            Self::Crc64 => 8,
            Self::Sealed(_) => TAG_BYTES,
        }
    }

    /// Whether blocks are encrypted.
    pub(in crate::disk) fn is_sealed(&self) -> bool {
        matches!(self, Self::Sealed(_))
    }

    /// Covers the block of a number, and encrypts it in place when it is to be sealed.
    pub(in crate::disk) fn cover(
        &self,
        blob: BlobId,
        number: u64,
        data: &mut [u8],
    ) -> Result<Mark, StoreError> {
        match self {
            Self::Crc32c | Self::Crc64 => Ok(self.checksum(blob, number, data)),
            Self::Sealed(key) => seal(key, number, Aad::from(what(blob, number)), data),
        }
    }

    /// The mark of a plain block, which needs no changing. A sealed one has none before it is
    /// sealed.
    pub(in crate::disk) fn checksum(&self, blob: BlobId, number: u64, data: &[u8]) -> Mark {
        match self {
            Self::Crc32c => Mark::new(block_crc(data).to_le_bytes()),
            Self::Crc64 | Self::Sealed(_) => Mark::new(crc64(blob, number, data).to_le_bytes()),
        }
    }

    /// Compares a block with its mark, and decrypts it in place. What is in the buffer is good only
    /// when the answer is yes.
    #[must_use]
    pub(in crate::disk) fn check(
        &self,
        blob: BlobId,
        number: u64,
        (data, mark): (&mut [u8], &[u8]),
    ) -> bool {
        match self {
            Self::Crc32c | Self::Crc64 => self.checksum(blob, number, data).as_bytes() == mark,
            Self::Sealed(key) => {
                open(key, number, Aad::from(what(blob, number)), (data, mark)).is_some()
            }
        }
    }

    /// Covers the end of a file: what is encrypted stays in place, this is only authenticated.
    pub(in crate::disk) fn cover_end(&self, blob: BlobId, end: &[u8]) -> Result<Mark, StoreError> {
        match self {
            Self::Crc32c | Self::Crc64 => Ok(self.checksum(blob, END, end)),
            Self::Sealed(key) => seal(key, END, Aad::from(end), &mut []),
        }
    }

    /// Compares the end of a file with its mark. It holds the blob's id.
    #[must_use]
    pub(in crate::disk) fn check_end(&self, blob: BlobId, end: &[u8], mark: &[u8]) -> bool {
        match self {
            Self::Crc32c | Self::Crc64 => self.checksum(blob, END, end).as_bytes() == mark,
            Self::Sealed(key) => open(key, END, Aad::from(end), (&mut [], mark)).is_some(),
        }
    }
}

/// What a block is.
fn what(blob: BlobId, number: u64) -> [u8; 24] {
    let mut out = [0; 24];
    let bytes = blob.to_bytes().into_iter().chain(number.to_be_bytes());
    out.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
    out
}

fn crc64(blob: BlobId, number: u64, data: &[u8]) -> u64 {
    let mut sum = crc_fast::Digest::new(CrcAlgorithm::Crc64Nvme);
    sum.update(&what(blob, number));
    sum.update(data);
    sum.finalize()
}

/// The nonce of a block's number: unique, because a data key covers one blob, each block once.
fn nonce(number: u64) -> Nonce {
    let mut out = [0; NONCE_LEN];
    out.iter_mut().skip(NONCE_LEN - 8).zip(number.to_be_bytes()).for_each(|(to, from)| *to = from);
    Nonce::assume_unique_for_key(out)
}

fn seal(
    key: &LessSafeKey,
    number: u64,
    aad: Aad<impl AsRef<[u8]>>,
    data: &mut [u8],
) -> Result<Mark, StoreError> {
    let tag = key.seal_in_place_separate_tag(nonce(number), aad, data);
    // It fails only on a block of more than 64 GiB.
    let source = |_| std::io::Error::other("the block is too long");
    let tag = tag.map_err(|e| StoreError::Io { doing: "sealing a block", source: source(e) })?;
    tag.as_ref().try_into().map(Mark::new::<TAG_BYTES>).map_err(|_| StoreError::Io {
        doing: "sealing a block",
        source: std::io::Error::other("the tag has another length"),
    })
}

fn open(
    key: &LessSafeKey,
    number: u64,
    aad: Aad<impl AsRef<[u8]>>,
    (data, mark): (&mut [u8], &[u8]),
) -> Option<()> {
    let tag: [u8; TAG_BYTES] = mark.try_into().ok()?;
    key.open_in_place_separate_tag(nonce(number), aad, Tag::from(tag), data, 0..).ok().map(drop)
}
