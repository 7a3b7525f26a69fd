//! Collects, in the background, files that a crash left without a name in the index.

use std::sync::Arc;

use rusqlite::OptionalExtension;

use super::extent::BlobId;
use super::health::Health;
use super::index::{Readers, sql};
use super::shelf::Shelf;
use crate::StoreError;

/// What this works with.
type Parts = (Arc<Shelf>, Arc<Readers>, Arc<Health>);

pub(super) fn collect(parts: Parts) -> std::io::Result<()> {
    let thread = std::thread::Builder::new().name("wh-objects-orphans".to_owned());
    thread.spawn(move || run(&parts)).map(drop)
}

fn run((shelf, readers, health): &Parts) {
    for id in shelf.folder().every_blob() {
        let orphan = match id {
            Ok(id) => is_orphan(shelf, readers, id).map(|orphan| orphan.then_some(id)),
            Err(source) => Err(StoreError::Io { doing: "looking for orphans", source }),
        };
        match orphan {
            Ok(None) => {}
            // A crash leaves files of openings that were counted. A file of a later one says that
            // the index is older than the folder, and then nobody knows what an orphan is.
            Ok(Some(id)) if shelf.is_of_later(id) => {
                tracing::error!(%id, "a file is newer than the index; the index is an old copy");
                return health.fail("looking for orphans");
            }
            Ok(Some(id)) if id.opening >= shelf.opening() => {}
            Ok(Some(id)) => {
                tracing::info!(%id, "a file without a name in the index is removed");
                shelf.bury(vec![id]);
            }
            Err(StoreError::Closed) => return,
            Err(error) => return tracing::warn!(%error, "orphans stay until the next opening"),
        }
    }
}

/// Asks for a draft first: one that is none any more is in the index by then, or gone.
fn is_orphan(shelf: &Shelf, readers: &Readers, id: BlobId) -> Result<bool, StoreError> {
    if shelf.is_draft(id) {
        return Ok(false);
    }
    let named = readers.read_now(|conn| {
        let sql_text = "SELECT 1 FROM blob WHERE id = ?1 AND data IS NULL";
        let mut statement = conn.prepare_cached(sql_text).map_err(sql)?;
        statement.query_row([id.to_bytes()], |_| Ok(())).optional().map_err(sql)
    })?;
    Ok(named.is_none())
}
