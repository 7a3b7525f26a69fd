//! What the rows of file requests hold, and how they are read.

use jiff::Timestamp;
use wh_names::{SecretDigest, Uid};

use super::phc;
use crate::open::{millis, timestamp};
use crate::persons::read_uid;
use crate::sessions::{hex, unhex};
use crate::sql::{self, Row, Tx};
use crate::{LedgerError, PasswordPhc, RowId};

/// A request. What it opens with is never here, only its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRequestRow {
    /// What the request is called, also in the names of role sessions; it opens nothing.
    pub id: RowId,
    /// Whose it is, and by whose rights files are taken.
    pub uid: Uid,
    /// The digest of what stands in its address.
    pub digest: SecretDigest,
    /// By which grant.
    pub grant_id: RowId,
    /// The folder in the grant's location; empty, or it ends in a slash.
    pub path: String,
    /// What it is called.
    pub title: String,
    /// What senders read.
    pub message: String,
    /// The hash of the password that it asks for, if it does.
    pub password: Option<PasswordPhc>,
    /// How many passwords were wrong, one after another.
    pub wrong_tries: u32,
    /// Whether senders must give a mail address.
    pub asks_email: bool,
    /// Extensions in lower case; none where all are taken.
    pub kinds: Vec<String>,
    /// The largest file, in bytes.
    pub file_bytes_max: u64,
    /// All files together, in bytes.
    pub bytes_max: u64,
    /// All files together.
    pub files_max: u32,
    /// The files of one sender.
    pub sender_files_max: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops, if it does by itself.
    pub expires_at: Option<Timestamp>,
    /// The API token by which it was made, if it was: it ends with it.
    pub token_id: Option<RowId>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Bytes that are promised or have arrived.
    pub bytes: u64,
    /// Files that are promised or have arrived.
    pub files: u32,
    /// Files that have arrived.
    pub arrived: u32,
    /// When one arrived last.
    pub arrived_at: Option<Timestamp>,
    /// How many senders there are of whom something has arrived.
    pub senders: u32,
}

/// Which requests are asked for, the newest first.
#[derive(Debug, Clone, Copy, Default)]
pub struct FileRequestFilter<'a> {
    /// Whose.
    pub uid: Option<&'a Uid>,
    /// Older than this one.
    pub before: Option<&'a RowId>,
}

/// Somebody who sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderRow {
    /// Which one; it opens nothing.
    pub id: RowId,
    /// To which request.
    pub request_id: RowId,
    /// The digest of what their browser holds.
    pub digest: SecretDigest,
    /// What they call themselves.
    pub name: String,
    /// Their mail address as they say, where one is asked for.
    pub email: Option<String>,
    /// The name of their folder in that of the request, without a slash.
    pub folder: String,
    /// When they came.
    pub created_at: Timestamp,
}

/// A file that a sender sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentRow {
    /// The upload.
    pub upload_id: RowId,
    /// Its name in the sender's folder.
    pub name: String,
    /// Bytes.
    pub bytes: u64,
    /// When it arrived.
    pub arrived_at: Option<Timestamp>,
}

pub(super) fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

pub(super) async fn insert_row(tx: &mut Tx, row: &FileRequestRow) -> Result<(), LedgerError> {
    let sql = "INSERT INTO file_requests
                   (id, uid, digest, grant_id, path, title, message, password_phc, asks_email, kinds,
                    file_bytes_max, bytes_max, files_max, sender_files_max, created_at, expires_at,
                    token_id)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
    sql::query(sql)
        .bind(row.id.as_str())
        .bind(row.uid.as_str())
        .bind(hex(&row.digest))
        .bind(row.grant_id.as_str())
        .bind(&row.path)
        .bind(&row.title)
        .bind(&row.message)
        .bind(phc(row.password.as_ref()))
        .bind(i64::from(row.asks_email))
        .bind(row.kinds.join(","))
        .bind(signed(row.file_bytes_max))
        .bind(signed(row.bytes_max))
        .bind(i64::from(row.files_max))
        .bind(i64::from(row.sender_files_max))
        .bind(millis(row.created_at))
        .bind(row.expires_at.map(millis))
        .bind(row.token_id.as_ref().map(RowId::as_str))
        .execute(&mut *tx)
        .await
        .map_err(|e| LedgerError::of_write("file request", e))?;
    Ok(())
}

