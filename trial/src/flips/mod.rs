//! `trial flips`: bits that flip on the disk, in every kind of file, in closed and in crashed
//! stores; none may ever be served.
//!
//! What damage may come to: the store is refused at opening; or whatever it hit is answered with
//! an error; or all answers are right. Never a wrong byte, a wrong answer, or something missing.

mod damage;
mod judge;
mod keepsake;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};

use crate::chance::Chance;
use crate::keys::Sealed;
use crate::report;
use damage::Damage;
use judge::{Outcome, judge};
use keepsake::{Keepsake, Left};

/// How many violations are told at length.
const TOLD_MAX: usize = 10;

/// How many panics there were, anywhere in the process.
static PANICS: AtomicU64 = AtomicU64::new(0);

/// Flip bits in the store's files, and see that no wrong byte is served and nothing is missing
#[derive(Debug, clap::Args)]
pub(crate) struct Flips {
    /// How many times to damage a store
    #[arg(long, default_value_t = 500)]
    count: u64,
    /// Seed of the run, printed at the start; the same seed makes the same damage
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many different stores to damage
    #[arg(long, default_value_t = 8)]
    stores: u64,
    /// Only the damage of this number, to look at it again
    #[arg(long)]
    only: Option<u64>,
    /// How many are damaged side by side
    #[arg(long, default_value_t = 2)]
    lanes: u64,
    /// Cut the log short, too. That is the one damage which is known not to be found: a log that
    /// ends early looks like one that was never longer (ADR 10), and what it held is gone
    #[arg(long)]
    cut_logs: bool,
    /// Where to work; memory is enough
    #[arg(long, default_value = "/dev/shm")]
    folder: PathBuf,
    /// Where to write every violation
    #[arg(long, default_value = "target/trial")]
    reports: PathBuf,
}

/// What was counted: by the kind of the damage and of the file, how often it came to what.
#[derive(Debug, Default)]
struct Count {
    outcomes: BTreeMap<(&'static str, String, &'static str), u64>,
    violations: Vec<String>,
}

