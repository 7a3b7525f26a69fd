//! Moves what was committed from the write-ahead log into the index, mostly beside the writer.
//!
//! SQLite's own checkpoint would run inside a commit and hide its errors; here they are final.
//!
//! A log begins anew, in the same bytes of its file, only when all of it was moved, and the writer
//! goes on while a thread moves. So the thread moves the bulk and the writer the rest, between two
//! commits. A log that is written over instead of growing costs a sync of its bytes alone; one
//! that grows costs a commit of the file system's journal besides. Where the disk is full it is cut off
//! instead: a log that became long while readers were in the way would keep the room that deletes give.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;

use super::schema::{BUSY_WAIT, IndexFile};
use crate::StoreError;
use crate::disk::health::Health;

/// What the writer may be left with, as a part of the log that is worth moving, after so many
/// attempts to leave less.
const REST_PART: u64 = 8;
const MOVES_MAX: usize = 3;

/// Once a log has so many pages, its file is made as long as it will be, and written: one that is
/// only allocated grows in the file system's journal all the same. A store that is hardly used
/// is spared that.
const GROWS_AT_PAGES: u64 = 64;

/// A page in the log, with its head, in bytes.
const FRAME_BYTES: u64 = 4096 + 24;

/// So long may the log's file stay on a disk that is full.
const KEPT_BYTES_MAX: u64 = GROWS_AT_PAGES * FRAME_BYTES;

/// How long the writer waits for readers, so that the log may begin anew; where that did not help,
/// it waits again only when the log is twice as long.
const READERS_WAIT: Duration = Duration::from_millis(50);

/// A log, in pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Log {
    pages: u64,
    moved: u64,
}

/// The log as the writer sees it.
#[derive(Debug)]
pub(super) struct Checkpoints {
    nudge: SyncSender<()>,
    moved: Arc<AtomicBool>,
    /// So many pages are worth moving.
    worth: u64,
    /// At how many pages it is to be moved next.
    due: u64,
    /// From how many pages on readers are waited for.
    waits: u64,
    file: PathBuf,
    /// Whether its file was never made long.
    short: bool,
}

impl Checkpoints {
    pub(super) fn start(
        (index, worth): (IndexFile, u64),
        health: Arc<Health>,
    ) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (nudge, nudged) = sync_channel(1);
        let moved = Arc::new(AtomicBool::new(false));
        let (tell, file) = (Arc::clone(&moved), index.path.with_extension("db-wal"));
        let thread = std::thread::Builder::new()
            .name("wh-objects-checkpoint".to_owned())
            .spawn(move || run((&index, worth), &health, (&nudged, &tell)))?;
        Ok((Self { nudge, moved, worth, due: worth, waits: worth, file, short: true }, thread))
    }

    /// What is to be done about the log between two commits.
    pub(super) fn tend(&mut self, writer: &Connection, health: &Health) -> rusqlite::Result<()> {
        if self.keeps_room(health) {
            return self.begin_anew(writer, "TRUNCATE");
        }
        if self.moved.swap(false, Ordering::AcqRel) {
            return self.begin_anew(writer, "RESTART");
        }
        let pages = checkpoint(writer, "NOOP")?.map_or(0, |log| log.pages);
        if pages >= self.due {
            self.due = u64::MAX;
            self.nudge();
        }
        if self.short && pages >= GROWS_AT_PAGES.min(self.worth) {
            self.short = false;
            if health.has_room_for_files().is_ok()
                && let Err(error) = lengthen(&self.file, self.worth)
            {
                // The log works as it is; a disk that fails will say so at the next commit.
                tracing::warn!(%error, "the log of the index was not made longer");
            }
        }
        Ok(())
    }

    /// Whether the disk is full and the log's file is a part of that.
    fn keeps_room(&self, health: &Health) -> bool {
        let long = || std::fs::metadata(&self.file).is_ok_and(|file| file.len() > KEPT_BYTES_MAX);
        matches!(health.has_room_for_files(), Err(StoreError::NoSpace)) && long()
    }

    /// Moves the rest and has the log begin anew, at its file's length (`RESTART`) or at none (`TRUNCATE`).
    /// Where a reader still needs the old one, this is tried again when there is as much again.
    fn begin_anew(&mut self, writer: &Connection, mode: &str) -> rusqlite::Result<()> {
        let pages = checkpoint(writer, "NOOP")?.map_or(0, |log| log.pages);
        let waits = pages >= self.waits;
        writer.busy_timeout(if waits { READERS_WAIT } else { Duration::ZERO })?;
        let log = checkpoint(writer, mode);
        writer.busy_timeout(BUSY_WAIT)?;
        if log?.is_some_and(|log| log.moved == log.pages) {
            (self.due, self.waits) = (self.worth, self.worth);
            return Ok(());
        }
        self.due = pages.saturating_add(self.worth);
        if waits {
            self.waits = pages.saturating_mul(2);
        }
        Ok(())
    }

    /// Asks for a checkpoint soon.
    fn nudge(&self) {
        match self.nudge.try_send(()) {
            Ok(()) | Err(TrySendError::Full(())) => {}
            Err(TrySendError::Disconnected(())) => {
                tracing::warn!("checkpoints have ended; the log grows");
            }
        }
    }
}

/// Writes zeros behind the log, where SQLite sees no frames. Only between two commits.
fn lengthen(file: &Path, worth: u64) -> std::io::Result<()> {
    let mut log = OpenOptions::new().append(true).open(file)?;
    let grown = (worth + worth / REST_PART) * FRAME_BYTES;
    let zeros = vec![0; 1 << 20];
    loop {
        let missing = grown.saturating_sub(log.metadata()?.len());
        let some = usize::try_from(missing).unwrap_or(usize::MAX).min(zeros.len());
        match zeros.get(..some) {
            None | Some([]) => return Ok(()),
            Some(zeros) => log.write_all(zeros)?,
        }
    }
}

fn run(
    (index, worth): (&IndexFile, u64),
    health: &Health,
    (nudged, moved): (&Receiver<()>, &AtomicBool),
) {
    let Ok(conn) = index.connect() else { return health.fail("opening the index to checkpoint") };
    for () in nudged {
        if health.writable().is_err() {
            return;
        }
        if let Err(error) = move_most(&conn, worth / REST_PART) {
            tracing::error!(%error, "a checkpoint failed");
            return health.fail("checkpointing the index");
        }
        moved.store(true, Ordering::Release);
    }
}

fn move_most(conn: &Connection, rest: u64) -> rusqlite::Result<()> {
    for _ in 0..MOVES_MAX {
        let Some(log) = checkpoint(conn, "PASSIVE")? else { return Ok(()) };
        if log.pages.saturating_sub(log.moved) <= rest {
            return Ok(());
        }
    }
    Ok(())
}

/// Tells about the log; nothing where something passing is in the way.
fn checkpoint(conn: &Connection, mode: &str) -> rusqlite::Result<Option<Log>> {
    let text = format!("PRAGMA wal_checkpoint({mode})");
    let count = |row: &rusqlite::Row<'_>, at| row.get(at).map(|n: i64| n.unsigned_abs());
    let done = conn.prepare_cached(&text).and_then(|mut statement| {
        statement.query_row([], |row| Ok(Log { pages: count(row, 1)?, moved: count(row, 2)? }))
    });
    match done {
        Err(e) if is_passing(&e) => Ok(None),
        done => done.map(Some),
    }
}

/// A busy index and a full disk pass; the log keeps everything meanwhile.
fn is_passing(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked, DiskFull};
    matches!(error.sqlite_error_code(), Some(DatabaseBusy | DatabaseLocked | DiskFull))
}
