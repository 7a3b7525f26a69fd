//! Clean ends of a store: each draws a word, which the index keeps and the file `closed` tells.
//!
//! From there on nobody writes the index before it is opened again. So a copy of it that was made
//! earlier, within the last opening even, does not know the word and is refused, and so is an index
//! whose log did not come along. After any other end nothing is told: the file is of an earlier
//! opening then.
//!
//! It is a file of its own and no third word of `opening`, so that a version from before it can
//! open the store: that leaves the file behind, as one of an earlier opening.

use std::io;

use rusqlite::{Connection, OptionalExtension};

use super::OpenError;
use super::folder::Folder;
use super::index::sql;
use super::opening::{OLD_COPY, Opening};
use super::versions::signed;
use crate::StoreError;

/// What ends an opening. Its number, and the word in the place of the lineage.
const NAME: &str = "closed";

/// Moves all of the log into the index, and tells that the opening of this number ends so. For the
/// last connection that writes, after its last change.
pub(super) fn tell(folder: &Folder, conn: &Connection, opening: u64) -> Result<(), StoreError> {
    let draw = "INSERT OR REPLACE INTO closing (one, number, word) VALUES (1, ?1, randomblob(16))";
    conn.execute(draw, [signed(opening)]).map_err(sql)?;
    empty_log(conn)?;
    let word = conn.query_row("SELECT word FROM closing", [], |row| row.get::<_, Vec<u8>>(0));
    let end = Opening { number: opening, lineage: hex::encode(word.map_err(sql)?) };
    let told = folder.replace(NAME, end.text().as_bytes());
    told.map_err(|source| StoreError::Io { doing: "writing down the end", source })
}

/// Moves all of the log into the index, where nobody is in the way.
pub(super) fn empty_log(conn: &Connection) -> Result<(), StoreError> {
    let busy: i64 =
        conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).map_err(sql)?;
    if busy == 0 { Ok(()) } else { Err(StoreError::Busy) }
}

/// Refuses an index that is older than the last clean end, if that was the end of the `newest`
/// opening that the index knows.
pub(super) fn judge(folder: &Folder, conn: &Connection, newest: &Opening) -> Result<(), OpenError> {
    let told = match std::fs::read(folder.path().join(NAME)) {
        Ok(told) => Opening::parse(&told),
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(OpenError::Io { doing: "reading the last end", source }),
    };
    let told = told.ok_or_else(|| folder.damaged("the file `closed` is not ours"))?;
    if told.number < newest.number {
        return Ok(());
    }
    let word = hex::decode(&told.lineage).unwrap_or_default();
    let text = "SELECT 1 FROM closing WHERE number = ?1 AND word = ?2";
    let known = conn.query_row(text, (signed(told.number), word), |_| Ok(())).optional();
    match known.map_err(|e| folder.unusable(&e))? {
        Some(()) => Ok(()),
        None => Err(folder.damaged(OLD_COPY)),
    }
}
