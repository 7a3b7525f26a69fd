//! Streams keep their order and their sums, whoever is hashed beside them.

use md5::Digest;
use tokio::task::JoinSet;
use wh_md5::{LANES_MAX, Md5};

use super::{Chunk, Md5Pool, Md5Stream, ROUND_BYTES, Shift};
use crate::disk::lane::{Lane, Work};

/// Keeps what passes.
#[derive(Default)]
struct Kept(Vec<u8>);

impl Work for Kept {
    type Piece = Chunk;

    fn work(&mut self, piece: Chunk) {
        self.0.extend_from_slice(&piece);
    }
}

type Pool = Md5Pool<Kept>;

fn begin(pool: &Pool) -> (Md5Stream<Kept>, Lane<Kept>) {
    let lane = Lane::new(Kept::default());
    (pool.begin(Md5::new(), lane.clone()), lane)
}

/// A worker that works only when it is told to: for a pool that starts none.
fn by_hand(pool: &Pool) -> Shift<Kept> {
    Shift { pool: pool.clone(), hand: Vec::new(), is_over: false }
}

/// A small generator (an LCG's high bits); the same seed gives the same numbers.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        usize::try_from(self.0 >> 33).expect("31 bits") % bound
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| u8::try_from(self.below(256)).expect("a byte")).collect()
    }
}

/// Sends a body in pieces and holds what comes of it against the sender's own account.
async fn send(pool: Pool, seed: u64) {
    let mut random = Random(seed);
    let (stream, lane) = begin(&pool);
    let mut body = Vec::new();
    for _ in 0..random.below(12) {
        let longest = [200, 5000, ROUND_BYTES * 2][random.below(3)];
        let len = random.below(longest);
        let piece = random.bytes(len);
        body.extend_from_slice(&piece);
        stream.push(piece);
        if random.below(3) == 0 {
            tokio::task::yield_now().await;
        }
        if seed.is_multiple_of(5) && random.below(6) == 0 {
            // The sender has gone.
            return;
        }
    }
    let sum = stream.end().await.expect("the sum").finish();
    assert_eq!(sum, <[u8; 16]>::from(md5::Md5::digest(&body)), "the sum of stream {seed}");
    assert!(
        lane.end().await.expect("the lane").0 == body,
        "stream {seed} was passed on as it came"
    );
    assert!(stream.end().await.is_none(), "the sum was given away");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_stream_has_its_own_sum_whatever_the_others_do() {
    for workers in [1, 2] {
        let pool = Pool::with_workers(workers);
        let mut senders = JoinSet::new();
        for seed in 0..60 {
            senders.spawn(send(pool.clone(), seed));
        }
        while let Some(sent) = senders.join_next().await {
            sent.expect("a sender that found what it expected");
        }
        // Nothing is left behind, of those that broke off neither.
        let state = pool.lock();
        assert!(state.streams.is_empty());
    }
}

#[tokio::test]
async fn whoever_waits_longest_is_next() {
    let pool = Pool::with_workers(0);
    let streams: Vec<_> = (0..2 * LANES_MAX).map(|_| begin(&pool)).collect();
    for _ in 0..3 {
        for (stream, _) in &streams {
            stream.push(vec![1; ROUND_BYTES]);
        }
    }
    let mut shift = by_hand(&pool);
    let (mut order, mut hashed) = (Vec::new(), Vec::new());
    while shift.fill(&mut hashed) {
        order.extend(shift.hand.iter().map(|piece| piece.id));
        hashed = shift.round();
    }
    let once: Vec<u64> = (1..=2 * LANES_MAX as u64).collect();
    assert_eq!(order, [&once[..], &once, &once].concat());
}

#[tokio::test]
async fn who_comes_later_finds_a_lane_before_a_long_piece_is_done() {
    let pool = Pool::with_workers(0);
    let (long, _lane) = begin(&pool);
    long.push(vec![1; 5 * ROUND_BYTES]);
    let mut shift = by_hand(&pool);
    assert!(shift.fill(&mut Vec::new()));
    let mut hashed = shift.round();
    let (short, _lane) = begin(&pool);
    short.push(vec![2; 10]);
    assert!(shift.fill(&mut hashed));
    assert_eq!(shift.hand.iter().map(|piece| piece.id).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(shift.round().iter().map(|(id, _)| *id).collect::<Vec<_>>(), [2]);
}

#[tokio::test]
async fn nobody_waits_for_a_worker_that_broke_off() {
    let pool = Pool::with_workers(0);
    let streams: Vec<_> = (0..=LANES_MAX).map(|_| begin(&pool)).collect();
    for (stream, _) in &streams {
        stream.push(vec![1; 2 * ROUND_BYTES]);
    }
    let mut shift = by_hand(&pool);
    assert!(shift.fill(&mut Vec::new()));
    drop(shift.round());
    drop(shift);
    for (stream, _) in &streams {
        assert!(stream.end().await.is_none(), "also one that had waited for the worker");
    }
    let (stream, lane) = begin(&pool);
    drop(stream);
    drop(lane);
    assert!(pool.lock().streams.is_empty());
}
