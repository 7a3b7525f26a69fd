//! How much is done, where, and how it is timed.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;
use bytes::Bytes;

pub(super) const MIB: usize = 1 << 20;

/// Whether to measure or only to see that it works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// To quote.
    Full,
    /// To see that it works.
    Quick,
}

/// How much to do.
#[derive(Debug, Clone)]
pub(super) struct Effort {
    pub(super) pace: Pace,
    /// How often each side has its turn.
    pub(super) rounds: usize,
    /// The large object, in MiB.
    pub(super) large_mib: usize,
    /// How long a turn of small objects lasts.
    pub(super) turn: Duration,
    /// How many objects are many.
    pub(super) many: u64,
    /// How many objects tell the bytes on the disk of one.
    pub(super) weighed: u64,
}

impl Effort {
    pub(super) fn new(pace: Pace) -> Self {
        let quick = Self {
            pace,
            rounds: 2,
            large_mib: 64,
            turn: Duration::from_millis(300),
            many: 20_000,
            weighed: 5_000,
        };
        let turn = Duration::from_millis(1500);
        match pace {
            Pace::Quick => quick,
            Pace::Full => {
                Self { rounds: 5, large_mib: 1024, turn, many: 1_000_000, weighed: 50_000, ..quick }
            }
        }
    }
}

/// A folder that is empty at the beginning and gone at the end.
#[derive(Debug)]
pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn new(path: &Path) -> Result<Self> {
        if path.exists() {
            std::fs::remove_dir_all(path)?;
        }
        std::fs::create_dir_all(path)?;
        Ok(Self(path.to_owned()))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// A folder in it, for one purpose.
    pub(super) fn folder(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            progress(&format!("the scratch folder was not removed: {error}"));
        }
    }
}

/// Tells, beside the table, what is being done.
pub(super) fn progress(what: &str) {
    let told = writeln!(std::io::stderr(), "bench: {what}");
    drop(told);
}

/// A number for arithmetic on rates.
#[expect(clippy::cast_precision_loss, reason = "a rate to three digits")]
pub(super) fn real(number: u64) -> f64 {
    number as f64
}

/// How many MiB a second so many MiB in such a time are.
pub(super) fn mib_rate(mib: usize, time: Duration) -> f64 {
    real(mib as u64) / time.as_secs_f64()
}

/// Times some work.
pub(super) fn timed(work: impl FnOnce() -> Result<()>) -> Result<Duration> {
    let began = Instant::now();
    work()?;
    Ok(began.elapsed())
}

/// Empties the page cache, where we may; tells whether it did.
pub(super) fn drop_caches() -> bool {
    rustix::fs::sync();
    std::fs::write("/proc/sys/vm/drop_caches", "3").is_ok()
}

/// A small, fast, seeded generator (SplitMix64); the same seed gives the same numbers.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }
}

/// Bytes that no disk compresses; the same seed gives the same.
pub(super) fn noise(seed: u64, size: usize) -> Bytes {
    let mut random = Random::new(seed);
    let mut out = Vec::with_capacity(size + 8);
    while out.len() < size {
        out.extend_from_slice(&random.next().to_le_bytes());
    }
    out.truncate(size);
    out.into()
}