impl Flips {
    /// Damages and judges.
    pub(crate) fn start(self) -> Result<()> {
        let Self { count, seed, .. } = self;
        report(&format!("flips: {count} times, seed {seed}"));
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            PANICS.fetch_add(1, Ordering::AcqRel);
            before(panic);
        }));
        let home = tempfile::Builder::new().prefix("trial-").tempdir_in(&self.folder);
        let home = home.context("making a folder")?;
        let begun = Instant::now();
        let stores = self.stores(home.path())?;
        let next = AtomicU64::new(self.only.unwrap_or_default());
        let counts: Vec<Result<Count>> = std::thread::scope(|scope| {
            let (this, next, stores) = (&self, &next, &stores);
            let lanes: Vec<_> = (0..self.lanes)
                .map(|number| home.path().join(format!("lane-{number}")))
                .map(|folder| scope.spawn(move || this.lane(next, stores, &folder)))
                .collect();
            let ended = lanes.into_iter().map(std::thread::ScopedJoinHandle::join);
            ended.map(|lane| lane.unwrap_or_else(|_| Err(anyhow!("a panic")))).collect()
        });
        let mut all = Count::default();
        for count in counts {
            all.add(count?);
        }
        report(&format!("in {:.1} s:", begun.elapsed().as_secs_f64()));
        self.conclude(&all)
    }

    fn stores(&self, home: &Path) -> Result<Vec<Keepsake>> {
        let runtime = runtime()?;
        let mut chance = Chance::new(self.seed);
        (0..self.stores)
            .map(|number| {
                let left = if number % 2 == 0 { Left::Closed } else { Left::Crashed };
                let home = home.join(format!("whole-{number}"));
                let sealed = Sealed::nth(number / 2);
                runtime.block_on(Keepsake::make(chance.next(), (left, sealed), &home))
            })
            .collect()
    }

    fn lane(&self, next: &AtomicU64, stores: &[Keepsake], home: &Path) -> Result<Count> {
        let runtime = runtime()?;
        let mut count = Count::default();
        loop {
            let number = next.fetch_add(1, Ordering::AcqRel);
            if self.only.map_or(number >= self.count, |only| number > only) {
                return Ok(count);
            }
            let mut chance = Chance::new(self.seed.rotate_left(32) ^ number);
            let whole = chance.pick(stores).context("there is no store to damage")?;
            let (file, damage, bytes) = self.choose(&mut chance, whole)?;
            whole.copy(home, &file, &bytes)?;
            let panics = PANICS.load(Ordering::Acquire);
            let mut outcome = runtime.block_on(judge(home, whole));
            if PANICS.load(Ordering::Acquire) > panics {
                outcome = Outcome::Broken { how: "panic", what: "see above".to_owned() };
            }
            std::fs::remove_dir_all(home).context("removing the damaged store")?;
            let (left, sealed, file) = (whole.left, whole.sealed, file.display());
            let told =
                format!("number {number}, {left:?}, sealed: {sealed:?}, `{file}`, {damage:?}");
            count.note((damage.name(), &kind(&file.to_string())), outcome, &told);
        }
    }

    /// Damage of a kind that is asked for.
    fn choose(&self, chance: &mut Chance, whole: &Keepsake) -> Result<(PathBuf, Damage, Vec<u8>)> {
        loop {
            let chosen = choose(chance, whole)?;
            let cuts_log =
                matches!(chosen.1, Damage::Cut(_)) && chosen.0.ends_with("index-2.db-wal");
            if self.cut_logs || !cuts_log {
                return Ok(chosen);
            }
        }
    }

    fn conclude(&self, all: &Count) -> Result<()> {
        for ((damage, kind, outcome), count) in &all.outcomes {
            report(&format!("  {damage:<16} {kind:<16} {outcome:<16} {count:>7}"));
        }
        if all.violations.is_empty() {
            report("no wrong byte, no wrong answer, nothing missing, no panic");
            return Ok(());
        }
        for violation in all.violations.iter().take(TOLD_MAX) {
            report(violation);
        }
        std::fs::create_dir_all(&self.reports).context("making the folder of the reports")?;
        let file = self.reports.join(format!("flips-{}.txt", self.seed));
        std::fs::write(&file, all.violations.join("\n")).context("writing the report")?;
        let count = all.violations.len();
        bail!(
            "{count} violations, all in {}; `--seed {} --only NUMBER` makes one again",
            file.display(),
            self.seed
        )
    }
}

impl Count {
    fn note(&mut self, (damage, kind): (&'static str, &str), outcome: Outcome, told: &str) {
        let name = match outcome {
            Outcome::Refused => "refused",
            Outcome::Found => "found",
            Outcome::Harmless => "harmless",
            Outcome::Broken { how, what } => {
                self.violations.push(format!("{how}: {told}\n  {what}"));
                how
            }
        };
        *self.outcomes.entry((damage, kind.to_owned(), name)).or_default() += 1;
    }

    fn add(&mut self, other: Self) {
        for (name, count) in other.outcomes {
            *self.outcomes.entry(name).or_default() += count;
        }
        self.violations.extend(other.violations);
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
    built.context("starting a runtime")
}

/// The kind of a file: its folder if it is in one, else its name.
fn kind(file: &str) -> String {
    file.split('/').next().unwrap_or_default().to_owned()
}

/// Damage that changes something. Half of it hits any byte, half any kind of file.
fn choose(chance: &mut Chance, whole: &Keepsake) -> Result<(PathBuf, Damage, Vec<u8>)> {
    let files: Vec<_> = whole.files.iter().filter(|(_, len)| *len > 0).collect();
    loop {
        let weights: Vec<u64> = if chance.one_in(2) {
            files.iter().map(|(_, len)| *len).collect()
        } else {
            let kind = |path: &Path| kind(&path.to_string_lossy());
            let same = |path: &Path| files.iter().filter(|(p, _)| kind(p) == kind(path)).count();
            files.iter().map(|(path, _)| 1_000_000 / same(path).max(1) as u64).collect()
        };
        let (file, len) = files.get(chance.weighted(&weights)).context("there is no file")?;
        let damage = Damage::random(chance, *len);
        let bytes = std::fs::read(whole.folder.join(file)).context("reading a file")?;
        let damaged = damage.of(bytes.clone());
        if damaged != bytes {
            return Ok((file.clone(), damage, damaged));
        }
    }
}
