//! What an upload in parts comes to: its checks, its `ETag` and its checksum.
//!
//! Source: Amazon S3 API Reference, `CompleteMultipartUpload`; S3 User Guide, "Checking object
//! integrity".

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use md5::{Digest, Md5};

use crate::conditions::bare;
use crate::digest::{Digests, crc_bytes, crc_of, crc_value, digest};
use crate::{
    Checksum, ChecksumAlgorithm, ChecksumKind, CompleteUpload, CompletedPart, CreateUpload,
    OBJECT_BYTES_MAX, ObjectPart, PART_BYTES_MIN, PART_NUMBER_MAX, PartMeta, StoreError,
};

type Declared = Option<(ChecksumAlgorithm, ChecksumKind)>;

/// A part as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct KeptPart {
    pub(crate) digests: Digests,
    pub(crate) modified: Timestamp,
}

/// What the parts come to.
#[derive(Debug)]
pub(crate) struct Assembled {
    pub(crate) size: u64,
    pub(crate) etag: String,
    pub(crate) checksum: Option<Checksum>,
    pub(crate) parts: u32,
}

/// The algorithm and kind in force; S3's own default is a full-object CRC-64/NVME.
pub(crate) fn in_force(declared: Declared) -> (ChecksumAlgorithm, ChecksumKind) {
    declared.unwrap_or((ChecksumAlgorithm::Crc64Nvme, ChecksumKind::FullObject))
}

/// Refuses the pairs that S3 does not have.
pub(crate) fn check_create(create: &CreateUpload) -> Result<(), StoreError> {
    let why = match in_force(create.checksum) {
        (ChecksumAlgorithm::Crc64Nvme, ChecksumKind::Composite) => {
            "CRC64NVME has no composite checksum"
        }
        (ChecksumAlgorithm::Sha1 | ChecksumAlgorithm::Sha256, ChecksumKind::FullObject) => {
            "SHA1 and SHA256 have no full-object checksum for uploads in parts"
        }
        (_, ChecksumKind::FullObject | ChecksumKind::Composite) => return Ok(()),
    };
    Err(StoreError::InvalidRequest { why })
}

/// Refuses part numbers outside of 1–10,000.
pub(crate) fn check_number(number: u16) -> Result<(), StoreError> {
    if (1..=PART_NUMBER_MAX).contains(&number) {
        return Ok(());
    }
    Err(StoreError::InvalidRequest { why: "a part's number must be between 1 and 10,000" })
}

/// Refuses a part's checksum by another algorithm than the upload declared.
pub(crate) fn check_algorithm(
    declared: Declared,
    given: Option<ChecksumAlgorithm>,
) -> Result<(), StoreError> {
    match (declared, given) {
        (Some((declared, _)), Some(given)) if declared != given => {
            let why = "the part's checksum has another algorithm than the upload";
            Err(StoreError::InvalidRequest { why })
        }
        _ => Ok(()),
    }
}

impl KeptPart {
    /// The part as it is told.
    pub(crate) fn meta(&self, number: u16, declared: Declared) -> PartMeta {
        PartMeta {
            number,
            size: self.digests.size,
            etag: self.digests.etag(),
            checksum: self.digests.full_object(in_force(declared).0),
            modified: self.modified,
        }
    }
}

/// Judges a completion and computes what the object will be.
pub(crate) fn assemble(
    complete: &CompleteUpload,
    declared: Declared,
    kept: &BTreeMap<u16, KeptPart>,
) -> Result<Assembled, StoreError> {
    let chosen = choose(complete, declared, kept)?;
    let size = chosen.iter().map(|d| d.size).sum();
    if size > OBJECT_BYTES_MAX {
        return Err(StoreError::EntityTooLarge { max: OBJECT_BYTES_MAX });
    }
    if complete.object_size.is_some_and(|told| told != size) {
        let why = "the size given for the object is not that of its parts";
        return Err(StoreError::InvalidRequest { why });
    }
    let checksum = checksum(declared, &chosen);
    if let (Some(expected), Some(computed)) = (&complete.expected, &checksum)
        && without_count(expected) != without_count(&computed.value)
    {
        let (algorithm, computed) = (computed.algorithm, computed.value.clone());
        return Err(StoreError::ChecksumMismatch { algorithm, computed });
    }
    let parts = u32::try_from(chosen.len()).unwrap_or(u32::MAX);
    let mut md5 = Md5::new();
    for one in &chosen {
        md5.update(one.md5);
    }
    let etag = format!("{}-{parts}", hex::encode(md5.finalize()));
    Ok(Assembled { size, etag, checksum, parts })
}