/// A row whose every column has its word in what goes wrong.
struct Reading<'r>(&'r Row);

impl Reading<'_> {
    fn id(&self, column: &'static str) -> Result<RowId, LedgerError> {
        RowId::parse(self.0.try_get(column)?).map_err(|_| LedgerError::Corrupt { column })
    }

    fn count(&self, column: &'static str) -> Result<u32, LedgerError> {
        let n: i64 = self.0.try_get(column)?;
        u32::try_from(n).map_err(|_| LedgerError::Corrupt { column })
    }

    fn bytes(&self, column: &'static str) -> Result<u64, LedgerError> {
        let n: i64 = self.0.try_get(column)?;
        u64::try_from(n).map_err(|_| LedgerError::Corrupt { column })
    }

    fn moment(&self, column: &'static str) -> Result<Option<Timestamp>, LedgerError> {
        let at: Option<i64> = self.0.try_get(column)?;
        at.map(|at| timestamp(column, at)).transpose()
    }

    fn at(&self, column: &'static str) -> Result<Timestamp, LedgerError> {
        timestamp(column, self.0.try_get(column)?)
    }
}

pub(super) fn read(row: &Row) -> Result<FileRequestRow, LedgerError> {
    let of = Reading(row);
    let password: Option<&str> = row.try_get("password_phc")?;
    let token: Option<&str> = row.try_get("token_id")?;
    let (kinds, asks_email): (&str, i64) = (row.try_get("kinds")?, row.try_get("asks_email")?);
    Ok(FileRequestRow {
        id: of.id("id")?,
        uid: read_uid(row.try_get("uid")?)?,
        digest: unhex("digest", row.try_get("digest")?)?,
        grant_id: of.id("grant_id")?,
        path: row.try_get("path")?,
        title: row.try_get("title")?,
        message: row.try_get("message")?,
        password: password.map(PasswordPhc::from_phc),
        wrong_tries: of.count("wrong_tries")?,
        asks_email: asks_email != 0,
        kinds: kinds.split(',').filter(|kind| !kind.is_empty()).map(str::to_owned).collect(),
        file_bytes_max: of.bytes("file_bytes_max")?,
        bytes_max: of.bytes("bytes_max")?,
        files_max: of.count("files_max")?,
        sender_files_max: of.count("sender_files_max")?,
        created_at: of.at("created_at")?,
        expires_at: of.moment("expires_at")?,
        token_id: token.map(|_| of.id("token_id")).transpose()?,
        revoked_at: of.moment("revoked_at")?,
        bytes: of.bytes("bytes")?,
        files: of.count("files")?,
        arrived: of.count("arrived")?,
        arrived_at: of.moment("arrived_at")?,
        senders: of.count("senders")?,
    })
}

pub(super) fn read_sender(row: &Row) -> Result<SenderRow, LedgerError> {
    let of = Reading(row);
    Ok(SenderRow {
        id: of.id("id")?,
        request_id: of.id("request_id")?,
        digest: unhex("digest", row.try_get("digest")?)?,
        name: row.try_get("name")?,
        email: row.try_get("email")?,
        folder: row.try_get("folder")?,
        created_at: of.at("created_at")?,
    })
}

pub(super) fn read_sent(row: &Row) -> Result<SentRow, LedgerError> {
    let of = Reading(row);
    Ok(SentRow {
        upload_id: of.id("upload_id")?,
        name: row.try_get("name")?,
        bytes: of.bytes("bytes")?,
        arrived_at: of.moment("arrived_at")?,
    })
}
