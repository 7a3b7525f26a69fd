//! Who sends, and what: room for a file is promised before the store is asked, and given back with the upload.

use jiff::Timestamp;
use wh_names::SecretDigest;

use super::rows::{read_sender, read_sent, signed};
use super::{FileRequestRow, SenderRow, SentRow};
use crate::open::millis;
use crate::sessions::hex;
use crate::sql::{self, Tx};
use crate::uploads::{insert_upload_row, read_upload};
use crate::{Ledger, LedgerError, RowId, UploadRow};

/// How much of what was sent is told to a sender at once.
const SENT_LISTED_MAX: i64 = 1_000;

/// A file for which room is asked.
#[derive(Debug)]
pub struct Promised<'a> {
    /// Whose it is.
    pub sender: &'a SenderRow,
    /// Its name in the sender's folder.
    pub name: &'a str,
    /// The same folded: no two files of a sender are alike in it.
    pub name_key: &'a str,
    /// What the sender's browser calls it; no two of a sender are called the same.
    pub client_key: Option<&'a str>,
    /// The upload, which is written down with it.
    pub upload: &'a UploadRow,
}

/// Whether there is room for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// It is promised, and the upload is written down.
    Promised,
    /// The sender has a file of this name.
    NameTaken,
    /// The sender has as many files as one may.
    SenderFull,
    /// The request takes no more files, or not so many bytes; or it has ended, or its person is not active.
    Full,
}

impl Ledger {
    /// Keeps a new sender of a request that counts, and so ends a row of wrong passwords. `false`: it has ended, or
    /// has `max` senders. A folder that another has is a conflict.
    pub async fn insert_sender(&self, sender: &SenderRow, max: u32) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "UPDATE file_requests SET wrong_tries = 0
                   WHERE id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
                     AND (SELECT count(*) FROM file_request_senders WHERE request_id = $1) < $3";
        let done = sql::query(sql).bind(sender.request_id.as_str()).bind(millis(sender.created_at));
        if done.bind(i64::from(max)).execute(&mut tx).await?.rows_affected() == 0 {
            return Ok(false);
        }
        let sql = "INSERT INTO file_request_senders
                       (id, request_id, digest, name, email, folder, created_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        sql::query(sql)
            .bind(sender.id.as_str())
            .bind(sender.request_id.as_str())
            .bind(hex(&sender.digest))
            .bind(&sender.name)
            .bind(&sender.email)
            .bind(&sender.folder)
            .bind(millis(sender.created_at))
            .execute(&mut tx)
            .await
            .map_err(|e| LedgerError::of_write("sender", e))?;
        tx.commit().await?;
        Ok(true)
    }

    /// The sender of a request whose browser holds this.
    pub async fn sender(
        &self,
        request: &RowId,
        digest: &SecretDigest,
    ) -> Result<Option<SenderRow>, LedgerError> {
        let sql = "SELECT * FROM file_request_senders WHERE digest = $1 AND request_id = $2";
        let query = sql::query(sql).bind(hex(digest)).bind(request.as_str());
        query.fetch_optional(self.reader()).await?.as_ref().map(read_sender).transpose()
    }

