//! Records as bytes: what the index keeps of objects, parts and uploads.
//!
//! Invariant: a record ends in the CRC-32C of its name and its bytes, so that a damaged or
//! misplaced one is found when it is read.

use jiff::Timestamp;
use wh_names::ObjectKey;

use super::extent::{BlobId, Extent};
use crate::digest::Digests;
use crate::multipart::KeptPart;
use crate::{Checksum, ChecksumAlgorithm, ChecksumKind, ObjectHeaders, ObjectMeta, StoreError};

const CRC_BYTES: usize = 4;

fn seal(name: &[u8], mut record: Vec<u8>) -> Vec<u8> {
    let crc = crc(name, &record);
    record.extend_from_slice(&crc.to_le_bytes());
    record
}

fn crc(name: &[u8], record: &[u8]) -> u32 {
    let mut sum = crc_fast::Digest::new(crc_fast::CrcAlgorithm::Crc32Iscsi);
    sum.update(name);
    sum.update(record);
    u32::try_from(sum.finalize()).unwrap_or_default()
}

fn open<'a>(name: &[u8], sealed: &'a [u8]) -> Option<Fields<'a>> {
    let (record, kept) = sealed.split_at_checked(sealed.len().checked_sub(CRC_BYTES)?)?;
    let kept = u32::from_le_bytes(kept.try_into().ok()?);
    (crc(name, record) == kept).then_some(Fields(record))
}

fn damaged(what: &str, name: &[u8]) -> StoreError {
    StoreError::Corrupt { what: format!("{what} of `{}`", name.escape_ascii()) }
}

fn put_u64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put_bytes(out: &mut Vec<u8>, value: &[u8]) {
    put_u64(out, value.len() as u64);
    out.extend_from_slice(value);
}

fn put_text(out: &mut Vec<u8>, value: Option<&str>) {
    out.push(u8::from(value.is_some()));
    put_bytes(out, value.unwrap_or_default().as_bytes());
}

fn put_time(out: &mut Vec<u8>, at: Timestamp) {
    out.extend_from_slice(&at.as_millisecond().to_le_bytes());
}

/// What is left to read of a record.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(len)?;
        self.0 = tail;
        Some(head)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[b]| b)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let len = usize::try_from(self.u64()?).ok()?;
        self.take(len)
    }

    fn string(&mut self) -> Option<String> {
        String::from_utf8(self.bytes()?.to_vec()).ok()
    }

    /// Reads what [`put_text`] wrote into a field that may be without.
    fn text_into(&mut self, field: &mut Option<String>) -> Option<()> {
        let some = self.byte()? == 1;
        let text = self.string()?;
        *field = some.then_some(text);
        Some(())
    }

    fn time(&mut self) -> Option<Timestamp> {
        Timestamp::from_millisecond(self.array().map(i64::from_le_bytes)?).ok()
    }

    fn algorithm(&mut self) -> Option<ChecksumAlgorithm> {
        let index = usize::from(self.byte()?);
        ChecksumAlgorithm::ALL.get(index).copied()
    }

    fn kind(&mut self) -> Option<ChecksumKind> {
        Some(if self.byte()? == 0 { ChecksumKind::FullObject } else { ChecksumKind::Composite })
    }
}

fn algorithm_byte(algorithm: ChecksumAlgorithm) -> u8 {
    match algorithm {
        ChecksumAlgorithm::Crc32 => 0,
        ChecksumAlgorithm::Crc32c => 1,
        ChecksumAlgorithm::Crc64Nvme => 2,
        ChecksumAlgorithm::Sha1 => 3,
        ChecksumAlgorithm::Sha256 => 4,
    }
}

fn kind_byte(kind: ChecksumKind) -> u8 {
    match kind {
        ChecksumKind::FullObject => 0,
        ChecksumKind::Composite => 1,
    }
}

