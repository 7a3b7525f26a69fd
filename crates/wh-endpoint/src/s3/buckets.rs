//! Buckets, their policies and their rules for cross-origin requests.

use s3s::{S3Request, S3Response, S3Result, dto};
use wh_gate::ops;
use wh_objects::ObjectLockState;

use super::{S3Door, failed, read, write};
use crate::cors::CorsRules;
use crate::door::Visit;
use crate::fault::Fault;

type Answer<T> = S3Result<S3Response<T>>;

pub(super) async fn list_buckets(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::ListBucketsInput>,
) -> Answer<dto::ListBucketsOutput> {
    let input = request.input;
    if input.bucket_region.is_some() || input.continuation_token.is_some() {
        return Err(Fault::not_implemented("A listing of buckets in pages").into());
    }
    let permit = door.admit(&visit, ops::ListBuckets).await?;
    let found = door.gate.list_buckets(permit).await.map_err(failed)?;
    let prefix = input.prefix.as_deref().unwrap_or_default();
    let region = door.region.as_str();
    let buckets = found.into_iter().filter(|bucket| bucket.name.as_str().starts_with(prefix));
    let buckets = buckets.map(|bucket| dto::Bucket {
        bucket_region: Some(region.to_owned()),
        creation_date: Some(write::time(bucket.created)),
        name: Some(bucket.name.to_string()),
    });
    let owner = visit
        .caller
        .principal
        .account()
        .map(|account| dto::Owner { display_name: None, id: Some(account.to_string()) });
    let buckets = Some(buckets.collect());
    let output =
        dto::ListBucketsOutput { buckets, owner, prefix: input.prefix, ..Default::default() };
    Ok(S3Response::new(output))
}

pub(super) async fn head_bucket(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::HeadBucketInput>,
) -> Answer<dto::HeadBucketOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let permit = door.admit(&visit, ops::HeadBucket { bucket }).await?;
    door.gate.head_bucket(permit).await.map_err(failed)?;
    let bucket_region = Some(door.region.to_string());
    Ok(S3Response::new(dto::HeadBucketOutput { bucket_region, ..Default::default() }))
}

pub(super) async fn create_bucket(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::CreateBucketInput>,
) -> Answer<dto::CreateBucketOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let configuration = request.input.create_bucket_configuration.unwrap_or_default();
    if configuration.bucket.is_some() || configuration.location.is_some() {
        return Err(Fault::not_implemented("This bucket configuration").into());
    }
    let asked = configuration.location_constraint;
    if asked.is_some_and(|region| region.as_str() != door.region.as_str()) {
        let why = "The specified location-constraint is not valid";
        return Err(Fault::bad_request("InvalidLocationConstraint", why).into());
    }
    let location = Some(format!("/{bucket}"));
    let object_lock = request.input.object_lock_enabled_for_bucket.unwrap_or_default();
    let object_lock = object_lock.then(ObjectLockState::default);
    let permit = door.admit(&visit, ops::CreateBucket { bucket, object_lock }).await?;
    door.gate.create_bucket(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::CreateBucketOutput { location }))
}

pub(super) async fn delete_bucket(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::DeleteBucketInput>,
) -> Answer<dto::DeleteBucketOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let permit = door.admit(&visit, ops::DeleteBucket { bucket }).await?;
    door.gate.delete_bucket(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::DeleteBucketOutput::default()))
}

pub(super) async fn get_bucket_location(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::GetBucketLocationInput>,
) -> Answer<dto::GetBucketLocationOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let permit = door.admit(&visit, ops::GetBucketLocation { bucket }).await?;
    door.gate.get_bucket_location(permit).await.map_err(failed)?;
    // The first region has no name here, for S3's own reasons.
    let region = Some(door.region.to_string()).filter(|region| region != "us-east-1");
    let location_constraint = region.map(dto::BucketLocationConstraint::from);
    Ok(S3Response::new(dto::GetBucketLocationOutput { location_constraint }))
}

