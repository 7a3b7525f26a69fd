//! What a store holds, as lines of text that can be compared one by one.

use std::collections::BTreeMap;

use anyhow::Result;
use wh_names::{BucketName, KeyPrefix, ObjectKey};
use wh_objects::{
    BucketDocument, ListEntry, ListObjects, ListUploads, ObjectAddress, ReadConditions, StoreError,
    UploadMeta,
};

use super::perform::{Hand, PAGE_MAX, code};
use super::script::KEYS;
use crate::model::content::Contents;
use crate::model::op::{self, Op, address};
use crate::model::state::{Bucket, upload_meta};
use crate::model::{Model, shown_body};

/// By what is told about, what is told.
pub(crate) type Facts = BTreeMap<String, String>;

/// Listings are read in pages of so many lines, so that pages are on trial, too.
const PAGE_LINES: usize = 3;

const DOCUMENTS: [BucketDocument; 3] =
    [BucketDocument::Policy, BucketDocument::Cors, BucketDocument::Tagging];

/// The listing that is compared as a whole.
fn grouped(bucket: &BucketName) -> Op {
    Op::List { bucket: bucket.clone(), delimiter: Some('/'), max: PAGE_MAX }
}

/// What a store must hold.
pub(crate) fn of_model(model: &Model, contents: &Contents) -> Result<Facts> {
    let mut facts = Facts::new();
    for (name, bucket) in &model.buckets {
        of_bucket(name, bucket, contents, &mut facts)?;
        let listing = model.clone().apply(0, &grouped(name));
        let listing = listing.map_err(|code| anyhow::anyhow!("a listing is refused: {code}"))?;
        facts.insert(format!("groups {name}"), listing.text(contents)?);
    }
    Ok(facts)
}

fn of_bucket(
    name: &BucketName,
    bucket: &Bucket,
    contents: &Contents,
    facts: &mut Facts,
) -> Result<()> {
    facts.insert(format!("bucket {name}"), format!("{:?}", bucket.meta(name)));
    for (kind, by) in &bucket.documents {
        facts.insert(format!("document {name} {kind:?}"), op::document(*by));
    }
    for (key, object) in &bucket.objects {
        let meta = object.meta(key, contents);
        facts.insert(format!("head {name} {key}"), format!("{meta:?}"));
        let sums = contents.sums(&object.content);
        let body = shown_body(&meta, &(0..meta.size), sums.crc64);
        facts.insert(format!("object {name} {key}"), body);
        facts.insert(format!("listed {name} {key}"), format!("{:?}", object.listed(key, contents)));
    }
    for ((key, begun), parts) in &bucket.uploads {
        let meta = upload_meta(key, *begun)?;
        let place = format!("{name} {key} {}", meta.id);
        facts.insert(format!("upload {place}"), format!("{meta:?}"));
        for (number, part) in parts {
            let part = part.meta(*number, contents);
            facts.insert(format!("part {place} {number}"), format!("{part:?}"));
        }
    }
    Ok(())
}

/// Reads all that a store holds. What cannot be read is a fact, too.
pub(crate) async fn of_store(hand: &Hand<'_>) -> Result<Facts> {
    let mut facts = Facts::new();
    let buckets = match hand.store.list_buckets().await {
        Ok(buckets) => buckets,
        Err(error) => {
            facts.insert("buckets".to_owned(), shown(&error));
            return Ok(facts);
        }
    };
    for bucket in buckets {
        let mut reading = Reading { hand, bucket: bucket.name.clone(), facts: &mut facts };
        reading.fact("bucket", "", format!("{bucket:?}"));
        reading.documents().await;
        reading.objects().await?;
        reading.uploads().await;
        let listing = hand.perform(0, &grouped(&bucket.name)).await?;
        reading.fact("groups", "", listing.unwrap_or_else(|error| shown(&error)));
    }
    Ok(facts)
}

fn shown(error: &StoreError) -> String {
    format!("error {} ({error})", code(error))
}

struct Reading<'r> {
    hand: &'r Hand<'r>,
    bucket: BucketName,
    facts: &'r mut Facts,
}

