//! Going over the names below a place: files as they come, and folders where the first of their files does.

use std::sync::Arc;

use crate::fold::fold;
use crate::index::NameIndex;
use crate::kind::NameKind;
use crate::leaf::{Held, Leaf};
use crate::query::{NameQuery, Rank};
use crate::ranking::{Hit, Ranking};

/// Where is searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchPlace {
    /// The bucket.
    pub bucket: String,
    /// What keys begin with that are seen from there: names and paths are what follows.
    pub prefix: String,
    /// The folder in it that is searched, as a path from there; empty for all of it.
    pub folder: String,
}

impl NameIndex {
    /// What fits below these places, the best first.
    pub fn search(&self, places: Vec<SearchPlace>, query: &NameQuery) -> Ranking {
        let (mut leaves, mut hits) = (Vec::new(), Vec::new());
        for (place, number) in places.iter().zip(0..) {
            let below = format!("{}{}", place.prefix, place.folder);
            let ours = self.below(&place.bucket, &below);
            let scan = Scan {
                query,
                place: number,
                prefix: &place.prefix,
                folded_prefix: fold(&place.prefix).len(),
                below: &below,
                leaves: &ours,
            };
            let first = u32::try_from(leaves.len()).unwrap_or(u32::MAX);
            for at in 0..ours.len() {
                scan.leaf(at, first, &mut hits);
            }
            leaves.extend(ours);
        }
        Ranking::of(places, leaves, hits)
    }
}

/// Below one place.
struct Scan<'a> {
    query: &'a NameQuery,
    place: u32,
    prefix: &'a str,
    folded_prefix: usize,
    below: &'a str,
    leaves: &'a [Arc<Leaf>],
}

impl Scan<'_> {
    /// Goes over a leaf; `first` is the number of the first leaf of this place.
    fn leaf(&self, at: usize, first: u32, hits: &mut Vec<Hit>) {
        let Some(leaf) = self.leaves.get(at) else { return };
        let number = first.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
        let word = self.query.longest();
        if word.len() < 2 {
            for row in 0..leaf.len() {
                self.row((leaf, at, row), number, (true, true), hits);
            }
            return;
        }
        // Most leaves hold no rare word, and looking is faster than finding.
        if !leaf.folded().contains(word) {
            return;
        }
        let plain = self.query.is_one_plain_word();
        let (mut row, mut looked, mut done) = (0, None, None);
        for (place, _) in leaf.folded().match_indices(word) {
            while leaf.bounds(row).is_some_and(|(_, end)| end <= place) {
                row += 1;
            }
            if done == Some(row) {
                continue;
            }
            let in_name = !plain || leaf.is_in_name(row, place);
            self.row((leaf, at, row), number, (looked != Some(row), in_name), hits);
            looked = Some(row);
            if in_name {
                done = Some(row);
            }
        }
    }

    /// Looks at a row: at the folders that begin with it, and at the file.
    fn row(
        &self,
        (leaf, leaf_at, at): (&Leaf, usize, usize),
        number: u32,
        (folders, file): (bool, bool),
        hits: &mut Vec<Hit>,
    ) {
        let Some(held) = leaf.get(at).filter(|held| held.key.starts_with(self.below)) else {
            return;
        };
        let row = u16::try_from(at).unwrap_or(u16::MAX);
        let hit = |rank, folder, modified| Hit {
            rank,
            modified,
            place: self.place,
            leaf: number,
            row,
            folder,
        };
        if folders && self.query.takes(NameKind::Folder, None) {
            let before = self.before(leaf_at, at);
            let opened = self.opened(held.key, usize::from(held.row.name_at), before);
            hits.extend(opened.map(|(end, rank)| hit(rank, end, i64::MAX)));
        }
        if file && let Some(rank) = self.file(&held) {
            hits.push(hit(rank, 0, held.row.modified));
        }
    }

    /// The key before this one, where it is below the place, too.
    fn before(&self, leaf: usize, at: usize) -> &str {
        let before = match at.checked_sub(1) {
            Some(at) => self.leaves.get(leaf).and_then(|leaf| leaf.get(at)).map(|held| held.key),
            None => {
                leaf.checked_sub(1).and_then(|at| self.leaves.get(at)).map(|leaf| leaf.last_key())
            }
        };
        before.filter(|key| key.starts_with(self.below)).unwrap_or(self.below)
    }

    /// The folders that begin with this key and fit: where each ends in it, and how well it does.
    fn opened(&self, key: &str, name_at: usize, before: &str) -> impl Iterator<Item = (u16, Rank)> {
        let same = key.bytes().zip(before.bytes()).take_while(|(one, other)| one == other).count();
        let known = same.max(self.below.len());
        let fresh = key.bytes().enumerate().take(name_at).skip(known);
        let ends = fresh.filter(|(_, byte)| *byte == b'/').map(|(at, _)| at + 1);
        ends.filter_map(|end| Some((u16::try_from(end).ok()?, self.folder(key.get(..end)?)?)))
    }

    fn folder(&self, key: &str) -> Option<Rank> {
        let path = fold(key.get(self.prefix.len()..)?.strip_suffix('/')?);
        self.query.rank(path.rsplit('/').next()?, &path)
    }

    fn file(&self, held: &Held<'_>) -> Option<Rank> {
        let row = held.row;
        if !self.query.takes(row.kind, Some((row.size, row.modified))) {
            return None;
        }
        let name_at = usize::from(row.folded_name_at).max(self.folded_prefix);
        let name = held.folded.get(name_at..).filter(|name| !name.is_empty())?;
        let path = held.folded.get(self.folded_prefix..).unwrap_or(name);
        self.query.rank(name, path)
    }
}
