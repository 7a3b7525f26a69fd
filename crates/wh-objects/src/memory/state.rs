//! What the memory store holds.

use std::collections::BTreeMap;
use std::ops::{Bound, Range};
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use wh_names::{BucketName, ObjectKey};

use super::uploads::Upload;
use crate::listing::Step;
use crate::object::whole_millis;
use crate::{
    BucketDocument, BucketMeta, ObjectAddress, ObjectMeta, StoreError, Stored, UploadId,
    WriteCondition,
};

/// An object's bytes, in the blocks that they came in.
#[derive(Debug, Clone)]
pub(super) struct Blocks(Arc<[Bytes]>);

impl Blocks {
    pub(super) fn new(blocks: Vec<Bytes>) -> Self {
        Self(blocks.into())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Bytes> {
        self.0.iter()
    }

    /// The blocks, or parts of blocks, that lie in a range.
    pub(super) fn slice(&self, range: &Range<u64>) -> Vec<Bytes> {
        let mut out = Vec::new();
        let mut offset = 0;
        for block in self.0.iter() {
            let len = block.len() as u64;
            let from = range.start.clamp(offset, offset + len) - offset;
            let to = range.end.clamp(offset, offset + len) - offset;
            if let (Ok(from), Ok(to)) = (usize::try_from(from), usize::try_from(to))
                && from < to
            {
                out.push(block.slice(from..to));
            }
            offset += len;
        }
        out
    }
}

#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) meta: ObjectMeta,
    pub(super) blocks: Blocks,
}

#[derive(Debug)]
pub(super) struct Bucket {
    pub(super) created: Timestamp,
    pub(super) documents: BTreeMap<BucketDocument, Arc<str>>,
    pub(super) objects: BTreeMap<Box<str>, Object>,
    pub(super) uploads: BTreeMap<(ObjectKey, UploadId), Upload>,
}

impl Bucket {
    /// Visits objects from `start` up to `end`, in the order of their keys, as the visitor steps.
    pub(super) fn scan(
        &self,
        mut start: Vec<u8>,
        end: Option<Vec<u8>>,
        mut visit: impl FnMut(&str, &Object) -> Result<Step, StoreError>,
    ) -> Result<(), StoreError> {
        while let Some(next) = self.walk(&start, end.as_deref(), &mut visit)? {
            start = next;
        }
        Ok(())
    }

    /// Walks until the visitor wants to be elsewhere, and tells where.
    fn walk(
        &self,
        start: &[u8],
        end: Option<&[u8]>,
        visit: &mut impl FnMut(&str, &Object) -> Result<Step, StoreError>,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        for (key, object) in self.from(start) {
            if end.is_some_and(|end| key.as_bytes() >= end) {
                return Ok(None);
            }
            match visit(key, object)? {
                Step::Next => {}
                Step::Stop => return Ok(None),
                Step::SeekTo(next) => return Ok(Some(next)),
            }
        }
        Ok(None)
    }

    /// Objects from `start` on. A seek may land between UTF-8 sequences, so the lossy text only
    /// narrows the walk; the bytes decide.
    fn from<'a>(&'a self, start: &'a [u8]) -> impl Iterator<Item = (&'a str, &'a Object)> {
        let valid = start.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        self.objects
            .range::<str, _>((Bound::Included(valid), Bound::Unbounded))
            .map(|(key, object)| (&**key, object))
            .skip_while(move |(key, _)| key.as_bytes() < start)
    }
}

#[derive(Debug, Default)]
pub(super) struct State {
    buckets: BTreeMap<BucketName, Bucket>,
}

impl State {
    pub(super) fn bucket(&self, name: &BucketName) -> Result<&Bucket, StoreError> {
        self.buckets.get(name).ok_or(StoreError::NoSuchBucket)
    }

    pub(super) fn bucket_mut(&mut self, name: &BucketName) -> Result<&mut Bucket, StoreError> {
        self.buckets.get_mut(name).ok_or(StoreError::NoSuchBucket)
    }

    pub(super) fn create_bucket(
        &mut self,
        name: &BucketName,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        if self.buckets.contains_key(name) {
            return Err(StoreError::BucketAlreadyExists);
        }
        let bucket = Bucket {
            created: whole_millis(at),
            documents: BTreeMap::new(),
            objects: BTreeMap::new(),
            uploads: BTreeMap::new(),
        };
        self.buckets.insert(name.clone(), bucket);
        Ok(())
    }

    pub(super) fn delete_bucket(&mut self, name: &BucketName) -> Result<(), StoreError> {
        if !self.bucket(name)?.objects.is_empty() {
            return Err(StoreError::BucketNotEmpty);
        }
        self.buckets.remove(name);
        Ok(())
    }

    pub(super) fn list_buckets(&self) -> Vec<BucketMeta> {
        let meta = |(name, b): (&BucketName, &Bucket)| BucketMeta {
            name: name.clone(),
            created: b.created,
        };
        self.buckets.iter().map(meta).collect()
    }

    pub(super) fn object(&self, address: &ObjectAddress) -> Result<&Object, StoreError> {
        let objects = &self.bucket(&address.bucket)?.objects;
        objects.get(address.key.as_str()).ok_or(StoreError::NoSuchKey)
    }

    pub(super) fn put(
        &mut self,
        bucket: &BucketName,
        object: Object,
        condition: &WriteCondition,
    ) -> Result<Stored, StoreError> {
        let objects = &mut self.bucket_mut(bucket)?.objects;
        let key: Box<str> = object.meta.key.as_str().into();
        condition.judge(objects.get(&key).map(|o| o.meta.etag.as_str()))?;
        let stored = Stored::new(&object.meta);
        objects.insert(key, object);
        Ok(stored)
    }
}
