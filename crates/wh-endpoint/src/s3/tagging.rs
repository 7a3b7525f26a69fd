//! The tags of objects.
//!
//! Source: S3 User Guide, "Categorizing your objects using tags".

use http::HeaderMap;
use s3s::{S3Request, S3Response, S3Result, dto};
use wh_gate::ops;
use wh_objects::{StoreError, Tags};

use super::{S3Door, error, failed, read, write};
use crate::door::Visit;
use crate::fault::Fault;
use crate::signature::form_decoded;

type Answer<T> = S3Result<S3Response<T>>;

/// The tags that come with a new object: `x-amz-tagging`, written as a query string.
pub(super) fn of_header(headers: &HeaderMap) -> Result<Option<Tags>, Fault> {
    let Some(text) = read::text(headers, "x-amz-tagging")? else { return Ok(None) };
    let mut pairs = Vec::new();
    for piece in text.split('&').filter(|piece| !piece.is_empty()) {
        let (key, value) = piece.split_once('=').unwrap_or((piece, ""));
        let decoded = (form_decoded(key), form_decoded(value));
        let (Ok(key), Ok(value)) = decoded else {
            let why = "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL \
                       query parameters without tag name duplicates.";
            return Err(Fault::bad_request("InvalidArgument", why));
        };
        pairs.push((key, value));
    }
    tags(pairs).map(Some)
}

/// The tags of a copy; `None` keeps those of its source.
pub(super) fn of_copy(headers: &HeaderMap) -> Result<Option<Tags>, Fault> {
    let given = of_header(headers)?;
    match (read::text(headers, "x-amz-tagging-directive")?, given) {
        (None | Some("COPY"), None) => Ok(None),
        (Some("REPLACE"), given) => Ok(Some(given.unwrap_or_default())),
        (None | Some("COPY"), Some(_)) => {
            let why = "x-amz-tagging needs x-amz-tagging-directive: REPLACE";
            Err(Fault::bad_request("InvalidRequest", why))
        }
        (Some(_), _) => Err(Fault::bad_request("InvalidArgument", "Unknown tagging directive.")),
    }
}

/// Tags within S3's limits. Condition keys ignore case, so policies could not tell apart two tags
/// whose keys differ in nothing else: these are refused.
fn tags(pairs: Vec<(String, String)>) -> Result<Tags, Fault> {
    let mut lowered: Vec<String> = pairs.iter().map(|(key, _)| key.to_lowercase()).collect();
    lowered.sort();
    lowered.dedup();
    let distinct = lowered.len() == pairs.len();
    let tags = Tags::new(pairs).map_err(|error| error::of_store(&error))?;
    if distinct {
        return Ok(tags);
    }
    let why = "the keys of two tags differ in more than case";
    Err(error::of_store(&StoreError::InvalidTag { why }))
}

pub(super) async fn get_object_tagging(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::GetObjectTaggingInput>,
) -> Answer<dto::GetObjectTaggingOutput> {
    let input = request.input;
    let version = read::version_address(&input.bucket, &input.key, input.version_id.as_deref())?;
    let permit = door.admit(&visit, ops::GetObjectTagging { version }).await?;
    let meta = door.gate.get_object_tagging(permit).await.map_err(failed)?;
    let tag = |(key, value): (&str, &str)| dto::Tag {
        key: Some(key.to_owned()),
        value: Some(value.to_owned()),
    };
    Ok(S3Response::new(dto::GetObjectTaggingOutput {
        tag_set: meta.tags.iter().map(tag).collect(),
        version_id: write::version(meta.version),
    }))
}

pub(super) async fn put_object_tagging(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::PutObjectTaggingInput>,
) -> Answer<dto::PutObjectTaggingOutput> {
    let input = request.input;
    let version = read::version_address(&input.bucket, &input.key, input.version_id.as_deref())?;
    let pair = |tag: dto::Tag| Some((tag.key?, tag.value?));
    let pairs: Option<Vec<_>> = input.tagging.tag_set.into_iter().map(pair).collect();
    let tags = tags(pairs.ok_or_else(read::malformed)?)?;
    let permit = door.admit(&visit, ops::PutObjectTagging { version, tags }).await?;
    let meta = door.gate.put_object_tagging(permit).await.map_err(failed)?;
    let version_id = write::version(meta.version);
    Ok(S3Response::new(dto::PutObjectTaggingOutput { version_id }))
}

pub(super) async fn delete_object_tagging(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::DeleteObjectTaggingInput>,
) -> Answer<dto::DeleteObjectTaggingOutput> {
    let input = request.input;
    let version = read::version_address(&input.bucket, &input.key, input.version_id.as_deref())?;
    let permit = door.admit(&visit, ops::DeleteObjectTagging { version }).await?;
    let meta = door.gate.delete_object_tagging(permit).await.map_err(failed)?;
    let version_id = write::version(meta.version);
    Ok(S3Response::new(dto::DeleteObjectTaggingOutput { version_id }))
}
