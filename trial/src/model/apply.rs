//! What each operation does, and what it is answered.

use std::collections::BTreeMap;

use wh_names::BucketName;
use wh_objects::{BucketDocument, EventKind, ObjectAddress, PART_BYTES_MIN, Versioning};

use super::answer::{Answer, Entry};
use super::content::Content;
use super::op::{self, Condition, CopiedHeaders, Op, Tag, Upload};
use super::state::{Bucket, Change, Id, Model, Object, Part, Version};

/// Why an operation is refused: the code of the store's error.
pub(crate) type Refusal = &'static str;

type Outcome = Result<Answer, Refusal>;

impl Model {
    /// Does operation `n`; a refused one changes nothing.
    pub(crate) fn apply(&mut self, n: u64, op: &Op) -> Outcome {
        match op {
            Op::CreateBucket { bucket } => self.create_bucket(n, bucket),
            Op::DeleteBucket { bucket } => self.delete_bucket(bucket),
            Op::KeepDocument { bucket, kind } => self.document(bucket, *kind, Some(n)),
            Op::DropDocument { bucket, kind } => self.document(bucket, *kind, None),
            Op::Put { at, len, condition } => self.put(n, at, *len, condition),
            Op::Get { at, range } => self.get(at, *range),
            Op::Delete { at } => self.delete(n, at),
            Op::DeleteVersion { at, id } => self.delete_version(n, at, *id),
            Op::Tag { at } => self.tag(n, at),
            Op::Versioning { bucket, versioning } => {
                self.bucket_mut(bucket)?.versioning = *versioning;
                Ok(Answer::Done)
            }
            Op::Copy { from, to, headers } => self.copy(n, from, to, *headers),
            Op::List { bucket, delimiter, max } => {
                self.bucket(bucket).map(|b| list(b, *delimiter, *max))
            }
            Op::Begin { at } => {
                let uploads = &mut self.bucket_mut(&at.bucket)?.uploads;
                uploads.insert((at.key.clone(), n), BTreeMap::new());
                Ok(Answer::Done)
            }
            Op::Part { upload, number, len } => {
                let content = Content::of_body(n, *len);
                self.keep_part(upload, *number, Part { content, written: n })
            }
            Op::PartCopy { upload, number, from, range } => {
                self.upload_mut(upload)?;
                let source = self.object(from)?;
                let (start, end) = resolve(*range, source.content.len())?;
                let content = source.content.slice(start, end);
                self.keep_part(upload, *number, Part { content, written: n })
            }
            Op::Complete { upload, parts, condition } => self.complete(n, upload, parts, condition),
            Op::Abort { upload } => {
                self.upload_mut(upload)?;
                self.drop_upload(upload);
                Ok(Answer::Done)
            }
            Op::Parts { upload } => {
                let parts = self.upload_mut(upload)?.clone();
                Ok(Answer::Parts(upload.clone(), parts))
            }
            Op::Uploads { bucket } => {
                Ok(Answer::Uploads(self.bucket(bucket)?.uploads.keys().cloned().collect()))
            }
        }
    }

    fn bucket(&self, name: &BucketName) -> Result<&Bucket, Refusal> {
        self.buckets.get(name).ok_or("no-such-bucket")
    }

    fn bucket_mut(&mut self, name: &BucketName) -> Result<&mut Bucket, Refusal> {
        self.buckets.get_mut(name).ok_or("no-such-bucket")
    }

    fn object(&self, at: &ObjectAddress) -> Result<&Object, Refusal> {
        let versions = self.bucket(&at.bucket)?.keys.get(&at.key).ok_or("no-such-key")?;
        versions.last().and_then(|version| version.object.as_ref()).ok_or("deleted")
    }

    fn upload_mut(&mut self, upload: &Upload) -> Result<&mut BTreeMap<u16, Part>, Refusal> {
        let uploads = &mut self.bucket_mut(&upload.at.bucket)?.uploads;
        uploads.get_mut(&(upload.at.key.clone(), upload.begun)).ok_or("no-such-upload")
    }

    fn drop_upload(&mut self, upload: &Upload) {
        if let Ok(bucket) = self.bucket_mut(&upload.at.bucket) {
            bucket.uploads.remove(&(upload.at.key.clone(), upload.begun));
        }
    }

