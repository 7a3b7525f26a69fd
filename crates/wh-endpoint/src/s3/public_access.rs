//! Public access: what is blocked of it, and whether a bucket's policy gives any.

use s3s::{S3Request, S3Response, S3Result, dto};
use wh_gate::ops;

use super::{S3Door, failed, read};
use crate::door::Visit;
use crate::fault::Fault;

type Answer<T> = S3Result<S3Response<T>>;

fn absent(code: &'static str, why: &'static str) -> Fault {
    Fault::new(http::StatusCode::NOT_FOUND, code, why)
}

pub(super) async fn get_bucket_policy_status(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::GetBucketPolicyStatusInput>,
) -> Answer<dto::GetBucketPolicyStatusOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let permit = door.admit(&visit, ops::GetBucketPolicyStatus { bucket }).await?;
    let is_public = door.gate.get_bucket_policy_status(permit).await.map_err(failed)?;
    if is_public.is_none() {
        return Err(absent("NoSuchBucketPolicy", "The bucket policy does not exist").into());
    }
    let policy_status = Some(dto::PolicyStatus { is_public });
    Ok(S3Response::new(dto::GetBucketPolicyStatusOutput { policy_status }))
}

pub(super) async fn get_public_access_block(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::GetPublicAccessBlockInput>,
) -> Answer<dto::GetPublicAccessBlockOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let permit = door.admit(&visit, ops::GetPublicAccessBlock { bucket }).await?;
    let block = door.gate.get_public_access_block(permit).await.map_err(failed)?;
    let Some(block) = block else {
        let why = "The public access block configuration was not found";
        return Err(absent("NoSuchPublicAccessBlockConfiguration", why).into());
    };
    let configuration = dto::PublicAccessBlockConfiguration {
        block_public_acls: Some(block.block_public_acls),
        block_public_policy: Some(block.block_public_policy),
        ignore_public_acls: Some(block.ignore_public_acls),
        restrict_public_buckets: Some(block.restrict_public_buckets),
    };
    let public_access_block_configuration = Some(configuration);
    Ok(S3Response::new(dto::GetPublicAccessBlockOutput { public_access_block_configuration }))
}

pub(super) async fn put_public_access_block(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::PutPublicAccessBlockInput>,
) -> Answer<dto::PutPublicAccessBlockOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let wire = request.input.public_access_block_configuration;
    let block = ops::PublicAccessBlock {
        block_public_acls: wire.block_public_acls.unwrap_or_default(),
        ignore_public_acls: wire.ignore_public_acls.unwrap_or_default(),
        block_public_policy: wire.block_public_policy.unwrap_or_default(),
        restrict_public_buckets: wire.restrict_public_buckets.unwrap_or_default(),
    };
    let permit = door.admit(&visit, ops::PutPublicAccessBlock { bucket, block }).await?;
    door.gate.put_public_access_block(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::PutPublicAccessBlockOutput::default()))
}

pub(super) async fn delete_public_access_block(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::DeletePublicAccessBlockInput>,
) -> Answer<dto::DeletePublicAccessBlockOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let permit = door.admit(&visit, ops::DeletePublicAccessBlock { bucket }).await?;
    door.gate.delete_public_access_block(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::DeletePublicAccessBlockOutput::default()))
}
