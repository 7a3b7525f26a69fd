//! A lane: work that is done in order on a blocking thread, for as long as there is some.
//!
//! Whoever hands work over does not wait for it, and no thread waits for work: when the queue is
//! empty, the worker is put down until the next piece comes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

/// What works on the pieces of a lane.
pub(super) trait Work: Send + 'static {
    /// A piece of work.
    type Piece: Send + 'static;

    /// Does a piece. The thread may block.
    fn work(&mut self, piece: Self::Piece);
}

/// A lane. It goes when its last handle goes, with what is still queued.
pub(super) struct Lane<W: Work>(Arc<Mutex<State<W>>>);

impl<W: Work> Clone for Lane<W> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

enum Item<W: Work> {
    Piece(W::Piece),
    /// Gives the worker back, after everything that came before.
    End(oneshot::Sender<W>),
}

struct State<W: Work> {
    queue: VecDeque<Item<W>>,
    at: At<W>,
}

/// Where the worker is.
enum At<W> {
    Rest(W),
    Work,
    /// It was given back, or it panicked.
    Gone,
}

fn lock<W: Work>(state: &Mutex<State<W>>) -> MutexGuard<'_, State<W>> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<W: Work> Lane<W> {
    pub(super) fn new(worker: W) -> Self {
        Self(Arc::new(Mutex::new(State { queue: VecDeque::new(), at: At::Rest(worker) })))
    }

    /// Hands over a piece. Nothing happens with it when the worker is gone.
    pub(super) fn push(&self, piece: W::Piece) {
        self.add(Item::Piece(piece));
    }

    /// Waits until everything is done, and takes the worker back; `None` when it is gone.
    pub(super) async fn end(&self) -> Option<W> {
        let (give, given) = oneshot::channel();
        self.add(Item::End(give));
        given.await.ok()
    }

    fn add(&self, item: Item<W>) {
        let mut state = lock(&self.0);
        match std::mem::replace(&mut state.at, At::Work) {
            At::Gone => state.at = At::Gone,
            At::Work => state.queue.push_back(item),
            At::Rest(worker) => {
                state.queue.push_back(item);
                let lane = Arc::clone(&self.0);
                let shift = Shift { worker: Some(worker), lane, is_over: false };
                drop(state);
                // Its end is told by what it leaves in the lane.
                drop(spawn_blocking(move || shift.run()));
            }
        }
    }
}

/// A worker at work. However it ends, nobody waits for it in vain.
struct Shift<W: Work> {
    worker: Option<W>,
    lane: Arc<Mutex<State<W>>>,
    /// The worker was put down, and may be at work in another shift already.
    is_over: bool,
}

impl<W: Work> Shift<W> {
    fn run(mut self) {
        while let Some(mut worker) = self.worker.take() {
            let mut state = lock(&self.lane);
            let Some(item) = state.queue.pop_front() else {
                state.at = At::Rest(worker);
                self.is_over = true;
                return;
            };
            drop(state);
            match item {
                Item::Piece(piece) => {
                    worker.work(piece);
                    self.worker = Some(worker);
                }
                // Whoever waited may have given up.
                Item::End(give) => drop(give.send(worker)),
            }
        }
    }
}

impl<W: Work> Drop for Shift<W> {
    fn drop(&mut self) {
        if !self.is_over {
            let mut state = lock(&self.lane);
            state.at = At::Gone;
            state.queue.clear();
        }
    }
}
