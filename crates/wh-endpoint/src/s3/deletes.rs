//! Objects and versions: deleted, one by one and many at once.

use jiff::Timestamp;
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
        if_modified: modified(input.if_match_last_modified_time.as_ref())?,
        if_size: size(input.if_match_size)?,
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

/// The time that a deletion depends on.
fn modified(wire: Option<&dto::Timestamp>) -> Result<Option<Timestamp>, Fault> {
    let read = |wire| {
        let why = "The time that the deletion depends on is not valid.";
        read::instant(wire).ok_or_else(|| Fault::bad_request("InvalidArgument", why))
    };
    wire.map(read).transpose()
}

/// The size that a deletion depends on.
fn size(wire: Option<i64>) -> Result<Option<u64>, Fault> {
    let read = |wire: i64| {
        let why = "The size that the deletion depends on is not valid.";
        u64::try_from(wire).map_err(|_| Fault::bad_request("InvalidArgument", why))
    };
    wire.map(read).transpose()
}

/// One deletion of many.
fn one(
    object: dto::ObjectIdentifier,
    bypass: GovernanceBypass,
) -> Result<(ObjectKey, DeleteObject), Fault> {
    let condition = match object.e_tag {
        None => WriteCondition::Always,
        Some(etag) => WriteCondition::IfMatch(etag.value().to_owned()),
    };
    let version = read::version(object.version_id.as_deref())?;
    let key = read::object_key(&object.key)?;
    let if_modified = modified(object.last_modified_time.as_ref())?;
    let if_size = size(object.size)?;
    let rest = DeleteObject::default();
    Ok((key, DeleteObject { version, condition, if_modified, if_size, bypass, ..rest }))
}
