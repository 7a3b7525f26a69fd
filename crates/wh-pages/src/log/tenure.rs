//! Whether this connection holds the lock for writing the log, and since when.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts how often the lock was taken and given back: odd while it is held.
///
/// The database's file takes the lock and the log's file asks: a mark may only be written while
/// nobody else can have appended.
#[derive(Debug, Default)]
pub(crate) struct Tenure(AtomicU64);

impl Tenure {
    /// The lock was taken.
    pub(crate) fn begin(&self) {
        self.0.fetch_or(1, Ordering::AcqRel);
    }

    /// The lock is about to be given back.
    pub(crate) fn end(&self) {
        let now = self.0.load(Ordering::Acquire);
        self.0.store(now + (now & 1), Ordering::Release);
    }

    /// Which tenure this is, while the lock is held.
    pub(crate) fn held(&self) -> Option<u64> {
        let now = self.0.load(Ordering::Acquire);
        (now & 1 == 1).then_some(now)
    }
}
