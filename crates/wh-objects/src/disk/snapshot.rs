//! One moment of a running store, held still for a backup.
//!
//! The index is copied as its file is, page by page: pages keep their places, so that the next
//! backup finds most of them again, and sealed ones stay sealed. Nothing may be moved from the log
//! into the file meanwhile. SQLite sees to that: who checkpoints must exclude those who read the
//! file alone, without the log, and such a reader is what a [`Snapshot`] holds. Commits go on; the
//! log grows until [`Snapshot::thaw`].
//!
//! Source: SQLite, "WAL-mode File Format", 2.3.1 and 4.2 (`WAL_READ_LOCK(0)`).

use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rusqlite::Connection;

use super::DiskStore;
use super::extent::BlobId;
use super::folder::Folder;
use super::health::Health;
use super::holders::bytes_of;
use super::index::{IndexFile, Readers, sql, unopened};
use super::opening::{self, Opening};
use super::seal::Wrapped;
use super::shelf::{Look, Pin, Shelf};
use super::sound::FileRead;
use crate::StoreError;

/// A page of the index, in bytes.
const PAGE_BYTES: usize = 4096;

/// How often it is tried to catch the log empty, and how long is waited in between: readers of an
/// older state are in the way only while they read a page of a listing.
const ATTEMPTS_MAX: u32 = 200;
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(25);

/// The index's file, opened once and never closed while the store is open: closing any descriptor
/// of a file drops all locks that the process has on it, those of SQLite too.
#[derive(Debug, Default)]
pub(super) struct RawIndex(OnceLock<Arc<File>>);

impl RawIndex {
    fn get(&self, path: &std::path::Path) -> std::io::Result<Arc<File>> {
        if let Some(file) = self.0.get() {
            return Ok(Arc::clone(file));
        }
        let opened = Arc::new(File::open(path)?);
        Ok(Arc::clone(self.0.get_or_init(|| opened)))
    }
}

/// One moment of a store. While it is there, no file goes away that the index named then and that
/// is wanted.
#[derive(Debug)]
pub(crate) struct Snapshot {
    frozen: Option<Connection>,
    index: Arc<File>,
    index_bytes: u64,
    index_pages: u32,
    blobs: Vec<BlobId>,
    /// The data keys of the blobs that are wanted.
    keys: HashMap<BlobId, Option<Wrapped>>,
    facts: Facts,
    shelf: Arc<Shelf>,
    readers: Arc<Readers>,
    hold: Hold,
}

/// What keeps files from going away.
#[derive(Debug)]
enum Hold {
    /// All of them, until it is known which ones are wanted.
    All(Look),
    Wanted(#[expect(dead_code, reason = "it holds them")] Pin),
    Nothing,
}

/// What a manifest tells of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) opening: Opening,
    pub(crate) buckets: u64,
    pub(crate) objects: u64,
    pub(crate) versions: u64,
    pub(crate) newest_event: u64,
}

impl DiskStore {
    /// Holds this moment still.
    pub(crate) async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        self.health.readable()?;
        let (files, readers) = (Arc::clone(&self.shelf), Arc::clone(&self.readers));
        let (raw, health) = (Arc::clone(&self.raw_index), Arc::clone(&self.health));
        let take = move || take(files, readers, (&raw, &health));
        tokio::task::spawn_blocking(take).await.map_err(|_| StoreError::Closed)?
    }
}

fn io(source: std::io::Error) -> StoreError {
    StoreError::Io { doing: "taking a snapshot", source }
}

fn take(
    shelf: Arc<Shelf>,
    readers: Arc<Readers>,
    (raw, health): (&RawIndex, &Health),
) -> Result<Snapshot, StoreError> {
    let look = shelf.look();
    let index = raw.get(&readers.index().path).map_err(io)?;
    let conn = freeze(readers.index(), health)?;
    let index_bytes = index.metadata().map_err(io)?.len();
    let (blobs, facts) = (blobs(&conn)?, facts(&conn)?);
    let index_pages = conn.query_row("PRAGMA page_count", [], |row| row.get(0)).map_err(sql)?;
    Ok(Snapshot {
        frozen: Some(conn),
        index,
        index_bytes,
        index_pages,
        blobs,
        keys: HashMap::new(),
        facts,
        shelf,
        readers,
        hold: Hold::All(look),
    })
}

/// A connection that reads the file alone, with everything in it.
fn freeze(index: &IndexFile, health: &Health) -> Result<Connection, StoreError> {
    // A checkpoint syncs the log and the index, and what that says is final.
    let checkpoint = |conn: &Connection| {
        let moved = checkpoint(conn);
        if let Err(StoreError::Io { .. }) = &moved {
            health.fail("checkpointing the index");
        }
        moved
    };
    let connect = || index.connect().map_err(unopened);
    let (holder, conn) = (connect()?, connect()?);
    for _ in 0..ATTEMPTS_MAX {
        // Most of it beside the writer; what is left while he waits.
        checkpoint(&conn)?;
        holder.execute_batch("BEGIN IMMEDIATE").map_err(sql)?;
        let empty = checkpoint(&conn).and_then(|empty| {
            if empty {
                conn.execute_batch("BEGIN; SELECT one FROM store").map_err(sql)?;
            }
            Ok(empty)
        });
        holder.execute_batch("ROLLBACK").map_err(sql)?;
        if empty? {
            return Ok(conn);
        }
        std::thread::sleep(BETWEEN_ATTEMPTS);
    }
    Err(io(std::io::Error::other("the index's log could not be emptied")))
}

