//! Copies within the store, in a person's name: no byte passes here.
//!
//! What is copied is pinned by its `ETag`, and what is written is written on a condition: nothing is
//! overwritten that was not looked at. Source: S3 API Reference, `CopyObject`, `UploadPartCopy`;
//! S3 User Guide, "Copying objects", for the bound of 5 GiB.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_s3::config::Builder;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::{
    ChecksumAlgorithm, ChecksumMode, ChecksumType, MetadataDirective, StorageClass,
    TaggingDirective,
};
use futures::TryStreamExt as _;
use futures::stream::{self, StreamExt as _};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use wh_names::{Arn, BucketName, ObjectKey, Partition, SCAN_TAG};

use crate::error::{AwsError, sort};
use crate::multipart::{self, CompleteUpload, PartInfo, WriteCondition};
use crate::objects::{Carried, ObjectClient, Written, bytes, timestamp, unquoted};
use crate::sessions::RoleSession;
use crate::tagging::{ObjectTags, as_header};

/// What stands as it is in the path of a source.
const PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What stands as it is in tags.
const QUERY: &AsciiSet = &PATH.add(b'/');

/// How many parts are copied at once.
const PARTS_AT_ONCE: usize = 4;

/// How long one copy may take: the store answers when it is done.
const COPY_MAX: Duration = Duration::from_mins(30);

/// An object or one of its versions, as it was looked at.
#[derive(Debug, Clone)]
pub struct Source {
    bucket: BucketName,
    key: ObjectKey,
    version: Option<String>,
    /// In bytes.
    pub size: u64,
    /// When it was last written.
    pub modified: Timestamp,
    /// Without quotation marks.
    pub etag: String,
    /// The CRC-64/NVME of the whole object in base64, where the store tells it.
    pub crc64nvme: Option<String>,
    headers: Headers,
    /// Whether the headers are others than those of the object.
    dressed: bool,
}

/// What goes along with an object.
#[derive(Debug, Clone)]
struct Headers {
    content_type: Option<String>,
    cache_control: Option<String>,
    content_disposition: Option<String>,
    content_encoding: Option<String>,
    content_language: Option<String>,
    metadata: Option<HashMap<String, String>>,
    /// Missing where it is the usual one.
    storage_class: Option<StorageClass>,
    /// How many there are; missing where there are none, and where nobody may know.
    tags: Option<i32>,
}

impl Source {
    fn of(
        (bucket, key, version): (&BucketName, &ObjectKey, Option<&str>),
        answer: HeadObjectOutput,
    ) -> Result<Self, AwsError> {
        let of_the_whole = answer.checksum_type() != Some(&ChecksumType::Composite);
        Ok(Self {
            bucket: bucket.clone(),
            key: key.clone(),
            version: version.map(str::to_owned),
            size: bytes(answer.content_length())?,
            modified: timestamp(answer.last_modified())?,
            etag: unquoted(answer.e_tag()),
            crc64nvme: answer.checksum_crc64_nvme.filter(|_| of_the_whole),
            headers: Headers {
                content_type: answer.content_type,
                cache_control: answer.cache_control,
                content_disposition: answer.content_disposition,
                content_encoding: answer.content_encoding,
                content_language: answer.content_language,
                metadata: answer.metadata,
                storage_class: answer.storage_class,
                tags: answer.tag_count,
            },
            dressed: false,
        })
    }

    /// Whether an object holds the same bytes, as far as size and checksum, or `ETag`, tell.
    pub fn is_as(&self, other: &Self) -> bool {
        let sums = self.crc64nvme.as_ref().zip(other.crc64nvme.as_ref());
        let same = sums.map_or(self.etag == other.etag, |(one, two)| one == two);
        self.size == other.size && same
    }

    /// The same bytes with another type and other metadata. How they are encoded stays.
    #[must_use]
    pub fn dressed(mut self, content_type: String, carried: Carried) -> Self {
        self.headers = Headers {
            content_type: Some(content_type),
            cache_control: carried.cache_control,
            content_disposition: carried.content_disposition,
            content_language: carried.content_language,
            metadata: Some(carried.metadata.into_iter().collect()),
            content_encoding: self.headers.content_encoding,
            storage_class: self.headers.storage_class,
            tags: self.headers.tags,
        };
        self.dressed = true;
        self
    }

    /// The object's ARN.
    pub fn arn(&self, partition: &Partition) -> Arn {
        Arn::object(partition, &self.bucket, &self.key)
    }

