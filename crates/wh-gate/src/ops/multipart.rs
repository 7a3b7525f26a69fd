//! Uploads in parts.

use wh_names::{BucketName, KeyPrefix, Partition};
use wh_objects::{
    ByteStream, CompleteUpload, CreateUpload, HeadObject, ListUploads, ObjectAddress, ObjectLock,
    PartMeta, PartsPage, Stored, Tags, UploadId, UploadMarker, UploadPart as StorePart,
    UploadPartCopy as StorePartCopy, UploadsPage, VersionId,
};

use super::copy::copy_source;
use super::read::to_read;
use super::{brought, write_demands};
use crate::operation::sealed::Sealed;
use crate::quotas::PartHold;
use crate::{Caller, Demand, Demands, Gate, GateError, Operation, OperationKind, Permit};

/// Begins an upload in parts.
#[derive(Debug, Clone)]
pub struct CreateMultipartUpload {
    /// Where the object will be.
    pub address: ObjectAddress,
    /// What it begins with.
    pub create: CreateUpload,
}

/// Writes a part.
#[derive(Debug)]
pub struct UploadPart {
    /// The part.
    pub part: StorePart,
}

/// Makes a part of a range of an object.
#[derive(Debug, Clone)]
pub struct UploadPartCopy {
    /// The part and its source.
    pub part: StorePartCopy,
}

/// What the copy of a part made.
#[derive(Debug, Clone)]
pub struct UploadPartCopied {
    /// The part.
    pub part: PartMeta,
    /// The version that was copied, where it is known.
    pub source_version: Option<VersionId>,
}

/// Makes an object of the parts.
#[derive(Debug, Clone)]
pub struct CompleteMultipartUpload {
    /// The upload and how it ends.
    pub complete: CompleteUpload,
}

/// Drops an upload.
#[derive(Debug, Clone)]
pub struct AbortMultipartUpload {
    /// Where the object would have been.
    pub address: ObjectAddress,
    /// The upload.
    pub upload: UploadId,
}

/// Lists the parts of an upload.
#[derive(Debug, Clone)]
pub struct ListParts {
    /// Where the object will be.
    pub address: ObjectAddress,
    /// The upload.
    pub upload: UploadId,
    /// Parts with numbers above this one.
    pub after: u16,
    /// How many at most.
    pub max: usize,
}

/// Lists the unfinished uploads of a bucket.
#[derive(Debug, Clone)]
pub struct ListMultipartUploads {
    /// The bucket.
    pub bucket: BucketName,
    /// The beginning of their keys.
    pub prefix: Option<KeyPrefix>,
    /// What ends a common prefix.
    pub delimiter: Option<String>,
    /// Where to begin.
    pub after: Option<UploadMarker>,
    /// How many at most.
    pub max: usize,
}

/// The most that one part may have, in bytes.
const PART_BYTES_MAX: u64 = 5 << 30;

/// A part is not an object yet.
const NO_CREATION: (&str, &str) = ("s3:ObjectCreationOperation", "false");

impl Sealed for CreateMultipartUpload {}
impl Operation for CreateMultipartUpload {
    const KIND: OperationKind = OperationKind::CreateMultipartUpload;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        let put = Demand::on_object("s3:PutObject", partition, &self.address);
        let (tags, lock) = (&self.create.tags, &self.create.lock);
        let put = put.with(NO_CREATION.0, NO_CREATION.1).with_tags(tags).with_lock(lock);
        let mut demands = vec![put];
        demands.extend(brought(partition, &self.address, tags, lock));
        Demands::S3(demands)
    }
}

impl Sealed for UploadPart {}
impl Operation for UploadPart {
    const KIND: OperationKind = OperationKind::UploadPart;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        let put = Demand::on_object("s3:PutObject", partition, &self.part.address);
        put.with(NO_CREATION.0, NO_CREATION.1).alone()
    }
}

impl Sealed for UploadPartCopy {}
impl Operation for UploadPartCopy {
    const KIND: OperationKind = OperationKind::UploadPartCopy;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        let (from, version) = (&self.part.from, self.part.from_version);
        let put = Demand::on_object("s3:PutObject", partition, &self.part.address)
            .with("s3:x-amz-copy-source", copy_source(from, version))
            .with(NO_CREATION.0, NO_CREATION.1);
        Demands::S3(vec![to_read(partition, from, version), put])
    }
}

impl Sealed for CompleteMultipartUpload {}
impl Operation for CompleteMultipartUpload {
    const KIND: OperationKind = OperationKind::CompleteMultipartUpload;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        let complete = &self.complete;
        // What the object brings was judged when the upload began.
        let nothing = (&Tags::default(), &ObjectLock::default());
        Demands::S3(write_demands(partition, &complete.address, &complete.condition, nothing))
    }
}

impl Sealed for AbortMultipartUpload {}
impl Operation for AbortMultipartUpload {
    const KIND: OperationKind = OperationKind::AbortMultipartUpload;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        Demand::on_object("s3:AbortMultipartUpload", partition, &self.address).alone()
    }
}

impl Sealed for ListParts {}
impl Operation for ListParts {
    const KIND: OperationKind = OperationKind::ListParts;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        Demand::on_object("s3:ListMultipartUploadParts", partition, &self.address).alone()
    }
}

