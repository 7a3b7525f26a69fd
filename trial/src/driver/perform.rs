//! Does an operation on a store, and writes its answer as the model writes it.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use wh_names::KeyPrefix;
use wh_objects::{
    BucketChange, BucketSettings, ByteRange, ByteStream, CompleteUpload, CompletedPart, CopyObject,
    CreateUpload, DeleteObject, GetObject, ListObjects, ListUploads, ObjectAddress, ObjectLock,
    ObjectMeta, ObjectStore, PutObject, ReadConditions, StoreError, Stored, StreamError, Tags,
    UploadPart, UploadPartCopy, VersionAddress, VersionChange, VersionId, WriteCondition,
};

use crate::model::content::{Content, Contents, crc64};
use crate::model::op::{self, Condition, CopiedHeaders, Op, Tag, Upload};
use crate::model::state::Id;
use crate::model::{shown_body, shown_deleted, shown_stored, without_numbers};

/// Bodies are sent in blocks of so many bytes.
const BLOCK_BYTES: usize = 100_000;

/// How many lines a page has that is to hold everything.
pub(crate) const PAGE_MAX: usize = 1000;

/// What a store answered: as the model writes it, or the code of the error.
pub(crate) type Answered = Result<String, StoreError>;

/// A store, and the bytes to give to it.
#[derive(Debug)]
pub(crate) struct Hand<'s> {
    pub(crate) store: &'s dyn ObjectStore,
    pub(crate) contents: Contents,
    versions: Mutex<HashMap<u64, VersionId>>,
}

/// What came of an operation.
#[derive(Debug)]
pub(crate) enum Done {
    /// The store answered.
    Answered(Answered),
    /// It was not done: it is about a version of which nothing is known.
    Skipped,
}

impl<'s> Hand<'s> {
    pub(crate) fn new(store: &'s dyn ObjectStore, contents: Contents) -> Self {
        Self { store, contents, versions: Mutex::default() }
    }

    /// Does operation `n`, unless it is about a version that this hand does not know.
    pub(crate) async fn perform(&self, n: u64, op: &Op) -> Result<Done> {
        let Op::DeleteVersion { at, id } = op else {
            return self.answer(n, op).await.map(Done::Answered);
        };
        let Some(id) = self.known(*id) else { return Ok(Done::Skipped) };
        Ok(Done::Answered(self.delete(n, at, Some(id)).await))
    }

