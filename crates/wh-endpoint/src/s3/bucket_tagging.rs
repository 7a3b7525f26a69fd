//! The tags of buckets. No condition key tells of them: on general purpose buckets AWS lets policies
//! see them only after `PutBucketAbac`, which is not implemented here.
//!
//! Source: S3 User Guide, "Using tags with S3 general purpose buckets".

use s3s::{S3Request, S3Response, S3Result, dto};
use serde::{Deserialize, Serialize};
use wh_gate::ops;

use super::{S3Door, failed, read};
use crate::door::Visit;
use crate::fault::Fault;

type Answer<T> = S3Result<S3Response<T>>;

/// How many tags a bucket may have.
const TAGS_MAX: usize = 50;
/// The longest key and the longest value, in UTF-16 code units, as AWS counts characters.
const KEY_MAX: usize = 128;
const VALUE_MAX: usize = 256;

/// The tags as they are kept with the bucket.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    tags: Vec<(String, String)>,
}

/// Tags within AWS's limits.
fn checked(wire: Vec<dto::Tag>) -> Result<Kept, Fault> {
    let invalid = |why: &'static str| Fault::bad_request("InvalidTag", why);
    if wire.len() > TAGS_MAX {
        return Err(invalid("Bucket tag count cannot be greater than 50"));
    }
    let mut tags: Vec<(String, String)> = Vec::new();
    for tag in wire {
        let pair = (tag.key.ok_or_else(read::malformed)?, tag.value.ok_or_else(read::malformed)?);
        let (key, value) = (&pair.0, &pair.1);
        let units = |text: &str| text.encode_utf16().count();
        let allowed = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c);
        if key.is_empty() || units(key) > KEY_MAX || !key.chars().all(allowed) {
            return Err(invalid("The TagKey you have provided is invalid"));
        }
        if units(value) > VALUE_MAX || !value.chars().all(allowed) {
            return Err(invalid("The TagValue you have provided is invalid"));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(invalid("System tags cannot be added/updated by requester"));
        }
        if tags.iter().any(|(known, _)| known == key) {
            return Err(invalid("Cannot provide multiple Tags with the same key"));
        }
        tags.push(pair);
    }
    Ok(Kept { tags })
}

pub(super) async fn get_bucket_tagging(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::GetBucketTaggingInput>,
) -> Answer<dto::GetBucketTaggingOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let permit = door.admit(&visit, ops::GetBucketTagging { bucket }).await?;
    let kept = door.gate.get_bucket_tagging(permit).await.map_err(failed)?;
    let Some(kept) = kept else {
        let why = "The TagSet does not exist";
        return Err(Fault::new(http::StatusCode::NOT_FOUND, "NoSuchTagSet", why).into());
    };
    let kept: Kept = serde_json::from_str(&kept).map_err(|_| Fault::internal())?;
    let tag = |(key, value)| dto::Tag { key: Some(key), value: Some(value) };
    let tag_set = kept.tags.into_iter().map(tag).collect();
    Ok(S3Response::new(dto::GetBucketTaggingOutput { tag_set }))
}

pub(super) async fn put_bucket_tagging(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::PutBucketTaggingInput>,
) -> Answer<dto::PutBucketTaggingOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let kept = checked(request.input.tagging.tag_set)?;
    let text = serde_json::to_string(&kept).map_err(|_| Fault::internal())?;
    let permit = door.admit(&visit, ops::PutBucketTagging { bucket, text }).await?;
    door.gate.put_bucket_tagging(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::PutBucketTaggingOutput::default()))
}

pub(super) async fn delete_bucket_tagging(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::DeleteBucketTaggingInput>,
) -> Answer<dto::DeleteBucketTaggingOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let permit = door.admit(&visit, ops::DeleteBucketTagging { bucket }).await?;
    door.gate.delete_bucket_tagging(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::DeleteBucketTaggingOutput::default()))
}
