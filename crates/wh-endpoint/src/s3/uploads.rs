//! Uploads in parts.

use http::HeaderMap;
use s3s::{S3Request, S3Response, S3Result, dto};
use wh_gate::ops;
use wh_objects::{
    ChecksumAlgorithm, ChecksumKind, CompleteUpload, CompletedPart, CreateUpload, PART_NUMBER_MAX,
    UploadPart, UploadPartCopy,
};

use super::{S3Door, failed, lock, read, tagging, write};
use crate::door::Visit;
use crate::dress;
use crate::fault::Fault;

type Answer<T> = S3Result<S3Response<T>>;

pub(super) async fn create_multipart_upload(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::CreateMultipartUploadInput>,
) -> Answer<dto::CreateMultipartUploadOutput> {
    let (input, headers) = (request.input, request.headers);
    let address = read::address(&input.bucket, &input.key)?;
    let checksum = declared(&headers)?;
    let create = CreateUpload {
        tags: tagging::of_header(&headers)?.unwrap_or_default(),
        lock: lock::of_headers(&headers)?,
        headers: read::object_headers(&headers)?,
        checksum,
    };
    let permit = door.admit(&visit, ops::CreateMultipartUpload { address, create }).await?;
    let id = door.gate.create_multipart_upload(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(id.to_string()),
        checksum_algorithm: checksum.map(|(algorithm, _)| write::algorithm(algorithm)),
        checksum_type: checksum.map(|(_, kind)| write::kind(kind)),
        server_side_encryption: write::encryption(door.gate.encryption()),
        ..Default::default()
    }))
}

/// The checksum that an upload declares; without a type, the one that S3 takes.
fn declared(headers: &HeaderMap) -> Result<Option<(ChecksumAlgorithm, ChecksumKind)>, Fault> {
    let invalid = |name: &str| {
        Fault::bad_request("InvalidRequest", format!("The value of {name} is not valid."))
    };
    let kind = match read::text(headers, "x-amz-checksum-type")? {
        None => None,
        Some("FULL_OBJECT") => Some(ChecksumKind::FullObject),
        Some("COMPOSITE") => Some(ChecksumKind::Composite),
        Some(_) => return Err(invalid("x-amz-checksum-type")),
    };
    let Some(text) = read::text(headers, "x-amz-checksum-algorithm")? else {
        return if kind.is_some() { Err(invalid("x-amz-checksum-type")) } else { Ok(None) };
    };
    let algorithm = ChecksumAlgorithm::parse(text);
    let algorithm = algorithm.ok_or_else(|| invalid("x-amz-checksum-algorithm"))?;
    let usual = match algorithm {
        ChecksumAlgorithm::Crc64Nvme => ChecksumKind::FullObject,
        ChecksumAlgorithm::Crc32
        | ChecksumAlgorithm::Crc32c
        | ChecksumAlgorithm::Sha1
        | ChecksumAlgorithm::Sha256 => ChecksumKind::Composite,
    };
    Ok(Some((algorithm, kind.unwrap_or(usual))))
}

pub(super) async fn upload_part(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::UploadPartInput>,
) -> Answer<dto::UploadPartOutput> {
    let (input, headers) = (request.input, request.headers);
    let part = UploadPart {
        address: read::address(&input.bucket, &input.key)?,
        upload: read::upload_id(&input.upload_id)?,
        number: read::part_number(input.part_number)?,
        expected: read::expected(&headers, &visit)?,
        content_md5: input.content_md5,
        size: input.content_length.and_then(|length| u64::try_from(length).ok()),
    };
    let asked = part.expected.as_ref().map(|expected| expected.algorithm);
    let permit = door.admit(&visit, ops::UploadPart { part }).await?;
    let body = dress::body(input.body);
    let part = door.gate.upload_part(permit, body).await.map_err(failed)?;
    let sum = part.checksum.as_ref().filter(|sum| asked.is_none_or(|asked| asked == sum.algorithm));
    let [checksum_crc32, checksum_crc32c, checksum_crc64nvme, checksum_sha1, checksum_sha256] =
        write::checksum_fields(sum);
    Ok(S3Response::new(dto::UploadPartOutput {
        checksum_crc32,
        checksum_crc32c,
        checksum_crc64nvme,
        checksum_sha1,
        checksum_sha256,
        e_tag: Some(write::etag(&part.etag)),
        server_side_encryption: write::encryption(door.gate.encryption()),
        ..Default::default()
    }))
}

