//! A folder that is only a set of names, and can be waited for.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use super::extent::BlobId;
use super::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

#[derive(Debug, Clone, Default)]
pub(super) struct Folder(Arc<Files>);

#[derive(Debug, Default)]
struct Files {
    names: Mutex<BTreeSet<PathBuf>>,
    changed: Condvar,
}

impl Folder {
    #[expect(clippy::unused_self, reason = "a folder on a disk needs it")]
    pub(super) fn blob(&self, id: BlobId) -> PathBuf {
        Path::new("blobs").join(id.to_string())
    }

    #[expect(clippy::unused_self, reason = "a folder on a disk needs it")]
    pub(super) fn incoming(&self, id: BlobId) -> PathBuf {
        Path::new("incoming").join(id.to_string())
    }

    pub(super) fn remove(&self, path: &Path) -> io::Result<()> {
        let removed = self.names().remove(path);
        self.0.changed.notify_all();
        if removed { Ok(()) } else { Err(io::ErrorKind::NotFound.into()) }
    }

    pub(super) fn create(&self, path: PathBuf) {
        self.names().insert(path);
    }

    pub(super) fn rename(&self, from: &Path, to: PathBuf) {
        let mut names = self.names();
        assert!(names.remove(from), "`{}` is gone before it was named", from.display());
        names.insert(to);
    }

    pub(super) fn has(&self, path: &Path) -> bool {
        self.names().contains(path)
    }

    pub(super) fn every_blob(&self) -> Vec<PathBuf> {
        self.names().iter().filter(|name| name.starts_with("blobs")).cloned().collect()
    }

    /// Waits until there are these files and no others. When that never happens, every thread
    /// waits in the end, which the scheduler finds.
    pub(super) fn await_only(&self, expected: &BTreeSet<PathBuf>) {
        let mut names = self.names();
        while *names != *expected {
            names = self.0.changed.wait(names).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn names(&self) -> MutexGuard<'_, BTreeSet<PathBuf>> {
        self.0.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
