//! Sets of values: what patterns match, and what typed comparisons take.

use super::pattern::Pattern;
use crate::condition::{Typed, in_order};
use crate::value::{Decimal, parse_address, parse_bool, parse_bytes, parse_date};

/// A set of texts.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Language<'a> {
    /// What any of the patterns matches.
    Regular(Vec<Pattern>),
    /// What a comparison of numbers, instants, addresses or bytes takes.
    Typed(&'a Typed),
}

/// What a value is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Reading {
    Number,
    Instant,
    Address,
    Bytes,
}

impl Reading {
    /// In a sentence.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Instant => "a date",
            Self::Address => "an address",
            Self::Bytes => "binary",
        }
    }
}

impl Language<'_> {
    /// What the value is read as; none for text.
    pub(super) fn reading(&self) -> Option<Reading> {
        match self {
            Self::Regular(_) => None,
            Self::Typed(typed) => match typed {
                Typed::Numbers(..) => Some(Reading::Number),
                Typed::Dates(..) => Some(Reading::Instant),
                Typed::Networks(_) => Some(Reading::Address),
                Typed::Bytes(_) => Some(Reading::Bytes),
                Typed::Text { .. } | Typed::Arns(_) | Typed::Bools(_) | Typed::Absent(_) => None,
            },
        }
    }

    pub(super) fn holds(&self, value: &str) -> bool {
        match self {
            Self::Regular(patterns) => patterns.iter().any(|pattern| pattern.matches(value)),
            Self::Typed(typed) => takes(typed, value),
        }
    }
}

/// What `condition.rs` says of the values that need no patterns.
fn takes(typed: &Typed, value: &str) -> bool {
    match typed {
        Typed::Numbers(numbers, order) => Decimal::parse(value)
            .is_some_and(|have| numbers.iter().any(|want| in_order(*order, &have, want))),
        Typed::Dates(dates, order) => parse_date(value)
            .is_some_and(|have| dates.iter().any(|want| in_order(*order, &have, want))),
        Typed::Networks(networks) => {
            parse_address(value).is_some_and(|have| networks.iter().any(|n| n.holds(have)))
        }
        Typed::Bytes(all) => parse_bytes(value).is_some_and(|have| all.contains(&have)),
        Typed::Bools(bools) => parse_bool(value).is_some_and(|have| bools.contains(&have)),
        Typed::Text { .. } | Typed::Arns(_) | Typed::Absent(_) => false,
    }
}
