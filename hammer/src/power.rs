//! Cut the power of the server's disk under load, start it again, and look for what was lost.
//!
//! The data folder lies on a file system of our own ([`outage`]). Its power goes while the server
//! works; then what was not synced survives, goes or is torn, by chance, and the server starts on
//! what is left. Before that, the disk may fail, be full, or take less than it was given.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use outage::{Fate, Mood, Mounted, Record, Tree};

use crate::client::S3;
use crate::content::Random;
use crate::load::{Look, Tally, Worker, look};
use crate::report;
use crate::server::{House, Running};

/// Writers at once.
const WORKERS: u64 = 6;
/// Keys of each writer.
const KEYS_EACH: u64 = 10;
/// How long the load works on a healthy disk, at random in the range.
const HEALTHY_MS: std::ops::Range<u64> = 50..700;
/// How long it works on one that is not.
const UNWELL_MS: std::ops::Range<u64> = 20..200;
/// Between two looks at everything.
const CYCLES_BETWEEN_FULL_LOOKS: u32 = 10;

/// The options of `power-live`.
#[derive(clap::Args)]
pub(crate) struct PowerLive {
    /// How many times
    #[arg(long, default_value_t = 20)]
    cycles: u32,
    /// Seed of the load and of what is left to chance
    #[arg(long)]
    seed: Option<u64>,
}

/// How often the disk was what.
#[derive(Default)]
struct Moods {
    failing: u32,
    full: u32,
    short: u32,
    felt: u64,
}

/// Everything that goes on from cycle to cycle.
struct Live {
    house: House,
    at: PathBuf,
    random: Random,
    workers: Vec<Worker>,
    tally: Tally,
    moods: Moods,
    slowest: Duration,
}

impl PowerLive {
    /// Runs the cycles; fails at the first loss.
    pub(crate) fn run(&self, house: House, scratch: &Path) -> Result<()> {
        let seed = self.seed.unwrap_or(0x5EED);
        report(&format!("power-live: {} power cuts under load, seed {seed}", self.cycles));
        let at = scratch.join("disk");
        std::fs::create_dir(&at)?;
        let mut disk = Mounted::new(&at, &Tree::default(), None, seed)?;
        let house = house.moved_to(at.clone());
        let workers = (0..WORKERS).map(|id| Worker::new(id, seed, KEYS_EACH)).collect();
        let (tally, moods, random) = (Tally::default(), Moods::default(), Random::new(seed));
        let slowest = Duration::ZERO;
        let mut live = Live { house, at, random, workers, tally, moods, slowest };
        let began = Instant::now();
        let mut running = live.house.start()?;
        let portal = live.house.set_up(&running)?;
        let mut s3 = live.house.s3(&portal)?;
        for cycle in 1..=self.cycles {
            let (record, left);
            (disk, record, left) = live.cut(disk, running, &s3)?;
            let full = cycle % CYCLES_BETWEEN_FULL_LOOKS == 0 || cycle == self.cycles;
            let much = if full { Look::Everything } else { Look::Touched };
            let back = live.come_back(much, &portal, &mut s3);
            running = back
                .with_context(|| format!("after power cut {cycle}, seed {seed}"))
                .inspect_err(|_| keep(scratch, &record, &left))?;
        }
        running.kill()?;
        live.tell(self.cycles, began.elapsed());
        Ok(())
    }
}

impl Live {
    /// Lets the load work until the power goes; gives the disk as it is when that is back, and
    /// what was done before.
    fn cut(&mut self, disk: Mounted, running: Running, s3: &S3) -> Result<(Mounted, Record, Tree)> {
        let (mood, stop) = (self.mood(), AtomicBool::new(false));
        let (healthy, unwell) = (self.between(&HEALTHY_MS), self.between(&UNWELL_MS));
        thread::scope(|scope| {
            for worker in &mut self.workers {
                let (client, stop) = (s3.clone(), &stop);
                scope.spawn(move || worker.work(&client, stop));
            }
            thread::sleep(healthy);
            if mood != Mood::Well {
                disk.set_mood(mood);
                thread::sleep(unwell);
            }
            disk.set_mood(Mood::Off);
            let killed = running.kill();
            stop.store(true, Ordering::SeqCst);
            killed
        })?;
        self.moods.felt += disk.failed();
        let chance = self.random.next();
        let left = disk.with_disk(|disk| disk.image(&Fate::drawn(&disk.bits(&[]), chance)));
        let record = disk.unmount()?;
        let disk = Mounted::new(&self.at, &left, None, chance)?;
        Ok((disk, record, left))
    }

    /// Starts the server on what is left, and looks at it.
    fn come_back(
        &mut self,
        much: Look,
        portal: &crate::server::Portal,
        s3: &mut S3,
    ) -> Result<Running> {
        let running = self.house.start().context("the server does not start again")?;
        self.slowest = self.slowest.max(running.started_in);
        if much == Look::Everything {
            *s3 = self.house.s3(portal)?;
        }
        look(&mut self.workers, s3, much, &mut self.tally)?;
        Ok(running)
    }

    /// How the disk will behave before the power goes; mostly well.
    fn mood(&mut self) -> Mood {
        match self.random.below(12) {
            0 | 1 => {
                self.moods.failing += 1;
                Mood::Failing(1 + self.random.below(40))
            }
            2 => {
                self.moods.full += 1;
                Mood::Full
            }
            3 => {
                self.moods.full += 1;
                Mood::Squeezed(1 + self.random.below(20))
            }
            4 | 5 => {
                self.moods.short += 1;
                Mood::Short(1 + self.random.below(4))
            }
            _ => Mood::Well,
        }
    }

    fn between(&mut self, range: &std::ops::Range<u64>) -> Duration {
        Duration::from_millis(range.start + self.random.below(range.end - range.start))
    }

    fn tell(&self, cycles: u32, took: Duration) {
        let Moods { failing, full, short, felt } = &self.moods;
        report(&format!(
            "  {cycles} power cuts in {} s; slowest restart {} ms",
            took.as_secs(),
            self.slowest.as_millis()
        ));
        report(&format!(
            "  before the cut the disk failed {failing} times, was full {full} times and took \
             short writes {short} times; {felt} operations felt it"
        ));
        self.tally.tell(&self.workers);
    }
}

/// Keeps what was done to the disk and what was left of it.
fn keep(scratch: &Path, record: &Record, left: &Tree) {
    let folder = scratch.with_extension("found");
    let kept = std::fs::create_dir_all(folder.join("image"))
        .and_then(|()| record.save(&folder.join("record")))
        .and_then(|()| left.write(&folder.join("image")));
    match kept {
        Ok(()) => report(&format!("  record and image are kept in {}", folder.display())),
        Err(error) => report(&format!("  the image could not be kept: {error}")),
    }
}
