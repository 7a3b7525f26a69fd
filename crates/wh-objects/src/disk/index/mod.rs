//! The index: SQLite with one writer that commits in groups, and readers beside it.
//!
//! Invariant: whatever a job did is durable before its caller hears of it.

mod checkpoint;
mod readers;
mod schema;
mod writer;

pub(super) use readers::Readers;
pub(super) use schema::{connect, count_opening, prepare};
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
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::NoSpace,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StoreError::Io { doing, source: io::Error::new(io::ErrorKind::InvalidData, error) }
        }
        _ => StoreError::Io { doing, source: io::Error::other(error) },
    }
}
