//! What is asked of the store in a person's name: listing, looking, marking folders, deleting.

use std::collections::BTreeMap;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumMode, ChecksumType, Delete, EncodingType, ObjectIdentifier};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use wh_names::{BucketName, Clock, KeyPrefix, ObjectKey};

use crate::error::{AwsError, by_code, sort};
use crate::multipart::WriteCondition;
use crate::sessions::RoleSession;

/// How many keys one call to S3 deletes.
pub const DELETE_KEYS_MAX: usize = 1000;

/// What a listing is to show.
#[derive(Debug, Clone)]
pub struct ListRequest {
    /// The beginning of the keys.
    pub prefix: KeyPrefix,
    /// Keys that go on after this string are summed up as prefixes; `None` lists all of them.
    pub delimiter: Option<String>,
    /// Where an earlier page ended: its [`Listing::next`].
    pub token: Option<String>,
    /// At most this many objects and prefixes, 1–1,000.
    pub max: u16,
}

/// One page of a listing, in the order of UTF-8 bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The objects.
    pub objects: Vec<ListedObject>,
    /// The common prefixes; each ends in the delimiter.
    pub prefixes: Vec<String>,
    /// The token of the next page; `None` says that the listing is whole.
    pub next: Option<String>,
}

/// One object of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedObject {
    /// The key, as the store gave it.
    pub key: String,
    /// In bytes.
    pub size: u64,
    /// When it was last written.
    pub modified: Timestamp,
    /// Without quotation marks.
    pub etag: String,
}

/// What an object has besides its bytes and their type, and hands on to the one that replaces it. How
/// the bytes are encoded is not among it: the new bytes may not be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Carried {
    /// `x-amz-meta-…`, by the names after it.
    pub metadata: BTreeMap<String, String>,
    /// `Cache-Control`.
    pub cache_control: Option<String>,
    /// `Content-Disposition`.
    pub content_disposition: Option<String>,
    /// `Content-Language`.
    pub content_language: Option<String>,
}

/// What `HeadObject` tells of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectInfo {
    /// In bytes.
    pub size: u64,
    /// When it was last written.
    pub modified: Timestamp,
    /// Without quotation marks.
    pub etag: String,
    /// As the uploader said.
    pub content_type: Option<String>,
    /// The CRC-64/NVME of the whole object in base64, where the store tells it.
    pub crc64nvme: Option<String>,
    /// What goes over to the object that replaces it.
    pub carried: Carried,
    /// `Content-Encoding`.
    pub content_encoding: Option<String>,
    /// How many tags it has, where the store tells it and the caller may read them.
    pub tag_count: usize,
}

/// What the store says of an object that it has just written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Without quotation marks.
    pub etag: String,
    /// The CRC-64/NVME of the whole object in base64, where the store tells it.
    pub crc64nvme: Option<String>,
}

/// What became of one key that was to be deleted.
#[derive(Debug, Clone)]
pub struct DeletedKey {
    /// The key.
    pub key: ObjectKey,
    /// An absent object counts as deleted.
    pub outcome: Result<(), AwsError>,
}

/// Speaks S3 in the name of a [`RoleSession`]. Holds nothing but a clock.
#[derive(Debug, Clone)]
pub struct ObjectClient {
    pub(crate) clock: Clock,
}

impl ObjectClient {
    /// A client whose signatures begin at the time of `clock`.
    pub fn new(clock: Clock) -> Self {
        Self { clock }
    }

    /// One page of the keys under a prefix.
    pub async fn list(
        &self,
        session: &RoleSession,
        bucket: &BucketName,
        request: ListRequest,
    ) -> Result<Listing, AwsError> {
        let answer = session
            .s3()
            .list_objects_v2()
            .bucket(bucket.as_str())
            .prefix(request.prefix.as_str())
            .set_delimiter(request.delimiter)
            .set_continuation_token(request.token)
            // XML cannot hold every key, and one that it cannot hold would hide all others.
            .encoding_type(EncodingType::Url)
            .max_keys(i32::from(request.max))
            .send()
            .await
            .map_err(sort)?;
        let encoding = answer.encoding_type();
        let objects = answer.contents().iter().map(|object| listed(object, encoding));
        let objects = objects.collect::<Result<_, _>>()?;
        let prefixes = answer.common_prefixes().iter().filter_map(|common| common.prefix());
        let prefixes =
            prefixes.map(|prefix| decoded(prefix, encoding)).collect::<Result<_, _>>()?;
        let truncated = answer.is_truncated().unwrap_or_default();
        if truncated && answer.next_continuation_token().is_none() {
            return Err(AwsError::malformed("the store cut a listing short without a token"));
        }
        let next = answer.next_continuation_token.filter(|_| truncated);
        Ok(Listing { objects, prefixes, next })
    }

