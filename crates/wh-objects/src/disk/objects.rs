//! Objects on the disk: put, get, head, copy, delete, list.

use std::sync::Arc;

use rusqlite::Connection;
use wh_names::BucketName;

use super::blobs;
use super::buckets::bucket_row;
use super::codec::{self, Kept};
use super::extent::{Extent, slice};
use super::give::{self, BodyReader};
use super::index::{Work, sql};
use super::take::Intake;
use super::versions;
use super::write::{self, Write};
use super::{DiskStore, parts, version_list};
use crate::digest::Announced;
use crate::listing::{Collector, Step};
use crate::object::Dress;
use crate::{
    ByteStream, ChecksumAlgorithm, CopyObject, DeleteObject, Deleted, EventKind, GetObject,
    HeadObject, ListObjects, ListPage, ListVersions, ListedObject, ObjectAddress, ObjectMeta,
    ObjectParts, ObjectRead, PUT_BYTES_MAX, PutObject, Stamp, StoreError, Stored, VersionAddress,
    VersionChange, VersionId, VersionsPage, range,
};

impl DiskStore {
    pub(super) async fn put(
        &self,
        address: &ObjectAddress,
        put: PutObject,
        body: ByteStream,
        stamp: &Stamp,
    ) -> Result<Stored, StoreError> {
        self.judge_quota(address, put.size).await?;
        let PutObject { headers, tags, lock, expected, content_md5, condition, size } = put;
        let announced = Announced { size, content_md5, expected };
        let algorithm = announced.algorithm().unwrap_or(ChecksumAlgorithm::Crc64Nvme);
        let intake = Intake { announced, also: None, bytes_max: PUT_BYTES_MAX };
        let (digests, content) = self.take(body, intake).await?;
        let dress = Dress { headers, tags, lock, encryption: self.encryption() };
        let meta = ObjectMeta::of_body(&address.key, dress, &digests, algorithm, stamp.at);
        let (address, stamp, feed) = (address.clone(), stamp.clone(), self.feed.clone());
        let job = move |work: &mut Work<'_>| {
            let bucket = bucket_row(work.conn, &address.bucket)?;
            let extents = blobs::keep(work, content)?;
            let (address, stamp, feed) = (&address, &stamp, &feed);
            let (condition, kind) = (&condition, EventKind::Put);
            let write = Write { address, condition, kind, freed: 0, parts: None, stamp, feed };
            write::put(work, &bucket, (meta, &extents), &write)
        };
        self.writer.submit(job).await
    }

    /// Refuses an object whose announced size the bucket cannot hold, before any of it is sent. It
    /// is judged again when it is written.
    async fn judge_quota(
        &self,
        address: &ObjectAddress,
        size: Option<u64>,
    ) -> Result<(), StoreError> {
        let limited = self.buckets.get(&address.bucket)?.settings.quota_bytes.is_some();
        let (Some(size), true) = (size, limited) else { return Ok(()) };
        let address = address.clone();
        let read = move |conn: &Connection| {
            let bucket = bucket_row(conn, &address.bucket)?;
            let freed = write::freed_by(conn, &bucket, &address.key)?;
            bucket.has_room(size, freed)
        };
        self.readers.read(read).await
    }

    pub(super) async fn get(
        &self,
        address: &ObjectAddress,
        get: GetObject,
    ) -> Result<ObjectRead, StoreError> {
        let bucket = self.buckets.get(&address.bucket)?;
        let (blobs, readers) = (Arc::clone(&self.shelf), Arc::clone(&self.readers));
        let key = address.key.clone();
        let read = move |conn: &Connection| {
            let look = blobs.look();
            let key = key.as_str().as_bytes();
            let (row, meta) = versions::readable(conn, bucket.row, key, get.version)?;
            get.conditions.judge(&meta)?;
            let range = range::resolve(get.range, meta.size)?;
            let extents = slice(&row.extents(key)?, &range);
            let pin = look.pin(blobs::files(&extents));
            let reader = BodyReader::new(conn, extents, pin, readers)?;
            Ok((meta.shown(row.id, bucket.settings.versioning), range, reader))
        };
        let (meta, range, reader) = self.readers.read(read).await?;
        let (first, reader) = read_first(reader).await?;
        let body = give::body(first, reader);
        Ok(ObjectRead { meta, range, body })
    }

    pub(super) async fn head(
        &self,
        address: &ObjectAddress,
        head: HeadObject,
    ) -> Result<ObjectMeta, StoreError> {
        let bucket = self.buckets.get(&address.bucket)?;
        let key = address.key.clone();
        let read = move |conn: &Connection| {
            let key = key.as_str().as_bytes();
            let (row, meta) = versions::readable(conn, bucket.row, key, head.version)?;
            head.conditions.judge(&meta)?;
            Ok(meta.shown(row.id, bucket.settings.versioning))
        };
        self.readers.read(read).await
    }

    pub(super) async fn copy(&self, copy: CopyObject, stamp: &Stamp) -> Result<Stored, StoreError> {
        copy.judge()?;
        self.health.has_room()?;
        let (stamp, feed) = (stamp.clone(), self.feed.clone());
        let job = move |work: &mut Work<'_>| {
            let (source, extents) = source(work.conn, &copy.from, copy.from_version)?;
            copy.source_conditions.judge_source(&source)?;
            let bucket = bucket_row(work.conn, &copy.to.bucket)?;
            let own = parts::of(work.conn, source.sequence)?;
            let parts = own.as_deref();
            let meta = source.copied(&copy, stamp.at);
            blobs::share(work, &extents)?;
            let (address, condition, kind) = (&copy.to, &copy.condition, EventKind::Copy);
            let (stamp, feed) = (&stamp, &feed);
            let write = Write { address, condition, kind, freed: 0, parts, stamp, feed };
            write::put(work, &bucket, (meta, &extents), &write)
        };
        self.writer.submit(job).await
    }

    /// A version and its parts, as one snapshot has them.
    pub(super) async fn parts_of(&self, at: VersionAddress) -> Result<ObjectParts, StoreError> {
        let bucket = self.buckets.get(&at.object.bucket)?;
        let read = move |conn: &Connection| {
            let key = at.object.key.as_str().as_bytes();
            let (row, meta) = versions::readable(conn, bucket.row, key, at.version)?;
            let parts = parts::of(conn, row.sequence)?;
            Ok(ObjectParts { meta: meta.shown(row.id, bucket.settings.versioning), parts })
        };
        self.readers.read(read).await
    }

    pub(super) async fn delete(
        &self,
        address: ObjectAddress,
        delete: DeleteObject,
        stamp: &Stamp,
    ) -> Result<Deleted, StoreError> {
        let (stamp, feed) = (stamp.clone(), self.feed.clone());
        let job =
            move |work: &mut Work<'_>| write::delete(work, &address, &delete, (&stamp, &feed));
        self.writer.submit(job).await
    }

    pub(super) async fn change(
        &self,
        address: VersionAddress,
        change: VersionChange,
        stamp: &Stamp,
    ) -> Result<ObjectMeta, StoreError> {
        let (stamp, feed) = (stamp.clone(), self.feed.clone());
        let job = move |work: &mut Work<'_>| write::change(work, &address, change, (&stamp, &feed));
        self.writer.submit(job).await
    }

    pub(super) async fn list(
        &self,
        bucket: &BucketName,
        list: ListObjects,
    ) -> Result<ListPage, StoreError> {
        let bucket = self.buckets.get(bucket)?.row;
        let read = move |conn: &Connection| {
            let mut collector = Collector::new(list);
            let end = collector.end();
            let mut from = Some(collector.start());
            while let Some(start) = from {
                from = walk(conn, (bucket, &start, end.as_deref()), &mut collector)?;
            }
            Ok(collector.finish())
        };
        self.readers.read(read).await
    }

    pub(super) async fn list_versions(
        &self,
        bucket: &BucketName,
        list: ListVersions,
    ) -> Result<VersionsPage, StoreError> {
        let bucket = self.buckets.get(bucket)?.row;
        self.readers.read(move |conn| version_list::page(conn, bucket, list)).await
    }
}

