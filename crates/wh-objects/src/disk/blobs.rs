//! Rows of blobs, inside a transaction: kept, shared, released, read.
//!
//! Invariant: a blob's row lives as long as somebody refers to it; a file goes after its row.

use rusqlite::{Connection, OptionalExtension};

use super::codec;
use super::extent::{BlobId, Extent};
use super::index::{Work, sql};
use super::rows::run;
use super::seal::{Sealing, Wrapped};
use super::take::Content;
use crate::StoreError;

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
            return Err(gone(extent));
        }
    }
    Ok(())
}

/// Keeps new content as a blob with one reference. Nothing at all needs no blob.
pub(super) fn keep(work: &mut Work<'_>, content: Content) -> Result<Vec<Extent>, StoreError> {
    let (blob, len, wrapped, small) = match &content {
        Content::Inline(_, small) if small.len == 0 => return Ok(Vec::new()),
        Content::Inline(id, small) => (*id, small.len as u64, &small.wrapped, Some(small)),
        Content::File(file) => (file.draft.id(), file.size, &file.wrapped, None),
    };
    let text = "INSERT INTO blob (refs, id, crc, wrapped, data) VALUES (1, ?1, ?2, ?3, ?4)";
    let wrapped = wrapped.as_ref().map(Wrapped::as_bytes);
    let crc = small.and_then(|small| small.crc);
    let data = small.map(|small| &small.data[..]);
    run(work.conn, text, (blob.to_bytes(), crc, wrapped, data))?;
    let row = work.conn.last_insert_rowid();
    let inline = small.is_some();
    if let Content::File(file) = content {
        work.named.push(file.draft);
    }
    Ok(vec![Extent { row, blob, inline, offset: 0, len }])
}

/// The bytes of a blob that its row holds, verified and in plain.
pub(super) fn inline_data(
    conn: &Connection,
    sealing: &Sealing,
    extent: &Extent,
) -> Result<Vec<u8>, StoreError> {
    let text = "SELECT crc, wrapped, data FROM blob WHERE row = ?1 AND id = ?2";
    let mut statement = conn.prepare_cached(text).map_err(sql)?;
    let found = statement
        .query_row((extent.row, extent.blob.to_bytes()), |row| {
            let wrapped: Option<Vec<u8>> = row.get(1)?;
            Ok((row.get(0)?, wrapped.map(Wrapped::kept), row.get(2)?))
        })
        .optional()
        .map_err(sql)?;
    let (crc, wrapped, data) = found.ok_or_else(|| gone(extent))?;
    sealing.open_inline(extent.blob, data, (crc, wrapped.as_ref()))
}

/// The data key of a blob that is a file, still wrapped; `None` when it is plain.
pub(super) fn wrapped(conn: &Connection, extent: &Extent) -> Result<Option<Wrapped>, StoreError> {
    let text = "SELECT wrapped FROM blob WHERE row = ?1 AND id = ?2";
    let mut statement = conn.prepare_cached(text).map_err(sql)?;
    let params = (extent.row, extent.blob.to_bytes());
    let found: Option<Option<Vec<u8>>> =
        statement.query_row(params, |row| row.get(0)).optional().map_err(sql)?;
    Ok(found.ok_or_else(|| gone(extent))?.map(Wrapped::kept))
}

fn gone(extent: &Extent) -> StoreError {
    StoreError::Corrupt { what: format!("the row of blob {}", extent.blob) }
}

/// The blobs that are files, each once.
pub(super) fn files(extents: &[Extent]) -> Vec<BlobId> {
    extents.iter().filter(|e| !e.inline).map(|e| e.blob).collect()
}
