//! Reading objects.

use std::ops::Range;

use futures::stream;
use wh_names::Partition;
use wh_objects::{
    ByteRange, Checksum, GetObject as StoreGet, HeadObject as StoreHead, ObjectAddress, ObjectMeta,
    ObjectParts, ObjectRead, StoreError, Tags, VersionAddress, VersionId,
};

use crate::operation::sealed::Sealed;
use crate::{Caller, Demand, Demands, Gate, GateError, Operation, OperationKind, Permit};

/// Reads an object or a range of it.
#[derive(Debug, Clone)]
pub struct GetObject {
    /// The object.
    pub address: ObjectAddress,
    /// What of it, and when.
    pub get: StoreGet,
}

impl Sealed for GetObject {}

impl Operation for GetObject {
    const KIND: OperationKind = OperationKind::GetObject;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        to_read(partition, &self.address, self.get.version).alone()
    }
}

/// Reads what is known of an object.
#[derive(Debug, Clone)]
pub struct HeadObject {
    /// The object.
    pub address: ObjectAddress,
    /// Which version, and when.
    pub head: StoreHead,
}

impl Sealed for HeadObject {}

impl Operation for HeadObject {
    const KIND: OperationKind = OperationKind::HeadObject;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        to_read(partition, &self.address, self.head.version).alone()
    }
}

/// Reads what is known of an object and of the parts that it was uploaded in.
#[derive(Debug, Clone)]
pub struct GetObjectAttributes {
    /// The version.
    pub version: VersionAddress,
}

impl Sealed for GetObjectAttributes {}

impl Operation for GetObjectAttributes {
    const KIND: OperationKind = OperationKind::GetObjectAttributes;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        let (at, version) = (&self.version.object, self.version.version);
        let actions = ("s3:GetObjectAttributes", "s3:GetObjectVersionAttributes");
        let attributes = Demand::on_version(actions, partition, at, version);
        let read = to_read(partition, at, version);
        Demands::S3(vec![read, attributes.existing(at, version)])
    }
}

/// A part of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartOf {
    /// Which of the object's bytes it has.
    pub range: Range<u64>,
    /// How many parts there are; `None` where the object came in one body, which is its part 1.
    pub count: Option<usize>,
    /// The part's own checksum.
    pub checksum: Option<Checksum>,
}

impl PartOf {
    /// The part of a number.
    fn find(of: &ObjectParts, number: u16) -> Result<Self, GateError> {
        let missing = GateError::NoSuchPart { number };
        let Some(parts) = &of.parts else {
            return match (of.meta.parts, number) {
                (Some(_), _) => Err(GateError::PartsUnknown),
                (None, 1) => {
                    let (range, checksum) = (0..of.meta.size, of.meta.checksum.clone());
                    Ok(Self { range, count: None, checksum })
                }
                (None, _) => Err(missing),
            };
        };
        let mut start = 0_u64;
        for part in parts {
            let end = start.saturating_add(part.size);
            if part.number == number {
                let (count, checksum) = (Some(parts.len()), part.checksum.clone());
                return Ok(Self { range: start..end, count, checksum });
            }
            start = end;
        }
        Err(missing)
    }

    /// The range to ask a store for. What has no bytes has no range.
    fn asked(&self) -> Option<ByteRange> {
        let last = self.range.end.checked_sub(1).filter(|last| *last >= self.range.start)?;
        Some(ByteRange::FromTo(self.range.start, last))
    }
}

/// How often a part is looked for again when the object is replaced meanwhile.
const PART_ATTEMPTS_MAX: usize = 3;

/// The demand of reading an object, or a version of it.
pub(super) fn to_read(
    partition: &Partition,
    at: &ObjectAddress,
    version: Option<VersionId>,
) -> Demand {
    let actions = ("s3:GetObject", "s3:GetObjectVersion");
    Demand::on_version(actions, partition, at, version).existing(at, version)
}

impl Gate {
    /// Reads an object. That there is none is told only to those who may list it.
    pub async fn get_object(&self, mut permit: Permit<GetObject>) -> Result<ObjectRead, GateError> {
        let judged = permit.take_tags();
        let (op, caller, spent) = permit.spend();
        let at = VersionAddress { object: op.address, version: op.get.version };
        let read = match self.store.get_object(&at.object, op.get).await {
            Ok(mut read) => {
                let found = (GetObject::KIND, judged.as_ref());
                self.shown(&caller, found, &at, &mut read.meta).await.map(|()| read)
            }
            Err(e) => Err(self.absent(&caller, GetObject::KIND, &at.object, e).await),
        };
        spent.settle(read)
    }

    /// Reads what is known of an object. That there is none is told only to those who may list it.
    pub async fn head_object(
        &self,
        mut permit: Permit<HeadObject>,
    ) -> Result<ObjectMeta, GateError> {
        let judged = permit.take_tags();
        let (op, caller, spent) = permit.spend();
        let at = VersionAddress { object: op.address, version: op.head.version };
        let meta = match self.store.head_object(&at.object, op.head).await {
            Ok(mut meta) => {
                let found = (HeadObject::KIND, judged.as_ref());
                self.shown(&caller, found, &at, &mut meta).await.map(|()| meta)
            }
            Err(e) => Err(self.absent(&caller, HeadObject::KIND, &at.object, e).await),
        };
        spent.settle(meta)
    }

