//! What changes versions: written, deleted, changed in place, each as one job of the writer.
//!
//! Source: S3 User Guide, "How S3 Versioning works" and "Deleting object versions".

use rusqlite::Connection;
use wh_names::ObjectKey;

use super::blobs::release_sealed;
use super::buckets::{BucketRow, bucket_row};
use super::codec::{self, Kept};
use super::events::{Feed, next_sequence};
use super::extent::Extent;
use super::index::Work;
use super::parts;
use super::versions::{self, NewRow, Place, VersionRow};
use crate::object::whole_millis;
use crate::{
    DeleteObject, Deleted, EventKind, ObjectAddress, ObjectMeta, ObjectPart, Stamp, StoreError,
    Stored, VersionAddress, VersionChange, VersionId, Versioning, WriteCondition, lock,
};

/// How an object is written.
#[derive(Debug)]
pub(super) struct Write<'a> {
    pub(super) address: &'a ObjectAddress,
    pub(super) condition: &'a WriteCondition,
    pub(super) kind: EventKind,
    /// How many bytes go away with the write: those of the upload that it completes.
    pub(super) freed: u64,
    /// The parts that it was uploaded in, where it was and they are known.
    pub(super) parts: Option<&'a [ObjectPart]>,
    pub(super) stamp: &'a Stamp,
    pub(super) feed: &'a Feed,
}

