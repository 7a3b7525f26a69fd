//! How much lies in a folder, and in which of the folders in it.
//!
//! Names and sizes are those of the search index where it knows all of the location, and else of a listing in
//! the person's own session, as far as that goes. Of each name it is asked of the policies whether this person
//! may list the folder that holds it, and of the store whether it lists what is counted.
//!
//! Invariant: what is counted follows from names that its person may list and from no others. That an answer is
//! not complete tells no name and no size. See `docs/adr/0040-search.md`.

mod listed;
mod sum;
mod tally;

use std::time::Duration;

use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use wh_aws::ListRequest;
use wh_ledger::GrantRow;
use wh_names::KeyPrefix;
use wh_people::Person;
use wh_policy::s3::action;

use crate::access::Access;
use crate::search::SEARCHES_AT_ONCE;
use crate::{Files, FilesError, FolderPath};
use sum::Asked;

/// How many folders and files one answer shows; of more it tells the sum.
pub const FOLDER_USAGE_ENTRIES_MAX: usize = 500;

/// How many folders are judged for one answer.
const FOLDERS_JUDGED_MAX: usize = 20_000;

/// How many folders the store is asked about for one answer: those that are shown, and as many again for those
/// that the store lists folder by folder only.
const FOLDERS_ASKED_MAX: usize = 1_000;

/// How many sums of all persons are made at the same time. They wait for the store, and no search waits for them.
const SUMS_OF_ALL: usize = 4;

static SUMS: Semaphore = Semaphore::const_new(SUMS_OF_ALL);

/// How long the store may take for that.
const ASKED_WITHIN: Duration = Duration::from_secs(5);

/// Bytes, and files that have them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UsedSum {
    /// Bytes.
    pub bytes: u64,
    /// How many files.
    pub files: u64,
}

impl UsedSum {
    pub(crate) fn add(&mut self, other: Self) {
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.files = self.files.saturating_add(other.files);
    }
}

/// What an entry of a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UsedBy {
    /// A folder, with all that is below it.
    Folder,
    /// A file.
    File,
}

/// Something in a folder, and how much it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedEntry {
    /// What it is.
    pub kind: UsedBy,
    /// Its own name, without a slash.
    pub name: String,
    /// How much.
    pub used: UsedSum,
}

/// Where names and sizes are from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsageSource {
    /// The index that searches use.
    Index,
    /// A listing that was made for this answer.
    Listing,
}

/// How much lies in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderUsage {
    /// What is in it, the largest first; at most [`FOLDER_USAGE_ENTRIES_MAX`].
    pub entries: Vec<UsedEntry>,
    /// How many more there are.
    pub left_out: u64,
    /// All of the folder, shown or not.
    pub total: UsedSum,
    /// The files that are in the folder itself.
    pub own: UsedSum,
    /// How many folders are in it.
    pub folders: u64,
    /// Whether everything was looked at that was there at `as_of`.
    pub complete: bool,
    /// Whether folders are left out of which only the store knows whether they may be listed.
    pub unsure: bool,
    /// Since when what happened in the store may be missing.
    pub as_of: Timestamp,
    /// Where it is from.
    pub source: UsageSource,
}

impl Files {
    /// How much lies in a folder of a location, as far as the person may list it.
    ///
    /// # Errors
    /// As a listing of the folder; [`FilesError::SearchesAtOnce`].
    pub async fn folder_usage(
        &self,
        person: &Person,
        location: &str,
        folder: &FolderPath,
    ) -> Result<FolderUsage, FilesError> {
        let turn = self.searching.enter(person.uid().as_str(), SEARCHES_AT_ONCE);
        let turn = turn.ok_or(FilesError::SearchesAtOnce { max: SEARCHES_AT_ONCE })?;
        let access = self.access(person, location).await?;
        let prefix = folder.prefix_under(&access.grant.prefix)?;
        self.lists_itself(&access, prefix.clone()).await?;
        let place = (access.grant.clone(), String::new());
        self.bring_up_to_date(person, std::slice::from_ref(&place));
        let now = self.options.clock.now();
        let standing = self.search.standing(std::slice::from_ref(&place), now);
        let known = standing.as_of.filter(|_| standing.whole);
        let listed = match known {
            Some(_) => None,
            None => Some(self.list_below(&access, prefix.as_str()).await?),
        };
        let asked = Asked {
            grant: place.0,
            prefix: prefix.as_str().to_owned(),
            as_of: known.unwrap_or(now),
        };
        let room = SUMS.acquire().await.map_err(|_| FilesError::Unfinished)?;
        let (files, by, runtime) = (self.clone(), person.clone(), Handle::current());
        let summing = tokio::task::spawn_blocking(move || {
            let usage = sum::usage(&files, &by, (asked, listed), runtime);
            drop((room, turn));
            usage
        });
        let usage = summing.await.map_err(|_| FilesError::Unfinished)??;
        // All that may have taken a while: a grant that ended or changed meanwhile is told nothing.
        let again = self.access(person, location).await?;
        again.foresee(action::LIST_BUCKET, &again.listing_target(prefix.as_str()))?;
        let same = |one: &GrantRow, other: &GrantRow| {
            (&one.bucket, &one.prefix, &one.role) == (&other.bucket, &other.prefix, &other.role)
        };
        if same(&again.grant, &access.grant) { Ok(usage) } else { Err(FilesError::NoSuchLocation) }
    }

    /// That the person may list the folder itself, by their policies and by the store.
    async fn lists_itself(&self, access: &Access<'_>, prefix: KeyPrefix) -> Result<(), FilesError> {
        let target = access.listing_target(prefix.as_str());
        access.foresee(action::LIST_BUCKET, &target)?;
        let session = access.session().await?;
        let request = ListRequest { prefix, delimiter: Some("/".to_owned()), token: None, max: 1 };
        let listing = self.options.objects.list(&session, &access.grant.bucket, request).await;
        listing.map(drop).map_err(|error| access.told(action::LIST_BUCKET, &target, error))
    }
}
