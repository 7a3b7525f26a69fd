//! The port: where backups are kept.

use std::fmt::Debug;
use std::path::Path;

use async_trait::async_trait;

use super::TargetError;
use crate::ByteStream;

/// What is put.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// Bytes at hand.
    Bytes(&'a [u8]),
    /// A file of so many bytes.
    File(&'a Path, u64),
}

impl Source<'_> {
    /// How many bytes there are.
    pub fn size(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File(_, size) => *size,
        }
    }
}

/// A place that keeps files by names of letters, digits, `/`, `.` and `-`.
///
/// What was put is there wholly or not at all, and [`Target::settle`] makes it durable. Methods
/// are called where blocking is allowed.
#[async_trait]
pub trait Target: Debug + Send + Sync {
    /// How people know the place.
    fn describe(&self) -> String;

    /// Puts a file; one that has the name is replaced.
    async fn put(&self, name: &str, source: Source<'_>) -> Result<(), TargetError>;

    /// The bytes of a file, from the place itself; nothing when it is not there.
    async fn get(&self, name: &str) -> Result<Option<ByteStream>, TargetError>;

    /// The names of all files below a folder, which ends in `/`, in order.
    async fn list(&self, folder: &str) -> Result<Vec<String>, TargetError>;

    /// Removes a file; that there is none is fine.
    async fn remove(&self, name: &str) -> Result<(), TargetError>;

    /// Makes durable what was put before.
    async fn settle(&self) -> Result<(), TargetError>;
}
