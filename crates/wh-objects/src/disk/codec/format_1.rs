//! Records as format 1 had them: only read, when a store is upgraded.

use jiff::Timestamp;
use wh_names::ObjectKey;

use super::dress::headers;
use super::{Fields, damaged, open};
use crate::object::Dress;
use crate::{Checksum, ObjectLock, ObjectMeta, StoreError, Tags};

use super::uploads::UploadRecord;

/// An object's record; its name was its key.
pub(in crate::disk) fn read_object(key: &[u8], record: &[u8]) -> Result<ObjectMeta, StoreError> {
    object(key, record).ok_or_else(|| damaged("the record", key))
}

fn object(key: &[u8], record: &[u8]) -> Option<ObjectMeta> {
    let mut fields = open(key, record)?;
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
    let headers = headers(&mut fields)?;
    Some(ObjectMeta {
        key,
        size,
        etag,
        modified,
        headers,
        checksum,
        parts,
        version: None,
        sequence: 0,
        tags: Tags::default(),
        lock: ObjectLock::default(),
        encryption: None,
    })
}

/// An upload's record; its name was its id, as it is now.
pub(in crate::disk) fn read_upload(id: &str, record: &[u8]) -> Result<UploadRecord, StoreError> {
    upload(id, record).ok_or_else(|| damaged("the upload", id.as_bytes()))
}

fn upload(id: &str, record: &[u8]) -> Option<UploadRecord> {
    let mut fields = open(id.as_bytes(), record)?;
    let begun: Timestamp = fields.time()?;
    let checksum = read_checksum(&mut fields)?;
    let dress = Dress { headers: headers(&mut fields)?, ..Dress::default() };
    Some(UploadRecord { begun, checksum, dress })
}

type Declared = Option<(crate::ChecksumAlgorithm, crate::ChecksumKind)>;

fn read_checksum(fields: &mut Fields<'_>) -> Option<Declared> {
    Some(match fields.byte()? {
        0 => None,
        _ => Some((fields.algorithm()?, fields.kind()?)),
    })
}
