//! Objects: read, written, copied, deleted.

use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH,
    CONTENT_TYPE, EXPIRES,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use s3s::{S3Request, S3Response, S3Result, dto};
use wh_gate::ops;
use wh_names::ObjectKey;
use wh_objects::{CopyObject, GetObject, HeadObject, ObjectLock, ObjectMeta, PutObject, Tags};

use super::{S3Door, error, failed, read, write};
use crate::door::Visit;
use crate::dress;
use crate::fault::Fault;

type Answer<T> = S3Result<S3Response<T>>;

/// How many keys one `DeleteObjects` may name.
const KEYS_MAX: usize = 1000;

pub(super) async fn get_object(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::GetObjectInput>,
) -> Answer<dto::GetObjectOutput> {
    let (input, headers) = (request.input, request.headers);
    let address = read::address(&input.bucket, &input.key)?;
    read::no_version(input.version_id.as_deref())?;
    no_part(input.part_number)?;
    let range = input.range.map(read::range);
    let get = GetObject { version: None, range, conditions: read::read_conditions(&headers, "")? };
    let overrides = overrides(&visit, &request.uri)?;
    let permit = door.admit(&visit, ops::GetObject { address, get }).await?;
    let read = door.gate.get_object(permit).await.map_err(failed)?;
    let size = read.meta.size;
    let mut told = write::object(&read.meta, range.is_none() && input.checksum_mode.is_some());
    write::overridden(&mut told, overrides)?;
    let length = read.range.end.saturating_sub(read.range.start);
    told.insert(CONTENT_LENGTH, HeaderValue::from(length));
    let last = read.range.end.saturating_sub(1);
    let output = dto::GetObjectOutput {
        content_range: range.map(|_| format!("bytes {}-{last}/{size}", read.range.start)),
        body: Some(dto::StreamingBlob::from(dress::object(read.body))),
        ..Default::default()
    };
    Ok(S3Response::with_headers(output, told))
}

pub(super) async fn head_object(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::HeadObjectInput>,
) -> Answer<dto::HeadObjectOutput> {
    let (input, headers) = (request.input, request.headers);
    let address = read::address(&input.bucket, &input.key)?;
    read::no_version(input.version_id.as_deref())?;
    no_part(input.part_number)?;
    let head = HeadObject { conditions: read::read_conditions(&headers, "")?, version: None };
    let overrides = overrides(&visit, &request.uri)?;
    let permit = door.admit(&visit, ops::HeadObject { address, head }).await?;
    let meta = door.gate.head_object(permit).await.map_err(failed)?;
    let mut told = write::object(&meta, input.range.is_none() && input.checksum_mode.is_some());
    write::overridden(&mut told, overrides)?;
    let range = input.range.map(|range| range.check(meta.size)).transpose();
    let range = range.map_err(|_| error::store_error(&outside(&meta)))?;
    let length = range.as_ref().map_or(meta.size, |r| r.end.saturating_sub(r.start));
    told.insert(CONTENT_LENGTH, HeaderValue::from(length));
    let mut answer = S3Response::with_headers(dto::HeadObjectOutput::default(), told);
    if let Some(range) = range {
        let last = range.end.saturating_sub(1);
        answer.output.content_range = Some(format!("bytes {}-{last}/{}", range.start, meta.size));
    }
    Ok(answer)
}

fn outside(meta: &ObjectMeta) -> wh_objects::StoreError {
    wh_objects::StoreError::InvalidRange { size: meta.size }
}

fn no_part(number: Option<i32>) -> Result<(), Fault> {
    match number {
        None => Ok(()),
        Some(_) => Err(Fault::not_implemented("Reading an object by part number")),
    }
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
        tags: Tags::default(),
        lock: ObjectLock::default(),
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
    let output = dto::PutObjectOutput { e_tag, ..Default::default() };
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
    let copy = CopyObject {
        from: read::copy_source(&input.copy_source)?,
        from_version: None,
        to: read::address(&input.bucket, &input.key)?,
        headers: match read::text(&headers, "x-amz-metadata-directive")? {
            None | Some("COPY") => None,
            Some("REPLACE") => Some(read::object_headers(&headers)?),
            Some(_) => {
                let why = "Unknown metadata directive.";
                return Err(Fault::bad_request("InvalidArgument", why).into());
            }
        },
        tags: None,
        lock: ObjectLock::default(),
        source_conditions: read::read_conditions(&headers, "x-amz-copy-source-")?,
        condition: read::write_condition(&headers)?,
    };
    let permit = door.admit(&visit, ops::CopyObject { copy }).await?;
    let stored = door.gate.copy_object(permit).await.map_err(failed)?;
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
    let copy_object_result = Some(result);
    Ok(S3Response::new(dto::CopyObjectOutput { copy_object_result, ..Default::default() }))
}

pub(super) async fn delete_object(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::DeleteObjectInput>,
) -> Answer<dto::DeleteObjectOutput> {
    let input = request.input;
    read::no_version(input.version_id.as_deref())?;
    if request.headers.contains_key("if-match") {
        return Err(Fault::not_implemented("A conditional delete").into());
    }
    let address = read::address(&input.bucket, &input.key)?;
    let permit = door.admit(&visit, ops::DeleteObject { address }).await?;
    door.gate.delete_object(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::DeleteObjectOutput::default()))
}

pub(super) async fn delete_objects(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::DeleteObjectsInput>,
) -> Answer<dto::DeleteObjectsOutput> {
    let input = request.input;
    let named = input.delete.objects;
    if named.is_empty() || named.len() > KEYS_MAX {
        let why = "The XML you provided was not well-formed or did not validate against our \
                   published schema";
        return Err(Fault::bad_request("MalformedXML", why).into());
    }
    let quiet = input.delete.quiet.unwrap_or_default();
    let bucket = read::bucket(&input.bucket)?;
    let keys = named.iter().map(unconditional).collect::<Result<Vec<_>, _>>()?;
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for (key, outcome) in door.gate.delete_objects(&visit.caller, &bucket, keys).await {
        let key = Some(key.to_string());
        match outcome.map_err(failed) {
            Ok(()) if quiet => {}
            Ok(()) => deleted.push(dto::DeletedObject { key, ..Default::default() }),
            Err(error) => errors.push(dto::Error {
                code: Some(error.code().as_str().to_owned()),
                key,
                message: error.message().map(str::to_owned),
                version_id: None,
            }),
        }
    }
    let output = dto::DeleteObjectsOutput {
        deleted: Some(deleted),
        errors: Some(errors).filter(|errors| !errors.is_empty()),
        request_charged: None,
    };
    Ok(S3Response::new(output))
}

/// The key of an object that is to be deleted whatever it is now.
fn unconditional(object: &dto::ObjectIdentifier) -> Result<ObjectKey, Fault> {
    read::no_version(object.version_id.as_deref())?;
    if object.e_tag.is_some() || object.last_modified_time.is_some() || object.size.is_some() {
        return Err(Fault::not_implemented("A conditional delete"));
    }
    read::object_key(&object.key)
}
