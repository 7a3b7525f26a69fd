//! Rows of versions, inside a transaction or a snapshot.
//!
//! Invariant: where a key has a row in `object`, that is its newest version and no delete marker;
//! every other version is in `version`. At most one version of a key has the id `null`.

use rusqlite::{Connection, OptionalExtension, Row};

use super::codec::{self, Kept};
use super::extent::Extent;
use super::index::sql;
use super::rows::run;
use crate::{ObjectMeta, StoreError, VersionId};

/// Where a version's row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// In `object`.
    Current,
    /// In `version`.
    Older,
}

/// A version's row, still sealed.
#[derive(Debug)]
pub(super) struct VersionRow {
    pub(super) place: Place,
    pub(super) sequence: u64,
    pub(super) id: VersionId,
    record: Vec<u8>,
    extents: Vec<u8>,
}

impl VersionRow {
    fn read(place: Place, row: &Row<'_>) -> rusqlite::Result<Self> {
        let sequence: u64 = row.get(0)?;
        let null: bool = row.get(1)?;
        let id = if null { VersionId::Null } else { VersionId::Numbered(sequence) };
        Ok(Self { place, sequence, id, record: row.get(2)?, extents: row.get(3)? })
    }

    /// What the version is.
    pub(super) fn kept(&self, key: &[u8]) -> Result<Kept, StoreError> {
        codec::read_version(key, self.sequence, &self.record)
    }

    /// Where its bytes are.
    pub(super) fn extents(&self, key: &[u8]) -> Result<Vec<Extent>, StoreError> {
        codec::read_extents(&codec::version_name(key, self.sequence), &self.extents)
    }

    /// Its extents as they are sealed, and the name that they are sealed with.
    pub(super) fn sealed_extents(&self, key: &[u8]) -> (Vec<u8>, &[u8]) {
        (codec::version_name(key, self.sequence), &self.extents)
    }
}

/// The row in `object`.
pub(super) fn current(
    conn: &Connection,
    bucket: i64,
    key: &[u8],
) -> Result<Option<VersionRow>, StoreError> {
    let text = "SELECT seq, nul, record, extents FROM object WHERE bucket = ?1 AND key = ?2";
    let mut statement = conn.prepare_cached(text).map_err(sql)?;
    let row = |row: &Row<'_>| VersionRow::read(Place::Current, row);
    statement.query_row((bucket, key), row).optional().map_err(sql)
}

/// The newest row in `version`.
pub(super) fn newest_older(
    conn: &Connection,
    bucket: i64,
    key: &[u8],
) -> Result<Option<VersionRow>, StoreError> {
    let text = "SELECT seq, nul, record, extents FROM version WHERE bucket = ?1 AND key = ?2 \
                ORDER BY seq DESC LIMIT 1";
    let mut statement = conn.prepare_cached(text).map_err(sql)?;
    let row = |row: &Row<'_>| VersionRow::read(Place::Older, row);
    statement.query_row((bucket, key), row).optional().map_err(sql)
}

/// The newest version, delete markers included.
pub(super) fn newest(
    conn: &Connection,
    bucket: i64,
    key: &[u8],
) -> Result<Option<VersionRow>, StoreError> {
    match current(conn, bucket, key)? {
        Some(row) => Ok(Some(row)),
        None => newest_older(conn, bucket, key),
    }
}

/// The version of an id.
pub(super) fn named(
    conn: &Connection,
    bucket: i64,
    key: &[u8],
    id: VersionId,
) -> Result<Option<VersionRow>, StoreError> {
    if let Some(row) = current(conn, bucket, key)?.filter(|row| row.id == id) {
        return Ok(Some(row));
    }
    let by_number = "SELECT seq, nul, record, extents FROM version \
                     WHERE bucket = ?1 AND key = ?2 AND seq = ?3 AND nul = 0";
    let null = "SELECT seq, nul, record, extents FROM version \
                WHERE bucket = ?1 AND key = ?2 AND nul = 1";
    let row = |row: &Row<'_>| VersionRow::read(Place::Older, row);
    let found = match id {
        VersionId::Foreign(_) => return Err(StoreError::InvalidVersionId),
        VersionId::Numbered(number) => conn
            .prepare_cached(by_number)
            .and_then(|mut s| s.query_row((bucket, key, signed(number)), row).optional()),
        VersionId::Null => {
            conn.prepare_cached(null).and_then(|mut s| s.query_row((bucket, key), row).optional())
        }
    };
    found.map_err(sql)
}

