//! What is kept of passes and of damage, in the index.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::StoreError;
use crate::disk::extent::BlobId;
use crate::disk::harm::Harms;
use crate::disk::holders::{self, Names, Owner, bytes_of};
use crate::disk::index::{Work, sql};
use crate::disk::rows::run;
use crate::disk::shelf::Shelf;
use crate::disk::versions::signed;

/// The scrub's tables.
pub(in crate::disk) const TABLES: &str = "
CREATE TABLE IF NOT EXISTS scrub_pass (
    pass INTEGER PRIMARY KEY, begun INTEGER NOT NULL, ended INTEGER, after INTEGER NOT NULL,
    blobs INTEGER NOT NULL, bytes INTEGER NOT NULL, damaged INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS scrub_damage (
    pass INTEGER NOT NULL, row INTEGER NOT NULL, id BLOB NOT NULL, what TEXT NOT NULL,
    PRIMARY KEY (pass, row)) WITHOUT ROWID;
";

/// One pass over all blobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScrubPass {
    /// When it was begun.
    pub begun: Timestamp,
    /// When it ended; `None` while it is under way.
    pub ended: Option<Timestamp>,
    /// How many blobs were read.
    pub blobs: u64,
    /// How many bytes, those of the index among them.
    pub bytes: u64,
    /// How many blobs, and pages of the index, are damaged.
    pub damaged: u64,
}

/// A blob that the scrub found damaged, and that is still there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DamagedBlob {
    /// The blob's name on the disk.
    pub blob: String,
    /// What is wrong with it.
    pub what: String,
    /// Who has bytes in it that cannot be read.
    pub owners: Vec<Owner>,
}

/// What the scrub has done and found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScrubStatus {
    /// The pass that is under way.
    pub current: Option<ScrubPass>,
    /// The last one that ended.
    pub last: Option<ScrubPass>,
    /// The blobs that both of them found damaged.
    pub damaged: Vec<DamagedBlob>,
    /// Where both of them found the index itself damaged.
    pub index: Vec<String>,
}

/// A pass as the scrub goes on with it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kept {
    pub(super) number: i64,
    pub(super) after: i64,
    pub(super) pass: ScrubPass,
}

/// A blob, or a place in the index, that was just found damaged.
#[derive(Debug)]
pub(super) struct Bad {
    pub(super) row: i64,
    /// As it stands in the row, be it an id or not.
    pub(super) id: Option<BlobId>,
    pub(super) what: String,
}

fn time(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or_default()
}

fn kept(row: &Row<'_>) -> rusqlite::Result<Kept> {
    let ended: Option<i64> = row.get(2)?;
    let pass = ScrubPass {
        begun: time(row.get(1)?),
        ended: ended.map(time),
        blobs: row.get(4)?,
        bytes: row.get(5)?,
        damaged: row.get(6)?,
    };
    Ok(Kept { number: row.get(0)?, after: row.get(3)?, pass })
}

const NEWEST: &str = "SELECT pass, begun, ended, after, blobs, bytes, damaged FROM scrub_pass";

fn under_way(conn: &Connection) -> Result<Option<Kept>, StoreError> {
    let text = format!("{NEWEST} WHERE ended IS NULL ORDER BY pass DESC LIMIT 1");
    let mut statement = conn.prepare_cached(&text).map_err(sql)?;
    statement.query_row([], kept).optional().map_err(sql)
}

/// Goes on with the pass that is under way, or begins one.
pub(super) fn begin(work: &Work<'_>, now: Timestamp) -> Result<Kept, StoreError> {
    if let Some(kept) = under_way(work.conn)? {
        return Ok(kept);
    }
    let text =
        "INSERT INTO scrub_pass (begun, after, blobs, bytes, damaged) VALUES (?1, ?2, 0, 0, 0)";
    run(work.conn, text, (now.as_millisecond(), i64::MIN))?;
    let begun = under_way(work.conn)?;
    begun.ok_or_else(|| StoreError::Corrupt { what: "the row of the scrub".to_owned() })
}

