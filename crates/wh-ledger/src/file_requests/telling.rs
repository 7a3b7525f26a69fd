//! Of what has arrived, what its person was not told of yet.

use jiff::Timestamp;
use wh_names::Uid;

use crate::open::millis;
use crate::persons::read_uid;
use crate::sql;
use crate::{Ledger, LedgerError, RowId};

/// How many requests are told of at once.
const TOLD_AT_ONCE: i64 = 100;

/// A request of which something arrived that its person was not told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untold {
    /// Which.
    pub id: RowId,
    /// Whose.
    pub uid: Uid,
    /// What it is called.
    pub title: String,
    /// How many files arrived in all.
    pub arrived: u32,
    /// How many of them are new.
    pub new: u32,
}

impl Ledger {
    /// Requests whose persons are to be told that something arrived, and were not since `before`.
    pub async fn untold_file_requests(
        &self,
        before: Timestamp,
    ) -> Result<Vec<Untold>, LedgerError> {
        let sql = "SELECT id, uid, title, arrived, told FROM file_requests
                   WHERE arrived > told AND (told_at IS NULL OR told_at <= $1)
                   ORDER BY id LIMIT $2";
        let rows = sql::query(sql).bind(millis(before)).bind(TOLD_AT_ONCE);
        let rows = rows.fetch_all(self.reader()).await?;
        let read = rows.iter().map(|row| {
            let corrupt = |column| LedgerError::Corrupt { column };
            let arrived: i64 = row.try_get("arrived")?;
            let told: i64 = row.try_get("told")?;
            let new = arrived.saturating_sub(told);
            Ok(Untold {
                id: RowId::parse(row.try_get("id")?).map_err(|_| corrupt("id"))?,
                uid: read_uid(row.try_get("uid")?)?,
                title: row.try_get("title")?,
                arrived: u32::try_from(arrived).map_err(|_| corrupt("arrived"))?,
                new: u32::try_from(new).map_err(|_| corrupt("told"))?,
            })
        });
        read.collect()
    }

    /// Notes that a request's person is told of so many files, with the mails that this ledger carries. `false`:
    /// another node told them first; then nothing is written.
    pub async fn tell_of_file_request(
        &self,
        told: &Untold,
        now: Timestamp,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.begin().await?;
        let sql = "UPDATE file_requests SET told = $2, told_at = $3 WHERE id = $1 AND told = $4";
        let before = told.arrived.saturating_sub(told.new);
        let done = sql::query(sql).bind(told.id.as_str()).bind(i64::from(told.arrived));
        let done = done.bind(millis(now)).bind(i64::from(before)).execute(&mut tx).await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }
}
