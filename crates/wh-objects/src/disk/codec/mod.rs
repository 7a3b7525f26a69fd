//! Records as bytes: what the index keeps of objects, parts and uploads.
//!
//! Invariant: a record ends in the CRC-32C of its name and its bytes, so that a damaged or
//! misplaced one is found when it is read.
//!
//! `docs/store-format.md` describes each of them; a change here is a new format of the store.

mod dress;
mod events;
pub(super) mod format_1;
mod parts;
mod settings;
mod uploads;
mod versions;

pub(super) use events::{event, read_event};
pub(super) use parts::{object_parts, read_object_parts};
pub(super) use settings::{read_settings, settings};
pub(super) use uploads::{
    UploadRecord, extents, part, part_name, read_extents, read_part, read_upload, upload,
};
pub(super) use versions::{Kept, marker, object, read_version, version_name};

use jiff::Timestamp;

use crate::{ChecksumAlgorithm, ChecksumKind, StoreError};

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
