//! The MD5s of all bodies that come in, hashed side by side where several wait.
//!
//! A worker takes a piece of each stream that has one, as many as there are lanes, and nobody waits
//! for company: a stream by itself is hashed as fast as if there were no lanes. Who waits longest is
//! taken next, and only for one piece.
//!
//! Invariant: a stream's pieces are hashed in order and by one worker at a time, and passed on in
//! that order after they were hashed.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use tokio::task::spawn_blocking;
use wh_md5::{LANES_MAX, Md5, Piece, update_beside};

use super::lane::{Lane, Work};

/// A piece of a body on its way.
pub(super) type Chunk = Vec<u8>;

/// How much of each stream is hashed before others are let in, in bytes.
const ROUND_BYTES: usize = 64 << 10;

/// Hashes the bodies of one store, and passes their pieces on to a lane of each.
pub(super) struct Md5Pool<W: Work<Piece = Chunk>>(Arc<Mutex<State<W>>>);

struct State<W: Work<Piece = Chunk>> {
    streams: HashMap<u64, Stream<W>>,
    /// Those with something to be done that no worker has in hand, the longest waiting first.
    ready: VecDeque<u64>,
    begun: u64,
    workers: usize,
    workers_max: usize,
}

struct Stream<W: Work<Piece = Chunk>> {
    /// Gone while a worker has it in hand.
    sum: Option<Md5>,
    queue: VecDeque<Item>,
    next: Lane<W>,
}

enum Item {
    Chunk(Chunk),
    /// Gives the sum away, after everything that came before.
    End(oneshot::Sender<Md5>),
}

impl<W: Work<Piece = Chunk>> fmt::Debug for Md5Pool<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Md5Pool").finish_non_exhaustive()
    }
}

impl<W: Work<Piece = Chunk>> Clone for Md5Pool<W> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<W: Work<Piece = Chunk>> Md5Pool<W> {
    /// With half of the processors: what else a body needs takes as much as hashing, and the fewer
    /// workers, the more streams have each other's company.
    pub(super) fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self::with_workers((processors / 2).max(1))
    }

    pub(super) fn with_workers(workers_max: usize) -> Self {
        let (streams, ready) = (HashMap::new(), VecDeque::new());
        let state = State { streams, ready, begun: 0, workers: 0, workers_max };
        Self(Arc::new(Mutex::new(state)))
    }

    /// Begins a stream, whose pieces go on to a lane.
    pub(super) fn begin(&self, sum: Md5, next: Lane<W>) -> Md5Stream<W> {
        let mut state = self.lock();
        state.begun += 1;
        let id = state.begun;
        state.streams.insert(id, Stream { sum: Some(sum), queue: VecDeque::new(), next });
        Md5Stream { id, pool: self.clone() }
    }

    fn lock(&self) -> MutexGuard<'_, State<W>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One body's way through the pool. What is still queued goes with it.
pub(super) struct Md5Stream<W: Work<Piece = Chunk>> {
    id: u64,
    pool: Md5Pool<W>,
}

impl<W: Work<Piece = Chunk>> Md5Stream<W> {
    /// Hands over a piece. Nothing happens with it when the stream has ended.
    pub(super) fn push(&self, chunk: Chunk) {
        self.add(Item::Chunk(chunk));
    }

    /// Waits until everything is hashed and passed on, and takes the sum; `None` when it is gone.
    pub(super) async fn end(&self) -> Option<Md5> {
        let (give, given) = oneshot::channel();
        self.add(Item::End(give));
        given.await.ok()
    }

    fn add(&self, item: Item) {
        let mut state = self.pool.lock();
        let Some(stream) = state.streams.get_mut(&self.id) else { return };
        let was_idle = stream.sum.is_some() && stream.queue.is_empty();
        stream.queue.push_back(item);
        if !was_idle {
            return;
        }
        state.ready.push_back(self.id);
        if state.workers < state.workers_max {
            state.workers += 1;
            drop(state);
            let shift = Shift { pool: self.pool.clone(), hand: Vec::new(), is_over: false };
            // Its end is told by what it leaves in the pool.
            drop(spawn_blocking(move || shift.run()));
        }
    }
}

