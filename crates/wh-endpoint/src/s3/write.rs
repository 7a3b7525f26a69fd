//! From names to the wire: what answers say of objects, uploads and listings.

use std::time::{Duration, SystemTime};

use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE,
    CONTENT_TYPE, ETAG, EXPIRES, LAST_MODIFIED,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto;
use wh_gate::ops::PartOf;
use wh_objects::{
    Checksum, ChecksumAlgorithm, ChecksumKind, Encryption, ObjectLock, ObjectMeta, RetentionMode,
    Stored, VersionId,
};

use super::read;
use crate::fault::Fault;

const AES256: &str = "AES256";
/// What S3 calls bytes of which nothing is known.
const UNKNOWN_TYPE: &str = "binary/octet-stream";
const LISTED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'*').remove(b'/');

pub(crate) fn etag(etag: &str) -> dto::ETag {
    dto::ETag::Strong(etag.to_owned())
}

pub(crate) fn time(at: Timestamp) -> dto::Timestamp {
    let since = u64::try_from(at.as_millisecond()).unwrap_or_default();
    dto::Timestamp::from(SystemTime::UNIX_EPOCH + Duration::from_millis(since))
}

/// `Wed, 21 Oct 2015 07:28:00 GMT`
pub(crate) fn http_date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// A count as the wire writes it.
pub(crate) fn count(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// A small count as the wire writes it.
pub(crate) fn small(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// Percent-encodes listed names when the client asked for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Encoding(bool);

impl Encoding {
    pub(crate) fn parse(asked: Option<&dto::EncodingType>) -> Result<Self, Fault> {
        match asked.map(dto::EncodingType::as_str) {
            None => Ok(Self(false)),
            Some("url") => Ok(Self(true)),
            Some(_) => {
                let why = "Invalid Encoding Method specified in Request";
                Err(Fault::bad_request("InvalidArgument", why))
            }
        }
    }

    pub(crate) fn text(self, name: &str) -> String {
        if self.0 { utf8_percent_encode(name, LISTED).to_string() } else { name.to_owned() }
    }

    pub(crate) fn wire(self) -> Option<dto::EncodingType> {
        self.0.then(|| dto::EncodingType::from_static(dto::EncodingType::URL))
    }
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    // What cannot stand in a header cannot have come in one.
    if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
        headers.insert(name, value);
    }
}

fn put_named(headers: &mut HeaderMap, name: &str, value: &str) {
    if let Ok(name) = HeaderName::try_from(name) {
        put(headers, name, value);
    }
}

/// The headers that describe an object.
pub(crate) fn object(meta: &ObjectMeta, with_checksum: bool) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let own = &meta.headers;
    put(&mut headers, ETAG, &format!("\"{}\"", meta.etag));
    put(&mut headers, LAST_MODIFIED, &http_date(meta.modified));
    put(&mut headers, ACCEPT_RANGES, "bytes");
    put(&mut headers, CONTENT_TYPE, own.content_type.as_deref().unwrap_or(UNKNOWN_TYPE));
    let told = [
        (CONTENT_DISPOSITION, &own.content_disposition),
        (CONTENT_ENCODING, &own.content_encoding),
        (CONTENT_LANGUAGE, &own.content_language),
        (CACHE_CONTROL, &own.cache_control),
        (EXPIRES, &own.expires),
    ];
    for (name, value) in told {
        if let Some(value) = value {
            put(&mut headers, name, value);
        }
    }
    for (name, value) in &own.user {
        put_named(&mut headers, &format!("x-amz-meta-{name}"), value);
    }
    if let (true, Some(sum)) = (with_checksum, &meta.checksum) {
        checksum(&mut headers, sum);
    }
    if let Some(id) = meta.version {
        put_named(&mut headers, "x-amz-version-id", &id.to_string());
    }
    if let Some(Encryption::Aes256) = meta.encryption {
        put_named(&mut headers, "x-amz-server-side-encryption", AES256);
    }
    if !meta.tags.is_empty() {
        put_named(&mut headers, "x-amz-tagging-count", &meta.tags.len().to_string());
    }
    locked(&mut headers, &meta.lock);
    headers
}

/// The headers that tell what was written, without its `ETag`.
pub(crate) fn stored(headers: &mut HeaderMap, stored: &Stored) {
    if let Some(sum) = stored.checksum() {
        checksum(headers, sum);
    }
    if let Some(id) = stored.version() {
        put_named(headers, "x-amz-version-id", &id.to_string());
    }
    if let Some(Encryption::Aes256) = stored.encryption() {
        put_named(headers, "x-amz-server-side-encryption", AES256);
    }
}

/// The headers of a part of an object: how many there are, and its own checksum.
pub(crate) fn part(headers: &mut HeaderMap, part: &PartOf, checked: bool) {
    if let Some(count) = part.count {
        put_named(headers, "x-amz-mp-parts-count", &count.to_string());
    }
    if let (true, Some(sum)) = (checked, &part.checksum) {
        checksum(headers, sum);
    }
}

/// The headers of what holds a version.
fn locked(headers: &mut HeaderMap, lock: &ObjectLock) {
    if let Some(retention) = lock.retention {
        put_named(headers, "x-amz-object-lock-mode", mode(retention.mode));
        put_named(headers, "x-amz-object-lock-retain-until-date", &retention.until.to_string());
    }
    if lock.legal_hold {
        put_named(headers, "x-amz-object-lock-legal-hold", "ON");
    }
}

/// A retention's mode as the wire writes it.
pub(crate) fn mode(mode: RetentionMode) -> &'static str {
    match mode {
        RetentionMode::Governance => "GOVERNANCE",
        RetentionMode::Compliance => "COMPLIANCE",
    }
}

/// What a write's answer says of encryption at rest.
pub(crate) fn encryption(kept: Option<Encryption>) -> Option<dto::ServerSideEncryption> {
    kept.map(|Encryption::Aes256| dto::ServerSideEncryption::from_static(AES256))
}

/// A version's id, where the bucket speaks of versions.
pub(crate) fn version(id: Option<VersionId>) -> Option<String> {
    id.map(|id| id.to_string())
}

/// The headers of a checksum.
pub(crate) fn checksum(headers: &mut HeaderMap, sum: &Checksum) {
    put_named(headers, &read::header_of(sum.algorithm), &sum.value);
    put_named(headers, "x-amz-checksum-type", sum.kind.as_str());
}

/// Puts what `response-…` parameters ask for over an object's own headers.
pub(crate) fn overridden(
    headers: &mut HeaderMap,
    overrides: [(HeaderName, Option<String>); 6],
) -> Result<(), Fault> {
    for (name, value) in overrides {
        let Some(value) = value else { continue };
        let value = HeaderValue::from_str(&value).map_err(|_| {
            Fault::bad_request("InvalidArgument", format!("The value for {name} is not valid."))
        })?;
        headers.insert(name, value);
    }
    Ok(())
}

/// A checksum in the fields of an XML answer: CRC32, CRC32C, CRC64NVME, SHA1, SHA256.
pub(crate) fn checksum_fields(sum: Option<&Checksum>) -> [Option<String>; 5] {
    ChecksumAlgorithm::ALL
        .map(|algorithm| sum.filter(|sum| sum.algorithm == algorithm).map(|sum| sum.value.clone()))
}

pub(crate) fn algorithm(algorithm: ChecksumAlgorithm) -> dto::ChecksumAlgorithm {
    dto::ChecksumAlgorithm::from_static(algorithm.as_str())
}

pub(crate) fn kind(kind: ChecksumKind) -> dto::ChecksumType {
    dto::ChecksumType::from_static(kind.as_str())
}
