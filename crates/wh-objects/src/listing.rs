//! Listings: pages of keys and common prefixes in the binary order of UTF-8.

use jiff::Timestamp;
use wh_names::{KeyPrefix, ObjectKey};

use crate::{ChecksumAlgorithm, ChecksumKind, ObjectMeta, StoreError};

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

/// Where a scan goes after a key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// To the next key.
    Next,
    /// To the first key that is not less than this.
    SeekTo(Vec<u8>),
    /// Nowhere: the page is full.
    Stop,
}

/// Gathers one page from a scan over keys in order.
///
/// Keys under a common prefix are skipped by a seek, so a page costs in proportion to its entries.
#[derive(Debug)]
pub(crate) struct Collector {
    list: ListObjects,
    page: ListPage,
}

impl Collector {
    pub(crate) fn new(mut list: ListObjects) -> Self {
        list.delimiter = list.delimiter.filter(|d| !d.is_empty());
        Self { list, page: ListPage::default() }
    }

    /// The first key to look at.
    pub(crate) fn start(&self) -> Vec<u8> {
        let prefix = self.list.prefix.as_str().as_bytes().to_vec();
        let Some(after) = &self.list.after else { return prefix };
        let past = match self.group(after) {
            Some(group) if group == *after => successor(after.as_bytes()),
            _ => None,
        };
        past.unwrap_or_else(|| just_after(after)).max(prefix)
    }

    /// The first key not to look at any more; without one, the scan ends with the bucket.
    pub(crate) fn end(&self) -> Option<Vec<u8>> {
        successor(self.list.prefix.as_str().as_bytes())
    }

    /// Takes a key; `object` is asked only if it is to be listed.
    pub(crate) fn visit(
        &mut self,
        key: &str,
        object: impl FnOnce() -> Result<ListedObject, StoreError>,
    ) -> Result<Step, StoreError> {
        if self.page.entries.len() >= self.list.max_keys {
            self.page.truncated = self.list.max_keys > 0;
            return Ok(Step::Stop);
        }
        let (entry, name, step) = match self.group(key) {
            Some(group) => {
                let step = successor(group.as_bytes()).map_or(Step::Stop, Step::SeekTo);
                (ListEntry::CommonPrefix(group.clone()), group, step)
            }
            None => (ListEntry::Object(object()?), key.to_owned(), Step::Next),
        };
        self.page.entries.push(entry);
        self.page.next_after = Some(name);
        Ok(step)
    }

    pub(crate) fn finish(mut self) -> ListPage {
        if !self.page.truncated {
            self.page.next_after = None;
        }
        self.page
    }

    fn group(&self, key: &str) -> Option<String> {
        let (prefix, delimiter) = (self.list.prefix.as_str(), self.list.delimiter.as_ref()?);
        let (head, _) = key.strip_prefix(prefix)?.split_once(delimiter)?;
        Some(format!("{prefix}{head}{delimiter}"))
    }
}

/// The least byte string that is greater than `key`.
pub(crate) fn just_after(key: &str) -> Vec<u8> {
    let mut bytes = key.as_bytes().to_vec();
    bytes.push(0);
    bytes
}

/// The least byte string that is greater than all that begin with `prefix`.
pub(crate) fn successor(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = prefix.to_vec();
    while let Some(last) = bytes.pop() {
        if let Some(next) = last.checked_add(1) {
            bytes.push(next);
            return Some(bytes);
        }
    }
    None
}

impl ListedObject {
    pub(crate) fn of(meta: &ObjectMeta) -> Self {
        Self {
            key: meta.key.clone(),
            size: meta.size,
            etag: meta.etag.clone(),
            modified: meta.modified,
            checksum: meta.checksum.as_ref().map(|c| (c.algorithm, c.kind)),
        }
    }
}
