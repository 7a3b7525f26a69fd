//! Asking for a job: checked, foreseen, written down. Nothing is asked of the store yet.

use std::collections::BTreeMap;

use wh_ledger::{JobConflict, JobKind, JobOrder, JobRow, JobStatus, PastOrder, RowId};
use wh_people::Person;
use wh_policy::s3::action;

use super::names::last;
use super::past::foresee_past;
use super::{JOB_PATHS_MAX, JOBS_OPEN_MAX, Job, JobError};
use crate::access::{Access, Target};
use crate::{EntryPath, FilePath, Files, FilesError, FolderPath};

/// Where something is brought to.
#[derive(Debug, Clone)]
pub struct Destination {
    /// The location.
    pub location: String,
    /// The folder there.
    pub folder: FolderPath,
    /// Another name, for one path.
    pub name: Option<String>,
}

/// A job that is asked for.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// What it is to do.
    pub kind: JobKind,
    /// The location that it takes from.
    pub location: String,
    /// Files, and folders with all below them.
    pub paths: Vec<EntryPath>,
    /// Where it brings to.
    pub to: Option<Destination>,
    /// What happens where something is already there.
    pub conflict: JobConflict,
    /// The deletion that is undone, instead of paths.
    pub undoes: Option<String>,
    /// What was typed to delete for ever.
    pub confirm: Option<String>,
    /// The moment that is restored. With it no paths mean the whole location.
    pub past: Option<PastOrder>,
}

impl Files {
    /// Writes a job of this person's down. Where the store would certainly refuse all of it, it is refused
    /// here.
    pub async fn begin_job(&self, person: &Person, mut wanted: NewJob) -> Result<Job, JobError> {
        let undoes = self.undone(person, &mut wanted).await?;
        check_shape(&wanted)?;
        let now = self.options.clock.now();
        if wanted.past.is_some_and(|past| past.at > now) {
            return Err(FilesError::Moment.into());
        }
        let access = self.access(person, &wanted.location).await?;
        let to = match &wanted.to {
            None => None,
            Some(to) => Some(self.access(person, &to.location).await?),
        };
        if let (Some(to), Some(destination)) = (&to, &wanted.to) {
            check_names(&wanted, destination)?;
            check_places(&wanted, (&access, to), destination)?;
        }
        foresee(&wanted, &access, to.as_ref())?;
        let row = JobRow {
            id: RowId::generate(now, &self.options.entropy),
            uid: person.uid().clone(),
            token: person.scope().map(|scope| scope.token().id.clone()),
            order: JobOrder {
                kind: wanted.kind,
                from_grant: access.grant.id.clone(),
                paths: wanted.paths.iter().map(|path| path.as_str().to_owned()).collect(),
                to_grant: to.map(|to| to.grant.id),
                to_folder: wanted.to.as_ref().map(|to| to.folder.as_str().to_owned()),
                to_name: wanted.to.and_then(|to| to.name),
                undoes,
                conflict: wanted.conflict,
                past: wanted.past,
            },
            status: JobStatus::Planning,
            cancel: false,
            reason: None,
            total: 0,
            position: 0,
            done: 0,
            skipped: 0,
            failed: 0,
            unchanged: 0,
            created_at: now,
            updated_at: now,
        };
        if !self.options.ledger.insert_job(&row, JOBS_OPEN_MAX).await? {
            return Err(JobError::TooManyJobs { max: JOBS_OPEN_MAX });
        }
        self.jobs.wake.notify_one();
        Ok(Job { row, failures: Vec::new(), next: None })
    }

    /// The deletion that is undone; its paths and its location are the job's.
    async fn undone(
        &self,
        person: &Person,
        wanted: &mut NewJob,
    ) -> Result<Option<RowId>, JobError> {
        let Some(undoes) = &wanted.undoes else { return Ok(None) };
        let id = RowId::parse(undoes).map_err(|_| JobError::Undoes)?;
        let row = self.options.ledger.job_of(person.uid(), &id).await?;
        let row = row.filter(|row| row.order.kind == JobKind::Delete && !row.status.is_open());
        let row = row.filter(|row| row.order.from_grant.as_str() == wanted.location);
        let restores = wanted.kind == JobKind::Restore && wanted.paths.is_empty();
        let row = row.filter(|_| restores).ok_or(JobError::Undoes)?;
        let paths = row.order.paths.iter().map(|path| EntryPath::parse(path));
        wanted.paths = paths.collect::<Result<_, _>>()?;
        Ok(Some(id))
    }
}

