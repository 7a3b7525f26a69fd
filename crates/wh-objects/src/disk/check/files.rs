//! Files that nobody names.

use super::{FindingKind, Survey};
use crate::StoreError;
use crate::disk::extent::BlobId;
use crate::disk::index::sql;

/// Looks for files below `blobs` that the index does not name.
pub(super) fn strangers(survey: &mut Survey<'_>) -> Result<(), StoreError> {
    let conn = &survey.closed.conn;
    let text = "SELECT 1 FROM blob WHERE id = ?1 AND data IS NULL";
    let mut statement = conn.prepare(text).map_err(sql)?;
    for id in survey.closed.shelf.folder().every_blob() {
        let reading = |source| StoreError::Io { doing: "looking for orphans", source };
        let id: BlobId = id.map_err(reading)?;
        if !statement.exists([id.to_bytes()]).map_err(sql)? {
            let what = format!("the file of blob {id} has no name in the index");
            survey.report.find(FindingKind::Orphan, what, None);
        }
    }
    Ok(())
}