pub(super) async fn upload_part_copy(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::UploadPartCopyInput>,
) -> Answer<dto::UploadPartCopyOutput> {
    let (input, headers) = (request.input, request.headers);
    let source = read::copy_source(&input.copy_source)?;
    let part = UploadPartCopy {
        address: read::address(&input.bucket, &input.key)?,
        upload: read::upload_id(&input.upload_id)?,
        number: read::part_number(input.part_number)?,
        from: source.object,
        from_version: source.version,
        range: read::copy_range(input.copy_source_range.as_deref())?,
        source_conditions: read::read_conditions(&headers, "x-amz-copy-source-")?,
    };
    let permit = door.admit(&visit, ops::UploadPartCopy { part }).await?;
    let ops::UploadPartCopied { part, source_version } =
        door.gate.upload_part_copy(permit).await.map_err(failed)?;
    let [checksum_crc32, checksum_crc32c, checksum_crc64nvme, checksum_sha1, checksum_sha256] =
        write::checksum_fields(part.checksum.as_ref());
    let result = dto::CopyPartResult {
        checksum_crc32,
        checksum_crc32c,
        checksum_crc64nvme,
        checksum_sha1,
        checksum_sha256,
        e_tag: Some(write::etag(&part.etag)),
        last_modified: Some(write::time(part.modified)),
    };
    Ok(S3Response::new(dto::UploadPartCopyOutput {
        copy_part_result: Some(result),
        copy_source_version_id: write::version(source_version),
        server_side_encryption: write::encryption(door.gate.encryption()),
        ..Default::default()
    }))
}

pub(super) async fn complete_multipart_upload(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::CompleteMultipartUploadInput>,
) -> Answer<dto::CompleteMultipartUploadOutput> {
    let (input, headers) = (request.input, request.headers);
    let parts = input.multipart_upload.and_then(|upload| upload.parts).unwrap_or_default();
    let complete = CompleteUpload {
        address: read::address(&input.bucket, &input.key)?,
        upload: read::upload_id(&input.upload_id)?,
        parts: completed(parts)?,
        expected: read::whole_checksum(&headers)?,
        condition: read::write_condition(&headers)?,
        object_size: input.mpu_object_size.and_then(|size| u64::try_from(size).ok()),
    };
    let permit = door.admit(&visit, ops::CompleteMultipartUpload { complete }).await?;
    let stored = door.gate.complete_multipart_upload(permit).await.map_err(failed)?;
    let [checksum_crc32, checksum_crc32c, checksum_crc64nvme, checksum_sha1, checksum_sha256] =
        write::checksum_fields(stored.checksum());
    Ok(S3Response::new(dto::CompleteMultipartUploadOutput {
        location: Some(format!("/{}/{}", input.bucket, input.key)),
        bucket: Some(input.bucket),
        key: Some(input.key),
        checksum_crc32,
        checksum_crc32c,
        checksum_crc64nvme,
        checksum_sha1,
        checksum_sha256,
        checksum_type: stored.checksum().map(|sum| write::kind(sum.kind)),
        e_tag: Some(write::etag(stored.etag())),
        version_id: write::version(stored.version()),
        server_side_encryption: write::encryption(stored.encryption()),
        ..Default::default()
    }))
}

fn completed(parts: Vec<dto::CompletedPart>) -> Result<Vec<CompletedPart>, Fault> {
    let malformed = read::malformed;
    if parts.is_empty() || parts.len() > usize::from(PART_NUMBER_MAX) {
        return Err(malformed());
    }
    let one = |part: dto::CompletedPart| {
        Ok(CompletedPart {
            number: read::part_number(part.part_number.ok_or_else(malformed)?)?,
            etag: part.e_tag.ok_or_else(malformed)?.value().to_owned(),
            checksum: part
                .checksum_crc32
                .or(part.checksum_crc32c)
                .or(part.checksum_crc64nvme)
                .or(part.checksum_sha1)
                .or(part.checksum_sha256),
        })
    };
    parts.into_iter().map(one).collect()
}

pub(super) async fn abort_multipart_upload(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::AbortMultipartUploadInput>,
) -> Answer<dto::AbortMultipartUploadOutput> {
    let input = request.input;
    if input.if_match_initiated_time.is_some() {
        return Err(Fault::not_implemented("A conditional abort").into());
    }
    let address = read::address(&input.bucket, &input.key)?;
    let upload = read::upload_id(&input.upload_id)?;
    let permit = door.admit(&visit, ops::AbortMultipartUpload { address, upload }).await?;
    door.gate.abort_multipart_upload(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::AbortMultipartUploadOutput::default()))
}
