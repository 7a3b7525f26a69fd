//! What the memory store holds: the reference for versions, delete markers, locks and events.

use std::collections::{BTreeMap, VecDeque};
use std::ops::{Bound, Range};
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::watch;
use wh_names::{BucketName, ObjectKey};

use super::uploads::Upload;
use crate::listing::Step;
use crate::object::whole_millis;
use crate::{
    BucketDocument, BucketMeta, BucketSettings, BucketUsage, Event, EventKind, ObjectAddress,
    ObjectMeta, ObjectPart, Stamp, StoreError, UploadId, VersionId,
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
    /// The parts that it was uploaded in.
    pub(super) parts: Option<Arc<[ObjectPart]>>,
}

/// A version of a key; without an object it is a delete marker.
#[derive(Debug, Clone)]
pub(super) struct Version {
    pub(super) id: VersionId,
    pub(super) sequence: u64,
    pub(super) modified: Timestamp,
    pub(super) object: Option<Object>,
}

impl Version {
    /// What conditions are judged against.
    pub(super) fn judged(&self) -> (Option<&str>, u64) {
        (self.object.as_ref().map(|object| object.meta.etag.as_str()), self.sequence)
    }

    fn size(&self) -> u64 {
        self.object.as_ref().map_or(0, |object| object.meta.size)
    }
}

#[derive(Debug)]
pub(super) struct Bucket {
    pub(super) created: Timestamp,
    pub(super) settings: BucketSettings,
    pub(super) documents: BTreeMap<BucketDocument, Arc<str>>,
    /// The versions of each key, newest first, never none.
    pub(super) objects: BTreeMap<Box<str>, Vec<Version>>,
    pub(super) uploads: BTreeMap<(ObjectKey, UploadId), Upload>,
}

impl Bucket {
    pub(super) fn versions(&self, key: &ObjectKey) -> &[Version] {
        self.objects.get(key.as_str()).map_or(&[], Vec::as_slice)
    }

    /// The object that a reader means.
    pub(super) fn find(
        &self,
        key: &ObjectKey,
        version: Option<VersionId>,
    ) -> Result<(VersionId, &Object), StoreError> {
        let versions = self.versions(key);
        let Some(id) = version else {
            let newest = versions.first().ok_or(StoreError::NoSuchKey)?;
            let object = newest.object.as_ref();
            return Ok((newest.id, object.ok_or(StoreError::Deleted { version: newest.id })?));
        };
        let id = id.own()?;
        let named = versions.iter().find(|v| v.id == id).ok_or(StoreError::NoSuchVersion)?;
        let object = named.object.as_ref();
        Ok((id, object.ok_or(StoreError::DeleteMarker { version: id })?))
    }

    /// The object that a reader means, as this bucket tells of it.
    pub(super) fn read(
        &self,
        key: &ObjectKey,
        version: Option<VersionId>,
    ) -> Result<Object, StoreError> {
        let (id, object) = self.find(key, version)?;
        let mut object = object.clone();
        object.meta = object.meta.shown(id, self.settings.versioning);
        Ok(object)
    }

    /// The source of a copy.
    pub(super) fn source(
        &self,
        key: &ObjectKey,
        version: Option<VersionId>,
    ) -> Result<Object, StoreError> {
        self.read(key, version).map_err(StoreError::of_source)
    }

    /// Takes a version out.
    pub(super) fn remove(&mut self, key: &ObjectKey, id: VersionId) -> Option<Version> {
        let versions = self.objects.get_mut(key.as_str())?;
        let at = versions.iter().position(|v| v.id == id)?;
        let removed = versions.remove(at);
        if versions.is_empty() {
            self.objects.remove(key.as_str());
        }
        Some(removed)
    }

    pub(super) fn insert(&mut self, key: &ObjectKey, version: Version) {
        self.objects.entry(key.as_str().into()).or_default().insert(0, version);
    }

    pub(super) fn usage(&self) -> BucketUsage {
        let mut usage = BucketUsage::default();
        for versions in self.objects.values() {
            usage.objects += u64::from(versions.first().is_some_and(|v| v.object.is_some()));
            usage.versions += versions.len() as u64;
            usage.bytes += versions.iter().map(Version::size).sum::<u64>();
        }
        usage.upload_bytes = self.uploads.values().map(Upload::bytes).sum();
        usage
    }

