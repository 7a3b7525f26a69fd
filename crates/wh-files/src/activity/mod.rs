//! What happened in a person's files: by whom, when, the newest first.
//!
//! Where the store has a feed of changes, what it tells is in the ledger (`wellhouse/src/activity` follows it);
//! elsewhere the portal writes down what it did itself ([`note`]).
//!
//! Invariant: what is shown of a folder, counted, or said to be more, follows from what happened in folders
//! whose names and versions its person may list now, by the engine's decision and the store's, and from nothing
//! else; but that a page is not complete may come of much that happened in others. See
//! `docs/adr/0044-activity.md`.

mod bursts;
mod find;
mod note;
mod sight;

pub(crate) use bursts::{Seen, bursts};
pub(crate) use sight::{Judged, Sight};

use jiff::Timestamp;
use tokio::runtime::Handle;
use wh_ledger::{ActivityKind, RowId};
use wh_people::{Person, PersonName};

use crate::search::SEARCHES;
use crate::{EntryPath, Files, FilesError, SEARCHES_AT_ONCE};

/// How many entries one page has at most.
pub const ACTIVITY_PAGE_MAX: usize = 100;

/// What the store's feed is called among the ledger's marks.
pub const ACTIVITY_MARK_STORE: &str = "store";

/// What the portal's own doings are called among the ledger's marks.
pub const ACTIVITY_MARK_PORTAL: &str = "portal";

/// Who tells what happens to files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ToldBy {
    /// The portal, of what was done through it alone.
    #[default]
    Portal,
    /// The store, of whatever happens in it.
    Store,
}

/// What somebody wants to know.
#[derive(Debug, Clone)]
pub struct ActivityQuestion {
    /// Only in this location, and there below this folder or to this file; everywhere without one. `None` as
    /// path is all of the location.
    pub place: Option<(String, Option<EntryPath>)>,
    /// Only this kind.
    pub kind: Option<ActivityKind>,
    /// Only what the person of this name did.
    pub by: Option<PersonName>,
    /// Of this time and later, and before that.
    pub within: (Option<Timestamp>, Option<Timestamp>),
    /// Where an earlier page ended: its [`Activity::next`].
    pub cursor: Option<String>,
    /// How many entries at most: 1 to [`ACTIVITY_PAGE_MAX`].
    pub limit: usize,
}

/// Who did it, as others may know them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActivityActor {
    /// A person, by their name; `None`: they are no longer here.
    Person(Option<String>),
    /// A machine, by its name.
    Machine(String),
    /// A session of this role that is no person's: a tool's.
    Role(String),
    /// A rule of the bucket.
    Rule,
    /// Somebody else.
    Other,
}

/// Something that happened to one file, or the same by the same hand to several of one folder, one soon after
/// another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityEntry {
    /// What it is called.
    pub id: RowId,
    /// What happened.
    pub kind: ActivityKind,
    /// When it began and when it ended.
    pub within: (Timestamp, Timestamp),
    /// By whom.
    pub by: ActivityActor,
    /// In which location.
    pub location: RowId,
    /// In which folder of it, with the slash at its end.
    pub folder: String,
    /// What some of them are called in that folder, the newest first; of a folder with the slash at its end.
    pub names: Vec<String>,
    /// How many there are.
    pub count: usize,
}

/// One page of what happened, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// What happened.
    pub entries: Vec<ActivityEntry>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<String>,
    /// Whether everything was looked at that is kept.
    pub complete: bool,
    /// Since when nothing is missing; `None`: nobody has begun to write down what happens.
    pub since: Option<Timestamp>,
    /// Who tells of it.
    pub told_by: ToldBy,
}

impl Files {
    /// What happened where a person may list, and may see who was there.
    pub async fn activity(
        &self,
        person: &Person,
        asked: ActivityQuestion,
    ) -> Result<Activity, FilesError> {
        let turn = self.searching.enter(person.uid().as_str(), SEARCHES_AT_ONCE);
        let turn = turn.ok_or(FilesError::SearchesAtOnce { max: SEARCHES_AT_ONCE })?;
        let question = find::Question::of(self, person, &asked).await?;
        let room = SEARCHES.acquire().await.map_err(|_| FilesError::Unfinished)?;
        let (files, person, runtime) = (self.clone(), person.clone(), Handle::current());
        let looking = tokio::task::spawn_blocking(move || {
            let page = find::page(&files, &person, &question, &runtime);
            drop((room, turn));
            page
        });
        let page = looking.await.map_err(|_| FilesError::Unfinished)??;
        let ledger = &self.options.ledger;
        let mark = ledger.activity_mark(match self.told_by {
            ToldBy::Store => ACTIVITY_MARK_STORE,
            ToldBy::Portal => ACTIVITY_MARK_PORTAL,
        });
        let since = mark.await?.map(|mark| mark.since);
        let entries = self.named(page.bursts).await?;
        let (next, complete) = (page.next.map(|id| id.to_string()), page.judged_all);
        Ok(Activity { entries, next, complete, since, told_by: self.told_by })
    }
}
