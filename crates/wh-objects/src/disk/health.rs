//! Whether the disk can still be trusted, and what an I/O error means.
//!
//! Invariant: after a failed fsync, or an I/O error on the index, nothing is ever acknowledged
//! again by this process. Source: Rebello et al., "Can Applications Recover from fsync Failures?",
//! USENIX ATC 2020.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::io::Errno;

use super::Durability;
use crate::StoreError;

#[derive(Debug)]
pub(super) struct Health {
    read_only: AtomicBool,
    closed: AtomicBool,
    folder: PathBuf,
    reserve_bytes: u64,
    durability: Durability,
}

impl Health {
    pub(super) fn new(folder: PathBuf, reserve_bytes: u64, durability: Durability) -> Self {
        let (read_only, closed) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { read_only, closed, folder, reserve_bytes, durability }
    }

    /// Whether a write waits until it is on the disk.
    pub(super) fn is_strict(&self) -> bool {
        self.durability == Durability::Strict
    }

    /// Refuses writes once the disk has failed or the store is closed.
    pub(super) fn writable(&self) -> Result<(), StoreError> {
        if self.read_only.load(Ordering::Acquire) {
            return Err(StoreError::ReadOnly);
        }
        if self.closed.load(Ordering::Acquire) {
            return Err(StoreError::Closed);
        }
        Ok(())
    }

    /// Refuses everything once the store is closed.
    pub(super) fn readable(&self) -> Result<(), StoreError> {
        if self.closed.load(Ordering::Acquire) { Err(StoreError::Closed) } else { Ok(()) }
    }

    /// As [`Self::writable`], and refuses writes that would eat the reserve kept for deletes.
    pub(super) fn has_room(&self) -> Result<(), StoreError> {
        self.writable()?;
        let stat = rustix::fs::statvfs(&self.folder)
            .map_err(|e| self.io("asking for free space", e.into()))?;
        if stat.f_bavail.saturating_mul(stat.f_frsize) < self.reserve_bytes {
            return Err(StoreError::NoSpace);
        }
        Ok(())
    }

    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    /// Ends all writing.
    pub(super) fn fail(&self, doing: &'static str) {
        if !self.read_only.swap(true, Ordering::AcqRel) {
            tracing::error!(doing, "the disk failed; the store takes no more writes");
        }
    }

    /// What an error of a system call means. Errors of the device itself are final.
    pub(super) fn io(&self, doing: &'static str, source: io::Error) -> StoreError {
        match source.raw_os_error().map(Errno::from_raw_os_error) {
            Some(Errno::NOSPC | Errno::DQUOT) => return StoreError::NoSpace,
            Some(Errno::IO | Errno::ROFS | Errno::NXIO | Errno::NODEV | Errno::STALE) => {
                self.fail(doing);
            }
            _ => {}
        }
        StoreError::Io { doing, source }
    }

    /// What an error of fsync means: the end, unless it says that the disk is full and the file
    /// is thrown away.
    pub(super) fn sync(&self, doing: &'static str, source: io::Error) -> StoreError {
        let error = self.io(doing, source);
        if !matches!(error, StoreError::NoSpace) {
            self.fail(doing);
        }
        error
    }
}
