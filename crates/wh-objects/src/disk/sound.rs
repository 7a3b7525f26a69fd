//! Whether a blob is sound: every block of it read and compared.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use rusqlite::Connection;

use super::blob::{BlobReader, CHUNK_BYTES, Spare};
use super::blobs;
use super::extent::{BlobId, Extent};
use super::holders::bytes_of;
use super::index::sql;
use super::seal::Wrapped;
use super::shelf::Shelf;
use crate::StoreError;

/// A blob's row, without its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BlobRow {
    pub(super) row: i64,
    /// `None` when what stands there is no id.
    pub(super) id: Option<BlobId>,
    pub(super) refs: i64,
    /// Whether the row itself holds the bytes.
    pub(super) inline: bool,
}

/// Some rows of blobs, in order, after one.
pub(super) fn rows_after(
    conn: &Connection,
    after: i64,
    limit: u32,
) -> Result<Vec<BlobRow>, StoreError> {
    let text =
        "SELECT row, id, refs, data IS NOT NULL FROM blob WHERE row > ?1 ORDER BY row LIMIT ?2";
    let mut statement = conn.prepare_cached(text).map_err(sql)?;
    let mut found = statement.query((after, limit)).map_err(sql)?;
    let mut rows = Vec::new();
    while let Some(row) = found.next().map_err(sql)? {
        let id = bytes_of(row, 1).map_err(sql)?.try_into().ok().map(BlobId::from_bytes);
        let (number, refs) = (row.get(0).map_err(sql)?, row.get(2).map_err(sql)?);
        rows.push(BlobRow { row: number, id, refs, inline: row.get(3).map_err(sql)? });
    }
    Ok(rows)
}

/// One row.
pub(super) fn row(conn: &Connection, number: i64) -> Result<Option<BlobRow>, StoreError> {
    let found = rows_after(conn, number.saturating_sub(1), 1)?;
    Ok(found.into_iter().find(|row| row.row == number))
}

impl BlobRow {
    /// The blob's id, or the row is damaged.
    pub(super) fn id(&self) -> Result<BlobId, StoreError> {
        let what = || StoreError::Corrupt { what: format!("the id of blob row {}", self.row) };
        self.id.ok_or_else(what)
    }

    /// Reads a blob that its row holds, verified.
    pub(super) fn read_inline(
        &self,
        conn: &Connection,
        files: &Shelf,
    ) -> Result<Vec<u8>, StoreError> {
        blobs::inline_data(conn, files.sealing(), &self.whole()?)
    }

    fn whole(&self) -> Result<Extent, StoreError> {
        let (row, blob, inline) = (self.row, self.id()?, self.inline);
        Ok(Extent { row, blob, inline, offset: 0, len: 0 })
    }

    /// The data key, as it is kept.
    pub(super) fn wrapped(&self, conn: &Connection) -> Option<Wrapped> {
        blobs::wrapped(conn, &self.whole().ok()?).ok().flatten()
    }
}

impl BlobRow {
    /// What a row holds, as it is.
    pub(super) fn raw_inline(&self, conn: &Connection) -> Result<Vec<u8>, StoreError> {
        let text = "SELECT data FROM blob WHERE row = ?1";
        conn.query_row(text, [self.row], |row| bytes_of(row, 0)).map_err(sql)
    }
}

/// A blob file that is read from its beginning to its end.
#[derive(Debug)]
pub(super) struct FileRead {
    reader: BlobReader,
    spare: Arc<Spare>,
    at: u64,
}

impl FileRead {
    /// Opens a blob's file, whose end is verified thereby.
    pub(super) fn open(
        conn: &Connection,
        shelf: &Shelf,
        row: &BlobRow,
    ) -> Result<Self, StoreError> {
        let wrapped = blobs::wrapped(conn, &row.whole()?)?;
        Self::under(shelf, row.id()?, wrapped.as_ref())
    }

    /// As [`Self::open`], where the data key is at hand.
    pub(super) fn under(
        shelf: &Shelf,
        id: BlobId,
        wrapped: Option<&Wrapped>,
    ) -> Result<Self, StoreError> {
        let reader = BlobReader::open(shelf, id, wrapped)?;
        Ok(Self { reader, spare: Spare::new(1), at: 0 })
    }

    /// How many bytes the blob has.
    pub(super) fn size(&self) -> u64 {
        self.reader.size()
    }

    /// Reads and verifies the next chunk; nothing at the end.
    pub(super) fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        let end = (self.at + CHUNK_BYTES as u64).min(self.reader.size());
        if self.at >= end {
            return Ok(None);
        }
        let data = self.read(self.at..end)?;
        self.at = end;
        Ok(Some(data))
    }

    /// Reads and verifies a range of at most a chunk.
    pub(super) fn read(&self, range: Range<u64>) -> Result<Bytes, StoreError> {
        self.reader.read(range, &self.spare)
    }

    /// Whether a range is sound.
    pub(super) fn is_sound(&self, range: &Range<u64>) -> Result<(), StoreError> {
        let mut at = range.start;
        while at < range.end {
            let end = (at + CHUNK_BYTES as u64 / 2).min(range.end);
            self.read(at..end)?;
            at = end;
        }
        Ok(())
    }
}
