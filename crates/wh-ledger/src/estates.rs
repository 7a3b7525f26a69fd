//! The descriptions of the estate, one version after the other.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::open::{millis, timestamp};
use crate::sql::{self, Row};
use crate::{Ledger, LedgerError};

/// The setting that holds the last check.
const CHECK: &str = "estate.check";

/// The setting that says when it could not be read back, in milliseconds since 1970; empty where it could.
const UNREAD: &str = "estate.unread";

/// What was found when the estate was last read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EstateCheck {
    /// When it was read back.
    pub checked_at: Timestamp,
    /// What is not as it is described, a sentence each.
    pub differences: Vec<String>,
    /// What is there beside, and is kept.
    pub kept: Vec<String>,
}

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

    /// Writes down what was found when the estate was read back, in the place of what was found before.
    pub async fn put_estate_check(&self, check: &EstateCheck) -> Result<(), LedgerError> {
        let EstateCheck { checked_at, differences, kept } = check;
        let at = checked_at.as_millisecond();
        let value = json!({ "checked_at": at, "differences": differences, "kept": kept });
        self.put_settings(&[(CHECK, &value.to_string()), (UNREAD, "")]).await
    }

    /// Writes down that the estate could not be read back now.
    pub async fn note_estate_unread(&self, now: Timestamp) -> Result<(), LedgerError> {
        self.put_settings(&[(UNREAD, &millis(now).to_string())]).await
    }

    /// When the estate could not be read back, where that failed last.
    pub async fn estate_unread(&self) -> Result<Option<Timestamp>, LedgerError> {
        let text = self.setting(UNREAD).await?.filter(|text| !text.is_empty());
        let Some(text) = text else { return Ok(None) };
        let at = text.parse().map_err(|_| LedgerError::Corrupt { column: UNREAD })?;
        timestamp(UNREAD, at).map(Some)
    }

    /// What was found when the estate was last read back, if it ever was.
    pub async fn estate_check(&self) -> Result<Option<EstateCheck>, LedgerError> {
        let Some(text) = self.setting(CHECK).await? else { return Ok(None) };
        let value: Value =
            serde_json::from_str(&text).map_err(|_| LedgerError::Corrupt { column: CHECK })?;
        let listed = |name: &str| -> Vec<String> {
            let list = value.get(name).and_then(Value::as_array);
            let texts = list.into_iter().flatten().filter_map(Value::as_str);
            texts.map(str::to_owned).collect()
        };
        let at = value.get("checked_at").and_then(Value::as_i64);
        let at = at.ok_or(LedgerError::Corrupt { column: CHECK })?;
        Ok(Some(EstateCheck {
            checked_at: timestamp(CHECK, at)?,
            differences: listed("differences"),
            kept: listed("kept"),
        }))
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
