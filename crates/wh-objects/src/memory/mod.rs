//! The store in memory: the reference that the disk is compared with.

/// A store that forgets everything when it is dropped.
#[derive(Debug, Default)]
pub struct MemoryStore {}
