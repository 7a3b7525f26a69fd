//! Objects: read, written, copied.

use std::ops::Range;

use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH,
    CONTENT_TYPE, EXPIRES, IF_RANGE,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use s3s::{S3Request, S3Response, S3Result, dto};
use wh_gate::{GateError, ops};
use wh_objects::{
    CopyObject, GetObject, HeadObject, ObjectHeaders, ObjectMeta, PutObject, StoreError,
};

use super::{S3Door, error, failed, lock, read, tagging, write};
use crate::door::Visit;
use crate::dress;
use crate::fault::Fault;

type Answer<T> = S3Result<S3Response<T>>;

pub(super) async fn get_object(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::GetObjectInput>,
) -> Answer<dto::GetObjectOutput> {
    let (input, headers) = (request.input, request.headers);
    let address = read::address(&input.bucket, &input.key)?;
    let version = read::version(input.version_id.as_deref())?;
    let part = part(input.part_number, input.range.as_ref())?;
    let range = input.range.map(read::range);
    let mut get = GetObject { version, range, conditions: read::read_conditions(&headers, "")? };
    let whole = if_range(&headers, &mut get);
    let mut range = get.range;
    let overrides = overrides(&visit, &request.uri)?;
    let permit = door.admit(&visit, ops::GetObject { address: address.clone(), get }).await?;
    let (read, part) = match part {
        None => match (door.gate.get_object(permit).await, whole) {
            (Err(GateError::Store(StoreError::PreconditionFailed)), Some(get)) => {
                range = None;
                let permit = door.admit(&visit, ops::GetObject { address, get }).await?;
                (door.gate.get_object(permit).await.map_err(failed)?, None)
            }
            (read, _) => (read.map_err(failed)?, None),
        },
        Some(number) => {
            let found = door.gate.get_object_part(permit, number).await.map_err(failed)?;
            (found.0, Some(found.1))
        }
    };
    let checked = input.checksum_mode.is_some();
    let mut told = write::object(&read.meta, range.is_none() && part.is_none() && checked);
    if let Some(part) = &part {
        write::part(&mut told, part, checked);
    }
    write::overridden(&mut told, overrides)?;
    let length = read.range.end.saturating_sub(read.range.start);
    told.insert(CONTENT_LENGTH, HeaderValue::from(length));
    let whole = range.is_none() && part.is_none();
    let output = dto::GetObjectOutput {
        content_range: content_range(&read.range, read.meta.size).filter(|_| !whole),
        body: Some(dto::StreamingBlob::from(dress::object(read.body))),
        ..Default::default()
    };
    Ok(S3Response::with_headers(output, told))
}

/// `If-Range`: a range counts only of the object that has this entity tag; of any other the whole is due, which is
/// asked for in its place. What is no strong tag (a date, a weak one) is never surely the same object.
///
/// Source: RFC 9110 section 13.1.5.
fn if_range(headers: &HeaderMap, get: &mut GetObject) -> Option<GetObject> {
    let tag = headers.get(IF_RANGE)?.to_str().unwrap_or_default().trim();
    // Beside `If-Match` there is one object that can be meant.
    if get.range.is_none() || get.conditions.if_match.is_some() {
        return None;
    }
    let whole = GetObject { range: None, ..get.clone() };
    if tag.len() < 2 || !tag.starts_with('"') || !tag.ends_with('"') || tag.contains(',') {
        *get = whole;
        return None;
    }
    get.conditions.if_match = Some(tag.to_owned());
    Some(whole)
}

pub(super) async fn head_object(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::HeadObjectInput>,
) -> Answer<dto::HeadObjectOutput> {
    let (input, headers) = (request.input, request.headers);
    let address = read::address(&input.bucket, &input.key)?;
    let version = read::version(input.version_id.as_deref())?;
    let part = part(input.part_number, input.range.as_ref())?;
    let head = HeadObject { version, conditions: read::read_conditions(&headers, "")? };
    let overrides = overrides(&visit, &request.uri)?;
    let permit = door.admit(&visit, ops::HeadObject { address, head }).await?;
    let (meta, part) = match part {
        None => (door.gate.head_object(permit).await.map_err(failed)?, None),
        Some(number) => {
            let found = door.gate.head_object_part(permit, number).await.map_err(failed)?;
            (found.0, Some(found.1))
        }
    };
    let (checked, whole) = (input.checksum_mode.is_some(), input.range.is_none() && part.is_none());
    let mut told = write::object(&meta, whole && checked);
    write::overridden(&mut told, overrides)?;
    let range = input.range.map(|range| range.check(meta.size)).transpose();
    let mut range = range.map_err(|_| error::store_error(&outside(&meta)))?;
    if let Some(part) = part {
        write::part(&mut told, &part, checked);
        range = Some(part.range);
    }
    let length = range.as_ref().map_or(meta.size, |r| r.end.saturating_sub(r.start));
    told.insert(CONTENT_LENGTH, HeaderValue::from(length));
    let mut answer = S3Response::with_headers(dto::HeadObjectOutput::default(), told);
    answer.output.content_range = range.and_then(|range| content_range(&range, meta.size));
    Ok(answer)
}

