//! Records as bytes: what the index keeps of objects, parts and uploads.
//!
//! Invariant: a record ends in the CRC-32C of its name and its bytes, so that a damaged or
//! misplaced one is found when it is read.
//!
//! `docs/store-format.md` describes each of them; a change here is a new format of the store.

use jiff::Timestamp;
use wh_names::{BucketName, ObjectKey};

use super::extent::{BlobId, Extent};
use crate::digest::Digests;
use crate::multipart::KeptPart;
use crate::object::Dress;
use crate::{
    BucketSettings, Checksum, ChecksumAlgorithm, ChecksumKind, DefaultRetention, Encryption, Event,
    EventKind, ObjectHeaders, ObjectLock, ObjectLockState, ObjectMeta, Retention, RetentionMode,
    RetentionPeriod, StoreError, Tags, VersionId, Versioning,
};

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

fn put_tags(out: &mut Vec<u8>, tags: &Tags) {
    put_u64(out, tags.len() as u64);
    for (key, value) in tags.iter() {
        put_bytes(out, key.as_bytes());
        put_bytes(out, value.as_bytes());
    }
}

fn tags(fields: &mut Fields<'_>) -> Option<Tags> {
    let count = fields.u64()?;
    let mut pairs = Vec::new();
    for _ in 0..count {
        pairs.push((fields.string()?, fields.string()?));
    }
    Tags::new(pairs).ok()
}

fn mode_byte(mode: RetentionMode) -> u8 {
    match mode {
        RetentionMode::Governance => 1,
        RetentionMode::Compliance => 2,
    }
}

fn mode(byte: u8) -> Option<RetentionMode> {
    match byte {
        1 => Some(RetentionMode::Governance),
        2 => Some(RetentionMode::Compliance),
        _ => None,
    }
}

fn put_lock(out: &mut Vec<u8>, lock: ObjectLock) {
    out.push(u8::from(lock.legal_hold));
    out.push(lock.retention.map_or(0, |retention| mode_byte(retention.mode)));
    if let Some(retention) = lock.retention {
        put_time(out, retention.until);
    }
}

fn lock(fields: &mut Fields<'_>) -> Option<ObjectLock> {
    let legal_hold = fields.byte()? == 1;
    let retention = match fields.byte()? {
        0 => None,
        byte => Some(Retention { mode: mode(byte)?, until: fields.time()? }),
    };
    Some(ObjectLock { retention, legal_hold })
}

fn put_dress(
    out: &mut Vec<u8>,
    (headers, tags, lock, encryption): (&ObjectHeaders, &Tags, ObjectLock, Option<Encryption>),
) {
    put_headers(out, headers);
    put_tags(out, tags);
    put_lock(out, lock);
    out.push(u8::from(encryption.is_some()));
}

fn dress(fields: &mut Fields<'_>) -> Option<Dress> {
    let (headers, tags, lock) = (headers(fields)?, tags(fields)?, lock(fields)?);
    let encryption = (fields.byte()? == 1).then_some(Encryption::Aes256);
    Some(Dress { headers, tags, lock, encryption })
}

/// The first byte of a record of the table of versions.
const OBJECT: u8 = 1;
const MARKER: u8 = 2;

/// The name that a version's records are sealed with.
pub(super) fn version_name(key: &[u8], sequence: u64) -> Vec<u8> {
    let mut name = Vec::with_capacity(key.len() + 9);
    name.extend_from_slice(key);
    name.push(0xff);
    name.extend_from_slice(&sequence.to_be_bytes());
    name
}

/// What a version is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kept {
    /// An object. Its version is told by its row.
    Object(Box<ObjectMeta>),
    /// A delete marker, and when it was made.
    Marker(Timestamp),
}

