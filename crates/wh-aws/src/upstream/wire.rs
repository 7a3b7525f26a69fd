//! Values between the words of the store and those of the SDK.

use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::{
    self, ChecksumType, ObjectLockLegalHoldStatus, ObjectLockMode, ServerSideEncryption, Tag,
    Tagging,
};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use wh_objects::{
    ByteRange, ChecksumAlgorithm, ChecksumKind, Encryption, ObjectAddress, ObjectLock, Retention,
    RetentionMode, StoreError, Tags, VersionId, WriteCondition,
};

/// What stands as it is in a path.
const PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What stands as it is in a query.
const QUERY: &AsciiSet = &PATH.add(b'/');

/// An answer that breaks S3's own rules.
pub(super) fn broken(doing: &'static str, answer: impl ToString) -> StoreError {
    StoreError::Upstream { doing, answer: answer.to_string() }
}

/// A version's id as the upstream wrote it.
pub(super) fn version_id(text: &str) -> Result<VersionId, StoreError> {
    let long = || broken("naming a version", "an id longer than a gateway can keep");
    VersionId::parse(text).ok_or_else(long)
}

/// The same, where there may be none.
pub(super) fn version(text: Option<&str>) -> Result<Option<VersionId>, StoreError> {
    text.filter(|text| !text.is_empty()).map(version_id).transpose()
}

/// A version as the upstream is asked for it.
pub(super) fn asked(version: Option<VersionId>) -> Option<String> {
    version.map(|version| version.to_string())
}

/// A time in whole milliseconds.
pub(super) fn stamp_of(time: DateTime) -> Option<Timestamp> {
    Timestamp::from_millisecond(time.to_millis().ok()?).ok()
}

/// A time that S3 always tells.
pub(super) fn time(time: Option<&DateTime>) -> Result<Timestamp, StoreError> {
    let told = time.and_then(|time| stamp_of(*time));
    told.ok_or_else(|| broken("telling a time", "none"))
}

/// A time as the SDK takes it.
pub(super) fn date(time: Timestamp) -> DateTime {
    DateTime::from_millis(time.as_millisecond())
}

/// A length that S3 always tells.
pub(super) fn length(bytes: Option<i64>) -> Result<u64, StoreError> {
    let told = bytes.and_then(|bytes| u64::try_from(bytes).ok());
    told.ok_or_else(|| broken("telling a length", "none"))
}

/// A length as the SDK takes it.
pub(super) fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// An entity tag without quotes.
pub(super) fn bare(etag: Option<&str>) -> String {
    etag.unwrap_or_default().trim_matches('"').to_owned()
}

/// An entity tag with quotes; `*` has none.
pub(super) fn quoted(etag: &str) -> String {
    let etag = etag.trim();
    if etag == "*" || etag.starts_with('"') { etag.to_owned() } else { format!("\"{etag}\"") }
}

/// `If-Match` and `If-None-Match` of a write.
pub(super) fn write_headers(condition: &WriteCondition) -> (Option<String>, Option<String>) {
    match condition {
        WriteCondition::Always | WriteCondition::IfSequence(_) => (None, None),
        WriteCondition::IfNoneMatchAny => (None, Some("*".to_owned())),
        WriteCondition::IfMatch(etag) => (Some(quoted(etag)), None),
    }
}

/// A range as a header.
pub(super) fn range(range: ByteRange) -> String {
    match range {
        ByteRange::FromTo(first, last) => format!("bytes={first}-{last}"),
        ByteRange::From(first) => format!("bytes={first}-"),
        ByteRange::Last(count) => format!("bytes=-{count}"),
    }
}

/// The source of a copy as a header.
pub(super) fn copy_source(from: &ObjectAddress, version: Option<VersionId>) -> String {
    let key = utf8_percent_encode(from.key.as_str(), PATH);
    let version = version.map(|version| version.to_string());
    let version = version.map(|id| format!("?versionId={}", utf8_percent_encode(&id, QUERY)));
    format!("{}/{key}{}", from.bucket, version.unwrap_or_default())
}

/// Tags as a header.
pub(super) fn tags_header(tags: &Tags) -> Option<String> {
    let pair = |(key, value): (&str, &str)| {
        format!("{}={}", utf8_percent_encode(key, QUERY), utf8_percent_encode(value, QUERY))
    };
    let pairs: Vec<_> = tags.iter().map(pair).collect();
    (!pairs.is_empty()).then(|| pairs.join("&"))
}

