//! What can be done to a file system, as far as a power cut is concerned.

use std::ffi::OsStr;
use std::sync::Arc;

use bytes::Bytes;

/// The number of a file or folder; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ino(pub u64);

/// The folder that is mounted.
pub const ROOT: Ino = Ino(1);

/// A name in a folder.
pub type Name = Arc<OsStr>;

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
}

/// One operation. It was judged before: names exist, folders that go are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// A file or folder is made under a name.
    Make {
        /// The folder.
        folder: Ino,
        /// The name in it.
        name: Name,
        /// The new node's number.
        ino: Ino,
        /// What it is.
        kind: Kind,
    },
    /// Bytes are written.
    Write {
        /// The file.
        ino: Ino,
        /// Where, in bytes.
        at: u64,
        /// What.
        data: Bytes,
    },
    /// A file is cut, or grown with zeros.
    Resize {
        /// The file.
        ino: Ino,
        /// The new size, in bytes.
        to: u64,
    },
    /// A range within a file becomes zeros.
    Zero {
        /// The file.
        ino: Ino,
        /// Where, in bytes.
        at: u64,
        /// How many bytes.
        len: u64,
    },
    /// A node gets another name, and whatever had that name loses it.
    Rename {
        /// The folder that it leaves.
        folder: Ino,
        /// The name that it had.
        name: Name,
        /// The folder that it comes to.
        to: Ino,
        /// The name that it gets.
        new_name: Name,
    },
    /// A file gets a further name.
    Link {
        /// The file.
        ino: Ino,
        /// The folder.
        folder: Ino,
        /// The name.
        name: Name,
    },
    /// A name goes.
    Remove {
        /// The folder.
        folder: Ino,
        /// The name.
        name: Name,
    },
    /// A file's data and size are made durable.
    SyncFile {
        /// The file.
        ino: Ino,
    },
    /// The names in a folder are made durable.
    SyncFolder {
        /// The folder.
        ino: Ino,
    },
    /// The workload said something.
    Mark(Bytes),
}

impl Op {
    /// What the workload said, where that is what this is.
    pub fn mark(&self) -> Option<&[u8]> {
        if let Self::Mark(text) = self { Some(text) } else { None }
    }
}
