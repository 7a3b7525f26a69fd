//! From format 1 to format 2: a new index is made of the old one, beside it.
//!
//! The files stay as they are. What was there becomes each key's version `null`, numbered in the
//! order of buckets and keys; the feed begins after them. A crash on the way leaves format 1, and
//! the next opening begins again.

use jiff::Timestamp;
use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, Row};
use wh_names::{BucketName, ObjectKey};
use wh_pages::Seal;

use super::OpenError;
use super::codec::{self, format_1};
use super::folder::{Folder, remove_index, remove_log};
use super::index::{IndexFile, sql, unopened};
use super::open;
use super::options::is_full;
use super::rows::run;
use super::versions::{self, NewRow, Place};
use crate::{BucketSettings, Event, EventKind, ObjectMeta, StoreError, VersionId};

/// Upgrades a store of format 1, or does nothing to one of format 2.
pub(super) fn run_if_due(folder: &Folder, index: &IndexFile, format: u32) -> Result<(), OpenError> {
    let io = |source| OpenError::Io { doing: "upgrading the store", source };
    if format == 1 {
        tracing::info!("the store has format 1: its index is made anew");
        remove_index(&index.path).map_err(io)?;
        make_index(folder, index).map_err(|e| not_upgraded(folder, e))?;
        folder.mark_current().map_err(io)?;
    }
    remove_index(&folder.old_index()).map_err(io)
}

fn not_upgraded(folder: &Folder, error: StoreError) -> OpenError {
    let by_system = matches!(&error, StoreError::Io { source, .. } if is_full(source));
    if by_system || matches!(error, StoreError::NoSpace) {
        return OpenError::DiskFull { folder: folder.path().to_owned() };
    }
    folder.damaged(format!("upgrading the index: {error}"))
}

fn make_index(folder: &Folder, index: &IndexFile) -> Result<(), StoreError> {
    let io = |source| StoreError::Io { doing: "upgrading the store", source };
    let draft = folder.draft_index();
    remove_index(&draft).map_err(io)?;
    let old = Connection::open(folder.old_index()).map_err(sql)?;
    let new = IndexFile { path: draft.clone(), ..index.clone() };
    let new = new.prepare().map_err(unopened)?;
    fill(&old, &new)?;
    new.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(sql)?;
    new.close().map_err(|(_, error)| sql(error))?;
    folder.adopt_index(&draft).map_err(io)
}

/// Makes the index of a store anew under the seal that it is opened with: encryption was turned on
/// since it was written.
pub(super) fn reseal(folder: &Folder, index: &IndexFile) -> Result<(), OpenError> {
    tracing::info!("encryption was turned on: the index is made anew");
    let io = |source| OpenError::Io { doing: "encrypting the index", source };
    let unusable = |e: rusqlite::Error| folder.unusable(&e);
    let no_index = |e: wh_pages::OpenError| open::unopened(folder, e);
    let draft = folder.draft_index();
    remove_index(&draft).map_err(io)?;
    let plain = IndexFile { seal: Seal::Checksum, ..index.clone() };
    let conn = plain.connect().map_err(no_index)?;
    wh_pages::copy(&conn, &draft, &index.seal).map_err(no_index)?;
    let emptied = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    emptied.map_err(unusable)?;
    conn.close().map_err(|(_, e)| unusable(e))?;
    remove_log(&index.path).map_err(io)?;
    folder.adopt_index(&draft).map_err(io)
}

/// Fills a new, empty index from one of format 1.
fn fill(old: &Connection, new: &Connection) -> Result<(), StoreError> {
    let whole = new.unchecked_transaction().map_err(sql)?;
    let openings: i64 =
        old.query_row("SELECT openings FROM store", [], |row| row.get(0)).map_err(sql)?;
    run(new, "UPDATE store SET openings = ?1", [openings])?;
    copy_rows(
        (old, "SELECT row, refs, id, crc, data FROM blob"),
        (new, "INSERT INTO blob (row, refs, id, crc, data) VALUES (?1, ?2, ?3, ?4, ?5)"),
    )?;
    copy_rows(
        (old, "SELECT upload, number, record, extents FROM part"),
        (new, "INSERT INTO part (upload, number, record, extents) VALUES (?1, ?2, ?3, ?4)"),
    )?;
    let mut last = None;
    for (row, name) in buckets(old, new)? {
        last = objects(old, new, (row, &name), last)?;
        count_uploads(new, row)?;
    }
    if let Some(event) = last {
        let text = "INSERT INTO event (seq, record) VALUES (?1, ?2)";
        run(new, text, (versions::signed(event.sequence), codec::event(&event)))?;
    }
    whole.commit().map_err(sql)
}

/// Copies rows as they are.
fn copy_rows(
    (old, select): (&Connection, &str),
    (new, insert): (&Connection, &str),
) -> Result<(), StoreError> {
    let mut select = old.prepare(select).map_err(sql)?;
    let columns = select.column_count();
    let mut insert = new.prepare(insert).map_err(sql)?;
    let mut found = select.query([]).map_err(sql)?;
    while let Some(row) = found.next().map_err(sql)? {
        for column in 0..columns {
            let value = row.get_ref(column).map_err(sql)?;
            insert.raw_bind_parameter(column + 1, ToSqlOutput::Borrowed(value)).map_err(sql)?;
        }
        insert.raw_execute().map_err(sql)?;
    }
    Ok(())
}

