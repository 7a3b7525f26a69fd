//! The record of the parts that a version was uploaded in.

use super::{algorithm_byte, damaged, kind_byte, open, put_bytes, put_u64, seal};
use crate::{Checksum, ObjectPart, StoreError};

fn name(sequence: u64) -> Vec<u8> {
    format!("parts of version {sequence}").into_bytes()
}

/// A version's parts.
pub(in crate::disk) fn object_parts(sequence: u64, parts: &[ObjectPart]) -> Vec<u8> {
    let mut out = Vec::with_capacity(parts.len() * 48);
    for part in parts {
        put_u64(&mut out, u64::from(part.number));
        put_u64(&mut out, part.size);
        out.push(u8::from(part.checksum.is_some()));
        if let Some(Checksum { algorithm, kind, value }) = &part.checksum {
            out.extend_from_slice(&[algorithm_byte(*algorithm), kind_byte(*kind)]);
            put_bytes(&mut out, value.as_bytes());
        }
    }
    seal(&name(sequence), out)
}

/// Reads what [`object_parts`] wrote.
pub(in crate::disk) fn read_object_parts(
    sequence: u64,
    record: &[u8],
) -> Result<Vec<ObjectPart>, StoreError> {
    let name = name(sequence);
    fields(&name, record).ok_or_else(|| damaged("the record", &name))
}

fn fields(name: &[u8], record: &[u8]) -> Option<Vec<ObjectPart>> {
    let mut fields = open(name, record)?;
    let mut parts = Vec::new();
    while !fields.0.is_empty() {
        let (number, size) = (u16::try_from(fields.u64()?).ok()?, fields.u64()?);
        let checksum = match fields.byte()? {
            0 => None,
            _ => Some(Checksum {
                algorithm: fields.algorithm()?,
                kind: fields.kind()?,
                value: fields.string()?,
            }),
        };
        parts.push(ObjectPart { number, size, checksum });
    }
    Some(parts)
}
