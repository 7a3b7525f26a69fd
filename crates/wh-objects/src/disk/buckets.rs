//! Buckets, their settings and documents: in the index, and at hand.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use wh_names::BucketName;

use super::extent::Extent;
use super::index::{Work, sql};
use super::versions::signed;
use super::write::Delta;
use super::{DiskStore, codec, rows};
use crate::object::whole_millis;
use crate::{
    BucketChange, BucketDocument, BucketMeta, BucketSettings, BucketUsage, Stamp, StoreError,
};

#[derive(Debug, Clone)]
pub(super) struct Bucket {
    pub(super) row: i64,
    pub(super) created: Timestamp,
    pub(super) settings: BucketSettings,
    pub(super) documents: BTreeMap<BucketDocument, Arc<str>>,
}

type Map = BTreeMap<BucketName, Arc<Bucket>>;

/// What is committed about buckets. Only the writer's thread changes it, after a commit and
/// before the answer.
#[derive(Debug, Default)]
pub(super) struct Buckets(RwLock<Map>);

impl Buckets {
    pub(super) fn load(conn: &Connection) -> Result<Self, StoreError> {
        let text = "SELECT name, id, created, settings FROM bucket";
        let mut statement = conn.prepare(text).map_err(sql)?;
        let mut found = statement.query([]).map_err(sql)?;
        let mut map = Map::new();
        while let Some(row) = found.next().map_err(sql)? {
            let name: String = row.get(0).map_err(sql)?;
            let (row_id, created) = (row.get(1).map_err(sql)?, row.get(2).map_err(sql)?);
            let settings: Vec<u8> = row.get(3).map_err(sql)?;
            let bucket = Bucket {
                row: row_id,
                created: Timestamp::from_millisecond(created).unwrap_or_default(),
                settings: codec::read_settings(&name, &settings)?,
                documents: documents(conn, row_id)?,
            };
            let damaged = |_| StoreError::Corrupt { what: format!("the name of bucket {row_id}") };
            map.insert(BucketName::parse(&name).map_err(damaged)?, Arc::new(bucket));
        }
        Ok(Self(RwLock::new(map)))
    }

    pub(super) fn get(&self, name: &BucketName) -> Result<Arc<Bucket>, StoreError> {
        let map = self.0.read().unwrap_or_else(PoisonError::into_inner);
        map.get(name).cloned().ok_or(StoreError::NoSuchBucket)
    }

    pub(super) fn list(&self) -> Vec<BucketMeta> {
        let map = self.0.read().unwrap_or_else(PoisonError::into_inner);
        map.iter().map(|(n, b)| BucketMeta { name: n.clone(), created: b.created }).collect()
    }

    fn change(&self) -> RwLockWriteGuard<'_, Map> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what is at hand of one bucket.
    fn remember(&self, name: &BucketName, change: impl FnOnce(&mut Bucket)) {
        if let Some(bucket) = self.change().get_mut(name) {
            change(Arc::make_mut(bucket));
        }
    }
}

fn documents(
    conn: &Connection,
    bucket: i64,
) -> Result<BTreeMap<BucketDocument, Arc<str>>, StoreError> {
    let text = "SELECT text FROM document WHERE bucket = ?1 AND kind = ?2";
    let mut statement = conn.prepare_cached(text).map_err(sql)?;
    let mut documents = BTreeMap::new();
    for kind in BucketDocument::ALL {
        let found = statement.query_row((bucket, kind.as_str()), |row| row.get::<_, String>(0));
        if let Some(text) = found.optional().map_err(sql)? {
            documents.insert(kind, text.into());
        }
    }
    Ok(documents)
}

/// A bucket, as the transaction sees it.
#[derive(Debug)]
pub(super) struct BucketRow {
    pub(super) row: i64,
    pub(super) settings: BucketSettings,
    usage: BucketUsage,
}

/// Reads a bucket's row.
pub(super) fn bucket_row(conn: &Connection, name: &BucketName) -> Result<BucketRow, StoreError> {
    let text = "SELECT id, settings, objects, versions, bytes, upload_bytes FROM bucket \
                WHERE name = ?1";
    let mut statement = conn.prepare_cached(text).map_err(sql)?;
    let mut found = statement.query([name.as_str()]).map_err(sql)?;
    let row = found.next().map_err(sql)?.ok_or(StoreError::NoSuchBucket)?;
    let settings = row.get_ref(1).and_then(|r| Ok(r.as_blob()?)).map_err(sql)?;
    let count = |column: usize| row.get::<_, u64>(column).map_err(sql);
    Ok(BucketRow {
        row: row.get(0).map_err(sql)?,
        settings: codec::read_settings(name.as_str(), settings)?,
        usage: BucketUsage {
            objects: count(2)?,
            versions: count(3)?,
            bytes: count(4)?,
            upload_bytes: count(5)?,
        },
    })
}

impl BucketRow {
    /// Refuses content of `size` bytes that would exceed the quota when `freed` bytes go away.
    pub(super) fn has_room(&self, size: u64, freed: u64) -> Result<(), StoreError> {
        self.usage.has_room(self.settings.quota_bytes, size.saturating_sub(freed))
    }