/// What `Content-Range` says of a range; of one without bytes it can say nothing.
fn content_range(range: &Range<u64>, size: u64) -> Option<String> {
    let last = range.end.checked_sub(1).filter(|last| *last >= range.start)?;
    Some(format!("bytes {}-{last}/{size}", range.start))
}

fn outside(meta: &ObjectMeta) -> StoreError {
    StoreError::InvalidRange { size: meta.size }
}

/// The part that is asked for; a part and a range at once cannot be.
fn part(number: Option<i32>, range: Option<&dto::Range>) -> Result<Option<u16>, Fault> {
    if number.is_some() && range.is_some() {
        let why = "Cannot specify both Range header and partNumber query parameter";
        return Err(Fault::bad_request("InvalidRequest", why));
    }
    number.map(read::part_number).transpose()
}

/// What the `response-…` parameters ask for; only those who say who they are may ask.
fn overrides(visit: &Visit, uri: &http::Uri) -> Result<[(HeaderName, Option<String>); 6], Fault> {
    let query = crate::signature::QueryString::parse(uri.query())?;
    let asked = [
        (CONTENT_TYPE, "response-content-type"),
        (CONTENT_LANGUAGE, "response-content-language"),
        (EXPIRES, "response-expires"),
        (CACHE_CONTROL, "response-cache-control"),
        (CONTENT_DISPOSITION, "response-content-disposition"),
        (CONTENT_ENCODING, "response-content-encoding"),
    ]
    .map(|(name, parameter)| (name, query.get(parameter).map(str::to_owned)));
    if visit.caller.principal.is_anonymous() && asked.iter().any(|(_, value)| value.is_some()) {
        let why = "Request specific response headers cannot be used for anonymous GET requests.";
        return Err(Fault::bad_request("InvalidRequest", why));
    }
    Ok(asked)
}

pub(super) async fn put_object(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::PutObjectInput>,
) -> Answer<dto::PutObjectOutput> {
    let (input, headers) = (request.input, request.headers);
    let address = read::address(&input.bucket, &input.key)?;
    let put = PutObject {
        headers: read::object_headers(&headers)?,
        tags: tagging::of_header(&headers)?.unwrap_or_default(),
        lock: lock::of_headers(&headers)?,
        expected: read::expected(&headers, &visit)?,
        content_md5: input.content_md5,
        condition: read::write_condition(&headers)?,
        size: input.content_length.and_then(|length| u64::try_from(length).ok()),
    };
    let permit = door.admit(&visit, ops::PutObject { address, put }).await?;
    let body = dress::body(input.body);
    let stored = door.gate.put_object(permit, body).await.map_err(failed)?;
    let mut told = HeaderMap::new();
    if let Some(sum) = stored.checksum() {
        write::checksum(&mut told, sum);
    }
    let e_tag = Some(write::etag(stored.etag()));
    let output = dto::PutObjectOutput {
        e_tag,
        version_id: write::version(stored.version()),
        server_side_encryption: write::encryption(stored.encryption()),
        ..Default::default()
    };
    Ok(S3Response::with_headers(output, told))
}

pub(super) async fn copy_object(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::CopyObjectInput>,
) -> Answer<dto::CopyObjectOutput> {
    let (input, headers) = (request.input, request.headers);
    if input.checksum_algorithm.is_some() {
        return Err(Fault::not_implemented("A new checksum algorithm for a copy").into());
    }
    let source = read::copy_source(&input.copy_source)?;
    let copy = CopyObject {
        from: source.object,
        from_version: source.version,
        to: read::address(&input.bucket, &input.key)?,
        headers: new_headers(&headers)?,
        tags: tagging::of_copy(&headers)?,
        lock: lock::of_headers(&headers)?,
        source_conditions: read::read_conditions(&headers, "x-amz-copy-source-")?,
        condition: read::write_condition(&headers)?,
    };
    let permit = door.admit(&visit, ops::CopyObject { copy }).await?;
    let ops::Copied { stored, source_version } =
        door.gate.copy_object(permit).await.map_err(failed)?;
    let [crc32, crc32c, crc64nvme, sha1, sha256] = write::checksum_fields(stored.checksum());
    let result = dto::CopyObjectResult {
        checksum_crc32: crc32,
        checksum_crc32c: crc32c,
        checksum_crc64nvme: crc64nvme,
        checksum_sha1: sha1,
        checksum_sha256: sha256,
        checksum_type: stored.checksum().map(|sum| write::kind(sum.kind)),
        e_tag: Some(write::etag(stored.etag())),
        last_modified: Some(write::time(stored.modified())),
    };
    Ok(S3Response::new(dto::CopyObjectOutput {
        copy_object_result: Some(result),
        copy_source_version_id: write::version(source_version),
        version_id: write::version(stored.version()),
        server_side_encryption: write::encryption(stored.encryption()),
        ..Default::default()
    }))
}

/// The headers that a copy is to have, or `None` to keep those of its source.
fn new_headers(headers: &HeaderMap) -> Result<Option<ObjectHeaders>, Fault> {
    match read::text(headers, "x-amz-metadata-directive")? {
        None | Some("COPY") => Ok(None),
        Some("REPLACE") => read::object_headers(headers).map(Some),
        Some(_) => Err(Fault::bad_request("InvalidArgument", "Unknown metadata directive.")),
    }
}
