//! Where choices come from: a seed, or a fuzzer's bytes.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt as _, SeedableRng as _};

/// Makes choices. The same seed, or the same bytes, make the same choices on every machine.
#[derive(Debug)]
pub struct Dice<'a>(Source<'a>);

#[derive(Debug)]
enum Source<'a> {
    Seed(Box<Xoshiro256PlusPlus>),
    /// When they are used up, every choice is the first.
    Bytes(&'a [u8]),
}

impl<'a> Dice<'a> {
    /// Dice for one case of a run.
    pub fn seeded(seed: u64, case: u64) -> Self {
        let mixed = seed.wrapping_add(case.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        Self(Source::Seed(Box::new(Xoshiro256PlusPlus::seed_from_u64(mixed))))
    }

    /// Dice that a fuzzer has loaded; a byte decides a choice.
    pub fn loaded(bytes: &'a [u8]) -> Self {
        Self(Source::Bytes(bytes))
    }

    /// A number below `limit`; zero where `limit` is zero.
    pub fn below(&mut self, limit: usize) -> usize {
        match &mut self.0 {
            Source::Seed(rng) if limit > 1 => rng.random_range(0..limit),
            Source::Bytes(bytes) if limit > 1 => {
                let (first, rest) = bytes.split_first().unwrap_or((&0, &[]));
                *bytes = rest;
                usize::from(*first) % limit
            }
            Source::Seed(_) | Source::Bytes(_) => 0,
        }
    }

    /// True `percent` times in a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) >= 100 - percent.min(100)
    }

    /// One of the items; the default where there are none.
    pub fn pick<T: Clone + Default>(&mut self, items: &[T]) -> T {
        let at = self.below(items.len());
        items.get(at).cloned().unwrap_or_default()
    }

    /// Puts the items into another order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}
