//! Settings that are the same for every bucket: how it is encrypted, and what no bucket here has. The
//! latter are read by tools that refresh what they know of a bucket, and answered as AWS does for a
//! bucket without them; to set them is not implemented.

use s3s::{S3Request, S3Response, S3Result, dto};
use wh_gate::ops;
use wh_objects::Encryption;

use super::{S3Door, failed, read};
use crate::door::Visit;
use crate::fault::Fault;

type Answer<T> = S3Result<S3Response<T>>;

pub(super) async fn put_bucket_encryption(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::PutBucketEncryptionInput>,
) -> Answer<dto::PutBucketEncryptionOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let rules = request.input.server_side_encryption_configuration.rules;
    let [rule] = rules.as_slice() else { return Err(read::malformed().into()) };
    honourable(rule, door.gate.encryption())?;
    let permit = door.admit(&visit, ops::PutBucketEncryption { bucket }).await?;
    door.gate.as_every_bucket(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::PutBucketEncryptionOutput::default()))
}

/// Refuses what the store does not do with every object anyway.
fn honourable(
    rule: &dto::ServerSideEncryptionRule,
    encryption: Option<Encryption>,
) -> Result<(), Fault> {
    let by_default = rule.apply_server_side_encryption_by_default.as_ref();
    let by_default = by_default.ok_or_else(read::malformed)?;
    match (by_default.sse_algorithm.as_str(), encryption) {
        ("AES256", Some(Encryption::Aes256)) => {}
        ("AES256", None) => {
            return Err(Fault::not_implemented("Encryption at rest is switched off: it"));
        }
        (_, _) => return Err(Fault::not_implemented("Encryption with AWS KMS")),
    }
    if by_default.kms_master_key_id.is_some() {
        let why = "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms";
        return Err(Fault::bad_request("InvalidArgument", why));
    }
    if rule.bucket_key_enabled == Some(true) {
        return Err(Fault::not_implemented("An S3 Bucket Key (BucketKeyEnabled)"));
    }
    Ok(())
}

pub(super) async fn delete_bucket_encryption(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::DeleteBucketEncryptionInput>,
) -> Answer<dto::DeleteBucketEncryptionOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let permit = door.admit(&visit, ops::DeleteBucketEncryption { bucket }).await?;
    door.gate.as_every_bucket(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::DeleteBucketEncryptionOutput::default()))
}

pub(super) async fn get_bucket_accelerate_configuration(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::GetBucketAccelerateConfigurationInput>,
) -> Answer<dto::GetBucketAccelerateConfigurationOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let permit = door.admit(&visit, ops::GetBucketAccelerateConfiguration { bucket }).await?;
    door.gate.as_every_bucket(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::GetBucketAccelerateConfigurationOutput::default()))
}

pub(super) async fn get_bucket_request_payment(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::GetBucketRequestPaymentInput>,
) -> Answer<dto::GetBucketRequestPaymentOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let permit = door.admit(&visit, ops::GetBucketRequestPayment { bucket }).await?;
    door.gate.as_every_bucket(permit).await.map_err(failed)?;
    let payer = Some(dto::Payer::from_static("BucketOwner"));
    Ok(S3Response::new(dto::GetBucketRequestPaymentOutput { payer }))
}

pub(super) async fn get_bucket_website(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::GetBucketWebsiteInput>,
) -> Answer<dto::GetBucketWebsiteOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let permit = door.admit(&visit, ops::GetBucketWebsite { bucket }).await?;
    door.gate.as_every_bucket(permit).await.map_err(failed)?;
    let why = "The specified bucket does not have a website configuration";
    Err(Fault::new(http::StatusCode::NOT_FOUND, "NoSuchWebsiteConfiguration", why).into())
}

pub(super) async fn get_bucket_replication(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::GetBucketReplicationInput>,
) -> Answer<dto::GetBucketReplicationOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let permit = door.admit(&visit, ops::GetBucketReplication { bucket }).await?;
    door.gate.as_every_bucket(permit).await.map_err(failed)?;
    let (code, why) =
        ("ReplicationConfigurationNotFoundError", "The replication configuration was not found");
    Err(Fault::new(http::StatusCode::NOT_FOUND, code, why).into())
}

pub(super) async fn get_bucket_logging(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::GetBucketLoggingInput>,
) -> Answer<dto::GetBucketLoggingOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let permit = door.admit(&visit, ops::GetBucketLogging { bucket }).await?;
    door.gate.as_every_bucket(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::GetBucketLoggingOutput::default()))
}
