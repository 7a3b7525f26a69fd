//! Uploads in parts on the disk. The object takes the parts' blobs over; nothing is rewritten.

use futures::StreamExt;
use rusqlite::{Connection, OptionalExtension};
use tokio::task::spawn_blocking;
use wh_names::{BucketName, ObjectKey};

use super::buckets::{BucketRow, bucket_row};
use super::codec::UploadRecord;
use super::extent::slice;
use super::index::{Work, sql};
use super::objects::source;
use super::rows::PartRow;
use super::take::Intake;
use super::write::{self, Write};
use super::{DiskStore, blobs, codec, rows};
use crate::digest::{Announced, Digests, Hasher};
use crate::listing::{Step, UploadCollector};
use crate::multipart::{
    KeptPart, assemble, check_algorithm, check_create, check_number, in_force, object_parts,
};
use crate::object::{Dress, whole_millis};
use crate::{
    ByteStream, ChecksumAlgorithm, CompleteUpload, CreateUpload, EventKind, GetObject, ListUploads,
    ObjectAddress, ObjectMeta, PART_BYTES_MAX, PartMeta, PartsPage, Stamp, StoreError, Stored,
    UploadId, UploadMeta, UploadPart, UploadPartCopy, UploadsPage, lock,
};

/// How often a copy of a part is begun again when its source is replaced meanwhile.
const COPY_ATTEMPTS_MAX: usize = 3;

/// An upload as the transaction or snapshot sees it.
struct Upload {
    bucket: BucketRow,
    row: i64,
    record: UploadRecord,
}

