//! The trash: what is deleted in a location and can be brought back, and its end.
//!
//! Where a bucket keeps versions, deleting puts a delete marker before them. What is deleted for ever
//! loses its older versions first and its marker last: broken off, it is still deleted.

use jiff::Timestamp;
use serde_json::{Value, json};
use wh_aws::{VersionMark, VersionsRequest};
use wh_ledger::JobItem;
use wh_names::{KeyPrefix, ObjectKey};
use wh_people::Person;
use wh_policy::s3::action;

use super::outcome::Ended;
use super::retention::{Keeping, Retention};
use super::walk::page_of_versions;
use crate::access::Access;
use crate::{Explained, Files, FilesError, FolderPath, PAGE_ENTRIES_MAX, PathError};

/// What a version is called that was written while none were kept.
const UNVERSIONED: &str = "null";

/// What is deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrashEntry {
    /// Its path in the location.
    pub path: String,
    /// When it was deleted.
    pub deleted: Timestamp,
    /// Its size in bytes, where this page tells it.
    pub size: Option<u64>,
}

/// What may be done with what is deleted.
#[derive(Debug, Clone)]
pub struct TrashPermissions {
    /// Bring it back: read a version, and write.
    pub restore: Explained,
    /// Delete it for ever.
    pub purge: Explained,
}

/// One page of what is deleted below a folder.
#[derive(Debug, Clone)]
pub struct Trash {
    /// In the order of their paths. A page may hold none, and not be the last.
    pub entries: Vec<TrashEntry>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<String>,
    /// Whether the bucket keeps versions, so that what is deleted comes here. Where the person may not
    /// ask for that, as the versions of this page tell it, and not by one that has none.
    pub versioned: bool,
    /// How long it stays, where the person may know.
    pub retention: Option<Retention>,
    /// What may be done.
    pub may: TrashPermissions,
}

impl Files {
    /// One page of what is deleted below a folder, from `cursor` on.
    pub async fn trash(
        &self,
        person: &Person,
        (location, folder): (&str, &FolderPath),
        cursor: Option<&str>,
    ) -> Result<Trash, FilesError> {
        let after = cursor.map(|cursor| read(cursor).ok_or(FilesError::Cursor)).transpose()?;
        let access = self.access(person, location).await?;
        let prefix = folder.prefix_under(&access.grant.prefix)?;
        let page = page_of_versions(self, &access, (&prefix, after)).await?;
        let inside = |key: &str| {
            let path = key.strip_prefix(access.grant.prefix.as_str()).unwrap_or(key);
            path.to_owned()
        };
        let mut entries: Vec<TrashEntry> = Vec::new();
        for version in &page.versions {
            let path = inside(&version.key);
            if version.latest && version.marker {
                entries.push(TrashEntry { path, deleted: version.modified, size: None });
            } else if let Some(entry) = entries.last_mut()
                && entry.path == path
                && entry.size.is_none()
                && !version.marker
            {
                entry.size = Some(version.size);
            }
        }
        let below = access.everything_below(prefix.as_str())?;
        let reads = access.says(action::GET_OBJECT_VERSION, &below)?;
        let restore =
            if reads.allowed() { access.says(action::PUT_OBJECT, &below)? } else { reads };
        let purge = access.says(action::DELETE_OBJECT_VERSION, &below)?;
        let may = TrashPermissions { restore, purge };
        let Keeping { versions, retention } = self.keeping(&access, &prefix).await?;
        let some = || page.versions.iter().any(|version| version.version != UNVERSIONED);
        let (next, versioned) = (page.next.as_ref().map(written), versions.unwrap_or_else(some));
        Ok(Trash { entries, next, versioned, retention, may })
    }

    /// Deletes an object of the trash for ever. One that is there again is left as it is.
    pub(super) async fn purge(&self, access: &Access<'_>, item: &JobItem) -> Ended {
        self.try_purge(access, item).await.unwrap_or_else(Ended::Error)
    }

    async fn try_purge(&self, access: &Access<'_>, item: &JobItem) -> Result<Ended, FilesError> {
        let key = ObjectKey::parse(&item.item.from_key).map_err(PathError::Key)?;
        let target = access.object_target(&key);
        access.foresee(action::DELETE_OBJECT_VERSION, &target)?;
        let mut versions = self.versions_of(access, &key).await?;
        let lives = versions.iter().any(|version| version.latest && !version.marker);
        if lives {
            let told = "it is no longer in the trash, and was left as it is";
            return Ok(Ended::Failed("not-in-trash", told.to_owned()));
        }
        // The marker that deletes it goes last.
        versions.sort_by_key(|version| version.latest);
        let (objects, bucket) = (&self.options.objects, &access.grant.bucket);
        for version in versions {
            let session = access.session().await?;
            let deleted = objects.delete_version(&session, (bucket, &key), &version.version).await;
            deleted.map_err(|error| access.told(action::DELETE_OBJECT_VERSION, &target, error))?;
        }
        Ok(Ended::Done(None))
    }

    async fn versions_of(
        &self,
        access: &Access<'_>,
        key: &ObjectKey,
    ) -> Result<Vec<wh_aws::ListedVersion>, FilesError> {
        let prefix = KeyPrefix::parse(key.as_str()).map_err(PathError::Key)?;
        let target = access.listing_target(prefix.as_str());
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let session = access.session().await?;
            let request = VersionsRequest { prefix: prefix.clone(), after, max: PAGE_ENTRIES_MAX };
            let objects = &self.options.objects;
            let page = objects.list_versions(&session, &access.grant.bucket, request).await;
            let page =
                page.map_err(|error| access.told(action::LIST_BUCKET_VERSIONS, &target, error))?;
            let other = page.versions.iter().any(|version| version.key != key.as_str());
            all.extend(page.versions.into_iter().filter(|one| one.key == key.as_str()));
            if page.next.is_none() || other {
                return Ok(all);
            }
            after = page.next;
        }
    }
}

fn written(mark: &VersionMark) -> String {
    json!([mark.key, mark.version]).to_string()
}

fn read(cursor: &str) -> Option<VersionMark> {
    let kept: Value = serde_json::from_str(cursor).ok()?;
    let word = |at: usize| kept.get(at).and_then(Value::as_str).map(str::to_owned);
    Some(VersionMark { key: word(0)?, version: word(1) })
}
