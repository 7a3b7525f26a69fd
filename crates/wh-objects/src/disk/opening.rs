//! Openings of a store: their number, which begins the names of blobs, and their lineage.
//!
//! A store that was rolled back to a copy of itself gives a number out again. So each opening
//! draws a word besides, its lineage: where that is known, the same number is the same opening.
//!
//! Invariant: an index is opened only in the folder that it was used in last. The newest opening
//! stands beside it, too; an index that does not know it is an old copy, and would make orphans of
//! the files that were written since.

use std::io;

use rusqlite::{Connection, OptionalExtension};

use super::OpenError;
use super::closing;
use super::extent::BlobId;
use super::folder::Folder;
use super::index::sql;
use crate::StoreError;

/// An opening of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opening {
    /// 1 for the first.
    pub(crate) number: u64,
    /// 32 hexadecimal digits.
    pub(crate) lineage: String,
}

impl Opening {
    pub(super) fn text(&self) -> String {
        format!("{} {}\n", self.number, self.lineage)
    }

    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let (number, lineage) = std::str::from_utf8(text).ok()?.split_once(' ')?;
        let opening = Self { number: number.parse().ok()?, lineage: lineage.trim().to_owned() };
        (opening.text().as_bytes() == text).then_some(opening)
    }
}

/// Whether an opening is one of this store's. Those of versions that drew no word are not known.
pub(super) fn is_known(conn: &Connection, opening: &Opening) -> Result<bool, StoreError> {
    let Ok(lineage) = hex::decode(&opening.lineage) else { return Ok(false) };
    let text = "SELECT 1 FROM opening WHERE number = ?1 AND lineage = ?2";
    let number = super::versions::signed(opening.number);
    let found = conn.query_row(text, (number, lineage), |_| Ok(())).optional();
    found.map(|found| found.is_some()).map_err(sql)
}

/// The newest opening. One that an older version counted has no lineage.
pub(super) fn newest(conn: &Connection) -> rusqlite::Result<Opening> {
    let text = "SELECT openings, lineage FROM store LEFT JOIN opening ON number = openings";
    conn.query_row(text, [], |row| {
        let lineage: Option<Vec<u8>> = row.get(1)?;
        Ok(Opening { number: row.get(0)?, lineage: hex::encode(lineage.unwrap_or_default()) })
    })
}

/// Counts this opening, durably, unless the index is not the one that belongs to the folder. It
/// changes nothing then, so that the next opening finds the same.
pub(super) fn count(folder: &Folder, conn: &Connection) -> Result<Opening, OpenError> {
    let unusable = |e: rusqlite::Error| folder.unusable(&e);
    judge(folder, conn)?;
    let whole = conn.unchecked_transaction().map_err(unusable)?;
    // Not `RETURNING`: who takes the row and lets the statement go is not told that the commit
    // failed.
    conn.execute("UPDATE store SET openings = openings + 1", []).map_err(unusable)?;
    let draw = "INSERT INTO opening SELECT openings, randomblob(16) FROM store";
    conn.execute(draw, []).map_err(unusable)?;
    whole.commit().map_err(unusable)?;
    let opening = newest(conn).map_err(unusable)?;
    let told = folder.replace("opening", opening.text().as_bytes());
    told.map_err(|source| OpenError::Io { doing: "writing down the opening", source })?;
    Ok(opening)
}

pub(super) const OLD_COPY: &str = "the index is an old copy: the folder was used with a newer one since. Put \
                        that back, or restore a backup into another folder";

/// Looks at all names before anything is counted, so that the next opening finds the same.
fn no_later_file(folder: &Folder, newest: &Opening) -> Result<(), OpenError> {
    let later = |id: &BlobId| id.opening > newest.number;
    match folder.every_blob().filter_map(Result::ok).find(later) {
        None => Ok(()),
        Some(_) => Err(folder.damaged(OLD_COPY)),
    }
}

fn judge(folder: &Folder, conn: &Connection) -> Result<(), OpenError> {
    let before = newest(conn).map_err(|e| folder.unusable(&e))?;
    closing::judge(folder, conn, &before)?;
    if before.number == 0 && folder.every_blob().next().is_some() {
        return Err(folder.damaged("there are files but the index that names them is gone"));
    }
    let told = match std::fs::read(folder.path().join("opening")) {
        Ok(told) => Opening::parse(&told),
        // A store that an older version used last, or that was put back: only its files tell.
        Err(e) if e.kind() == io::ErrorKind::NotFound => return no_later_file(folder, &before),
        Err(source) => return Err(OpenError::Io { doing: "reading the last opening", source }),
    };
    let told = told.ok_or_else(|| folder.damaged("the file `opening` is not ours"))?;
    match is_known(conn, &told) {
        Ok(true) => Ok(()),
        Ok(false) => Err(folder.damaged(OLD_COPY)),
        Err(error) => Err(folder.damaged(format!("the index: {error}"))),
    }
}