    fn create_bucket(&mut self, n: u64, name: &BucketName) -> Outcome {
        if self.buckets.contains_key(name) {
            return Err("bucket-already-exists");
        }
        self.buckets.insert(name.clone(), Bucket { made: n, ..Bucket::default() });
        Ok(Answer::Done)
    }

    fn delete_bucket(&mut self, name: &BucketName) -> Outcome {
        if !self.bucket(name)?.keys.is_empty() {
            return Err("bucket-not-empty");
        }
        self.buckets.remove(name);
        Ok(Answer::Done)
    }

    fn document(&mut self, name: &BucketName, kind: BucketDocument, by: Option<u64>) -> Outcome {
        let documents = &mut self.bucket_mut(name)?.documents;
        match by {
            Some(n) => documents.insert(kind, n),
            None => documents.remove(&kind),
        };
        Ok(Answer::Done)
    }

    fn put(&mut self, n: u64, at: &ObjectAddress, len: u64, condition: &Condition) -> Outcome {
        let content = Content::of_body(n, len);
        let tag = Tag::Whole(content.clone());
        let tags = op::has_tags(n).then_some(n);
        let object = Object { content, tag, written: n, headers: n, tags };
        self.keep(at, object, condition, EventKind::Put)
    }

    fn keep(
        &mut self,
        at: &ObjectAddress,
        object: Object,
        condition: &Condition,
        kind: EventKind,
    ) -> Outcome {
        judge(condition, self.bucket(&at.bucket)?.current(&at.key))?;
        let id = self.write(at, object.written, Some(object.clone()))?;
        self.feed.insert(object.written, Change { kind, at: at.clone(), id });
        Ok(Answer::Stored(object))
    }

    /// Writes a version or a delete marker on top.
    fn write(&mut self, at: &ObjectAddress, n: u64, object: Option<Object>) -> Result<Id, Refusal> {
        let bucket = self.bucket_mut(&at.bucket)?;
        let id = match bucket.versioning {
            Versioning::Enabled => Id::Of(n),
            Versioning::Unversioned | Versioning::Suspended => Id::Null,
        };
        let versions = bucket.keys.entry(at.key.clone()).or_default();
        versions.retain(|version| version.id != id);
        versions.push(Version { id, written: n, object });
        Ok(id)
    }

    fn delete(&mut self, n: u64, at: &ObjectAddress) -> Outcome {
        if self.bucket(&at.bucket)?.versioning == Versioning::Unversioned {
            return self.remove(n, at, Id::Null).map(|marker| Answer::Deleted(None, marker));
        }
        let id = self.write(at, n, None)?;
        let kind = EventKind::DeleteMarkerCreated;
        self.feed.insert(n, Change { kind, at: at.clone(), id });
        Ok(Answer::Deleted(Some(id), true))
    }

    fn delete_version(&mut self, n: u64, at: &ObjectAddress, id: Id) -> Outcome {
        let told = self.bucket(&at.bucket)?.shown(id).map(|_| id);
        self.remove(n, at, id).map(|marker| Answer::Deleted(told, marker))
    }

    /// Removes a version, if it is there, and tells whether it was a delete marker.
    fn remove(&mut self, n: u64, at: &ObjectAddress, id: Id) -> Result<bool, Refusal> {
        let bucket = self.bucket_mut(&at.bucket)?;
        let Some(versions) = bucket.keys.get_mut(&at.key) else { return Ok(false) };
        let Some(place) = versions.iter().position(|v| v.id == id) else { return Ok(false) };
        let removed = versions.remove(place);
        if versions.is_empty() {
            bucket.keys.remove(&at.key);
        }
        self.feed.insert(n, Change { kind: EventKind::Delete, at: at.clone(), id });
        Ok(removed.object.is_none())
    }

    fn tag(&mut self, n: u64, at: &ObjectAddress) -> Outcome {
        self.object(at)?;
        let versions = self.bucket_mut(&at.bucket)?.keys.get_mut(&at.key);
        let Some(version) = versions.and_then(|v| v.last_mut()) else { return Err("no-such-key") };
        let id = version.id;
        let Some(object) = &mut version.object else { return Err("deleted") };
        object.tags = Some(n);
        let object = object.clone();
        self.feed.insert(n, Change { kind: EventKind::TaggingPut, at: at.clone(), id });
        let shown = self.bucket(&at.bucket)?.shown(id);
        Ok(Answer::Meta(at.key.clone(), object, shown))
    }

