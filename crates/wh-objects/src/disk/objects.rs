//! Objects on the disk: put, get, head, copy, delete, list.

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::Connection;
use wh_names::BucketName;

use super::buckets::row_of;
use super::extent::{Extent, slice};
use super::give::{self, BodyReader};
use super::index::{Work, sql};
use super::take::Intake;
use super::{DiskStore, blobs, codec, rows};
use crate::digest::Announced;
use crate::listing::{Collector, Step};
use crate::{
    ByteStream, ChecksumAlgorithm, CopyObject, GetObject, ListObjects, ListPage, ListedObject,
    ObjectAddress, ObjectMeta, ObjectRead, PUT_BYTES_MAX, PutObject, ReadConditions, StoreError,
    Stored, WriteCondition, range,
};

impl DiskStore {
    pub(super) async fn put(
        &self,
        address: &ObjectAddress,
        put: PutObject,
        body: ByteStream,
        at: Timestamp,
    ) -> Result<Stored, StoreError> {
        self.buckets.get(&address.bucket)?;
        let PutObject { headers, expected, content_md5, condition, size } = put;
        let announced = Announced { size, content_md5, expected };
        let algorithm = announced.algorithm().unwrap_or(ChecksumAlgorithm::Crc64Nvme);
        let intake = Intake { announced, also: None, bytes_max: PUT_BYTES_MAX };
        let (digests, content) = self.take(body, intake).await?;
        let meta = ObjectMeta::of_body(&address.key, headers, &digests, algorithm, at);
        let bucket = address.bucket.clone();
        let job = move |work: &mut Work<'_>| {
            let bucket = row_of(work.conn, &bucket)?;
            judge(work.conn, bucket, &meta, &condition)?;
            let extents = blobs::keep(work, content)?;
            rows::put_object(work, bucket, &meta, &extents)?;
            Ok(Stored::new(&meta))
        };
        self.writer.submit(job).await
    }

    pub(super) async fn get(
        &self,
        address: &ObjectAddress,
        get: GetObject,
    ) -> Result<ObjectRead, StoreError> {
        let bucket = self.buckets.get(&address.bucket)?.row;
        let (blobs, readers) = (Arc::clone(&self.shelf), Arc::clone(&self.readers));
        let key = address.key.clone();
        let read = move |conn: &Connection| {
            let look = blobs.look();
            let found = rows::object(conn, bucket, key.as_str())?.ok_or(StoreError::NoSuchKey)?;
            let meta = codec::read_object(key.as_str().as_bytes(), &found.record)?;
            get.conditions.judge(&meta)?;
            let range = range::resolve(get.range, meta.size)?;
            let all = codec::read_extents(key.as_str().as_bytes(), &found.extents)?;
            let extents = slice(&all, &range);
            let pin = look.pin(blobs::files(&extents));
            let reader = BodyReader::new(conn, extents, pin, readers)?;
            Ok((meta, range, reader))
        };
        let (meta, range, reader) = self.readers.read(read).await?;
        let (first, reader) = read_first(reader).await?;
        let body = give::body(first, reader);
        Ok(ObjectRead { meta, range, body })
    }

    pub(super) async fn head(
        &self,
        address: &ObjectAddress,
        conditions: ReadConditions,
    ) -> Result<ObjectMeta, StoreError> {
        let bucket = self.buckets.get(&address.bucket)?.row;
        let key = address.key.clone();
        let read = move |conn: &Connection| {
            let record = rows::record(conn, bucket, key.as_str())?.ok_or(StoreError::NoSuchKey)?;
            let meta = codec::read_object(key.as_str().as_bytes(), &record)?;
            conditions.judge(&meta)?;
            Ok(meta)
        };
        self.readers.read(read).await
    }

    pub(super) async fn copy(&self, copy: CopyObject, at: Timestamp) -> Result<Stored, StoreError> {
        copy.judge()?;
        self.health.has_room()?;
        let job = move |work: &mut Work<'_>| {
            let (source, extents) = source(work.conn, &copy.from)?;
            copy.source_conditions.judge_source(&source)?;
            let bucket = row_of(work.conn, &copy.to.bucket)?;
            let meta = source.copied(&copy, at);
            judge(work.conn, bucket, &meta, &copy.condition)?;
            blobs::share(work, &extents)?;
            rows::put_object(work, bucket, &meta, &extents)?;
            Ok(Stored::new(&meta))
        };
        self.writer.submit(job).await
    }

    pub(super) async fn delete(&self, address: ObjectAddress) -> Result<(), StoreError> {
        let job = move |work: &mut Work<'_>| {
            let bucket = row_of(work.conn, &address.bucket)?;
            rows::delete_object(work, bucket, address.key.as_str())
        };
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

/// Judges a write against what the transaction sees.
pub(super) fn judge(
    conn: &Connection,
    bucket: i64,
    meta: &ObjectMeta,
    condition: &WriteCondition,
) -> Result<(), StoreError> {
    if *condition == WriteCondition::Always {
        return Ok(());
    }
    let key = meta.key.as_str();
    let current = rows::record(conn, bucket, key)?;
    let current = current.map(|record| codec::read_object(key.as_bytes(), &record)).transpose()?;
    condition.judge(current.as_ref().map(|meta| meta.etag.as_str()))
}

/// The source of a copy, as the transaction sees it.
pub(super) fn source(
    conn: &Connection,
    from: &ObjectAddress,
) -> Result<(ObjectMeta, Vec<Extent>), StoreError> {
    let bucket = row_of(conn, &from.bucket)?;
    let key = from.key.as_str();
    let row = rows::object(conn, bucket, key)?.ok_or(StoreError::NoSuchKey)?;
    let meta = codec::read_object(key.as_bytes(), &row.record)?;
    Ok((meta, codec::read_extents(key.as_bytes(), &row.extents)?))
}

/// Walks over keys until the collector wants to be elsewhere, and tells where.
fn walk(
    conn: &Connection,
    (bucket, start, end): (i64, &[u8], Option<&[u8]>),
    collector: &mut Collector,
) -> Result<Option<Vec<u8>>, StoreError> {
    let text = "SELECT key, record FROM object WHERE bucket = ?1 AND key >= ?2 AND key < ?3 \
                ORDER BY key";
    let open = "SELECT key, record FROM object WHERE bucket = ?1 AND key >= ?2 ORDER BY key";
    let mut statement =
        conn.prepare_cached(if end.is_some() { text } else { open }).map_err(sql)?;
    let mut found = match end {
        Some(end) => statement.query((bucket, start, end)),
        None => statement.query((bucket, start)),
    }
    .map_err(sql)?;
    while let Some(row) = found.next().map_err(sql)? {
        let key = row.get_ref(0).and_then(|r| Ok(r.as_blob()?)).map_err(sql)?;
        let damaged = |_| StoreError::Corrupt { what: format!("the key `{}`", key.escape_ascii()) };
        let text = std::str::from_utf8(key).map_err(damaged)?;
        let object = || {
            let record = row.get_ref(1).and_then(|r| Ok(r.as_blob()?)).map_err(sql)?;
            codec::read_object(key, record).map(|meta| ListedObject::of(&meta))
        };
        match collector.visit(text, object)? {
            Step::Next => {}
            Step::Stop => return Ok(None),
            Step::SeekTo(next) => return Ok(Some(next)),
        }
    }
    Ok(None)
}
