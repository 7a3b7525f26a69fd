//! Permissions of roles as administrators saved them, one version after the other.

use std::collections::BTreeMap;

use jiff::Timestamp;
use wh_names::{RoleName, Uid};

use crate::open::{millis, timestamp};
use crate::persons::read_uid;
use crate::sql::{self, Row};
use crate::{Ledger, LedgerError};

/// One version of a role's permissions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyVersion {
    /// The role.
    pub role: RoleName,
    /// Its number, from 1.
    pub number: u32,
    /// JSON; `None`: as the estate describes them.
    pub document: Option<String>,
    /// What was said of it.
    pub note: String,
    /// Who saved it.
    pub author: Uid,
    /// When it was saved.
    pub saved_at: Timestamp,
}

impl Ledger {
    /// Saves a version. `false`: somebody else has saved one of this number, and nothing was saved.
    pub async fn add_policy_version(&self, version: &PolicyVersion) -> Result<bool, LedgerError> {
        let mut tx = self.begin().await?;
        let sql = "SELECT COALESCE(MAX(number), 0) AS newest FROM policy_versions WHERE role = $1";
        let row = sql::query(sql).bind(version.role.as_str()).fetch_one(&mut tx).await?;
        let newest: i64 = row.try_get("newest")?;
        if newest + 1 != i64::from(version.number) {
            return Ok(false);
        }
        let sql = "INSERT INTO policy_versions (role, number, document, note, author, saved_at)
                   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING number";
        let saved = sql::query(sql)
            .bind(version.role.as_str())
            .bind(i64::from(version.number))
            .bind(version.document.as_deref())
            .bind(&version.note)
            .bind(version.author.as_str())
            .bind(millis(version.saved_at))
            .fetch_optional(&mut tx)
            .await?;
        if saved.is_none() {
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }

    /// All versions of all roles, the newest first.
    pub async fn policy_versions(&self) -> Result<Vec<PolicyVersion>, LedgerError> {
        let sql = "SELECT * FROM policy_versions ORDER BY saved_at DESC, role, number DESC";
        let rows = sql::query(sql).fetch_all(self.reader()).await?;
        rows.iter().map(read).collect()
    }

    /// The permissions that count, of the roles whose newest version has some.
    pub async fn saved_policies(&self) -> Result<BTreeMap<String, String>, LedgerError> {
        let sql = "SELECT p.role AS role, p.document AS document FROM policy_versions p
                   WHERE p.number = (SELECT MAX(n.number) FROM policy_versions n WHERE n.role = p.role)
                   AND p.document IS NOT NULL";
        let rows = sql::query(sql).fetch_all(self.reader()).await?;
        let pair = |row: &Row| Ok((row.try_get("role")?, row.try_get("document")?));
        rows.iter().map(pair).collect()
    }

    /// When a version was saved last, of any role.
    pub async fn policies_saved_at(&self) -> Result<Option<Timestamp>, LedgerError> {
        let sql = "SELECT MAX(saved_at) AS saved_at FROM policy_versions";
        let row = sql::query(sql).fetch_one(self.reader()).await?;
        let at: Option<i64> = row.try_get("saved_at")?;
        at.map(|at| timestamp("saved_at", at)).transpose()
    }

    /// How many versions there are: another number tells of another version.
    pub async fn policy_versions_counted(&self) -> Result<i64, LedgerError> {
        let query = sql::query("SELECT COUNT(*) AS counted FROM policy_versions");
        Ok(query.fetch_one(self.reader()).await?.try_get("counted")?)
    }
}

fn read(row: &Row) -> Result<PolicyVersion, LedgerError> {
    let corrupt = |column| LedgerError::Corrupt { column };
    let number: i64 = row.try_get("number")?;
    Ok(PolicyVersion {
        role: RoleName::parse(row.try_get("role")?).map_err(|_| corrupt("role"))?,
        number: u32::try_from(number).map_err(|_| corrupt("number"))?,
        document: row.try_get("document")?,
        note: row.try_get("note")?,
        author: read_uid(row.try_get("author")?)?,
        saved_at: timestamp("saved_at", row.try_get("saved_at")?)?,
    })
}