    fn get(&self, at: &ObjectAddress, range: Option<(u64, u64)>) -> Outcome {
        let object = self.object(at)?.clone();
        let (start, end) = resolve(range, object.content.len())?;
        let bucket = self.bucket(&at.bucket)?;
        let id = bucket.keys.get(&at.key).and_then(|v| v.last()).map_or(Id::Null, |v| v.id);
        Ok(Answer::Read(at.key.clone(), object, bucket.shown(id), start..end))
    }

    fn copy(
        &mut self,
        n: u64,
        from: &ObjectAddress,
        to: &ObjectAddress,
        headers: CopiedHeaders,
    ) -> Outcome {
        if from == to && headers == CopiedHeaders::Kept {
            return Err("invalid-request");
        }
        let mut object = self.object(from)?.clone();
        object.written = n;
        match headers {
            CopiedHeaders::Kept => {}
            CopiedHeaders::Replaced => object.headers = n,
        }
        self.keep(to, object, &Condition::Always, EventKind::Copy)
    }

    fn keep_part(&mut self, upload: &Upload, number: u16, part: Part) -> Outcome {
        self.upload_mut(upload)?.insert(number, part.clone());
        Ok(Answer::Part(number, part))
    }

    fn complete(
        &mut self,
        n: u64,
        upload: &Upload,
        parts: &[(u16, Content)],
        condition: &Condition,
    ) -> Outcome {
        let kept = self.upload_mut(upload)?;
        let last = parts.last().map(|(number, _)| *number).ok_or("invalid-request")?;
        for (number, content) in parts {
            if kept.get(number).is_none_or(|part| part.content != *content) {
                return Err("invalid-part");
            }
            if *number != last && content.len() < PART_BYTES_MIN {
                return Err("entity-too-small");
            }
        }
        let content = Content::joined(parts.iter().map(|(_, content)| content));
        let tag = Tag::Parts(parts.iter().map(|(_, content)| content.clone()).collect());
        let object = Object { content, tag, written: n, headers: upload.begun, tags: None };
        let kind = EventKind::CompleteMultipartUpload;
        let stored = self.keep(&upload.at, object, condition, kind)?;
        self.drop_upload(upload);
        Ok(stored)
    }
}

fn judge(condition: &Condition, current: Option<&Object>) -> Result<(), Refusal> {
    match (condition, current) {
        (Condition::Always, _) | (Condition::IfNone, None) | (Condition::IfAny, Some(_)) => Ok(()),
        (Condition::IfAny | Condition::IfTag(_), None) => Err("no-such-key"),
        (Condition::IfTag(tag), Some(object)) if *tag == object.tag => Ok(()),
        (Condition::IfNone | Condition::IfTag(_), Some(_)) => Err("precondition-failed"),
    }
}

/// A range is given by its first and last byte.
fn resolve(range: Option<(u64, u64)>, size: u64) -> Result<(u64, u64), Refusal> {
    let Some((first, last)) = range else { return Ok((0, size)) };
    let end = last.saturating_add(1).min(size);
    if first < end { Ok((first, end)) } else { Err("invalid-range") }
}

/// A page from the beginning, without a prefix.
fn list(bucket: &Bucket, delimiter: Option<char>, max: usize) -> Answer {
    let mut entries: Vec<(String, Entry)> = Vec::new();
    for (key, object) in bucket.objects() {
        let group =
            delimiter.and_then(|d| key.as_str().split_once(d).map(|(h, _)| format!("{h}{d}")));
        let entry = match &group {
            Some(group) => (group.clone(), Entry::Prefix),
            None => (key.as_str().to_owned(), Entry::Object(key.clone(), object.clone())),
        };
        if group.is_none() || entries.last().is_none_or(|(name, _)| *name != entry.0) {
            entries.push(entry);
        }
    }
    let truncated = entries.len() > max;
    entries.truncate(max);
    Answer::Page { entries, truncated }
}