fn buckets(old: &Connection, new: &Connection) -> Result<Vec<(i64, BucketName)>, StoreError> {
    let text = "SELECT id, name, created, policy, cors, tagging FROM bucket ORDER BY id";
    let mut select = old.prepare(text).map_err(sql)?;
    let mut found = select.query([]).map_err(sql)?;
    let mut buckets = Vec::new();
    while let Some(row) = found.next().map_err(sql)? {
        let (id, name): (i64, String) = (row.get(0).map_err(sql)?, row.get(1).map_err(sql)?);
        let damaged = |_| StoreError::Corrupt { what: format!("the name of bucket {id}") };
        let name = BucketName::parse(&name).map_err(damaged)?;
        let settings = codec::settings(&name, &BucketSettings::default());
        let created: i64 = row.get(2).map_err(sql)?;
        let text = "INSERT INTO bucket (id, name, created, settings) VALUES (?1, ?2, ?3, ?4)";
        run(new, text, (id, name.as_str(), created, settings))?;
        documents(row, new, id)?;
        buckets.push((id, name));
    }
    Ok(buckets)
}

fn documents(row: &Row<'_>, new: &Connection, bucket: i64) -> Result<(), StoreError> {
    for (column, kind) in [(3, "policy"), (4, "cors"), (5, "tagging")] {
        let text: Option<String> = row.get(column).map_err(sql)?;
        if let Some(text) = text {
            let insert = "INSERT INTO document (bucket, kind, text) VALUES (?1, ?2, ?3)";
            run(new, insert, (bucket, kind, text))?;
        }
    }
    Ok(())
}

/// Brings a bucket's objects and uploads over, and tells of the last object so far.
fn objects(
    old: &Connection,
    new: &Connection,
    (bucket, name): (i64, &BucketName),
    mut last: Option<Event>,
) -> Result<Option<Event>, StoreError> {
    let text = "SELECT key, record, extents FROM object WHERE bucket = ?1 ORDER BY key";
    let mut select = old.prepare(text).map_err(sql)?;
    let mut found = select.query([bucket]).map_err(sql)?;
    let (mut count, mut bytes) = (0_i64, 0_u64);
    while let Some(row) = found.next().map_err(sql)? {
        let key = row.get_ref(0).and_then(|r| Ok(r.as_blob()?)).map_err(sql)?;
        let record = row.get_ref(1).and_then(|r| Ok(r.as_blob()?)).map_err(sql)?;
        let extents = row.get_ref(2).and_then(|r| Ok(r.as_blob()?)).map_err(sql)?;
        let sequence = last.as_ref().map_or(0, |event| event.sequence) + 1;
        let mut meta = format_1::read_object(key, record)?;
        meta.sequence = sequence;
        let sealed = codec::version_name(key, sequence);
        let extents = codec::extents(&sealed, &codec::read_extents(key, extents)?);
        let record = codec::object(&sealed, &meta);
        let new_row = NewRow { sequence, id: VersionId::Null, record: &record, extents: &extents };
        versions::insert(new, (bucket, key), Place::Current, &new_row)?;
        count += 1;
        bytes += meta.size;
        last = Some(event(name, &meta));
    }
    let text = "UPDATE bucket SET objects = ?2, versions = ?2, bytes = ?3 WHERE id = ?1";
    run(new, text, (bucket, count, versions::signed(bytes)))?;
    uploads(old, new, bucket)?;
    Ok(last)
}

fn event(bucket: &BucketName, meta: &ObjectMeta) -> Event {
    let (key, at): (ObjectKey, Timestamp) = (meta.key.clone(), meta.modified);
    Event {
        sequence: meta.sequence,
        kind: EventKind::Put,
        at,
        by: "upgrade".into(),
        bucket: bucket.clone(),
        key,
        version: VersionId::Null,
        content: Some((meta.size, meta.etag.clone())),
    }
}

fn uploads(old: &Connection, new: &Connection, bucket: i64) -> Result<(), StoreError> {
    let text = "SELECT row, key, id, record FROM upload WHERE bucket = ?1";
    let mut select = old.prepare(text).map_err(sql)?;
    let mut found = select.query([bucket]).map_err(sql)?;
    while let Some(row) = found.next().map_err(sql)? {
        let (number, id): (i64, String) = (row.get(0).map_err(sql)?, row.get(2).map_err(sql)?);
        let key = row.get_ref(1).and_then(|r| Ok(r.as_blob()?)).map_err(sql)?;
        let record = row.get_ref(3).and_then(|r| Ok(r.as_blob()?)).map_err(sql)?;
        let record = codec::upload(&id, &format_1::read_upload(&id, record)?);
        let text = "INSERT INTO upload (row, bucket, key, id, record) VALUES (?1, ?2, ?3, ?4, ?5)";
        run(new, text, (number, bucket, key, id, record))?;
    }
    Ok(())
}

/// Counts the bytes of the parts that are there.
fn count_uploads(new: &Connection, bucket: i64) -> Result<(), StoreError> {
    let mut bytes = 0;
    for upload in super::rows::uploads_of(new, bucket)? {
        let parts = super::rows::parts_after(new, upload, 0, usize::MAX)?;
        bytes += parts.iter().map(|(_, part)| part.digests.size).sum::<u64>();
    }
    let text = "UPDATE bucket SET upload_bytes = ?2 WHERE id = ?1";
    run(new, text, (bucket, versions::signed(bytes))).map(drop)
}
