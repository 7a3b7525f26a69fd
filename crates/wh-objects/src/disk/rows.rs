//! Rows of uploads and parts, inside a transaction.

use rusqlite::{Connection, OptionalExtension, Params};

use super::blobs::{release_sealed, share};
use super::codec;
use super::extent::Extent;
use super::index::{Work, sql};
use crate::StoreError;
use crate::multipart::KeptPart;

/// Runs a statement and tells how many rows it changed.
pub(super) fn run(conn: &Connection, text: &str, params: impl Params) -> Result<usize, StoreError> {
    conn.prepare_cached(text).and_then(|mut s| s.execute(params)).map_err(sql)
}

/// The uploads of a bucket.
pub(super) fn uploads_of(conn: &Connection, bucket: i64) -> Result<Vec<i64>, StoreError> {
    let text = "SELECT row FROM upload WHERE bucket = ?1";
    let mut statement = conn.prepare_cached(text).map_err(sql)?;
    let rows = statement.query_map([bucket], |row| row.get(0)).map_err(sql)?;
    rows.collect::<Result<_, _>>().map_err(sql)
}

/// A part's row, read.
pub(super) struct PartRow {
    pub(super) kept: KeptPart,
    pub(super) extents: Vec<Extent>,
}

/// Every part of an upload.
pub(super) fn parts(
    conn: &Connection,
    upload: i64,
) -> Result<std::collections::BTreeMap<u16, PartRow>, StoreError> {
    let text = "SELECT number, record, extents FROM part WHERE upload = ?1 ORDER BY number";
    let mut statement = conn.prepare_cached(text).map_err(sql)?;
    let mut found = statement.query([upload]).map_err(sql)?;
    let mut parts = std::collections::BTreeMap::new();
    while let Some(row) = found.next().map_err(sql)? {
        let number: u16 = row.get(0).map_err(sql)?;
        let name = codec::part_name(upload, number);
        let record = row.get_ref(1).and_then(|r| Ok(r.as_blob()?)).map_err(sql)?;
        let extents = row.get_ref(2).and_then(|r| Ok(r.as_blob()?)).map_err(sql)?;
        let kept = codec::read_part(&name, record)?;
        let extents = codec::read_extents(&name, extents)?;
        parts.insert(number, PartRow { kept, extents });
    }
    Ok(parts)
}

/// Some parts of an upload, without their extents.
pub(super) fn parts_after(
    conn: &Connection,
    upload: i64,
    after: u16,
    limit: usize,
) -> Result<Vec<(u16, KeptPart)>, StoreError> {
    let text = "SELECT number, record FROM part WHERE upload = ?1 AND number > ?2 \
                ORDER BY number LIMIT ?3";
    let mut statement = conn.prepare_cached(text).map_err(sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut found = statement.query((upload, after, limit)).map_err(sql)?;
    let mut parts = Vec::new();
    while let Some(row) = found.next().map_err(sql)? {
        let number: u16 = row.get(0).map_err(sql)?;
        let record = row.get_ref(1).and_then(|r| Ok(r.as_blob()?)).map_err(sql)?;
        parts.push((number, codec::read_part(&codec::part_name(upload, number), record)?));
    }
    Ok(parts)
}

/// The bytes of a part that is there.
pub(super) fn part_bytes(conn: &Connection, upload: i64, number: u16) -> Result<u64, StoreError> {
    let found = parts_after(conn, upload, number.saturating_sub(1), 1)?;
    let there = found.first().filter(|(there, _)| *there == number);
    Ok(there.map_or(0, |(_, part)| part.digests.size))
}

/// Puts a part in place of what is there.
pub(super) fn put_part(
    work: &mut Work<'_>,
    upload: i64,
    number: u16,
    part: &PartRow,
) -> Result<(), StoreError> {
    let name = codec::part_name(upload, number);
    let old = "DELETE FROM part WHERE upload = ?1 AND number = ?2 RETURNING extents";
    let mut statement = work.conn.prepare_cached(old).map_err(sql)?;
    let old: Option<Vec<u8>> =
        statement.query_row((upload, number), |row| row.get(0)).optional().map_err(sql)?;
    drop(statement);
    if let Some(old) = old {
        release_sealed(work, &name, &old)?;
    }
    let text = "INSERT INTO part (upload, number, record, extents) VALUES (?1, ?2, ?3, ?4)";
    let (record, extents) = (codec::part(&name, &part.kept), codec::extents(&name, &part.extents));
    run(work.conn, text, (upload, number, record, extents)).map(drop)
}

/// Drops an upload and its parts, except for the references that an object took over.
pub(super) fn drop_upload(
    work: &mut Work<'_>,
    upload: i64,
    taken_over: &[Extent],
) -> Result<(), StoreError> {
    let text = "DELETE FROM part WHERE upload = ?1 RETURNING number, extents";
    let mut statement = work.conn.prepare_cached(text).map_err(sql)?;
    let dropped: Vec<(u16, Vec<u8>)> = statement
        .query_map([upload], |row| Ok((row.get(0)?, row.get(1)?)))
        .and_then(Iterator::collect)
        .map_err(sql)?;
    drop(statement);
    share(work, taken_over)?;
    for (number, sealed) in dropped {
        release_sealed(work, &codec::part_name(upload, number), &sealed)?;
    }
    run(work.conn, "DELETE FROM upload WHERE row = ?1", [upload]).map(drop)
}