    /// As `x-amz-copy-source` takes it.
    fn named(&self) -> String {
        let key = utf8_percent_encode(self.key.as_str(), PATH);
        let version = self.version.as_deref();
        let version = version.map(|id| format!("?versionId={}", utf8_percent_encode(id, QUERY)));
        format!("{}/{key}{}", self.bucket, version.unwrap_or_default())
    }

    fn pinned(&self) -> String {
        format!("\"{}\"", self.etag)
    }
}

/// Where a copy goes, and what must be true there.
#[derive(Debug, Clone, Copy)]
pub struct CopyTo<'a> {
    /// The bucket.
    pub bucket: &'a BucketName,
    /// The key.
    pub key: &'a ObjectKey,
    /// What must be true of the key.
    pub condition: &'a WriteCondition,
}

impl ObjectClient {
    /// Looks at an object, or at one of its versions, to copy it or to compare it.
    pub async fn look(
        &self,
        session: &RoleSession,
        (bucket, key, version): (&BucketName, &ObjectKey, Option<&str>),
    ) -> Result<Source, AwsError> {
        let call = session.s3().head_object().bucket(bucket.as_str()).key(key.as_str());
        let call = call.set_version_id(version.map(str::to_owned));
        let answer = call.checksum_mode(ChecksumMode::Enabled).send().await.map_err(sort)?;
        Source::of((bucket, key, version), answer)
    }

    /// Copies an object of at most 5 GiB with its metadata, or that which it was dressed with, its tags and its
    /// storage class. What the scan for malware said stays behind: a new object is scanned anew, and nobody
    /// else may write that tag.
    pub async fn copy(
        &self,
        session: &RoleSession,
        source: &Source,
        to: CopyTo<'_>,
    ) -> Result<Written, AwsError> {
        let (if_match, if_none_match) = to.condition.headers();
        let (directive, tags) = match tags_but_of_scan(session, source).await? {
            Some(tags) => (Some(TaggingDirective::Replace), as_header(&tags)),
            None => (None, None),
        };
        let call = session.s3().copy_object().bucket(to.bucket.as_str()).key(to.key.as_str());
        let call = if source.dressed {
            let headers = source.headers.clone();
            call.metadata_directive(MetadataDirective::Replace)
                .set_content_type(headers.content_type)
                .set_cache_control(headers.cache_control)
                .set_content_disposition(headers.content_disposition)
                .set_content_encoding(headers.content_encoding)
                .set_content_language(headers.content_language)
                .set_metadata(headers.metadata)
        } else {
            call
        };
        let answer = call
            .set_tagging_directive(directive)
            .set_tagging(tags)
            .copy_source(source.named())
            .copy_source_if_match(source.pinned())
            .set_storage_class(source.headers.storage_class.clone())
            .set_if_match(if_match)
            .set_if_none_match(if_none_match)
            .customize()
            .config_override(patient())
            .send()
            .await
            .map_err(sort)?;
        let told = answer.copy_object_result();
        let told = told.ok_or_else(|| AwsError::malformed("the store told nothing of a copy"))?;
        let crc64nvme = told.checksum_crc64_nvme().map(str::to_owned);
        Ok(Written { etag: unquoted(told.e_tag()), crc64nvme })
    }

    /// Copies an object of any size in parts of `part` bytes, with its metadata and tags. Nothing is left
    /// behind where it fails and the store can be reached.
    pub async fn copy_in_parts(
        &self,
        session: &RoleSession,
        (source, part): (&Source, u64),
        to: CopyTo<'_>,
    ) -> Result<Written, AwsError> {
        let upload = begin(session, source, to).await?;
        let done = match copy_parts(session, (source, part), (to, &upload)).await {
            Ok(parts) => complete(session, (source, parts), (to, upload.clone())).await,
            Err(error) => Err(error),
        };
        if done.is_err() {
            let freed = multipart::abort(session.s3(), to.bucket, to.key, &upload).await;
            if let Err(error) = freed {
                tracing::warn!(%error, "the parts of a copy were not freed");
            }
        }
        done
    }

    /// Deletes an object as long as it is the one with this `ETag`. Where versions are kept, it goes to the
    /// trash.
    pub async fn delete_if(
        &self,
        session: &RoleSession,
        (bucket, key): (&BucketName, &ObjectKey),
        etag: &str,
    ) -> Result<(), AwsError> {
        let call = session.s3().delete_object().bucket(bucket.as_str()).key(key.as_str());
        call.if_match(format!("\"{etag}\"")).send().await.map_err(sort)?;
        Ok(())
    }
}

