//! What goes on around a shelf, at its smallest: two who write, two who read, one who copies, and
//! the one who collects orphans. The index is a map under a lock, whose changes are committed one
//! after the other, as the writer's thread does.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use shuttle::thread;

use super::extent::BlobId;
use super::folder::Folder;
use super::seal::Sealing;
use super::shelf::{Draft, Shelf};
use super::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The index: which blob each key has. A blob may have two keys, after a copy.
type Index = BTreeMap<u8, BlobId>;

/// A store, as far as the shelf knows one.
#[derive(Clone)]
struct Cellar {
    folder: Folder,
    shelf: Arc<Shelf>,
    index: Arc<Mutex<Index>>,
    /// Held from the commit to the burial, as both are done by one thread.
    desk: Arc<Mutex<()>>,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Cellar {
    /// Writes a file and names it.
    fn put(&self, key: u8) {
        let draft = self.written();
        self.commit(Some(draft), |index, id| {
            id.and_then(|id| index.insert(key, id));
        });
    }

    fn written(&self) -> Draft {
        let draft = self.shelf.draft();
        let blob = draft.shelf().folder().blob(draft.id());
        self.folder.create(draft.incoming());
        thread::yield_now();
        self.folder.rename(&draft.incoming(), blob);
        draft
    }

    /// Changes the index, and buries what it names no more.
    fn commit(&self, draft: Option<Draft>, change: impl FnOnce(&mut Index, Option<BlobId>)) {
        let desk = held(&self.desk);
        let mut index = held(&self.index);
        let before = index.clone();
        change(&mut index, draft.as_ref().map(Draft::id));
        let after: BTreeSet<BlobId> = index.values().copied().collect();
        drop(index);
        if let Some(draft) = draft {
            draft.keep();
        }
        let dead: BTreeSet<BlobId> =
            before.into_values().filter(|id| !after.contains(id)).collect();
        self.shelf.bury(dead.into_iter().collect());
        drop(desk);
    }

    /// Reads a key's file twice, as a body that goes on does.
    fn read(&self, key: u8) {
        let look = self.shelf.look();
        let found = held(&self.index).get(&key).copied();
        let Some(id) = found else { return };
        let pin = look.pin(vec![id]);
        let path = pin.shelf().folder().blob(id);
        self.is_there(&path);
        thread::yield_now();
        self.is_there(&path);
    }

    fn is_there(&self, path: &Path) {
        assert!(self.folder.has(path), "`{}` is gone while it is read", path.display());
    }

    /// As `orphans.rs` does: asks for a draft first.
    fn collect(&self) {
        for path in self.shelf.folder().every_blob() {
            let name = path.file_name().and_then(|name| name.to_str());
            let Some(id) = name.and_then(BlobId::parse) else { continue };
            if !self.shelf.is_draft(id) && !held(&self.index).values().any(|named| *named == id) {
                self.shelf.bury(vec![id]);
            }
        }
    }

    fn named(&self) -> BTreeSet<PathBuf> {
        held(&self.index).values().map(|id| self.folder.blob(*id)).collect()
    }
}

/// One schedule's work.
pub(super) fn one_evening() {
    let folder = Folder::default();
    let shelf = Shelf::new(folder.clone(), 1, Sealing);
    assert!(shelf.is_ok(), "the scheduler starts every thread");
    let Ok(shelf) = shelf else { return };
    let (index, desk) = (Arc::default(), Arc::default());
    let cellar = Cellar { folder, shelf, index, desk };
    // A file that a crash left.
    cellar.folder.create(cellar.folder.blob(BlobId { opening: 0, count: 7 }));
    cellar.put(1);
    let work: [fn(&Cellar); 6] = [
        |cellar| cellar.put(1),
        |cellar| {
            // Refused by its condition: the file goes away with its draft.
            drop(cellar.written());
            cellar.commit(None, |index, _| index.retain(|key, _| *key != 1));
        },
        |cellar| {
            cellar.commit(None, |index, _| {
                index.get(&1).copied().and_then(|id| index.insert(2, id));
            });
            cellar.commit(None, |index, _| index.retain(|key, _| *key != 2));
        },
        |cellar| cellar.read(1),
        |cellar| {
            cellar.read(2);
            cellar.read(1);
        },
        Cellar::collect,
    ];
    let threads: Vec<_> = work
        .into_iter()
        .map(|work| {
            let cellar = cellar.clone();
            thread::spawn(move || work(&cellar))
        })
        .collect();
    for thread in threads {
        assert!(thread.join().is_ok(), "a thread panicked");
    }
    cellar.folder.await_only(&cellar.named());
}
