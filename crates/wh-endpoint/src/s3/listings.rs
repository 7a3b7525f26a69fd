//! Listings: of objects, of parts, of uploads.

use s3s::{S3Request, S3Response, S3Result, dto};
use wh_gate::ops;
use wh_names::KeyPrefix;
use wh_objects::{ListEntry, ListPage, ListedObject, PartMeta, UploadMarker, UploadMeta};

use super::write::Encoding;
use super::{S3Door, failed, read, write};
use crate::door::Visit;
use crate::fault::Fault;

type Answer<T> = S3Result<S3Response<T>>;

/// What opens an opaque token, so that a later form can be told apart.
const TOKEN: &str = "1";

/// A page's continuation, which clients are to hand back as it is.
fn token(after: &str) -> String {
    format!("{TOKEN}{}", hex::encode(after))
}

fn after(token: &str) -> Result<String, Fault> {
    let bytes = token.strip_prefix(TOKEN).and_then(|digits| hex::decode(digits).ok());
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| {
        let why = "The continuation token provided is incorrect";
        Fault::bad_request("InvalidArgument", why)
    })
}

pub(super) fn given_prefix(text: Option<&str>) -> Result<Option<KeyPrefix>, Fault> {
    text.map(|text| read::prefix(Some(text))).transpose()
}

/// A page's objects and common prefixes as S3 writes them.
fn split(
    page: ListPage,
    encoding: Encoding,
    owner: Option<&dto::Owner>,
) -> (Vec<dto::Object>, Vec<dto::CommonPrefix>) {
    let (mut objects, mut prefixes) = (Vec::new(), Vec::new());
    for entry in page.entries {
        match entry {
            ListEntry::Object(object) => objects.push(listed(&object, encoding, owner)),
            ListEntry::CommonPrefix(prefix) => {
                let prefix = Some(encoding.text(&prefix));
                prefixes.push(dto::CommonPrefix { prefix });
            }
        }
    }
    (objects, prefixes)
}

fn listed(object: &ListedObject, encoding: Encoding, owner: Option<&dto::Owner>) -> dto::Object {
    let (algorithm, kind) = object.checksum.unzip();
    dto::Object {
        checksum_algorithm: algorithm.map(|algorithm| vec![write::algorithm(algorithm)]),
        checksum_type: kind.map(write::kind),
        e_tag: Some(write::etag(&object.etag)),
        key: Some(encoding.text(object.key.as_str())),
        last_modified: Some(write::time(object.modified)),
        owner: owner.cloned(),
        restore_status: None,
        size: Some(write::count(object.size)),
        storage_class: Some(dto::ObjectStorageClass::from_static("STANDARD")),
    }
}

pub(super) async fn list_objects_v2(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::ListObjectsV2Input>,
) -> Answer<dto::ListObjectsV2Output> {
    let input = request.input;
    let encoding = Encoding::parse(input.encoding_type.as_ref())?;
    let max_keys = input.max_keys.map(|max| read::page_size(Some(max))).transpose()?;
    let from_token = input.continuation_token.as_deref().map(after).transpose()?;
    let list = ops::ListObjects {
        bucket: read::bucket(&input.bucket)?,
        prefix: given_prefix(input.prefix.as_deref())?,
        delimiter: input.delimiter.clone(),
        after: from_token.or_else(|| input.start_after.clone()),
        max_keys,
    };
    let permit = door.admit(&visit, list).await?;
    let page = door.gate.list_objects(permit).await.map_err(failed)?;
    let owner = input.fetch_owner.unwrap_or_default().then(|| owner(&visit)).flatten();
    let (truncated, next) = (page.truncated, page.next_after.as_deref().map(token));
    let (contents, common_prefixes) = split(page, encoding, owner.as_ref());
    Ok(S3Response::new(dto::ListObjectsV2Output {
        name: Some(input.bucket),
        prefix: Some(encoding.text(input.prefix.as_deref().unwrap_or_default())),
        max_keys: Some(write::small(max_keys.unwrap_or(ops::LIST_KEYS_MAX))),
        key_count: Some(write::small(contents.len().saturating_add(common_prefixes.len()))),
        continuation_token: input.continuation_token,
        is_truncated: Some(truncated),
        next_continuation_token: next.filter(|_| truncated),
        contents: Some(contents),
        common_prefixes: Some(common_prefixes),
        delimiter: input.delimiter.map(|delimiter| encoding.text(&delimiter)),
        encoding_type: encoding.wire(),
        start_after: input.start_after.map(|start| encoding.text(&start)),
        request_charged: None,
    }))
}

pub(super) async fn list_objects(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::ListObjectsInput>,
) -> Answer<dto::ListObjectsOutput> {
    let input = request.input;
    let encoding = Encoding::parse(input.encoding_type.as_ref())?;
    let max_keys = input.max_keys.map(|max| read::page_size(Some(max))).transpose()?;
    let list = ops::ListObjects {
        bucket: read::bucket(&input.bucket)?,
        prefix: given_prefix(input.prefix.as_deref())?,
        delimiter: input.delimiter.clone(),
        after: input.marker.clone().filter(|marker| !marker.is_empty()),
        max_keys,
    };
    let permit = door.admit(&visit, list).await?;
    let page = door.gate.list_objects(permit).await.map_err(failed)?;
    let next = page.next_after.as_deref().map(|next| encoding.text(next));
    let truncated = page.truncated;
    let (contents, common_prefixes) = split(page, encoding, owner(&visit).as_ref());
    Ok(S3Response::new(dto::ListObjectsOutput {
        name: Some(input.bucket),
        prefix: Some(encoding.text(input.prefix.as_deref().unwrap_or_default())),
        marker: Some(encoding.text(input.marker.as_deref().unwrap_or_default())),
        max_keys: Some(write::small(max_keys.unwrap_or(ops::LIST_KEYS_MAX))),
        is_truncated: Some(truncated),
        contents: Some(contents),
        common_prefixes: Some(common_prefixes),
        delimiter: input.delimiter.map(|delimiter| encoding.text(&delimiter)),
        next_marker: next.filter(|_| truncated),
        encoding_type: encoding.wire(),
        request_charged: None,
    }))
}