fn upload(conn: &Connection, address: &ObjectAddress, id: &UploadId) -> Result<Upload, StoreError> {
    let bucket = bucket_row(conn, &address.bucket)?;
    let text = "SELECT row, record FROM upload WHERE bucket = ?1 AND key = ?2 AND id = ?3";
    let mut statement = conn.prepare_cached(text).map_err(sql)?;
    let params = (bucket.row, address.key.as_str().as_bytes(), id.as_str());
    let found: Option<(i64, Vec<u8>)> = statement
        .query_row(params, |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
        .map_err(sql)?;
    let (row, record) = found.ok_or(StoreError::NoSuchUpload)?;
    Ok(Upload { bucket, row, record: codec::read_upload(id.as_str(), &record)? })
}

impl Upload {
    /// Puts a part in place of what is there, within the bucket's quota.
    fn keep_part(
        &self,
        work: &mut Work<'_>,
        number: u16,
        part: &PartRow,
    ) -> Result<PartMeta, StoreError> {
        let went = rows::part_bytes(work.conn, self.row, number)?;
        let came = part.kept.digests.size;
        self.bucket.has_room(came, went)?;
        rows::put_part(work, self.row, number, part)?;
        self.bucket.count_parts(work.conn, came, went)?;
        Ok(part.kept.meta(number, self.record.checksum))
    }
}

impl DiskStore {
    pub(super) async fn begin_upload(
        &self,
        address: ObjectAddress,
        create: CreateUpload,
        id: UploadId,
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        check_create(&create)?;
        self.health.has_room()?;
        let CreateUpload { headers, tags, lock, checksum } = create;
        let begun = whole_millis(stamp.at);
        let dress = Dress { headers, tags, lock, encryption: self.encryption() };
        let record = UploadRecord { begun, checksum, dress };
        let job = move |work: &mut Work<'_>| {
            let bucket = bucket_row(work.conn, &address.bucket)?;
            lock::judge_given(bucket.settings.object_lock, lock, begun)?;
            let text = "INSERT INTO upload (bucket, key, id, record) VALUES (?1, ?2, ?3, ?4)";
            let sealed = codec::upload(id.as_str(), &record);
            let key = address.key.as_str().as_bytes();
            rows::run(work.conn, text, (bucket.row, key, id.as_str(), sealed)).map(drop)
        };
        self.writer.submit(job).await
    }

    pub(super) async fn take_part(
        &self,
        part: UploadPart,
        body: ByteStream,
        stamp: &Stamp,
    ) -> Result<PartMeta, StoreError> {
        check_number(part.number)?;
        let UploadPart { address, upload: id, number, expected, content_md5, size } = part;
        let declared = self.declared(&address, &id).await?;
        self.judge_part(&address, &id, (number, size)).await?;
        let announced = Announced { size, content_md5, expected };
        check_algorithm(declared, announced.algorithm())?;
        let also = Some(in_force(declared).0);
        let intake = Intake { announced, also, bytes_max: PART_BYTES_MAX };
        let (digests, content) = self.take(body, intake).await?;
        let modified = whole_millis(stamp.at);
        let job = move |work: &mut Work<'_>| {
            let upload = upload(work.conn, &address, &id)?;
            let extents = blobs::keep(work, content)?;
            let kept = KeptPart { digests, modified };
            upload.keep_part(work, number, &PartRow { kept, extents })
        };
        self.writer.submit(job).await
    }

    /// Refuses a part whose announced size the bucket cannot hold, before any of it is sent.
    async fn judge_part(
        &self,
        address: &ObjectAddress,
        id: &UploadId,
        (number, size): (u16, Option<u64>),
    ) -> Result<(), StoreError> {
        let limited = self.buckets.get(&address.bucket)?.settings.quota_bytes.is_some();
        let (Some(size), true) = (size, limited) else { return Ok(()) };
        let (address, id) = (address.clone(), id.clone());
        let read = move |conn: &Connection| {
            let upload = upload(conn, &address, &id)?;
            upload.bucket.has_room(size, rows::part_bytes(conn, upload.row, number)?)
        };
        self.readers.read(read).await
    }

    async fn declared(
        &self,
        address: &ObjectAddress,
        id: &UploadId,
    ) -> Result<Option<(ChecksumAlgorithm, crate::ChecksumKind)>, StoreError> {
        let (address, id) = (address.clone(), id.clone());
        self.readers.read(move |conn| Ok(upload(conn, &address, &id)?.record.checksum)).await
    }

    pub(super) async fn copy_part(
        &self,
        part: UploadPartCopy,
        stamp: &Stamp,
    ) -> Result<PartMeta, StoreError> {
        check_number(part.number)?;
        self.health.has_room()?;
        for _ in 0..COPY_ATTEMPTS_MAX {
            if let Some(meta) = self.try_copy_part(&part, stamp).await? {
                return Ok(meta);
            }
        }
        Err(StoreError::ConditionalRequestConflict)
    }

    /// Hashes the range and shares its blobs, or tells that the source was replaced in between.
    async fn try_copy_part(
        &self,
        part: &UploadPartCopy,
        stamp: &Stamp,
    ) -> Result<Option<PartMeta>, StoreError> {
        let declared = self.declared(&part.address, &part.upload).await?;
        let conditions = part.source_conditions.clone();
        let get = GetObject { version: part.from_version, range: part.range, conditions };
        let read = self.get(&part.from, get).await;
        if matches!(read, Err(StoreError::NotModified { .. })) {
            return Err(StoreError::PreconditionFailed);
        }
        let read = read.map_err(StoreError::of_source)?;
        if read.range.end - read.range.start > PART_BYTES_MAX {
            return Err(StoreError::EntityTooLarge { max: PART_BYTES_MAX });
        }
        let digests = hash(read.body, in_force(declared).0).await?;
        let (part, modified) = (part.clone(), whole_millis(stamp.at));
        let job = move |work: &mut Work<'_>| {
            let upload = upload(work.conn, &part.address, &part.upload)?;
            let (meta, all) = source(work.conn, &part.from, part.from_version)?;
            if meta.sequence != read.meta.sequence {
                return Ok(None);
            }
            let extents = slice(&all, &read.range);
            blobs::share(work, &extents)?;
            let kept = KeptPart { digests, modified };
            upload.keep_part(work, part.number, &PartRow { kept, extents }).map(Some)
        };
        self.writer.submit(job).await
    }

    pub(super) async fn complete_upload(
        &self,
        complete: CompleteUpload,
        stamp: &Stamp,
    ) -> Result<Stored, StoreError> {
        self.health.has_room()?;
        let (stamp, feed) = (stamp.clone(), self.feed.clone());
        let job = move |work: &mut Work<'_>| {
            let (address, condition) = (&complete.address, &complete.condition);
            let upload = upload(work.conn, address, &complete.upload)?;
            let parts = rows::parts(work.conn, upload.row)?;
            let kept = parts.iter().map(|(number, part)| (*number, part.kept.clone())).collect();
            let assembled = assemble(&complete, upload.record.checksum, &kept)?;
            let gone = parts.values().map(|part| part.kept.digests.size).sum();
            let chosen = complete.parts.iter().filter_map(|part| parts.get(&part.number));
            let extents: Vec<_> = chosen.flat_map(|part| part.extents.iter().copied()).collect();
            let own = object_parts(&complete, upload.record.checksum, &kept);
            let dress = upload.record.dress;
            let meta = ObjectMeta::of_parts(&address.key, dress, assembled, stamp.at);
            rows::drop_upload(work, upload.row, &extents)?;
            upload.bucket.count_parts(work.conn, 0, gone)?;
            let (stamp, feed) = (&stamp, &feed);
            let kind = EventKind::CompleteMultipartUpload;
            let parts = Some(own.as_slice());
            let write = Write { address, condition, kind, freed: gone, parts, stamp, feed };
            write::put(work, &upload.bucket, (meta, &extents), &write)
        };
        self.writer.submit(job).await
    }

    pub(super) async fn abort_upload(
        &self,
        address: ObjectAddress,
        id: UploadId,
    ) -> Result<(), StoreError> {
        let job = move |work: &mut Work<'_>| {
            let upload = upload(work.conn, &address, &id)?;
            let parts = rows::parts_after(work.conn, upload.row, 0, usize::MAX)?;
            let freed = parts.iter().map(|(_, part)| part.digests.size).sum();
            rows::drop_upload(work, upload.row, &[])?;
            upload.bucket.count_parts(work.conn, 0, freed)
        };
        self.writer.submit(job).await
    }

    pub(super) async fn parts(
        &self,
        address: ObjectAddress,
        id: UploadId,
        after: u16,
        max: usize,
    ) -> Result<PartsPage, StoreError> {
        let read = move |conn: &Connection| {
            let Upload { row, record, .. } = upload(conn, &address, &id)?;
            let (key, begun, checksum) = (address.key, record.begun, record.checksum);
            let meta = UploadMeta { key, id, begun, checksum };
            let found = rows::parts_after(conn, row, after, max.saturating_add(1))?;
            let parts = found.into_iter().map(|(n, kept)| kept.meta(n, checksum)).collect();
            Ok(PartsPage::new(meta, parts, max))
        };
        self.readers.read(read).await
    }

    pub(super) async fn uploads(
        &self,
        bucket: &BucketName,
        list: ListUploads,
    ) -> Result<UploadsPage, StoreError> {
        let bucket = self.buckets.get(bucket)?.row;
        self.readers.read(move |conn| page_of_uploads(conn, bucket, list)).await
    }
}

