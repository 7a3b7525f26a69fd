//! Listings: pages of keys and common prefixes in the binary order of UTF-8.

use jiff::Timestamp;
use wh_names::{KeyPrefix, ObjectKey};

use crate::{ChecksumAlgorithm, ChecksumKind};

/// What to list.
#[derive(Debug, Clone)]
pub struct ListObjects {
    /// The beginning of the keys.
    pub prefix: KeyPrefix,
    /// What ends a common prefix; empty is as none.
    pub delimiter: Option<String>,
    /// Begin after this key, or after all keys under this common prefix.
    pub after: Option<String>,
    /// How many entries at most.
    pub max_keys: usize,
}

/// One page of a listing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPage {
    /// Objects and common prefixes, in one order.
    pub entries: Vec<ListEntry>,
    /// Whether there are more.
    pub truncated: bool,
    /// What to give as `after` for the next page, when there are more.
    pub next_after: Option<String>,
}

/// One line of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListEntry {
    /// An object.
    Object(ListedObject),
    /// All keys that begin so, up to and with the delimiter.
    CommonPrefix(String),
}

/// An object, as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedObject {
    /// Its key.
    pub key: ObjectKey,
    /// Its length in bytes.
    pub size: u64,
    /// Its entity tag, without quotes.
    pub etag: String,
    /// When it was written, in whole milliseconds.
    pub modified: Timestamp,
    /// How it is checked.
    pub checksum: Option<(ChecksumAlgorithm, ChecksumKind)>,
}
