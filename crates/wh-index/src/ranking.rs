//! What was found, the best first: how well a name fits, then folders, then what was written last.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::sync::Arc;

use crate::kind::NameKind;
use crate::leaf::Leaf;
use crate::query::Rank;
use crate::scan::SearchPlace;

/// What fits, before anybody looks at it: numbers only. Half a million of them are nothing unusual.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hit {
    /// Milliseconds since 1970; the greatest number of a folder.
    pub(crate) modified: i64,
    pub(crate) place: u32,
    pub(crate) leaf: u32,
    pub(crate) row: u16,
    /// Where the folder ends in the key; 0 of a file.
    pub(crate) folder: u16,
    pub(crate) rank: Rank,
}

impl Hit {
    /// Greater is better.
    fn best(&self) -> (Reverse<Rank>, i64) {
        (Reverse(self.rank), self.modified)
    }
}

/// Names of those that are alike are looked up when they come out.
impl Ord for Hit {
    fn cmp(&self, other: &Self) -> Ordering {
        self.best().cmp(&other.best())
    }
}

impl PartialOrd for Hit {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Hit {
    fn eq(&self, other: &Self) -> bool {
        self.best() == other.best()
    }
}

impl Eq for Hit {}

/// Something that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Which of the places that were searched it was found below.
    pub place: usize,
    /// The key; of a folder, what its keys begin with, with the slash.
    pub key: String,
    /// What it is.
    pub kind: NameKind,
    /// Bytes and milliseconds since 1970; a folder has neither.
    pub measures: Option<(u64, i64)>,
    /// Where it stands in the order of all that fits.
    pub mark: Mark,
}

/// Where something stands in the order of all that fits: what follows stands after it, whatever comes and
/// goes meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// How well it fits: less is better.
    pub rank: u8,
    /// When it was written; the greatest number of a folder.
    pub modified: i64,
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
}

impl Mark {
    fn order(&self, other: &Self) -> Ordering {
        let numbers = (self.rank, other.modified).cmp(&(other.rank, self.modified));
        numbers.then_with(|| (&self.bucket, &self.key).cmp(&(&other.bucket, &other.key)))
    }

    /// Whether this stands behind `other`.
    pub fn is_after(&self, other: &Self) -> bool {
        self.order(other) == Ordering::Greater
    }
}

/// What was found, the best first. It is what was there when it was searched.
#[derive(Debug)]
pub struct Ranking {
    places: Vec<SearchPlace>,
    leaves: Vec<Arc<Leaf>>,
    /// The best on top.
    hits: BinaryHeap<Hit>,
}

impl Ranking {
    pub(crate) fn of(places: Vec<SearchPlace>, leaves: Vec<Arc<Leaf>>, hits: Vec<Hit>) -> Self {
        Self { places, leaves, hits: hits.into() }
    }

    /// The next best, with all that fit as well and are as old: in the order of buckets and keys.
    pub fn next_alike(&mut self) -> Vec<Match> {
        let Some(first) = self.hits.pop() else { return Vec::new() };
        let mut alike = vec![first];
        while self.hits.peek().is_some_and(|next| *next == first) {
            alike.extend(self.hits.pop());
        }
        let mut all: Vec<Match> = alike.iter().filter_map(|hit| self.shown(hit)).collect();
        all.sort_by(|one, other| one.mark.order(&other.mark).then(one.place.cmp(&other.place)));
        all
    }

    /// Leaves out all that does not stand behind `mark`, but for what is as good and as old.
    pub fn skip_to(&mut self, mark: &Mark) {
        let best = (Reverse(mark.rank), mark.modified);
        self.hits.retain(|hit| hit.best() <= best);
    }

    fn shown(&self, hit: &Hit) -> Option<Match> {
        let at = |number: u32| usize::try_from(number).ok();
        let held = self.leaves.get(at(hit.leaf)?)?.get(usize::from(hit.row))?;
        let (place, row) = (self.places.get(at(hit.place)?)?, held.row);
        let (key, kind, measures) = match usize::from(hit.folder) {
            0 => (held.key, row.kind, Some((row.size, row.modified))),
            end => (held.key.get(..end)?, NameKind::Folder, None),
        };
        let mark = Mark {
            rank: hit.rank,
            modified: hit.modified,
            bucket: place.bucket.clone(),
            key: key.to_owned(),
        };
        Some(Match { place: at(hit.place)?, key: key.to_owned(), kind, measures, mark })
    }
}
