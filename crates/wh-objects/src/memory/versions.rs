//! Writing, deleting and changing versions, in memory.
//!
//! Source: S3 User Guide, "How S3 Versioning works" and "Deleting object versions".

use wh_names::{BucketName, ObjectKey};

use super::state::{Object, State, Version};
use crate::listing::{Step, VersionCollector};
use crate::object::whole_millis;
use crate::{
    DeleteCause, DeleteObject, Deleted, EventKind, ListVersions, ListedObject, ListedVersion,
    ObjectAddress, ObjectMeta, Stamp, StoreError, Stored, VersionAddress, VersionChange, VersionId,
    Versioning, VersionsPage, WriteCondition, lock,
};

/// How an object is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Write<'a> {
    pub(super) condition: &'a WriteCondition,
    pub(super) kind: EventKind,
    /// How many bytes go away with the write: those of the upload that it completes.
    pub(super) freed: u64,
    pub(super) stamp: &'a Stamp,
}

impl State {
    pub(super) fn put(
        &mut self,
        address: &ObjectAddress,
        mut object: Object,
        write: Write<'_>,
    ) -> Result<Stored, StoreError> {
        let sequence = self.next_sequence();
        let bucket = self.bucket_mut(&address.bucket)?;
        let versions = bucket.versions(&address.key);
        write.condition.judge(versions.first().map(Version::judged))?;
        let settings = bucket.settings;
        let at = whole_millis(write.stamp.at);
        // An upload's lock was judged when it began.
        if write.kind != EventKind::CompleteMultipartUpload {
            lock::judge_given(settings.object_lock, object.meta.lock, at)?;
        }
        object.meta.lock = lock::of_new(settings.object_lock, object.meta.lock, at);
        let id = VersionId::of_new(sequence, settings.versioning);
        let replaced = versions.iter().find(|v| v.id == id);
        let freed =
            write.freed + replaced.and_then(|v| v.object.as_ref()).map_or(0, |o| o.meta.size);
        bucket.has_room(object.meta.size, freed)?;
        drop(bucket.remove(&address.key, id));
        object.meta = object.meta.shown(id, settings.versioning);
        object.meta.sequence = sequence;
        let stored = Stored::new(&object.meta);
        let version = Version { id, sequence, modified: at, object: Some(object) };
        bucket.insert(&address.key, version);
        let content = Some((stored.size(), stored.etag().to_owned()));
        self.tell(write.kind, (address, id), content, write.stamp);
        Ok(stored)
    }

    pub(super) fn delete(
        &mut self,
        address: &ObjectAddress,
        delete: &DeleteObject,
        stamp: &Stamp,
    ) -> Result<Deleted, StoreError> {
        let bucket = self.bucket(&address.bucket)?;
        let (versions, versioning) = (bucket.versions(&address.key), bucket.settings.versioning);
        let meant = match delete.version {
            Some(id) => {
                let id = id.own()?;
                versions.iter().find(|v| v.id == id)
            }
            None => versions.first(),
        };
        delete.condition.judge(meant.map(Version::judged))?;
        let there = meant.and_then(|version| version.object.as_ref());
        delete.judge_facts(there.map(|object| &object.meta))?;
        let id = match (delete.version, versioning) {
            (Some(id), _) => id,
            (None, Versioning::Unversioned) => VersionId::Null,
            (None, _) => return Ok(self.hide(address, versioning, delete.cause, stamp)),
        };
        if let Some(object) = meant.and_then(|v| v.object.as_ref()) {
            object.meta.lock.judge_delete(stamp.at, delete.bypass)?;
        }
        let removed = self.bucket_mut(&address.bucket)?.remove(&address.key, id);
        let Some(removed) = removed else {
            return Ok(Deleted {
                version: delete.version.and(id.shown(versioning)),
                marker: false,
            });
        };
        let marker = removed.object.is_none();
        let content = removed.object.map(|o| (o.meta.size, o.meta.etag));
        self.tell(delete.cause.removal(), (address, id), content, stamp);
        Ok(Deleted { version: id.shown(versioning), marker })
    }

    /// Puts a delete marker on top.
    fn hide(
        &mut self,
        address: &ObjectAddress,
        versioning: Versioning,
        cause: DeleteCause,
        stamp: &Stamp,
    ) -> Deleted {
        let sequence = self.next_sequence();
        let id = VersionId::of_new(sequence, versioning);
        let modified = whole_millis(stamp.at);
        if let Ok(bucket) = self.bucket_mut(&address.bucket) {
            drop(bucket.remove(&address.key, id));
            bucket.insert(&address.key, Version { id, sequence, modified, object: None });
        }
        self.tell(cause.hiding(), (address, id), None, stamp);
        Deleted { version: id.shown(versioning), marker: true }
    }

    pub(super) fn change_version(
        &mut self,
        address: &VersionAddress,
        change: VersionChange,
        stamp: &Stamp,
    ) -> Result<ObjectMeta, StoreError> {
        let VersionAddress { object: address, version } = address;
        let bucket = self.bucket_mut(&address.bucket)?;
        let settings = bucket.settings;
        let (id, object) = bucket.find(&address.key, *version)?;
        let mut meta = object.meta.clone();
        let kind = meta.change(change, settings.object_lock, stamp)?;
        let versions = bucket.objects.get_mut(address.key.as_str()).into_iter().flatten();
        for object in versions.filter(|v| v.id == id).filter_map(|v| v.object.as_mut()) {
            object.meta = meta.clone();
        }
        let content = Some((meta.size, meta.etag.clone()));
        self.tell(kind, (address, id), content, stamp);
        Ok(meta.shown(id, settings.versioning))
    }

    pub(super) fn list_versions(
        &self,
        bucket: &BucketName,
        list: ListVersions,
    ) -> Result<VersionsPage, StoreError> {
        let bucket = self.bucket(bucket)?;
        let mut collector = VersionCollector::new(list);
        let within = collector.within().map(|(key, id)| (key.to_owned(), id));
        bucket.scan(collector.start(), collector.end(), |key, versions| {
            let skipped = match &within {
                Some((marker, id)) if marker == key => position_after(versions, id.own()?),
                Some(_) | None => 0,
            };
            let mut step = Step::Next;
            let mut rest = versions.iter().enumerate().skip(skipped);
            while let (Step::Next, Some((index, version))) = (&step, rest.next()) {
                step = collector.visit(key, || listed(key, version, index))?;
            }
            Ok(step)
        })?;
        Ok(collector.finish())
    }
}

/// How many of a key's versions are not after a marker. A null version that is gone leaves no
/// trace of where it stood: then they are listed again rather than left out.
fn position_after(versions: &[Version], marker: VersionId) -> usize {
    match marker {
        VersionId::Numbered(number) => versions.iter().filter(|v| v.sequence >= number).count(),
        VersionId::Null | VersionId::Foreign(_) => {
            versions.iter().position(|v| v.id == marker).map_or(0, |at| at + 1)
        }
    }
}

fn listed(key: &str, version: &Version, index: usize) -> Result<ListedVersion, StoreError> {
    let key = ObjectKey::parse(key);
    let key = key.map_err(|_| StoreError::Corrupt { what: "a key".to_owned() })?;
    Ok(ListedVersion {
        key,
        version: version.id,
        sequence: version.sequence,
        latest: index == 0,
        modified: version.modified,
        object: version.object.as_ref().map(|object| ListedObject::of(&object.meta)),
    })
}
