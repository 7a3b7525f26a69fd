//! Section `ledger`: where persons, grants, roles and the audit trail are kept.

use std::path::PathBuf;

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use super::StoreKind;

/// Where persons, grants, roles and the audit trail are kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LedgerConfig {
    /// A PostgreSQL, which several nodes may share: `postgres://user@host:5432/database`, without a
    /// password. SQLite in the data folder where it is missing.
    pub(crate) url: Option<String>,
    /// The file that holds the password; else the variable `WELLHOUSE_LEDGER_PASSWORD`, where it is set.
    pub(crate) password_file: Option<PathBuf>,
    /// The house's schema in the database.
    pub(crate) schema: String,
}

impl Default for LedgerConfig {
    fn default() -> Self {
        Self { url: None, password_file: None, schema: "wellhouse".to_owned() }
    }
}

impl LedgerConfig {
    pub(super) fn check(&self, store: StoreKind) -> Result<()> {
        if self.url.is_some() && store == StoreKind::Embedded {
            bail!(
                "ledger.url is for store.kind = \"gateway\" or \"aws\": an embedded store belongs to \
                 one node, and its ledger stays beside it in the data folder"
            );
        }
        if self.url.is_none() && self.password_file.is_some() {
            bail!("ledger.password_file needs ledger.url: postgres://user@host:5432/database");
        }
        Ok(())
    }
}
