//! Moves what was committed from the write-ahead log into the index, beside the writer.
//!
//! SQLite's own checkpoint would run inside a commit and hide its errors; here they are final.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;

use super::schema::connect;
use crate::disk::health::Health;

/// A log longer than this, in bytes, is worth waiting for readers.
const LOG_BYTES_MAX: u64 = 256 << 20;

#[derive(Debug)]
pub(super) struct Checkpoints(SyncSender<()>);

impl Checkpoints {
    pub(super) fn start(
        path: PathBuf,
        health: Arc<Health>,
    ) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (nudge, nudged) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("wh-objects-checkpoint".to_owned())
            .spawn(move || run(&path, &health, &nudged))?;
        Ok((Self(nudge), thread))
    }

    /// Asks for a checkpoint soon; one that is already asked for will do.
    pub(super) fn nudge(&self) {
        match self.0.try_send(()) {
            Ok(()) | Err(TrySendError::Full(())) => {}
            Err(TrySendError::Disconnected(())) => {
                tracing::warn!("checkpoints have ended; the log grows");
            }
        }
    }
}

fn run(path: &Path, health: &Health, nudged: &Receiver<()>) {
    let Ok(conn) = connect(path) else { return health.fail("opening the index to checkpoint") };
    for () in nudged {
        if health.writable().is_err() {
            return;
        }
        if let Err(error) = checkpoint(&conn, path) {
            tracing::error!(%error, "a checkpoint failed");
            return health.fail("checkpointing the index");
        }
    }
}

fn checkpoint(conn: &Connection, path: &Path) -> rusqlite::Result<()> {
    let file = path.with_extension("db-wal");
    let long = std::fs::metadata(file).is_ok_and(|log| log.len() > LOG_BYTES_MAX);
    let mode =
        if long { "PRAGMA wal_checkpoint(TRUNCATE)" } else { "PRAGMA wal_checkpoint(PASSIVE)" };
    match conn.query_row(mode, [], |_| Ok(())) {
        Err(e) if is_passing(&e) => Ok(()),
        done => done,
    }
}

/// A busy index and a full disk pass; the log keeps everything meanwhile.
fn is_passing(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked, DiskFull};
    matches!(error.sqlite_error_code(), Some(DatabaseBusy | DatabaseLocked | DiskFull))
}
