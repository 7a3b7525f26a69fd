//! `GetObjectAttributes`: what is known of an object and of its parts, as far as it is asked for.
//!
//! Source: S3 API Reference, `GetObjectAttributes`.

use s3s::{S3Request, S3Response, S3Result, dto};
use wh_gate::ops;
use wh_objects::{Checksum, ObjectPart, ObjectParts};

use super::{S3Door, failed, read, write};
use crate::door::Visit;
use crate::fault::Fault;

type Answer<T> = S3Result<S3Response<T>>;

const ALL: [&str; 5] = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"];

/// What is asked for, by name; at least one, and nothing else.
fn asked(wire: &[dto::ObjectAttributes]) -> Result<impl Fn(&str) -> bool, Fault> {
    let names = wire.iter().flat_map(|one| one.as_str().split(',')).map(str::trim);
    let names: Vec<String> = names.filter(|n| !n.is_empty()).map(str::to_owned).collect();
    if names.is_empty() || names.iter().any(|name| !ALL.contains(&name.as_str())) {
        let why = format!("x-amz-object-attributes must name some of {}.", ALL.join(", "));
        return Err(Fault::bad_request("InvalidArgument", why));
    }
    Ok(move |name: &str| names.iter().any(|one| one == name))
}

pub(super) async fn get_object_attributes(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::GetObjectAttributesInput>,
) -> Answer<dto::GetObjectAttributesOutput> {
    let input = request.input;
    let asked = asked(&input.object_attributes)?;
    let page = (read::page_size(input.max_parts)?, marker(input.part_number_marker)?);
    let version = read::version_address(&input.bucket, &input.key, input.version_id.as_deref())?;
    let permit = door.admit(&visit, ops::GetObjectAttributes { version }).await?;
    let of = door.gate.get_object_attributes(permit).await.map_err(failed)?;
    let meta = &of.meta;
    let checksum = meta.checksum.as_ref().filter(|_| asked("Checksum")).map(checksum);
    Ok(S3Response::new(dto::GetObjectAttributesOutput {
        checksum,
        e_tag: asked("ETag").then(|| write::etag(&meta.etag)),
        last_modified: Some(write::time(meta.modified)),
        object_parts: asked("ObjectParts").then(|| parts(&of, page)).flatten(),
        object_size: asked("ObjectSize").then(|| write::count(meta.size)),
        storage_class: asked("StorageClass").then(|| dto::StorageClass::from_static("STANDARD")),
        version_id: write::version(meta.version),
        ..Default::default()
    }))
}

fn marker(number: Option<i32>) -> Result<u16, Fault> {
    u16::try_from(number.unwrap_or_default()).map_err(|_| {
        Fault::bad_request("InvalidArgument", "Argument part-number-marker is not valid")
    })
}

fn checksum(sum: &Checksum) -> dto::Checksum {
    let [checksum_crc32, checksum_crc32c, checksum_crc64nvme, checksum_sha1, checksum_sha256] =
        write::checksum_fields(Some(sum));
    dto::Checksum {
        checksum_crc32,
        checksum_crc32c,
        checksum_crc64nvme,
        checksum_sha1,
        checksum_sha256,
        checksum_type: Some(write::kind(sum.kind)),
    }
}

/// A page of the parts; none of an object that came in one body. Where the parts were not kept, only
/// their count is told.
fn parts(of: &ObjectParts, (max, after): (usize, u16)) -> Option<dto::GetObjectAttributesParts> {
    let count = usize::try_from(of.meta.parts?).unwrap_or(usize::MAX);
    let mut answer = dto::GetObjectAttributesParts {
        total_parts_count: Some(write::small(count)),
        ..Default::default()
    };
    let Some(parts) = &of.parts else { return Some(answer) };
    let mut rest = parts.iter().filter(|part| part.number > after);
    let page: Vec<_> = rest.by_ref().take(max).collect();
    answer.is_truncated = Some(max > 0 && rest.next().is_some());
    answer.max_parts = Some(write::small(max));
    answer.part_number_marker = Some(i32::from(after));
    answer.next_part_number_marker = page.last().map(|part| i32::from(part.number));
    answer.parts = Some(page.into_iter().map(part).collect());
    Some(answer)
}

fn part(part: &ObjectPart) -> dto::ObjectPart {
    let [checksum_crc32, checksum_crc32c, checksum_crc64nvme, checksum_sha1, checksum_sha256] =
        write::checksum_fields(part.checksum.as_ref());
    dto::ObjectPart {
        checksum_crc32,
        checksum_crc32c,
        checksum_crc64nvme,
        checksum_sha1,
        checksum_sha256,
        part_number: Some(part.number.into()),
        size: Some(write::count(part.size)),
    }
}
