//! From the wire to names: what a request's headers and parameters say.

use std::collections::BTreeMap;

use http::HeaderMap;
use jiff::Timestamp;
use s3s::dto;
use wh_names::{BucketName, KeyPrefix, ObjectKey};
use wh_objects::{
    ByteRange, ChecksumAlgorithm, ExpectedChecksum, ExpectedValue, ObjectAddress, ObjectHeaders,
    ReadConditions, UploadId, VersionAddress, VersionId, WriteCondition,
};

use crate::door::Visit;
use crate::fault::Fault;

/// How large user metadata may be, names and values together, in bytes.
const METADATA_BYTES_MAX: usize = 2048;
const METADATA: &str = "x-amz-meta-";

/// A header's value as text.
pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Fault> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    std::str::from_utf8(value.as_bytes()).map(Some).map_err(|_| {
        Fault::bad_request("InvalidArgument", format!("The header {name} is not UTF-8."))
    })
}

pub(crate) fn bucket(name: &str) -> Result<BucketName, Fault> {
    BucketName::parse(name)
        .map_err(|_| Fault::bad_request("InvalidBucketName", "The specified bucket is not valid."))
}

pub(crate) fn address(bucket_name: &str, key: &str) -> Result<ObjectAddress, Fault> {
    Ok(ObjectAddress { bucket: bucket(bucket_name)?, key: object_key(key)? })
}

pub(crate) fn object_key(key: &str) -> Result<ObjectKey, Fault> {
    ObjectKey::parse(key).map_err(|error| {
        Fault::bad_request("InvalidArgument", format!("Object key: {}", error.why()))
    })
}

pub(crate) fn prefix(text: Option<&str>) -> Result<KeyPrefix, Fault> {
    KeyPrefix::parse(text.unwrap_or_default())
        .map_err(|error| Fault::bad_request("InvalidArgument", error.to_string()))
}

pub(crate) fn upload_id(text: &str) -> Result<UploadId, Fault> {
    UploadId::parse(text).map_err(|error| super::error::of_store(&error))
}

/// A part's number, 1–10,000.
pub(crate) fn part_number(number: i32) -> Result<u16, Fault> {
    let why = "Part number must be an integer between 1 and 10000, inclusive";
    u16::try_from(number)
        .ok()
        .filter(|n| (1..=wh_objects::PART_NUMBER_MAX).contains(n))
        .ok_or_else(|| Fault::bad_request("InvalidArgument", why))
}

/// A page's size: at most 1,000, whatever is asked for.
pub(crate) fn page_size(asked: Option<i32>) -> Result<usize, Fault> {
    let why = "Argument max-keys must be an integer between 0 and 2147483647";
    let asked = usize::try_from(asked.unwrap_or(1000));
    Ok(asked.map_err(|_| Fault::bad_request("InvalidArgument", why))?.min(1000))
}

/// The version that is named, if one is.
pub(crate) fn version(id: Option<&str>) -> Result<Option<VersionId>, Fault> {
    let Some(id) = id else { return Ok(None) };
    let why = "Invalid version id specified";
    let invalid = || Fault::bad_request("InvalidArgument", why);
    VersionId::parse(id).map(Some).ok_or_else(invalid)
}

/// An object and the version that is named, if one is.
pub(crate) fn version_address(
    bucket_name: &str,
    key: &str,
    id: Option<&str>,
) -> Result<VersionAddress, Fault> {
    Ok(VersionAddress { object: address(bucket_name, key)?, version: version(id)? })
}

/// A document that does not say what it must.
pub(crate) fn malformed() -> Fault {
    let why = "The XML you provided was not well-formed or did not validate against our \
               published schema";
    Fault::bad_request("MalformedXML", why)
}

/// What is said of an object with its bytes.
pub(crate) fn object_headers(headers: &HeaderMap) -> Result<ObjectHeaders, Fault> {
    let own = |name| text(headers, name).map(|value| value.map(str::to_owned));
    let mut user = BTreeMap::new();
    for name in headers.keys().filter_map(|name| name.as_str().strip_prefix(METADATA)) {
        let value = text(headers, &format!("{METADATA}{name}"))?.unwrap_or_default();
        user.insert(name.to_owned(), value.to_owned());
    }
    if user.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > METADATA_BYTES_MAX
    {
        let why = "Your metadata headers exceed the maximum allowed metadata size";
        return Err(Fault::bad_request("MetadataTooLarge", why));
    }
    Ok(ObjectHeaders {
        content_type: own("content-type")?,
        content_disposition: own("content-disposition")?,
        content_encoding: own("content-encoding")?,
        content_language: own("content-language")?,
        cache_control: own("cache-control")?,
        expires: own("expires")?,
        user,
    })
}

