//! Connections that read, on a few threads of ours.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::available_parallelism;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::crew::Crew;
use super::schema::IndexFile;
use super::{run_cached, sql, unopened};
use crate::StoreError;

/// How many reads of the index run at once: as many as there are processors, within these.
const READS_MIN: usize = 4;
const READS_MAX: usize = 16;

#[derive(Debug)]
pub(in crate::disk) struct Readers {
    index: IndexFile,
    idle: Mutex<Vec<Connection>>,
    crew: Crew,
}

impl Readers {
    pub(in crate::disk) fn new(index: IndexFile) -> io::Result<Arc<Self>> {
        let processors = available_parallelism().map_or(READS_MIN, usize::from);
        let crew = Crew::start(processors.clamp(READS_MIN, READS_MAX))?;
        Ok(Arc::new(Self { index, idle: Mutex::default(), crew }))
    }

    /// The index that is read.
    pub(in crate::disk) fn index(&self) -> &IndexFile {
        &self.index
    }

    /// Runs a read on one snapshot of the index. One that nobody waits for any more is not begun.
    pub(in crate::disk) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let this = Arc::clone(self);
        self.crew.give(Box::new(move || {
            if !answer.is_closed() {
                drop(answer.send(this.read_now(read)));
            }
        }))?;
        answered.await.map_err(|_| StoreError::Closed)?
    }

    /// As [`Self::read`], on a thread that may block.
    pub(in crate::disk) fn read_now<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.crew.is_closed() {
            return Err(StoreError::Closed);
        }
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let conn =
            kept.map_or_else(|| self.index.connect(), Ok).map_err(unopened).map_err(as_damage)?;
        run_cached(&conn, "BEGIN").map_err(sql)?;
        let result = read(&conn).map_err(as_damage);
        // SQLite ends a transaction that met a failing page. What failed is the answer then, and
        // the connection is not kept.
        if conn.is_autocommit() {
            return result;
        }
        run_cached(&conn, "COMMIT").map_err(sql)?;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < READS_MAX && !self.crew.is_closed() {
            idle.push(conn);
        }
        result
    }

    pub(in crate::disk) fn close(&self) {
        self.crew.close();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn as_damage(error: StoreError) -> StoreError {
    let StoreError::Io { doing, source } = error else { return error };
    if source.kind() == io::ErrorKind::InvalidData {
        return StoreError::Corrupt { what: "the index".to_owned() };
    }
    StoreError::Io { doing, source }
}
