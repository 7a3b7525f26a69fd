//! The descriptions of the estate, one version after the other.

use jiff::Timestamp;

use crate::open::{millis, timestamp};
use crate::sql::{self, Row};
use crate::{Ledger, LedgerError};

/// One version of the description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EstateVersion {
    /// Its number, from 1.
    pub number: u32,
    /// When it was taken in.
    pub taken_at: Timestamp,
    /// `estate.toml`, with everything written out.
    pub description: String,
    /// What was said of it.
    pub note: String,
}

impl Ledger {
    /// Takes a description in as the newest version, and returns its number. The same as the newest is
    /// not taken in again.
    pub async fn add_estate(
        &self,
        description: &str,
        note: &str,
        now: Timestamp,
    ) -> Result<u32, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let newest = sql::query("SELECT * FROM estates ORDER BY number DESC LIMIT 1")
            .fetch_optional(&mut tx)
            .await?;
        let newest = newest.as_ref().map(read).transpose()?;
        if let Some(same) = newest.as_ref().filter(|newest| newest.description == description) {
            return Ok(same.number);
        }
        let number = newest.map_or(1, |newest| newest.number + 1);
        let sql = "INSERT INTO estates (number, taken_at, description, note)
                   VALUES ($1, $2, $3, $4)";
        sql::query(sql)
            .bind(i64::from(number))
            .bind(millis(now))
            .bind(description)
            .bind(note)
            .execute(&mut tx)
            .await?;
        tx.commit().await?;
        Ok(number)
    }

    /// All versions, the newest first.
    pub async fn estates(&self) -> Result<Vec<EstateVersion>, LedgerError> {
        let rows = sql::query("SELECT * FROM estates ORDER BY number DESC")
            .fetch_all(self.reader())
            .await?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &Row) -> Result<EstateVersion, LedgerError> {
    let number: i64 = row.try_get("number")?;
    Ok(EstateVersion {
        number: u32::try_from(number).map_err(|_| LedgerError::Corrupt { column: "number" })?,
        taken_at: timestamp("taken_at", row.try_get("taken_at")?)?,
        description: row.try_get("description")?,
        note: row.try_get("note")?,
    })
}
