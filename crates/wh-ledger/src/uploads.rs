//! Rows of uploads that were begun in the portal.

use jiff::Timestamp;
use wh_names::{BucketName, ObjectKey, Uid};

use crate::file_requests::{arrived, given_back, is_completing};
use crate::open::{millis, timestamp};
use crate::persons::read_uid;
use crate::sql::{self, Row, Tx};
use crate::{Ledger, LedgerError, RowId};

/// Which unfinished uploads are given up.
#[derive(Debug, Clone, Copy)]
pub struct Stale {
    /// Those that have not changed since.
    pub unchanged: Timestamp,
    /// Those by file requests of which no part has come since: to ask for something holds no room.
    pub of_requests: Timestamp,
    /// Those by file requests that began before, whatever has come of them.
    pub of_requests_begun: Timestamp,
    /// Of those by file requests also what began before, and of which no part has come.
    pub unsent: Timestamp,
}

/// On what condition the object may be written when the upload completes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadCondition {
    /// On none.
    Always,
    /// No object has this key: `If-None-Match: *`.
    Create,
    /// The object still has this `ETag` (without quotes): `If-Match`.
    Replace(String),
}

impl UploadCondition {
    fn kind(&self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Create => "create",
            Self::Replace(_) => "replace",
        }
    }

    fn etag(&self) -> Option<&str> {
        match self {
            Self::Always | Self::Create => None,
            Self::Replace(etag) => Some(etag),
        }
    }

    fn read(kind: &str, etag: Option<String>) -> Result<Self, LedgerError> {
        match (kind, etag) {
            ("always", None) => Ok(Self::Always),
            ("create", None) => Ok(Self::Create),
            ("replace", Some(etag)) => Ok(Self::Replace(etag)),
            _ => Err(LedgerError::Corrupt { column: "condition_kind" }),
        }
    }
}

/// How far an upload has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UploadStatus {
    /// Written down; the store has not been asked yet.
    Begun,
    /// The store has given an upload id; parts may go.
    Transferring,
    /// The object stands.
    Completed,
    /// Given up.
    Aborted,
}

impl UploadStatus {
    /// The status in one lower-case word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Transferring => "transferring",
            Self::Completed => "completed",
            Self::Aborted => "aborted",
        }
    }

    fn read(text: &str) -> Result<Self, LedgerError> {
        [Self::Begun, Self::Transferring, Self::Completed, Self::Aborted]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(LedgerError::Corrupt { column: "status" })
    }
}

/// What the store said of the object that an upload became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadedObject {
    /// Its `ETag`, without quotes; `None` where the store's answer was lost, and nobody may look.
    pub etag: Option<String>,
    /// The CRC-64/NVME of the whole, in Base64.
    pub crc64nvme: String,
}

/// An upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadRow {
    /// What the upload is called in the portal.
    pub id: RowId,
    /// Whose upload it is.
    pub uid: Uid,
    /// By which grant.
    pub grant_id: RowId,
    /// Where to: the bucket.
    pub bucket: BucketName,
    /// Where to: the key.
    pub key: ObjectKey,
    /// The whole size in bytes.
    pub size: u64,
    /// The size of every part but the last, in bytes.
    pub part_size: u64,
    /// The object's media type.
    pub content_type: String,
    /// What the store calls the upload, once it has been asked.
    pub upload_id: Option<String>,
    /// On what condition the object may be written.
    pub condition: UploadCondition,
    /// How far it has come.
    pub status: UploadStatus,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When this row last changed.
    pub updated_at: Timestamp,
    /// When the source file was last modified, in milliseconds since 1970, as the browser says.
    pub last_modified_ms: Option<i64>,
    /// What the store said at the end, once the upload has completed.
    pub object: Option<UploadedObject>,
}

