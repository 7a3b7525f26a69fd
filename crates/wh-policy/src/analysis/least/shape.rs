//! A resource pattern, held against places.

use std::collections::{BTreeMap, BTreeSet};

use super::Seen;
use crate::Version;
use crate::analysis::pattern::Pattern;
use crate::arn_pattern::ArnPattern;
use crate::glob::Piece;
use crate::statement::ResourcePattern;

/// A pattern as pieces, where a variable may be anything.
pub(super) struct Shape<'s> {
    /// As it is written.
    pub(super) text: &'s str,
    /// None: nothing is known of it.
    outline: Option<Pattern>,
    /// Whether a variable stands in it.
    pub(super) open: bool,
}

impl<'s> Shape<'s> {
    pub(super) fn of(item: &'s ResourcePattern) -> Self {
        Self::new(&item.text, item.pattern.as_ref())
    }

    fn new(text: &'s str, pattern: Option<&ArnPattern>) -> Self {
        if pattern == Some(&ArnPattern::Every) {
            return Self { text, outline: Some(Pattern::any()), open: false };
        }
        let Some((head, rest)) = pattern.and_then(ArnPattern::parts) else {
            return Self { text, outline: None, open: true };
        };
        let open = rest.pieces().iter().any(|piece| matches!(piece, Piece::Variable(_)));
        let [arn, partition, service, region, account] = &head;
        let outline = Pattern::arn([arn, partition, service, region, account], rest.pieces());
        Self { text, outline, open }
    }

    /// Whether it surely holds all of a place, whoever asks.
    pub(super) fn covers(&self, place: &Seen) -> bool {
        let outline = self.outline.as_ref().filter(|_| !self.open);
        outline.is_some_and(|outline| outline.covers(&Pattern::glob(&place.pieces())))
    }

    /// Whether it may hold something of a place.
    pub(super) fn meets(&self, place: &Seen) -> bool {
        let Some(outline) = &self.outline else { return true };
        match place.below {
            true => outline.begins(&place.literal),
            false => outline.matches(&place.literal),
        }
    }

    /// Whether it surely holds all that another does.
    pub(super) fn holds(&self, other: &Self) -> bool {
        let own = self.outline.as_ref().filter(|_| !self.open);
        own.zip(other.outline.as_ref()).is_some_and(|(own, other)| own.covers(other))
    }
}

/// The patterns of these texts.
pub(super) fn read(texts: &BTreeSet<String>, version: Version) -> BTreeMap<&String, Shape<'_>> {
    let shapes = texts.iter().map(|text| {
        let pattern = ArnPattern::parse(text, version == Version::V2012).ok();
        (text, Shape::new(text, pattern.as_ref()))
    });
    shapes.collect()
}
