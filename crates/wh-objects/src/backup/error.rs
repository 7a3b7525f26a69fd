//! What can go wrong with a backup.

use std::error::Error;
use std::path::PathBuf;

use thiserror::Error;

use crate::StoreError;

/// Why a target did not do what it was asked for.
#[derive(Debug, Error)]
#[error("{doing}: {source}")]
pub struct TargetError {
    /// What was being done, and with what.
    pub doing: String,
    /// The cause.
    #[source]
    pub source: Box<dyn Error + Send + Sync>,
}

impl TargetError {
    /// An error of `doing` something.
    pub fn new(doing: String, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { doing, source: source.into() }
    }
}

/// Why a backup was not made, verified or put back.
#[derive(Debug, Error)]
pub enum BackupError {
    /// The store refused.
    #[error("the store: {0}")]
    Store(#[from] StoreError),
    /// The target failed.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// A file here could not be read or written.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: String,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// There is no backup at the target.
    #[error("there is no backup in {target}")]
    NoBackup {
        /// The target.
        target: String,
    },
    /// No point is meant by what was asked for.
    #[error("no point of {target} is meant by `{wanted}`; `wellhouse backup list` shows them")]
    NoSuchPoint {
        /// The target.
        target: String,
        /// What was asked for.
        wanted: String,
    },
    /// The target holds the backups of another store.
    #[error("{target} holds the backups of another store, {found}: choose another place")]
    OtherStore {
        /// The target.
        target: String,
        /// The id of the store whose backups are there.
        found: String,
    },
    /// A newer version wrote the point.
    #[error(
        "a newer version wrote point {point}: it has format {found}, this one knows up to {known}"
    )]
    NewerFormat {
        /// The point.
        point: String,
        /// The format found.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
    /// What was read back from the target is not what was written.
    #[error("{what} in {target} is damaged or missing")]
    Damaged {
        /// The target.
        target: String,
        /// Which of its files.
        what: String,
    },
    /// A backup is being written, or was broken off.
    #[error(
        "a backup to {target} has been running since {since}; wait for it, or, if none runs, remove the mark with `--unlock`"
    )]
    Running {
        /// The target.
        target: String,
        /// When it began.
        since: String,
    },
    /// Old points are being removed, or that was broken off.
    #[error(
        "old points of {target} are being removed ({mark}); wait for it, or, if nothing runs, remove the mark with `wellhouse backup prune --unlock`"
    )]
    Pruning {
        /// The target.
        target: String,
        /// The mark.
        mark: String,
    },
    /// Whoever asked for the backup has gone.
    #[error("the backup was given up")]
    GivenUp,
    /// A backup is put back only where there is nothing.
    #[error("the folder `{}` is not empty: name one that is, or that is not there", folder.display())]
    NotEmpty {
        /// The folder.
        folder: PathBuf,
    },
}

impl BackupError {
    /// The stable code of the variant.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(_) => "backup-store",
            Self::Target(_) => "backup-target",
            Self::Io { .. } => "backup-io",
            Self::NoBackup { .. } => "backup-none",
            Self::NoSuchPoint { .. } => "backup-no-such-point",
            Self::OtherStore { .. } => "backup-other-store",
            Self::NewerFormat { .. } => "backup-newer-format",
            Self::Damaged { .. } => "backup-damaged",
            Self::Running { .. } => "backup-running",
            Self::Pruning { .. } => "backup-pruning",
            Self::GivenUp => "backup-given-up",
            Self::NotEmpty { .. } => "backup-not-empty",
        }
    }
}

/// An error of `doing` something with a file here.
pub(super) fn io(doing: impl Into<String>) -> impl FnOnce(std::io::Error) -> BackupError {
    let doing = doing.into();
    move |source| BackupError::Io { doing, source }
}
