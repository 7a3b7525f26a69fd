//! The records of versions and delete markers.

use jiff::Timestamp;
use wh_names::ObjectKey;

use super::dress::{dress, put_dress};
use super::{algorithm_byte, damaged, kind_byte, open, put_bytes, put_time, put_u64, seal};
use crate::object::Dress;
use crate::{Checksum, ObjectMeta, StoreError};

/// The first byte of a record of the table of versions.
const OBJECT: u8 = 1;
const MARKER: u8 = 2;

/// The name that a version's records are sealed with.
pub(in crate::disk) fn version_name(key: &[u8], sequence: u64) -> Vec<u8> {
    let mut name = Vec::with_capacity(key.len() + 9);
    name.extend_from_slice(key);
    name.push(0xff);
    name.extend_from_slice(&sequence.to_be_bytes());
    name
}

/// What a version is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::disk) enum Kept {
    /// An object. Its version is told by its row.
    Object(Box<ObjectMeta>),
    /// A delete marker, and when it was made.
    Marker(Timestamp),
}

/// A version's record.
pub(in crate::disk) fn object(name: &[u8], meta: &ObjectMeta) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    out.push(OBJECT);
    put_u64(&mut out, meta.size);
    put_time(&mut out, meta.modified);
    put_bytes(&mut out, meta.etag.as_bytes());
    put_u64(&mut out, meta.parts.map_or(0, u64::from));
    out.push(u8::from(meta.checksum.is_some()));
    if let Some(Checksum { algorithm, kind, value }) = &meta.checksum {
        out.extend_from_slice(&[algorithm_byte(*algorithm), kind_byte(*kind)]);
        put_bytes(&mut out, value.as_bytes());
    }
    put_dress(&mut out, (&meta.headers, &meta.tags, meta.lock, meta.encryption));
    seal(name, out)
}

/// A delete marker's record.
pub(in crate::disk) fn marker(name: &[u8], modified: Timestamp) -> Vec<u8> {
    let mut out = vec![MARKER];
    put_time(&mut out, modified);
    seal(name, out)
}

/// Reads what [`object`] or [`marker`] wrote.
pub(in crate::disk) fn read_version(
    key: &[u8],
    seq: u64,
    record: &[u8],
) -> Result<Kept, StoreError> {
    read_version_fields(key, seq, record).ok_or_else(|| damaged("the record", key))
}

fn read_version_fields(key: &[u8], sequence: u64, record: &[u8]) -> Option<Kept> {
    let mut fields = open(&version_name(key, sequence), record)?;
    if fields.byte()? == MARKER {
        return Some(Kept::Marker(fields.time()?));
    }
    let key = ObjectKey::parse(std::str::from_utf8(key).ok()?).ok()?;
    let (size, modified, etag) = (fields.u64()?, fields.time()?, fields.string()?);
    let parts = u32::try_from(fields.u64()?).ok().filter(|n| *n > 0);
    let checksum = match fields.byte()? {
        0 => None,
        _ => Some(Checksum {
            algorithm: fields.algorithm()?,
            kind: fields.kind()?,
            value: fields.string()?,
        }),
    };
    let Dress { headers, tags, lock, encryption } = dress(&mut fields)?;
    Some(Kept::Object(Box::new(ObjectMeta {
        key,
        size,
        etag,
        modified,
        headers,
        checksum,
        parts,
        version: None,
        sequence,
        tags,
        lock,
        encryption,
    })))
}
