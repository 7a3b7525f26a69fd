//! Many files and whole folders in one archive, packed while it is fetched.
//!
//! The archive is asked for first and fetched then, by an address that a browser can follow. What is in it
//! is read from the store in the name of whoever fetches it, object by object: somebody who is shut out
//! meanwhile gets no further.
//!
//! Invariant: an archive is fetched by the person who asked for it, and its memory does not grow with the
//! bytes in it.

pub(crate) mod names;
mod patient;
#[cfg(test)]
mod tests;
mod walk;
mod writing;
mod zip;

use std::time::Duration;
use std::{fmt, io};

use bytes::Bytes;
use futures::stream::BoxStream;
use jiff::{SignedDuration, Timestamp};
use wh_ledger::{ArchiveRow, RowId};
use wh_people::Person;

use self::walk::Walk;
use self::writing::Order;
use crate::access::Access;
use crate::under_way::Place;
use crate::{EntryPath, Files, FilesError, FolderPath};

/// How many paths one archive is asked for by.
pub const ARCHIVE_PATHS_MAX: usize = 1_000;

/// How many files an archive holds at most. Its list of contents is kept in memory until its end.
pub const ARCHIVE_FILES_MAX: u64 = 100_000;

/// How long an archive waits to be fetched.
pub const ARCHIVE_LIFE: Duration = Duration::from_mins(10);

/// How many archives a person may fetch at once, and how many may be fetched by one link.
const AT_ONCE_MAX: u32 = 3;

/// How many archives may be fetched at once by all links of a person.
const AT_ONCE_BY_LINKS_MAX: u32 = 30;

/// An archive that can be fetched.
#[derive(Debug, Clone)]
pub struct Archive {
    /// What it is fetched by.
    pub id: String,
    /// What it is saved as.
    pub name: String,
    /// How many files and folders are in it, at the time of asking.
    pub files: u64,
    /// Until when it can be fetched.
    pub expires: Timestamp,
}

/// An archive that is being fetched.
pub struct ArchiveBytes {
    /// What it is saved as.
    pub name: String,
    /// It ends with an error where it is not whole.
    pub bytes: BoxStream<'static, io::Result<Bytes>>,
}

impl fmt::Debug for ArchiveBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArchiveBytes").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Files {
    /// Asks for an archive of files, and of folders with all below them.
    pub async fn ask_archive(
        &self,
        person: &Person,
        location: &str,
        paths: &[EntryPath],
    ) -> Result<Archive, FilesError> {
        if paths.is_empty() || paths.len() > ARCHIVE_PATHS_MAX {
            return Err(FilesError::TooManyPaths { max: ARCHIVE_PATHS_MAX });
        }
        let options = &self.options;
        let access = self.access(person, location).await?;
        let files = self.files_in(&access, paths).await?;
        let (now, life) = (options.clock.now(), SignedDuration::try_from(ARCHIVE_LIFE));
        let archive = ArchiveRow {
            id: RowId::generate(now, &options.entropy),
            uid: person.uid().clone(),
            grant_id: access.grant.id.clone(),
            name: named(paths),
            paths: paths.iter().map(|path| path.as_str().to_owned()).collect(),
            expires_at: now + life.unwrap_or_default(),
        };
        options.ledger.put_archive(&archive, now).await?;
        let (id, expires) = (archive.id.to_string(), archive.expires_at);
        Ok(Archive { id, name: archive.name, files, expires })
    }

    /// An archive of one folder at once, for whoever comes by a link.
    pub(crate) async fn archive_at_once(
        &self,
        person: &Person,
        location: &str,
        folder: EntryPath,
    ) -> Result<ArchiveBytes, FilesError> {
        let paths = vec![folder];
        let access = self.access(person, location).await?;
        let places = self.places_of_link(person)?;
        self.files_in(&access, &paths).await?;
        let name = named(&paths);
        let (files, location) = (self.clone(), location.to_owned());
        let order = Order { files, person: person.clone(), location, paths };
        Ok(ArchiveBytes { name, bytes: writing::stream(order, places) })
    }

    /// One link keeps few of its person's others waiting: a place is its own, another theirs together.
    fn places_of_link(&self, person: &Person) -> Result<[Place; 2], FilesError> {
        let take =
            |of: &str, max| self.linked.enter(of, max).ok_or(FilesError::ArchivesAtOnce { max });
        let own = take(person.session_id(), AT_ONCE_MAX)?;
        Ok([own, take(person.uid().as_str(), AT_ONCE_BY_LINKS_MAX)?])
    }

    /// How many files there are, of no more than an archive holds.
    async fn files_in(&self, access: &Access<'_>, paths: &[EntryPath]) -> Result<u64, FilesError> {
        let (mut walk, mut files) = (Walk::over(paths), 0_u64);
        while let Some(page) = walk.next(self, access).await? {
            files = files.saturating_add(u64::try_from(page.len()).unwrap_or(u64::MAX));
            if files > ARCHIVE_FILES_MAX {
                return Err(FilesError::ArchiveTooLarge { max: ARCHIVE_FILES_MAX });
            }
        }
        Ok(files)
    }

    /// Fetches an archive that this person asked for.
    pub async fn fetch_archive(
        &self,
        person: &Person,
        id: &str,
    ) -> Result<ArchiveBytes, FilesError> {
        let now = self.options.clock.now();
        let row = self.options.ledger.archive(id, person.uid(), now).await?;
        let row = row.ok_or(FilesError::NoSuchArchive)?;
        let paths = row.paths.iter().map(|path| EntryPath::parse(path));
        let order = Order {
            files: self.clone(),
            person: person.clone(),
            location: row.grant_id.to_string(),
            paths: paths.collect::<Result<_, _>>()?,
        };
        // What has ended since is told as a problem, and not by a file that breaks off.
        self.access(person, &order.location).await?;
        let place = self.archives.enter(person.uid().as_str(), AT_ONCE_MAX);
        let place = place.ok_or(FilesError::ArchivesAtOnce { max: AT_ONCE_MAX })?;
        Ok(ArchiveBytes { name: row.name, bytes: writing::stream(order, place) })
    }
}

/// `reports.zip` for one folder, `files.zip` for many things.
fn named(paths: &[EntryPath]) -> String {
    let one = match paths {
        [EntryPath::Folder(folder)] => folder_name(folder),
        [EntryPath::File(file)] => file.name(),
        _many => "files",
    };
    format!("{one}.zip")
}

fn folder_name(folder: &FolderPath) -> &str {
    let inner = folder.as_str().trim_end_matches('/');
    inner.rsplit('/').next().unwrap_or(inner)
}
