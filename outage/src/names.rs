//! Names in folders: which are durable, and what was done to them since.
//!
//! Invariant: a change of names is in the list until an fsync of a folder made it durable; what is
//! durable is never undone by an older change in the list.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::fate::Fate;
use crate::op::{Ino, Name};

/// The names in a folder.
pub(crate) type Names = BTreeMap<Name, Ino>;

/// The names in every folder; copied only where they change.
pub(crate) type Folders = HashMap<Ino, Arc<Names>>;

/// Where a name is.
pub(crate) type Place = (Ino, Name);

/// Something done to names that no fsync has made durable.
#[derive(Debug, Clone)]
struct Change {
    number: u64,
    what: What,
}

#[derive(Debug, Clone)]
enum What {
    Set {
        place: Place,
        ino: Ino,
    },
    /// The name goes, where it still is this node's.
    Unset {
        place: Place,
        ino: Ino,
    },
    /// All at once.
    Move {
        from: Place,
        to: Place,
        ino: Ino,
    },
}

/// The names of every folder, now and as the last fsyncs left them.
#[derive(Debug, Clone, Default)]
pub(crate) struct AllNames {
    now: Folders,
    durable: Folders,
    pending: Vec<Change>,
}

fn set(names: &mut Folders, (folder, name): &Place, ino: Ino) {
    Arc::make_mut(names.entry(*folder).or_default()).insert(Name::clone(name), ino);
}

fn unset(names: &mut Folders, (folder, name): &Place, ino: Ino) {
    if let Some(names) = names.get_mut(folder)
        && names.get(name) == Some(&ino)
    {
        Arc::make_mut(names).remove(name);
    }
}

fn apply(names: &mut Folders, what: &What) {
    match what {
        What::Set { place, ino } => set(names, place, *ino),
        What::Unset { place, ino } => unset(names, place, *ino),
        What::Move { from, to, ino } => {
            unset(names, from, *ino);
            set(names, to, *ino);
        }
    }
}

impl What {
    fn touches(&self, folder: Ino) -> bool {
        match self {
            Self::Set { place, .. } | Self::Unset { place, .. } => place.0 == folder,
            Self::Move { from, to, .. } => from.0 == folder || to.0 == folder,
        }
    }

    /// Whether it gives a name at a place.
    fn gives(&self, at: &Place) -> bool {
        match self {
            Self::Set { place, .. } | Self::Move { to: place, .. } => place == at,
            Self::Unset { .. } => false,
        }
    }
}

/// Older changes no longer give this name; a file that was moved to it still leaves its old one.
fn supersede(older: &mut [Change], to: &Place) {
    for change in older.iter_mut().filter(|change| change.what.gives(to)) {
        let (place, ino) = match &change.what {
            What::Move { from, ino, .. } => (from.clone(), *ino),
            What::Set { place, ino } | What::Unset { place, ino } => (place.clone(), *ino),
        };
        change.what = What::Unset { place, ino };
    }
}

impl AllNames {
    /// Sets a name that is durable.
    pub(crate) fn set_durable(&mut self, place: &Place, ino: Ino) {
        set(&mut self.now, place, ino);
        set(&mut self.durable, place, ino);
    }

    pub(crate) fn get(&self, folder: Ino, name: &std::ffi::OsStr) -> Option<Ino> {
        self.now.get(&folder)?.get(name).copied()
    }

    pub(crate) fn list(&self, folder: Ino) -> impl Iterator<Item = (&Name, Ino)> {
        self.now
            .get(&folder)
            .into_iter()
            .flat_map(|names| names.iter())
            .map(|(name, ino)| (name, *ino))
    }

    /// The numbers of the pending changes.
    pub(crate) fn pending(&self) -> impl Iterator<Item = u64> {
        self.pending.iter().map(|change| change.number)
    }

    pub(crate) fn set(&mut self, number: u64, place: Place, ino: Ino) {
        self.change(Change { number, what: What::Set { place, ino } });
    }

    pub(crate) fn unset(&mut self, number: u64, place: Place) {
        if let Some(ino) = self.get(place.0, &place.1) {
            self.change(Change { number, what: What::Unset { place, ino } });
        }
    }

    pub(crate) fn rename(&mut self, number: u64, from: Place, to: Place) {
        if let Some(ino) = self.get(from.0, &from.1) {
            self.change(Change { number, what: What::Move { from, to, ino } });
        }
    }

    fn change(&mut self, change: Change) {
        apply(&mut self.now, &change.what);
        self.pending.push(change);
    }

    /// Makes the names in a folder durable. A file that was moved out of it is in the other
    /// folder then; one that was moved in may keep its old name, too, until that folder is synced.
    pub(crate) fn sync(&mut self, folder: Ino) {
        let mut kept: Vec<Change> = Vec::new();
        for Change { number, what } in std::mem::take(&mut self.pending) {
            if what.touches(folder) {
                let rest = self.settle(folder, what, &mut kept);
                kept.extend(rest.map(|what| Change { number, what }));
            } else {
                kept.push(Change { number, what });
            }
        }
        self.pending = kept;
    }

    /// Makes a change durable, and tells what of it is not.
    fn settle(&mut self, folder: Ino, what: What, older: &mut [Change]) -> Option<What> {
        let What::Move { from, to, ino } = what else {
            apply(&mut self.durable, &what);
            return None;
        };
        supersede(older, &to);
        set(&mut self.durable, &to, ino);
        if from.0 == folder {
            unset(&mut self.durable, &from, ino);
            return None;
        }
        Some(What::Unset { place: from, ino })
    }

    /// The names after a power cut.
    pub(crate) fn image(&self, fate: &Fate) -> Folders {
        let mut names = self.durable.clone();
        for change in self.pending.iter().filter(|change| fate.keeps_name(change.number)) {
            apply(&mut names, &change.what);
        }
        names
    }
}
