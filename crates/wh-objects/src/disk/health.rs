//! Whether the disk can still be trusted, and what an I/O error means.
//!
//! Invariant: after a failed fsync, or an I/O error on the index, nothing is ever acknowledged
//! again by this process. Source: Rebello et al., "Can Applications Recover from fsync Failures?",
//! USENIX ATC 2020. The one exception is a full disk that is only met when a draft is synced: what
//! was lost goes away with the draft.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rustix::io::Errno;

use super::Durability;
use crate::StoreError;

#[derive(Debug)]
pub(super) struct Health {
    read_only: AtomicBool,
    closed: AtomicBool,
    folder: PathBuf,
    reserve_bytes: AtomicU64,
    durability: Durability,
    /// How many bytes of the index's file hold nothing.
    free_in_index: AtomicU64,
}

impl Health {
    pub(super) fn new(folder: PathBuf, reserve_bytes: u64, durability: Durability) -> Self {
        let (read_only, closed) = (AtomicBool::new(false), AtomicBool::new(false));
        let (reserve_bytes, free_in_index) = (AtomicU64::new(reserve_bytes), AtomicU64::new(0));
        Self { read_only, closed, folder, reserve_bytes, durability, free_in_index }
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

    /// Whether the disk has failed.
    pub(super) fn has_failed(&self) -> bool {
        self.read_only.load(Ordering::Acquire)
    }

    /// Refuses everything once the store is closed.
    pub(super) fn readable(&self) -> Result<(), StoreError> {
        if self.closed.load(Ordering::Acquire) { Err(StoreError::Closed) } else { Ok(()) }
    }

    /// As [`Self::writable`], and refuses writes into the index that would eat the reserve kept
    /// for deletes. What is free inside of it is room, too: it never becomes smaller by itself.
    pub(super) fn has_room(&self) -> Result<(), StoreError> {
        let inside = self.free_in_index.load(Ordering::Relaxed);
        self.has_room_with(inside)
    }

    /// As [`Self::has_room`], for a file, which finds no room inside the index.
    pub(super) fn has_room_for_files(&self) -> Result<(), StoreError> {
        self.has_room_with(0)
    }

    fn has_room_with(&self, inside: u64) -> Result<(), StoreError> {
        self.writable()?;
        let stat = rustix::fs::statvfs(&self.folder)
            .map_err(|e| self.io("asking for free space", e.into()))?;
        let outside = stat.f_bavail.saturating_mul(stat.f_frsize);
        if suffices((outside, inside), self.reserve_bytes.load(Ordering::Relaxed)) {
            Ok(())
        } else {
            Err(StoreError::NoSpace)
        }
    }

    /// Hears how many bytes of the index's file hold nothing.
    pub(super) fn hear_of_free(&self, bytes: u64) {
        self.free_in_index.store(bytes, Ordering::Relaxed);
    }

    /// Asks for another reserve: one that no disk has makes it full.
    #[cfg(test)]
    pub(super) fn reserve(&self, bytes: u64) {
        self.reserve_bytes.store(bytes, Ordering::Relaxed);
    }

    #[cfg(test)]
    pub(super) fn free_in_index(&self) -> u64 {
        self.free_in_index.load(Ordering::Relaxed)
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

    /// What an error of fsync means for what has a name: the end, whatever it says. A disk that is
    /// full only now has dropped bytes that it took before.
    pub(super) fn sync(&self, doing: &'static str, source: io::Error) -> StoreError {
        self.fail(doing);
        StoreError::Io { doing, source }
    }

    /// What an error of fsync means for a draft, which nothing names and which goes away now. Where
    /// blocks are given out late, by quotas, or over NFS, that the disk is full may be told only
    /// then, and of this file alone (fsync(2), `ENOSPC` and `EDQUOT`): this write is refused, and
    /// others go on. Anything else is the end.
    pub(super) fn sync_draft(&self, doing: &'static str, source: io::Error) -> StoreError {
        match source.raw_os_error().map(Errno::from_raw_os_error) {
            Some(Errno::NOSPC | Errno::DQUOT) => StoreError::NoSpace,
            _ => self.sync(doing, source),
        }
    }
}

/// Whether what is free outside and inside of the index leaves the reserve whole. Half of it must
/// be outside: the index's log grows there, that of deletes, too.
fn suffices((outside, inside): (u64, u64), reserve: u64) -> bool {
    outside.saturating_add(inside.min(reserve / 2)) >= reserve
}

#[cfg(test)]
mod tests {
    use super::{Health, suffices};
    use crate::StoreError;
    use crate::disk::Durability;

    #[test]
    fn every_error_of_a_sync_is_final() {
        for errno in [5, 28, 122, 4] {
            let health = Health::new("/".into(), 0, Durability::Strict);
            let error = health.sync("syncing", std::io::Error::from_raw_os_error(errno));
            assert!(matches!(error, StoreError::Io { .. }), "{errno}");
            assert!(matches!(health.writable(), Err(StoreError::ReadOnly)), "{errno}");
        }
    }

    #[test]
    fn a_disk_that_is_full_for_a_draft_refuses_it_alone() {
        for (errno, full) in [(28, true), (122, true), (5, false), (4, false), (9, false)] {
            let health = Health::new("/".into(), 0, Durability::Strict);
            let error = health.sync_draft("syncing", std::io::Error::from_raw_os_error(errno));
            assert_eq!(matches!(error, StoreError::NoSpace), full, "{errno}");
            assert_eq!(health.writable().is_ok(), full, "{errno}");
        }
        let health = Health::new("/".into(), 0, Durability::Strict);
        let panicked = health.sync_draft("syncing", std::io::Error::other("it panicked"));
        assert!(matches!(panicked, StoreError::Io { .. }) && health.writable().is_err());
    }

    #[test]
    fn want_of_descriptors_is_no_word_of_the_disk() {
        for errno in [23, 24] {
            let health = Health::new("/".into(), 0, Durability::Strict);
            let error = health.io("opening a folder", std::io::Error::from_raw_os_error(errno));
            assert!(matches!(error, StoreError::Io { .. }), "{errno}");
            assert!(health.writable().is_ok(), "{errno}");
        }
    }

    #[test]
    fn room_inside_the_index_counts_up_to_half_of_the_reserve() {
        let reserve = 32;
        for (outside, inside, enough) in [
            (32, 0, true),
            (31, 0, false),
            (31, 1, true),
            (16, 16, true),
            (16, 15, false),
            (15, 1000, false),
        ] {
            assert_eq!(suffices((outside, inside), reserve), enough, "{outside} and {inside}");
        }
        assert!(suffices((0, 0), 0));
        assert!(!suffices((u64::MAX - 1, 0), u64::MAX));
    }
}
