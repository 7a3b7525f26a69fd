//! The index's tables.

use std::path::PathBuf;
use std::time::Duration;

use rusqlite::Connection;
use wh_pages::Seal;

use crate::disk::scrub::TABLES as SCRUB_TABLES;

/// How long a connection waits for another before it gives up.
pub(super) const BUSY_WAIT: Duration = Duration::from_secs(30);

/// How much of the index the writer and each reader have at hand, in KiB. A reader's is void after
/// every commit, and a commit costs the writer time in proportion to its own.
const WRITING_KIB: i64 = 8192;
const READING_KIB: i64 = 2048;

/// A log that grew longer while somebody read is cut to so many bytes when it begins anew.
const LOG_BYTES_KEPT: i64 = 64 << 20;

/// Keys are BLOBs, so that their order is that of their bytes. `object` holds only newest versions
/// that are no delete markers, so that a listing never walks over what is deleted or noncurrent;
/// everything else is in `version`, each key's newest first. Records and extents are sealed by
/// `codec`; extents come last, so that listings never touch the pages that long ones overflow to.
const TABLES: &str = "
CREATE TABLE IF NOT EXISTS store (one INTEGER PRIMARY KEY CHECK (one = 1), openings INTEGER NOT NULL);
INSERT OR IGNORE INTO store VALUES (1, 0);
CREATE TABLE IF NOT EXISTS opening (number INTEGER PRIMARY KEY, lineage BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS closing (
    one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL, word BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS bucket (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, created INTEGER NOT NULL,
    settings BLOB NOT NULL, objects INTEGER NOT NULL DEFAULT 0, versions INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0, upload_bytes INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS document (
    bucket INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (bucket, kind)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS object (
    bucket INTEGER NOT NULL, key BLOB NOT NULL, seq INTEGER NOT NULL, nul INTEGER NOT NULL,
    record BLOB NOT NULL, extents BLOB NOT NULL, PRIMARY KEY (bucket, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS version (
    bucket INTEGER NOT NULL, key BLOB NOT NULL, seq INTEGER NOT NULL, nul INTEGER NOT NULL,
    record BLOB NOT NULL, extents BLOB NOT NULL, PRIMARY KEY (bucket, key, seq DESC)) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS version_null ON version (bucket, key) WHERE nul = 1;
CREATE TABLE IF NOT EXISTS object_parts (seq INTEGER PRIMARY KEY, record BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS event (seq INTEGER PRIMARY KEY, record BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS blob (
    row INTEGER PRIMARY KEY, refs INTEGER NOT NULL, id BLOB NOT NULL, crc INTEGER, wrapped BLOB,
    data BLOB);
CREATE UNIQUE INDEX IF NOT EXISTS blob_file ON blob (id) WHERE data IS NULL;
CREATE TABLE IF NOT EXISTS master_key (id TEXT PRIMARY KEY, proof BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS upload (
    row INTEGER PRIMARY KEY AUTOINCREMENT, bucket INTEGER NOT NULL, key BLOB NOT NULL,
    id TEXT NOT NULL, record BLOB NOT NULL, UNIQUE (bucket, key, id));
CREATE TABLE IF NOT EXISTS part (
    upload INTEGER NOT NULL, number INTEGER NOT NULL, record BLOB NOT NULL, extents BLOB NOT NULL,
    PRIMARY KEY (upload, number)) WITHOUT ROWID;
";

/// Where an index is, and how its pages are sealed.
#[derive(Debug, Clone)]
pub(in crate::disk) struct IndexFile {
    pub(in crate::disk) path: PathBuf,
    pub(in crate::disk) seal: Seal,
}

impl IndexFile {
    /// Opens a connection with the settings that all of ours have.
    pub(in crate::disk) fn connect(&self) -> Result<Connection, wh_pages::OpenError> {
        let conn = wh_pages::open(&self.path, &self.seal)?;
        conn.busy_timeout(BUSY_WAIT)?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        conn.pragma_update(None, "wal_autocheckpoint", 0)?;
        conn.pragma_update(None, "cache_size", -READING_KIB)?;
        conn.set_prepared_statement_cache_capacity(64);
        Ok(conn)
    }

    /// Opens the writing connection and makes the tables.
    pub(in crate::disk) fn prepare(&self) -> Result<Connection, wh_pages::OpenError> {
        let conn = self.connect()?;
        conn.pragma_update(None, "cache_size", -WRITING_KIB)?;
        conn.pragma_update_and_check(None, "journal_size_limit", LOG_BYTES_KEPT, |_| Ok(()))?;
        conn.execute_batch(&format!("BEGIN IMMEDIATE; {TABLES} {SCRUB_TABLES} COMMIT;"))?;
        Ok(conn)
    }
}
