//! Another connection in the way of the one that writes passes.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::StoreError;
use crate::conformance::kit::code;
use crate::disk::Durability;
use crate::disk::folder::Folder;
use crate::disk::health::Health;
use crate::disk::index::{IndexFile, Work, Writer, sql};
use crate::disk::rows::run;
use crate::disk::seal::{Keys, Sealing};
use crate::disk::shelf::Shelf;

/// A writer that does not wait for others, its health, and its index.
fn impatient(path: &Path) -> (Writer, Arc<Health>, IndexFile) {
    let (folder, _, _) = Folder::open(path).expect("a folder");
    let sealing = Sealing::open(&folder, Keys::Off).expect("no keys");
    let index = IndexFile { path: folder.index(), seal: sealing.page_seal() };
    let conn = index.prepare().expect("an index");
    conn.busy_timeout(Duration::ZERO).expect("impatient");
    let health = Arc::new(Health::new(path.to_owned(), 0, Durability::Strict));
    let shelf = Shelf::new(folder, 1, sealing).expect("a shelf");
    let writer = Writer::start(conn, (index.clone(), 4096), Arc::clone(&health), shelf);
    (writer.expect("a writer"), health, index)
}

fn change(work: &mut Work<'_>) -> Result<(), StoreError> {
    run(work.conn, "UPDATE store SET openings = openings + 1", []).map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_another_connection_is_in_the_way_of_is_refused_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let (writer, health, index) = impatient(folder.path());
    let other = index.connect().expect("a connection");
    other.execute_batch("BEGIN IMMEDIATE").expect("it writes");
    assert_eq!(code(&writer.submit(change).await), "busy");
    health.writable().expect("that passes");
    other.execute_batch("ROLLBACK").expect("it goes");
    writer.submit(change).await.expect("nobody is in the way");
    let count = other.query_row("SELECT openings FROM store", [], |row| row.get::<_, u64>(0));
    assert_eq!(count.expect("a count"), 1);
}

#[test]
fn what_is_busy_or_full_is_told_from_what_fails() {
    use rusqlite::ffi;
    for (found, expected) in [
        (ffi::SQLITE_BUSY, "busy"),
        (ffi::SQLITE_BUSY_SNAPSHOT, "busy"),
        (ffi::SQLITE_LOCKED, "busy"),
        (ffi::SQLITE_FULL, "no-space"),
        (ffi::SQLITE_IOERR_WRITE, "io"),
        (ffi::SQLITE_IOERR_FSYNC, "io"),
    ] {
        let error = rusqlite::Error::SqliteFailure(ffi::Error::new(found), None);
        assert_eq!(sql(error).code(), expected, "{found}");
    }
}
