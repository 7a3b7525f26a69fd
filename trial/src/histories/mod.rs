//! `trial histories`: many clients at once, the store killed among them, and a search for an order
//! that explains every answer.
//!
//! What is checked: each key is linearizable, with conditional writes and copies; a listing sees
//! every key of its range somewhere between its call and its answer, so it has all that was
//! acknowledged before, and each client's listings only go forward. A call that a kill cut off
//! took effect before the kill or never; one that was given up, at any time until the store was
//! closed. In the end the feed of changes, and where the bucket is versioned the list of versions,
//! must tell the same history.

mod calls;
mod command;
mod explain;
mod feed;
mod house;
mod perform;
mod play;
mod search;
mod serve;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use wh_objects::Versioning;

use crate::chance::Chance;
use crate::keys::Sealed;
use crate::report;
use calls::take_apart;
use play::{Plan, Played, play};
use search::{Verdict, search};

pub(crate) use serve::ServeStore;

/// Play concurrent histories, kill the store in them, and look for an order that explains them
#[derive(Debug, clap::Args)]
pub(crate) struct Histories {
    /// How many histories to play
    #[arg(long, default_value_t = 20)]
    count: u64,
    /// Seed of the run, printed at the start; the same seed makes the same plans
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many operations each history has at least
    #[arg(long, default_value_t = 1_000)]
    operations: u64,
    /// How often the store is killed in a history, unless it is one without kills (one in five)
    #[arg(long, default_value_t = 4)]
    kills: u64,
    /// Where to play; memory is enough, for a kill takes nothing from the page cache
    #[arg(long, default_value = "/dev/shm")]
    folder: PathBuf,
    /// Where to write what violates the promise
    #[arg(long, default_value = "target/trial")]
    reports: PathBuf,
}

/// What was counted over all histories.
#[derive(Debug, Default)]
struct Count {
    operations: usize,
    unanswered: usize,
    keys: usize,
    kills: u64,
}

impl Histories {
    /// Plays and judges.
    pub(crate) fn start(self) -> Result<()> {
        let Self { count, seed, operations, kills, .. } = self;
        report(&format!("histories: {count} of {operations} operations or more, seed {seed}"));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .context("starting a runtime")?;
        let mut chance = Chance::new(seed);
        let mut counted = Count::default();
        let begun = Instant::now();
        for number in 0..count {
            let clients = chance.between(8, 33);
            let kills = if number % 5 == 4 { 0 } else { kills };
            let keys = u8::try_from(clients.div_ceil(4).max(3)).unwrap_or(u8::MAX);
            let seed = chance.next();
            let clients = usize::try_from(clients).unwrap_or_default();
            let versioning =
                if number % 2 == 0 { Versioning::Unversioned } else { Versioning::Enabled };
            let sealed = Sealed::nth(number / 2);
            let plan = Plan { seed, clients, keys, operations, kills, versioning, sealed };
            self.judge(&runtime, plan, &mut counted).with_context(|| format!("{plan:?}"))?;
        }
        report(&format!(
            "{count} histories in {:.1} s: {} operations, {} without an answer, {} kills; {} \
             histories of one key, all linearizable, none without a verdict",
            begun.elapsed().as_secs_f64(),
            counted.operations,
            counted.unanswered,
            counted.kills,
            counted.keys
        ));
        Ok(())
    }

    fn judge(
        &self,
        runtime: &tokio::runtime::Runtime,
        plan: Plan,
        counted: &mut Count,
    ) -> Result<()> {
        let folder = scratch(&self.folder)?;
        let played = runtime.block_on(play(plan, folder.path()))?;
        counted.operations += played.events.len();
        counted.unanswered += played.events.iter().filter(|e| e.answer.is_none()).count();
        counted.kills += if plan.kills > 0 { plan.kills + 1 } else { 0 };
        let Err(violation) = judge(&played, plan) else {
            counted.keys += usize::from(plan.keys);
            return Ok(());
        };
        std::fs::create_dir_all(&self.reports).context("making the folder of the reports")?;
        let file = self.reports.join(format!("history-{:016x}.txt", plan.seed));
        std::fs::write(&file, format!("{plan:?}\n{violation}")).context("writing the report")?;
        report(&violation);
        bail!("the history breaks a promise; it is written to {}", file.display())
    }
}

/// Judges a history; what breaks a promise is told in words.
fn judge(played: &Played, plan: Plan) -> Result<(), String> {
    let parts = take_apart(&played.events, &played.written, plan.keys)?;
    for (key, calls) in &parts.calls {
        match search(calls, &parts.contents) {
            Verdict::Linearizable => {}
            Verdict::Broken { .. } => return Err(explain::explain(*key, calls, &parts.contents)),
            Verdict::TooWide { at } => {
                let call = calls.get(at).map_or("", |call| &call.told);
                return Err(format!("key {key}: no verdict, too many calls at once at {call}"));
            }
        }
    }
    feed::judge(&played.events, plan.versioning == Versioning::Enabled)
}

fn scratch(folder: &Path) -> Result<tempfile::TempDir> {
    let made = tempfile::Builder::new().prefix("trial-").tempdir_in(folder);
    made.with_context(|| format!("making a folder in {}", folder.display()))
}
