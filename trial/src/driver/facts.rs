//! What a store holds, as lines of text that can be compared one by one.

use std::collections::BTreeMap;

use anyhow::Result;
use wh_names::{BucketName, KeyPrefix, ObjectKey};
use wh_objects::{
    BucketDocument, BucketSettings, GetObject, HeadObject, ListEntry, ListObjects, ListUploads,
    ListVersions, ListedVersion, ObjectAddress, StoreError, UploadMeta, VersionEntry,
};

use super::feed::{self, Numbers};
use super::perform::{Hand, PAGE_MAX, code};
use super::script::KEYS;
use crate::model::content::Contents;
use crate::model::op::{self, Op, address};
use crate::model::state::{Bucket, Version, upload_meta};
use crate::model::{Model, shown_body};

/// By what is told about, what is told.
pub(crate) type Facts = BTreeMap<String, String>;

/// Listings are read in pages of so many lines, so that pages are on trial, too.
const PAGE_LINES: usize = 3;

/// The listing that is compared as a whole.
fn grouped(bucket: &BucketName) -> Op {
    Op::List { bucket: bucket.clone(), delimiter: Some('/'), max: PAGE_MAX }
}

/// What a store must hold.
pub(crate) fn of_model(model: &Model, contents: &Contents) -> Result<Facts> {
    let mut facts = Facts::new();
    for (n, change) in &model.feed {
        facts.insert(format!("event {} {n}", change.at.bucket), feed::of_model(*n, change));
    }
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
    facts.insert(format!("settings {name}"), format!("{:?}", settings(bucket)));
    facts.insert(format!("usage {name}"), format!("{:?}", bucket.usage()));
    for (key, object) in bucket.objects() {
        facts.insert(format!("listed {name} {key}"), format!("{:?}", object.listed(key, contents)));
        let id = bucket.keys.get(key).and_then(|v| v.last()).and_then(|v| bucket.shown(v.id));
        let meta = object.meta(key, id, contents)?;
        facts.insert(format!("head {name} {key}"), format!("{meta:?}"));
    }
    for (key, versions) in &bucket.keys {
        let newest = versions.last().map(|version| version.written);
        for version in versions {
            let listed = listed(key, version, newest, contents);
            let place = format!("{name} {key} {}", version.written);
            facts.insert(format!("version {place}"), format!("{listed:?}"));
            let Some(object) = &version.object else { continue };
            let meta = object.meta(key, bucket.shown(version.id), contents)?;
            let crc = contents.sums(&object.content).crc64;
            facts.insert(format!("object {place}"), shown_body(&meta, &(0..meta.size), crc));
        }
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

fn settings(bucket: &Bucket) -> BucketSettings {
    BucketSettings { versioning: bucket.versioning, ..BucketSettings::default() }
}

fn listed(
    key: &ObjectKey,
    version: &Version,
    newest: Option<u64>,
    contents: &Contents,
) -> ListedVersion {
    ListedVersion {
        key: key.clone(),
        version: version.id.shown(),
        sequence: version.written,
        latest: newest == Some(version.written),
        modified: op::time(version.written),
        object: version.object.as_ref().map(|object| object.listed(key, contents)),
    }
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
    let feed = feed::read(hand, &mut facts).await;
    for bucket in buckets {
        let mut reading =
            Reading { hand, bucket: bucket.name.clone(), feed: &feed, facts: &mut facts };
        reading.fact("bucket", "", format!("{bucket:?}"));
        reading.documents().await;
        reading.numbers().await;
        reading.objects().await?;
        reading.versions().await;
        reading.uploads().await;
        let listing = hand.answer(0, &grouped(&bucket.name)).await?;
        reading.fact("groups", "", listing.unwrap_or_else(|error| shown(&error)));
    }
    Ok(facts)
}

pub(super) fn shown(error: &StoreError) -> String {
    format!("error {} ({error})", code(error))
}

struct Reading<'r> {
    hand: &'r Hand<'r>,
    bucket: BucketName,
    feed: &'r Numbers,
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
        for kind in BucketDocument::ALL {
            match self.hand.store.bucket_document(&self.bucket, kind).await {
                Ok(None) => {}
                Ok(Some(text)) => self.fact("document", &format!("{kind:?}"), (*text).to_owned()),
                Err(error) => self.fact("document", &format!("{kind:?}"), shown(&error)),
            }
        }
    }

    async fn numbers(&mut self) {
        let settings = self.hand.store.bucket_settings(&self.bucket).await;
        self.fact("settings", "", settings.map_or_else(|e| shown(&e), |s| format!("{s:?}")));
        let usage = self.hand.store.bucket_usage(&self.bucket).await;
        self.fact("usage", "", usage.map_or_else(|e| shown(&e), |u| format!("{u:?}")));
    }

    async fn versions(&mut self) {
        let mut after = None;
        loop {
            let prefix = KeyPrefix::everything();
            let list = ListVersions { prefix, delimiter: None, after, max_keys: PAGE_LINES };
            let page = match self.hand.store.list_object_versions(&self.bucket, list).await {
                Ok(page) => page,
                Err(error) => return self.fact("versions", "", shown(&error)),
            };
            for entry in page.entries {
                self.version_line(entry).await;
            }
            after = page.next_after;
            if after.is_none() {
                return;
            }
        }
    }

    async fn version_line(&mut self, entry: VersionEntry) {
        match entry {
            VersionEntry::Version(version) => self.version(version).await,
            VersionEntry::CommonPrefix(prefix) => self.fact("prefix", &prefix, String::new()),
        }
    }

    async fn version(&mut self, version: ListedVersion) {
        let named = version.version;
        let version = ListedVersion {
            version: self.feed.version(version.version),
            sequence: self.feed.operation(version.sequence),
            ..version
        };
        let place = format!("{} {}", version.key, version.sequence);
        self.fact("version", &place, format!("{version:?}"));
        if version.object.is_none() {
            return;
        }
        let at = ObjectAddress { bucket: self.bucket.clone(), key: version.key };
        let get = GetObject { version: Some(named), ..GetObject::default() };
        let read = match self.hand.read(&at, get).await {
            Ok((meta, range, crc)) => shown_body(&self.feed.meta(meta), &range, crc),
            Err(error) => shown(&error),
        };
        self.fact("object", &place, read);
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
                Err(StoreError::NoSuchKey | StoreError::Deleted { .. }) => {}
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
        let head = self.hand.store.head_object(&at, HeadObject::default()).await;
        let head = head.map(|meta| format!("{:?}", self.feed.meta(meta)));
        self.fact("head", key.as_str(), head.unwrap_or_else(|error| shown(&error)));
    }

    async fn uploads(&mut self) {
        let mut after = None;
        loop {
            let list = ListUploads {
                prefix: KeyPrefix::everything(),
                delimiter: None,
                after,
                max: PAGE_LINES,
            };
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
