//! `trial syscalls`: every system call that a workload makes on the store's files, one after the
//! other: the process is killed there, and the call fails there.
//!
//! The first runs count the calls, by name; then each is a point. Threads take turns differently
//! from run to run, so a point may not be reached; it is tried again, and told.

mod calls;
mod point;
mod table;
mod traced;
mod tracer;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, bail};

use crate::driver::{Script, Workload};
use crate::model::content::Contents;
use crate::model::random::mix;
use crate::report;
use calls::CALLS;
use point::{Family, Point, Stage, Verdict};
use table::Table;
use tracer::Hit;

pub(crate) use traced::hand_over;

/// The calls are counted in so many runs, and the highest counts are taken.
const COUNTING_RUNS: u32 = 3;

/// A point is tried so often before it counts as not reached.
const ATTEMPTS_MAX: u32 = 5;

/// So many violations are told in full.
const TOLD_MAX: usize = 20;

/// Kill a workload at every system call on the store, and have every one fail.
#[derive(clap::Args, Debug)]
pub(crate) struct Syscalls {
    /// The workload's seed
    #[arg(long, default_value_t = 5)]
    seed: u64,
    /// How many operations it has
    #[arg(long, default_value_t = 200)]
    ops: u64,
    /// Only a share of the points, as `1/10`; which ones follows from `--sample-seed`
    #[arg(long, default_value = "1/1")]
    sample: String,
    /// Chooses the points of the sample
    #[arg(long, default_value_t = 1)]
    sample_seed: u64,
    /// How many runs at once
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// What is done: kill, eio, eio+ (from there on for ever), enospc, edquot, eintr, short; all by default
    #[arg(long, value_delimiter = ',')]
    family: Vec<String>,
    /// One point alone, as `fsync:17:eio`
    #[arg(long)]
    only: Option<String>,
    /// Where stores are made; a file system in memory is fastest
    #[arg(long, default_value = "/dev/shm/wellhouse-trial")]
    scratch: PathBuf,
}

impl Syscalls {
    /// Does everything, prints a table, and fails on the first violation told.
    pub(crate) fn start(&self) -> Result<()> {
        let script = Script::new(self.seed, self.ops, 1)?;
        let contents = Contents::new(self.seed);
        let own = std::process::id().to_string();
        // Calls on descriptors are known by the paths that the kernel tells, which are whole.
        let scratch = std::path::absolute(&self.scratch).context("the scratch folder")?;
        let (stores, logs) =
            (scratch.join(&own), std::env::temp_dir().join(format!("wellhouse-trial-{own}")));
        let stage = |name: &str| Stage {
            folder: stores.join(name),
            logs: logs.join(name),
            work: Workload { seed: self.seed, ops: self.ops, clients: 1, light: false },
            script: &script,
            contents: contents.clone(),
        };
        let done = self.on_stages(&stage);
        if self.only.is_some() {
            report(&format!("left in {} and {}", stores.display(), logs.display()));
            return done;
        }
        for folder in [&stores, &logs] {
            std::fs::remove_dir_all(folder).context("removing the scratch folder")?;
        }
        done
    }

    fn on_stages<'s>(&self, stage: &(dyn Fn(&str) -> Stage<'s> + Sync)) -> Result<()> {
        let points = match &self.only {
            Some(only) => vec![Point::parse(only)?],
            None => self.points(&stage("count"))?,
        };
        let (seed, ops) = (self.seed, self.ops);
        report(&format!("seed {seed}, {ops} operations, {} points", points.len()));
        let table = Mutex::new(Table::default());
        let next = AtomicUsize::new(0);
        let worker = |name: String| -> Result<()> {
            let stage = stage(&name);
            while let Some(point) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
                let verdict = try_often(&stage, *point)?;
                let mut table = table.lock().map_err(|_| anyhow::anyhow!("a worker panicked"))?;
                self.tell(*point, &verdict, table.violations());
                table.count(*point, &verdict);
            }
            Ok(())
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..self.jobs.max(1))
                .map(|job| scope.spawn(move || worker(format!("job{job}"))))
                .collect();
            let mut ended = workers.into_iter().map(std::thread::ScopedJoinHandle::join);
            ended.try_for_each(|e| e.map_err(|_| anyhow::anyhow!("a worker panicked"))?)
        })?;
        let table = table.into_inner().map_err(|_| anyhow::anyhow!("a worker panicked"))?;
        table.lines().iter().for_each(|line| report(line));
        match table.violations() {
            0 => Ok(()),
            violations => bail!("{violations} points with violations"),
        }
    }

    fn tell(&self, point: Point, verdict: &Verdict, before: usize) {
        if verdict.violations.is_empty() || before >= TOLD_MAX {
            return;
        }
        let (seed, ops) = (self.seed, self.ops);
        report(&format!("VIOLATION at {point}"));
        if let Some(Hit { thread, on, .. }) = &verdict.hit {
            report(&format!("  thread {thread}, on {on}"));
        }
        report(&format!(
            "  again: cargo xtask trial syscalls --seed {seed} --ops {ops} --only {point}"
        ));
        for violation in &verdict.violations {
            report(&format!("  {violation}"));
        }
    }

    /// Counts the calls and chooses the points.
    fn points(&self, stage: &Stage<'_>) -> Result<Vec<Point>> {
        let families = self.families()?;
        let (share, of) = self.share()?;
        let mut counts = BTreeMap::new();
        for _ in 0..COUNTING_RUNS {
            for (name, count) in stage.run(None)?.counts {
                let most = counts.entry(name).or_insert(count);
                *most = count.max(*most);
            }
        }
        let told: Vec<_> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
        report(&format!("calls on the store: {}", told.join(", ")));
        let mut points = Vec::new();
        for family in families {
            for call in CALLS.iter().filter(|call| family.suits(call)) {
                let count = counts.get(call.name).copied().unwrap_or_default();
                points.extend((1..=count).map(|nth| Point { call, nth, family }));
            }
        }
        let (numbered, seed) = ((0..).zip(points), mix(self.sample_seed));
        let chosen = numbered.filter(|(number, _): &(u64, _)| mix(seed ^ number) % of < share);
        Ok(chosen.map(|(_, point)| point).collect())
    }

    fn families(&self) -> Result<Vec<Family>> {
        if self.family.is_empty() {
            return Ok(Family::ALL.to_vec());
        }
        let parse =
            |text: &String| Family::parse(text).with_context(|| format!("no family `{text}`"));
        self.family.iter().map(parse).collect()
    }

    fn share(&self) -> Result<(u64, u64)> {
        let (share, of) = self.sample.split_once('/').context("a sample is written `1/10`")?;
        let (share, of) = (share.parse()?, of.parse()?);
        anyhow::ensure!(of > 0, "a sample is written `1/10`");
        Ok((share, of))
    }
}

fn try_often(stage: &Stage<'_>, point: Point) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    for _ in 0..ATTEMPTS_MAX {
        verdict = stage.judge(point).with_context(|| format!("at {point}"))?;
        if verdict.hit.is_some() && !verdict.undecided || !verdict.violations.is_empty() {
            break;
        }
    }
    Ok(verdict)
}