    /// What the store knows of an object.
    pub async fn head(
        &self,
        session: &RoleSession,
        bucket: &BucketName,
        key: &ObjectKey,
    ) -> Result<ObjectInfo, AwsError> {
        let call = session.s3().head_object().bucket(bucket.as_str()).key(key.as_str());
        let answer = call.checksum_mode(ChecksumMode::Enabled).send().await.map_err(sort)?;
        let of_the_whole = answer.checksum_type() != Some(&ChecksumType::Composite);
        Ok(ObjectInfo {
            size: bytes(answer.content_length())?,
            modified: timestamp(answer.last_modified())?,
            etag: unquoted(answer.e_tag()),
            crc64nvme: answer.checksum_crc64_nvme.filter(|_| of_the_whole),
            content_type: answer.content_type,
            content_encoding: answer.content_encoding,
            tag_count: answer.tag_count.and_then(|n| usize::try_from(n).ok()).unwrap_or_default(),
            carried: Carried {
                metadata: answer.metadata.unwrap_or_default().into_iter().collect(),
                cache_control: answer.cache_control,
                content_disposition: answer.content_disposition,
                content_language: answer.content_language,
            },
        })
    }

    /// Writes an object of no bytes: the marker of a folder, or an empty file.
    pub async fn put_empty(
        &self,
        session: &RoleSession,
        bucket: &BucketName,
        key: &ObjectKey,
        condition: &WriteCondition,
    ) -> Result<Written, AwsError> {
        let (if_match, if_none_match) = condition.headers();
        let answer = session
            .s3()
            .put_object()
            .bucket(bucket.as_str())
            .key(key.as_str())
            .set_if_match(if_match)
            .set_if_none_match(if_none_match)
            .body(ByteStream::from_static(b""))
            .send()
            .await
            .map_err(sort)?;
        let etag = unquoted(answer.e_tag());
        Ok(Written { etag, crc64nvme: answer.checksum_crc64_nvme })
    }

    /// Deletes the keys and tells of each. The calls carry up to [`DELETE_KEYS_MAX`] keys each.
    pub async fn delete(
        &self,
        session: &RoleSession,
        bucket: &BucketName,
        keys: &[ObjectKey],
    ) -> Vec<DeletedKey> {
        let mut deleted = Vec::with_capacity(keys.len());
        for batch in keys.chunks(DELETE_KEYS_MAX) {
            match delete_batch(session, bucket, batch).await {
                Ok(outcomes) => deleted.extend(outcomes),
                Err(error) => deleted.extend(
                    batch
                        .iter()
                        .map(|key| DeletedKey { key: key.clone(), outcome: Err(error.clone()) }),
                ),
            }
        }
        deleted
    }
}

async fn delete_batch(
    session: &RoleSession,
    bucket: &BucketName,
    keys: &[ObjectKey],
) -> Result<Vec<DeletedKey>, AwsError> {
    let mut delete = Delete::builder().quiet(true);
    for key in keys {
        let named = ObjectIdentifier::builder().key(key.as_str()).build();
        delete = delete.objects(named.map_err(AwsError::malformed)?);
    }
    let delete = delete.build().map_err(AwsError::malformed)?;
    let call = session.s3().delete_objects().bucket(bucket.as_str()).delete(delete);
    let answer = call.send().await.map_err(sort)?;
    let outcome = |key: &ObjectKey| {
        let failed = answer.errors().iter().find(|e| e.key() == Some(key.as_str()));
        failed.map_or(Ok(()), |e| {
            Err(by_code(e.code().unwrap_or_default(), 200, e.message().unwrap_or_default()))
        })
    };
    Ok(keys.iter().map(|key| DeletedKey { key: key.clone(), outcome: outcome(key) }).collect())
}

fn listed(
    object: &aws_sdk_s3::types::Object,
    encoding: Option<&EncodingType>,
) -> Result<ListedObject, AwsError> {
    let key = object.key().ok_or_else(|| AwsError::malformed("a listed object has no key"))?;
    Ok(ListedObject {
        key: decoded(key, encoding)?,
        size: bytes(object.size())?,
        modified: timestamp(object.last_modified())?,
        etag: unquoted(object.e_tag()),
    })
}

/// A name as it was before the store encoded it, if it did.
pub(crate) fn decoded(name: &str, encoding: Option<&EncodingType>) -> Result<String, AwsError> {
    if encoding != Some(&EncodingType::Url) {
        return Ok(name.to_owned());
    }
    let spaced = name.replace('+', " ");
    let text = percent_decode_str(&spaced).decode_utf8().map_err(AwsError::malformed)?;
    Ok(text.into_owned())
}

pub(crate) fn unquoted(etag: Option<&str>) -> String {
    etag.unwrap_or_default().trim_matches('"').to_owned()
}

pub(crate) fn bytes(length: Option<i64>) -> Result<u64, AwsError> {
    u64::try_from(length.unwrap_or_default()).map_err(AwsError::malformed)
}

pub(crate) fn timestamp(
    time: Option<&aws_sdk_s3::primitives::DateTime>,
) -> Result<Timestamp, AwsError> {
    let time = time.ok_or_else(|| AwsError::malformed("the store gave no time of writing"))?;
    let nanos = i32::try_from(time.subsec_nanos()).map_err(AwsError::malformed)?;
    Timestamp::new(time.secs(), nanos).map_err(AwsError::malformed)
}