/// Moves the log into the index, and tells whether all of it is there.
fn checkpoint(conn: &Connection) -> Result<bool, StoreError> {
    let row = |row: &rusqlite::Row<'_>| {
        let (busy, log, moved): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(busy == 0 && log == moved)
    };
    match conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], row).map_err(sql) {
        // Somebody is in the way, and passes.
        Err(StoreError::Busy) => Ok(false),
        moved => moved,
    }
}

fn blobs(conn: &Connection) -> Result<Vec<BlobId>, StoreError> {
    let text = "SELECT id FROM blob WHERE data IS NULL ORDER BY id";
    let mut statement = conn.prepare(text).map_err(sql)?;
    let mut rows = statement.query([]).map_err(sql)?;
    let mut blobs = Vec::new();
    while let Some(row) = rows.next().map_err(sql)? {
        blobs.push(id_in(row)?);
    }
    Ok(blobs)
}

fn id_in(row: &rusqlite::Row<'_>) -> Result<BlobId, StoreError> {
    let id = bytes_of(row, 0).map_err(sql)?.try_into();
    let damaged = |_| StoreError::Corrupt { what: "the id of a blob".to_owned() };
    Ok(BlobId::from_bytes(id.map_err(damaged)?))
}

fn facts(conn: &Connection) -> Result<Facts, StoreError> {
    let opening = opening::newest(conn).map_err(sql)?;
    let text = "SELECT (SELECT count(*) FROM bucket), (SELECT count(*) FROM object), \
                (SELECT count(*) FROM version), (SELECT coalesce(max(seq), 0) FROM event)";
    let row = |row: &rusqlite::Row<'_>| {
        let (objects, older): (u64, u64) = (row.get(1)?, row.get(2)?);
        Ok(Facts {
            opening: opening.clone(),
            buckets: row.get(0)?,
            objects,
            versions: objects + older,
            newest_event: row.get(3)?,
        })
    };
    conn.query_row(text, [], row).map_err(sql)
}

impl Snapshot {
    pub(crate) fn facts(&self) -> Facts {
        self.facts.clone()
    }

    /// Whether an opening was one of this store as it is now.
    pub(crate) fn knows(&self, opening: &Opening) -> Result<bool, StoreError> {
        self.readers.read_now(|conn| opening::is_known(conn, opening))
    }

    /// How many bytes the index has.
    pub(crate) fn index_bytes(&self) -> u64 {
        self.index_bytes
    }

    /// Reads a piece of the index. For a thread that may block, as all that follows.
    pub(crate) fn read_index(&self, offset: u64, len: usize) -> std::io::Result<Vec<u8>> {
        let mut data = vec![0; len];
        self.index.read_exact_at(&mut data, offset)?;
        Ok(data)
    }

    /// The pages of a piece of the index that are not what was written there.
    pub(crate) fn damaged_pages(&self, offset: u64, piece: &[u8]) -> Vec<u32> {
        let first = offset / PAGE_BYTES as u64 + 1;
        let number = |place: u64| u32::try_from(first + place).unwrap_or(u32::MAX);
        let pages = (0..).map(number).zip(piece.chunks(PAGE_BYTES));
        // What may follow the last page is nobody's.
        let pages = pages.take_while(|(number, _)| *number <= self.index_pages);
        let seal = &self.readers.index().seal;
        let is_damaged = |(number, page): &(u32, &[u8])| !wh_pages::is_sound(seal, *number, page);
        pages.filter(is_damaged).map(|(number, _)| number).collect()
    }

    /// Says which blobs will be asked for. Others go away when they are deleted; of these the data
    /// keys are kept, for their rows may go. Before [`Self::thaw`].
    pub(crate) fn want(&mut self, wanted: impl Fn(&BlobId) -> bool) -> Result<(), StoreError> {
        let thawed = || io(std::io::Error::other("the moment is over"));
        let conn = self.frozen.as_ref().ok_or_else(thawed)?;
        let text = "SELECT id, wrapped FROM blob WHERE data IS NULL";
        let mut statement = conn.prepare(text).map_err(sql)?;
        let mut rows = statement.query([]).map_err(sql)?;
        while let Some(row) = rows.next().map_err(sql)? {
            let id = id_in(row)?;
            if wanted(&id) {
                let wrapped: Option<Vec<u8>> = row.get(1).map_err(sql)?;
                self.keys.insert(id, wrapped.map(Wrapped::kept));
            }
        }
        if let Hold::All(look) = std::mem::replace(&mut self.hold, Hold::Nothing) {
            self.hold = Hold::Wanted(look.pin(self.keys.keys().copied().collect()));
        }
        Ok(())
    }

    /// The index was read; its log may be moved again.
    pub(crate) fn thaw(&mut self) {
        drop(self.frozen.take());
    }

    /// Every blob that is a file, in order.
    pub(crate) fn blobs(&self) -> &[BlobId] {
        &self.blobs
    }

    /// The store's folder.
    pub(crate) fn folder(&self) -> &Folder {
        self.shelf.folder()
    }

    /// Reads and compares every block of a blob that is wanted, deleted meanwhile or not.
    pub(crate) fn verify(&self, id: BlobId) -> Result<(), StoreError> {
        let unwanted = || StoreError::Corrupt { what: format!("the row of blob {id}") };
        let wrapped = self.keys.get(&id).ok_or_else(unwanted)?;
        let mut file = FileRead::under(&self.shelf, id, wrapped.as_ref())?;
        while file.next()?.is_some() {}
        Ok(())
    }
}
