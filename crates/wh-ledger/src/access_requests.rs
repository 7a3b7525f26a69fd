//! Rows of what persons asked to be let do.
//!
//! Invariant: a request is decided once, and what it gives is given in the same transaction.

use jiff::Timestamp;
use wh_names::{BucketName, KeyPrefix, RoleName, Uid};

use crate::grants::insert_grants;
use crate::open::{millis, timestamp};
use crate::persons::read_uid;
use crate::sql::{self, Row, Tx};
use crate::{GrantRow, Ledger, LedgerError, RowId};

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccessDecision {
    /// Nobody has decided yet.
    Open,
    /// It was given, by this grant.
    Given(RowId),
    /// It was declined, for this reason.
    Declined(Option<String>),
}

/// What a person asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessRequestRow {
    /// What it is called.
    pub id: RowId,
    /// Who asks.
    pub uid: Uid,
    /// Where: the bucket.
    pub bucket: BucketName,
    /// Where: the beginning of keys.
    pub prefix: KeyPrefix,
    /// What was refused: an action as policies name it.
    pub action: String,
    /// The role that would allow it.
    pub role: RoleName,
    /// Why, in the person's words.
    pub note: Option<String>,
    /// When it was asked.
    pub created_at: Timestamp,
    /// What became of it.
    pub decision: AccessDecision,
    /// When it was decided, and by which administrator; by an operator on the machine, where nobody is named.
    pub decided: Option<(Timestamp, Option<Uid>)>,
}

/// What came of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// It was written down.
    New,
    /// The same waits already.
    Again(Box<AccessRequestRow>),
    /// The person has as many open as they may.
    TooMany,
}