pub(super) async fn get_bucket_encryption(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::GetBucketEncryptionInput>,
) -> Answer<dto::GetBucketEncryptionOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let permit = door.admit(&visit, ops::GetBucketEncryption { bucket }).await?;
    let kept = door.gate.get_bucket_encryption(permit).await.map_err(failed)?;
    let Some(sse_algorithm) = write::encryption(kept) else {
        let why = "The server side encryption configuration was not found";
        return Err(absent("ServerSideEncryptionConfigurationNotFoundError", why).into());
    };
    let by_default = dto::ServerSideEncryptionByDefault { kms_master_key_id: None, sse_algorithm };
    let rule = dto::ServerSideEncryptionRule {
        apply_server_side_encryption_by_default: Some(by_default),
        bucket_key_enabled: Some(false),
    };
    let configuration = dto::ServerSideEncryptionConfiguration { rules: vec![rule] };
    let server_side_encryption_configuration = Some(configuration);
    Ok(S3Response::new(dto::GetBucketEncryptionOutput { server_side_encryption_configuration }))
}

pub(super) async fn get_bucket_policy(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::GetBucketPolicyInput>,
) -> Answer<dto::GetBucketPolicyOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let permit = door.admit(&visit, ops::GetBucketPolicy { bucket }).await?;
    let policy = door.gate.get_bucket_policy(permit).await.map_err(failed)?;
    let Some(policy) = policy else {
        return Err(absent("NoSuchBucketPolicy", "The bucket policy does not exist").into());
    };
    let output = dto::GetBucketPolicyOutput { policy: Some(policy.to_string()) };
    let kind = (http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    Ok(S3Response::with_headers(output, http::HeaderMap::from_iter([kind])))
}

pub(super) async fn put_bucket_policy(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::PutBucketPolicyInput>,
) -> Answer<dto::PutBucketPolicyOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let text = request.input.policy;
    let permit = door.admit(&visit, ops::PutBucketPolicy { bucket, text }).await?;
    door.gate.put_bucket_policy(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::PutBucketPolicyOutput::default()))
}

pub(super) async fn delete_bucket_policy(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::DeleteBucketPolicyInput>,
) -> Answer<dto::DeleteBucketPolicyOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let permit = door.admit(&visit, ops::DeleteBucketPolicy { bucket }).await?;
    door.gate.delete_bucket_policy(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::DeleteBucketPolicyOutput::default()))
}

pub(super) async fn get_bucket_cors(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::GetBucketCorsInput>,
) -> Answer<dto::GetBucketCorsOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let permit = door.admit(&visit, ops::GetBucketCors { bucket }).await?;
    let kept = door.gate.get_bucket_cors(permit).await.map_err(failed)?;
    let Some(kept) = kept else {
        let why = "The CORS configuration does not exist";
        return Err(absent("NoSuchCORSConfiguration", why).into());
    };
    let rules = CorsRules::read(&kept).ok_or_else(Fault::internal)?;
    let cors_rules = Some(rules.into_wire());
    Ok(S3Response::new(dto::GetBucketCorsOutput { cors_rules }))
}

pub(super) async fn put_bucket_cors(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::PutBucketCorsInput>,
) -> Answer<dto::PutBucketCorsOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let text = CorsRules::from_wire(request.input.cors_configuration)?.to_text()?;
    let permit = door.admit(&visit, ops::PutBucketCors { bucket, text }).await?;
    door.gate.put_bucket_cors(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::PutBucketCorsOutput::default()))
}

pub(super) async fn delete_bucket_cors(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::DeleteBucketCorsInput>,
) -> Answer<dto::DeleteBucketCorsOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let permit = door.admit(&visit, ops::DeleteBucketCors { bucket }).await?;
    door.gate.delete_bucket_cors(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::DeleteBucketCorsOutput::default()))
}

fn absent(code: &'static str, message: &'static str) -> Fault {
    Fault::new(http::StatusCode::NOT_FOUND, code, message)
}
