//! Planning: the objects of a job are written down, page after page, before any of them is touched.

use wh_ledger::{JobKind, JobRow, Lease, LedgerError, NewJobItem};
use wh_names::ObjectKey;

use super::JOB_OBJECTS_MAX;
use super::begin::{Destination, brought_as};
use super::walk::{Deleted, Found, means, page_of_objects, page_of_versions, prefix_of};
use crate::access::Access;
use crate::{EntryPath, Files, FilesError, FolderPath, PathError};

/// Why a plan did not come about.
#[derive(Debug)]
pub(super) enum Unplanned {
    /// The job cannot be done.
    Files(FilesError),
    /// It has more objects than a job may.
    TooMany,
    /// It would go through more versions than a job may.
    TooManyVersions,
    /// Its person gives it up.
    GivenUp,
    /// Another portal has it.
    Lost,
}

impl From<FilesError> for Unplanned {
    fn from(error: FilesError) -> Self {
        Self::Files(error)
    }
}

impl From<LedgerError> for Unplanned {
    fn from(error: LedgerError) -> Self {
        Self::Files(error.into())
    }
}

impl From<PathError> for Unplanned {
    fn from(error: PathError) -> Self {
        Self::Files(error.into())
    }
}

/// A plan as it grows.
pub(super) struct Plan<'a> {
    pub(super) files: &'a Files,
    pub(super) job: &'a JobRow,
    pub(super) lease: Lease<'a>,
    pub(super) from: &'a Access<'a>,
    pub(super) to: Option<&'a Access<'a>>,
    pub(super) seen: u64,
    pub(super) total: u64,
    /// How many versions were gone through for what was there at a moment.
    pub(super) versions: u64,
    /// Whether there is any version of what it is asked for by, though nothing may have to be done.
    pub(super) found: bool,
}

impl Plan<'_> {
    /// Writes down every object. What an earlier portal had planned is planned anew.
    pub(super) async fn make(mut self) -> Result<(), Unplanned> {
        let ledger = &self.files.options.ledger;
        if !ledger.replan_job(self.lease).await? {
            return Err(Unplanned::Lost);
        }
        for path in &self.job.order.paths {
            let path = EntryPath::parse(path)?;
            match self.job.order.kind {
                JobKind::Copy | JobKind::Move | JobKind::Delete => self.present(&path).await?,
                JobKind::Restore | JobKind::Purge => self.deleted(&path).await?,
                JobKind::RestorePast => self.as_it_was(Some(&path)).await?,
            }
        }
        if self.job.order.kind == JobKind::RestorePast && self.job.order.paths.is_empty() {
            self.as_it_was(None).await?;
        }
        if self.total == 0 && !self.found {
            return Err(FilesError::NotFound.into());
        }
        if ledger.run_job(self.lease).await? { Ok(()) } else { Err(Unplanned::Lost) }
    }

    /// What is there.
    async fn present(&mut self, path: &EntryPath) -> Result<(), Unplanned> {
        let prefix = prefix_of(self.from, path)?;
        if let EntryPath::File(_) = path {
            let key = prefix.as_str().to_owned();
            return self.add((path, vec![Found { key, version: None, size: 0 }])).await;
        }
        let mut token = None;
        loop {
            let (found, next) = page_of_objects(self.files, self.from, (&prefix, token)).await?;
            self.add((path, found)).await?;
            if next.is_none() {
                return Ok(());
            }
            token = next;
        }
    }

    /// What is deleted.
    async fn deleted(&mut self, path: &EntryPath) -> Result<(), Unplanned> {
        let prefix = prefix_of(self.from, path)?;
        let (mut deleted, mut after) = (Deleted::default(), None);
        loop {
            let page = page_of_versions(self.files, self.from, (&prefix, after)).await?;
            let mut found = deleted.after(&page);
            found.retain(|one| means(path, &prefix, &one.key));
            let found = self.wanted(found).await?;
            self.add((path, found)).await?;
            if page.next.is_none() {
                return Ok(());
            }
            after = page.next;
        }
    }

    /// Of what is deleted: what can be brought back, and of an undone deletion what it deleted.
    async fn wanted(&self, mut found: Vec<Found>) -> Result<Vec<Found>, FilesError> {
        if self.job.order.kind == JobKind::Purge {
            return Ok(found);
        }
        found.retain(|one| one.version.is_some());
        let Some(undone) = &self.job.order.undoes else { return Ok(found) };
        let mut wanted = Vec::new();
        for one in found {
            if self.files.options.ledger.job_did(undone, &one.key).await? {
                wanted.push(one);
            }
        }
        Ok(wanted)
    }

    async fn add(&mut self, (path, found): (&EntryPath, Vec<Found>)) -> Result<(), Unplanned> {
        if found.is_empty() {
            return Ok(());
        }
        let items = found.into_iter().map(|one| self.item(path, one));
        let items: Vec<NewJobItem> = items.collect::<Result<_, _>>()?;
        self.write_down(&items).await
    }

    pub(super) async fn write_down(&mut self, items: &[NewJobItem]) -> Result<(), Unplanned> {
        let count = u64::try_from(items.len()).unwrap_or(u64::MAX);
        let ledger = &self.files.options.ledger;
        let total = ledger.plan_job(self.lease, self.seen, items).await?;
        self.total = total.ok_or(Unplanned::Lost)?;
        self.seen += count;
        if self.total > JOB_OBJECTS_MAX { Err(Unplanned::TooMany) } else { Ok(()) }
    }

    fn item(&self, path: &EntryPath, one: Found) -> Result<NewJobItem, FilesError> {
        let Found { key: from_key, version, size } = one;
        let to_key = match self.job.order.kind {
            JobKind::Delete | JobKind::Purge => None,
            JobKind::Restore | JobKind::RestorePast => Some(from_key.clone()),
            JobKind::Copy | JobKind::Move => Some(self.brought(path, &from_key)?),
        };
        Ok(NewJobItem { from_key, version, to_key, size, over: None })
    }

    fn brought(&self, path: &EntryPath, key: &str) -> Result<String, FilesError> {
        let to = self.to.ok_or(FilesError::NoSuchLocation)?;
        let folder = FolderPath::parse(self.job.order.to_folder.as_deref().unwrap_or_default())?;
        let folder_key = folder.prefix_under(&to.grant.prefix)?;
        let location = to.grant.id.to_string();
        let name = self.job.order.to_name.clone();
        let name = brought_as(path, &Destination { location, folder, name });
        let prefix = prefix_of(self.from, path)?;
        let rest = key.strip_prefix(prefix.as_str()).unwrap_or_default();
        let brought = format!("{folder_key}{name}{rest}");
        ObjectKey::parse(&brought).map_err(PathError::Key)?;
        Ok(brought)
    }
}