impl Ledger {
    /// Writes an upload down that has not completed.
    pub async fn insert_upload(&self, upload: &UploadRow) -> Result<(), LedgerError> {
        let mut tx = self.writer().begin().await?;
        insert_upload_row(&mut tx, upload).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The upload with this id, of this person; another's is as good as none, and so is what somebody sends by a
    /// file request of theirs.
    pub async fn upload_of(&self, uid: &Uid, id: &RowId) -> Result<Option<UploadRow>, LedgerError> {
        let sql = "SELECT * FROM uploads WHERE id = $1 AND uid = $2
                     AND NOT EXISTS (SELECT 1 FROM file_request_files f WHERE f.upload_id = uploads.id)";
        let row = sql::query(sql)
            .bind(id.as_str())
            .bind(uid.as_str())
            .fetch_optional(self.reader())
            .await?;
        row.as_ref().map(read_upload).transpose()
    }

    /// The upload with this id, whosever it is and whoever sends it.
    pub async fn upload(&self, id: &RowId) -> Result<Option<UploadRow>, LedgerError> {
        let row = sql::query("SELECT * FROM uploads WHERE id = $1").bind(id.as_str());
        row.fetch_optional(self.reader()).await?.as_ref().map(read_upload).transpose()
    }

    /// A person's own unfinished uploads, the newest first.
    pub async fn uploads_unfinished(&self, uid: &Uid) -> Result<Vec<UploadRow>, LedgerError> {
        let sql = "SELECT * FROM uploads WHERE uid = $1 AND status IN ('begun', 'transferring')
                     AND NOT EXISTS (SELECT 1 FROM file_request_files f WHERE f.upload_id = uploads.id)
                   ORDER BY id DESC";
        let rows = sql::query(sql).bind(uid.as_str()).fetch_all(self.reader()).await?;
        rows.iter().map(read_upload).collect()
    }

    /// Everybody's unfinished uploads that are to be given up at these moments, the oldest first.
    pub async fn uploads_stale(&self, stale: &Stale) -> Result<Vec<UploadRow>, LedgerError> {
        let sql = "SELECT * FROM uploads
                   WHERE status IN ('begun', 'transferring')
                     AND (updated_at < $1
                          OR EXISTS (SELECT 1 FROM file_request_files f
                                     WHERE f.upload_id = uploads.id
                                       AND (uploads.created_at < $4
                                            OR (f.completing > 0 AND uploads.updated_at < $2)
                                            OR (f.completing = 0
                                                AND COALESCE(f.passed_at, uploads.created_at) < $2)))
                          OR (created_at < $3
                              AND EXISTS (SELECT 1 FROM file_request_files f
                                          WHERE f.upload_id = uploads.id
                                            AND f.passed_at IS NULL AND f.completing = 0)))
                   ORDER BY updated_at LIMIT 1000";
        let rows = sql::query(sql)
            .bind(millis(stale.unchanged))
            .bind(millis(stale.of_requests))
            .bind(millis(stale.unsent))
            .bind(millis(stale.of_requests_begun))
            .fetch_all(self.reader())
            .await?;
        rows.iter().map(read_upload).collect()
    }

    /// Notes what the store calls a begun upload; it is transferring now. `false`: it was not
    /// begun any more.
    pub async fn upload_transfers(
        &self,
        id: &RowId,
        upload_id: &str,
        at: Timestamp,
    ) -> Result<bool, LedgerError> {
        let sql = "UPDATE uploads SET upload_id = $2, status = 'transferring', updated_at = $3
                   WHERE id = $1 AND status = 'begun'";
        let done = sql::query(sql)
            .bind(id.as_str())
            .bind(upload_id)
            .bind(millis(at))
            .execute(self.writer())
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes that an unfinished upload goes on (its parts are being signed).
    pub async fn touch_upload(&self, id: &RowId, at: Timestamp) -> Result<(), LedgerError> {
        let sql = "UPDATE uploads SET updated_at = $2
                   WHERE id = $1 AND status IN ('begun', 'transferring')";
        sql::query(sql).bind(id.as_str()).bind(millis(at)).execute(self.writer()).await?;
        Ok(())
    }

    /// Notes that an unfinished upload became this object, and so arrived where it was asked for; one of a request
    /// also where it was given up meanwhile, and what was promised to it kept. `false`: it was finished already.
    pub async fn upload_completed(
        &self,
        id: &RowId,
        object: &UploadedObject,
        at: Timestamp,
    ) -> Result<bool, LedgerError> {
        let sql = "UPDATE uploads SET status = 'completed', object_etag = $2,
                          object_crc64nvme = $3, updated_at = $4
                   WHERE id = $1 AND (status IN ('begun', 'transferring')
                     OR (status = 'aborted'
                         AND EXISTS (SELECT 1 FROM file_request_files f
                                     WHERE f.upload_id = uploads.id)))";
        let mut tx = self.writer().begin().await?;
        let done = sql::query(sql)
            .bind(id.as_str())
            .bind(&object.etag)
            .bind(&object.crc64nvme)
            .bind(millis(at))
            .execute(&mut tx)
            .await?;
        if done.rows_affected() != 1 {
            return Ok(false);
        }
        arrived(&mut tx, id, at).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Notes that an unfinished upload was given up, and gives back what was promised to it. `false`: it was finished
    /// already, or is one of a request that the store may just now make an object.
    pub async fn upload_aborted(&self, id: &RowId, at: Timestamp) -> Result<bool, LedgerError> {
        let sql = "UPDATE uploads SET status = 'aborted', updated_at = $2
                   WHERE id = $1 AND status IN ('begun', 'transferring')";
        self.upload_given_up(sql, id, at).await
    }

    /// The same of one of which it is not known what the store calls it. `false`: it is known by now, or it was
    /// finished.
    pub async fn upload_unbegun(&self, id: &RowId, at: Timestamp) -> Result<bool, LedgerError> {
        let sql = "UPDATE uploads SET status = 'aborted', updated_at = $2
                   WHERE id = $1 AND status = 'begun'";
        self.upload_given_up(sql, id, at).await
    }

    async fn upload_given_up(
        &self,
        sql: &'static str,
        id: &RowId,
        at: Timestamp,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let done = sql::query(sql).bind(id.as_str()).bind(millis(at)).execute(&mut tx).await?;
        if done.rows_affected() != 1 {
            return Ok(false);
        }
        if is_completing(&mut tx, id).await? {
            return Ok(false);
        }
        given_back(&mut tx, id).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// Writes an upload down, in the transaction of what it belongs to.
pub(crate) async fn insert_upload_row(tx: &mut Tx, upload: &UploadRow) -> Result<(), LedgerError> {
    let sql = "INSERT INTO uploads
               (id, uid, grant_id, bucket, object_key, size, part_size, content_type,
                upload_id, condition_kind, condition_etag, status, created_at, updated_at,
                last_modified_ms)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    let bytes = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    sql::query(sql)
        .bind(upload.id.as_str())
        .bind(upload.uid.as_str())
        .bind(upload.grant_id.as_str())
        .bind(upload.bucket.as_str())
        .bind(upload.key.as_str())
        .bind(bytes(upload.size))
        .bind(bytes(upload.part_size))
        .bind(&upload.content_type)
        .bind(&upload.upload_id)
        .bind(upload.condition.kind())
        .bind(upload.condition.etag())
        .bind(upload.status.as_str())
        .bind(millis(upload.created_at))
        .bind(millis(upload.updated_at))
        .bind(upload.last_modified_ms)
        .execute(&mut *tx)
        .await
        .map_err(|e| LedgerError::of_write("upload", e))?;
    Ok(())
}

pub(crate) fn read_upload(row: &Row) -> Result<UploadRow, LedgerError> {
    let corrupt = |column| LedgerError::Corrupt { column };
    let bytes = |column| -> Result<u64, LedgerError> {
        u64::try_from(row.try_get::<i64>(column)?).map_err(|_| corrupt(column))
    };
    Ok(UploadRow {
        id: RowId::parse(row.try_get("id")?).map_err(|_| corrupt("id"))?,
        uid: read_uid(row.try_get("uid")?)?,
        grant_id: RowId::parse(row.try_get("grant_id")?).map_err(|_| corrupt("grant_id"))?,
        bucket: BucketName::parse(row.try_get("bucket")?).map_err(|_| corrupt("bucket"))?,
        key: ObjectKey::parse(row.try_get("object_key")?).map_err(|_| corrupt("object_key"))?,
        size: bytes("size")?,
        part_size: bytes("part_size")?,
        content_type: row.try_get("content_type")?,
        upload_id: row.try_get("upload_id")?,
        condition: UploadCondition::read(
            row.try_get("condition_kind")?,
            row.try_get("condition_etag")?,
        )?,
        status: UploadStatus::read(row.try_get("status")?)?,
        created_at: timestamp("created_at", row.try_get("created_at")?)?,
        updated_at: timestamp("updated_at", row.try_get("updated_at")?)?,
        last_modified_ms: row.try_get("last_modified_ms")?,
        object: read_object(row)?,
    })
}

fn read_object(row: &Row) -> Result<Option<UploadedObject>, LedgerError> {
    match (row.try_get("object_etag")?, row.try_get("object_crc64nvme")?) {
        (etag, Some(crc64nvme)) => Ok(Some(UploadedObject { etag, crc64nvme })),
        (None, None) => Ok(None),
        (Some::<String>(_), None) => Err(LedgerError::Corrupt { column: "object_crc64nvme" }),
    }
}
