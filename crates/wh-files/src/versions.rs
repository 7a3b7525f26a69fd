//! The versions of one file: which there are, and the way back to one of them.
//!
//! Invariant: what is brought back is written over the file that was seen, or nothing is.

use jiff::Timestamp;
use wh_aws::{AwsError, CopyTo, ListedVersion, VersionMark, VersionsRequest, WriteCondition};
use wh_ledger::ActivityKind;
use wh_names::{KeyPrefix, ObjectKey};
use wh_people::Person;
use wh_policy::s3::action;

use crate::access::Access;
use crate::{Explained, FilePath, Files, FilesError, PathError};

/// How many versions are told at once.
pub const VERSIONS_PAGE_MAX: u16 = 100;

/// How long the id of a version may be, in bytes.
///
/// Source: S3 User Guide, "Using versioning in S3 buckets", Version IDs.
const VERSION_BYTES_MAX: usize = 1024;

/// A version of a file, or that it was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileVersion {
    /// What the store calls it; `null` where it was written while no versions were kept.
    pub version: String,
    /// Whether it is what the file is now.
    pub current: bool,
    /// Whether it says that the file was deleted.
    pub deleted: bool,
    /// When it was written, or deleted.
    pub modified: Timestamp,
    /// In bytes; 0 of a deletion.
    pub size: u64,
    /// Without quotation marks; empty of a deletion.
    pub etag: String,
}

/// What may be done with the versions of a file.
#[derive(Debug, Clone)]
pub struct VersionPermissions {
    /// Read an older one.
    pub read: Explained,
    /// Put one in the place of what is there now: read it, and write.
    pub restore: Explained,
}

/// One page of the versions of a file, the newest first.
#[derive(Debug, Clone)]
pub struct FileVersions {
    /// The versions, and the times when it was deleted.
    pub versions: Vec<FileVersion>,
    /// The version after which the next page begins; `None` on the last.
    pub next: Option<String>,
    /// What may be done with them.
    pub may: VersionPermissions,
}

impl Files {
    /// One page of the versions of a file, after the version `cursor`.
    pub async fn versions(
        &self,
        person: &Person,
        (location, path): (&str, &FilePath),
        cursor: Option<&str>,
    ) -> Result<FileVersions, FilesError> {
        let cursor = cursor.map(|cursor| is_version(cursor).then_some(cursor));
        let cursor = cursor.map(|cursor| cursor.ok_or(FilesError::Cursor)).transpose()?;
        let access = self.access(person, location).await?;
        let key = path.key_under(&access.grant.prefix)?;
        let (versions, next) = page(self, &access, (&key, cursor)).await?;
        if versions.is_empty() && cursor.is_none() {
            return Err(FilesError::NotFound);
        }
        let target = access.object_target(&key);
        let read = access.says(action::GET_OBJECT_VERSION, &target)?;
        let restore =
            if read.allowed() { access.says(action::PUT_OBJECT, &target)? } else { read.clone() };
        Ok(FileVersions { versions, next, may: VersionPermissions { read, restore } })
    }

    /// Writes a version anew in the place of what is there: of the file with the `ETag` `over`, or, without
    /// one, of no file. Nothing is lost where versions are kept: what was there is one of them.
    pub async fn restore_version(
        &self,
        person: &Person,
        (location, path): (&str, &FilePath),
        version: &str,
        over: Option<&str>,
    ) -> Result<(), FilesError> {
        if !is_version(version) {
            return Err(FilesError::Version);
        }
        let access = self.access(person, location).await?;
        let key = path.key_under(&access.grant.prefix)?;
        let target = access.object_target(&key);
        access.foresee(action::GET_OBJECT_VERSION, &target)?;
        access.foresee(action::PUT_OBJECT, &target)?;
        let (session, bucket) = (access.session().await?, &access.grant.bucket);
        let looked = self.options.objects.look(&session, (bucket, &key, Some(version))).await;
        let source = looked.map_err(|error| {
            if is_no_version(&error) {
                return FilesError::NotFound;
            }
            access.told(action::GET_OBJECT_VERSION, &target, error)
        })?;
        let condition = match over {
            Some(etag) => WriteCondition::IfMatch(etag.to_owned()),
            None => WriteCondition::IfAbsent,
        };
        let to = CopyTo { bucket, key: &key, condition: &condition };
        match self.copied(&session, &source, to).await {
            Ok(_written) => {
                self.did(&access, ActivityKind::Restored, key.as_str()).await;
                Ok(())
            }
            Err(AwsError::PreconditionFailed | AwsError::Conflict { .. }) => {
                Err(FilesError::Changed)
            }
            Err(error) => Err(access.told(action::PUT_OBJECT, &target, error)),
        }
    }
}

/// One page, of this key alone: a listing goes by the beginning of keys.
async fn page(
    files: &Files,
    access: &Access<'_>,
    (key, cursor): (&ObjectKey, Option<&str>),
) -> Result<(Vec<FileVersion>, Option<String>), FilesError> {
    let prefix = KeyPrefix::parse(key.as_str()).map_err(PathError::Key)?;
    let target = access.listing_target(prefix.as_str());
    access.foresee(action::LIST_BUCKET_VERSIONS, &target)?;
    let session = access.session().await?;
    let after = cursor.map(|version| VersionMark {
        key: key.as_str().to_owned(),
        version: Some(version.to_owned()),
    });
    let request = VersionsRequest { prefix, after, max: VERSIONS_PAGE_MAX };
    let listed = files.options.objects.list_versions(&session, &access.grant.bucket, request).await;
    let listed =
        listed.map_err(|error| access.told(action::LIST_BUCKET_VERSIONS, &target, error))?;
    let others = listed.versions.iter().any(|version| version.key != key.as_str());
    let next = listed.next.filter(|mark| !others && mark.key == key.as_str());
    let of_the_file = listed.versions.into_iter().filter(|version| version.key == key.as_str());
    Ok((of_the_file.map(told).collect(), next.and_then(|mark| mark.version)))
}

/// What a HEAD request is told without words: no such version, or a deletion.
pub(crate) fn is_no_version(error: &AwsError) -> bool {
    matches!(error, AwsError::Service { service_code, .. } if service_code.is_empty())
}

fn told(of: ListedVersion) -> FileVersion {
    FileVersion {
        version: of.version,
        current: of.latest && !of.marker,
        deleted: of.marker,
        modified: of.modified,
        size: of.size,
        etag: of.etag,
    }
}

/// What may be the id of a version, as far as can be told without asking the store.
pub(crate) fn is_version(id: &str) -> bool {
    (1..=VERSION_BYTES_MAX).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic())
}
