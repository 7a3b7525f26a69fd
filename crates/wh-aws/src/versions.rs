//! Versions of objects in a person's name: what is in the trash, and its end.

use jiff::Timestamp;
use wh_names::{BucketName, KeyPrefix, ObjectKey};

use aws_sdk_s3::types::EncodingType;

use crate::error::{AwsError, sort};
use crate::objects::{ObjectClient, bytes, decoded, timestamp, unquoted};
use crate::sessions::RoleSession;

/// Which versions are to be listed.
#[derive(Debug, Clone)]
pub struct VersionsRequest {
    /// The beginning of the keys.
    pub prefix: KeyPrefix,
    /// Where an earlier page ended: its [`Versions::next`].
    pub after: Option<VersionMark>,
    /// At most this many, 1–1,000.
    pub max: u16,
}

/// Where a page of versions ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionMark {
    /// The last key.
    pub key: String,
    /// Its last version; without one, all of the key's versions are passed over.
    pub version: Option<String>,
}

/// One page of versions, in the order of keys, of each key the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    /// The versions and delete markers.
    pub versions: Vec<ListedVersion>,
    /// Where the next page begins; `None` says that the listing is whole.
    pub next: Option<VersionMark>,
}

/// A version of an object, or a delete marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedVersion {
    /// The key, as the store gave it.
    pub key: String,
    /// What the store calls it.
    pub version: String,
    /// Whether it is the newest of its key.
    pub latest: bool,
    /// Whether it says that the object is deleted.
    pub marker: bool,
    /// In bytes.
    pub size: u64,
    /// When it was written.
    pub modified: Timestamp,
    /// Without quotation marks.
    pub etag: String,
}

impl ObjectClient {
    /// One page of versions under a prefix.
    pub async fn list_versions(
        &self,
        session: &RoleSession,
        bucket: &BucketName,
        request: VersionsRequest,
    ) -> Result<Versions, AwsError> {
        let (key, version) = request.after.map(|mark| (mark.key, mark.version)).unzip();
        let answer = session
            .s3()
            .list_object_versions()
            .bucket(bucket.as_str())
            .prefix(request.prefix.as_str())
            .set_key_marker(key)
            .set_version_id_marker(version.flatten())
            .encoding_type(EncodingType::Url)
            .max_keys(i32::from(request.max))
            .send()
            .await
            .map_err(sort)?;
        let encoding = answer.encoding_type().cloned();
        let name = |key: Option<&str>| {
            let key = key.ok_or_else(|| AwsError::malformed("a listed version has no key"))?;
            decoded(key, encoding.as_ref())
        };
        let mut versions = Vec::new();
        for one in answer.versions() {
            versions.push(ListedVersion {
                key: name(one.key())?,
                version: one.version_id().unwrap_or("null").to_owned(),
                latest: one.is_latest().unwrap_or_default(),
                marker: false,
                size: bytes(one.size())?,
                modified: timestamp(one.last_modified())?,
                etag: unquoted(one.e_tag()),
            });
        }
        for one in answer.delete_markers() {
            versions.push(ListedVersion {
                key: name(one.key())?,
                version: one.version_id().unwrap_or("null").to_owned(),
                latest: one.is_latest().unwrap_or_default(),
                marker: true,
                size: 0,
                modified: timestamp(one.last_modified())?,
                etag: String::new(),
            });
        }
        // The SDK tells versions and markers apart: of each key the newest comes first again. The sort is
        // stable, so that of versions of one second the store's own order holds.
        versions.sort_by(|one, two| {
            let newest =
                |version: &ListedVersion| (!version.latest, std::cmp::Reverse(version.modified));
            one.key.cmp(&two.key).then_with(|| newest(one).cmp(&newest(two)))
        });
        let next = match (answer.is_truncated().unwrap_or_default(), answer.next_key_marker()) {
            (false, _) => None,
            (true, Some(key)) => {
                let version = answer.next_version_id_marker().map(str::to_owned);
                Some(VersionMark { key: decoded(key, encoding.as_ref())?, version })
            }
            (true, None) => {
                return Err(AwsError::malformed("the store cut a listing short without a mark"));
            }
        };
        Ok(Versions { versions, next })
    }

    /// Deletes one version, or one delete marker, for ever.
    pub async fn delete_version(
        &self,
        session: &RoleSession,
        (bucket, key): (&BucketName, &ObjectKey),
        version: &str,
    ) -> Result<(), AwsError> {
        let call = session.s3().delete_object().bucket(bucket.as_str()).key(key.as_str());
        call.version_id(version).send().await.map_err(sort)?;
        Ok(())
    }
}
