//! Rotation: everything that an older master key wraps is wrapped under the current one.
//!
//! Files are not touched: only their data keys are wrapped anew, in the index. A pass may be broken
//! off at any point; the next one begins at the front and passes over what is done.

use std::sync::Arc;

use rusqlite::Connection;

use super::DiskStore;
use super::extent::BlobId;
use super::index::{Work, sql};
use super::rows::run;
use super::seal::{Rewrap, Sealing, Wrapped};
use crate::StoreError;

/// How many rows are looked at on one snapshot, so that the log can be moved in between.
const LOOKED_AT_MAX: u32 = 4096;

/// How many keys are changed in one transaction, so that writers wait only milliseconds.
const CHANGED_MAX: usize = 512;

/// What a rotation did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rewrapped {
    /// How many keys are under the current master key now that were not before.
    pub keys: u64,
    /// How many could not be unwrapped, so that their master keys must stay.
    pub damaged: u64,
}

/// One key to be changed.
struct Change {
    row: i64,
    blob: BlobId,
    old: Wrapped,
    new: Wrapped,
}

/// What one look found.
#[derive(Default)]
struct Found {
    changes: Vec<Change>,
    damaged: u64,
    /// The last row looked at; none when there are no more.
    last: Option<i64>,
}

impl DiskStore {
    /// Wraps every key that is under an older master key under the current one, beside reads and
    /// writes. When it ends and nothing was damaged, the store needs no master key but the current
    /// one. Does nothing when encryption is off.
    pub async fn rewrap(&self) -> Result<Rewrapped, StoreError> {
        let mut done = Rewrapped::default();
        self.health.has_room()?;
        done.keys += u64::from(self.rewrap_index_key().await?);
        let mut after = Some(i64::MIN);
        while let Some(row) = after {
            after = self.rewrap_some((row, LOOKED_AT_MAX), &mut done).await?;
        }
        if done.damaged == 0 {
            self.forget_older_keys().await?;
        }
        Ok(done)
    }

    async fn rewrap_index_key(&self) -> Result<bool, StoreError> {
        let keys = Arc::clone(&self.shelf);
        let writing = move || keys.sealing().rewrap_index_key(keys.folder());
        let written = tokio::task::spawn_blocking(writing).await;
        let written = written.map_err(|_| StoreError::Closed)?;
        // The old key stays in force until the new one has its name; either opens the index.
        written.map_err(|e| self.health.sync_draft("writing the index key", e))
    }

    /// Looks at some rows, and tells after which one to go on.
    pub(super) async fn rewrap_some(
        &self,
        (after, rows): (i64, u32),
        done: &mut Rewrapped,
    ) -> Result<Option<i64>, StoreError> {
        let keys = Arc::clone(&self.shelf);
        let look = move |conn: &Connection| look(conn, keys.sealing(), (after, rows));
        let Found { mut changes, damaged, last } = self.readers.read(look).await?;
        done.damaged += damaged;
        while !changes.is_empty() {
            let rest = changes.split_off(changes.len().min(CHANGED_MAX));
            done.keys += self.writer.submit(move |work| change(work, &changes)).await?;
            changes = rest;
        }
        Ok(last)
    }

    async fn forget_older_keys(&self) -> Result<(), StoreError> {
        let Some(current) = self.shelf.sealing().current() else { return Ok(()) };
        let current = current.to_string();
        let job = move |work: &mut Work<'_>| {
            run(work.conn, "DELETE FROM master_key WHERE id <> ?1", [current]).map(drop)
        };
        self.writer.submit(job).await
    }
}

fn look(conn: &Connection, sealing: &Sealing, rows: (i64, u32)) -> Result<Found, StoreError> {
    let text = "SELECT row, id, wrapped FROM blob WHERE row > ?1 ORDER BY row LIMIT ?2";
    let mut statement = conn.prepare_cached(text).map_err(sql)?;
    let mut rows = statement.query(rows).map_err(sql)?;
    let mut found = Found::default();
    while let Some(row) = rows.next().map_err(sql)? {
        let number = row.get(0).map_err(sql)?;
        found.last = Some(number);
        let Some(wrapped) = row.get::<_, Option<Vec<u8>>>(2).map_err(sql)? else { continue };
        let (blob, old) = (BlobId::from_bytes(row.get(1).map_err(sql)?), Wrapped::kept(wrapped));
        match sealing.rewrap(blob, &old)? {
            Rewrap::Current => {}
            Rewrap::Anew(new) => found.changes.push(Change { row: number, blob, old, new }),
            Rewrap::Damaged => found.damaged += 1,
        }
    }
    Ok(found)
}

/// Changes the keys that are still as they were.
fn change(work: &mut Work<'_>, changes: &[Change]) -> Result<u64, StoreError> {
    let text = "UPDATE blob SET wrapped = ?4 WHERE row = ?1 AND id = ?2 AND wrapped = ?3";
    let mut count = 0;
    for Change { row, blob, old, new } in changes {
        let params = (row, blob.to_bytes(), old.as_bytes(), new.as_bytes());
        count += run(work.conn, text, params)? as u64;
    }
    Ok(count)
}
