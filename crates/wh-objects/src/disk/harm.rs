//! Whom a damaged blob harms: only those who use a range of it that cannot be read.

use std::collections::HashMap;

use rusqlite::Connection;

use super::extent::Extent;
use super::shelf::Shelf;
use super::sound::{BlobRow, FileRead, row};
use crate::StoreError;

/// Damaged blobs that are being looked into.
#[derive(Debug, Default)]
pub(super) struct Harms(HashMap<i64, Option<(BlobRow, Option<FileRead>)>>);

impl Harms {
    /// What is wrong with the bytes of an extent, if anything is.
    pub(super) fn of(&mut self, conn: &Connection, blobs: &Shelf, used: &Extent) -> Option<String> {
        let known = self.0.entry(used.row).or_insert_with(|| {
            let row = row(conn, used.row).ok().flatten()?;
            let file = FileRead::open(conn, blobs, &row).ok();
            Some((row, file.filter(|_| !row.inline)))
        });
        let Some((row, file)) = known else {
            return Some(format!("the row of blob {} is gone", used.blob));
        };
        if row.id != Some(used.blob) || row.inline != used.inline {
            return Some(format!("the row of blob {} is another's", used.blob));
        }
        let end = used.offset.saturating_add(used.len);
        let short = || StoreError::Corrupt { what: format!("blob {} is too short", used.blob) };
        let sound = match file {
            Some(file) => file.is_sound(&(used.offset..end)),
            None if row.inline => row
                .read_inline(conn, blobs)
                .and_then(|data| if data.len() as u64 >= end { Ok(()) } else { Err(short()) }),
            None => Err(StoreError::Corrupt { what: format!("the file of blob {}", used.blob) }),
        };
        sound.err().map(|error| error.to_string())
    }
}
