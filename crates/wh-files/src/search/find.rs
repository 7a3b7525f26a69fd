//! From a question to a page: what fits, the best first, as far as the person may list the folder it is in.

use std::collections::BTreeSet;
use std::ops::Range;

use jiff::Timestamp;
use tokio::runtime::Handle;
use wh_aws::{ListedObject, Listing};
use wh_index::{Mark, Match, NameQuery, QueryError, SearchPlace, matched};
use wh_ledger::GrantRow;
use wh_names::BucketName;
use wh_people::Person;

use super::confirm::Confirmer;
use super::strict::{FOLDERS_JUDGED_MAX, Judge};
use super::{SEARCH_PAGE_MAX, Search, SearchHit, SearchPage, SearchStanding, cursor};
use crate::{Files, FilesError};

/// What is searched for, and where: nothing in it was found yet.
pub(super) struct Question {
    pub(super) query: NameQuery,
    /// The grants that are searched, and the folder in each.
    pub(super) places: Vec<(GrantRow, String)>,
    pub(super) after: Option<Mark>,
    pub(super) limit: usize,
}

impl Question {
    /// Reads what somebody asks, and finds their locations.
    pub(super) async fn of(
        files: &Files,
        person: &Person,
        search: &Search,
    ) -> Result<Self, FilesError> {
        let mut query = NameQuery::parse(&search.words).map_err(|error| match error {
            QueryError::Empty => FilesError::NoSearchWords,
            QueryError::TooLong => FilesError::SearchTooLong,
        })?;
        let millis = |at: Option<Timestamp>| at.map(Timestamp::as_millisecond);
        query.kind = search.kind;
        query.size = search.size;
        query.modified = (millis(search.modified.0), millis(search.modified.1));
        let after = search.cursor.as_deref().map(cursor::read).transpose()?;
        let places = if let Some((location, folder)) = &search.place {
            let access = files.access(person, location).await?;
            vec![(access.grant, folder.as_str().to_owned())]
        } else {
            let grants = files.options.people.grants_for(person).await?;
            grants.into_iter().map(|grant| (grant, String::new())).collect()
        };
        let places = listable(files, person, places)?;
        Ok(Self { query, places, after, limit: search.limit.clamp(1, SEARCH_PAGE_MAX) })
    }
}

/// The places in which the person may list anything at all: in a drop box nothing is looked for.
pub(crate) fn listable(
    files: &Files,
    person: &Person,
    mut places: Vec<(GrantRow, String)>,
) -> Result<Vec<(GrantRow, String)>, FilesError> {
    let wire = files.search.wire();
    let judged = places.iter().map(|(grant, _)| {
        let mut judge = Judge::of(files.open(person, grant.clone()), wire)?;
        Ok(judge.lists_anything())
    });
    let judged: Vec<bool> = judged.collect::<Result<_, FilesError>>()?;
    let mut judged = judged.into_iter();
    places.retain(|_| judged.next().unwrap_or_default());
    Ok(places)
}

/// A page, and where each of its results lies in the store.
pub(super) struct Page {
    hits: Vec<(SearchHit, Option<(BucketName, String)>)>,
    next: Option<String>,
    standing: SearchStanding,
    judged_all: bool,
}

impl Page {
    pub(super) fn shown(self) -> SearchPage {
        let SearchStanding { whole, as_of } = self.standing;
        SearchPage {
            hits: self.hits.into_iter().map(|(hit, _)| hit).collect(),
            next: self.next,
            complete: whole && self.judged_all,
            as_of,
        }
    }
}