    /// Does operation `n`, which is about no version.
    pub(crate) async fn answer(&self, n: u64, op: &Op) -> Result<Answered> {
        let store = self.store;
        let (at, done) = (&op::stamp(n), |()| String::new());
        let stored = |stored: Stored| self.stored(n, &stored);
        Ok(match op {
            Op::CreateBucket { bucket } => {
                store.create_bucket(bucket, BucketSettings::default(), at).await.map(done)
            }
            Op::DeleteBucket { bucket } => store.delete_bucket(bucket).await.map(done),
            Op::KeepDocument { bucket, kind } => {
                let text = op::document(n);
                store.put_bucket_document(bucket, *kind, Some(&text)).await.map(done)
            }
            Op::DropDocument { bucket, kind } => {
                store.put_bucket_document(bucket, *kind, None).await.map(done)
            }
            Op::Put { at: to, len, condition } => {
                let condition = self.condition(condition);
                let size = (n.is_multiple_of(2)).then_some(*len);
                let tags = if op::has_tags(n) { op::tags(n)? } else { Tags::default() };
                let headers = op::headers(n);
                let put = PutObject { headers, tags, condition, size, ..Default::default() };
                store.put_object(to, put, self.body(n, *len), at).await.map(stored)
            }
            Op::Get { at, range } => self.get(at, *range).await,
            Op::Delete { at } => self.delete(n, at, None).await,
            Op::Tag { at: object } => {
                let to = VersionAddress { object: object.clone(), version: None };
                let change = VersionChange::Tags(op::tags(n)?);
                let meta = store.change_version(&to, change, at).await;
                meta.map(|meta| format!("{:?}", without_numbers(meta)))
            }
            Op::Versioning { bucket, versioning } => {
                let change = BucketChange::Versioning(*versioning);
                store.change_bucket(bucket, change).await.map(done)
            }
            Op::DeleteVersion { .. } => anyhow::bail!("a version is deleted by `perform`"),
            Op::Copy { from, to, headers } => {
                let copy = CopyObject {
                    from: from.clone(),
                    from_version: None,
                    to: to.clone(),
                    tags: None,
                    lock: ObjectLock::default(),
                    headers: (*headers == CopiedHeaders::Replaced).then(|| op::headers(n)),
                    source_conditions: ReadConditions::default(),
                    condition: WriteCondition::Always,
                };
                store.copy_object(copy, at).await.map(stored)
            }
            Op::List { bucket, delimiter, max } => {
                let delimiter = delimiter.map(String::from);
                let prefix = KeyPrefix::everything();
                let list = ListObjects { prefix, delimiter, after: None, max_keys: *max };
                store.list_objects(bucket, list).await.map(|page| format!("{page:?}"))
            }
            Op::Uploads { bucket } => {
                let prefix = KeyPrefix::everything();
                let list = ListUploads { prefix, delimiter: None, after: None, max: PAGE_MAX };
                store.list_multipart_uploads(bucket, list).await.map(|page| format!("{page:?}"))
            }
            Op::Begin { .. }
            | Op::Part { .. }
            | Op::PartCopy { .. }
            | Op::Complete { .. }
            | Op::Abort { .. }
            | Op::Parts { .. } => self.of_upload(n, op).await?,
        })
    }

    async fn of_upload(&self, n: u64, op: &Op) -> Result<Answered> {
        let store = self.store;
        let (now, done) = (&op::stamp(n), |()| String::new());
        let stored = |stored: Stored| self.stored(n, &stored);
        Ok(match op {
            Op::Begin { at } => {
                let create = CreateUpload { headers: op::headers(n), ..Default::default() };
                let id = op::upload_id(n)?;
                store.create_multipart_upload(at, create, id, now).await.map(|_| String::new())
            }
            Op::Part { upload, number, len } => {
                let part = UploadPart {
                    address: upload.at.clone(),
                    upload: op::upload_id(upload.begun)?,
                    number: *number,
                    expected: None,
                    content_md5: None,
                    size: Some(*len),
                };
                let part = store.upload_part(part, self.body(n, *len), now).await;
                part.map(|part| format!("{part:?}"))
            }
            Op::PartCopy { upload, number, from, range } => {
                let part = UploadPartCopy {
                    address: upload.at.clone(),
                    upload: op::upload_id(upload.begun)?,
                    number: *number,
                    from: from.clone(),
                    from_version: None,
                    range: range.map(|(first, last)| ByteRange::FromTo(first, last)),
                    source_conditions: ReadConditions::default(),
                };
                store.upload_part_copy(part, now).await.map(|part| format!("{part:?}"))
            }
            Op::Complete { upload, parts, condition } => {
                let complete = self.completion(upload, parts, condition)?;
                store.complete_multipart_upload(complete, now).await.map(stored)
            }
            Op::Abort { upload } => {
                let id = op::upload_id(upload.begun)?;
                store.abort_multipart_upload(&upload.at, &id).await.map(done)
            }
            Op::Parts { upload } => {
                let id = op::upload_id(upload.begun)?;
                let page = store.list_parts(&upload.at, &id, 0, PAGE_MAX).await;
                page.map(|page| format!("{page:?}"))
            }
            Op::CreateBucket { .. }
            | Op::DeleteBucket { .. }
            | Op::KeepDocument { .. }
            | Op::DropDocument { .. }
            | Op::Put { .. }
            | Op::Get { .. }
            | Op::Delete { .. }
            | Op::DeleteVersion { .. }
            | Op::Tag { .. }
            | Op::Versioning { .. }
            | Op::Copy { .. }
            | Op::List { .. }
            | Op::Uploads { .. } => anyhow::bail!("{} is no operation of an upload", op.name()),
        })
    }

