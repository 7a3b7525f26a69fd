//! Listings: pages of keys and common prefixes in the binary order of UTF-8.

use jiff::Timestamp;
use wh_names::{KeyPrefix, ObjectKey};

use crate::{
    ChecksumAlgorithm, ChecksumKind, ListUploads, ObjectMeta, StoreError, UploadMarker, UploadMeta,
    UploadsPage, VersionId,
};

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

/// What versions to list.
#[derive(Debug, Clone)]
pub struct ListVersions {
    /// The beginning of the keys.
    pub prefix: KeyPrefix,
    /// What ends a common prefix; empty is as none.
    pub delimiter: Option<String>,
    /// Where to begin.
    pub after: Option<VersionMarker>,
    /// How many entries at most.
    pub max_keys: usize,
}

/// Where a page of versions begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionMarker {
    /// After all versions of this key, or after all keys under this common prefix;
    pub key: String,
    /// or, when given, after this very version of the key.
    pub version: Option<VersionId>,
}

/// One page of versions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VersionsPage {
    /// Versions, delete markers and common prefixes: by key, and each key's newest first.
    pub entries: Vec<VersionEntry>,
    /// Whether there are more.
    pub truncated: bool,
    /// What to give as `after` for the next page, when there are more.
    pub next_after: Option<VersionMarker>,
}

/// One line of a listing of versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionEntry {
    /// A version or a delete marker.
    Version(ListedVersion),
    /// All keys that begin so, up to and with the delimiter.
    CommonPrefix(String),
}

/// A version, as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedVersion {
    /// Its key.
    pub key: ObjectKey,
    /// Its id.
    pub version: VersionId,
    /// The number of the change that made it.
    pub sequence: u64,
    /// Whether it is the newest of its key.
    pub latest: bool,
    /// When it was written, in whole milliseconds.
    pub modified: Timestamp,
    /// What it holds; `None` is a delete marker.
    pub object: Option<ListedObject>,
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

/// Which keys a listing is about, and which of them stand together.
#[derive(Debug)]
struct Window {
    prefix: KeyPrefix,
    delimiter: Option<String>,
}

impl Window {
    fn new(prefix: KeyPrefix, delimiter: Option<String>) -> Self {
        Self { prefix, delimiter: delimiter.filter(|d| !d.is_empty()) }
    }

    /// The first key to look at when everything of `after` is over.
    fn start(&self, after: Option<&str>) -> Vec<u8> {
        let prefix = self.prefix.as_str().as_bytes().to_vec();
        let Some(after) = after else { return prefix };
        let past = match self.group(after) {
            Some(group) if group == after => successor(after.as_bytes()),
            _ => None,
        };
        past.unwrap_or_else(|| just_after(after)).max(prefix)
    }

    /// The first key not to look at any more; without one, the scan ends with the bucket.
    fn end(&self) -> Option<Vec<u8>> {
        successor(self.prefix.as_str().as_bytes())
    }

    fn group(&self, key: &str) -> Option<String> {
        let (prefix, delimiter) = (self.prefix.as_str(), self.delimiter.as_ref()?);
        let (head, _) = key.strip_prefix(prefix)?.split_once(delimiter)?;
        Some(format!("{prefix}{head}{delimiter}"))
    }
}

/// Where a scan goes after a whole group of keys.
fn past(group: &str) -> Step {
    successor(group.as_bytes()).map_or(Step::Stop, Step::SeekTo)
}

/// Gathers one page from a scan over keys in order.
///
/// Keys under a common prefix are skipped by a seek, so a page costs in proportion to its entries.
#[derive(Debug)]
pub(crate) struct Collector {
    window: Window,
    after: Option<String>,
    max_keys: usize,
    page: ListPage,
}

impl Collector {
    pub(crate) fn new(list: ListObjects) -> Self {
        let ListObjects { prefix, delimiter, after, max_keys } = list;
        let window = Window::new(prefix, delimiter);
        Self { window, after, max_keys, page: ListPage::default() }
    }

    /// The first key to look at.
    pub(crate) fn start(&self) -> Vec<u8> {
        self.window.start(self.after.as_deref())
    }

    /// The first key not to look at any more; without one, the scan ends with the bucket.
    pub(crate) fn end(&self) -> Option<Vec<u8>> {
        self.window.end()
    }