fn put_headers(out: &mut Vec<u8>, headers: &ObjectHeaders) {
    for text in [
        &headers.content_type,
        &headers.content_disposition,
        &headers.content_encoding,
        &headers.content_language,
        &headers.cache_control,
        &headers.expires,
    ] {
        put_text(out, text.as_deref());
    }
    put_u64(out, headers.user.len() as u64);
    for (name, value) in &headers.user {
        put_bytes(out, name.as_bytes());
        put_bytes(out, value.as_bytes());
    }
}

fn headers(fields: &mut Fields<'_>) -> Option<ObjectHeaders> {
    let mut headers = ObjectHeaders::default();
    for field in [
        &mut headers.content_type,
        &mut headers.content_disposition,
        &mut headers.content_encoding,
        &mut headers.content_language,
        &mut headers.cache_control,
        &mut headers.expires,
    ] {
        fields.text_into(field)?;
    }
    for _ in 0..fields.u64()? {
        headers.user.insert(fields.string()?, fields.string()?);
    }
    Some(headers)
}

/// An object's record; its name is its key.
pub(super) fn object(meta: &ObjectMeta) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    put_u64(&mut out, meta.size);
    put_time(&mut out, meta.modified);
    put_bytes(&mut out, meta.etag.as_bytes());
    put_u64(&mut out, meta.parts.map_or(0, u64::from));
    out.push(u8::from(meta.checksum.is_some()));
    if let Some(Checksum { algorithm, kind, value }) = &meta.checksum {
        out.extend_from_slice(&[algorithm_byte(*algorithm), kind_byte(*kind)]);
        put_bytes(&mut out, value.as_bytes());
    }
    put_headers(&mut out, &meta.headers);
    seal(meta.key.as_str().as_bytes(), out)
}

/// Reads what [`object`] wrote.
pub(super) fn read_object(key: &[u8], record: &[u8]) -> Result<ObjectMeta, StoreError> {
    read_object_fields(key, record).ok_or_else(|| damaged("the record", key))
}

fn read_object_fields(key: &[u8], record: &[u8]) -> Option<ObjectMeta> {
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
    Some(ObjectMeta { key, size, etag, modified, headers, checksum, parts })
}

/// The extents of an object or a part.
pub(super) fn extents(name: &[u8], extents: &[Extent]) -> Vec<u8> {
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
pub(super) fn read_extents(name: &[u8], record: &[u8]) -> Result<Vec<Extent>, StoreError> {
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
pub(super) fn part_name(upload: i64, number: u16) -> Vec<u8> {
    format!("part {number} of upload {upload}").into_bytes()
}

/// A part's record.
pub(super) fn part(name: &[u8], part: &KeptPart) -> Vec<u8> {
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
pub(super) fn read_part(name: &[u8], record: &[u8]) -> Result<KeptPart, StoreError> {
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
pub(super) struct UploadRecord {
    pub(super) begun: Timestamp,
    pub(super) checksum: Option<(ChecksumAlgorithm, ChecksumKind)>,
    pub(super) headers: ObjectHeaders,
}

/// An upload's record; its name is its id.
pub(super) fn upload(id: &str, record: &UploadRecord) -> Vec<u8> {
    let mut out = Vec::with_capacity(128);
    put_time(&mut out, record.begun);
    out.push(u8::from(record.checksum.is_some()));
    if let Some((algorithm, kind)) = record.checksum {
        out.extend_from_slice(&[algorithm_byte(algorithm), kind_byte(kind)]);
    }
    put_headers(&mut out, &record.headers);
    seal(id.as_bytes(), out)
}

/// Reads what [`upload`] wrote.
pub(super) fn read_upload(id: &str, record: &[u8]) -> Result<UploadRecord, StoreError> {
    read_upload_fields(id, record).ok_or_else(|| damaged("the upload", id.as_bytes()))
}

fn read_upload_fields(id: &str, record: &[u8]) -> Option<UploadRecord> {
    let mut fields = open(id.as_bytes(), record)?;
    let begun = fields.time()?;
    let checksum = match fields.byte()? {
        0 => None,
        _ => Some((fields.algorithm()?, fields.kind()?)),
    };
    Some(UploadRecord { begun, checksum, headers: headers(&mut fields)? })
}
