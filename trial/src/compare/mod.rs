//! `trial model`: random operations on the store in memory and on the disk, which is closed and
//! crashes among them; every answer must be the same.
//!
//! The small test of the same kind in `wh-objects` runs with every build; this one is for millions.

mod answer;
mod bodies;
mod buckets;
mod names;
mod objects;
mod operation;
mod round;
mod shrink;
mod uploads;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};
use tokio::runtime::Runtime;

use crate::chance::Chance;
use crate::keys::Sealed;
use crate::report;
use operation::{Setting, random};
use round::{Divergence, Tally, play};
use shrink::shrink;

pub(crate) use answer::{Answer, answer};
pub(crate) use operation::{OnBucket, Op};
pub(crate) use round::{copy_folder, everything};

/// Compare the disk with the model in memory, over random operations, closings and crashes
#[derive(Debug, clap::Args)]
pub(crate) struct Compare {
    /// How many operations
    #[arg(long, default_value_t = 200_000)]
    ops: u64,
    /// Seed of the run, printed at the start; the same seed makes the same operations
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many operations a round has, after which the stores are compared whole and made anew
    #[arg(long, default_value_t = 2_000)]
    round: u64,
    /// How many rounds are played side by side
    #[arg(long, default_value_t = 2)]
    lanes: u64,
    /// Where to play; memory is enough, for nothing here takes anything from the page cache
    #[arg(long, default_value = "/dev/shm")]
    folder: PathBuf,
}

impl Compare {
    /// Plays all rounds.
    pub(crate) fn start(self) -> Result<()> {
        let Self { ops, seed, round, lanes, .. } = self;
        report(&format!("model: {ops} operations in rounds of {round}, seed {seed}"));
        let begun = Instant::now();
        let (done, failed) = (AtomicU64::new(0), AtomicBool::new(false));
        let results: Vec<Result<Tally>> = std::thread::scope(|scope| {
            let lanes: Vec<_> =
                (0..lanes).map(|_| scope.spawn(|| self.lane(&done, &failed))).collect();
            let ended = lanes.into_iter().map(std::thread::ScopedJoinHandle::join);
            ended.map(|lane| lane.unwrap_or_else(|_| Err(anyhow!("a panic")))).collect()
        });
        let mut tally = Tally::new();
        for result in results {
            result?.into_iter().for_each(|(code, count)| *tally.entry(code).or_default() += count);
        }
        let (done, seconds) = (done.into_inner(), begun.elapsed().as_secs().max(1));
        report(&format!(
            "{done} operations in {seconds} s, {} a second: no divergence",
            done / seconds
        ));
        let answers: Vec<_> = tally.iter().map(|(code, count)| format!("{code} {count}")).collect();
        report(&format!("answers: {}", answers.join(", ")));
        Ok(())
    }

    /// Plays rounds until enough operations are done, or somebody found a divergence.
    fn lane(&self, done: &AtomicU64, failed: &AtomicBool) -> Result<Tally> {
        let mut tally = Tally::new();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("starting a runtime")?;
        while !failed.load(Ordering::Acquire) {
            let from = done.fetch_add(self.round, Ordering::AcqRel);
            if from >= self.ops {
                done.fetch_sub(self.round, Ordering::AcqRel);
                break;
            }
            // Each round has a seed of its own, told by the operation that it begins with.
            let mut chance = Chance::new(self.seed ^ from.rotate_left(32));
            let ops = operations(&mut chance, self.round);
            let result = self.round(&runtime, ops, from, &mut tally);
            if result.is_err() {
                failed.store(true, Ordering::Release);
            }
            result?;
        }
        Ok(tally)
    }

    fn round(&self, runtime: &Runtime, ops: Vec<Op>, from: u64, tally: &mut Tally) -> Result<()> {
        // Every other round is on an encrypted store.
        let sealed = Sealed::nth(from / self.round.max(1));
        let found = played(runtime, (&ops, sealed), &self.folder, tally)
            .with_context(|| format!("in the round from operation {from}, seed {}", self.seed))?;
        let Some(found) = found else { return Ok(()) };
        report(&format!("a divergence, seed {}, round from operation {from}", self.seed));
        tell(&found);
        let end = ops.len().min(found.at + 1);
        let again = |ops: &[Op]| played(runtime, (ops, sealed), &self.folder, &mut Tally::new());
        let fails = |ops: &[Op]| matches!(again(ops), Ok(Some(_)));
        let short = shrink(ops.into_iter().take(end).collect(), fails);
        report(&format!("the same in {} operations:", short.len()));
        for (number, op) in short.iter().enumerate() {
            report(&format!("  {number}: {op:?}"));
        }
        if let Ok(Some(found)) = again(&short) {
            tell(&found);
        }
        bail!("the disk does not do what the model does")
    }
}

/// A round's operations. The first ones make its buckets: one that is not versioned, and one that
/// may be versioned and have object lock from the beginning.
pub(crate) fn operations(chance: &mut Chance, count: u64) -> Vec<Op> {
    let mut ops = vec![OnBucket::Make(0), OnBucket::Make(1)];
    if !chance.one_in(3) {
        ops.push(OnBucket::Change(1, Setting::Enabled));
    }
    if chance.one_in(2) {
        ops.push(OnBucket::Change(1, Setting::Lock(None)));
    }
    let ops = ops.into_iter().map(Op::Bucket);
    ops.chain((0..count).map(|now| random(chance, now))).collect()
}

fn played(
    runtime: &Runtime,
    (ops, sealed): (&[Op], Sealed),
    folder: &Path,
    tally: &mut Tally,
) -> Result<Option<Divergence>> {
    let home = tempfile::Builder::new().prefix("trial-").tempdir_in(folder);
    let home = home.with_context(|| format!("making a folder in {}", folder.display()))?;
    runtime.block_on(play((ops, sealed), home.path(), tally))
}

fn tell(found: &Divergence) {
    let Divergence { at, op, memory, disk } = found;
    report(&format!("operation {at}: {op:?}\n  memory: {memory}\n  disk:   {disk}"));
}