    /// Promises room for a file and writes its upload down, or says why there is none; then nothing is written.
    pub async fn promise_room(
        &self,
        file: &Promised<'_>,
        now: Timestamp,
    ) -> Result<Room, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let (request, size) = (file.sender.request_id.as_str(), signed(file.upload.size));
        let sql = "UPDATE file_requests SET files = files + 1, bytes = bytes + $2
                   WHERE id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3)
                     AND files < files_max AND $2 <= file_bytes_max AND bytes + $2 <= bytes_max
                     AND EXISTS (SELECT 1 FROM persons p
                                 WHERE p.uid = file_requests.uid AND p.status = 'active')";
        let done = sql::query(sql).bind(request).bind(size).bind(millis(now));
        if done.execute(&mut tx).await?.rows_affected() == 0 {
            return Ok(Room::Full);
        }
        let sql = "UPDATE file_request_senders SET files = files + 1
                   WHERE id = $1 AND request_id = $2
                     AND files < (SELECT sender_files_max FROM file_requests WHERE id = $2)";
        let done = sql::query(sql).bind(file.sender.id.as_str()).bind(request);
        if done.execute(&mut tx).await?.rows_affected() == 0 {
            return Ok(Room::SenderFull);
        }
        let sql = "SELECT 1 FROM file_request_files WHERE sender_id = $1 AND name_key = $2";
        let taken = sql::query(sql).bind(file.sender.id.as_str()).bind(file.name_key);
        if taken.fetch_optional(&mut tx).await?.is_some() {
            return Ok(Room::NameTaken);
        }
        insert_upload_row(&mut tx, file.upload).await?;
        let sql = "INSERT INTO file_request_files
                       (upload_id, request_id, sender_id, name, name_key, bytes, client_key)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        sql::query(sql)
            .bind(file.upload.id.as_str())
            .bind(request)
            .bind(file.sender.id.as_str())
            .bind(file.name)
            .bind(file.name_key)
            .bind(size)
            .bind(file.client_key)
            .execute(&mut tx)
            .await
            .map_err(|e| LedgerError::of_write("file of a request", e))?;
        tx.commit().await?;
        Ok(Room::Promised)
    }

    /// What a sender began that the sender's browser calls so, and its name.
    pub async fn sent_as(
        &self,
        sender: &RowId,
        client_key: &str,
    ) -> Result<Option<(UploadRow, String)>, LedgerError> {
        let sql = "SELECT u.*, f.name AS sent_name
                   FROM uploads u JOIN file_request_files f ON f.upload_id = u.id
                   WHERE f.sender_id = $1 AND f.client_key = $2";
        let row = sql::query(sql).bind(sender.as_str()).bind(client_key);
        let Some(row) = row.fetch_optional(self.reader()).await? else { return Ok(None) };
        Ok(Some((read_upload(&row)?, row.try_get("sent_name")?)))
    }

    /// Of these folded names of a sender's files at most `most` that are taken: the one, and what begins with the
    /// other and a bracket. The one comes first.
    pub async fn names_like(
        &self,
        sender: &RowId,
        (name_key, stem): (&str, &str),
        most: u32,
    ) -> Result<Vec<String>, LedgerError> {
        let sql = "SELECT name_key FROM file_request_files
                   WHERE sender_id = $1 AND (name_key = $2 OR (name_key >= $3 AND name_key < $4))
                   ORDER BY CASE WHEN name_key = $2 THEN 0 ELSE 1 END LIMIT $5";
        // A closing bracket comes next after an opening one.
        let (first, after) = (format!("{stem} ("), format!("{stem} )"));
        let rows = sql::query(sql).bind(sender.as_str()).bind(name_key).bind(&first).bind(&after);
        let rows = rows.bind(i64::from(most)).fetch_all(self.reader()).await?;
        rows.iter().map(|row| Ok(row.try_get("name_key")?)).collect()
    }

    /// Notes that a part of what a sender sends has come.
    pub async fn part_passed(&self, upload: &RowId, at: Timestamp) -> Result<(), LedgerError> {
        let sql = "UPDATE file_request_files SET passed_at = $2 WHERE upload_id = $1";
        let done = sql::query(sql).bind(upload.as_str()).bind(millis(at));
        done.execute(self.writer()).await?;
        Ok(())
    }

    /// The request and the sender of an upload, if it is one of a request.
    pub async fn request_of_upload(
        &self,
        upload: &RowId,
    ) -> Result<Option<(FileRequestRow, SenderRow)>, LedgerError> {
        let sql = "SELECT s.* FROM file_request_senders s
                   JOIN file_request_files f ON f.sender_id = s.id WHERE f.upload_id = $1";
        let row = sql::query(sql).bind(upload.as_str()).fetch_optional(self.reader()).await?;
        let Some(sender) = row.as_ref().map(read_sender).transpose()? else { return Ok(None) };
        let request = self.file_request_by_id(&sender.request_id).await?;
        Ok(request.map(|request| (request, sender)))
    }

    /// The upload of this id, if this sender sends it; another's is as good as none.
    pub async fn upload_of_sender(
        &self,
        sender: &RowId,
        id: &RowId,
    ) -> Result<Option<UploadRow>, LedgerError> {
        let sql = "SELECT u.* FROM uploads u JOIN file_request_files f ON f.upload_id = u.id
                   WHERE u.id = $1 AND f.sender_id = $2";
        let row = sql::query(sql).bind(id.as_str()).bind(sender.as_str());
        row.fetch_optional(self.reader()).await?.as_ref().map(read_upload).transpose()
    }

    /// What a sender has begun to send and not completed, the newest first.
    pub async fn unfinished_of_sender(
        &self,
        sender: &RowId,
    ) -> Result<Vec<UploadRow>, LedgerError> {
        let sql = "SELECT u.* FROM uploads u JOIN file_request_files f ON f.upload_id = u.id
                   WHERE f.sender_id = $1 AND u.status = 'transferring' ORDER BY u.id DESC LIMIT $2";
        let rows = sql::query(sql).bind(sender.as_str()).bind(SENT_LISTED_MAX);
        rows.fetch_all(self.reader()).await?.iter().map(read_upload).collect()
    }

    /// What has arrived of a sender, in the order in which it did; at most a thousand files.
    pub async fn sent_by(&self, sender: &RowId) -> Result<Vec<SentRow>, LedgerError> {
        let sql = "SELECT * FROM file_request_files WHERE sender_id = $1 AND arrived_at IS NOT NULL
                   ORDER BY arrived_at, upload_id LIMIT $2";
        let rows = sql::query(sql).bind(sender.as_str()).bind(SENT_LISTED_MAX);
        rows.fetch_all(self.reader()).await?.iter().map(read_sent).collect()
    }

    /// Notes that the store is about to be asked to make an upload of a request an object: from now on what was
    /// promised to it is not given back. How many times that was so before, of which nobody knows what came of it;
    /// `None`: it is not under way.
    pub async fn completing(
        &self,
        upload: &RowId,
        at: Timestamp,
    ) -> Result<Option<u32>, LedgerError> {
        let mut tx = self.writer().begin().await?;
        // First the row that giving up takes as well: one comes after the other.
        let sql = "UPDATE uploads SET updated_at = $2 WHERE id = $1 AND status = 'transferring'";
        let held = sql::query(sql).bind(upload.as_str()).bind(millis(at));
        if held.execute(&mut tx).await?.rows_affected() == 0 {
            return Ok(None);
        }
        let sql = "UPDATE file_request_files SET completing = completing + 1
                   WHERE upload_id = $1 RETURNING completing";
        let row = sql::query(sql).bind(upload.as_str()).fetch_optional(&mut tx).await?;
        let Some(row) = row else { return Ok(None) };
        let times: i64 = row.try_get("completing")?;
        tx.commit().await?;
        Ok(Some(u32::try_from(times.saturating_sub(1)).unwrap_or(u32::MAX)))
    }

    /// Notes that the store said no for certain, of one time that was noted by [`Ledger::completing`].
    pub async fn not_completing(&self, upload: &RowId) -> Result<(), LedgerError> {
        let sql = "UPDATE file_request_files SET completing = completing - 1
                   WHERE upload_id = $1 AND completing > 0";
        sql::query(sql).bind(upload.as_str()).execute(self.writer()).await?;
        Ok(())
    }

    /// Keeps what was promised to an upload of which nobody knows whether the store has made it an object: its
    /// room and its name stay taken, whatever becomes of the upload.
    pub async fn keep_promise(&self, upload: &RowId, at: Timestamp) -> Result<(), LedgerError> {
        let sql = "UPDATE uploads SET status = 'aborted', updated_at = $2
                   WHERE id = $1 AND status IN ('begun', 'transferring')
                     AND EXISTS (SELECT 1 FROM file_request_files WHERE upload_id = $1)";
        let done = sql::query(sql).bind(upload.as_str()).bind(millis(at));
        done.execute(self.writer()).await?;
        Ok(())
    }
}