impl Reading<'_> {
    fn fact(&mut self, kind: &str, place: &str, text: String) {
        let space = if place.is_empty() { "" } else { " " };
        let name = format!("{kind} {}{space}{place}", self.bucket);
        if let Some(twice) = self.facts.insert(name.clone(), text) {
            self.facts.insert(format!("{name}, a second time"), twice);
        }
    }

    async fn documents(&mut self) {
        for kind in DOCUMENTS {
            match self.hand.store.bucket_document(&self.bucket, kind).await {
                Ok(None) => {}
                Ok(Some(text)) => self.fact("document", &format!("{kind:?}"), (*text).to_owned()),
                Err(error) => self.fact("document", &format!("{kind:?}"), shown(&error)),
            }
        }
    }

    async fn objects(&mut self) -> Result<()> {
        for key in self.listed().await {
            self.object(&key).await;
        }
        // What is not listed must not be there.
        for key in KEYS {
            let at = address(&self.bucket, key)?;
            if self.facts.contains_key(&format!("listed {} {key}", self.bucket)) {
                continue;
            }
            match self.hand.get(&at, None).await {
                Err(StoreError::NoSuchKey) => {}
                Ok(text) => self.fact("not listed", key, text),
                Err(error) => self.fact("not listed", key, shown(&error)),
            }
        }
        Ok(())
    }

    async fn listed(&mut self) -> Vec<ObjectKey> {
        let (mut keys, mut after) = (Vec::new(), None);
        loop {
            let prefix = KeyPrefix::everything();
            let list = ListObjects { prefix, delimiter: None, after, max_keys: PAGE_LINES };
            let page = match self.hand.store.list_objects(&self.bucket, list).await {
                Ok(page) => page,
                Err(error) => {
                    self.fact("listing", "", shown(&error));
                    return keys;
                }
            };
            keys.extend(page.entries.into_iter().filter_map(|entry| self.line(entry)));
            after = page.next_after;
            if after.is_none() {
                return keys;
            }
        }
    }

    fn line(&mut self, entry: ListEntry) -> Option<ObjectKey> {
        match entry {
            ListEntry::Object(object) => {
                self.fact("listed", object.key.as_str(), format!("{object:?}"));
                Some(object.key)
            }
            ListEntry::CommonPrefix(prefix) => {
                self.fact("prefix", &prefix, String::new());
                None
            }
        }
    }

    async fn object(&mut self, key: &ObjectKey) {
        let at = ObjectAddress { bucket: self.bucket.clone(), key: key.clone() };
        let head = self.hand.store.head_object(&at, &ReadConditions::default()).await;
        let head = head.map_or_else(|error| shown(&error), |meta| format!("{meta:?}"));
        self.fact("head", key.as_str(), head);
        let read = self.hand.get(&at, None).await.unwrap_or_else(|error| shown(&error));
        self.fact("object", key.as_str(), read);
    }

    async fn uploads(&mut self) {
        let mut after = None;
        loop {
            let list = ListUploads { prefix: KeyPrefix::everything(), after, max: PAGE_LINES };
            let page = match self.hand.store.list_multipart_uploads(&self.bucket, list).await {
                Ok(page) => page,
                Err(error) => return self.fact("uploads", "", shown(&error)),
            };
            for upload in page.uploads {
                let place = format!("{} {}", upload.key, upload.id);
                self.fact("upload", &place, format!("{upload:?}"));
                self.parts(&upload, &place).await;
            }
            after = page.next_after;
            if after.is_none() {
                return;
            }
        }
    }

    async fn parts(&mut self, upload: &UploadMeta, place: &str) {
        let at = ObjectAddress { bucket: self.bucket.clone(), key: upload.key.clone() };
        let mut after = Some(0);
        while let Some(from) = after {
            let page = match self.hand.store.list_parts(&at, &upload.id, from, PAGE_LINES - 1).await
            {
                Ok(page) => page,
                Err(error) => return self.fact("parts", place, shown(&error)),
            };
            for part in page.parts {
                self.fact("part", &format!("{place} {}", part.number), format!("{part:?}"));
            }
            after = page.next_after;
        }
    }
}
