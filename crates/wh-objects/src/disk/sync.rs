//! The locks, counts, channels and threads of the shelf.
//!
//! They have a room of their own because [`super::schedules`] compiles the shelf once more, with
//! those of a scheduler that tries one order of steps after the other.

use std::io;

pub(super) use std::sync::atomic::{AtomicU64, Ordering};
pub(super) use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

/// Starts a thread that nobody waits for.
pub(super) fn spawn_named(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    std::thread::Builder::new().name(name.to_owned()).spawn(run).map(drop)
}
