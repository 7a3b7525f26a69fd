//! Backups of a store that runs, and putting one back.
//!
//! ```text
//! points/<time>.point    one for each backup, written last: what the store was at that time
//! chunks/ab/<sha256>     pieces of the index, of other files and of lists, each kept once
//! blobs/ab/<id>-<sha256> blob files as they are on the disk, sealed ones sealed
//! running/<time>         there while a backup is written
//! pruning/<process>      there while old points are removed
//! ```
//!
//! A [`Target`] is where that is kept: a folder, or a bucket. Blobs are written once and never
//! change, so a backup copies only those that the last one did not have.
//!
//! Invariant: a point exists only when everything that it names was written, read back and
//! compared.

mod error;
mod folder;
mod manifest;
mod mark;
mod pieces;
mod points;
mod prune;
mod restore;
mod run;
mod target;
mod verify;

pub use error::{BackupError, TargetError};
pub use folder::FolderTarget;
pub use points::{Point, Select, list};
pub use prune::{Keep, PruneReport, Unlock, prune};
pub use restore::{RestoreReport, restore};
pub use run::{BackupJob, BackupReport, Extra, backup};
pub use target::{Source, Target};
pub use verify::{VerifyReport, verify};

/// How far a backup, a verification or a restore has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many pieces and blobs are done.
    pub done: u64,
    /// How many there are.
    pub of: u64,
    /// How many bytes were moved or read.
    pub bytes: u64,
}

/// Hears how far it has come.
pub type OnProgress<'a> = &'a mut (dyn FnMut(Progress) + Send);