impl Ledger {
    /// Writes down what a person asks for, of whom at most `open_max` may be open.
    pub async fn ask_access(
        &self,
        request: &AccessRequestRow,
        open_max: usize,
    ) -> Result<Asked, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "SELECT * FROM access_requests WHERE uid = $1 AND status = 'open'";
        let open = sql::query(sql).bind(request.uid.as_str()).fetch_all(&mut tx).await?;
        let open: Vec<_> = open.iter().map(read).collect::<Result<_, _>>()?;
        let same = |other: &AccessRequestRow| {
            other.bucket == request.bucket
                && other.prefix == request.prefix
                && other.role == request.role
        };
        let count = open.len();
        if let Some(again) = open.into_iter().find(same) {
            return Ok(Asked::Again(Box::new(again)));
        }
        if count >= open_max {
            return Ok(Asked::TooMany);
        }
        insert(&mut tx, request).await?;
        tx.commit().await?;
        Ok(Asked::New)
    }

    /// What active persons ask for and nobody has decided, the oldest first.
    pub async fn open_access_requests(&self) -> Result<Vec<AccessRequestRow>, LedgerError> {
        let sql = "SELECT r.* FROM access_requests r JOIN persons p ON p.uid = r.uid
                   WHERE r.status = 'open' AND p.status = 'active' ORDER BY r.created_at, r.id";
        let rows = sql::query(sql).fetch_all(self.reader()).await?;
        rows.iter().map(read).collect()
    }

    /// What a person asked for since `since`, the newest first.
    pub async fn access_requests_of(
        &self,
        uid: &Uid,
        since: Timestamp,
    ) -> Result<Vec<AccessRequestRow>, LedgerError> {
        let sql = "SELECT * FROM access_requests
                   WHERE uid = $1 AND (status = 'open' OR decided_at >= $2)
                   ORDER BY created_at DESC, id DESC";
        let rows = sql::query(sql).bind(uid.as_str()).bind(millis(since));
        rows.fetch_all(self.reader()).await?.iter().map(read).collect()
    }

    /// A request that nobody has decided yet.
    pub async fn open_access_request(
        &self,
        id: &RowId,
    ) -> Result<Option<AccessRequestRow>, LedgerError> {
        let sql = "SELECT * FROM access_requests WHERE id = $1 AND status = 'open'";
        let row = sql::query(sql).bind(id.as_str()).fetch_optional(self.reader()).await?;
        row.as_ref().map(read).transpose()
    }

    /// Gives what was asked for. `false`: it was decided already, and nothing was given.
    pub async fn give_access(
        &self,
        id: &RowId,
        grant: &GrantRow,
        by: Option<&Uid>,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.begin().await?;
        let sql = "UPDATE access_requests
                   SET status = 'given', decided_at = $2, decided_by = $3, grant_id = $4
                   WHERE id = $1 AND status = 'open'";
        let given = sql::query(sql)
            .bind(id.as_str())
            .bind(millis(grant.created_at))
            .bind(by.map(Uid::as_str))
            .bind(grant.id.as_str());
        if given.execute(&mut tx).await?.rows_affected() == 0 {
            return Ok(false);
        }
        insert_grants(&mut tx, std::slice::from_ref(grant)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Declines what was asked for. `false`: it was decided already.
    pub async fn decline_access(
        &self,
        id: &RowId,
        (at, by): (Timestamp, Option<&Uid>),
        answer: Option<&str>,
    ) -> Result<bool, LedgerError> {
        let sql = "UPDATE access_requests
                   SET status = 'declined', decided_at = $2, decided_by = $3, answer = $4
                   WHERE id = $1 AND status = 'open'";
        let declined = sql::query(sql)
            .bind(id.as_str())
            .bind(millis(at))
            .bind(by.map(Uid::as_str))
            .bind(answer)
            .execute(self.writer())
            .await?;
        Ok(declined.rows_affected() > 0)
    }
}

async fn insert(tx: &mut Tx, request: &AccessRequestRow) -> Result<(), LedgerError> {
    let sql = "INSERT INTO access_requests
               (id, uid, bucket, prefix, action, role, note, created_at, status)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open')";
    sql::query(sql)
        .bind(request.id.as_str())
        .bind(request.uid.as_str())
        .bind(request.bucket.as_str())
        .bind(request.prefix.as_str())
        .bind(&request.action)
        .bind(request.role.as_str())
        .bind(&request.note)
        .bind(millis(request.created_at))
        .execute(&mut *tx)
        .await
        .map_err(|e| LedgerError::of_write("access request", e))?;
    Ok(())
}

fn read(row: &Row) -> Result<AccessRequestRow, LedgerError> {
    let corrupt = |column| LedgerError::Corrupt { column };
    let grant: Option<&str> = row.try_get("grant_id")?;
    let decision = match (row.try_get("status")?, grant) {
        ("open", None) => AccessDecision::Open,
        ("given", Some(id)) => {
            AccessDecision::Given(RowId::parse(id).map_err(|_| corrupt("grant_id"))?)
        }
        ("declined", None) => AccessDecision::Declined(row.try_get("answer")?),
        (_, _) => return Err(corrupt("status")),
    };
    let (at, by): (Option<i64>, Option<&str>) =
        (row.try_get("decided_at")?, row.try_get("decided_by")?);
    let decided = match at {
        Some(at) => Some((timestamp("decided_at", at)?, by.map(read_uid).transpose()?)),
        None => None,
    };
    Ok(AccessRequestRow {
        id: RowId::parse(row.try_get("id")?).map_err(|_| corrupt("id"))?,
        uid: read_uid(row.try_get("uid")?)?,
        bucket: BucketName::parse(row.try_get("bucket")?).map_err(|_| corrupt("bucket"))?,
        prefix: KeyPrefix::parse(row.try_get("prefix")?).map_err(|_| corrupt("prefix"))?,
        action: row.try_get("action")?,
        role: RoleName::parse(row.try_get("role")?).map_err(|_| corrupt("role"))?,
        note: row.try_get("note")?,
        created_at: timestamp("created_at", row.try_get("created_at")?)?,
        decision,
        decided,
    })
}
