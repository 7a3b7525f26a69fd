//! The records of extents, parts and uploads.

use jiff::Timestamp;

use super::dress::{dress, put_dress};
use super::{
    CRC_BYTES, algorithm_byte, damaged, kind_byte, open, put_bytes, put_time, put_u64, seal,
};
use crate::digest::Digests;
use crate::disk::extent::{BlobId, Extent};
use crate::multipart::KeptPart;
use crate::object::Dress;
use crate::{ChecksumAlgorithm, ChecksumKind, StoreError};

/// The extents of an object or a part.
pub(in crate::disk) fn extents(name: &[u8], extents: &[Extent]) -> Vec<u8> {
    let mut out = Vec::with_capacity(extents.len() * 41 + CRC_BYTES);
    for extent in extents {
        out.extend_from_slice(&extent.row.to_le_bytes());
        out.extend_from_slice(&extent.blob.to_bytes());
        out.push(u8::from(extent.inline));
        put_u64(&mut out, extent.offset);
        put_u64(&mut out, extent.len);
    }
    seal(name, out)
}

/// Reads what [`extents`] wrote.
pub(in crate::disk) fn read_extents(name: &[u8], record: &[u8]) -> Result<Vec<Extent>, StoreError> {
    read_extents_fields(name, record).ok_or_else(|| damaged("the extents", name))
}

fn read_extents_fields(name: &[u8], record: &[u8]) -> Option<Vec<Extent>> {
    let mut fields = open(name, record)?;
    let mut extents = Vec::new();
    while !fields.0.is_empty() {
        extents.push(Extent {
            row: fields.array().map(i64::from_le_bytes)?,
            blob: BlobId::from_bytes(fields.array()?),
            inline: fields.byte()? == 1,
            offset: fields.u64()?,
            len: fields.u64()?,
        });
    }
    Some(extents)
}

/// The name that a part's records are sealed with.
pub(in crate::disk) fn part_name(upload: i64, number: u16) -> Vec<u8> {
    format!("part {number} of upload {upload}").into_bytes()
}

/// A part's record.
pub(in crate::disk) fn part(name: &[u8], part: &KeptPart) -> Vec<u8> {
    let mut out = Vec::with_capacity(96);
    put_time(&mut out, part.modified);
    put_u64(&mut out, part.digests.size);
    out.extend_from_slice(&part.digests.md5);
    for (algorithm, sum) in &part.digests.sums {
        out.push(algorithm_byte(*algorithm));
        put_bytes(&mut out, sum);
    }
    seal(name, out)
}

/// Reads what [`part`] wrote.
pub(in crate::disk) fn read_part(name: &[u8], record: &[u8]) -> Result<KeptPart, StoreError> {
    read_part_fields(name, record).ok_or_else(|| damaged("the record", name))
}

fn read_part_fields(name: &[u8], record: &[u8]) -> Option<KeptPart> {
    let mut fields = open(name, record)?;
    let (modified, size, md5) = (fields.time()?, fields.u64()?, fields.array()?);
    let mut sums = Vec::new();
    while !fields.0.is_empty() {
        sums.push((fields.algorithm()?, fields.bytes()?.to_vec()));
    }
    Some(KeptPart { digests: Digests { md5, size, sums }, modified })
}

/// What an upload began with.
#[derive(Debug, Clone)]
pub(in crate::disk) struct UploadRecord {
    pub(in crate::disk) begun: Timestamp,
    pub(in crate::disk) checksum: Option<(ChecksumAlgorithm, ChecksumKind)>,
    pub(in crate::disk) dress: Dress,
}

/// An upload's record; its name is its id.
pub(in crate::disk) fn upload(id: &str, record: &UploadRecord) -> Vec<u8> {
    let mut out = Vec::with_capacity(128);
    put_time(&mut out, record.begun);
    out.push(u8::from(record.checksum.is_some()));
    if let Some((algorithm, kind)) = record.checksum {
        out.extend_from_slice(&[algorithm_byte(algorithm), kind_byte(kind)]);
    }
    let Dress { headers, tags, lock, encryption } = &record.dress;
    put_dress(&mut out, (headers, tags, *lock, *encryption));
    seal(id.as_bytes(), out)
}

/// Reads what [`upload`] wrote.
pub(in crate::disk) fn read_upload(id: &str, record: &[u8]) -> Result<UploadRecord, StoreError> {
    read_upload_fields(id, record).ok_or_else(|| damaged("the upload", id.as_bytes()))
}

fn read_upload_fields(id: &str, record: &[u8]) -> Option<UploadRecord> {
    let mut fields = open(id.as_bytes(), record)?;
    let begun = fields.time()?;
    let checksum = match fields.byte()? {
        0 => None,
        _ => Some((fields.algorithm()?, fields.kind()?)),
    };
    Some(UploadRecord { begun, checksum, dress: dress(&mut fields)? })
}
