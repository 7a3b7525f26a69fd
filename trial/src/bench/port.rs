//! The store's operations as the measurements use them. What changes in the port changes here.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream;
use jiff::Timestamp;
use wh_names::{BucketName, Entropy, KeyPrefix, ObjectKey};
use wh_objects::{
    BucketSettings, ByteStream, CompleteUpload, CompletedPart, CreateUpload, DeleteObject,
    DiskOptions, DiskStore, GetObject, Keyring, Keys, ListObjects, ListPage, ObjectAddress,
    ObjectStore, PartMeta, PutObject, Stamp, UploadId, UploadPart, WriteCondition,
};

use super::kit::noise;

/// Whether the bytes on the disk are encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sealing {
    /// By a master key.
    Encrypted,
    /// Not: as they came.
    Plain,
}

impl Sealing {
    /// Every way in which a store can be.
    pub(super) const ALL: [Self; 2] = [Self::Encrypted, Self::Plain];

    /// The way that a store is by default, in which everything else is measured.
    pub(super) const USUAL: Self = Self::Encrypted;

    /// What the table calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Encrypted => "encrypted",
            Self::Plain => "not encrypted",
        }
    }
}

/// An open store and a bucket in it.
#[derive(Debug, Clone)]
pub(super) struct Ours {
    store: Arc<DiskStore>,
    bucket: BucketName,
    stamp: Stamp,
}

fn at() -> Timestamp {
    Timestamp::from_millisecond(1_764_000_000_000).unwrap_or_default()
}

/// The same keys in every process of a run.
fn keys(sealing: Sealing) -> Result<Keys> {
    let line = format!("bench {}\n", STANDARD.encode(noise(11, 32)));
    Ok(match sealing {
        Sealing::Encrypted => Keys::Ring(Keyring::parse(&line)?),
        Sealing::Plain => Keys::Off,
    })
}

/// Opens, or makes, a store.
pub(super) async fn open(folder: &Path, sealing: Sealing) -> Result<Ours> {
    let options = DiskOptions { keys: keys(sealing)?, ..DiskOptions::new(folder) };
    let store = Arc::new(DiskStore::open(options).await?);
    let stamp = Stamp::new(at(), "arn:aws:sts::123456789012:assumed-role/bench/bench");
    Ok(Ours { store, stamp, bucket: BucketName::parse("bench")? })
}

impl Ours {
    /// The same store, another bucket; made when it is not there.
    pub(super) async fn bucket(&self, name: &str) -> Result<Self> {
        let bucket = BucketName::parse(name)?;
        if self.store.bucket(&bucket).await.is_err() {
            self.store.create_bucket(&bucket, BucketSettings::default(), &self.stamp).await?;
        }
        Ok(Self { bucket, ..self.clone() })
    }

    pub(super) async fn close(self) {
        self.store.close().await;
    }

    fn address(&self, key: &str) -> Result<ObjectAddress> {
        Ok(ObjectAddress { bucket: self.bucket.clone(), key: ObjectKey::parse(key)? })
    }

    /// Writes one block as an object.
    pub(super) async fn put(&self, key: &str, block: Bytes) -> Result<()> {
        self.put_stream(key, repeat(&block, 1)).await
    }

    pub(super) async fn put_stream(&self, key: &str, body: ByteStream) -> Result<()> {
        let address = self.address(key)?;
        self.store.put_object(&address, PutObject::default(), body, &self.stamp).await?;
        Ok(())
    }

    pub(super) async fn delete(&self, key: &str) -> Result<()> {
        let delete = DeleteObject::default();
        self.store.delete_object(&self.address(key)?, delete, &self.stamp).await?;
        Ok(())
    }

    /// Reads an object to its end and tells its length.
    pub(super) async fn get(&self, key: &str) -> Result<u64> {
        let read = self.store.get_object(&self.address(key)?, GetObject::default()).await?;
        let mut body = read.body;
        let mut bytes = 0;
        while let Some(block) = body.next().await {
            let block = block.map_err(|error| anyhow::anyhow!(error))?;
            bytes += block.len() as u64;
        }
        Ok(bytes)
    }

    /// One page of a listing.
    pub(super) async fn list(&self, list: &Listing) -> Result<ListPage> {
        let prefix = KeyPrefix::parse(&list.prefix)?;
        let delimiter = list.delimiter.then(|| "/".to_owned());
        let list =
            ListObjects { prefix, delimiter, after: list.after.clone(), max_keys: PAGE_KEYS };
        Ok(self.store.list_objects(&self.bucket, list).await?)
    }

    /// Begins an upload; its id follows from `seed`.
    pub(super) async fn begin(&self, key: &str, seed: u8) -> Result<UploadId> {
        let id = UploadId::generate(at(), &Entropy::new(move |bytes| bytes.fill(seed)));
        let create = CreateUpload::default();
        self.store
            .create_multipart_upload(&self.address(key)?, create, id.clone(), &self.stamp)
            .await?;
        Ok(id)
    }

    pub(super) async fn part(
        &self,
        key: &str,
        (upload, number): (&UploadId, u16),
        body: ByteStream,
    ) -> Result<PartMeta> {
        let (address, upload) = (self.address(key)?, upload.clone());
        let (expected, content_md5, size) = (None, None, None);
        let part = UploadPart { address, upload, number, expected, content_md5, size };
        Ok(self.store.upload_part(part, body, &self.stamp).await?)
    }

    pub(super) async fn complete(
        &self,
        key: &str,
        upload: &UploadId,
        parts: &[PartMeta],
    ) -> Result<()> {
        let named = |part: &PartMeta| CompletedPart {
            number: part.number,
            etag: part.etag.clone(),
            checksum: part.checksum.as_ref().map(|c| c.value.clone()),
        };
        let complete = CompleteUpload {
            address: self.address(key)?,
            upload: upload.clone(),
            parts: parts.iter().map(named).collect(),
            expected: None,
            condition: WriteCondition::Always,
            object_size: None,
        };
        self.store.complete_multipart_upload(complete, &self.stamp).await.context("completing")?;
        Ok(())
    }
}

/// How many entries a page has.
pub(super) const PAGE_KEYS: usize = 1000;

/// What to list.
#[derive(Debug, Clone, Default)]
pub(super) struct Listing {
    pub(super) prefix: String,
    pub(super) delimiter: bool,
    pub(super) after: Option<String>,
}

/// A body of the same block, again and again; nothing is copied.
pub(super) fn repeat(block: &Bytes, times: usize) -> ByteStream {
    let block = block.clone();
    Box::pin(stream::iter((0..times).map(move |_| Ok(block.clone()))))
}

/// As [`repeat`], each time in memory of its own, as blocks from a network are.
pub(super) fn fresh(block: &Bytes, times: usize) -> ByteStream {
    let block = block.clone();
    Box::pin(stream::iter((0..times).map(move |_| Ok(Bytes::copy_from_slice(&block)))))
}