/// How a bucket's usage changes.
#[derive(Debug, Default)]
pub(super) struct Delta {
    objects: i64,
    versions: i64,
    bytes: i64,
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Writes a version and makes it the current one; `extents` are the caller's to hold or share.
pub(super) fn put(
    work: &mut Work<'_>,
    bucket: &BucketRow,
    (mut meta, extents): (ObjectMeta, &[Extent]),
    write: &Write<'_>,
) -> Result<Stored, StoreError> {
    let conn = work.conn;
    let at = (bucket.row, write.address.key.as_str().as_bytes());
    let current = versions::current(conn, at.0, at.1)?;
    judge(work, at, current.as_ref(), write.condition)?;
    let settings = bucket.settings;
    // An upload's lock was judged when it began.
    if write.kind != EventKind::CompleteMultipartUpload {
        lock::judge_given(settings.object_lock, meta.lock, whole_millis(write.stamp.at))?;
    }
    meta.lock = lock::of_new(settings.object_lock, meta.lock, whole_millis(write.stamp.at));
    let sequence = next_sequence(conn)?;
    let id = VersionId::of_new(sequence, settings.versioning);
    let mut delta = Delta { objects: 1, versions: 1, bytes: count(meta.size) };
    let replaced = replaced(work, at, id, current)?;
    let freed = replaced.as_ref().map_or(Ok(0), |row| size_of(row, at.1))?;
    bucket.has_room(meta.size, freed.saturating_add(write.freed))?;
    if let Some(row) = &replaced {
        take_out(work, at, row)?;
        delta.versions -= 1;
        delta.bytes -= count(freed);
    }
    // What was the current version and still is a version makes room.
    let left = versions::current(conn, at.0, at.1)?;
    if let Some(row) = &left {
        versions::demote(conn, at, row)?;
    }
    let was_current = replaced.as_ref().is_some_and(|row| row.place == Place::Current);
    delta.objects -= i64::from(left.is_some() || was_current);
    meta.sequence = sequence;
    let name = codec::version_name(at.1, sequence);
    let (record, extents) = (codec::object(&name, &meta), codec::extents(&name, extents));
    let new = NewRow { sequence, id, record: &record, extents: &extents };
    versions::insert(conn, at, Place::Current, &new)?;
    if let Some(own) = write.parts {
        parts::keep(conn, sequence, own)?;
    }
    bucket.count(conn, &delta)?;
    let content = Some((meta.size, meta.etag.clone()));
    write.feed.tell(work, sequence, (write.kind, write.address, id, content), write.stamp)?;
    Ok(Stored::new(&meta.shown(id, settings.versioning)))
}

/// The version that gives its id to a new one.
fn replaced(
    work: &Work<'_>,
    (bucket, key): (i64, &[u8]),
    id: VersionId,
    current: Option<VersionRow>,
) -> Result<Option<VersionRow>, StoreError> {
    match (id, current) {
        (VersionId::Numbered(_) | VersionId::Foreign(_), _) => Ok(None),
        (VersionId::Null, Some(row)) if row.id == VersionId::Null => Ok(Some(row)),
        (VersionId::Null, _) => versions::named(work.conn, bucket, key, VersionId::Null),
    }
}

/// Judges a condition against the newest version.
fn judge(
    work: &Work<'_>,
    (bucket, key): (i64, &[u8]),
    current: Option<&VersionRow>,
    condition: &WriteCondition,
) -> Result<(), StoreError> {
    match (condition, current) {
        (WriteCondition::Always, _) => Ok(()),
        (_, Some(row)) => judge_row(Some(row), key, condition),
        (_, None) => {
            let marker = versions::newest_older(work.conn, bucket, key)?;
            judge_row(marker.as_ref(), key, condition)
        }
    }
}

fn judge_row(
    row: Option<&VersionRow>,
    key: &[u8],
    condition: &WriteCondition,
) -> Result<(), StoreError> {
    let Some(row) = row else { return condition.judge(None) };
    match row.kept(key)? {
        Kept::Object(meta) => condition.judge(Some((Some(&meta.etag), row.sequence))),
        Kept::Marker(_) => condition.judge(Some((None, row.sequence))),
    }
}

/// What is kept of an object, if a version is one.
fn facts(row: Option<&VersionRow>, key: &[u8]) -> Result<Option<ObjectMeta>, StoreError> {
    match row.map(|row| row.kept(key)).transpose()? {
        Some(Kept::Object(meta)) => Ok(Some(*meta)),
        Some(Kept::Marker(_)) | None => Ok(None),
    }
}

/// The bytes of a version. One whose record is damaged counts as none: it can be replaced.
fn size_of(row: &VersionRow, key: &[u8]) -> Result<u64, StoreError> {
    match row.kept(key) {
        Ok(Kept::Object(meta)) => Ok(meta.size),
        Ok(Kept::Marker(_)) | Err(StoreError::Corrupt { .. }) => Ok(0),
        Err(error) => Err(error),
    }
}

/// How many bytes a new version of a key would replace.
pub(super) fn freed_by(
    conn: &Connection,
    bucket: &BucketRow,
    key: &ObjectKey,
) -> Result<u64, StoreError> {
    let key = key.as_str().as_bytes();
    match bucket.settings.versioning {
        Versioning::Enabled => Ok(0),
        Versioning::Unversioned | Versioning::Suspended => {
            let row = versions::named(conn, bucket.row, key, VersionId::Null)?;
            row.map_or(Ok(0), |row| size_of(&row, key))
        }
    }
}

/// Removes a version's row and releases its blobs.
fn take_out(work: &mut Work<'_>, at: (i64, &[u8]), row: &VersionRow) -> Result<(), StoreError> {
    versions::remove(work.conn, at, row)?;
    parts::forget(work.conn, row.sequence)?;
    let (name, sealed) = row.sealed_extents(at.1);
    release_sealed(work, &name, sealed)
}

/// Deletes an object or a version.
pub(super) fn delete(
    work: &mut Work<'_>,
    address: &ObjectAddress,
    delete: &DeleteObject,
    (stamp, feed): (&Stamp, &Feed),
) -> Result<Deleted, StoreError> {
    let conn = work.conn;
    let bucket = bucket_row(conn, &address.bucket)?;
    let at = (bucket.row, address.key.as_str().as_bytes());
    let versioning = bucket.settings.versioning;
    let meant = match delete.version {
        Some(id) => versions::named(conn, at.0, at.1, id)?,
        None if delete.is_free() && versioning == Versioning::Enabled => None,
        None => versions::newest(conn, at.0, at.1)?,
    };
    if !delete.is_free() {
        judge_row(meant.as_ref(), at.1, &delete.condition)?;
        delete.judge_facts(facts(meant.as_ref(), at.1)?.as_ref())?;
    }
    let hides = delete.version.is_none() && versioning != Versioning::Unversioned;
    if hides {
        return hide(work, (&bucket, address), delete, (stamp, feed));
    }
    let Some(row) = meant else {
        let version = delete.version.and_then(|id| id.shown(versioning));
        return Ok(Deleted { version, marker: false });
    };
    remove_version(work, (&bucket, address), &row, delete, (stamp, feed))
}

/// Removes a version for good; the next one may become current.
fn remove_version(
    work: &mut Work<'_>,
    (bucket, address): (&BucketRow, &ObjectAddress),
    row: &VersionRow,
    delete: &DeleteObject,
    (stamp, feed): (&Stamp, &Feed),
) -> Result<Deleted, StoreError> {
    let conn = work.conn;
    let at = (bucket.row, address.key.as_str().as_bytes());
    let content = match row.kept(at.1) {
        Ok(Kept::Object(meta)) => {
            meta.lock.judge_delete(stamp.at, delete.bypass)?;
            Some((meta.size, meta.etag))
        }
        Ok(Kept::Marker(_)) => None,
        // A damaged version can be deleted where nothing can have locked it.
        Err(StoreError::Corrupt { .. }) if bucket.settings.object_lock.is_none() => {
            Some((0, String::new()))
        }
        Err(error) => return Err(error),
    };
    let was_current = row.place == Place::Current;
    let uncovers = match bucket.settings.versioning {
        Versioning::Unversioned => false,
        Versioning::Enabled | Versioning::Suspended => is_newest(work, at, row)?,
    };
    take_out(work, at, row)?;
    let promoted = uncovers && versions::promote(conn, at)?;
    let size = content.as_ref().map_or(0, |(size, _)| *size);
    let objects = i64::from(promoted) - i64::from(was_current);
    bucket.count(conn, &Delta { objects, versions: -1, bytes: -count(size) })?;
    let sequence = next_sequence(conn)?;
    let marker = content.is_none();
    feed.tell(work, sequence, (delete.cause.removal(), address, row.id, content), stamp)?;
    Ok(Deleted { version: row.id.shown(bucket.settings.versioning), marker })
}

fn is_newest(work: &Work<'_>, at: (i64, &[u8]), row: &VersionRow) -> Result<bool, StoreError> {
    let newest = versions::newest(work.conn, at.0, at.1)?;
    Ok(newest.is_some_and(|newest| newest.sequence == row.sequence))
}

/// Puts a delete marker on top.
fn hide(
    work: &mut Work<'_>,
    (bucket, address): (&BucketRow, &ObjectAddress),
    delete: &DeleteObject,
    (stamp, feed): (&Stamp, &Feed),
) -> Result<Deleted, StoreError> {
    let conn = work.conn;
    let at = (bucket.row, address.key.as_str().as_bytes());
    let versioning = bucket.settings.versioning;
    let sequence = next_sequence(conn)?;
    let id = VersionId::of_new(sequence, versioning);
    let current = versions::current(conn, at.0, at.1)?;
    let mut delta = Delta { objects: -i64::from(current.is_some()), versions: 1, bytes: 0 };
    if let Some(row) = replaced(work, at, id, current)? {
        delta.bytes -= count(size_of(&row, at.1)?);
        delta.versions -= 1;
        take_out(work, at, &row)?;
    }
    if let Some(row) = versions::current(conn, at.0, at.1)? {
        versions::demote(conn, at, &row)?;
    }
    let name = codec::version_name(at.1, sequence);
    let record = codec::marker(&name, whole_millis(stamp.at));
    let extents = codec::extents(&name, &[]);
    let new = NewRow { sequence, id, record: &record, extents: &extents };
    versions::insert(conn, at, Place::Older, &new)?;
    bucket.count(conn, &delta)?;
    feed.tell(work, sequence, (delete.cause.hiding(), address, id, None), stamp)?;
    Ok(Deleted { version: id.shown(versioning), marker: true })
}

/// Changes a version in place.
pub(super) fn change(
    work: &mut Work<'_>,
    VersionAddress { object: address, version }: &VersionAddress,
    change: VersionChange,
    (stamp, feed): (&Stamp, &Feed),
) -> Result<ObjectMeta, StoreError> {
    let conn = work.conn;
    let bucket = bucket_row(conn, &address.bucket)?;
    let at = (bucket.row, address.key.as_str().as_bytes());
    let (row, mut meta) = versions::readable(conn, at.0, at.1, *version)?;
    let kind = meta.change(change, bucket.settings.object_lock, stamp)?;
    let record = codec::object(&codec::version_name(at.1, row.sequence), &meta);
    versions::change(conn, at, &row, &record)?;
    let content = Some((meta.size, meta.etag.clone()));
    let sequence = next_sequence(conn)?;
    feed.tell(work, sequence, (kind, address, row.id, content), stamp)?;
    Ok(meta.shown(row.id, bucket.settings.versioning))
}

impl Delta {
    /// The changes of objects, versions and bytes.
    pub(super) fn counts(&self) -> (i64, i64, i64) {
        (self.objects, self.versions, self.bytes)
    }
}
