//! A leaf: some hundred names in the order of their keys, each key and what it folds to in one long text.
//!
//! Between two names stands a line feed, which no word holds: what is found in the text is in one name.

use crate::fold::fold;
use crate::index::IndexedName;
use crate::kind::{NameKind, kind_of};

/// What a leaf keeps of a name besides its letters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    /// Where the key ends in the text of keys.
    end: u32,
    /// Where it ends in the folded text.
    folded_end: u32,
    /// Where the name begins in the key: after the last slash.
    pub(crate) name_at: u16,
    /// The same, folded.
    pub(crate) folded_name_at: u16,
    pub(crate) kind: NameKind,
    pub(crate) size: u64,
    /// Milliseconds since 1970.
    pub(crate) modified: i64,
}

/// Some names, in the order of their keys.
#[derive(Debug, Default)]
pub(crate) struct Leaf {
    keys: String,
    /// Nothing where every key folds to itself.
    folded: Option<String>,
    rows: Vec<Row>,
}

/// A name in a leaf.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held<'a> {
    pub(crate) key: &'a str,
    pub(crate) folded: &'a str,
    pub(crate) row: Row,
}

impl Leaf {
    /// A leaf of these, which are in the order of their keys.
    pub(crate) fn of(names: &[IndexedName]) -> Self {
        let mut leaf = Self::default();
        let mut folded = String::new();
        for name in names {
            let small = fold(&name.key);
            if !leaf.rows.is_empty() {
                leaf.keys.push('\n');
                folded.push('\n');
            }
            leaf.keys.push_str(&name.key);
            folded.push_str(&small);
            leaf.rows.push(Row {
                end: u32_of(leaf.keys.len()),
                folded_end: u32_of(folded.len()),
                name_at: u16_of(name.key.rfind('/').map_or(0, |at| at + 1)),
                folded_name_at: u16_of(small.rfind('/').map_or(0, |at| at + 1)),
                kind: kind_of(&name.key),
                size: name.size,
                modified: name.modified,
            });
        }
        leaf.folded = (folded != leaf.keys).then_some(folded);
        leaf.keys.shrink_to_fit();
        leaf.rows.shrink_to_fit();
        if let Some(folded) = &mut leaf.folded {
            folded.shrink_to_fit();
        }
        leaf
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn get(&self, at: usize) -> Option<Held<'_>> {
        let row = *self.rows.get(at)?;
        let before = at.checked_sub(1).and_then(|before| self.rows.get(before));
        let (start, folded_start) = before.map_or((0, 0), |row| (row.end + 1, row.folded_end + 1));
        let folded = self.folded.as_deref().unwrap_or(&self.keys);
        Some(Held {
            key: piece(&self.keys, start, row.end),
            folded: piece(folded, folded_start, row.folded_end),
            row,
        })
    }

    /// What all keys fold to.
    pub(crate) fn folded(&self) -> &str {
        self.folded.as_deref().unwrap_or(&self.keys)
    }

    /// Where the folded key of a row begins and ends in the folded text.
    pub(crate) fn bounds(&self, at: usize) -> Option<(usize, usize)> {
        let place = |place: u32| usize::try_from(place).unwrap_or(usize::MAX);
        let row = self.rows.get(at)?;
        let before = at.checked_sub(1).and_then(|before| self.rows.get(before));
        let start = before.map_or(0, |row| place(row.folded_end) + 1);
        Some((start, place(row.folded_end)))
    }

    /// Whether a place in the folded text is in the name of this row, and not in its folders.
    pub(crate) fn is_in_name(&self, at: usize, place: usize) -> bool {
        let begins = self.bounds(at).zip(self.rows.get(at));
        begins.is_some_and(|((start, _), row)| place >= start + usize::from(row.folded_name_at))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Held<'_>> {
        (0..self.len()).filter_map(|at| self.get(at))
    }

    pub(crate) fn first_key(&self) -> &str {
        self.get(0).map_or("", |held| held.key)
    }

    pub(crate) fn last_key(&self) -> &str {
        self.get(self.len().saturating_sub(1)).map_or("", |held| held.key)
    }

    /// The names, to make other leaves of.
    pub(crate) fn names(&self) -> impl Iterator<Item = IndexedName> {
        self.iter().map(|held| IndexedName {
            key: held.key.to_owned(),
            size: held.row.size,
            modified: held.row.modified,
        })
    }
}

fn piece(text: &str, start: u32, end: u32) -> &str {
    let at = |place: u32| usize::try_from(place).unwrap_or(usize::MAX);
    text.get(at(start)..at(end)).unwrap_or_default()
}

/// A leaf has a few hundred keys of at most 1,024 bytes.
fn u32_of(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

fn u16_of(place: usize) -> u16 {
    u16::try_from(place).unwrap_or(u16::MAX)
}
