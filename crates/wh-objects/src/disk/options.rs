//! How a disk store is opened, and why it may not be.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::seal::Keys;

/// Where a disk store lives and how it behaves.
#[derive(Debug, Clone)]
pub struct DiskOptions {
    /// The store's folder; made, with its parents, when it is not there.
    pub folder: PathBuf,
    /// Below so many free bytes on the disk, writes are refused with
    /// [`crate::StoreError::NoSpace`], so that deletes always have room to work.
    pub reserve_bytes: u64,
    /// Whether what is written is encrypted, and the master keys for it.
    pub keys: Keys,
    /// What a write waits for before it is acknowledged.
    pub durability: Durability,
    /// How long the index's write-ahead log becomes, in pages of 4 KiB, before it is moved into
    /// the index and written over. A longer one spares writes; at its length it lies on the disk.
    pub log_pages: u32,
}

/// What a write waits for before it is acknowledged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Durability {
    /// Until it is on the disk: it survives a power cut.
    #[default]
    Strict,
    /// Only until the kernel has it: it survives the end of the process, and a power cut takes
    /// what was acknowledged last. What it leaves half is found when it is read, and not served.
    LosesOnPowerCut,
}

/// The default for [`DiskOptions::reserve_bytes`]: 32 MiB.
const RESERVE_BYTES: u64 = 32 << 20;

/// The default for [`DiskOptions::log_pages`]: 16 MiB.
const LOG_PAGES: u32 = 4096;

impl DiskOptions {
    /// The folder, with everything else as it should be.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            reserve_bytes: RESERVE_BYTES,
            keys: Keys::Off,
            durability: Durability::Strict,
            log_pages: LOG_PAGES,
        }
    }
}

/// Why a disk store could not be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The folder was written by a newer version.
    #[error(
        "a newer version wrote it: the store has format {found}, this version knows up to {known}"
    )]
    NewerVersion {
        /// The format found.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
    /// The folder cannot be written to.
    #[error("the folder `{}` is not writable: {source}", folder.display())]
    NotWritable {
        /// The folder.
        folder: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// Another process has the store open.
    #[error("the store in `{}` is already open", folder.display())]
    Locked {
        /// The folder.
        folder: PathBuf,
    },
    /// An older version wrote the store, and it was not opened since.
    #[error(
        "the store in `{}` has format {found}: start the server once, which upgrades it",
        folder.display()
    )]
    NotUpgraded {
        /// The folder.
        folder: PathBuf,
        /// The format found.
        found: u32,
    },
    /// What is in the folder is not a store, or is damaged.
    #[error("the store in `{}` is damaged: {what}", folder.display())]
    Damaged {
        /// The folder.
        folder: PathBuf,
        /// What was found.
        what: String,
    },
    /// The store is encrypted, and encryption is off.
    #[error(
        "the store in `{}` is encrypted, and no master key is given: give it the key file that it was written with",
        folder.display()
    )]
    KeysOff {
        /// The folder.
        folder: PathBuf,
    },
    /// Something in the store is sealed under a master key that is not in the keyring.
    #[error(
        "the store in `{}` needs the master key `{key}`, which the key file lacks: add its line again, above the current one",
        folder.display()
    )]
    KeyMissing {
        /// The folder.
        folder: PathBuf,
        /// The name of the key.
        key: String,
    },
    /// A master key has the name of one that the store was written with, and is another.
    #[error(
        "the master key `{key}` is not the one that the store in `{}` was written with: the key file has another key under this id",
        folder.display()
    )]
    KeyWrong {
        /// The folder.
        folder: PathBuf,
        /// The name of the key.
        key: String,
    },
    /// The disk is full, or a quota used up. Nothing was lost.
    #[error(
        "the disk under the store in `{}` is full: make room on it, and start again; nothing was lost",
        folder.display()
    )]
    DiskFull {
        /// The folder.
        folder: PathBuf,
    },
    /// The disk failed.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The cause.
        #[source]
        source: io::Error,
    },
}

/// Whether an error of the system says that the disk is full, or a quota used up.
pub(super) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}

impl OpenError {
    /// The stable code of the variant.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NewerVersion { .. } => "store-newer-version",
            Self::NotWritable { .. } => "store-not-writable",
            Self::Locked { .. } => "store-locked",
            Self::NotUpgraded { .. } => "store-not-upgraded",
            Self::Damaged { .. } => "store-damaged",
            Self::KeysOff { .. } => "store-keys-off",
            Self::KeyMissing { .. } => "store-key-missing",
            Self::KeyWrong { .. } => "store-key-wrong",
            Self::DiskFull { .. } => "store-disk-full",
            Self::Io { .. } => "store-io",
        }
    }

    /// Tells want of room from a disk that failed.
    pub(super) fn or_full(self, folder: &Path) -> Self {
        let Self::Io { doing, source } = self else { return self };
        if is_full(&source) {
            return Self::DiskFull { folder: folder.to_owned() };
        }
        Self::Io { doing, source }
    }
}
