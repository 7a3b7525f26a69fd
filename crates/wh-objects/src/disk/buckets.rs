//! Buckets and their documents: in the index, and at hand.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use wh_names::BucketName;

use super::DiskStore;
use super::extent::Extent;
use super::index::{Work, sql};
use super::rows;
use crate::object::whole_millis;
use crate::{BucketDocument, BucketMeta, StoreError};

#[derive(Debug, Clone)]
pub(super) struct Bucket {
    pub(super) row: i64,
    pub(super) created: Timestamp,
    pub(super) documents: BTreeMap<BucketDocument, Arc<str>>,
}

type Map = BTreeMap<BucketName, Arc<Bucket>>;

/// What is committed about buckets. Only the writer's thread changes it, after a commit and
/// before the answer.
#[derive(Debug, Default)]
pub(super) struct Buckets(RwLock<Map>);

impl Buckets {
    pub(super) fn load(conn: &Connection) -> rusqlite::Result<Self> {
        let sql_text = "SELECT name, id, created, policy, cors, tagging FROM bucket";
        let mut statement = conn.prepare(sql_text)?;
        let mut found = statement.query([])?;
        let mut map = Map::new();
        while let Some(row) = found.next()? {
            let name: String = row.get(0)?;
            let Ok(name) = BucketName::parse(&name) else {
                return Err(rusqlite::Error::InvalidQuery);
            };
            let created = Timestamp::from_millisecond(row.get(2)?).unwrap_or_default();
            let documents = documents(row)?;
            map.insert(name, Arc::new(Bucket { row: row.get(1)?, created, documents }));
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
}

fn documents(row: &rusqlite::Row<'_>) -> rusqlite::Result<BTreeMap<BucketDocument, Arc<str>>> {
    let kinds = [BucketDocument::Policy, BucketDocument::Cors, BucketDocument::Tagging];
    let mut documents = BTreeMap::new();
    for (column, kind) in (3..).zip(kinds) {
        if let Some(text) = row.get::<_, Option<String>>(column)? {
            documents.insert(kind, text.into());
        }
    }
    Ok(documents)
}

/// A bucket's row, as the transaction sees it.
pub(super) fn row_of(conn: &Connection, name: &BucketName) -> Result<i64, StoreError> {
    let mut statement =
        conn.prepare_cached("SELECT id FROM bucket WHERE name = ?1").map_err(sql)?;
    let row = statement.query_row([name.as_str()], |row| row.get(0)).optional().map_err(sql)?;
    row.ok_or(StoreError::NoSuchBucket)
}

impl DiskStore {
    pub(super) async fn make_bucket(
        &self,
        name: BucketName,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.health.has_room()?;
        let buckets = Arc::clone(&self.buckets);
        let created = whole_millis(at);
        let job = move |work: &mut Work<'_>| {
            let insert =
                "INSERT OR IGNORE INTO bucket (name, created) VALUES (?1, ?2) RETURNING id";
            let mut statement = work.conn.prepare_cached(insert).map_err(sql)?;
            let row = statement
                .query_row((name.as_str(), created.as_millisecond()), |row| row.get(0))
                .optional()
                .map_err(sql)?;
            let row = row.ok_or(StoreError::BucketAlreadyExists)?;
            let bucket = Arc::new(Bucket { row, created, documents: BTreeMap::new() });
            work.after.push(Box::new(move || drop(buckets.change().insert(name, bucket))));
            Ok(())
        };
        self.writer.submit(job).await
    }

    pub(super) async fn remove_bucket(&self, name: BucketName) -> Result<(), StoreError> {
        let buckets = Arc::clone(&self.buckets);
        let job = move |work: &mut Work<'_>| {
            let row = row_of(work.conn, &name)?;
            let any = "SELECT 1 FROM object WHERE bucket = ?1 LIMIT 1";
            let mut statement = work.conn.prepare_cached(any).map_err(sql)?;
            if statement.exists([row]).map_err(sql)? {
                return Err(StoreError::BucketNotEmpty);
            }
            let uploads = rows::uploads_of(work.conn, row)?;
            uploads.into_iter().try_for_each(|upload| rows::drop_upload(work, upload, &NONE))?;
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
            let row = row_of(work.conn, &name)?;
            let update = match kind {
                BucketDocument::Policy => "UPDATE bucket SET policy = ?2 WHERE id = ?1",
                BucketDocument::Cors => "UPDATE bucket SET cors = ?2 WHERE id = ?1",
                BucketDocument::Tagging => "UPDATE bucket SET tagging = ?2 WHERE id = ?1",
            };
            rows::run(work.conn, update, (row, text.as_deref()))?;
            work.after.push(Box::new(move || remember(&buckets, &name, kind, text)));
            Ok(())
        };
        self.writer.submit(job).await
    }
}

/// No extent: everything is to be dropped.
const NONE: [Extent; 0] = [];

fn remember(buckets: &Buckets, name: &BucketName, kind: BucketDocument, text: Option<Arc<str>>) {
    let mut map = buckets.change();
    let Some(bucket) = map.get_mut(name) else { return };
    let documents = &mut Arc::make_mut(bucket).documents;
    match text {
        Some(text) => documents.insert(kind, text),
        None => documents.remove(&kind),
    };
}
