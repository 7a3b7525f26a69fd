//! A copy of the ledger as it is at one moment, for backups.

use std::fs::{File, OpenOptions};
use std::path::Path;

use crate::sql::Pool;
use crate::{Ledger, LedgerError};

impl Ledger {
    /// Writes the ledger as it is now into a new file (mode 0600), durably. Others read on
    /// meanwhile; those who write wait. A ledger on PostgreSQL is not copied: [`LedgerError::Unwritable`].
    pub async fn copy_to(&self, path: &Path) -> Result<(), LedgerError> {
        let unwritable = |error: std::io::Error| LedgerError::Unwritable {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        let Pool::Sqlite(writer) = self.writer() else {
            let reason = "a ledger on PostgreSQL is backed up by PostgreSQL's own tools".to_owned();
            return Err(LedgerError::Unwritable { path: path.to_owned(), reason });
        };
        create(path).map_err(unwritable)?;
        let text = path.to_string_lossy();
        sqlx::query("VACUUM INTO ?1").bind(text.as_ref()).execute(writer).await?;
        File::open(path).and_then(|file| file.sync_all()).map_err(unwritable)
    }
}

/// SQLite takes an empty file for none, and gives it no other mode.
fn create(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
