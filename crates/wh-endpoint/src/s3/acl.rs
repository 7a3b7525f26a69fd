//! Ownership and access control lists, as AWS answers for a bucket whose owner owns everything: there
//! is one list, and it cannot be changed.
//!
//! Source: S3 User Guide, "Controlling ownership of objects and disabling ACLs for your bucket".

use http::HeaderMap;
use s3s::{S3Request, S3Response, S3Result, dto};
use wh_gate::ops::{self, AclAsked};

use super::{S3Door, failed, read};
use crate::door::Visit;
use crate::fault::Fault;

type Answer<T> = S3Result<S3Response<T>>;

const ENFORCED: &str = "BucketOwnerEnforced";

pub(super) async fn get_bucket_ownership_controls(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::GetBucketOwnershipControlsInput>,
) -> Answer<dto::GetBucketOwnershipControlsOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let permit = door.admit(&visit, ops::GetBucketOwnershipControls { bucket }).await?;
    if !door.gate.get_bucket_ownership_controls(permit).await.map_err(failed)? {
        let (code, why) =
            ("OwnershipControlsNotFoundError", "The bucket ownership controls were not found");
        return Err(Fault::new(http::StatusCode::NOT_FOUND, code, why).into());
    }
    let object_ownership = dto::ObjectOwnership::from_static(ENFORCED);
    let rules = vec![dto::OwnershipControlsRule { object_ownership }];
    let ownership_controls = Some(dto::OwnershipControls { rules });
    Ok(S3Response::new(dto::GetBucketOwnershipControlsOutput { ownership_controls }))
}

pub(super) async fn put_bucket_ownership_controls(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::PutBucketOwnershipControlsInput>,
) -> Answer<dto::PutBucketOwnershipControlsOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let rules = request.input.ownership_controls.rules;
    let [rule] = rules.as_slice() else { return Err(read::malformed().into()) };
    match rule.object_ownership.as_str() {
        ENFORCED => {}
        other @ ("BucketOwnerPreferred" | "ObjectWriter") => {
            return Err(Fault::not_implemented(&format!("ObjectOwnership {other}")).into());
        }
        _ => return Err(read::malformed().into()),
    }
    let permit = door.admit(&visit, ops::PutBucketOwnershipControls { bucket }).await?;
    door.gate.put_bucket_ownership_controls(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::PutBucketOwnershipControlsOutput::default()))
}

pub(super) async fn delete_bucket_ownership_controls(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::DeleteBucketOwnershipControlsInput>,
) -> Answer<dto::DeleteBucketOwnershipControlsOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let permit = door.admit(&visit, ops::DeleteBucketOwnershipControls { bucket }).await?;
    door.gate.delete_bucket_ownership_controls(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::DeleteBucketOwnershipControlsOutput::default()))
}

/// The owner of everything, and the one grant: theirs, of full control.
fn list(door: &S3Door) -> (Option<dto::Owner>, Option<Vec<dto::Grant>>) {
    let id = Some(door.account.to_string());
    let owner = dto::Owner { display_name: None, id: id.clone() };
    let grantee = dto::Grantee {
        display_name: None,
        email_address: None,
        id,
        type_: dto::Type::from_static("CanonicalUser"),
        uri: None,
    };
    let permission = Some(dto::Permission::from_static("FULL_CONTROL"));
    (Some(owner), Some(vec![dto::Grant { grantee: Some(grantee), permission }]))
}

/// The list that a request asks for. `screen` has let no header through but the one that says what
/// is anyway.
fn asked(headers: &HeaderMap) -> AclAsked {
    if headers.contains_key("x-amz-acl") { AclAsked::OwnerFullControl } else { AclAsked::Other }
}

pub(super) async fn get_bucket_acl(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::GetBucketAclInput>,
) -> Answer<dto::GetBucketAclOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let permit = door.admit(&visit, ops::GetBucketAcl { bucket }).await?;
    door.gate.as_every_bucket(permit).await.map_err(failed)?;
    let (owner, grants) = list(door);
    Ok(S3Response::new(dto::GetBucketAclOutput { grants, owner }))
}

pub(super) async fn put_bucket_acl(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::PutBucketAclInput>,
) -> Answer<dto::PutBucketAclOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let acl = asked(&request.headers);
    let permit = door.admit(&visit, ops::PutBucketAcl { bucket, acl }).await?;
    door.gate.put_bucket_acl(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::PutBucketAclOutput::default()))
}

pub(super) async fn get_object_acl(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::GetObjectAclInput>,
) -> Answer<dto::GetObjectAclOutput> {
    let input = request.input;
    let version = read::version_address(&input.bucket, &input.key, input.version_id.as_deref())?;
    let permit = door.admit(&visit, ops::GetObjectAcl { version }).await?;
    door.gate.get_object_acl(permit).await.map_err(failed)?;
    let (owner, grants) = list(door);
    Ok(S3Response::new(dto::GetObjectAclOutput { grants, owner, request_charged: None }))
}

pub(super) async fn put_object_acl(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::PutObjectAclInput>,
) -> Answer<dto::PutObjectAclOutput> {
    let input = request.input;
    let version = read::version_address(&input.bucket, &input.key, input.version_id.as_deref())?;
    let acl = asked(&request.headers);
    let permit = door.admit(&visit, ops::PutObjectAcl { version, acl }).await?;
    door.gate.put_object_acl(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::PutObjectAclOutput::default()))
}
