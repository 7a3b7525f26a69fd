//! From names to an answer: what the policies let the person list, and then what the store does.

use std::cmp::Reverse;

use jiff::Timestamp;
use tokio::runtime::Handle;
use wh_ledger::GrantRow;
use wh_people::Person;

use super::listed::Listed;
use super::tally::{Child, Rest, Tally};
use super::{
    ASKED_WITHIN, FOLDER_USAGE_ENTRIES_MAX, FOLDERS_ASKED_MAX, FOLDERS_JUDGED_MAX, FolderUsage,
    UsageSource, UsedBy, UsedEntry, UsedSum,
};
use crate::search::{Confirmer, Depth, Judge};
use crate::{Files, FilesError};

/// Which folder is asked about.
pub(super) struct Asked {
    pub(super) grant: GrantRow,
    /// What its keys begin with.
    pub(super) prefix: String,
    /// Since when what happened may be missing.
    pub(super) as_of: Timestamp,
}

/// Adds up. It takes a processor for as long as it takes to go over the names, and then waits for the store.
pub(super) fn usage(
    files: &Files,
    person: &Person,
    (asked, listed): (Asked, Option<Listed>),
    runtime: Handle,
) -> Result<FolderUsage, FilesError> {
    let Asked { grant, prefix, as_of } = asked;
    let bucket = grant.bucket.clone();
    let mut judge = Judge::of(files.open(person, grant), files.search.wire())?;
    let mut tally = Tally::of(&mut judge, &prefix, FOLDERS_JUDGED_MAX);
    let (source, whole, deep) = match listed {
        None => {
            let names = files.search.names();
            names.each_below(bucket.as_str(), &prefix, |key, bytes| tally.add(key, bytes));
            (UsageSource::Index, true, false)
        }
        Some(Listed { mut names, whole, deep }) => {
            // Folder by folder they come in another order.
            names.sort_unstable();
            for (key, bytes) in &names {
                tally.add(key, *bytes);
            }
            (UsageSource::Listing, whole, deep)
        }
    };
    let (own, own_files, unsure) = (tally.own, tally.files, tally.unsure);
    let complete = whole && tally.judged_all && !unsure;
    let (largest, (children, rest)) = (tally.largest(), tally.folders());
    let store = Confirmer::asking(files, runtime, (FOLDERS_ASKED_MAX, ASKED_WITHIN));
    let mut sight = Sight { judges: [judge], store, prefix, complete };
    let all_below = deep || children.is_empty() || sight.lists_all_below();
    let seen = if all_below { Seen::all(children, rest) } else { sight.seen(children, rest) };
    let mut total = own;
    total.add(seen.sum);
    let shown = seen.shown.into_iter().chain(largest.into_iter().map(|(name, bytes)| UsedEntry {
        kind: UsedBy::File,
        name,
        used: UsedSum { bytes, files: 1 },
    }));
    let mut entries: Vec<UsedEntry> = shown.collect();
    entries.sort_by(|one, other| largest_first(one).cmp(&largest_first(other)));
    entries.truncate(FOLDER_USAGE_ENTRIES_MAX);
    let all = seen.folders + own_files;
    Ok(FolderUsage {
        left_out: all.saturating_sub(u64::try_from(entries.len()).unwrap_or(u64::MAX)),
        entries,
        total,
        own,
        folders: seen.folders,
        complete: sight.complete,
        unsure,
        as_of,
        source,
    })
}

/// Of what is as large, what has more files; then folders; then by name.
fn largest_first(entry: &UsedEntry) -> (Reverse<(u64, u64)>, UsedBy, &str) {
    (Reverse((entry.used.bytes, entry.used.files)), entry.kind, &entry.name)
}

/// The folders that the store lists, too.
#[derive(Default)]
struct Seen {
    shown: Vec<UsedEntry>,
    /// Of these, and of those that are not shown.
    sum: UsedSum,
    folders: u64,
}

impl Seen {
    /// All of them, where the store lists all that is below the folder.
    fn all(children: Vec<Child>, rest: Rest) -> Self {
        let mut seen = Self { sum: rest.sum, folders: rest.folders, ..Self::default() };
        for child in children {
            seen.show(child.name, child.sum);
        }
        seen
    }

    fn show(&mut self, name: String, used: UsedSum) {
        self.count(used);
        self.shown.push(UsedEntry { kind: UsedBy::Folder, name, used });
    }

    fn count(&mut self, sum: UsedSum) {
        self.sum.add(sum);
        self.folders += 1;
    }
}

/// What the person sees.
struct Sight<'a> {
    judges: [Judge<'a>; 1],
    store: Confirmer<'a>,
    prefix: String,
    complete: bool,
}

impl Sight<'_> {
    /// Whether the store lists all that is below the folder in one listing. Then it tells this person everything
    /// that is counted.
    fn lists_all_below(&mut self) -> bool {
        let all = (0, self.prefix.clone(), Depth::Below);
        self.store.ask_of(&self.judges, vec![all.clone()]);
        self.store.says_of(all) == Some(true)
    }

    /// Asks the store about each folder that is shown. The others are not counted.
    fn seen(&mut self, children: Vec<Child>, rest: Rest) -> Seen {
        let prefix = self.prefix.clone();
        let below = |name: &str| (0, format!("{prefix}{name}/"), Depth::Below);
        let asked = children.iter().map(|child| below(&child.name)).collect();
        self.store.ask_of(&self.judges, asked);
        self.complete &= rest.folders == 0;
        let mut seen = Seen::default();
        for child in children {
            let whole = self.store.says_of(below(&child.name));
            let Some(used) = self.listed(whole, &child) else { continue };
            seen.show(child.name, used);
        }
        seen
    }

    /// How much of a folder the store lists, which said this of all of it.
    fn listed(&mut self, whole: Option<bool>, child: &Child) -> Option<UsedSum> {
        match whole {
            Some(true) => return Some(child.sum),
            Some(false) => {}
            None => {
                self.complete = false;
                return None;
            }
        }
        let folder = |folder: &String| (0, folder.clone(), Depth::Folder);
        self.store.ask_of(&self.judges, child.folders.keys().map(folder).collect());
        let mut used: Option<UsedSum> = None;
        for (name, sum) in &child.folders {
            match self.store.says_of(folder(name)) {
                Some(true) => used.get_or_insert_default().add(*sum),
                Some(false) => {}
                None => self.complete = false,
            }
        }
        // Of one in which nothing is seen, nothing is said.
        self.complete &= used.is_none() || !child.more_folders;
        used
    }
}
