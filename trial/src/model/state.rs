//! What a store holds, by the numbers of the operations that made it so.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use md5::{Digest, Md5};
use wh_names::{BucketName, ObjectKey};
use wh_objects::{
    BucketDocument, BucketMeta, BucketUsage, Checksum, ChecksumAlgorithm, ChecksumKind, EventKind,
    ListedObject, ObjectAddress, ObjectLock, ObjectMeta, PartMeta, Tags, UploadMeta, VersionId,
    Versioning,
};

use super::content::{Content, Contents};
use super::op::{self, Tag};

/// The reference model: what a store must hold after some operations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Model {
    pub(crate) buckets: BTreeMap<BucketName, Bucket>,
    /// The feed, by the operations that made the changes.
    pub(crate) feed: BTreeMap<u64, Change>,
}

/// A bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Bucket {
    pub(crate) made: u64,
    pub(crate) versioning: Versioning,
    pub(crate) documents: BTreeMap<BucketDocument, u64>,
    /// The versions of each key, the newest last; never none.
    pub(crate) keys: BTreeMap<ObjectKey, Vec<Version>>,
    /// By key and the number of the operation that began it.
    pub(crate) uploads: BTreeMap<(ObjectKey, u64), BTreeMap<u16, Part>>,
}

/// A version of a key; without an object it is a delete marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) id: Id,
    /// The operation that wrote it.
    pub(crate) written: u64,
    pub(crate) object: Option<Object>,
}

/// Which version of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Id {
    /// The one that was written while versioning was not enabled.
    Null,
    /// The one that this operation wrote.
    Of(u64),
}

/// An object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) content: Content,
    pub(crate) tag: Tag,
    /// The operation that wrote it.
    pub(crate) written: u64,
    /// The operation that brought its headers.
    pub(crate) headers: u64,
    /// The operation that brought its tags, if one did.
    pub(crate) tags: Option<u64>,
}

/// A change of an object, as the feed must tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) kind: EventKind,
    pub(crate) at: ObjectAddress,
    pub(crate) id: Id,
}

/// A part of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) content: Content,
    /// The operation that wrote it.
    pub(crate) written: u64,
}

impl Tag {
    /// The entity tag, without quotes.
    pub(crate) fn text(&self, contents: &Contents) -> String {
        match self {
            Self::Whole(content) => contents.sums(content).etag(),
            Self::Parts(parts) => {
                let mut md5 = Md5::new();
                for part in parts {
                    md5.update(contents.sums(part).md5);
                }
                format!("{}-{}", hex::encode(md5.finalize()), parts.len())
            }
        }
    }
}

fn checksum(content: &Content, contents: &Contents) -> Checksum {
    let (algorithm, kind) = (ChecksumAlgorithm::Crc64Nvme, ChecksumKind::FullObject);
    Checksum { algorithm, kind, value: contents.sums(content).checksum() }
}

impl Id {
    /// As it is written, when the number of a change is that of its operation.
    pub(crate) fn shown(self) -> VersionId {
        match self {
            Self::Null => VersionId::Null,
            Self::Of(n) => VersionId::Numbered(n),
        }
    }
}

impl Bucket {
    /// As it is told.
    pub(crate) fn meta(&self, name: &BucketName) -> BucketMeta {
        BucketMeta { name: name.clone(), created: op::time(self.made) }
    }

    /// What readers get who ask for no version.
    pub(crate) fn current(&self, key: &ObjectKey) -> Option<&Object> {
        self.keys.get(key)?.last()?.object.as_ref()
    }

    /// The keys that are listed, with what they hold.
    pub(crate) fn objects(&self) -> impl Iterator<Item = (&ObjectKey, &Object)> {
        self.keys.keys().filter_map(|key| self.current(key).map(|object| (key, object)))
    }

    /// How an id is told here; a bucket that never was versioned tells none.
    pub(crate) fn shown(&self, id: Id) -> Option<VersionId> {
        (self.versioning != Versioning::Unversioned).then(|| id.shown())
    }

    /// How much it holds.
    pub(crate) fn usage(&self) -> BucketUsage {
        let size = |v: &Version| v.object.as_ref().map_or(0, |o| o.content.len());
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let parts = self.uploads.values().flat_map(BTreeMap::values);
        BucketUsage {
            objects: count(self.objects().count()),
            versions: count(self.keys.values().map(Vec::len).sum()),
            bytes: self.keys.values().flatten().map(size).sum(),
            upload_bytes: parts.map(|part| part.content.len()).sum(),
        }
    }
}

impl Object {
    /// As it is told, when the number of a change is that of its operation.
    pub(crate) fn meta(
        &self,
        key: &ObjectKey,
        version: Option<VersionId>,
        contents: &Contents,
    ) -> Result<ObjectMeta> {
        let parts = match &self.tag {
            Tag::Whole(_) => None,
            Tag::Parts(parts) => u32::try_from(parts.len()).ok(),
        };
        Ok(ObjectMeta {
            key: key.clone(),
            size: self.content.len(),
            etag: self.tag.text(contents),
            modified: op::time(self.written),
            headers: op::headers(self.headers),
            checksum: Some(checksum(&self.content, contents)),
            parts,
            version,
            sequence: self.written,
            tags: self.tags.map_or_else(|| Ok(Tags::default()), op::tags)?,
            lock: ObjectLock::default(),
            encryption: None,
        })
    }

    /// As it is listed.
    pub(crate) fn listed(&self, key: &ObjectKey, contents: &Contents) -> ListedObject {
        ListedObject {
            key: key.clone(),
            size: self.content.len(),
            etag: self.tag.text(contents),
            modified: op::time(self.written),
            checksum: Some((ChecksumAlgorithm::Crc64Nvme, ChecksumKind::FullObject)),
        }
    }
}

impl Part {
    /// As it is told.
    pub(crate) fn meta(&self, number: u16, contents: &Contents) -> PartMeta {
        PartMeta {
            number,
            size: self.content.len(),
            etag: contents.sums(&self.content).etag(),
            checksum: Some(checksum(&self.content, contents)),
            modified: op::time(self.written),
        }
    }
}

/// An upload, as it is told.
pub(crate) fn upload_meta(key: &ObjectKey, begun: u64) -> Result<UploadMeta> {
    let id = op::upload_id(begun)?;
    Ok(UploadMeta { key: key.clone(), id, begun: op::time(begun), checksum: None })
}

impl Model {
    /// The operations whose bodies must be files of the store; each is one.
    pub(crate) fn files(&self) -> BTreeSet<u64> {
        let of_bucket = |bucket: &Bucket| -> Vec<u64> {
            let objects = bucket.keys.values().flatten().filter_map(|v| v.object.as_ref());
            let objects = objects.map(|o| &o.content);
            let parts = bucket.uploads.values().flat_map(BTreeMap::values).map(|p| &p.content);
            objects.chain(parts).flat_map(Content::files).collect()
        };
        self.buckets.values().flat_map(of_bucket).collect()
    }
}