impl<W: Work<Piece = Chunk>> Drop for Md5Stream<W> {
    fn drop(&mut self) {
        let gone = self.pool.lock().streams.remove(&self.id);
        // A lane may close a file when it goes, which nobody else should wait for.
        drop(gone);
    }
}

impl<W: Work<Piece = Chunk>> State<W> {
    /// Takes the next piece of the stream that has waited longest.
    fn take(&mut self) -> Option<InHand<W>> {
        while let Some(id) = self.ready.pop_front() {
            let Some(stream) = self.streams.get_mut(&id) else { continue };
            let (Some(item), Some(sum)) = (stream.queue.pop_front(), stream.sum.take()) else {
                continue;
            };
            match item {
                Item::Chunk(chunk) => {
                    return Some(InHand { id, sum, chunk, hashed: 0, next: stream.next.clone() });
                }
                // Whoever waited may have given up.
                Item::End(give) => {
                    drop(give.send(sum));
                    self.streams.remove(&id);
                }
            }
        }
        None
    }

    /// Takes back a sum whose piece is hashed.
    fn put_back(&mut self, id: u64, sum: Md5) {
        let Some(stream) = self.streams.get_mut(&id) else { return };
        stream.sum = Some(sum);
        if !stream.queue.is_empty() {
            self.ready.push_back(id);
        }
    }
}

/// A piece that a worker has in hand.
struct InHand<W: Work<Piece = Chunk>> {
    id: u64,
    sum: Md5,
    chunk: Chunk,
    /// How many bytes of the piece are hashed.
    hashed: usize,
    next: Lane<W>,
}

/// A worker at work. However it ends, nobody waits for it in vain.
struct Shift<W: Work<Piece = Chunk>> {
    pool: Md5Pool<W>,
    hand: Vec<InHand<W>>,
    is_over: bool,
}

impl<W: Work<Piece = Chunk>> Shift<W> {
    fn run(mut self) {
        let mut hashed = Vec::new();
        while self.fill(&mut hashed) {
            hashed = self.round();
        }
    }

    /// Gives back the sums whose pieces are hashed, and fills the lanes; `false` when there is
    /// nothing to do.
    fn fill(&mut self, hashed: &mut Vec<(u64, Md5)>) -> bool {
        let mut state = self.pool.lock();
        for (id, sum) in hashed.drain(..) {
            state.put_back(id, sum);
        }
        while self.hand.len() < LANES_MAX
            && let Some(taken) = state.take()
        {
            self.hand.push(taken);
        }
        if self.hand.is_empty() {
            state.workers = state.workers.saturating_sub(1);
            self.is_over = true;
        }
        !self.is_over
    }

    /// Hashes some of every piece in hand, and passes on those that are hashed.
    fn round(&mut self) -> Vec<(u64, Md5)> {
        let mut pieces = Vec::with_capacity(LANES_MAX);
        for InHand { sum, chunk, hashed, .. } in &mut self.hand {
            let rest = chunk.get(*hashed..).unwrap_or_default();
            let data = rest.get(..ROUND_BYTES).unwrap_or(rest);
            *hashed += data.len();
            pieces.push(Piece { sum, data });
        }
        update_beside(&mut pieces);
        drop(pieces);
        let whole = self.hand.extract_if(.., |piece| piece.hashed == piece.chunk.len());
        let pass_on = |piece: InHand<W>| {
            piece.next.push(piece.chunk);
            (piece.id, piece.sum)
        };
        whole.map(pass_on).collect()
    }
}

impl<W: Work<Piece = Chunk>> Drop for Shift<W> {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        // It panicked, or the runtime ended before it began. What only it would have done has ended.
        let mut state = self.pool.lock();
        state.workers = state.workers.saturating_sub(1);
        let mut lost: Vec<_> = self.hand.drain(..).map(|piece| piece.id).collect();
        if state.workers == 0 {
            lost.extend(state.ready.drain(..));
        }
        let gone: Vec<_> = lost.iter().filter_map(|id| state.streams.remove(id)).collect();
        drop(state);
        drop(gone);
    }
}

#[cfg(test)]
mod tests;
