//! What each operation does, and what it is answered.

use std::collections::BTreeMap;

use wh_names::BucketName;
use wh_objects::{BucketDocument, ObjectAddress, PART_BYTES_MIN};

use super::answer::{Answer, Entry};
use super::content::Content;
use super::op::{Condition, CopiedHeaders, Op, Tag, Upload};
use super::state::{Bucket, Model, Object, Part};

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
            Op::Delete { at } => {
                self.bucket_mut(&at.bucket)?.objects.remove(&at.key);
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
        self.bucket(&at.bucket)?.objects.get(&at.key).ok_or("no-such-key")
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
        if !self.bucket(name)?.objects.is_empty() {
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
        self.keep(at, Object { content, tag, written: n, headers: n }, condition)
    }

    fn keep(&mut self, at: &ObjectAddress, object: Object, condition: &Condition) -> Outcome {
        let objects = &mut self.bucket_mut(&at.bucket)?.objects;
        judge(condition, objects.get(&at.key))?;
        objects.insert(at.key.clone(), object.clone());
        Ok(Answer::Stored(object))
    }

    fn get(&self, at: &ObjectAddress, range: Option<(u64, u64)>) -> Outcome {
        let object = self.object(at)?.clone();
        let (start, end) = resolve(range, object.content.len())?;
        Ok(Answer::Read(at.key.clone(), object, start..end))
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
        self.keep(to, object, &Condition::Always)
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
        let object = Object { content, tag, written: n, headers: upload.begun };
        let stored = self.keep(&upload.at, object, condition)?;
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
    for (key, object) in &bucket.objects {
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
