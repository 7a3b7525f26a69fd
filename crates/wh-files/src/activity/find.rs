//! From a question to a page: what the ledger holds below the person's own prefixes, as far as the person may
//! list the folder that it happened in, and the versions there: much of it is of files that are gone.

use std::collections::BTreeSet;

use tokio::runtime::Handle;
use wh_ledger::{ActivityFilter, ActivityPlace, ActivityRow, GrantRow, RowId};
use wh_names::Uid;
use wh_people::{Person, PersonName};

use super::bursts::{Burst, Seen, add};
use super::{ACTIVITY_PAGE_MAX, ActivityQuestion};
use crate::search::{Confirmer, FOLDERS_JUDGED_MAX, Judge, apart, end_of, folder_of, listable};
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

/// What the person sees.
struct Sight<'a> {
    places: Vec<&'a (GrantRow, String)>,
    judges: Vec<Judge<'a>>,
    /// How many folders may still be judged.
    left: usize,
    store: Confirmer<'a>,
    judged_all: bool,
}

/// Looks. It runs where it may block: it waits for the ledger and for the store.
pub(super) fn page(
    files: &Files,
    person: &Person,
    question: &Question,
    runtime: &Handle,
) -> Result<Page, FilesError> {
    let wire = files.search.wire();
    let places = apart(&question.places);
    let open = |grant: &GrantRow| files.open(person, grant.clone());
    let judges = places.iter().map(|(grant, _)| Judge::of_versions(open(grant), wire));
    let judges = judges.collect::<Result<_, _>>()?;
    let store = Confirmer::new(files, runtime.clone());
    let (left, judged_all) = (FOLDERS_JUDGED_MAX, true);
    let mut sight = Sight { places, judges, left, store, judged_all };
    let (mut filter, mut read, mut bursts) = (question.filter.clone(), 0, Vec::new());
    let mut cut_off = false;
    while bursts.len() <= question.limit {
        if read >= ROWS_READ_MAX || sight.store.is_spent() {
            (sight.judged_all, cut_off) = (false, true);
            break;
        }
        let rows = runtime.block_on(rows(files, (question, &sight.places), &filter))?;
        let Some(last) = rows.last().map(|row| row.id.clone()) else { break };
        read += rows.len();
        let ended = rows.len() < ROWS as usize;
        sight.take(rows, (&mut bursts, question.limit));
        if ended {
            break;
        }
        filter.before = Some(last);
    }
    // What was not read any more lies behind what is shown.
    let more = cut_off || bursts.len() > question.limit;
    bursts.truncate(question.limit);
    let next = bursts.last().filter(|_| more).map(|last| last.last().clone());
    Ok(Page { bursts, next, judged_all: sight.judged_all })
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

impl Sight<'_> {
    /// Adds what may be seen of these, until there are more than `limit`. The store is asked as few times as
    /// that takes.
    fn take(&mut self, rows: Vec<ActivityRow>, (bursts, limit): (&mut Vec<Burst>, usize)) {
        let mut rows = rows.into_iter();
        while bursts.len() <= limit {
            let some: Vec<ActivityRow> = rows.by_ref().take(SLICE).collect();
            if some.is_empty() {
                return;
            }
            let may: Vec<(ActivityRow, Vec<(usize, String)>)> =
                some.into_iter().map(|row| self.allowed(row)).collect();
            let folders: BTreeSet<(usize, String)> =
                may.iter().flat_map(|(_, places)| places.iter().cloned()).collect();
            self.store.ask(&self.judges, folders);
            let seen = may.into_iter().filter_map(|(row, places)| self.seen(row, places));
            seen.for_each(|seen| add(bursts, seen));
        }
    }

    /// The places by which it lies in a folder that the policies let the person list, as they are known.
    fn allowed(&mut self, row: ActivityRow) -> (ActivityRow, Vec<(usize, String)>) {
        let mut allowed = Vec::new();
        for (at, judge) in self.judges.iter_mut().enumerate() {
            let Some((grant, folder)) = self.places.get(at) else { continue };
            let prefix = grant.prefix.as_str();
            let inside = row.key.strip_prefix(prefix).and_then(|rest| rest.strip_prefix(&**folder));
            if grant.bucket.as_str() != row.bucket || inside.is_none() {
                continue;
            }
            let holds = folder_of(&row.key).filter(|holds| holds.len() >= prefix.len());
            let holds = holds.unwrap_or(prefix).to_owned();
            let lists = judge.lists(&holds, &mut self.left);
            self.judged_all &= lists.is_some();
            if lists == Some(true) {
                allowed.push((at, holds));
            }
        }
        (row, allowed)
    }

    /// As it is seen by the first of these places whose folder the store lists.
    fn seen(&mut self, row: ActivityRow, places: Vec<(usize, String)>) -> Option<Seen> {
        for (at, folder) in places {
            let says = self.store.says(at, &folder);
            self.judged_all &= says.is_some();
            let Some((grant, _)) = self.places.get(at).filter(|_| says == Some(true)) else {
                continue;
            };
            let within = folder.get(grant.prefix.as_str().len()..)?.to_owned();
            let name = row.key.get(folder.len()..)?.to_owned();
            return Some(Seen { row, location: grant.id.clone(), folder: within, name });
        }
        None
    }
}