/// Searches. It takes a processor for as long as it takes to go over the person's own names, and then waits
/// for the store.
pub(super) fn page(
    files: &Files,
    person: &Person,
    question: Question,
    runtime: Handle,
) -> Result<Page, FilesError> {
    let index = &files.search;
    let standing = index.standing(&question.places, files.options.clock.now());
    let apart = apart(&question.places);
    let places = apart.iter().copied().map(place_of).collect();
    let judges =
        apart.iter().map(|(grant, _)| Judge::of(files.open(person, grant.clone()), index.wire()));
    let mut sight = Sight {
        judges: judges.collect::<Result<_, _>>()?,
        left: FOLDERS_JUDGED_MAX,
        store: Confirmer::new(files, runtime),
        judged_all: true,
        last: None,
    };
    let mut ranking = index.names().search(places, &question.query);
    if let Some(after) = &question.after {
        ranking.skip_to(after);
    }
    let mut alike = Vec::new().into_iter();
    let all = std::iter::from_fn(|| {
        alike.next().or_else(|| {
            alike = ranking.next_alike().into_iter();
            alike.next()
        })
    });
    let behind =
        |found: &Match| question.after.as_ref().is_none_or(|after| found.mark.is_after(after));
    let mut seen = sight.first_of(all.filter(behind), question.limit + 1);
    let more = seen.len() > question.limit;
    seen.truncate(question.limit);
    let last = seen.last().filter(|_| more);
    let next = last.map(|last| cursor::written(&last.mark));
    let hits = seen.iter().filter_map(|found| sight.hit(found, &question.query)).collect();
    Ok(Page { hits, next, standing, judged_all: sight.judged_all })
}

/// The places without those that lie wholly in another in which the same is allowed, and as long.
pub(crate) fn apart(places: &[(GrantRow, String)]) -> Vec<&(GrantRow, String)> {
    let lies_in = |(one, own): &(GrantRow, String), (other, its): &(GrantRow, String)| {
        let alike = one.bucket == other.bucket && one.role == other.role;
        let as_long = other.ends_at.is_none_or(|end| one.ends_at.is_some_and(|own| own <= end));
        // Of names at the end of half a folder's name another listing would be asked.
        let whole = one.prefix.as_str().ends_with('/') && own.is_empty() && its.is_empty();
        whole && alike && as_long && one.prefix.as_str().starts_with(other.prefix.as_str())
    };
    let numbered = || places.iter().zip(0_usize..);
    let kept = numbered().filter(|(place, at)| {
        // Of two that lie in each other the first is kept.
        let mut others = numbered().filter(|(_, other)| other != at);
        !others.any(|(other, other_at)| {
            lies_in(place, other) && (other_at < *at || !lies_in(other, place))
        })
    });
    kept.map(|(place, _)| place).collect()
}

fn place_of((grant, folder): &(GrantRow, String)) -> SearchPlace {
    SearchPlace {
        bucket: grant.bucket.to_string(),
        prefix: grant.prefix.as_str().to_owned(),
        folder: folder.clone(),
    }
}

/// What the person sees.
struct Sight<'a> {
    judges: Vec<Judge<'a>>,
    /// How many folders may still be judged.
    left: usize,
    store: Confirmer<'a>,
    judged_all: bool,
    /// The last that was shown: the same name in another location is not shown twice.
    last: Option<Mark>,
}