/// Keeps how far a pass has come, and what it found.
pub(super) fn keep(work: &Work<'_>, kept: &Kept, bad: &[Bad]) -> Result<(), StoreError> {
    let Kept { number, after, pass } = kept;
    let text = "UPDATE scrub_pass SET ended = ?2, after = ?3, blobs = ?4, bytes = ?5, damaged = ?6 \
                WHERE pass = ?1";
    let ended = pass.ended.map(Timestamp::as_millisecond);
    let (blobs, bytes) = (signed(pass.blobs), signed(pass.bytes));
    run(work.conn, text, (number, ended, after, blobs, bytes, signed(pass.damaged)))?;
    let text = "INSERT OR REPLACE INTO scrub_damage (pass, row, id, what) VALUES (?1, ?2, ?3, ?4)";
    for Bad { row, id, what } in bad {
        let id = id.map(BlobId::to_bytes).unwrap_or_default();
        run(work.conn, text, (number, row, id, what))?;
    }
    if ended.is_some() {
        // What earlier passes found was found again, or is gone.
        run(work.conn, "DELETE FROM scrub_damage WHERE pass < ?1", [number])?;
        run(work.conn, "DELETE FROM scrub_pass WHERE pass < ?1", [number])?;
    }
    Ok(())
}

/// What there is to tell.
pub(super) fn status(conn: &Connection, shelf: &Shelf) -> Result<ScrubStatus, StoreError> {
    let text = format!("{NEWEST} WHERE ended IS NOT NULL ORDER BY pass DESC LIMIT 1");
    let mut statement = conn.prepare_cached(&text).map_err(sql)?;
    let last = statement.query_row([], kept).optional().map_err(sql)?;
    let (current, last) = (under_way(conn)?.map(|k| k.pass), last.map(|k| k.pass));
    Ok(ScrubStatus { current, last, damaged: damaged(conn, shelf)?, index: index(conn)? })
}

/// Damage of the index has negative rows.
fn index(conn: &Connection) -> Result<Vec<String>, StoreError> {
    let text = "SELECT what FROM scrub_damage WHERE row < 0 GROUP BY row ORDER BY row DESC";
    let mut statement = conn.prepare_cached(text).map_err(sql)?;
    let found = statement.query_map([], |row| row.get(0)).map_err(sql)?;
    found.collect::<Result<_, _>>().map_err(sql)
}

fn damaged(conn: &Connection, shelf: &Shelf) -> Result<Vec<DamagedBlob>, StoreError> {
    let text = "SELECT d.row, b.id, d.what FROM scrub_damage d JOIN blob b ON b.row = d.row \
                WHERE d.id = b.id OR length(b.id) <> 16 ORDER BY d.pass, d.row";
    let mut statement = conn.prepare_cached(text).map_err(sql)?;
    let mut rows = statement.query([]).map_err(sql)?;
    let mut found: HashMap<i64, DamagedBlob> = HashMap::new();
    while let Some(row) = rows.next().map_err(sql)? {
        let id = bytes_of(row, 1).map_err(sql)?;
        let (number, what) = (row.get(0).map_err(sql)?, row.get(2).map_err(sql)?);
        found.insert(number, DamagedBlob { blob: hex::encode(id), what, owners: Vec::new() });
    }
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let (names, mut harms) = (Names::load(conn)?, Harms::default());
    holders::each(conn, &mut |held| {
        for extent in held.extents().unwrap_or_default() {
            if let Some(blob) = found.get_mut(&extent.row)
                && harms.of(conn, shelf, &extent).is_some()
            {
                blob.owners.push(names.owner(&held.holder));
            }
        }
        Ok(())
    })?;
    let mut damaged: Vec<_> = found.into_values().collect();
    damaged.sort_by(|a, b| a.blob.cmp(&b.blob));
    for blob in &mut damaged {
        blob.owners.dedup();
    }
    Ok(damaged)
}