/// The condition of a write.
pub(crate) fn write_condition(headers: &HeaderMap) -> Result<WriteCondition, Fault> {
    match (text(headers, "if-none-match")?, text(headers, "if-match")?) {
        (None, None) => Ok(WriteCondition::Always),
        (Some("*"), None) => Ok(WriteCondition::IfNoneMatchAny),
        (None, Some(etag)) if etag.trim() != "*" => Ok(WriteCondition::IfMatch(etag.to_owned())),
        (Some(_), None | Some(_)) | (None, Some(_)) => {
            Err(Fault::not_implemented("This combination of If-Match and If-None-Match"))
        }
    }
}

/// The conditions of a read; `prefix` is empty, or `x-amz-copy-source-` for a copy's source.
pub(crate) fn read_conditions(headers: &HeaderMap, prefix: &str) -> Result<ReadConditions, Fault> {
    let own = |name: &str| text(headers, &format!("{prefix}{name}"));
    Ok(ReadConditions {
        if_match: own("if-match")?.map(str::to_owned),
        if_none_match: own("if-none-match")?.map(str::to_owned),
        if_modified_since: own("if-modified-since")?.and_then(http_date),
        if_unmodified_since: own("if-unmodified-since")?.and_then(http_date),
    })
}

/// An HTTP date. One that cannot be read counts as not given, as RFC 9110 section 13.1.3 asks.
fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

/// An instant, as `s3s` has read it.
pub(crate) fn instant(wire: &dto::Timestamp) -> Option<Timestamp> {
    let mut text = Vec::new();
    wire.format(dto::TimestampFormat::DateTime, &mut text).ok()?;
    std::str::from_utf8(&text).ok()?.parse().ok()
}

/// A range of bytes, as `s3s` has read it.
pub(crate) fn range(wire: dto::Range) -> ByteRange {
    match wire {
        dto::Range::Int { first, last: Some(last) } => ByteRange::FromTo(first, last),
        dto::Range::Int { first, last: None } => ByteRange::From(first),
        dto::Range::Suffix { length } => ByteRange::Last(length),
    }
}

/// The range of a part's copy: `bytes=first-last`, both given.
pub(crate) fn copy_range(text: Option<&str>) -> Result<Option<ByteRange>, Fault> {
    let why = "The x-amz-copy-source-range value must be of the form bytes=first-last where first \
               and last are the zero-based offsets of the first and last bytes to copy";
    let bad = || Fault::bad_request("InvalidArgument", why);
    let Some(text) = text else { return Ok(None) };
    match dto::Range::parse(text).map_err(|_| bad())? {
        dto::Range::Int { first, last: Some(last) } if first <= last => {
            Ok(Some(ByteRange::FromTo(first, last)))
        }
        dto::Range::Int { .. } | dto::Range::Suffix { .. } => Err(bad()),
    }
}

/// The source of a copy: a bucket and a key, decoded once, and the version that is named.
pub(crate) fn copy_source(source: &dto::CopySource) -> Result<VersionAddress, Fault> {
    match source {
        dto::CopySource::Bucket { bucket, key, version_id } => {
            version_address(bucket, key, version_id.as_deref())
        }
        dto::CopySource::AccessPoint { .. } | dto::CopySource::Outpost { .. } => {
            Err(Fault::not_implemented("A copy source that is not a bucket and a key"))
        }
    }
}

/// The checksum that a body must have: from a header, or from a trailer after the body.
pub(crate) fn expected(
    headers: &HeaderMap,
    visit: &Visit,
) -> Result<Option<ExpectedChecksum>, Fault> {
    let mut found = Vec::new();
    for algorithm in ChecksumAlgorithm::ALL {
        let name = header_of(algorithm);
        if let Some(value) = text(headers, &name)? {
            found.push((algorithm, ExpectedValue::Now(value.to_owned())));
        }
        if visit.announced.contains(&name) {
            let trailers = visit.trailers.clone();
            let ask = ExpectedValue::AfterBody(Box::new(move || trailers.get(&name)));
            found.push((algorithm, ask));
        }
    }
    if visit
        .announced
        .iter()
        .any(|n| !ChecksumAlgorithm::ALL.into_iter().any(|a| header_of(a) == *n))
    {
        let why = "The value specified in the x-amz-trailer header is not supported";
        return Err(Fault::bad_request("InvalidRequest", why));
    }
    if found.len() > 1 {
        let why =
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";
        return Err(Fault::bad_request("InvalidRequest", why));
    }
    Ok(found.pop().map(|(algorithm, value)| ExpectedChecksum { algorithm, value }))
}

/// The checksum of the whole object that ends an upload in parts.
pub(crate) fn whole_checksum(headers: &HeaderMap) -> Result<Option<String>, Fault> {
    for algorithm in ChecksumAlgorithm::ALL {
        if let Some(value) = text(headers, &header_of(algorithm))? {
            return Ok(Some(value.to_owned()));
        }
    }
    Ok(None)
}

/// `x-amz-checksum-crc32` and its kin.
pub(crate) fn header_of(algorithm: ChecksumAlgorithm) -> String {
    format!("x-amz-checksum-{}", algorithm.as_str().to_ascii_lowercase())
}