/// Reads the first chunk before the answer begins, so that damage there is an error, not a body
/// that breaks off.
async fn read_first(
    mut reader: BodyReader,
) -> Result<(Option<bytes::Bytes>, BodyReader), StoreError> {
    if reader.is_ready() {
        return Ok((reader.next()?, reader));
    }
    let reading = tokio::task::spawn_blocking(move || {
        let first = reader.next();
        (first, reader)
    });
    let (first, reader) = reading.await.map_err(|_| StoreError::Closed)?;
    Ok((first?, reader))
}

/// The source of a copy, as the transaction sees it.
pub(super) fn source(
    conn: &Connection,
    from: &ObjectAddress,
    version: Option<VersionId>,
) -> Result<(ObjectMeta, Vec<Extent>), StoreError> {
    let bucket = bucket_row(conn, &from.bucket)?;
    let key = from.key.as_str().as_bytes();
    let found = versions::readable(conn, bucket.row, key, version);
    let (row, meta) = found.map_err(StoreError::of_source)?;
    let extents = row.extents(key)?;
    Ok((meta.shown(row.id, bucket.settings.versioning), extents))
}

/// Walks over keys until the collector wants to be elsewhere, and tells where.
fn walk(
    conn: &Connection,
    (bucket, start, end): (i64, &[u8], Option<&[u8]>),
    collector: &mut Collector,
) -> Result<Option<Vec<u8>>, StoreError> {
    let text = "SELECT key, seq, record FROM object WHERE bucket = ?1 AND key >= ?2 AND key < ?3 \
                ORDER BY key";
    let open = "SELECT key, seq, record FROM object WHERE bucket = ?1 AND key >= ?2 ORDER BY key";
    let mut statement =
        conn.prepare_cached(if end.is_some() { text } else { open }).map_err(sql)?;
    let mut found = match end {
        Some(end) => statement.query((bucket, start, end)),
        None => statement.query((bucket, start)),
    }
    .map_err(sql)?;
    while let Some(row) = found.next().map_err(sql)? {
        let key = row.get_ref(0).and_then(|r| Ok(r.as_blob()?)).map_err(sql)?;
        let text = std::str::from_utf8(key).map_err(|_| damaged_key(key))?;
        let object = || {
            let sequence: u64 = row.get(1).map_err(sql)?;
            let record = row.get_ref(2).and_then(|r| Ok(r.as_blob()?)).map_err(sql)?;
            match codec::read_version(key, sequence, record)? {
                Kept::Object(meta) => Ok(ListedObject::of(&meta)),
                Kept::Marker(_) => Err(damaged_key(key)),
            }
        };
        match collector.visit(text, object)? {
            Step::Next => {}
            Step::Stop => return Ok(None),
            Step::SeekTo(next) => return Ok(Some(next)),
        }
    }
    Ok(None)
}

/// The row of a key says what it cannot.
pub(super) fn damaged_key(key: &[u8]) -> StoreError {
    StoreError::Corrupt { what: format!("the row of the key `{}`", key.escape_ascii()) }
}