/// The owner of everything: the account. Strangers are not told.
pub(super) fn owner(visit: &Visit) -> Option<dto::Owner> {
    let account = visit.caller.principal.account()?;
    Some(dto::Owner { display_name: None, id: Some(account.to_string()) })
}

pub(super) async fn list_parts(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::ListPartsInput>,
) -> Answer<dto::ListPartsOutput> {
    let input = request.input;
    let max = read::page_size(input.max_parts)?;
    let marker = input.part_number_marker.unwrap_or_default();
    let list = ops::ListParts {
        address: read::address(&input.bucket, &input.key)?,
        upload: read::upload_id(&input.upload_id)?,
        after: u16::try_from(marker).map_err(|_| {
            Fault::bad_request("InvalidArgument", "Argument part-number-marker is not valid")
        })?,
        max,
    };
    let permit = door.admit(&visit, list).await?;
    let page = door.gate.list_parts(permit).await.map_err(failed)?;
    let (algorithm, kind) = page.upload.checksum.unzip();
    Ok(S3Response::new(dto::ListPartsOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        part_number_marker: Some(marker),
        next_part_number_marker: page.next_after.map(i32::from),
        max_parts: Some(write::small(max)),
        is_truncated: Some(page.truncated),
        parts: Some(page.parts.iter().map(part).collect()),
        checksum_algorithm: algorithm.map(write::algorithm),
        checksum_type: kind.map(write::kind),
        owner: owner(&visit),
        storage_class: Some(dto::StorageClass::from_static("STANDARD")),
        ..Default::default()
    }))
}

fn part(part: &PartMeta) -> dto::Part {
    let [crc32, crc32c, crc64nvme, sha1, sha256] = write::checksum_fields(part.checksum.as_ref());
    dto::Part {
        checksum_crc32: crc32,
        checksum_crc32c: crc32c,
        checksum_crc64nvme: crc64nvme,
        checksum_sha1: sha1,
        checksum_sha256: sha256,
        e_tag: Some(write::etag(&part.etag)),
        last_modified: Some(write::time(part.modified)),
        part_number: Some(part.number.into()),
        size: Some(write::count(part.size)),
    }
}

pub(super) async fn list_multipart_uploads(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::ListMultipartUploadsInput>,
) -> Answer<dto::ListMultipartUploadsOutput> {
    let input = request.input;
    let encoding = Encoding::parse(input.encoding_type.as_ref())?;
    let max = read::page_size(input.max_uploads)?;
    let id = input.upload_id_marker.as_deref().filter(|id| !id.is_empty());
    let id = id.map(read::upload_id).transpose()?;
    let key = input.key_marker.clone().filter(|key| !key.is_empty());
    let list = ops::ListMultipartUploads {
        bucket: read::bucket(&input.bucket)?,
        prefix: given_prefix(input.prefix.as_deref())?,
        delimiter: input.delimiter.clone(),
        after: key.map(|key| UploadMarker { key, upload: id }),
        max,
    };
    let permit = door.admit(&visit, list).await?;
    let page = door.gate.list_multipart_uploads(permit).await.map_err(failed)?;
    let next = page.next_after;
    let common = |prefix: &String| dto::CommonPrefix { prefix: Some(encoding.text(prefix)) };
    let next_id = next.as_ref().and_then(|next| next.upload.as_ref()).map(ToString::to_string);
    Ok(S3Response::new(dto::ListMultipartUploadsOutput {
        bucket: Some(input.bucket),
        prefix: Some(encoding.text(input.prefix.as_deref().unwrap_or_default())),
        key_marker: Some(encoding.text(input.key_marker.as_deref().unwrap_or_default())),
        upload_id_marker: input.upload_id_marker,
        next_key_marker: next.map(|next| encoding.text(&next.key)),
        next_upload_id_marker: next_id,
        max_uploads: Some(write::small(max)),
        is_truncated: Some(page.truncated),
        uploads: Some(page.uploads.iter().map(|one| upload(one, encoding)).collect()),
        common_prefixes: Some(page.common_prefixes.iter().map(common).collect()),
        delimiter: input.delimiter.map(|delimiter| encoding.text(&delimiter)),
        encoding_type: encoding.wire(),
        ..Default::default()
    }))
}

fn upload(upload: &UploadMeta, encoding: Encoding) -> dto::MultipartUpload {
    let (algorithm, kind) = upload.checksum.unzip();
    dto::MultipartUpload {
        checksum_algorithm: algorithm.map(write::algorithm),
        checksum_type: kind.map(write::kind),
        initiated: Some(write::time(upload.begun)),
        key: Some(encoding.text(upload.key.as_str())),
        storage_class: Some(dto::StorageClass::from_static("STANDARD")),
        upload_id: Some(upload.id.to_string()),
        ..Default::default()
    }
}
