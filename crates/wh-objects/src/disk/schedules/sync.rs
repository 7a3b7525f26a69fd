//! The locks, counts, channels and threads that the scheduler knows, as `disk/sync.rs` has them.

use std::io;

pub(super) use shuttle::sync::atomic::{AtomicU64, Ordering};
pub(super) use shuttle::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};

pub(super) fn spawn_named(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    shuttle::thread::Builder::new().name(name.to_owned()).spawn(run).map(drop)
}
