//! From the versions below a folder to what was in it: files by their keys, folders by what was in them.

use jiff::Timestamp;
use wh_aws::{ListedVersion, VersionMark};

use super::key::{KeyThen, Since, Traces};
use super::mark::Mark;
use super::{PastEntry, PastKind};

/// Comes after whatever else a key may go on with, but for more of the same.
const LAST: char = '\u{10FFFF}';

/// A folder of which the keys are being seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FolderThen {
    /// Without its slash.
    pub(super) name: String,
    /// Whether something in it was there.
    pub(super) was: bool,
    /// Whether something in it is there.
    pub(super) is: bool,
}

/// A page as it grows.
pub(super) struct Gathering<'a> {
    prefix: &'a str,
    at: Timestamp,
    key: Option<KeyThen>,
    folder: Option<FolderThen>,
    pub(super) entries: Vec<PastEntry>,
    pub(super) there: bool,
    unsure: bool,
    traces: Traces,
}

impl<'a> Gathering<'a> {
    /// From the beginning, or from where an earlier page ended.
    pub(super) fn from(mark: Option<&Mark>, prefix: &'a str, at: Timestamp) -> Self {
        Self {
            prefix,
            at,
            key: mark.and_then(|mark| mark.key.clone()),
            folder: mark.and_then(|mark| mark.folder.clone()),
            entries: Vec::new(),
            there: false,
            unsure: false,
            traces: Traces::default(),
        }
    }

    /// The next version, in the store's order.
    pub(super) fn take(&mut self, version: ListedVersion) {
        self.traces.see(&version, self.at);
        if let Some(ended) = KeyThen::go_on(&mut self.key, version, self.at) {
            self.see_key(&ended);
        }
    }

    /// There are no more.
    pub(super) fn end(&mut self) {
        if let Some(key) = self.key.take() {
            self.see_key(&key);
        }
        self.end_folder();
    }

    /// Whether something may have been there of which no version tells.
    pub(super) fn unsure(&self) -> bool {
        self.unsure || self.traces.unsure()
    }

    /// Where it goes on after a folder of which nothing more need be known.
    pub(super) fn passing_over(&mut self) -> Option<VersionMark> {
        let folder = self.folder.as_ref().filter(|folder| folder.was && folder.is)?;
        let below = format!("{}{}/", self.prefix, folder.name);
        let inside = self.key.as_ref().is_none_or(|key| key.key().starts_with(&below));
        if !inside {
            return None;
        }
        self.key = None;
        Some(VersionMark { key: format!("{below}{LAST}"), version: None })
    }

    /// What the next page is to know.
    pub(super) fn mark(&self, after: VersionMark) -> Mark {
        Mark { after, key: self.key.clone(), folder: self.folder.clone() }
    }

    fn see_key(&mut self, key: &KeyThen) {
        self.unsure |= key.unsure;
        self.there |= key.was().is_some();
        let Some(rest) = key.key().strip_prefix(self.prefix) else { return };
        if let Some((name, _)) = rest.split_once('/') {
            self.see_in_folder(name.to_owned(), key);
            return;
        }
        self.end_folder();
        // The folder's own marker is not in it.
        let name = Some(rest).filter(|name| !name.is_empty());
        self.entries.extend(name.and_then(|name| file(name, key)));
    }

    fn see_in_folder(&mut self, name: String, key: &KeyThen) {
        if self.folder.as_ref().is_none_or(|folder| folder.name != name) {
            self.end_folder();
            self.folder = Some(FolderThen { name, was: false, is: false });
        }
        if let Some(folder) = &mut self.folder {
            folder.was |= key.was().is_some();
            folder.is |= key.is().is_some();
        }
    }

    fn end_folder(&mut self) {
        let Some(FolderThen { name, was, is }) = self.folder.take() else { return };
        let since = match (was, is) {
            (false, false) => return,
            (false, true) => Some(Since::Added),
            (true, false) => Some(Since::Deleted),
            (true, true) => None,
        };
        self.entries.push(PastEntry { name, kind: PastKind::Folder, since });
    }
}

