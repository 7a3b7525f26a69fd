//! Versions: numbers that are raised with each change of what nodes keep in memory.
//!
//! Invariant: a change and the number that tells of it are one transaction.

use crate::sql::{self, On, Tx};
use crate::{Ledger, LedgerError};

/// What nodes keep in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// Users, roles, policies and the like.
    Iam,
    /// Who is shut out, and what was revoked.
    Standing,
    /// Where quotas count.
    Quotas,
}

impl Kept {
    fn as_str(self) -> &'static str {
        match self {
            Self::Iam => "iam",
            Self::Standing => "standing",
            Self::Quotas => "quotas",
        }
    }
}

/// All numbers, as they were at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Versions {
    pub(crate) iam: i64,
    pub(crate) standing: i64,
    pub(crate) quotas: i64,
}

/// The number of one of them.
pub(crate) async fn version(on: impl Into<On<'_>>, kept: Kept) -> Result<i64, LedgerError> {
    let query = sql::query("SELECT version FROM versions WHERE name = $1").bind(kept.as_str());
    Ok(query.fetch_one(on).await?.try_get("version")?)
}

/// Raises a number; the new one comes back.
pub(crate) async fn raise(tx: &mut Tx, kept: Kept) -> Result<i64, LedgerError> {
    let sql = "UPDATE versions SET version = version + 1 WHERE name = $1 RETURNING version";
    let row = sql::query(sql).bind(kept.as_str()).fetch_one(tx).await?;
    Ok(row.try_get("version")?)
}

impl Ledger {
    /// The version of IAM at this very moment; `None` where nobody else changes it.
    pub async fn iam_version(&self) -> Result<Option<i64>, LedgerError> {
        match self.follower() {
            None => Ok(None),
            Some(_) => Ok(Some(version(self.reader(), Kept::Iam).await?)),
        }
    }

    /// The value that all nodes have of `name`: the first one that any of them proposed.
    pub async fn agreed(&self, name: &str, proposed: &str) -> Result<String, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql =
            "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
        sql::query(sql).bind(name).bind(proposed).execute(&mut tx).await?;
        let row = sql::query("SELECT value FROM settings WHERE name = $1").bind(name);
        let value = row.fetch_one(&mut tx).await?.try_get("value")?;
        tx.commit().await?;
        Ok(value)
    }
}