    /// Refuses content of `size` bytes that would exceed the quota when `freed` bytes go away.
    pub(super) fn has_room(&self, size: u64, freed: u64) -> Result<(), StoreError> {
        let quota = self.settings.quota_bytes;
        let more = size.saturating_sub(freed);
        if quota.is_some() { self.usage().has_room(quota, more) } else { Ok(()) }
    }

    /// Refuses an object whose announced size the bucket cannot hold, before any of it is sent.
    pub(super) fn has_room_for(
        &self,
        key: &ObjectKey,
        size: Option<u64>,
    ) -> Result<(), StoreError> {
        let Some(size) = size else { return Ok(()) };
        let replaced = match self.settings.versioning {
            crate::Versioning::Enabled => None,
            crate::Versioning::Unversioned | crate::Versioning::Suspended => {
                self.versions(key).iter().find(|version| version.id == VersionId::Null)
            }
        };
        self.has_room(size, replaced.map_or(0, Version::size))
    }

    /// Visits keys from `start` up to `end`, in their order, as the visitor steps.
    pub(super) fn scan(
        &self,
        mut start: Vec<u8>,
        end: Option<Vec<u8>>,
        mut visit: impl FnMut(&str, &[Version]) -> Result<Step, StoreError>,
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
        visit: &mut impl FnMut(&str, &[Version]) -> Result<Step, StoreError>,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        for (key, versions) in self.from(start) {
            if end.is_some_and(|end| key.as_bytes() >= end) {
                return Ok(None);
            }
            match visit(key, versions)? {
                Step::Next => {}
                Step::Stop => return Ok(None),
                Step::SeekTo(next) => return Ok(Some(next)),
            }
        }
        Ok(None)
    }

    /// Keys from `start` on. A seek may land between UTF-8 sequences, so the lossy text only
    /// narrows the walk; the bytes decide.
    fn from<'a>(&'a self, start: &'a [u8]) -> impl Iterator<Item = (&'a str, &'a [Version])> {
        let valid = start.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        self.objects
            .range::<str, _>((Bound::Included(valid), Bound::Unbounded))
            .map(|(key, versions)| (&**key, versions.as_slice()))
            .skip_while(move |(key, _)| key.as_bytes() < start)
    }
}

/// The feed.
#[derive(Debug)]
struct Feed {
    events: VecDeque<Event>,
    newest: watch::Sender<u64>,
}

impl Default for Feed {
    fn default() -> Self {
        Self { events: VecDeque::new(), newest: watch::Sender::new(0) }
    }
}

#[derive(Debug, Default)]
pub(super) struct State {
    buckets: BTreeMap<BucketName, Bucket>,
    feed: Feed,
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
        settings: BucketSettings,
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        if self.buckets.contains_key(name) {
            return Err(StoreError::BucketAlreadyExists);
        }
        let bucket = Bucket {
            created: whole_millis(stamp.at),
            settings,
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

    /// The number of the next change.
    pub(super) fn next_sequence(&self) -> u64 {
        *self.feed.newest.borrow() + 1
    }

    /// Tells of a change, under the next number.
    pub(super) fn tell(
        &mut self,
        kind: EventKind,
        (address, version): (&ObjectAddress, VersionId),
        content: Option<(u64, String)>,
        stamp: &Stamp,
    ) {
        let sequence = self.next_sequence();
        self.feed.events.push_back(Event {
            sequence,
            kind,
            at: whole_millis(stamp.at),
            by: Arc::clone(&stamp.by),
            bucket: address.bucket.clone(),
            key: address.key.clone(),
            version,
            content,
        });
        self.feed.newest.send_replace(sequence);
    }

    pub(super) fn events(&self, after: u64, max: usize) -> Result<Vec<Event>, StoreError> {
        let oldest = self.feed.events.front().map_or(1, |event| event.sequence);
        if after.saturating_add(1) < oldest {
            return Err(StoreError::EventsTrimmed { oldest });
        }
        let later = self.feed.events.iter().filter(|event| event.sequence > after);
        Ok(later.take(max).cloned().collect())
    }

    pub(super) fn trim_events(&mut self, before: u64) {
        let before = before.min(self.next_sequence() - 1);
        self.feed.events.retain(|event| event.sequence >= before);
    }

    pub(super) fn newest_event(&self) -> watch::Receiver<u64> {
        self.feed.newest.subscribe()
    }
}
