//! A folder as it was at a moment, from the versions that the bucket keeps.
//!
//! S3 lists versions by key, of each key the newest first, and knows no moment. What was there is, of each
//! key, the newest version that is not younger than the moment, unless that is a delete marker. Whether a
//! folder was there is known by what was in it, so that a listing goes through the keys below it until one
//! was there then and one is there now, and passes over the rest.
//!
//! Invariant: what the versions cannot tell is said, and never shown as if nothing had been there.

mod folder;
mod key;
mod mark;

use jiff::Timestamp;
use wh_aws::VersionMark;
use wh_names::KeyPrefix;
use wh_people::Person;
use wh_policy::s3::action;

use self::folder::Gathering;
pub use self::key::Since;
pub(crate) use self::key::{KeyThen, Traces};
use self::mark::Mark;
use crate::access::Access;
use crate::jobs::{Keeping, Retention, page_of_versions};
use crate::{Explained, Files, FilesError, FolderPath, PAGE_ENTRIES_MAX};

/// How often the store is asked for one page.
const LOOKS_MAX: usize = 10;

/// Something that was in a folder at a moment, or has come into it since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastEntry {
    /// Its own name; of a folder without its slash.
    pub name: String,
    /// What it is.
    pub kind: PastKind,
    /// What has become of it. `None` of a folder that was there and still is: what is in it may differ.
    pub since: Option<Since>,
}

/// What was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PastKind {
    /// A folder.
    Folder,
    /// A file: as it was then, or, where it was added since, as it is now.
    File {
        /// The version; `None` where it was added since.
        version: Option<String>,
        /// Bytes.
        size: u64,
        /// When that was written.
        modified: Timestamp,
        /// Without quotation marks.
        etag: String,
    },
}

/// What the versions that are kept can tell of a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PastTells {
    /// All, but for what somebody deleted for ever.
    All,
    /// Not what was replaced or deleted before [`Past::whole_since`]: the bucket's lifecycle takes it away.
    Expired,
    /// Not what was written over or deleted while no versions were kept.
    Unversioned,
    /// What is kept, and how long, is nothing that the person may know.
    Unknown,
}

/// What may be done with a folder as it was.
#[derive(Debug, Clone)]
pub struct PastPermissions {
    /// Read a file as it was.
    pub read: Explained,
    /// Bring back what it was: read a version, and write.
    pub restore: Explained,
    /// Delete what was made since.
    pub delete: Explained,
}

/// One page of a folder as it was.
#[derive(Debug, Clone)]
pub struct Past {
    /// In the order of their keys. A page may hold none, and not be the last.
    pub entries: Vec<PastEntry>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<String>,
    /// Whether the folder was there, as far as this page tells. The location itself always was.
    pub there: bool,
    /// What the versions can tell, as far as this page shows.
    pub tells: PastTells,
    /// Since when the bucket's lifecycle has taken nothing that was replaced or deleted; `None`: it takes
    /// nothing, or the person may not know.
    pub whole_since: Option<Timestamp>,
    /// How long old versions are kept, where the person may know.
    pub retention: Option<Retention>,
    /// What may be done.
    pub may: PastPermissions,
}

/// Reads a moment: RFC 3339, with its offset.
pub fn moment(text: &str) -> Result<Timestamp, FilesError> {
    text.parse().map_err(|_| FilesError::Moment)
}

impl Files {
    /// One page of a folder as it was at `at`, to the second, from `cursor` on.
    pub async fn past(
        &self,
        person: &Person,
        (location, folder): (&str, &FolderPath),
        at: Timestamp,
        cursor: Option<&str>,
    ) -> Result<Past, FilesError> {
        let now = self.options.clock.now();
        if at > now {
            return Err(FilesError::Moment);
        }
        let mark = cursor.map(|cursor| Mark::read(cursor).ok_or(FilesError::Cursor)).transpose()?;
        let access = self.access(person, location).await?;
        let prefix = folder.prefix_under(&access.grant.prefix)?;
        let mut gathering = Gathering::from(mark.as_ref(), prefix.as_str(), at);
        let after = mark.map(|mark| mark.after);
        let next = self.gather(&access, (&prefix, after), &mut gathering).await?;
        let Keeping { versions, retention } = self.keeping(&access, &prefix).await?;
        let whole_since = retention.and_then(|kept| kept.whole_since(now));
        let tells = match (versions, retention) {
            (Some(false), _) => PastTells::Unversioned,
            (Some(true) | None, _) if gathering.unsure() => PastTells::Unversioned,
            (None, _) | (Some(true), None) => PastTells::Unknown,
            (Some(true), Some(_)) if whole_since.is_some_and(|since| at < since) => {
                PastTells::Expired
            }
            (Some(true), Some(_)) => PastTells::All,
        };
        Ok(Past {
            there: gathering.there || folder.is_root(),
            entries: gathering.entries,
            next,
            tells,
            whole_since,
            retention,
            may: may(&access, prefix.as_str())?,
        })
    }

    /// Asks for versions until a page is full, or was asked for often enough; gives where the next begins.
    async fn gather(
        &self,
        access: &Access<'_>,
        (prefix, mut after): (&KeyPrefix, Option<VersionMark>),
        gathering: &mut Gathering<'_>,
    ) -> Result<Option<String>, FilesError> {
        for _look in 0..LOOKS_MAX {
            let page = page_of_versions(self, access, (prefix, after)).await?;
            for version in page.versions {
                gathering.take(version);
            }
            let Some(next) = page.next else {
                gathering.end();
                return Ok(None);
            };
            let next = gathering.passing_over().unwrap_or(next);
            if gathering.entries.len() >= usize::from(PAGE_ENTRIES_MAX) {
                return Ok(Some(gathering.mark(next).written()));
            }
            after = Some(next);
        }
        Ok(after.map(|after| gathering.mark(after).written()))
    }
}

fn may(access: &Access<'_>, prefix: &str) -> Result<PastPermissions, FilesError> {
    let below = access.everything_below(prefix)?;
    let read = access.says(action::GET_OBJECT_VERSION, &below)?;
    let restore =
        if read.allowed() { access.says(action::PUT_OBJECT, &below)? } else { read.clone() };
    Ok(PastPermissions { read, restore, delete: access.says(action::DELETE_OBJECT, &below)? })
}