/// A version's record.
pub(super) fn object(name: &[u8], meta: &ObjectMeta) -> Vec<u8> {
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
pub(super) fn marker(name: &[u8], modified: Timestamp) -> Vec<u8> {
    let mut out = vec![MARKER];
    put_time(&mut out, modified);
    seal(name, out)
}

/// Reads what [`object`] or [`marker`] wrote.
pub(super) fn read_version(key: &[u8], seq: u64, record: &[u8]) -> Result<Kept, StoreError> {
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

/// An event's record; its name is its number.
pub(super) fn event(event: &Event) -> Vec<u8> {
    let mut out = Vec::with_capacity(128);
    let kind = EventKind::ALL.iter().position(|kind| *kind == event.kind);
    out.push(kind.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX));
    put_time(&mut out, event.at);
    put_bytes(&mut out, event.by.as_bytes());
    put_bytes(&mut out, event.bucket.as_str().as_bytes());
    put_bytes(&mut out, event.key.as_str().as_bytes());
    out.push(u8::from(event.version == VersionId::Null));
    if let VersionId::Numbered(number) = event.version {
        put_u64(&mut out, number);
    }
    out.push(u8::from(event.content.is_some()));
    if let Some((size, etag)) = &event.content {
        put_u64(&mut out, *size);
        put_bytes(&mut out, etag.as_bytes());
    }
    seal(&event.sequence.to_be_bytes(), out)
}

/// Reads what [`event`] wrote.
pub(super) fn read_event(sequence: u64, record: &[u8]) -> Result<Event, StoreError> {
    let what = || StoreError::Corrupt { what: format!("the record of event {sequence}") };
    read_event_fields(sequence, record).ok_or_else(what)
}

fn read_event_fields(sequence: u64, record: &[u8]) -> Option<Event> {
    let mut fields = open(&sequence.to_be_bytes(), record)?;
    let kind = *EventKind::ALL.get(usize::from(fields.byte()?))?;
    let (at, by) = (fields.time()?, fields.string()?.into());
    let bucket = BucketName::parse(&fields.string()?).ok()?;
    let key = ObjectKey::parse(&fields.string()?).ok()?;
    let version = match fields.byte()? {
        1 => VersionId::Null,
        _ => VersionId::Numbered(fields.u64()?),
    };
    let content = match fields.byte()? {
        0 => None,
        _ => Some((fields.u64()?, fields.string()?)),
    };
    Some(Event { sequence, kind, at, by, bucket, key, version, content })
}

/// A bucket's settings; their name is the bucket's.
pub(super) fn settings(bucket: &BucketName, settings: &BucketSettings) -> Vec<u8> {
    let mut out = vec![match settings.versioning {
        Versioning::Unversioned => 0,
        Versioning::Enabled => 1,
        Versioning::Suspended => 2,
    }];
    out.push(u8::from(settings.quota_bytes.is_some()));
    put_u64(&mut out, settings.quota_bytes.unwrap_or_default());
    out.push(u8::from(settings.object_lock.is_some()));
    let default = settings.object_lock.and_then(|state| state.default);
    out.push(default.map_or(0, |default| mode_byte(default.mode)));
    if let Some(DefaultRetention { period, .. }) = default {
        let (unit, count) = match period {
            RetentionPeriod::Days(days) => (1, days),
            RetentionPeriod::Years(years) => (2, years),
        };
        out.push(unit);
        put_u64(&mut out, u64::from(count));
    }
    seal(bucket.as_str().as_bytes(), out)
}

/// Reads what [`settings`] wrote.
pub(super) fn read_settings(bucket: &str, record: &[u8]) -> Result<BucketSettings, StoreError> {
    let name = bucket.as_bytes();
    read_settings_fields(name, record).ok_or_else(|| damaged("the settings", name))
}

fn read_settings_fields(name: &[u8], record: &[u8]) -> Option<BucketSettings> {
    let mut fields = open(name, record)?;
    let versioning = match fields.byte()? {
        0 => Versioning::Unversioned,
        1 => Versioning::Enabled,
        2 => Versioning::Suspended,
        _ => return None,
    };
    let limited = fields.byte()? == 1;
    let quota_bytes = Some(fields.u64()?).filter(|_| limited);
    let locked = fields.byte()? == 1;
    let default = match fields.byte()? {
        0 => None,
        byte => {
            let mode = mode(byte)?;
            let (unit, count) = (fields.byte()?, u32::try_from(fields.u64()?).ok()?);
            let period = match unit {
                1 => RetentionPeriod::Days(count),
                2 => RetentionPeriod::Years(count),
                _ => return None,
            };
            Some(DefaultRetention { mode, period })
        }
    };
    let object_lock = locked.then_some(ObjectLockState { default });
    Some(BucketSettings { versioning, object_lock, quota_bytes })
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
    pub(super) dress: Dress,
}

/// An upload's record; its name is its id.
pub(super) fn upload(id: &str, record: &UploadRecord) -> Vec<u8> {
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
    Some(UploadRecord { begun, checksum, dress: dress(&mut fields)? })
}
