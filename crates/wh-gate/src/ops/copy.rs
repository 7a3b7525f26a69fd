//! Copying objects.

use wh_names::Partition;
use wh_objects::{CopyObject as StoreCopy, HeadObject, ObjectAddress, Stored, VersionId};

use super::read::to_read;
use super::write_demands;
use crate::operation::sealed::Sealed;
use crate::quotas::Hold;
use crate::{Caller, Demand, Demands, Gate, GateError, Operation, OperationKind, Permit};

/// Copies an object: to read the source and to write the destination are two decisions, and where
/// the source's tags go along, to read and to write them are two more.
#[derive(Debug, Clone)]
pub struct CopyObject {
    /// From where to where, and when.
    pub copy: StoreCopy,
}

/// What a copy made.
#[derive(Debug, Clone)]
pub struct Copied {
    /// The new object.
    pub stored: Stored,
    /// The version that was copied, where it is known.
    pub source_version: Option<VersionId>,
}

impl Sealed for CopyObject {}

impl Operation for CopyObject {
    const KIND: OperationKind = OperationKind::CopyObject;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        let copy = &self.copy;
        let (from, version) = (&copy.from, copy.from_version);
        let source = copy_source(from, version);
        let mut demands = vec![to_read(partition, from, version)];
        let none = wh_objects::Tags::default();
        let brought = (copy.tags.as_ref().unwrap_or(&none), &copy.lock);
        for write in write_demands(partition, &copy.to, &copy.condition, brought) {
            let write = write.with("s3:x-amz-copy-source", source.as_str());
            demands.push(match copy.headers {
                Some(_) => write.with("s3:x-amz-metadata-directive", "REPLACE"),
                None => write,
            });
        }
        if copy.tags.is_none() {
            let actions = ("s3:GetObjectTagging", "s3:GetObjectVersionTagging");
            let read = Demand::on_version(actions, partition, from, version);
            demands.push(read.existing(from, version).if_tagged(from, version));
            let write = Demand::on_object("s3:PutObjectTagging", partition, &copy.to);
            demands.push(write.if_tagged(from, version));
        }
        Demands::S3(demands)
    }
}

/// The value of `s3:x-amz-copy-source`: decoded, without a leading slash.
pub(super) fn copy_source(from: &ObjectAddress, version: Option<VersionId>) -> String {
    let version = version.map_or_else(String::new, |id| format!("?versionId={id}"));
    format!("{}/{}{version}", from.bucket, from.key)
}

impl Gate {
    /// Copies an object. That there is no source is told only to those who may list it.
    pub async fn copy_object(&self, permit: Permit<CopyObject>) -> Result<Copied, GateError> {
        let (mut op, caller, spent) = permit.spend();
        let from = op.copy.from.clone();
        // What changes an object itself is told apart from a copy of one of its versions.
        if op.copy.from != op.copy.to {
            op.copy.from_version = self.version_of(&from, op.copy.from_version).await;
        }
        let source_version = op.copy.from_version;
        let room = match self.room_of_copy(&caller, &op.copy).await {
            Ok(room) => room,
            Err(full) => return spent.settle(Err(full)),
        };
        let (stamp, to) = (self.stamp(&caller), op.copy.to.clone());
        let copying = self.store.copy_object(op.copy, &stamp);
        let stored = match self.written((&to, room), copying).await {
            Ok(stored) => Ok(Copied { stored, source_version }),
            Err(e) => Err(self.absent(&caller, CopyObject::KIND, &from, e).await),
        };
        spent.settle(stored)
    }

    /// Room for a copy. One whose source cannot be read needs none: the store says so.
    async fn room_of_copy(
        &self,
        caller: &Caller,
        copy: &StoreCopy,
    ) -> Result<Option<Hold>, GateError> {
        if !self.is_under_quota(&copy.to).await? {
            return Ok(None);
        }
        let head = HeadObject { version: copy.from_version, ..HeadObject::default() };
        match self.store.head_object(&copy.from, head).await {
            Ok(source) => self.room(caller, &copy.to, source.size).await,
            Err(_) => Ok(None),
        }
    }

    /// The version that a source is now, so that it can be told which one was copied.
    pub(super) async fn version_of(
        &self,
        from: &ObjectAddress,
        named: Option<VersionId>,
    ) -> Option<VersionId> {
        if named.is_some() {
            return named;
        }
        self.store.head_object(from, HeadObject::default()).await.ok()?.version
    }
}
