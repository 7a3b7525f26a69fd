//! How the house was found: the last report, and whose turn it is to make the next.

use std::collections::HashMap;

use jiff::Timestamp;
use wh_names::Uid;

use crate::open::{millis, timestamp};
use crate::persons::read_uid;
use crate::settings::write_settings;
use crate::sql;
use crate::{AuditRecord, Ledger, LedgerError};

/// The setting that holds the last report.
const REPORT: &str = "posture.report";

/// The setting that says until when somebody has the turn, in milliseconds since 1970.
const TURN: &str = "posture.turn";

/// The setting that holds when the last backup was made, in milliseconds since 1970, a blank, and where.
const BACKUP: &str = "backup.last";

/// The last times that somebody did anything at all: a session, a browser, a token or a key was used.
const LAST_ACTIVE: &str = "SELECT uid, MAX(at) AS last_at FROM (
        SELECT uid, last_sign_in_at AS at FROM persons WHERE last_sign_in_at IS NOT NULL
        UNION ALL SELECT uid, seen_at AS at FROM sessions
        UNION ALL SELECT uid, used_at AS at FROM known_devices
        UNION ALL SELECT uid, used_at AS at FROM api_tokens WHERE used_at IS NOT NULL
        UNION ALL SELECT k.uid AS uid, u.used_at AS at FROM person_key_uses u
            JOIN person_keys k ON k.access_key_id = u.access_key_id
    ) AS acts GROUP BY uid";

/// The last backup that this installation knows of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastBackup {
    /// When it was made.
    pub at: Timestamp,
    /// Where it lies: a folder, or `s3://bucket/prefix`.
    pub place: String,
}

impl Ledger {
    /// Takes the turn to look at the house until `until`. `false`: somebody has it.
    pub async fn take_posture_turn(
        &self,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "SELECT value FROM settings WHERE name = $1";
        let held = sql::query(sql).bind(TURN).fetch_optional(&mut tx).await?;
        let held: Option<String> = held.map(|row| row.try_get("value")).transpose()?;
        if held.and_then(|text| text.parse::<i64>().ok()).is_some_and(|held| held > millis(now)) {
            return Ok(false);
        }
        write_settings(&mut tx, &[(TURN, &millis(until).to_string())]).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Gives the turn back that was taken until `until`; nothing, where somebody else has it by now.
    pub async fn end_posture_turn(&self, until: Timestamp) -> Result<(), LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "DELETE FROM settings WHERE name = $1 AND value = $2";
        sql::query(sql).bind(TURN).bind(millis(until).to_string()).execute(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Keeps a report in the place of the last one, and what changed by it in the audit trail, or neither.
    pub async fn put_posture(
        &self,
        report: &str,
        changes: &[AuditRecord],
    ) -> Result<(), LedgerError> {
        let mut tx = self.begin().await?;
        write_settings(&mut tx, &[(REPORT, report)]).await?;
        for change in changes {
            crate::audit::append(&mut tx, change).await?;
        }
        Ok(tx.commit().await?)
    }

    /// The last report, if there ever was one.
    pub async fn posture(&self) -> Result<Option<String>, LedgerError> {
        self.setting(REPORT).await
    }

    /// When each person last did anything, by any of their ways; who is missing never did, as far as is
    /// known.
    pub async fn persons_last_active(&self) -> Result<HashMap<Uid, Timestamp>, LedgerError> {
        let rows = sql::query(LAST_ACTIVE).fetch_all(self.reader()).await?;
        let read = |row: &sql::Row| {
            let at = timestamp("last_at", row.try_get("last_at")?)?;
            Ok((read_uid(row.try_get("uid")?)?, at))
        };
        rows.iter().map(read).collect()
    }

    /// Remembers that a backup was made.
    pub async fn note_backup(&self, backup: &LastBackup) -> Result<(), LedgerError> {
        let value = format!("{} {}", millis(backup.at), backup.place);
        self.put_settings(&[(BACKUP, &value)]).await
    }

    /// The last backup that was made, as far as this installation knows.
    pub async fn last_backup(&self) -> Result<Option<LastBackup>, LedgerError> {
        let Some(text) = self.setting(BACKUP).await? else { return Ok(None) };
        let corrupt = || LedgerError::Corrupt { column: BACKUP };
        let (at, place) = text.split_once(' ').ok_or_else(corrupt)?;
        let at = timestamp(BACKUP, at.parse().map_err(|_| corrupt())?)?;
        Ok(Some(LastBackup { at, place: place.to_owned() }))
    }
}