    /// Reads a part of an object.
    pub async fn get_object_part(
        &self,
        mut permit: Permit<GetObject>,
        number: u16,
    ) -> Result<(ObjectRead, PartOf), GateError> {
        let judged = permit.take_tags();
        let (op, caller, spent) = permit.spend();
        let at = VersionAddress { object: op.address, version: op.get.version };
        let found = match self.part(&at, &op.get, number).await {
            Ok((mut read, part)) => {
                let found = (GetObject::KIND, judged.as_ref());
                let shown = self.shown(&caller, found, &at, &mut read.meta).await;
                shown.map(|()| (read, part))
            }
            Err(GateError::Store(e)) => {
                Err(self.absent(&caller, GetObject::KIND, &at.object, e).await)
            }
            Err(e) => Err(e),
        };
        spent.settle(found)
    }

    /// Finds a part and reads it of the very version in which it was found.
    async fn part(
        &self,
        at: &VersionAddress,
        get: &StoreGet,
        number: u16,
    ) -> Result<(ObjectRead, PartOf), GateError> {
        for _ in 0..PART_ATTEMPTS_MAX {
            let of = self.store.object_parts(at).await?;
            let part = PartOf::find(&of, number)?;
            let get = StoreGet { range: part.asked(), ..get.clone() };
            let mut read = self.store.get_object(&at.object, get).await?;
            if read.meta.sequence != of.meta.sequence {
                continue;
            }
            if part.range.is_empty() {
                (read.body, read.range) = (Box::pin(stream::empty()), part.range.clone());
            }
            return Ok((read, part));
        }
        Err(StoreError::ConditionalRequestConflict.into())
    }

    /// Reads what is known of a part of an object.
    pub async fn head_object_part(
        &self,
        mut permit: Permit<HeadObject>,
        number: u16,
    ) -> Result<(ObjectMeta, PartOf), GateError> {
        let judged = permit.take_tags();
        let (op, caller, spent) = permit.spend();
        let at = VersionAddress { object: op.address, version: op.head.version };
        let found = match self.store.object_parts(&at).await {
            Ok(mut of) => {
                let part = op.head.conditions.judge(&of.meta).map_err(GateError::from);
                let part = part.and_then(|()| PartOf::find(&of, number));
                let found = (HeadObject::KIND, judged.as_ref());
                let shown = self.shown(&caller, found, &at, &mut of.meta).await;
                shown.and(part).map(|part| (of.meta, part))
            }
            Err(e) => Err(self.absent(&caller, HeadObject::KIND, &at.object, e).await),
        };
        spent.settle(found)
    }

    /// Reads what is known of an object and of its parts. That there is none is told only to those who
    /// may list it.
    pub async fn get_object_attributes(
        &self,
        mut permit: Permit<GetObjectAttributes>,
    ) -> Result<ObjectParts, GateError> {
        let judged = permit.take_tags();
        let (op, caller, spent) = permit.spend();
        let (at, kind) = (&op.version, GetObjectAttributes::KIND);
        let found = match self.store.object_parts(at).await {
            Ok(of) => {
                let found = (judged.as_ref(), (at, &of.meta.tags));
                let demands = op.demands(&self.partition);
                let again = self.judge_found(&caller, kind, demands, found).await;
                again.map(|()| of).map_err(GateError::from)
            }
            Err(e) => Err(self.absent(&caller, kind, &at.object, e).await),
        };
        spent.settle(found)
    }

    /// Sees to it that what was read is what was judged, and takes away of it what has permissions of
    /// its own that the caller has not: tags, retention, legal hold.
    ///
    /// Source: S3 API Reference, `GetObject`, on `x-amz-tagging-count` and `x-amz-object-lock-…`.
    async fn shown(
        &self,
        caller: &Caller,
        (kind, judged): (OperationKind, Option<&Tags>),
        at: &VersionAddress,
        meta: &mut ObjectMeta,
    ) -> Result<(), GateError> {
        let (object, version, partition) = (&at.object, at.version, &self.partition);
        let demands = to_read(partition, object, version).alone();
        self.judge_found(caller, kind, demands, (judged, (at, &meta.tags))).await?;
        let actions = ("s3:GetObjectTagging", "s3:GetObjectVersionTagging");
        let tagging =
            || Demand::on_version(actions, partition, object, version).existing(object, version);
        if !meta.tags.is_empty() && !self.may(caller, kind, tagging()).await {
            meta.tags = Tags::default();
        }
        let on = |name| Demand::on_object(name, partition, object).of_version(version);
        if meta.lock.retention.is_some()
            && !self.may(caller, kind, on("s3:GetObjectRetention")).await
        {
            meta.lock.retention = None;
        }
        if meta.lock.legal_hold && !self.may(caller, kind, on("s3:GetObjectLegalHold")).await {
            meta.lock.legal_hold = false;
        }
        Ok(())
    }
}