    /// Takes a key; `object` is asked only if it is to be listed.
    pub(crate) fn visit(
        &mut self,
        key: &str,
        object: impl FnOnce() -> Result<ListedObject, StoreError>,
    ) -> Result<Step, StoreError> {
        if self.page.entries.len() >= self.max_keys {
            self.page.truncated = self.max_keys > 0;
            return Ok(Step::Stop);
        }
        let (entry, name, step) = match self.window.group(key) {
            Some(group) => (ListEntry::CommonPrefix(group.clone()), group.clone(), past(&group)),
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
}

/// Gathers one page from a scan over versions: by key, and each key's newest first.
#[derive(Debug)]
pub(crate) struct VersionCollector {
    window: Window,
    after: Option<VersionMarker>,
    max_keys: usize,
    page: VersionsPage,
}

impl VersionCollector {
    pub(crate) fn new(list: ListVersions) -> Self {
        let ListVersions { prefix, delimiter, after, max_keys } = list;
        let window = Window::new(prefix, delimiter);
        Self { window, after, max_keys, page: VersionsPage::default() }
    }

    /// The first key to look at.
    pub(crate) fn start(&self) -> Vec<u8> {
        match &self.after {
            Some(VersionMarker { key, version: Some(_) }) => {
                key.as_bytes().to_vec().max(self.window.start(None))
            }
            Some(VersionMarker { key, version: None }) => self.window.start(Some(key)),
            None => self.window.start(None),
        }
    }

    /// The key and version after which the page begins, when it begins within a key.
    pub(crate) fn within(&self) -> Option<(&str, VersionId)> {
        let marker = self.after.as_ref()?;
        Some((&marker.key, marker.version?))
    }

    /// The first key not to look at any more; without one, the scan ends with the bucket.
    pub(crate) fn end(&self) -> Option<Vec<u8>> {
        self.window.end()
    }

    /// Takes a version of a key; `version` is asked only if it is to be listed.
    pub(crate) fn visit(
        &mut self,
        key: &str,
        version: impl FnOnce() -> Result<ListedVersion, StoreError>,
    ) -> Result<Step, StoreError> {
        if self.page.entries.len() >= self.max_keys {
            self.page.truncated = self.max_keys > 0;
            return Ok(Step::Stop);
        }
        let (entry, marker, step) = if let Some(group) = self.window.group(key) {
            let marker = VersionMarker { key: group.clone(), version: None };
            let step = past(&group);
            (VersionEntry::CommonPrefix(group), marker, step)
        } else {
            let listed = version()?;
            let marker = VersionMarker { key: key.to_owned(), version: Some(listed.version) };
            (VersionEntry::Version(listed), marker, Step::Next)
        };
        self.page.entries.push(entry);
        self.page.next_after = Some(marker);
        Ok(step)
    }

    pub(crate) fn finish(mut self) -> VersionsPage {
        if !self.page.truncated {
            self.page.next_after = None;
        }
        self.page
    }
}

/// Gathers one page from a scan over unfinished uploads: by key and id.
#[derive(Debug)]
pub(crate) struct UploadCollector {
    window: Window,
    after: Option<UploadMarker>,
    max: usize,
    page: UploadsPage,
}

impl UploadCollector {
    pub(crate) fn new(list: ListUploads) -> Self {
        let ListUploads { prefix, delimiter, after, max } = list;
        let window = Window::new(prefix, delimiter);
        Self { window, after, max, page: UploadsPage::default() }
    }

    /// The first key to look at.
    pub(crate) fn start(&self) -> Vec<u8> {
        match &self.after {
            Some(UploadMarker { key, upload: Some(_) }) => {
                key.as_bytes().to_vec().max(self.window.start(None))
            }
            Some(UploadMarker { key, upload: None }) => self.window.start(Some(key)),
            None => self.window.start(None),
        }
    }

    /// The key and id after which the page begins, when it begins within a key.
    pub(crate) fn within(&self) -> Option<(&str, &str)> {
        let marker = self.after.as_ref()?;
        Some((&marker.key, marker.upload.as_ref()?.as_str()))
    }

    /// The first key not to look at any more; without one, the scan ends with the bucket.
    pub(crate) fn end(&self) -> Option<Vec<u8>> {
        self.window.end()
    }

    /// Takes an upload of a key; `upload` is asked only if it is to be listed.
    pub(crate) fn visit(
        &mut self,
        key: &str,
        upload: impl FnOnce() -> Result<UploadMeta, StoreError>,
    ) -> Result<Step, StoreError> {
        if self.page.uploads.len() + self.page.common_prefixes.len() >= self.max {
            self.page.truncated = self.max > 0;
            return Ok(Step::Stop);
        }
        if let Some(group) = self.window.group(key) {
            let step = past(&group);
            self.page.next_after = Some(UploadMarker { key: group.clone(), upload: None });
            self.page.common_prefixes.push(group);
            return Ok(step);
        }
        let upload = upload()?;
        let (key, id) = (key.to_owned(), upload.id.clone());
        self.page.next_after = Some(UploadMarker { key, upload: Some(id) });
        self.page.uploads.push(upload);
        Ok(Step::Next)
    }

    pub(crate) fn finish(mut self) -> UploadsPage {
        if !self.page.truncated {
            self.page.next_after = None;
        }
        self.page
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
