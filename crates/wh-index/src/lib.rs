//! The names of what is in the store, held in memory and scanned by whoever searches.
//!
//! A [`NameIndex`] holds, bucket by bucket and in the order of the keys, each object's key, size, time and
//! kind. A search goes over the names below the places that it is given and over no others, so that what
//! it costs tells nothing of the rest. This room decides nothing: who may see a name is for whoever asks.
//!
//! Invariant: the leaves of a bucket are in the order of their keys and hold each key once. No I/O, no
//! clock, no async. See `docs/adr/0040-search.md`.

mod fold;
mod index;
mod kind;
mod leaf;
mod query;
mod ranking;
mod scan;
mod walk;

pub use fold::{fold, matched};
pub use index::{IndexFull, IndexedName, NameIndex};
pub use kind::{NameKind, kind_of};
pub use query::{NameQuery, QUERY_CHARS_MAX, QUERY_WORDS_MAX, QueryError};
pub use ranking::{Mark, Match, Ranking};
pub use scan::SearchPlace;

#[cfg(test)]
mod tests;