fn file(name: &str, key: &KeyThen) -> Option<PastEntry> {
    let since = key.since()?;
    let shown = key.was().or(key.is())?;
    let kind = PastKind::File {
        version: key.was().map(|was| was.version.clone()),
        size: shown.size,
        modified: shown.modified,
        etag: shown.etag.clone(),
    };
    Some(PastEntry { name: name.to_owned(), kind, since: Some(since) })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use wh_aws::{ListedVersion, VersionMark};

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    /// `a 5` is a version of second 5, `a 5 x` a delete marker of it, `a 5 null` one without an id.
    fn version(told: &str) -> ListedVersion {
        let words: Vec<&str> = told.split(' ').collect();
        let id = words.get(2).filter(|word| **word == "null").unwrap_or(&words[1]);
        ListedVersion {
            key: format!("home/{}", words[0]),
            version: (*id).to_owned(),
            latest: false,
            marker: words.get(2) == Some(&"x"),
            size: 1,
            modified: at(words[1].parse().expect("a second")),
            etag: format!("e{}", words.get(3).unwrap_or(&words[1])),
        }
    }

    fn told(entries: &[PastEntry]) -> Vec<String> {
        let one = |entry: &PastEntry| {
            let since = entry.since.map_or("there".to_owned(), |since| format!("{since:?}"));
            match &entry.kind {
                PastKind::Folder => format!("{}/ {since}", entry.name),
                PastKind::File { version, .. } => {
                    format!("{} {since} {}", entry.name, version.as_deref().unwrap_or("-"))
                }
            }
        };
        entries.iter().map(one).collect()
    }

    /// In one page, and with a page for each version: the same.
    #[track_caller]
    fn check(versions: &[&str], moment: i64, expected: &[&str]) {
        let mut whole = Gathering::from(None, "home/", at(moment));
        for one in versions {
            whole.take(version(one));
        }
        whole.end();
        assert_eq!(told(&whole.entries), expected, "at {moment}");
        let (mut entries, mut mark): (Vec<PastEntry>, Option<Mark>) = (Vec::new(), None);
        for one in versions {
            let mut page = Gathering::from(mark.as_ref(), "home/", at(moment));
            page.take(version(one));
            let after = VersionMark { key: version(one).key, version: Some("v".to_owned()) };
            let written = page.mark(after).written();
            mark = Some(Mark::read(&written).expect("a mark"));
            entries.extend(page.entries);
        }
        let mut last = Gathering::from(mark.as_ref(), "home/", at(moment));
        last.end();
        entries.extend(last.entries);
        assert_eq!(told(&entries), expected, "page by page at {moment}");
    }

    #[test]
    fn what_was_there_is_the_newest_version_that_is_not_younger_and_no_marker() {
        let versions = ["a 9", "a 5", "a 2", "b 7 x", "b 3", "c 8", "c 6 x", "c 1", "d 4"];
        check(&versions, 0, &["a Added -", "c Added -", "d Added -"]);
        check(&versions, 1, &["a Added -", "c Changed 1", "d Added -"]);
        check(&versions, 4, &["a Changed 2", "b Deleted 3", "c Changed 1", "d Same 4"]);
        check(&versions, 6, &["a Changed 5", "b Deleted 3", "c Added -", "d Same 4"]);
        check(&versions, 9, &["a Same 9", "c Same 8", "d Same 4"]);
    }

    #[test]
    fn a_file_that_was_written_again_with_the_same_bytes_has_not_changed() {
        check(&["a 9 - same", "a 5", "a 2 - same"], 3, &["a Same 2"]);
        check(&["a 9 - same", "a 5", "a 2 - same"], 6, &["a Changed 5"]);
    }

    #[test]
    fn a_folder_was_there_if_something_in_it_was() {
        let versions = ["a/x 8 x", "a/x 2", "a/y/z 6", "b/x 5 x", "b/x 4", "c 3", "c/ 7"];
        check(&versions, 1, &["a/ Added", "c Added -", "c/ Added"]);
        check(&versions, 3, &["a/ there", "c Same 3", "c/ Added"]);
        check(&versions, 4, &["a/ there", "b/ Deleted", "c Same 3", "c/ Added"]);
        check(&versions, 5, &["a/ there", "c Same 3", "c/ Added"]);
        check(&versions, 9, &["a/ there", "c Same 3", "c/ there"]);
    }

    #[test]
    fn a_folder_of_which_enough_is_known_is_passed_over() {
        let mut page = Gathering::from(None, "home/", at(3));
        page.take(version("a/x 8 x"));
        page.take(version("a/x 2"));
        page.take(version("a/y 1"));
        assert_eq!(page.passing_over(), None, "the first is deleted, and the second may go on");
        page.take(version("a/z 1"));
        let over = page.passing_over().expect("both are known");
        assert_eq!((over.key.as_str(), over.version), ("home/a/\u{10FFFF}", None));
        page.take(version("b 1"));
        assert_eq!(page.passing_over(), None);
        page.end();
        assert_eq!(told(&page.entries), ["a/ there", "b Same 1"]);
    }

    #[test]
    fn the_marker_of_a_folder_tells_that_it_was_there_and_is_not_in_it() {
        let mut page = Gathering::from(None, "home/", at(3));
        page.take(version(" 2"));
        page.end();
        assert!(page.there && page.entries.is_empty());
        let mut page = Gathering::from(None, "home/", at(1));
        page.take(version(" 2"));
        page.end();
        assert!(!page.there);
    }

    #[test]
    fn what_was_written_while_no_versions_were_kept_may_hide_what_was_there() {
        let unsure = |versions: &[&str], moment| {
            let mut page = Gathering::from(None, "home/", at(moment));
            for one in versions {
                page.take(version(one));
            }
            page.end();
            page.unsure()
        };
        assert!(unsure(&["a 5 null"], 4));
        assert!(!unsure(&["a 5 null", "b 5"], 5), "it is what was there");
        assert!(unsure(&["a 9", "a 5 null", "a 2"], 4));
        assert!(!unsure(&["a 9", "a 5 null", "a 2"], 9));
        assert!(!unsure(&["a 9", "a 2"], 1));
    }

    #[test]
    fn before_the_first_that_was_written_while_versions_were_kept_more_may_have_been_there() {
        let unsure = |versions: &[&str], moment| {
            let mut page = Gathering::from(None, "home/", at(moment));
            for one in versions {
                page.take(version(one));
            }
            page.end();
            page.unsure()
        };
        assert!(unsure(&["a 2 null", "b 7"], 5), "what was deleted before 7 left nothing");
        assert!(unsure(&["a 9", "a 2 null"], 5));
        assert!(!unsure(&["a 2 null", "b 7"], 7));
        assert!(!unsure(&["a 2 null", "b 7 x", "b 3"], 5));
        assert!(unsure(&["a 2 null", "b 3 - -2"], 5), "its upload may have ended later");
        assert!(!unsure(&[], 5));
    }

    #[test]
    fn no_mark_of_anybodys_making_is_read_but_one_of_its_shape() {
        for text in ["", "x", "[]", "{}", "[\"a\"]", "[1,2,3]", "[\"a\",null,{},null]"] {
            assert!(Mark::read(text).is_none(), "{text}");
        }
    }
}
