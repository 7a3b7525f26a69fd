//! Memory for chunks that are read.

use std::sync::{Arc, Mutex, PoisonError};

/// Memory that was read into, for the next chunks of a body: to use it again is cheaper than to
/// have the kernel wipe new pages.
#[derive(Debug)]
pub(in crate::disk) struct Spare {
    kept: Mutex<Vec<Vec<u8>>>,
    max: usize,
}

impl Spare {
    /// Keeps at most so many chunks.
    pub(in crate::disk) fn new(max: usize) -> Arc<Self> {
        Arc::new(Self { kept: Mutex::default(), max })
    }

    pub(super) fn lend(self: &Arc<Self>) -> Lent {
        let memory = self.kept.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Lent { memory: memory.unwrap_or_default(), to: Arc::clone(self) }
    }
}

/// Memory that comes back to the stock when nobody reads it any more.
pub(super) struct Lent {
    pub(super) memory: Vec<u8>,
    to: Arc<Spare>,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.memory
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut kept = self.to.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < self.to.max {
            kept.push(std::mem::take(&mut self.memory));
        }
    }
}
