//! Objects and versions: deleted, one by one and many at once.

use s3s::{S3Request, S3Response, S3Result, dto};
use wh_gate::ops;
use wh_names::ObjectKey;
use wh_objects::{DeleteObject, Deleted, GovernanceBypass, WriteCondition};

use super::{S3Door, failed, read, write};
use crate::door::Visit;
use crate::fault::Fault;

type Answer<T> = S3Result<S3Response<T>>;

/// How many keys one `DeleteObjects` may name.
const KEYS_MAX: usize = 1000;

pub(super) async fn delete_object(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::DeleteObjectInput>,
) -> Answer<dto::DeleteObjectOutput> {
    let input = request.input;
    let condition = match read::text(&request.headers, "if-match")? {
        None => WriteCondition::Always,
        Some(etag) => WriteCondition::IfMatch(etag.trim().to_owned()),
    };
    let delete = DeleteObject {
        version: read::version(input.version_id.as_deref())?,
        condition,
        bypass: bypass(input.bypass_governance_retention),
        ..DeleteObject::default()
    };
    let address = read::address(&input.bucket, &input.key)?;
    let permit = door.admit(&visit, ops::DeleteObject { address, delete }).await?;
    let deleted = door.gate.delete_object(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::DeleteObjectOutput {
        delete_marker: deleted.marker.then_some(true),
        version_id: write::version(deleted.version),
        request_charged: None,
    }))
}

/// Whether `x-amz-bypass-governance-retention` is given and true.
pub(super) fn bypass(asked: Option<bool>) -> GovernanceBypass {
    match asked {
        Some(true) => GovernanceBypass::Yes,
        Some(false) | None => GovernanceBypass::No,
    }
}

pub(super) async fn delete_objects(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::DeleteObjectsInput>,
) -> Answer<dto::DeleteObjectsOutput> {
    let input = request.input;
    let named = input.delete.objects;
    if named.is_empty() || named.len() > KEYS_MAX {
        return Err(read::malformed().into());
    }
    let quiet = input.delete.quiet.unwrap_or_default();
    let bucket = read::bucket(&input.bucket)?;
    let bypass = bypass(input.bypass_governance_retention);
    let named = named.into_iter().map(|object| one(object, bypass));
    let named = named.collect::<Result<Vec<_>, _>>()?;
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for (key, asked, outcome) in door.gate.delete_objects(&visit.caller, &bucket, named).await {
        let (key, version_id) = (Some(key.to_string()), write::version(asked.version));
        match outcome.map_err(failed) {
            Ok(_) if quiet => {}
            Ok(done) => deleted.push(told(key, version_id, done)),
            Err(error) => errors.push(dto::Error {
                code: Some(error.code().as_str().to_owned()),
                key,
                message: error.message().map(str::to_owned),
                version_id,
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

/// What one deletion of many did: a delete marker is told of by an id of its own.
fn told(key: Option<String>, version_id: Option<String>, done: Deleted) -> dto::DeletedObject {
    dto::DeletedObject {
        key,
        version_id,
        delete_marker: done.marker.then_some(true),
        delete_marker_version_id: write::version(done.version.filter(|_| done.marker)),
    }
}

/// One deletion of many. Conditions on times and sizes are those of directory buckets.
fn one(
    object: dto::ObjectIdentifier,
    bypass: GovernanceBypass,
) -> Result<(ObjectKey, DeleteObject), Fault> {
    if object.last_modified_time.is_some() || object.size.is_some() {
        return Err(Fault::not_implemented("A delete that depends on a time or a size"));
    }
    let condition = match object.e_tag {
        None => WriteCondition::Always,
        Some(etag) => WriteCondition::IfMatch(etag.value().to_owned()),
    };
    let version = read::version(object.version_id.as_deref())?;
    let key = read::object_key(&object.key)?;
    Ok((key, DeleteObject { version, condition, bypass, ..DeleteObject::default() }))
}
