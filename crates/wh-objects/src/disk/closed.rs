//! A store that nobody serves from: locked, and opened for maintenance alone.

use std::fs::File;
use std::sync::Arc;

use rusqlite::Connection;

use super::folder::Folder;
use super::index::IndexFile;
use super::open::unopened;
use super::seal::{Keys, Sealing};
use super::shelf::Shelf;
use super::{DiskOptions, OpenError};

/// A store in the hands of `check` or `repair`. No other process can open it meanwhile.
#[derive(Debug)]
pub(super) struct Closed {
    // The index first: it is closed before the lock goes.
    pub(super) conn: Connection,
    pub(super) shelf: Arc<Shelf>,
    pub(super) index: IndexFile,
    _lock: File,
}

impl Closed {
    /// Locks a store that is there, and opens its index.
    pub(super) fn open(options: &DiskOptions) -> Result<Self, OpenError> {
        let (folder, lock) = Folder::open_closed(&options.folder)?;
        if !folder.index().is_file() {
            return Err(folder.damaged("the index is gone"));
        }
        // Where nothing was ever sealed, no key is made for the index.
        let keys = if folder.index_key().exists() { options.keys.clone() } else { Keys::Off };
        let sealing = Sealing::open(&folder, keys)?;
        let index = IndexFile { path: folder.index(), seal: sealing.page_seal() };
        let conn = index.connect().map_err(|e| unopened(&folder, e))?;
        sealing.judge(&conn, &folder)?;
        // No blob is written, so the number of this opening is never used.
        let shelf = Shelf::new(folder, 0, sealing)
            .map_err(|source| OpenError::Io { doing: "starting a thread", source })?;
        Ok(Self { conn, shelf, index, _lock: lock })
    }
}