/// The tags that a copy is to have, where they are not those of its source: where that was scanned.
async fn tags_but_of_scan(
    session: &RoleSession,
    source: &Source,
) -> Result<Option<ObjectTags>, AwsError> {
    if source.headers.tags.is_none_or(|count| count == 0) {
        return Ok(None);
    }
    let tags = tags_of(session, source).await?;
    let rest: ObjectTags = tags.iter().filter(|(key, _)| key != SCAN_TAG).cloned().collect();
    Ok((rest.len() < tags.len()).then_some(rest))
}

async fn tags_of(session: &RoleSession, source: &Source) -> Result<ObjectTags, AwsError> {
    let call = session.s3().get_object_tagging();
    let call = call.bucket(source.bucket.as_str()).key(source.key.as_str());
    let answer = call.set_version_id(source.version.clone()).send().await.map_err(sort)?;
    Ok(answer.tag_set.into_iter().map(|tag| (tag.key, tag.value)).collect())
}

fn patient() -> Builder {
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(COPY_MAX)
        .operation_timeout(COPY_MAX)
        .read_timeout(COPY_MAX);
    Builder::new().timeout_config(timeouts.build())
}

async fn begin(session: &RoleSession, source: &Source, to: CopyTo<'_>) -> Result<String, AwsError> {
    let s3 = session.s3();
    let mut tags = tags_of(session, source).await?;
    tags.retain(|(key, _)| key != SCAN_TAG);
    let headers = source.headers.clone();
    let answer = s3
        .create_multipart_upload()
        .bucket(to.bucket.as_str())
        .key(to.key.as_str())
        .set_content_type(headers.content_type)
        .set_cache_control(headers.cache_control)
        .set_content_disposition(headers.content_disposition)
        .set_content_encoding(headers.content_encoding)
        .set_content_language(headers.content_language)
        .set_metadata(headers.metadata)
        .set_storage_class(headers.storage_class)
        .set_tagging(as_header(&tags))
        .checksum_algorithm(ChecksumAlgorithm::Crc64Nvme)
        .checksum_type(ChecksumType::FullObject)
        .send()
        .await
        .map_err(sort)?;
    answer.upload_id.ok_or_else(|| AwsError::malformed("the store gave no upload id"))
}

async fn copy_parts(
    session: &RoleSession,
    (source, part): (&Source, u64),
    (to, upload): (CopyTo<'_>, &str),
) -> Result<Vec<PartInfo>, AwsError> {
    let count = source.size.div_ceil(part.max(1)).max(1);
    let count = u16::try_from(count).map_err(AwsError::malformed)?;
    let parts = (1..=count).map(|n| copy_part(session, (source, part), (to, upload), n));
    stream::iter(parts).buffered(PARTS_AT_ONCE).try_collect().await
}

async fn copy_part(
    session: &RoleSession,
    (source, part): (&Source, u64),
    (to, upload): (CopyTo<'_>, &str),
    n: u16,
) -> Result<PartInfo, AwsError> {
    let first = u64::from(n - 1) * part;
    let end = (first + part).min(source.size);
    let answer = session
        .s3()
        .upload_part_copy()
        .bucket(to.bucket.as_str())
        .key(to.key.as_str())
        .upload_id(upload)
        .part_number(i32::from(n))
        .copy_source(source.named())
        .copy_source_if_match(source.pinned())
        .copy_source_range(format!("bytes={first}-{}", end.saturating_sub(1)))
        .customize()
        .config_override(patient())
        .send()
        .await
        .map_err(sort)?;
    let told = answer.copy_part_result();
    let told = told.ok_or_else(|| AwsError::malformed("the store told nothing of a part"))?;
    let crc64nvme = told.checksum_crc64_nvme().map(str::to_owned);
    Ok(PartInfo { n, size: end - first, etag: unquoted(told.e_tag()), crc64nvme })
}

async fn complete(
    session: &RoleSession,
    (source, parts): (&Source, Vec<PartInfo>),
    (to, upload_id): (CopyTo<'_>, String),
) -> Result<Written, AwsError> {
    let (size, condition) = (source.size, to.condition.clone());
    let Some(crc64nvme) = source.crc64nvme.clone() else {
        let upload = (upload_id, parts, condition);
        return multipart::complete_unsummed(session.s3(), (to.bucket, to.key), size, upload).await;
    };
    let upload = CompleteUpload { upload_id, parts, crc64nvme, size, condition };
    multipart::complete(session.s3(), to.bucket, to.key, upload).await
}
