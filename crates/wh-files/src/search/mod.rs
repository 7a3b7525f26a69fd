//! Searching by name over a person's locations.
//!
//! Names are found in the index below the person's own locations and nowhere else; of each that fits it is
//! asked of the policies whether this person may list the folder that holds it, and then of the store itself.
//! What is not certain is not shown.
//!
//! Invariant: what a search shows, and whether it says that there is more, follows from names that its
//! person may list and from no others. See `docs/adr/0040-search.md`.

mod confirm;
mod cursor;
mod find;
mod refresh;
mod standing;
mod strict;

use std::ops::Range;

use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use wh_index::NameKind;
use wh_ledger::{RowId, ScanState};
use wh_people::Person;

pub(crate) use confirm::{Confirmed, Confirmer, Depth};
pub(crate) use find::{apart, folder_of, listable};
pub(crate) use refresh::end_of;
pub use standing::{SearchIndex, SearchStanding};
pub(crate) use strict::{FOLDERS_JUDGED_MAX, Judge, Verdict};
pub use wh_index::{
    IndexFull, IndexedName, NameKind as SearchKind, QUERY_CHARS_MAX, QUERY_WORDS_MAX,
};

use crate::{Files, FilesError, FolderPath};

/// How many results one page has at most.
pub const SEARCH_PAGE_MAX: usize = 200;

/// How many searches of one person run at the same time.
pub const SEARCHES_AT_ONCE: u32 = 3;

/// How many searches of all persons run at the same time: each may hold some 30 bytes for every name that
/// fits. The others wait.
const SEARCHES_OF_ALL: usize = 4;

pub(crate) static SEARCHES: Semaphore = Semaphore::const_new(SEARCHES_OF_ALL);

/// What somebody searches for.
#[derive(Debug, Clone)]
pub struct Search {
    /// Words: every one is in the path, and one in the name.
    pub words: String,
    /// Only this kind.
    pub kind: Option<NameKind>,
    /// Bytes, at least and at most.
    pub size: (Option<u64>, Option<u64>),
    /// Written at this time or later, and before that.
    pub modified: (Option<Timestamp>, Option<Timestamp>),
    /// Only in this location, and there in this folder; everywhere without one.
    pub place: Option<(String, FolderPath)>,
    /// Where an earlier page ended: its [`SearchPage::next`].
    pub cursor: Option<String>,
    /// How many results at most: 1 to [`SEARCH_PAGE_MAX`].
    pub limit: usize,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchHit {
    /// In which location.
    pub location: RowId,
    /// Where in it; of a folder with the slash at its end.
    pub path: String,
    /// What it is, by its name.
    pub kind: NameKind,
    /// Bytes; a folder has none.
    pub size: Option<u64>,
    /// When it was written; a folder has no time.
    pub modified: Option<Timestamp>,
    /// What matched in its path: in characters, in order, none over another.
    pub matched: Vec<Range<usize>>,
    /// What the scan for malware has against it.
    pub held: Option<ScanState>,
}

/// One page of what was found, the best first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchPage {
    /// What was found.
    pub hits: Vec<SearchHit>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<String>,
    /// Whether everything was looked at that the store held at `as_of`.
    pub complete: bool,
    /// Since when the index may lack what happened in the store; `None`: of a part it knows nothing yet.
    pub as_of: Option<Timestamp>,
}

impl Files {
    /// What a person's locations hold that has such a name, as far as they may list it.
    pub async fn search(&self, person: &Person, search: Search) -> Result<SearchPage, FilesError> {
        let turn = self.searching.enter(person.uid().as_str(), SEARCHES_AT_ONCE);
        let turn = turn.ok_or(FilesError::SearchesAtOnce { max: SEARCHES_AT_ONCE })?;
        let question = find::Question::of(self, person, &search).await?;
        self.bring_up_to_date(person, &question.places);
        let room = SEARCHES.acquire().await.map_err(|_| FilesError::Unfinished)?;
        let (files, person, runtime) = (self.clone(), person.clone(), Handle::current());
        let searching = tokio::task::spawn_blocking(move || {
            let page = find::page(&files, &person, question, runtime);
            drop((room, turn));
            page
        });
        let mut page = searching.await.map_err(|_| FilesError::Unfinished)??;
        self.mark_held(&mut page).await?;
        Ok(page.shown())
    }
}
