//! From a question to a page: what the ledger holds below the person's own prefixes, as far as the person may
//! list the folder that it happened in, and the versions there: much of it is of files that are gone.

use tokio::runtime::Handle;
use wh_ledger::{ActivityFilter, ActivityPlace, ActivityRow, GrantRow, RowId};
use wh_names::Uid;
use wh_people::{Person, PersonName};

use super::bursts::{Burst, add};
use super::sight::{Judged, Sight};
use super::{ACTIVITY_PAGE_MAX, ActivityQuestion};
use crate::search::{apart, end_of, folder_of, listable};
use crate::{EntryPath, Files, FilesError};

/// How many rows are read at once.
const ROWS: u32 = 500;

/// How many rows are read for one page, whether they may be seen or not.
const ROWS_READ_MAX: usize = 20_000;

/// How many rows the store is asked about at a time.
const SLICE: usize = 100;

/// What is looked for, and where: nothing was found yet.
pub(super) struct Question {
    /// The grants that are looked in, and the folder in each.
    places: Vec<(GrantRow, String)>,
    /// Only this file, by its key.
    file: Option<String>,
    filter: ActivityFilter,
    limit: usize,
}

impl Question {
    pub(super) async fn of(
        files: &Files,
        person: &Person,
        asked: &ActivityQuestion,
    ) -> Result<Self, FilesError> {
        let read = |word: &String| RowId::parse(word).map_err(|_| FilesError::SearchCursor);
        let by = match &asked.by {
            Some(name) => Some(bearer(files, name).await?),
            None => None,
        };
        let filter = ActivityFilter {
            before: asked.cursor.as_ref().map(read).transpose()?,
            since: asked.within.0,
            until: asked.within.1,
            by,
            kind: asked.kind,
        };
        let (places, file) = if let Some((location, path)) = &asked.place {
            let grant = files.access(person, location).await?.grant;
            let (folder, file) = folder_and_file(&grant, path.as_ref());
            (vec![(grant, folder)], file)
        } else {
            let grants = files.options.people.grants_for(person).await?;
            (grants.into_iter().map(|grant| (grant, String::new())).collect(), None)
        };
        let places = listable(files, person, places)?;
        let limit = asked.limit.clamp(1, ACTIVITY_PAGE_MAX);
        Ok(Self { places, file, filter, limit })
    }
}

/// Who bears a name. Where nobody does, it is an id that nobody has: what is asked of a stranger takes as long as
/// what is asked of somebody who did nothing here.
async fn bearer(files: &Files, name: &PersonName) -> Result<Uid, FilesError> {
    let options = &files.options;
    let known = options.people.uid_by_name(name.as_str()).await?;
    Ok(known.unwrap_or_else(|| Uid::generate(options.clock.now(), &options.entropy)))
}

/// The folder that is looked in, and the key of the file if it is one.
fn folder_and_file(grant: &GrantRow, path: Option<&EntryPath>) -> (String, Option<String>) {
    match path {
        None => (String::new(), None),
        Some(EntryPath::Folder(folder)) => (folder.as_str().to_owned(), None),
        Some(EntryPath::File(file)) => {
            let folder = folder_of(file.as_str()).unwrap_or_default();
            (folder.to_owned(), Some(format!("{}{}", grant.prefix, file.as_str())))
        }
    }
}

/// What was found.
pub(super) struct Page {
    pub(super) bursts: Vec<Burst>,
    pub(super) next: Option<RowId>,
    pub(super) judged_all: bool,
}

/// Looks. It runs where it may block: it waits for the ledger and for the store.
pub(super) fn page(
    files: &Files,
    person: &Person,
    question: &Question,
    runtime: &Handle,
) -> Result<Page, FilesError> {
    let mut sight = Sight::of((files, person), apart(&question.places), runtime)?;
    let (mut filter, mut read, mut bursts) = (question.filter.clone(), 0, Vec::new());
    let (mut cut_off, mut judged_all) = (false, true);
    while bursts.len() <= question.limit {
        if read >= ROWS_READ_MAX || sight.is_spent() {
            (judged_all, cut_off) = (false, true);
            break;
        }
        let rows = runtime.block_on(rows(files, (question, sight.places()), &filter))?;
        let Some(last) = rows.last().map(|row| row.id.clone()) else { break };
        read += rows.len();
        let ended = rows.len() < ROWS as usize;
        judged_all &= take(&mut sight, rows, (&mut bursts, question.limit));
        if ended {
            break;
        }
        filter.before = Some(last);
    }
    // What was not read any more lies behind what is shown.
    let more = cut_off || bursts.len() > question.limit;
    bursts.truncate(question.limit);
    let next = bursts.last().filter(|_| more).map(|last| last.last().clone());
    Ok(Page { bursts, next, judged_all })
}

/// The next rows of all places together, each once.
async fn rows(
    files: &Files,
    (question, places): (&Question, &[&(GrantRow, String)]),
    filter: &ActivityFilter,
) -> Result<Vec<ActivityRow>, FilesError> {
    let mut all: Vec<ActivityRow> = Vec::new();
    for (grant, folder) in places {
        let place = if let Some(key) = &question.file {
            ActivityPlace::At(key.clone())
        } else {
            let first = format!("{}{folder}", grant.prefix);
            let end = end_of(&first);
            ActivityPlace::Below(first, end)
        };
        let there = (grant.bucket.as_str(), &place);
        all.extend(files.options.ledger.activity(there, filter, ROWS).await?);
    }
    all.sort_by(|one, other| other.id.cmp(&one.id));
    all.dedup_by(|one, other| one.id == other.id);
    all.truncate(ROWS as usize);
    Ok(all)
}

/// Adds what may be seen of these, until there are more than `limit`. The store is asked as few times as that
/// takes. `false`: of some it is not known whether they may be seen.
fn take(
    sight: &mut Sight<'_>,
    rows: Vec<ActivityRow>,
    (bursts, limit): (&mut Vec<Burst>, usize),
) -> bool {
    let (mut rows, mut judged_all) = (rows.into_iter(), true);
    while bursts.len() <= limit {
        let some: Vec<ActivityRow> = rows.by_ref().take(SLICE).collect();
        if some.is_empty() {
            break;
        }
        for judged in sight.judge(some) {
            match judged {
                Judged::Seen(seen) => add(bursts, seen),
                Judged::Hidden => {}
                Judged::Unknown(_) => judged_all = false,
            }
        }
    }
    judged_all
}
