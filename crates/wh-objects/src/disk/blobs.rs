//! Rows of blobs, inside a transaction: kept, shared, released, read.
//!
//! Invariant: a blob's row lives as long as somebody refers to it; a file goes after its row.

use rusqlite::{Connection, OptionalExtension};

use super::codec;
use super::extent::{BlobId, Extent};
use super::index::{Work, sql};
use super::rows::run;
use super::take::Content;
use crate::StoreError;
use crate::digest::block_crc;

/// Releases what a record names. A damaged record names nothing: better a blob too many than an
/// object that cannot be replaced.
pub(super) fn release_sealed(
    work: &mut Work<'_>,
    name: &[u8],
    sealed: &[u8],
) -> Result<(), StoreError> {
    match codec::read_extents(name, sealed) {
        Ok(extents) => release(work, &extents),
        Err(error) => {
            tracing::error!(%error, "the blobs of a damaged record stay");
            Ok(())
        }
    }
}

/// Takes a reference from each blob; those without any go away.
fn release(work: &mut Work<'_>, extents: &[Extent]) -> Result<(), StoreError> {
    let less = "UPDATE blob SET refs = refs - 1 WHERE row = ?1 AND id = ?2 RETURNING refs";
    for extent in extents {
        let conn = work.conn;
        let mut statement = conn.prepare_cached(less).map_err(sql)?;
        let params = (extent.row, extent.blob.to_bytes());
        let refs: Option<i64> =
            statement.query_row(params, |row| row.get(0)).optional().map_err(sql)?;
        if refs.is_some_and(|refs| refs <= 0) {
            run(conn, "DELETE FROM blob WHERE row = ?1", [extent.row])?;
            if !extent.inline {
                work.dead.push(extent.blob);
            }
        }
    }
    Ok(())
}

/// Gives each blob one more reference; refuses when one is gone.
pub(super) fn share(work: &Work<'_>, extents: &[Extent]) -> Result<(), StoreError> {
    for extent in extents {
        let more = "UPDATE blob SET refs = refs + 1 WHERE row = ?1 AND id = ?2";
        if run(work.conn, more, (extent.row, extent.blob.to_bytes()))? == 0 {
            return Err(StoreError::Corrupt { what: format!("the row of blob {}", extent.blob) });
        }
    }
    Ok(())
}

/// Keeps new content as a blob with one reference. Nothing at all needs no blob.
pub(super) fn keep(work: &mut Work<'_>, content: Content) -> Result<Vec<Extent>, StoreError> {
    let (blob, len, inline) = match &content {
        Content::Inline(_, data) if data.is_empty() => return Ok(Vec::new()),
        Content::Inline(id, data) => (*id, data.len() as u64, Some(data)),
        Content::File(draft, size) => (draft.id(), *size, None),
    };
    let text = "INSERT INTO blob (refs, id, crc, data) VALUES (1, ?1, ?2, ?3)";
    let crc = inline.map(|data| block_crc(data));
    run(work.conn, text, (blob.to_bytes(), crc, inline.map(|data| &data[..])))?;
    work.inline_bytes += inline.map_or(0, bytes::Bytes::len);
    let row = work.conn.last_insert_rowid();
    let inline = inline.is_some();
    if let Content::File(draft, _) = content {
        work.named.push(draft);
    }
    Ok(vec![Extent { row, blob, inline, offset: 0, len }])
}

/// The bytes of a blob that its row holds, verified.
pub(super) fn inline_data(conn: &Connection, extent: &Extent) -> Result<Vec<u8>, StoreError> {
    let damaged = || StoreError::Corrupt { what: format!("the bytes of blob {}", extent.blob) };
    let text = "SELECT data, crc FROM blob WHERE row = ?1 AND id = ?2";
    let mut statement = conn.prepare_cached(text).map_err(sql)?;
    let found: Option<(Vec<u8>, u32)> = statement
        .query_row((extent.row, extent.blob.to_bytes()), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
        .map_err(sql)?;
    let (data, crc) = found.ok_or_else(damaged)?;
    if block_crc(&data) == crc { Ok(data) } else { Err(damaged()) }
}

/// The blobs that are files, each once.
pub(super) fn files(extents: &[Extent]) -> Vec<BlobId> {
    extents.iter().filter(|e| !e.inline).map(|e| e.blob).collect()
}