    fn completion(
        &self,
        upload: &Upload,
        parts: &[(u16, Content)],
        condition: &Condition,
    ) -> Result<CompleteUpload> {
        let part = |(number, content): &(u16, Content)| CompletedPart {
            number: *number,
            etag: self.contents.sums(content).etag(),
            checksum: None,
        };
        Ok(CompleteUpload {
            address: upload.at.clone(),
            upload: op::upload_id(upload.begun)?,
            parts: parts.iter().map(part).collect(),
            expected: None,
            condition: self.condition(condition),
            object_size: None,
        })
    }

    fn condition(&self, condition: &Condition) -> WriteCondition {
        let text = |tag: &Tag| tag.text(&self.contents);
        match condition {
            Condition::Always => WriteCondition::Always,
            Condition::IfNone => WriteCondition::IfNoneMatchAny,
            Condition::IfAny => WriteCondition::IfMatch("*".to_owned()),
            Condition::IfTag(tag) => WriteCondition::IfMatch(text(tag)),
        }
    }

    fn body(&self, n: u64, len: u64) -> ByteStream {
        let mut rest = self.contents.bytes(&Content::of_body(n, len));
        let mut blocks: Vec<Result<Bytes, StreamError>> = Vec::new();
        while !rest.is_empty() {
            blocks.push(Ok(rest.split_to(rest.len().min(BLOCK_BYTES))));
        }
        Box::pin(futures::stream::iter(blocks))
    }

    /// Reads an object, or a range of it by its first and last byte.
    pub(crate) async fn get(&self, at: &ObjectAddress, range: Option<(u64, u64)>) -> Answered {
        let range = range.map(|(first, last)| ByteRange::FromTo(first, last));
        let (meta, range, crc) = self.read(at, GetObject { range, ..Default::default() }).await?;
        Ok(shown_body(&without_numbers(meta), &range, crc))
    }

    /// Reads an object, and computes the CRC-64/NVME of what came.
    pub(crate) async fn read(
        &self,
        at: &ObjectAddress,
        get: GetObject,
    ) -> Result<(ObjectMeta, Range<u64>, u64), StoreError> {
        let read = self.store.get_object(at, get).await?;
        let blocks: Vec<Bytes> =
            read.body.map(|b| b.map_err(StoreError::Body)).try_collect().await?;
        Ok((read.meta, read.range, crc64(&blocks.concat())))
    }

    async fn delete(&self, n: u64, at: &ObjectAddress, version: Option<VersionId>) -> Answered {
        let delete = DeleteObject { version, ..Default::default() };
        let deleted = self.store.delete_object(at, delete, &op::stamp(n)).await?;
        if version.is_none() {
            self.remember(n, deleted.version);
        }
        Ok(shown_deleted(deleted.version, deleted.marker))
    }

    fn stored(&self, n: u64, stored: &Stored) -> String {
        self.remember(n, stored.version());
        shown_stored(stored.etag(), stored.size())
    }

    fn remember(&self, n: u64, version: Option<VersionId>) {
        if let Some(version) = version {
            self.versions.lock().unwrap_or_else(PoisonError::into_inner).insert(n, version);
        }
    }

    /// How the store calls a version.
    fn known(&self, id: Id) -> Option<VersionId> {
        match id {
            Id::Null => Some(VersionId::Null),
            Id::Of(n) => {
                self.versions.lock().unwrap_or_else(PoisonError::into_inner).get(&n).copied()
            }
        }
    }
}

/// The code of an error; of a body that broke off, the cause's.
pub(crate) fn code(error: &StoreError) -> &'static str {
    if let StoreError::Body(cause) = error
        && let Some(cause) = cause.downcast_ref::<StoreError>()
    {
        return cause.code();
    }
    error.code()
}