/// Gives back what was promised to an upload that is given up, if it is one of a request.
pub(crate) async fn given_back(tx: &mut Tx, upload: &RowId) -> Result<(), LedgerError> {
    let sql = "DELETE FROM file_request_files WHERE upload_id = $1
               RETURNING request_id, sender_id, bytes";
    let row = sql::query(sql).bind(upload.as_str()).fetch_optional(&mut *tx).await?;
    let Some(row) = row else { return Ok(()) };
    let (request, sender): (&str, &str) = (row.try_get("request_id")?, row.try_get("sender_id")?);
    let bytes: i64 = row.try_get("bytes")?;
    let sql = "UPDATE file_requests SET files = files - 1, bytes = bytes - $2 WHERE id = $1";
    sql::query(sql).bind(request).bind(bytes).execute(&mut *tx).await?;
    let sql = "UPDATE file_request_senders SET files = files - 1 WHERE id = $1";
    sql::query(sql).bind(sender).execute(&mut *tx).await?;
    Ok(())
}

/// Whether nobody knows if an upload of a request has become an object.
pub(crate) async fn is_completing(tx: &mut Tx, upload: &RowId) -> Result<bool, LedgerError> {
    let sql = "SELECT 1 FROM file_request_files WHERE upload_id = $1 AND completing > 0";
    Ok(sql::query(sql).bind(upload.as_str()).fetch_optional(&mut *tx).await?.is_some())
}

/// Notes that a file has arrived, if its upload is one of a request.
pub(crate) async fn arrived(tx: &mut Tx, upload: &RowId, at: Timestamp) -> Result<(), LedgerError> {
    let sql = "UPDATE file_request_files SET arrived_at = $2
               WHERE upload_id = $1 AND arrived_at IS NULL RETURNING request_id, sender_id";
    let row =
        sql::query(sql).bind(upload.as_str()).bind(millis(at)).fetch_optional(&mut *tx).await?;
    let Some(row) = row else { return Ok(()) };
    let (request, sender): (&str, &str) = (row.try_get("request_id")?, row.try_get("sender_id")?);
    let sql = "UPDATE file_requests SET arrived = arrived + 1, arrived_at = $2 WHERE id = $1";
    sql::query(sql).bind(request).bind(millis(at)).execute(&mut *tx).await?;
    let sql = "UPDATE file_request_senders SET arrived = arrived + 1 WHERE id = $1";
    sql::query(sql).bind(sender).execute(&mut *tx).await?;
    Ok(())
}