    /// Counts a change of versions.
    pub(super) fn count(&self, conn: &Connection, delta: &Delta) -> Result<(), StoreError> {
        let text = "UPDATE bucket SET objects = objects + ?2, versions = versions + ?3, \
                    bytes = bytes + ?4 WHERE id = ?1";
        let (objects, versions, bytes) = delta.counts();
        rows::run(conn, text, (self.row, objects, versions, bytes)).map(drop)
    }

    /// Counts parts that came and parts that went, in bytes.
    pub(super) fn count_parts(
        &self,
        conn: &Connection,
        came: u64,
        went: u64,
    ) -> Result<(), StoreError> {
        let text = "UPDATE bucket SET upload_bytes = upload_bytes + ?2 - ?3 WHERE id = ?1";
        rows::run(conn, text, (self.row, signed(came), signed(went))).map(drop)
    }
}

impl DiskStore {
    pub(super) async fn make_bucket(
        &self,
        name: BucketName,
        settings: BucketSettings,
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        settings.judge()?;
        self.health.has_room()?;
        let buckets = Arc::clone(&self.buckets);
        let created = whole_millis(stamp.at);
        let job = move |work: &mut Work<'_>| {
            let insert = "INSERT OR IGNORE INTO bucket (name, created, settings) \
                          VALUES (?1, ?2, ?3) RETURNING id";
            let sealed = codec::settings(&name, &settings);
            let mut statement = work.conn.prepare_cached(insert).map_err(sql)?;
            let row = statement
                .query_row((name.as_str(), created.as_millisecond(), sealed), |row| row.get(0))
                .optional()
                .map_err(sql)?;
            let row = row.ok_or(StoreError::BucketAlreadyExists)?;
            let bucket = Bucket { row, created, settings, documents: BTreeMap::new() };
            work.after.push(Box::new(move || drop(buckets.change().insert(name, bucket.into()))));
            Ok(())
        };
        self.writer.submit(job).await
    }

    pub(super) async fn remove_bucket(&self, name: BucketName) -> Result<(), StoreError> {
        let buckets = Arc::clone(&self.buckets);
        let job = move |work: &mut Work<'_>| {
            let row = bucket_row(work.conn, &name)?.row;
            let any = "SELECT 1 WHERE EXISTS (SELECT 1 FROM object WHERE bucket = ?1) \
                       OR EXISTS (SELECT 1 FROM version WHERE bucket = ?1)";
            let mut statement = work.conn.prepare_cached(any).map_err(sql)?;
            if statement.exists([row]).map_err(sql)? {
                return Err(StoreError::BucketNotEmpty);
            }
            let uploads = rows::uploads_of(work.conn, row)?;
            uploads.into_iter().try_for_each(|upload| rows::drop_upload(work, upload, &NONE))?;
            rows::run(work.conn, "DELETE FROM document WHERE bucket = ?1", [row])?;
            rows::run(work.conn, "DELETE FROM bucket WHERE id = ?1", [row])?;
            work.after.push(Box::new(move || drop(buckets.change().remove(&name))));
            Ok(())
        };
        self.writer.submit(job).await
    }

    pub(super) async fn keep_document(
        &self,
        name: BucketName,
        kind: BucketDocument,
        text: Option<Arc<str>>,
    ) -> Result<(), StoreError> {
        if text.is_some() {
            self.health.has_room()?;
        }
        let buckets = Arc::clone(&self.buckets);
        let job = move |work: &mut Work<'_>| {
            let row = bucket_row(work.conn, &name)?.row;
            keep_text(work.conn, row, kind, text.as_deref())?;
            let change = move |bucket: &mut Bucket| match text {
                Some(text) => drop(bucket.documents.insert(kind, text)),
                None => drop(bucket.documents.remove(&kind)),
            };
            work.after.push(Box::new(move || buckets.remember(&name, change)));
            Ok(())
        };
        self.writer.submit(job).await
    }

    pub(super) async fn change_settings(
        &self,
        name: BucketName,
        change: BucketChange,
    ) -> Result<(), StoreError> {
        self.health.has_room()?;
        let buckets = Arc::clone(&self.buckets);
        let job = move |work: &mut Work<'_>| {
            let bucket = bucket_row(work.conn, &name)?;
            let settings = bucket.settings.changed(change)?;
            let sealed = codec::settings(&name, &settings);
            let update = "UPDATE bucket SET settings = ?2 WHERE id = ?1";
            rows::run(work.conn, update, (bucket.row, sealed))?;
            let remember = move |bucket: &mut Bucket| bucket.settings = settings;
            work.after.push(Box::new(move || buckets.remember(&name, remember)));
            Ok(())
        };
        self.writer.submit(job).await
    }

    pub(super) async fn usage(&self, name: BucketName) -> Result<BucketUsage, StoreError> {
        self.readers.read(move |conn| Ok(bucket_row(conn, &name)?.usage)).await
    }
}

fn keep_text(
    conn: &Connection,
    bucket: i64,
    kind: BucketDocument,
    text: Option<&str>,
) -> Result<(), StoreError> {
    let kind = kind.as_str();
    let Some(text) = text else {
        let remove = "DELETE FROM document WHERE bucket = ?1 AND kind = ?2";
        return rows::run(conn, remove, (bucket, kind)).map(drop);
    };
    let put = "INSERT OR REPLACE INTO document (bucket, kind, text) VALUES (?1, ?2, ?3)";
    rows::run(conn, put, (bucket, kind, text)).map(drop)
}

/// No extent: everything is to be dropped.
const NONE: [Extent; 0] = [];
