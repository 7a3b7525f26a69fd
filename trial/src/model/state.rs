//! What a store holds, by the numbers of the operations that made it so.

use std::collections::{BTreeMap, BTreeSet};

use wh_names::{BucketName, ObjectKey};
use wh_objects::{
    BucketDocument, BucketMeta, Checksum, ChecksumAlgorithm, ChecksumKind, ListedObject,
    ObjectMeta, PartMeta, UploadMeta,
};

use md5::{Digest, Md5};

use super::content::{Content, Contents};
use super::op::{self, Tag};

/// The reference model: what a store must hold after some operations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Model {
    pub(crate) buckets: BTreeMap<BucketName, Bucket>,
}

/// A bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Bucket {
    pub(crate) made: u64,
    pub(crate) documents: BTreeMap<BucketDocument, u64>,
    pub(crate) objects: BTreeMap<ObjectKey, Object>,
    /// By key and the number of the operation that began it.
    pub(crate) uploads: BTreeMap<(ObjectKey, u64), BTreeMap<u16, Part>>,
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

impl Bucket {
    /// As it is told.
    pub(crate) fn meta(&self, name: &BucketName) -> BucketMeta {
        BucketMeta { name: name.clone(), created: op::time(self.made) }
    }
}

impl Object {
    /// As it is told.
    pub(crate) fn meta(&self, key: &ObjectKey, contents: &Contents) -> ObjectMeta {
        let parts = match &self.tag {
            Tag::Whole(_) => None,
            Tag::Parts(parts) => u32::try_from(parts.len()).ok(),
        };
        ObjectMeta {
            key: key.clone(),
            size: self.content.len(),
            etag: self.tag.text(contents),
            modified: op::time(self.written),
            headers: op::headers(self.headers),
            checksum: Some(checksum(&self.content, contents)),
            parts,
        }
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
pub(crate) fn upload_meta(key: &ObjectKey, begun: u64) -> anyhow::Result<UploadMeta> {
    let id = op::upload_id(begun)?;
    Ok(UploadMeta { key: key.clone(), id, begun: op::time(begun), checksum: None })
}

impl Model {
    /// The operations whose bodies must be files of the store; each is one.
    pub(crate) fn files(&self) -> BTreeSet<u64> {
        let of_bucket = |bucket: &Bucket| -> Vec<u64> {
            let objects = bucket.objects.values().map(|o| &o.content);
            let parts = bucket.uploads.values().flat_map(BTreeMap::values).map(|p| &p.content);
            objects.chain(parts).flat_map(Content::files).collect()
        };
        self.buckets.values().flat_map(of_bucket).collect()
    }
}
