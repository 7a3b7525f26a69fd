//! The parts that versions were uploaded in: a row for each such version, by the number of the change
//! that made it. Numbers are never used twice, so that a row which is left behind is nobody's.

use rusqlite::{Connection, OptionalExtension};

use super::codec;
use super::index::sql;
use super::rows::run;
use super::versions::signed;
use crate::{ObjectPart, StoreError};

/// The parts of a version, if it came in parts and they are kept.
pub(super) fn of(conn: &Connection, sequence: u64) -> Result<Option<Vec<ObjectPart>>, StoreError> {
    let text = "SELECT record FROM object_parts WHERE seq = ?1";
    let mut statement = conn.prepare_cached(text).map_err(sql)?;
    let record: Option<Vec<u8>> =
        statement.query_row([signed(sequence)], |row| row.get(0)).optional().map_err(sql)?;
    record.map(|record| codec::read_object_parts(sequence, &record)).transpose()
}

/// Keeps the parts of a version.
pub(super) fn keep(
    conn: &Connection,
    sequence: u64,
    parts: &[ObjectPart],
) -> Result<(), StoreError> {
    let text = "INSERT INTO object_parts (seq, record) VALUES (?1, ?2)";
    run(conn, text, (signed(sequence), codec::object_parts(sequence, parts))).map(drop)
}

/// Forgets the parts of a version.
pub(super) fn forget(conn: &Connection, sequence: u64) -> Result<(), StoreError> {
    run(conn, "DELETE FROM object_parts WHERE seq = ?1", [signed(sequence)]).map(drop)
}
