//! Adding up: each name that the person may list, to the folder or file that is shown for it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::{FOLDER_USAGE_ENTRIES_MAX, FOLDERS_ASKED_MAX, UsedSum};
use crate::search::{Judge, Verdict};

/// How many folders below one that is shown are remembered, to be asked about one by one if need be.
const FOLDERS_KEPT_EACH: usize = 200;

/// How many of all are remembered.
const FOLDERS_KEPT: usize = 20 * FOLDERS_ASKED_MAX;

/// A folder in the folder that is asked about.
#[derive(Debug, Default)]
pub(super) struct Child {
    /// Its own name.
    pub(super) name: String,
    /// All that is below it.
    pub(super) sum: UsedSum,
    /// The folders below it and itself, with what is in each.
    pub(super) folders: BTreeMap<String, UsedSum>,
    /// Whether there are more of those.
    pub(super) more_folders: bool,
}

/// How large a folder is: what has more bytes, then more files, then comes first by name, is larger.
type Size = (u64, u64, Reverse<String>);

/// The folders beyond those that are shown.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rest {
    /// All that is below them.
    pub(super) sum: UsedSum,
    /// How many there are.
    pub(super) folders: u64,
}

/// What lies in a folder, as far as the policies let its person list it. It holds as many folders and files as are
/// shown, however many there are.
pub(super) struct Tally<'j, 'a> {
    judge: &'j mut Judge<'a>,
    /// What the folder's keys begin with.
    prefix: &'j str,
    /// How many folders may still be judged.
    left: usize,
    /// The last folder that was judged, and whether it may be listed.
    last: (String, Option<Verdict>),
    kept: usize,
    pub(super) judged_all: bool,
    /// Whether a folder was left out of which only the store knows whether it may be listed.
    pub(super) unsure: bool,
    /// The folder whose names come now: all of them come one after another.
    open: Option<Child>,
    /// The largest of those that are done.
    children: BTreeMap<Size, Child>,
    rest: Rest,
    /// The files in the folder itself.
    pub(super) own: UsedSum,
    pub(super) files: u64,
    /// The largest of them, the smallest of those on top.
    largest: BinaryHeap<Reverse<(u64, Reverse<String>)>>,
}

impl<'j, 'a> Tally<'j, 'a> {
    pub(super) fn of(judge: &'j mut Judge<'a>, prefix: &'j str, mut left: usize) -> Self {
        let verdict = judge.verdict(prefix, &mut left);
        Self {
            judge,
            prefix,
            left,
            last: (prefix.to_owned(), verdict),
            kept: 0,
            // What is not certainly allowed of the folder itself is not counted, and that is said.
            judged_all: verdict == Some(Verdict::Allowed),
            unsure: verdict == Some(Verdict::Uncertain),
            open: None,
            children: BTreeMap::new(),
            rest: Rest::default(),
            own: UsedSum::default(),
            files: 0,
            largest: BinaryHeap::new(),
        }
    }

    /// Takes in a name. They come in the order of their bytes.
    pub(super) fn add(&mut self, key: &str, bytes: u64) {
        let Some(rest) = key.strip_prefix(self.prefix) else { return };
        // A folder's own mark lies in the folder that it marks.
        let holder = key.rfind('/').and_then(|at| key.get(..=at)).unwrap_or_default();
        let holder = if holder.len() < self.prefix.len() { self.prefix } else { holder };
        if !self.lists(holder) {
            return;
        }
        let sum = UsedSum { bytes, files: u64::from(!key.ends_with('/')) };
        match rest.split_once('/') {
            None => self.file(rest, sum),
            Some((child, _)) => self.below(child, holder, sum),
        }
    }

    fn lists(&mut self, holder: &str) -> bool {
        if self.last.0 != holder {
            let verdict = self.judge.verdict(holder, &mut self.left);
            self.judged_all &= verdict.is_some();
            self.unsure |= verdict == Some(Verdict::Uncertain);
            self.last.0.clear();
            self.last.0.push_str(holder);
            self.last.1 = verdict;
        }
        self.last.1 == Some(Verdict::Allowed)
    }

    fn file(&mut self, name: &str, sum: UsedSum) {
        // What has the very name of the place, and of the folder, is no file in it.
        if name.is_empty() {
            return;
        }
        self.own.add(sum);
        self.files += 1;
        self.largest.push(Reverse((sum.bytes, Reverse(name.to_owned()))));
        if self.largest.len() > FOLDER_USAGE_ENTRIES_MAX {
            self.largest.pop();
        }
    }

    fn below(&mut self, name: &str, holder: &str, sum: UsedSum) {
        if self.open.as_ref().is_none_or(|open| open.name != name) {
            self.close();
        }
        let child =
            self.open.get_or_insert_with(|| Child { name: name.to_owned(), ..Child::default() });
        child.sum.add(sum);
        if let Some(known) = child.folders.get_mut(holder) {
            known.add(sum);
        } else if child.folders.len() < FOLDERS_KEPT_EACH && self.kept < FOLDERS_KEPT {
            self.kept += 1;
            child.folders.insert(holder.to_owned(), sum);
        } else {
            child.more_folders = true;
        }
    }

    /// Ends the folder whose names came last. Of those that are done the smallest goes to the rest.
    fn close(&mut self) {
        let Some(child) = self.open.take() else { return };
        let size = (child.sum.bytes, child.sum.files, Reverse(child.name.clone()));
        self.children.insert(size, child);
        if self.children.len() <= FOLDER_USAGE_ENTRIES_MAX {
            return;
        }
        if let Some((_, smallest)) = self.children.pop_first() {
            self.kept = self.kept.saturating_sub(smallest.folders.len());
            self.rest.sum.add(smallest.sum);
            self.rest.folders += 1;
        }
    }

    /// The largest folders, the largest first, and the others together.
    pub(super) fn folders(&mut self) -> (Vec<Child>, Rest) {
        self.close();
        let children = std::mem::take(&mut self.children).into_values().rev();
        (children.collect(), std::mem::take(&mut self.rest))
    }

    /// The largest of the folder's own files.
    pub(super) fn largest(&mut self) -> Vec<(String, u64)> {
        let files = std::mem::take(&mut self.largest).into_iter();
        files.map(|Reverse((bytes, Reverse(name)))| (name, bytes)).collect()
    }
}
