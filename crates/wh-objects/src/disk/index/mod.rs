//! The index: SQLite with one writer that commits in groups, and readers beside it.
//!
//! Invariant: whatever a job did is durable before its caller hears of it.

mod checkpoint;
mod crew;
mod readers;
mod schema;
mod writer;

pub(super) use readers::Readers;
pub(super) use schema::IndexFile;
pub(super) use writer::{Work, Writer};

use std::io;

use rusqlite::ErrorCode;

use crate::StoreError;

/// What an error of SQLite means. Damage found by SQLite is an `Io` error of kind `InvalidData`:
/// on the writer's way it is as final as a failing disk.
pub(super) fn sql(error: rusqlite::Error) -> StoreError {
    use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType};
    if let FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..) =
        error
    {
        return StoreError::Corrupt { what: format!("a row of the index: {error}") };
    }
    let doing = "using the index";
    if wh_pages::is_damage(&error) {
        return StoreError::Io { doing, source: io::Error::new(io::ErrorKind::InvalidData, error) };
    }
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::NoSpace,
        // Another connection of ours was in the way for longer than anybody waits.
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
        _ => StoreError::Io { doing, source: io::Error::other(error) },
    }
}

/// What it means that a connection could not be opened.
pub(super) fn unopened(error: wh_pages::OpenError) -> StoreError {
    let doing = "opening the index";
    match error {
        wh_pages::OpenError::Sqlite(error) => sql(error),
        wh_pages::OpenError::Io(source) => StoreError::Io { doing, source },
        wh_pages::OpenError::WrongKey
        | wh_pages::OpenError::Encrypted
        | wh_pages::OpenError::NotEncrypted
        | wh_pages::OpenError::Plain
        | wh_pages::OpenError::Damaged(_) => {
            StoreError::Io { doing, source: io::Error::new(io::ErrorKind::InvalidData, error) }
        }
    }
}

/// Where the index is damaged, for people.
pub(super) fn in_words(spot: wh_pages::Spot) -> String {
    match spot {
        wh_pages::Spot::Page(number) => format!("page {number} of the index is damaged"),
        wh_pages::Spot::Frame(number) => format!("frame {number} of the log is damaged"),
        spot => format!("{spot:?} is damaged"),
    }
}

/// Runs a statement without an answer, prepared once for a connection.
fn run_cached(conn: &rusqlite::Connection, text: &str) -> rusqlite::Result<()> {
    conn.prepare_cached(text)?.execute([]).map(drop)
}