/// The version that a reader means, which must be an object.
pub(super) fn readable(
    conn: &Connection,
    bucket: i64,
    key: &[u8],
    version: Option<VersionId>,
) -> Result<(VersionRow, ObjectMeta), StoreError> {
    let (row, missing) = match version {
        Some(id) => (named(conn, bucket, key, id)?, StoreError::NoSuchVersion),
        None => (newest(conn, bucket, key)?, StoreError::NoSuchKey),
    };
    let row = row.ok_or(missing)?;
    match (row.kept(key)?, version) {
        (Kept::Object(meta), _) => Ok((row, *meta)),
        (Kept::Marker(_), None) => Err(StoreError::Deleted { version: row.id }),
        (Kept::Marker(_), Some(version)) => Err(StoreError::DeleteMarker { version }),
    }
}

/// A number as SQLite keeps it. Numbers that it cannot keep are those of no version.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A version that is to be written.
pub(super) struct NewRow<'a> {
    pub(super) sequence: u64,
    pub(super) id: VersionId,
    pub(super) record: &'a [u8],
    pub(super) extents: &'a [u8],
}

/// Writes a row.
pub(super) fn insert(
    conn: &Connection,
    (bucket, key): (i64, &[u8]),
    place: Place,
    row: &NewRow<'_>,
) -> Result<(), StoreError> {
    let text = match place {
        Place::Current => {
            "INSERT INTO object (bucket, key, seq, nul, record, extents) VALUES (?1,?2,?3,?4,?5,?6)"
        }
        Place::Older => {
            "INSERT INTO version (bucket, key, seq, nul, record, extents) VALUES (?1,?2,?3,?4,?5,?6)"
        }
    };
    let null = row.id == VersionId::Null;
    run(conn, text, (bucket, key, signed(row.sequence), null, row.record, row.extents)).map(drop)
}

/// Removes a row; its blobs are the caller's to release.
pub(super) fn remove(
    conn: &Connection,
    (bucket, key): (i64, &[u8]),
    row: &VersionRow,
) -> Result<(), StoreError> {
    let text = match row.place {
        Place::Current => "DELETE FROM object WHERE bucket = ?1 AND key = ?2 AND seq = ?3",
        Place::Older => "DELETE FROM version WHERE bucket = ?1 AND key = ?2 AND seq = ?3",
    };
    run(conn, text, (bucket, key, signed(row.sequence))).map(drop)
}

/// Moves the current version among the older ones.
pub(super) fn demote(
    conn: &Connection,
    at: (i64, &[u8]),
    row: &VersionRow,
) -> Result<(), StoreError> {
    remove(conn, at, row)?;
    insert(conn, at, Place::Older, &row.as_new())
}

/// Makes the newest of the older versions the current one, unless it is a delete marker. Tells
/// whether there is a current version now.
pub(super) fn promote(conn: &Connection, at: (i64, &[u8])) -> Result<bool, StoreError> {
    let Some(row) = newest_older(conn, at.0, at.1)? else { return Ok(false) };
    if matches!(row.kept(at.1)?, Kept::Marker(_)) {
        return Ok(false);
    }
    remove(conn, at, &row)?;
    insert(conn, at, Place::Current, &row.as_new())?;
    Ok(true)
}

/// Replaces the record of a version where it is.
pub(super) fn change(
    conn: &Connection,
    (bucket, key): (i64, &[u8]),
    row: &VersionRow,
    record: &[u8],
) -> Result<(), StoreError> {
    let text = match row.place {
        Place::Current => {
            "UPDATE object SET record = ?4 WHERE bucket = ?1 AND key = ?2 AND seq = ?3"
        }
        Place::Older => {
            "UPDATE version SET record = ?4 WHERE bucket = ?1 AND key = ?2 AND seq = ?3"
        }
    };
    run(conn, text, (bucket, key, signed(row.sequence), record)).map(drop)
}

impl VersionRow {
    fn as_new(&self) -> NewRow<'_> {
        NewRow {
            sequence: self.sequence,
            id: self.id,
            record: &self.record,
            extents: &self.extents,
        }
    }
}