async fn hash(mut body: ByteStream, also: ChecksumAlgorithm) -> Result<Digests, StoreError> {
    let mut hasher = Hasher::new([also]);
    while let Some(block) = body.next().await {
        let block = block.map_err(StoreError::Body)?;
        let hashing = spawn_blocking(move || {
            hasher.update(&block);
            hasher
        });
        hasher = hashing.await.map_err(|_| StoreError::Closed)?;
    }
    Ok(hasher.finish())
}

fn page_of_uploads(
    conn: &Connection,
    bucket: i64,
    list: ListUploads,
) -> Result<UploadsPage, StoreError> {
    let mut collector = UploadCollector::new(list);
    // No key begins with the byte 0xFF, so this is past all of them.
    let end = collector.end().unwrap_or_else(|| vec![0xff]);
    let mut from = Some(collector.start());
    while let Some(start) = from {
        from = walk(conn, (bucket, &start, &end), &mut collector)?;
    }
    Ok(collector.finish())
}

/// Walks over uploads until the collector wants to be elsewhere, and tells where.
fn walk(
    conn: &Connection,
    (bucket, start, end): (i64, &[u8], &[u8]),
    collector: &mut UploadCollector,
) -> Result<Option<Vec<u8>>, StoreError> {
    let (key, id) = collector.within().unwrap_or_default();
    let after = (key.as_bytes().to_vec(), id.to_owned());
    let text = "SELECT key, id, record FROM upload WHERE bucket = ?1 AND key >= ?2 AND key < ?3 \
                AND (key, id) > (?4, ?5) ORDER BY key, id";
    let mut statement = conn.prepare_cached(text).map_err(sql)?;
    let mut found = statement.query((bucket, start, end, after.0, after.1)).map_err(sql)?;
    while let Some(row) = found.next().map_err(sql)? {
        let key = row.get_ref(0).and_then(|r| Ok(r.as_blob()?)).map_err(sql)?;
        let (id, record): (String, Vec<u8>) = (row.get(1).map_err(sql)?, row.get(2).map_err(sql)?);
        let text = std::str::from_utf8(key).map_err(|_| damaged_key(&id))?;
        match collector.visit(text, || upload_meta(text, &id, &record))? {
            Step::Next => {}
            Step::Stop => return Ok(None),
            Step::SeekTo(next) => return Ok(Some(next)),
        }
    }
    Ok(None)
}

fn damaged_key(id: &str) -> StoreError {
    StoreError::Corrupt { what: format!("the key of upload `{id}`") }
}

fn upload_meta(key: &str, id: &str, record: &[u8]) -> Result<UploadMeta, StoreError> {
    let key = ObjectKey::parse(key).map_err(|_| damaged_key(id))?;
    let UploadRecord { begun, checksum, .. } = codec::read_upload(id, record)?;
    Ok(UploadMeta { key, id: UploadId::parse(id)?, begun, checksum })
}
