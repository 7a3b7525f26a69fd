//! Which version is meant, which range of it, and under which conditions.

use super::small;
use crate::chance::Chance;

/// An entity tag in a condition.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tag {
    /// The one that the object has now.
    Current,
    /// One that no object has.
    Wrong,
    /// `*`.
    Any,
}

/// The condition of a write.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Writing {
    #[default]
    Always,
    Nothing,
    Match(Tag),
    /// The number of the change that made the newest version, or one that did not.
    Sequence(Tag),
}

/// Which version of an object.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Which {
    #[default]
    Newest,
    Null,
    /// The one that so many versions came after, by the listing.
    Older(u8),
    /// One that no object has.
    Wrong,
}

/// The conditions of a read. Times are those of operations.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Reading {
    pub(crate) matches: Option<Tag>,
    pub(crate) differs: Option<Tag>,
    pub(crate) since: Option<u64>,
    pub(crate) before: Option<u64>,
}

/// A range of bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cut {
    FromTo(u64, u64),
    From(u64),
    Last(u64),
}

pub(super) fn which(chance: &mut Chance) -> Which {
    match chance.weighted(&[60, 10, 28, 2]) {
        0 => Which::Newest,
        1 => Which::Null,
        2 => Which::Older(small(chance, 5)),
        _ => Which::Wrong,
    }
}

fn tag(chance: &mut Chance) -> Tag {
    match chance.weighted(&[3, 1, 1]) {
        0 => Tag::Current,
        1 => Tag::Wrong,
        _ => Tag::Any,
    }
}

pub(super) fn writing(chance: &mut Chance) -> Writing {
    match chance.weighted(&[20, 3, 6, 1]) {
        0 => Writing::Always,
        1 => Writing::Nothing,
        2 => Writing::Match(tag(chance)),
        _ => Writing::Sequence(tag(chance)),
    }
}

pub(super) fn reading(chance: &mut Chance, now: u64) -> Reading {
    if !chance.one_in(4) {
        return Reading::default();
    }
    Reading {
        matches: chance.one_in(3).then(|| tag(chance)),
        differs: chance.one_in(3).then(|| tag(chance)),
        since: chance.one_in(3).then(|| chance.below(now + 1)),
        before: chance.one_in(3).then(|| chance.below(now + 1)),
    }
}

pub(super) fn range(chance: &mut Chance) -> Option<Cut> {
    let mut offset = || match chance.weighted(&[6, 1, 1]) {
        0 => chance.below(3_000),
        1 => chance.between(65_530, 65_545),
        _ => chance.between(262_140, 524_300),
    };
    let (one, other) = (offset(), offset());
    match chance.weighted(&[5, 2, 1, 1]) {
        0 => None,
        1 => Some(Cut::FromTo(one, other)),
        2 => Some(Cut::From(one)),
        _ => Some(Cut::Last(one)),
    }
}
