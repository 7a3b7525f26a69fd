//! Deleting files, and folders with all below them.
//!
//! Invariant: what was not deleted is told, path by path.

use std::collections::BTreeMap;

use wh_aws::{ListRequest, RoleSession};
use wh_ledger::ActivityKind;
use wh_names::ObjectKey;
use wh_people::Person;
use wh_policy::s3::action;

use crate::access::Access;
use crate::{EntryPath, Files, FilesError, FolderPath, PathError};

/// How many paths one deletion takes.
pub const DELETE_PATHS_MAX: usize = 1_000;

/// How many objects one deletion removes from a folder before it stops and says so.
pub const DELETE_OBJECTS_MAX: u64 = 20_000;

/// How many keys the store is given at once; S3 takes no more.
const KEYS_AT_ONCE: u16 = 1_000;

/// A path that was not deleted, or not wholly.
#[derive(Debug)]
pub struct FailedDeletion {
    /// The path as it was asked for.
    pub path: EntryPath,
    /// Why.
    pub error: FilesError,
}

/// What a deletion did.
#[derive(Debug, Default)]
pub struct Deletion {
    /// How many objects are gone.
    pub deleted: u64,
    /// What is still there.
    pub failed: Vec<FailedDeletion>,
}

impl Files {
    /// Deletes files, and folders with all below them.
    pub async fn delete(
        &self,
        person: &Person,
        location: &str,
        paths: &[EntryPath],
    ) -> Result<Deletion, FilesError> {
        if paths.len() > DELETE_PATHS_MAX {
            return Err(FilesError::TooManyPaths { max: DELETE_PATHS_MAX });
        }
        let access = self.access(person, location).await?;
        let session = access.session().await?;
        let work = Work { files: self, access, session };
        let mut deletion = Deletion::default();
        work.files(paths, &mut deletion).await?;
        for path in paths {
            if let EntryPath::Folder(folder) = path
                && let Err(error) = work.folder(folder, &mut deletion).await
            {
                deletion.failed.push(FailedDeletion { path: path.clone(), error });
            }
        }
        Ok(deletion)
    }
}

struct Work<'a> {
    files: &'a Files,
    access: Access<'a>,
    session: RoleSession,
}

impl Work<'_> {
    /// Deletes the files among `paths`.
    async fn files(&self, paths: &[EntryPath], sum: &mut Deletion) -> Result<(), FilesError> {
        let mut wanted: BTreeMap<ObjectKey, &EntryPath> = BTreeMap::new();
        for path in paths {
            if let EntryPath::File(file) = path {
                wanted.insert(file.key_under(&self.access.grant.prefix)?, path);
            }
        }
        let mut foreseen = Vec::with_capacity(wanted.len());
        for (key, path) in &wanted {
            match self.access.foresee(action::DELETE_OBJECT, &self.access.object_target(key)) {
                Ok(()) => foreseen.push(key.clone()),
                Err(error) => {
                    sum.failed.push(FailedDeletion { path: (*path).clone(), error });
                }
            }
        }
        for (key, error) in self.keys(&foreseen, sum).await {
            if let Some(path) = wanted.get(&key) {
                sum.failed.push(FailedDeletion { path: (*path).clone(), error });
            }
        }
        Ok(())
    }

    /// Deletes all below a folder, and its marker. Stops at the first page that did not go.
    async fn folder(&self, folder: &FolderPath, sum: &mut Deletion) -> Result<(), FilesError> {
        let prefix = folder.prefix_under(&self.access.grant.prefix)?;
        let listing = self.access.listing_target(prefix.as_str());
        self.access.foresee(action::LIST_BUCKET, &listing)?;
        let begun_at = sum.deleted;
        loop {
            let request = ListRequest {
                prefix: prefix.clone(),
                delimiter: None,
                token: None,
                max: KEYS_AT_ONCE,
            };
            let (objects, bucket) = (&self.files.options.objects, &self.access.grant.bucket);
            let page = objects.list(&self.session, bucket, request).await;
            let page =
                page.map_err(|error| self.access.told(action::LIST_BUCKET, &listing, error))?;
            if page.objects.is_empty() {
                return Ok(());
            }
            let keys = page.objects.iter().map(|object| ObjectKey::parse(&object.key));
            let keys: Vec<ObjectKey> = keys.collect::<Result<_, _>>().map_err(PathError::Key)?;
            for key in &keys {
                self.access.foresee(action::DELETE_OBJECT, &self.access.object_target(key))?;
            }
            if let Some((_key, error)) = self.keys(&keys, sum).await.into_iter().next() {
                return Err(error);
            }
            if page.next.is_none() {
                return Ok(());
            }
            if sum.deleted - begun_at >= DELETE_OBJECTS_MAX {
                return Err(FilesError::MoreLeft { max: DELETE_OBJECTS_MAX });
            }
        }
    }

    /// Deletes keys, counts those that went, and returns the others.
    async fn keys(&self, keys: &[ObjectKey], sum: &mut Deletion) -> Vec<(ObjectKey, FilesError)> {
        let (objects, bucket) = (&self.files.options.objects, &self.access.grant.bucket);
        let mut failed = Vec::new();
        let mut gone = Vec::new();
        for one in objects.delete(&self.session, bucket, keys).await {
            match one.outcome {
                Ok(()) => {
                    sum.deleted += 1;
                    gone.push((ActivityKind::Trashed, one.key.to_string()));
                }
                Err(error) => {
                    let target = self.access.object_target(&one.key);
                    failed.push((one.key, self.access.told(action::DELETE_OBJECT, &target, error)));
                }
            }
        }
        self.files.did_all(&self.access, gone).await;
        failed
    }
}
