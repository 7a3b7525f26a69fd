//! From a path to the objects that it means: those that are there, or those that are deleted.

use wh_aws::{ListRequest, VersionMark, Versions, VersionsRequest};
use wh_names::KeyPrefix;
use wh_policy::s3::action;

use crate::access::Access;
use crate::{EntryPath, Files, FilesError, PAGE_ENTRIES_MAX, PathError};

/// An object that a walk has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) key: String,
    pub(super) version: Option<String>,
    pub(super) size: u64,
}

/// One page of the objects below a prefix, and where the next begins.
pub(super) async fn page_of_objects(
    files: &Files,
    access: &Access<'_>,
    (prefix, token): (&KeyPrefix, Option<String>),
) -> Result<(Vec<Found>, Option<String>), FilesError> {
    let target = access.listing_target(prefix.as_str());
    let session = access.session().await?;
    let request =
        ListRequest { prefix: prefix.clone(), delimiter: None, token, max: PAGE_ENTRIES_MAX };
    let listing = files.options.objects.list(&session, &access.grant.bucket, request).await;
    let listing = listing.map_err(|error| access.told(action::LIST_BUCKET, &target, error))?;
    let found = listing.objects.into_iter();
    let found = found.map(|object| Found { key: object.key, version: None, size: object.size });
    Ok((found.collect(), listing.next))
}

/// One page of the versions below a prefix.
pub(crate) async fn page_of_versions(
    files: &Files,
    access: &Access<'_>,
    (prefix, after): (&KeyPrefix, Option<VersionMark>),
) -> Result<Versions, FilesError> {
    let target = access.listing_target(prefix.as_str());
    access.foresee(action::LIST_BUCKET_VERSIONS, &target)?;
    let session = access.session().await?;
    let request = VersionsRequest { prefix: prefix.clone(), after, max: PAGE_ENTRIES_MAX };
    let page = files.options.objects.list_versions(&session, &access.grant.bucket, request).await;
    page.map_err(|error| access.told(action::LIST_BUCKET_VERSIONS, &target, error))
}

/// What is deleted below a prefix: its keys whose newest version is a delete marker. A key's versions may
/// begin on one page and end on the next, so that it is told only when another key begins.
#[derive(Debug, Default)]
pub(super) struct Deleted {
    current: Option<(Found, bool)>,
}

impl Deleted {
    /// The deleted objects that are whole after this page.
    pub(super) fn after(&mut self, page: &Versions) -> Vec<Found> {
        let mut whole = Vec::new();
        for version in &page.versions {
            let same = self.current.as_ref().is_some_and(|(found, _)| found.key == version.key);
            if !same {
                whole.extend(self.end());
                let found = Found { key: version.key.clone(), version: None, size: 0 };
                self.current = Some((found, version.latest && version.marker));
            }
            if let Some((found, _)) = &mut self.current
                && !version.marker
                && found.version.is_none()
            {
                found.version = Some(version.version.clone());
                found.size = version.size;
            }
        }
        if page.next.is_none() {
            whole.extend(self.end());
        }
        whole
    }

    fn end(&mut self) -> Option<Found> {
        self.current.take().filter(|(_, deleted)| *deleted).map(|(found, _)| found)
    }
}

/// What the keys that a path means begin with.
pub(super) fn prefix_of(access: &Access<'_>, path: &EntryPath) -> Result<KeyPrefix, FilesError> {
    let key = path.key_under(&access.grant.prefix)?;
    Ok(KeyPrefix::parse(key.as_str()).map_err(PathError::Key)?)
}

/// Whether a path means this key, which begins as it does.
pub(super) fn means(path: &EntryPath, prefix: &KeyPrefix, key: &str) -> bool {
    match path {
        EntryPath::File(_) => key == prefix.as_str(),
        EntryPath::Folder(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use wh_aws::{ListedVersion, VersionMark, Versions};

    use super::{Deleted, Found};

    fn version(key: &str, id: &str, latest: bool, marker: bool) -> ListedVersion {
        ListedVersion {
            key: key.to_owned(),
            version: id.to_owned(),
            latest,
            marker,
            size: 3,
            modified: Timestamp::UNIX_EPOCH,
            etag: String::new(),
        }
    }

    #[test]
    fn a_deleted_object_is_its_newest_version_that_is_no_marker_even_over_two_pages() {
        let mark = VersionMark { key: "b".to_owned(), version: None };
        let first = Versions {
            versions: vec![
                version("a", "1", true, false),
                version("a", "0", false, true),
                version("b", "9", true, true),
                version("b", "8", false, true),
            ],
            next: Some(mark),
        };
        let second = Versions {
            versions: vec![version("b", "7", false, false), version("b", "6", false, false)],
            next: None,
        };
        let mut deleted = Deleted::default();
        assert_eq!(deleted.after(&first), []);
        let b = Found { key: "b".to_owned(), version: Some("7".to_owned()), size: 3 };
        assert_eq!(deleted.after(&second), [b]);
    }
}
