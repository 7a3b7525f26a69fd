//! `trial power`: cuts the power of recorded runs at every moment, in every way that the disk
//! allows, and looks what the store makes of what is left.
//!
//! A run is recorded once, by a file system of our own ([`outage`]); then every moment of it gives
//! images, and each image is laid out in a plain folder, opened by the real store and judged
//! against what had been acknowledged by that moment.

mod again;
mod canvas;
mod case;
mod cuts;
mod points;
mod tally;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, ScopedJoinHandle};
use std::time::Instant;

use anyhow::{Result, bail};
use outage::Random;

use crate::report;
use case::{Case, Workload};
use cuts::{Cuts, SECOND_CUTS};
use tally::Tally;

/// So many images of one recording, more or less, before the next is made.
const IMAGES_EACH: u64 = 25_000;

/// At least so many recordings, more or less, however few images are asked for.
const RECORDINGS_MIN: u64 = 8;

/// Cut the power of recorded runs, and judge what the store makes of every remnant.
#[derive(clap::Args, Debug, Clone)]
pub(crate) struct Power {
    /// How many images to judge, at least
    #[arg(long, default_value_t = 20_000)]
    images: u64,
    /// Seed of the workloads and of what is left to chance
    #[arg(long)]
    seed: Option<u64>,
    /// How many images are judged at once
    #[arg(long, default_value_t = 2)]
    workers: u64,
    /// A folder to work in, best in memory; what is found wrong is left there
    #[arg(long, default_value = "/dev/shm/wellhouse-power")]
    scratch: PathBuf,
    /// Judge again what an earlier run left in this folder
    #[arg(long)]
    again: Option<PathBuf>,
}

impl Power {
    /// Makes recordings and judges their images.
    pub(crate) fn start(&self) -> Result<()> {
        if let Some(folder) = &self.again {
            return again::judge(folder, &self.scratch);
        }
        let seed = self.seed.unwrap_or_else(|| u64::from(std::process::id()));
        report(&format!("power: at least {} images, seed {seed}", self.images));
        let began = Instant::now();
        let (next, total) = (AtomicU64::new(0), Mutex::new(Tally::default()));
        let done = thread::scope(|scope| {
            let work = |worker| self.work(worker, seed, (&next, &total));
            let workers: Vec<_> =
                (0..self.workers.max(1)).map(|worker| scope.spawn(move || work(worker))).collect();
            workers.into_iter().map(ScopedJoinHandle::join).collect::<Vec<_>>()
        });
        for worker in done {
            worker.map_err(|_| anyhow::anyhow!("a worker panicked"))??;
        }
        let total = total.into_inner().unwrap_or_else(PoisonError::into_inner);
        total.tell(began.elapsed());
        match total.violations {
            0 => Ok(()),
            many => bail!("{many} images were not what they must be"),
        }
    }

    /// Takes one recording after the other, until there are enough images.
    fn work(
        &self,
        worker: u64,
        seed: u64,
        (next, total): (&AtomicU64, &Mutex<Tally>),
    ) -> Result<()> {
        let scratch = self.scratch.join(format!("{}-{worker}", std::process::id()));
        std::fs::create_dir_all(&scratch)?;
        let images = self.images.div_ceil(RECORDINGS_MIN).min(IMAGES_EACH);
        while total.lock().unwrap_or_else(PoisonError::into_inner).images < self.images {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let case = Case::record(Workload::of(seed, number), &scratch)?;
            let judged = self.judge(&case, (seed, number, images), &scratch)?;
            let mut total = total.lock().unwrap_or_else(PoisonError::into_inner);
            total.add(judged);
            report(&format!("  recording {number}: {}; {}", case.told(), total.told()));
        }
        std::fs::remove_dir_all(&scratch)?;
        Ok(())
    }

    /// Judges the images of a recording, and of what the store did when some of them were opened.
    fn judge(
        &self,
        case: &Case,
        (seed, number, images): (u64, u64, u64),
        scratch: &Path,
    ) -> Result<Tally> {
        let found = self.scratch.join("found");
        let mut random = Random::of(&[seed, number]);
        let first = Cuts { case, seed: random.bits(), images: images - images / 4 };
        let mut judged = first.judge(scratch, &found)?;
        judged.recordings += 1;
        for after in first.some_after(scratch, SECOND_CUTS)? {
            let images = (images / 4).div_ceil(SECOND_CUTS);
            let second = Cuts { case: &after, seed: random.bits(), images };
            judged.add(second.judge(scratch, &found)?);
            judged.after_a_cut += 1;
        }
        Ok(judged)
    }
}
