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

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, ScopedJoinHandle};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use outage::Random;

use crate::report;
use case::{Case, Workload};
use tally::Tally;

/// So many images of one recording, more or less, before the next is made.
const IMAGES_EACH: u64 = 25_000;

/// Cut the power of recorded runs, and judge what the store makes of every remnant.
#[derive(clap::Args, Debug, Clone)]
pub(crate) struct Power {
    /// How many images to judge, at least
    #[arg(long, default_value_t = 20_000)]
    images: u64,
    /// Seed of the workloads and of what is left to chance
    #[arg(long)]
    seed: Option<u64>,
    /// How many recordings to take the images of; more images need more
    #[arg(long)]
    recordings: Option<u64>,
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
        let recordings =
            self.recordings.unwrap_or_else(|| self.images.div_ceil(IMAGES_EACH).max(4));
        report(&format!("power: {} images of {recordings} recordings, seed {seed}", self.images));
        let began = Instant::now();
        let (next, total) = (AtomicU64::new(0), Mutex::new(Tally::default()));
        let done = thread::scope(|scope| {
            let work = |worker| self.work(worker, seed, recordings, (&next, &total));
            let workers: Vec<_> =
                (0..self.workers.max(1)).map(|worker| scope.spawn(move || work(worker))).collect();
            workers.into_iter().map(ScopedJoinHandle::join).collect::<Vec<_>>()
        });
        for worker in done {
            worker.map_err(|_| anyhow::anyhow!("a worker panicked"))??;
        }
        let total = total.into_inner().context("a worker panicked")?;
        total.tell(began.elapsed());
        match total.violations {
            0 => Ok(()),
            many => bail!("{many} images were not what they must be"),
        }
    }

    /// Takes one recording after the other, until all are judged.
    fn work(
        &self,
        worker: u64,
        seed: u64,
        recordings: u64,
        (next, total): (&AtomicU64, &Mutex<Tally>),
    ) -> Result<()> {
        let scratch = self.scratch.join(format!("{}-{worker}", std::process::id()));
        std::fs::create_dir_all(&scratch)?;
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= recordings {
                break;
            }
            let workload = Workload::of(seed, number);
            let case = Case::record(workload, &scratch)?;
            let images = self.images.div_ceil(recordings);
            let judged = self.judge(&case, (seed, number, images), &scratch)?;
            let mut total = total.lock().map_err(|_| anyhow::anyhow!("a worker panicked"))?;
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
        scratch: &std::path::Path,
    ) -> Result<Tally> {
        let found = self.scratch.join("found");
        let mut random = Random::of(&[seed, number]);
        let first = cuts::Cuts { case, seed: random.bits(), images: images - images / 4 };
        let mut judged = first.judge(scratch, &found)?;
        for after in first.some_after(scratch, cuts::SECOND_CUTS)? {
            let images = (images / 4).div_ceil(cuts::SECOND_CUTS);
            let second = cuts::Cuts { case: &after, seed: random.bits(), images };
            judged.add(second.judge(scratch, &found)?);
            judged.after_a_cut += 1;
        }
        Ok(judged)
    }
}
