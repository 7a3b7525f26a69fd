//! A few threads that take work from one queue.
//!
//! Unlike a runtime's blocking threads they are few, so that under load each goes on to the next
//! piece without being woken, and no more are awake than the processors can serve.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::StoreError;

/// A piece of work. One that is dropped tells whoever waits for it.
pub(super) type Piece = Box<dyn FnOnce() + Send>;

/// The threads; they end when this is closed or dropped.
#[derive(Debug)]
pub(super) struct Crew(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    news: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Piece>,
    resting: usize,
    closed: bool,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("queued", &self.queue.len()).finish_non_exhaustive()
    }
}

impl Crew {
    pub(super) fn start(threads: usize) -> io::Result<Self> {
        let crew = Self(Arc::default());
        for _ in 0..threads {
            let shared = Arc::clone(&crew.0);
            let thread = std::thread::Builder::new().name("wh-objects-read".to_owned());
            thread.spawn(move || shared.work())?;
        }
        Ok(crew)
    }

    /// Hands over a piece.
    pub(super) fn give(&self, piece: Piece) -> Result<(), StoreError> {
        let mut state = self.0.lock();
        if state.closed {
            return Err(StoreError::Closed);
        }
        state.queue.push_back(piece);
        let wakes = state.resting > 0;
        drop(state);
        if wakes {
            self.0.news.notify_one();
        }
        Ok(())
    }

    pub(super) fn is_closed(&self) -> bool {
        self.0.lock().closed
    }

    /// Ends the threads once they are done with what they have in hand; what waits is dropped.
    pub(super) fn close(&self) {
        let mut state = self.0.lock();
        state.closed = true;
        let left = std::mem::take(&mut state.queue);
        drop(state);
        self.0.news.notify_all();
        drop(left);
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        while let Some(piece) = self.next() {
            if catch_unwind(AssertUnwindSafe(piece)).is_err() {
                tracing::error!("a read of the index panicked");
            }
        }
    }

    /// The next piece; `None` at the end.
    fn next(&self) -> Option<Piece> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            if let Some(piece) = state.queue.pop_front() {
                return Some(piece);
            }
            state.resting += 1;
            state = self.news.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.resting -= 1;
        }
    }
}