/// Tags as a body.
pub(super) fn tag_set(tags: &Tags) -> Result<Tagging, StoreError> {
    let tag = |(key, value): (&str, &str)| Tag::builder().key(key).value(value).build();
    let set = tags.iter().map(tag).collect::<Result<Vec<_>, _>>();
    let set = set.and_then(|set| Tagging::builder().set_tag_set(Some(set)).build());
    set.map_err(|error| broken("writing tags", error))
}

/// Tags as the upstream tells them.
pub(super) fn tags(set: &[Tag]) -> Result<Tags, StoreError> {
    let pairs = set.iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned()));
    Tags::new(pairs).map_err(|error| broken("reading tags", error))
}

/// A name of a listing, which was encoded so that XML can hold it.
pub(super) fn decoded(name: &str, encoded: bool) -> Result<String, StoreError> {
    if !encoded {
        return Ok(name.to_owned());
    }
    let spaced = name.replace('+', " ");
    let text = percent_decode_str(&spaced).decode_utf8();
    text.map(Into::into).map_err(|error| broken("listing", error))
}

/// A lock as the SDK takes it: mode, time, legal hold.
pub(super) type LockFields =
    (Option<ObjectLockMode>, Option<DateTime>, Option<ObjectLockLegalHoldStatus>);

/// A lock as the SDK takes it.
pub(super) fn lock_fields(lock: &ObjectLock) -> LockFields {
    let hold = lock.legal_hold.then_some(ObjectLockLegalHoldStatus::On);
    (lock.retention.map(|r| mode(r.mode)), lock.retention.map(|r| date(r.until)), hold)
}

/// A lock as the upstream tells it.
pub(super) fn lock(
    (mode, until, hold): (
        Option<&ObjectLockMode>,
        Option<&DateTime>,
        Option<&ObjectLockLegalHoldStatus>,
    ),
) -> Result<ObjectLock, StoreError> {
    let retention = match mode {
        None => None,
        Some(mode) => Some(Retention { mode: mode_told(mode.as_str())?, until: time(until)? }),
    };
    let legal_hold = hold == Some(&ObjectLockLegalHoldStatus::On);
    Ok(ObjectLock { retention, legal_hold })
}

fn mode(mode: RetentionMode) -> ObjectLockMode {
    match mode {
        RetentionMode::Governance => ObjectLockMode::Governance,
        RetentionMode::Compliance => ObjectLockMode::Compliance,
    }
}

/// A retention mode by its name.
pub(super) fn mode_told(name: &str) -> Result<RetentionMode, StoreError> {
    match name {
        "GOVERNANCE" => Ok(RetentionMode::Governance),
        "COMPLIANCE" => Ok(RetentionMode::Compliance),
        other => Err(broken("telling a retention", other)),
    }
}

/// An algorithm as the SDK names it.
pub(super) fn algorithm(algorithm: ChecksumAlgorithm) -> types::ChecksumAlgorithm {
    types::ChecksumAlgorithm::from(algorithm.as_str())
}

/// A kind as the SDK names it.
pub(super) fn kind(kind: ChecksumKind) -> ChecksumType {
    match kind {
        ChecksumKind::FullObject => ChecksumType::FullObject,
        ChecksumKind::Composite => ChecksumType::Composite,
    }
}

/// A kind as the upstream names it; a full object's where it does not say.
pub(super) fn kind_told(kind: Option<&ChecksumType>) -> ChecksumKind {
    if kind == Some(&ChecksumType::Composite) {
        ChecksumKind::Composite
    } else {
        ChecksumKind::FullObject
    }
}

/// How something listed is checked, where the algorithm is one that we have.
pub(super) fn checked_by(
    algorithm: Option<&types::ChecksumAlgorithm>,
    kind: Option<&ChecksumType>,
) -> Option<(ChecksumAlgorithm, ChecksumKind)> {
    Some((ChecksumAlgorithm::parse(algorithm?.as_str())?, kind_told(kind)))
}

/// How the upstream encrypts.
pub(super) fn encryption(told: Option<&ServerSideEncryption>) -> Option<Encryption> {
    told.filter(|told| **told == ServerSideEncryption::Aes256).map(|_| Encryption::Aes256)
}

/// A number for a version that has none: the same for the same version, and another for what replaces
/// it. Of a version's id where that is unique, else of entity tag and second of writing.
pub(super) fn sequence(version: VersionId, etag: &str, modified: Timestamp) -> u64 {
    let text = match version {
        VersionId::Numbered(number) => return number,
        VersionId::Foreign(id) => id.as_str().to_owned(),
        VersionId::Null => format!("{etag} {}", modified.as_second()),
    };
    crc_fast::checksum(crc_fast::CrcAlgorithm::Crc64Nvme, text.as_bytes())
}