fn check_shape(wanted: &NewJob) -> Result<(), JobError> {
    let restores_past = wanted.kind == JobKind::RestorePast;
    if restores_past != wanted.past.is_some()
        || (restores_past && wanted.conflict != JobConflict::Fail)
    {
        return Err(JobError::At);
    }
    if (wanted.paths.is_empty() && !restores_past) || wanted.paths.len() > JOB_PATHS_MAX {
        return Err(FilesError::TooManyPaths { max: JOB_PATHS_MAX }.into());
    }
    let brings = match wanted.kind {
        JobKind::Copy | JobKind::Move => true,
        JobKind::Delete | JobKind::Restore | JobKind::Purge | JobKind::RestorePast => false,
    };
    if brings != wanted.to.is_some() {
        return Err(JobError::Destination);
    }
    let name = wanted.to.as_ref().and_then(|to| to.name.as_ref());
    if let Some(name) = name
        && (wanted.paths.len() != 1 || name.contains('/') || FilePath::parse(name).is_err())
    {
        return Err(JobError::Name);
    }
    let expected = confirmation(&wanted.paths);
    if wanted.kind == JobKind::Purge && wanted.confirm.as_ref() != Some(&expected) {
        return Err(JobError::Confirm { expected });
    }
    Ok(())
}

/// Two things of one name cannot both be brought to one folder.
fn check_names(wanted: &NewJob, destination: &Destination) -> Result<(), JobError> {
    let mut by_name: BTreeMap<String, &EntryPath> = BTreeMap::new();
    for path in &wanted.paths {
        let name = brought_as(path, destination);
        if let Some(other) = by_name.insert(name.clone(), path)
            && other.as_str() != path.as_str()
        {
            return Err(JobError::SameName { name });
        }
    }
    Ok(())
}

/// What must be typed to delete for ever: the name of the one, or how many.
fn confirmation(paths: &[EntryPath]) -> String {
    match paths {
        [one] => last(one).trim_end_matches('/').to_owned(),
        many => many.len().to_string(),
    }
}

/// Nothing is brought into itself. To where it is already it is copied only under another name.
fn check_places(
    wanted: &NewJob,
    (from, to): (&Access<'_>, &Access<'_>),
    destination: &Destination,
) -> Result<(), JobError> {
    if from.grant.bucket != to.grant.bucket {
        return Ok(());
    }
    let folder = destination.folder.prefix_under(&to.grant.prefix)?;
    for path in &wanted.paths {
        let source = path.key_under(&from.grant.prefix)?;
        let target = format!("{folder}{}", brought_as(path, destination));
        let stays = target == source.as_str();
        let renamed = wanted.kind == JobKind::Copy && wanted.conflict == JobConflict::KeepBoth;
        let wrong = match path {
            EntryPath::File(_) => stays && !renamed,
            EntryPath::Folder(_) => target.starts_with(source.as_str()),
        };
        if wrong {
            return Err(JobError::IntoItself { path: path.as_str().to_owned() });
        }
    }
    Ok(())
}

/// What a path is called at its destination; a folder keeps its slash.
pub(super) fn brought_as(path: &EntryPath, to: &Destination) -> String {
    match (&to.name, path) {
        (None, path) => last(path).to_owned(),
        (Some(name), EntryPath::File(_)) => name.clone(),
        (Some(name), EntryPath::Folder(_)) => format!("{name}/"),
    }
}

fn foresee(wanted: &NewJob, from: &Access<'_>, to: Option<&Access<'_>>) -> Result<(), FilesError> {
    if let Some(past) = wanted.past {
        return foresee_past(from, &wanted.paths, past);
    }
    let listing = from.listing_target(from.grant.prefix.as_str());
    for path in &wanted.paths {
        let target = below(from, path)?;
        if let EntryPath::Folder(folder) = path
            && wanted.kind != JobKind::Restore
        {
            let prefix = folder.prefix_under(&from.grant.prefix)?;
            from.foresee(action::LIST_BUCKET, &from.listing_target(prefix.as_str()))?;
        }
        for action in needed(wanted.kind) {
            from.foresee(action, &target)?;
        }
    }
    match wanted.kind {
        JobKind::Restore | JobKind::Purge => {
            from.foresee(action::LIST_BUCKET_VERSIONS, &listing)?;
        }
        JobKind::Copy | JobKind::Move | JobKind::Delete | JobKind::RestorePast => {}
    }
    if let (Some(to), Some(destination)) = (to, &wanted.to) {
        let folder = destination.folder.prefix_under(&to.grant.prefix)?;
        to.foresee(action::PUT_OBJECT, &to.everything_below(folder.as_str())?)?;
    }
    Ok(())
}

/// What a job needs on each object that it takes from.
pub(super) fn needed(kind: JobKind) -> &'static [&'static str] {
    match kind {
        JobKind::Copy => &[action::GET_OBJECT],
        JobKind::Move => &[action::GET_OBJECT, action::DELETE_OBJECT],
        JobKind::Delete => &[action::DELETE_OBJECT],
        JobKind::Restore | JobKind::RestorePast => {
            &[action::GET_OBJECT_VERSION, action::PUT_OBJECT]
        }
        JobKind::Purge => &[action::DELETE_OBJECT_VERSION],
    }
}

pub(super) fn below(access: &Access<'_>, path: &EntryPath) -> Result<Target, FilesError> {
    let key = path.key_under(&access.grant.prefix)?;
    match path {
        EntryPath::File(_) => Ok(access.object_target(&key)),
        EntryPath::Folder(_) => access.everything_below(key.as_str()),
    }
}