/// The parts of the object that a completion makes.
pub(crate) fn object_parts(
    complete: &CompleteUpload,
    declared: Declared,
    kept: &BTreeMap<u16, KeptPart>,
) -> Vec<ObjectPart> {
    let one = |number: u16| {
        let PartMeta { size, checksum, .. } = kept.get(&number)?.meta(number, declared);
        Some(ObjectPart { number, size, checksum })
    };
    complete.parts.iter().filter_map(|part| one(part.number)).collect()
}

fn without_count(value: &str) -> &str {
    value.split_once('-').map_or(value, |(sum, _)| sum)
}

fn choose<'a>(
    complete: &CompleteUpload,
    declared: Declared,
    kept: &'a BTreeMap<u16, KeptPart>,
) -> Result<Vec<&'a Digests>, StoreError> {
    let numbers = || complete.parts.iter().map(|p| p.number);
    if complete.parts.is_empty() {
        return Err(StoreError::InvalidRequest { why: "an object needs at least one part" });
    }
    if numbers().zip(numbers().skip(1)).any(|(a, b)| a >= b) {
        return Err(StoreError::InvalidPartOrder);
    }
    let last = complete.parts.len() - 1;
    let mut chosen = Vec::with_capacity(complete.parts.len());
    for (index, part) in complete.parts.iter().enumerate() {
        let digests = kept.get(&part.number).map(|k| &k.digests);
        let digests = digests.filter(|d| is_that_part(part, declared, d));
        let Some(digests) = digests else {
            return Err(StoreError::InvalidPart { number: part.number });
        };
        if index < last && digests.size < PART_BYTES_MIN {
            return Err(StoreError::EntityTooSmall { number: part.number });
        }
        chosen.push(digests);
    }
    Ok(chosen)
}

fn is_that_part(part: &CompletedPart, declared: Declared, digests: &Digests) -> bool {
    let same_sum = |sum: &String| {
        // An upload that declared nothing may have got any algorithm with its parts.
        let algorithm = declared.map(|(algorithm, _)| algorithm);
        digests
            .sums
            .iter()
            .filter(|(a, _)| algorithm.is_none_or(|wanted| wanted == *a))
            .any(|(_, bytes)| STANDARD.encode(bytes) == *sum)
    };
    bare(&part.etag) == digests.etag() && part.checksum.as_ref().is_none_or(same_sum)
}

fn checksum(declared: Declared, chosen: &[&Digests]) -> Option<Checksum> {
    let (algorithm, kind) = in_force(declared);
    let value = match kind {
        ChecksumKind::FullObject => STANDARD.encode(combined(algorithm, chosen)?),
        ChecksumKind::Composite => {
            let mut sums = Vec::new();
            for one in chosen {
                sums.extend_from_slice(one.sum(algorithm)?);
            }
            format!("{}-{}", STANDARD.encode(digest(algorithm, &sums)), chosen.len())
        }
    };
    Some(Checksum { algorithm, kind, value })
}

fn combined(algorithm: ChecksumAlgorithm, chosen: &[&Digests]) -> Option<Vec<u8>> {
    let crc = crc_of(algorithm)?;
    let mut whole = None;
    for one in chosen {
        let next = crc_value(one.sum(algorithm)?);
        whole = Some(match whole {
            None => next,
            Some(before) => crc_fast::checksum_combine(crc, before, next, one.size),
        });
    }
    whole.map(|w| crc_bytes(algorithm, w))
}
