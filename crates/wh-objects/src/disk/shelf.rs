//! Which blob files exist, and when one may go.
//!
//! Invariant: a file is removed only when the index no longer names it and nobody reads it. A
//! reader *looks* while it finds out what it needs, and *pins* what it found; a file that died
//! waits for every look that began before its death and for every pin on it.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};

use super::extent::BlobId;
use super::folder::Folder;
use super::seal::Sealing;
use super::sync::{Arc, AtomicU64, Mutex, MutexGuard, Ordering, PoisonError, mpsc, spawn_named};

#[derive(Debug)]
pub(super) struct Shelf {
    folder: Folder,
    sealing: Sealing,
    opening: u64,
    count: AtomicU64,
    state: Mutex<State>,
    sweeper: mpsc::Sender<PathBuf>,
}

#[derive(Debug, Default)]
struct State {
    looks: u64,
    looking: BTreeSet<u64>,
    pinned: HashMap<BlobId, usize>,
    drafts: HashSet<BlobId>,
    /// By their deaths, the first of them in front.
    dead: VecDeque<(u64, BlobId)>,
    /// The dead that no look can find any more, and that are still read.
    dying: HashSet<BlobId>,
    /// What may be removed.
    gone: Vec<BlobId>,
}

impl State {
    /// Takes out the dead that nobody can still read. Each is looked at once here, however many
    /// wait behind a look.
    fn removable(&mut self) -> Vec<BlobId> {
        let oldest = self.looking.first().copied().unwrap_or(u64::MAX);
        while let Some((_, id)) = self.dead.pop_front_if(|(death, _)| *death <= oldest) {
            if self.pinned.contains_key(&id) {
                self.dying.insert(id);
            } else {
                self.gone.push(id);
            }
        }
        std::mem::take(&mut self.gone)
    }

    /// Lets go of a file.
    fn unpin(&mut self, id: BlobId) {
        let left = self.pinned.get_mut(&id).map_or(0, |count| {
            *count -= 1;
            *count
        });
        if left == 0 {
            self.pinned.remove(&id);
            if self.dying.remove(&id) {
                self.gone.push(id);
            }
        }
    }
}

impl Shelf {
    pub(super) fn new(
        folder: Folder,
        opening: u64,
        sealing: Sealing,
    ) -> std::io::Result<Arc<Self>> {
        let (sweeper, paths) = mpsc::channel::<PathBuf>();
        let sweeping = folder.clone();
        spawn_named("wh-objects-sweep", move || {
            for path in paths {
                remove(&sweeping, &path);
            }
        })?;
        let (count, state) = (AtomicU64::new(0), Mutex::default());
        Ok(Arc::new(Self { folder, sealing, opening, count, state, sweeper }))
    }

    pub(super) fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The keys of the store.
    pub(super) fn sealing(&self) -> &Sealing {
        &self.sealing
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A name for a new blob.
    pub(super) fn name(&self) -> BlobId {
        BlobId { opening: self.opening, count: self.count.fetch_add(1, Ordering::Relaxed) }
    }

    /// The number of this opening of the store.
    pub(super) fn opening(&self) -> u64 {
        self.opening
    }

    /// Whether this opening of the store, and any before it, never gave the name out.
    pub(super) fn is_of_later(&self, id: BlobId) -> bool {
        (id.opening, id.count) >= (self.opening, self.count.load(Ordering::Relaxed))
    }

    /// Begins a blob file. It goes away with the draft unless that is kept.
    pub(super) fn draft(self: &Arc<Self>) -> Draft {
        let id = self.name();
        self.state().drafts.insert(id);
        Draft { id, shelf: Arc::clone(self), fate: Fate::Remove }
    }

    /// A number that grows with every look and every blob.
    pub(super) fn traffic(&self) -> u64 {
        self.state().looks + self.count.load(Ordering::Relaxed)
    }

    /// Begins a look into the index.
    pub(super) fn look(self: &Arc<Self>) -> Look {
        let mut state = self.state();
        state.looks += 1;
        let number = state.looks;
        state.looking.insert(number);
        Look { number, shelf: Arc::clone(self) }
    }

    /// Removes files that the index no longer names, as soon as nobody reads them.
    pub(super) fn bury(&self, dead: Vec<BlobId>) {
        let mut state = self.state();
        let death = state.looks + 1;
        state.dead.extend(dead.into_iter().map(|id| (death, id)));
        drop(state);
        self.sweep();
    }

    /// Whether a file is being written and not yet named by the index.
    pub(super) fn is_draft(&self, id: BlobId) -> bool {
        self.state().drafts.contains(&id)
    }

    fn sweep(&self) {
        let gone = self.state().removable();
        for id in gone {
            self.discard(self.folder.blob(id));
        }
    }

    fn discard(&self, path: PathBuf) {
        if self.sweeper.send(path).is_err() {
            tracing::warn!("the sweeper has ended; files stay until the store is opened again");
        }
    }
}

fn remove(folder: &Folder, path: &Path) {
    match folder.remove(path) {
        Ok(()) => {}
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
        Err(e) => tracing::warn!(path = %path.display(), error = %e, "a file was not removed"),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Remove,
    Keep,
}

/// A blob file that the index does not name yet.
#[derive(Debug)]
pub(super) struct Draft {
    id: BlobId,
    shelf: Arc<Shelf>,
    fate: Fate,
}

impl Draft {
    pub(super) fn id(&self) -> BlobId {
        self.id
    }

    pub(super) fn incoming(&self) -> PathBuf {
        self.shelf.folder.incoming(self.id)
    }

    pub(super) fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// The index names the file now; or nobody knows whether it does, and it stays until the
    /// store is opened again.
    pub(super) fn keep(mut self) {
        self.fate = Fate::Keep;
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        self.shelf.state().drafts.remove(&self.id);
        if self.fate == Fate::Remove {
            self.shelf.discard(self.shelf.folder.incoming(self.id));
            self.shelf.discard(self.shelf.folder.blob(self.id));
        }
    }
}

/// A reader that is finding out which files it needs.
#[derive(Debug)]
pub(super) struct Look {
    number: u64,
    shelf: Arc<Shelf>,
}

impl Look {
    /// Holds the files that were found.
    pub(super) fn pin(self, blobs: Vec<BlobId>) -> Pin {
        let mut state = self.shelf.state();
        for id in &blobs {
            *state.pinned.entry(*id).or_default() += 1;
        }
        drop(state);
        Pin { blobs, shelf: Arc::clone(&self.shelf) }
    }
}

impl Drop for Look {
    fn drop(&mut self) {
        self.shelf.state().looking.remove(&self.number);
        self.shelf.sweep();
    }
}

/// A reader that holds files.
#[derive(Debug)]
pub(super) struct Pin {
    blobs: Vec<BlobId>,
    shelf: Arc<Shelf>,
}

impl Pin {
    pub(super) fn shelf(&self) -> &Shelf {
        &self.shelf
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        let mut state = self.shelf.state();
        self.blobs.iter().for_each(|id| state.unpin(*id));
        drop(state);
        self.shelf.sweep();
    }
}
