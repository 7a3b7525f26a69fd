//! Measuring: rates by this thread's processor time, single decisions by the clock on the wall.
//!
//! Processor time leaves out what other programs take from a busy machine. The clock on the wall is
//! read for single decisions, because reading processor time costs more than a decision does.

use std::hint::black_box;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// How long to measure.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// Rounds, interleaved between engines; the median counts.
    pub rounds: u32,
    /// Processor time of one round of one engine.
    pub round: Duration,
    /// Single decisions that are timed for the percentiles, at most.
    pub samples: u32,
    /// Time for taking these, at most.
    pub sampling: Duration,
    /// When a hostile match is given up.
    pub patience: Duration,
}

impl Effort {
    /// Figures to quote.
    pub fn full() -> Self {
        Self {
            rounds: 7,
            round: Duration::from_millis(150),
            samples: 50_000,
            sampling: Duration::from_millis(500),
            patience: Duration::from_secs(2),
        }
    }

    /// To see that it works.
    pub fn quick() -> Self {
        Self {
            rounds: 3,
            round: Duration::from_millis(20),
            samples: 5_000,
            sampling: Duration::from_millis(50),
            patience: Duration::from_millis(500),
        }
    }
}

/// How long single calls took, in nanoseconds.
#[derive(Debug, Clone, Copy)]
pub struct Percentiles {
    /// Half are as quick as this.
    pub p50: f64,
    /// Ninety-nine of a hundred are as quick as this.
    pub p99: f64,
}

/// Processor time that this thread has used.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::from_secs(seconds) + Duration::from_nanos(time.tv_nsec.unsigned_abs())
}

/// Calls a second, of a work that counts its calls from 0 and comes round after `cycle` of them.
pub fn rate(cycle: usize, round: Duration, work: &dyn Fn(usize)) -> f64 {
    let mut passes_at_once = 1_u32;
    let mut calls = 0.0;
    let begun = processor_time();
    loop {
        let before = processor_time();
        for _ in 0..passes_at_once {
            (0..cycle).for_each(|call| work(black_box(call)));
        }
        let now = processor_time();
        calls += f64::from(passes_at_once) * per_pass(cycle);
        let used = now.saturating_sub(begun);
        if used >= round {
            return calls / used.as_secs_f64();
        }
        // Looking at the clock must not count: a hundredth of a round between two looks.
        if now.saturating_sub(before) < round / 100 {
            passes_at_once = passes_at_once.saturating_mul(2);
        }
    }
}

fn per_pass(cycle: usize) -> f64 {
    u32::try_from(cycle).map_or(f64::INFINITY, f64::from)
}

/// The rate of each work: one unmeasured round, then rounds in turn, and the median of each.
pub fn rates(cycle: usize, effort: Effort, works: &[&dyn Fn(usize)]) -> Vec<f64> {
    let mut found = vec![Vec::new(); works.len()];
    for work in works {
        rate(cycle, effort.round / 2, work);
    }
    for _ in 0..effort.rounds {
        for (work, found) in works.iter().zip(&mut found) {
            found.push(rate(cycle, effort.round, work));
        }
    }
    found.into_iter().map(median).collect()
}

/// How long single calls take, less what reading the clock takes.
pub fn percentiles(cycle: usize, effort: Effort, work: &dyn Fn(usize)) -> Percentiles {
    let clock = median((0..1_000).map(|_| timed(&|| ())).collect());
    let mut times = Vec::new();
    let begun = Instant::now();
    for call in (0..cycle).cycle().take(effort.samples as usize) {
        times.push((timed(&|| work(call)) - clock).max(0.0));
        if begun.elapsed() > effort.sampling {
            break;
        }
    }
    times.sort_by(f64::total_cmp);
    Percentiles { p50: at(&times, 50), p99: at(&times, 99) }
}

fn timed(work: &dyn Fn()) -> f64 {
    let begun = Instant::now();
    work();
    begun.elapsed().as_secs_f64() * 1e9
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    at(&values, 50)
}

fn at(sorted: &[f64], percent: usize) -> f64 {
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(index).copied().unwrap_or(f64::NAN)
}