impl Sight<'_> {
    /// The first `count` of these that are shown. The store is asked as few times as that takes.
    fn first_of(&mut self, mut all: impl Iterator<Item = Match>, count: usize) -> Vec<Match> {
        let mut seen = Vec::new();
        while seen.len() < count {
            let may = all.by_ref().filter_map(|found| self.allowed(found));
            let some: Vec<(Match, String)> = may.take(count - seen.len()).collect();
            if some.is_empty() {
                break;
            }
            let folders: BTreeSet<_> =
                some.iter().map(|(found, folder)| (found.place, folder.clone())).collect();
            self.store.ask(&self.judges, folders);
            let shown = some.into_iter().filter(|(found, folder)| self.shows(found, folder));
            seen.extend(shown.map(|(found, _)| found));
            if self.store.is_spent() && seen.len() < count {
                self.judged_all = false;
                break;
            }
        }
        seen
    }

    /// The same, and the folder that holds it, where the policies as they are known let the person list it.
    fn allowed(&mut self, found: Match) -> Option<(Match, String)> {
        let judge = self.judges.get_mut(found.place)?;
        let prefix = judge.access().grant.prefix.as_str();
        let folder = folder_of(&found.key).filter(|folder| folder.len() >= prefix.len());
        let folder = folder.unwrap_or(prefix).to_owned();
        let lists = judge.lists(&folder, &mut self.left);
        self.judged_all &= lists.is_some();
        lists.unwrap_or_default().then_some((found, folder))
    }

    /// Whether the store lists the folder that holds it, and the person has not seen it already.
    fn shows(&mut self, found: &Match, folder: &str) -> bool {
        if self.last.as_ref() == Some(&found.mark) {
            return false;
        }
        let lists = self.store.says(found.place, folder);
        self.judged_all &= lists.is_some();
        if lists == Some(true) {
            self.last = Some(found.mark.clone());
        }
        lists.unwrap_or_default()
    }

    fn hit(
        &self,
        found: &Match,
        query: &NameQuery,
    ) -> Option<(SearchHit, Option<(BucketName, String)>)> {
        let grant = &self.judges.get(found.place)?.access().grant;
        let path = found.key.get(grant.prefix.as_str().len()..)?.to_owned();
        let written = found.measures.and_then(|(_, at)| Timestamp::from_millisecond(at).ok());
        let in_store = found.measures.map(|_| (grant.bucket.clone(), found.key.clone()));
        let hit = SearchHit {
            location: grant.id.clone(),
            matched: marked(&path, query),
            path,
            kind: found.kind,
            size: found.measures.map(|(size, _)| size),
            modified: written,
            held: None,
        };
        Some((hit, in_store))
    }
}

/// The folder that holds a key, as a prefix: up to the last slash, or to the one before a folder's own.
pub(crate) fn folder_of(key: &str) -> Option<&str> {
    let inner = key.strip_suffix('/').unwrap_or(key);
    inner.rfind('/').and_then(|at| key.get(..=at))
}

/// What matched in a path, in characters: in its name where the word is there, and else before it.
fn marked(path: &str, query: &NameQuery) -> Vec<Range<usize>> {
    let inner = path.strip_suffix('/').unwrap_or(path);
    let begins = inner.rfind('/').map_or(0, |at| at + 1);
    let (before, name) = inner.split_at_checked(begins).unwrap_or(("", inner));
    let in_name = |word: &str| {
        let found = matched(name, word)?;
        Some(found.start + before.len()..found.end + before.len())
    };
    let words = query.words();
    let mut all: Vec<Range<usize>> =
        words.filter_map(|word| in_name(word).or_else(|| matched(inner, word))).collect();
    all.sort_by_key(|range| (range.start, range.end));
    let mut apart: Vec<Range<usize>> = Vec::new();
    for range in all {
        match apart.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            Some(_) | None => apart.push(range),
        }
    }
    let characters = |at: usize| inner.get(..at).map_or(0, |piece| piece.chars().count());
    apart.into_iter().map(|range| characters(range.start)..characters(range.end)).collect()
}

impl Files {
    /// What the scan for malware has against what was found: as a listing of its folder says it.
    pub(super) async fn mark_held(&self, page: &mut Page) -> Result<(), FilesError> {
        if self.options.scanning.is_none() {
            return Ok(());
        }
        for (hit, in_store) in &mut page.hits {
            let (Some((bucket, key)), Some(modified)) = (in_store, hit.modified) else { continue };
            let (key, etag) = (key.clone(), String::new());
            let object = ListedObject { key, size: 0, modified, etag };
            let prefixes = Vec::new();
            let listing = Listing { objects: vec![object.clone()], prefixes, next: None };
            hit.held = self.held(bucket, &listing).await?.of(&object);
        }
        Ok(())
    }
}
