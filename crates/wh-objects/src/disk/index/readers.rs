//! Connections that read, each on a blocking thread while it does.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::schema::IndexFile;
use super::{sql, unopened};
use crate::StoreError;

/// How many reads of the index run at once.
const READS_MAX: usize = 16;

/// How many connections are kept for the next reads.
const IDLE_MAX: usize = 8;

#[derive(Debug)]
pub(in crate::disk) struct Readers {
    index: IndexFile,
    idle: Mutex<Vec<Connection>>,
    turns: Semaphore,
}

impl Readers {
    pub(in crate::disk) fn new(index: IndexFile) -> Arc<Self> {
        let (idle, turns) = (Mutex::default(), Semaphore::new(READS_MAX));
        Arc::new(Self { index, idle, turns })
    }

    /// Runs a read on one snapshot of the index.
    pub(in crate::disk) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let _turn = self.turns.acquire().await.map_err(|_| StoreError::Closed)?;
        let this = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || this.read_now(read)).await;
        done.map_err(|_| StoreError::Closed)?
    }

    /// As [`Self::read`], on a thread that may block.
    pub(in crate::disk) fn read_now<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.turns.is_closed() {
            return Err(StoreError::Closed);
        }
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let conn =
            kept.map_or_else(|| self.index.connect(), Ok).map_err(unopened).map_err(as_damage)?;
        let snapshot = conn.unchecked_transaction().map_err(sql)?;
        let result = read(&snapshot).map_err(as_damage);
        snapshot.finish().map_err(sql)?;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX && !self.turns.is_closed() {
            idle.push(conn);
        }
        result
    }

    pub(in crate::disk) fn close(&self) {
        self.turns.close();
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
