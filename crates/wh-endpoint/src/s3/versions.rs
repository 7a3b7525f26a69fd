//! Versions: whether a bucket keeps them, and listings of them.

use s3s::{S3Request, S3Response, S3Result, dto};
use wh_gate::ops;
use wh_objects::{ListedVersion, VersionEntry, VersionMarker, Versioning, VersionsPage};

use super::listings::{given_prefix, owner};
use super::write::Encoding;
use super::{S3Door, failed, read, write};
use crate::door::Visit;
use crate::fault::Fault;

type Answer<T> = S3Result<S3Response<T>>;

pub(super) async fn get_bucket_versioning(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::GetBucketVersioningInput>,
) -> Answer<dto::GetBucketVersioningOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let permit = door.admit(&visit, ops::GetBucketVersioning { bucket }).await?;
    let versioning = door.gate.get_bucket_versioning(permit).await.map_err(failed)?;
    let status = match versioning {
        Versioning::Unversioned => None,
        Versioning::Enabled => Some(dto::BucketVersioningStatus::from_static("Enabled")),
        Versioning::Suspended => Some(dto::BucketVersioningStatus::from_static("Suspended")),
    };
    Ok(S3Response::new(dto::GetBucketVersioningOutput { mfa_delete: None, status }))
}

pub(super) async fn put_bucket_versioning(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::PutBucketVersioningInput>,
) -> Answer<dto::PutBucketVersioningOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let wire = request.input.versioning_configuration;
    if wire.mfa_delete.is_some_and(|mfa| mfa.as_str() != "Disabled") {
        return Err(Fault::not_implemented("MFA Delete").into());
    }
    let versioning = match wire.status.as_ref().map(dto::BucketVersioningStatus::as_str) {
        Some("Enabled") => Versioning::Enabled,
        Some("Suspended") => Versioning::Suspended,
        Some(_) | None => {
            let why = "The Versioning element must be specified";
            return Err(Fault::bad_request("IllegalVersioningConfigurationException", why).into());
        }
    };
    let permit = door.admit(&visit, ops::PutBucketVersioning { bucket, versioning }).await?;
    door.gate.put_bucket_versioning(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::PutBucketVersioningOutput::default()))
}

pub(super) async fn list_object_versions(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::ListObjectVersionsInput>,
) -> Answer<dto::ListObjectVersionsOutput> {
    let input = request.input;
    let encoding = Encoding::parse(input.encoding_type.as_ref())?;
    let max_keys = input.max_keys.map(|max| read::page_size(Some(max))).transpose()?;
    let list = ops::ListObjectVersions {
        bucket: read::bucket(&input.bucket)?,
        prefix: given_prefix(input.prefix.as_deref())?,
        delimiter: input.delimiter.clone(),
        after: marker(input.key_marker.as_deref(), input.version_id_marker.as_deref())?,
        max_keys,
    };
    let permit = door.admit(&visit, list).await?;
    let mut page = door.gate.list_object_versions(permit).await.map_err(failed)?;
    let (truncated, next) = (page.truncated, page.next_after.take().filter(|_| page.truncated));
    let next_version_id_marker = write::version(next.as_ref().and_then(|next| next.version));
    let (versions, delete_markers, common_prefixes) = split(page, encoding, &visit);
    Ok(S3Response::new(dto::ListObjectVersionsOutput {
        name: Some(input.bucket),
        prefix: Some(encoding.text(input.prefix.as_deref().unwrap_or_default())),
        key_marker: Some(encoding.text(input.key_marker.as_deref().unwrap_or_default())),
        version_id_marker: Some(input.version_id_marker.unwrap_or_default()),
        next_key_marker: next.map(|next| encoding.text(&next.key)),
        next_version_id_marker,
        max_keys: Some(write::small(max_keys.unwrap_or(ops::LIST_KEYS_MAX))),
        is_truncated: Some(truncated),
        versions: Some(versions),
        delete_markers: Some(delete_markers),
        common_prefixes: Some(common_prefixes),
        delimiter: input.delimiter.map(|delimiter| encoding.text(&delimiter)),
        encoding_type: encoding.wire(),
        request_charged: None,
    }))
}

/// Where a page begins: a version's id is nothing without its key.
fn marker(key: Option<&str>, version: Option<&str>) -> Result<Option<VersionMarker>, Fault> {
    let (key, version) = (key.filter(|k| !k.is_empty()), version.filter(|v| !v.is_empty()));
    match (key, version) {
        (None, None) => Ok(None),
        (Some(key), version) => {
            Ok(Some(VersionMarker { key: key.to_owned(), version: read::version(version)? }))
        }
        (None, Some(_)) => {
            let why = "A version-id marker cannot be specified without a key marker.";
            Err(Fault::bad_request("InvalidArgument", why))
        }
    }
}

type Split = (Vec<dto::ObjectVersion>, Vec<dto::DeleteMarkerEntry>, Vec<dto::CommonPrefix>);

/// A page's versions, delete markers and common prefixes as S3 writes them.
fn split(page: VersionsPage, encoding: Encoding, visit: &Visit) -> Split {
    let owner = owner(visit);
    let (mut versions, mut markers, mut prefixes) = (Vec::new(), Vec::new(), Vec::new());
    for entry in page.entries {
        match entry {
            VersionEntry::Version(version) if version.object.is_none() => {
                markers.push(dto::DeleteMarkerEntry {
                    is_latest: Some(version.latest),
                    key: Some(encoding.text(version.key.as_str())),
                    last_modified: Some(write::time(version.modified)),
                    owner: owner.clone(),
                    version_id: Some(version.version.to_string()),
                });
            }
            VersionEntry::Version(version) => {
                versions.push(listed(&version, encoding, owner.as_ref()));
            }
            VersionEntry::CommonPrefix(prefix) => {
                let prefix = Some(encoding.text(&prefix));
                prefixes.push(dto::CommonPrefix { prefix });
            }
        }
    }
    (versions, markers, prefixes)
}

fn listed(
    version: &ListedVersion,
    encoding: Encoding,
    owner: Option<&dto::Owner>,
) -> dto::ObjectVersion {
    let object = version.object.as_ref();
    let (algorithm, kind) = object.and_then(|object| object.checksum).unzip();
    dto::ObjectVersion {
        checksum_algorithm: algorithm.map(|algorithm| vec![write::algorithm(algorithm)]),
        checksum_type: kind.map(write::kind),
        e_tag: object.map(|object| write::etag(&object.etag)),
        is_latest: Some(version.latest),
        key: Some(encoding.text(version.key.as_str())),
        last_modified: Some(write::time(version.modified)),
        owner: owner.cloned(),
        restore_status: None,
        size: object.map(|object| write::count(object.size)),
        storage_class: Some(dto::ObjectVersionStorageClass::from_static("STANDARD")),
        version_id: Some(version.version.to_string()),
    }
}
