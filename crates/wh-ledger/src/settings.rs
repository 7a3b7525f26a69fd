//! Settings that administrators change while the house runs: names and values, as text.

use crate::sql::{self, Tx};
use crate::{Ledger, LedgerError};

impl Ledger {
    /// The value of a setting, if it was ever set.
    pub async fn setting(&self, name: &str) -> Result<Option<String>, LedgerError> {
        let row = sql::query("SELECT value FROM settings WHERE name = $1")
            .bind(name)
            .fetch_optional(self.reader())
            .await?;
        Ok(row.map(|row| row.try_get("value")).transpose()?)
    }

    /// Sets all of these, or none.
    pub async fn put_settings(&self, settings: &[(&str, &str)]) -> Result<(), LedgerError> {
        let mut tx = self.writer().begin().await?;
        write_settings(&mut tx, settings).await?;
        Ok(tx.commit().await?)
    }
}

pub(crate) async fn write_settings(
    tx: &mut Tx,
    settings: &[(&str, &str)],
) -> Result<(), LedgerError> {
    let sql = "INSERT INTO settings (name, value) VALUES ($1, $2)
               ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    for (name, value) in settings {
        sql::query(sql).bind(*name).bind(*value).execute(&mut *tx).await?;
    }
    Ok(())
}
