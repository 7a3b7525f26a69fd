//! Hashing a body while it passes, and judging it at its end.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use sha1::{Digest, Sha1};
use sha2::Sha256;
use wh_md5::Md5;

use crate::{Checksum, ChecksumAlgorithm, ChecksumKind, ExpectedChecksum, StoreError};

/// The parameters of an algorithm that is a CRC.
pub(crate) fn crc_of(algorithm: ChecksumAlgorithm) -> Option<CrcAlgorithm> {
    match algorithm {
        ChecksumAlgorithm::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
        ChecksumAlgorithm::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
        ChecksumAlgorithm::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
        ChecksumAlgorithm::Sha1 | ChecksumAlgorithm::Sha256 => None,
    }
}

/// A CRC's bytes, most significant first, as S3 writes them before Base64.
pub(crate) fn crc_bytes(algorithm: ChecksumAlgorithm, crc: u64) -> Vec<u8> {
    let bytes = crc.to_be_bytes();
    let skip = if algorithm == ChecksumAlgorithm::Crc64Nvme { 0 } else { 4 };
    bytes.iter().copied().skip(skip).collect()
}

/// Reads what [`crc_bytes`] wrote.
pub(crate) fn crc_value(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |crc, byte| (crc << 8) | u64::from(*byte))
}

/// The CRC-32C of one block, as kept beside stored data.
pub(crate) fn block_crc(data: &[u8]) -> u32 {
    crc_fast::crc32_iscsi(data)
}

pub(crate) enum Sum {
    Crc(ChecksumAlgorithm, crc_fast::Digest),
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Sum {
    pub(crate) fn new(algorithm: ChecksumAlgorithm) -> Self {
        match (crc_of(algorithm), algorithm) {
            (Some(crc), _) => Self::Crc(algorithm, crc_fast::Digest::new(crc)),
            (None, ChecksumAlgorithm::Sha1) => Self::Sha1(Sha1::new()),
            (None, _) => Self::Sha256(Sha256::new()),
        }
    }

    pub(crate) fn update(&mut self, data: &[u8]) {
        match self {
            Self::Crc(_, sum) => sum.update(data),
            Self::Sha1(sum) => sum.update(data),
            Self::Sha256(sum) => sum.update(data),
        }
    }

    pub(crate) fn finish(self) -> (ChecksumAlgorithm, Vec<u8>) {
        match self {
            Self::Crc(algorithm, sum) => (algorithm, crc_bytes(algorithm, sum.finalize())),
            Self::Sha1(sum) => (ChecksumAlgorithm::Sha1, sum.finalize().to_vec()),
            Self::Sha256(sum) => (ChecksumAlgorithm::Sha256, sum.finalize().to_vec()),
        }
    }
}

/// The digest of bytes by an algorithm.
pub(crate) fn digest(algorithm: ChecksumAlgorithm, data: &[u8]) -> Vec<u8> {
    let mut sum = Sum::new(algorithm);
    sum.update(data);
    sum.finish().1
}

/// Hashes a body as it passes: MD5, CRC-64/NVME, and what else is asked for.
pub(crate) struct Hasher {
    md5: Md5,
    sums: Sums,
}

impl Hasher {
    pub(crate) fn new(asked: impl IntoIterator<Item = ChecksumAlgorithm>) -> Self {
        let mut algorithms = vec![ChecksumAlgorithm::Crc64Nvme];
        for one in asked {
            if !algorithms.contains(&one) {
                algorithms.push(one);
            }
        }
        let sums = algorithms.into_iter().map(Sum::new).collect();
        Self { md5: Md5::new(), sums: Sums { size: 0, sums } }
    }

    pub(crate) fn update(&mut self, data: &[u8]) {
        self.md5.update(data);
        self.sums.update(data);
    }

    pub(crate) fn finish(self) -> Digests {
        Digests::of(self.md5, self.sums)
    }

    /// The parts, to be fed on two threads: MD5 alone takes longer than everything else.
    pub(crate) fn split(self) -> (Md5, Sums) {
        (self.md5, self.sums)
    }
}

/// The size of a body and its sums other than MD5, as it passes.
pub(crate) struct Sums {
    size: u64,
    sums: Vec<Sum>,
}

impl Sums {
    pub(crate) fn update(&mut self, data: &[u8]) {
        self.size += data.len() as u64;
        self.sums.iter_mut().for_each(|sum| sum.update(data));
    }
}

/// The digests of a whole body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Digests {
    pub(crate) md5: [u8; 16],
    pub(crate) size: u64,
    pub(crate) sums: Vec<(ChecksumAlgorithm, Vec<u8>)>,
}

impl Digests {
    /// What two threads found of the same bytes.
    pub(crate) fn of(md5: Md5, sums: Sums) -> Self {
        let Sums { size, sums } = sums;
        let sums = sums.into_iter().map(Sum::finish).collect();
        Self { md5: md5.finish(), size, sums }
    }

    pub(crate) fn etag(&self) -> String {
        hex::encode(self.md5)
    }

    pub(crate) fn sum(&self, algorithm: ChecksumAlgorithm) -> Option<&[u8]> {
        self.sums.iter().find(|(a, _)| *a == algorithm).map(|(_, sum)| sum.as_slice())
    }

    pub(crate) fn full_object(&self, algorithm: ChecksumAlgorithm) -> Option<Checksum> {
        let value = STANDARD.encode(self.sum(algorithm)?);
        Some(Checksum { algorithm, kind: ChecksumKind::FullObject, value })
    }
}

/// What a body is announced to be.
#[derive(Debug, Default)]
pub(crate) struct Announced {
    pub(crate) size: Option<u64>,
    pub(crate) content_md5: Option<String>,
    pub(crate) expected: Option<ExpectedChecksum>,
}

impl Announced {
    pub(crate) fn algorithm(&self) -> Option<ChecksumAlgorithm> {
        self.expected.as_ref().map(|e| e.algorithm)
    }

    /// Judges a body that goes on, so that one too long ends early.
    pub(crate) fn judge_so_far(&self, bytes: u64, max: u64) -> Result<(), StoreError> {
        if bytes > max {
            return Err(StoreError::EntityTooLarge { max });
        }
        if self.size.is_some_and(|size| bytes > size) {
            return Err(StoreError::IncompleteBody);
        }
        Ok(())
    }

    /// Judges a body that has ended.
    pub(crate) fn judge(self, digests: &Digests) -> Result<(), StoreError> {
        if self.size.is_some_and(|size| size != digests.size) {
            return Err(StoreError::IncompleteBody);
        }
        if self.content_md5.is_some_and(|md5| md5 != STANDARD.encode(digests.md5)) {
            return Err(StoreError::BadDigest);
        }
        let Some(ExpectedChecksum { algorithm, value }) = self.expected else { return Ok(()) };
        let Some(value) = value.take() else {
            let why = "the checksum that was announced for the trailer did not come";
            return Err(StoreError::InvalidRequest { why });
        };
        let computed = STANDARD.encode(digests.sum(algorithm).unwrap_or_default());
        if value == computed {
            return Ok(());
        }
        Err(StoreError::ChecksumMismatch { algorithm, computed })
    }
}
