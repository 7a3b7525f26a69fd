//! A copy of the ledger as it is at one moment, for backups.

use std::fs::{File, OpenOptions};
use std::path::Path;

use crate::{Ledger, LedgerError};

impl Ledger {
    /// Writes the ledger as it is now into a new file (mode 0600), durably. Others read on
    /// meanwhile; those who write wait.
    pub async fn copy_to(&self, path: &Path) -> Result<(), LedgerError> {
        let unwritable = |error: std::io::Error| LedgerError::Unwritable {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        create(path).map_err(unwritable)?;
        let text = path.to_string_lossy();
        sqlx::query("VACUUM INTO ?1").bind(text.as_ref()).execute(self.writer()).await?;
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