impl Sealed for ListMultipartUploads {}
impl Operation for ListMultipartUploads {
    const KIND: OperationKind = OperationKind::ListMultipartUploads;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        Demand::on_bucket("s3:ListBucketMultipartUploads", partition, &self.bucket).alone()
    }
}

impl Gate {
    /// Begins an upload in parts, under a new id.
    pub async fn create_multipart_upload(
        &self,
        permit: Permit<CreateMultipartUpload>,
    ) -> Result<UploadId, GateError> {
        let (op, caller, spent) = permit.spend();
        let stamp = self.stamp(&caller);
        let id = UploadId::generate(stamp.at, &self.entropy);
        let (at, create) = (op.address, op.create);
        let begun = self.store.create_multipart_upload(&at, create, id, &stamp);
        spent.settle(begun.await)
    }

    /// Writes a part.
    pub async fn upload_part(
        &self,
        permit: Permit<UploadPart>,
        body: ByteStream,
    ) -> Result<PartMeta, GateError> {
        let (op, caller, spent) = permit.spend();
        let bytes = op.part.size.unwrap_or(PART_BYTES_MAX);
        let of = (&op.part.address, &op.part.upload);
        let room = match self.room_of_part(&caller, of, (op.part.number, bytes)).await {
            Ok(room) => room,
            Err(full) => return spent.settle(Err(full)),
        };
        let stamp = self.stamp(&caller);
        spent.settle(self.part_written(room, self.store.upload_part(op.part, body, &stamp)).await)
    }

    /// Makes a part of a range of an object. That there is no source is told only to those who may
    /// list it.
    pub async fn upload_part_copy(
        &self,
        permit: Permit<UploadPartCopy>,
    ) -> Result<UploadPartCopied, GateError> {
        let (mut op, caller, spent) = permit.spend();
        let from = op.part.from.clone();
        op.part.from_version = self.version_of(&from, op.part.from_version).await;
        let source_version = op.part.from_version;
        let room = match self.room_of_part_copy(&caller, &op.part).await {
            Ok(room) => room,
            Err(full) => return spent.settle(Err(full)),
        };
        let stamp = self.stamp(&caller);
        let copied = self.part_written(room, self.store.upload_part_copy(op.part, &stamp)).await;
        let part = match copied {
            Ok(part) => Ok(UploadPartCopied { part, source_version }),
            Err(e) => Err(self.absent(&caller, UploadPartCopy::KIND, &from, e).await),
        };
        spent.settle(part)
    }

    /// Room for a part that is copied. One whose source cannot be read needs none: the store says so.
    async fn room_of_part_copy(
        &self,
        caller: &Caller,
        part: &StorePartCopy,
    ) -> Result<Option<PartHold>, GateError> {
        if !self.is_under_quota(&part.address).await? {
            return Ok(None);
        }
        let head = HeadObject { version: part.from_version, ..HeadObject::default() };
        let Ok(source) = self.store.head_object(&part.from, head).await else { return Ok(None) };
        let range = part.range.map_or(Ok(0..source.size), |range| range.resolve(source.size));
        let Ok(range) = range else { return Ok(None) };
        let bytes = range.end.saturating_sub(range.start);
        self.room_of_part(caller, (&part.address, &part.upload), (part.number, bytes)).await
    }

    /// Makes an object of the parts.
    pub async fn complete_multipart_upload(
        &self,
        permit: Permit<CompleteMultipartUpload>,
    ) -> Result<Stored, GateError> {
        let (op, caller, spent) = permit.spend();
        let at = op.complete.address.clone();
        let stamp = self.stamp(&caller);
        let room = match self.room_of_upload(&caller, (&at, &op.complete.upload)).await {
            Ok(room) => room,
            Err(full) => return spent.settle(Err(full)),
        };
        let completing = self.store.complete_multipart_upload(op.complete, &stamp);
        let stored = match self.written((&at, room), completing).await {
            Ok(stored) => Ok(stored),
            Err(e) => Err(self.absent(&caller, CompleteMultipartUpload::KIND, &at, e).await),
        };
        spent.settle(stored)
    }

    /// Drops an upload and its parts.
    pub async fn abort_multipart_upload(
        &self,
        permit: Permit<AbortMultipartUpload>,
    ) -> Result<(), GateError> {
        let (op, _, spent) = permit.spend();
        let aborted = self.store.abort_multipart_upload(&op.address, &op.upload).await;
        if aborted.is_ok() {
            self.upload_dropped(&op.address, &op.upload).await;
        }
        spent.settle(aborted)
    }

    /// One page of an upload's parts.
    pub async fn list_parts(&self, permit: Permit<ListParts>) -> Result<PartsPage, GateError> {
        let (op, _, spent) = permit.spend();
        spent.settle(self.store.list_parts(&op.address, &op.upload, op.after, op.max).await)
    }

    /// One page of a bucket's unfinished uploads.
    pub async fn list_multipart_uploads(
        &self,
        permit: Permit<ListMultipartUploads>,
    ) -> Result<UploadsPage, GateError> {
        let (op, _, spent) = permit.spend();
        let prefix = op.prefix.unwrap_or_else(KeyPrefix::everything);
        let list = ListUploads { prefix, delimiter: op.delimiter, after: op.after, max: op.max };
        spent.settle(self.store.list_multipart_uploads(&op.bucket, list).await)
    }
}
