//! One point: a fresh store, one thing done at one call, and the judgement of what is left.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use nix::errno::Errno;
use nix::sys::signal::Signal;

use super::calls::{Call, named};
use super::traced::ALL_CALLS;
use super::tracer::{Act, End, Hit, Plan, Run, Scene, run};
use crate::driver::history::Outcome;
use crate::driver::replay::{Faults, Undecided};
use crate::driver::{History, Script, Verifier, Workload};
use crate::model::content::Contents;

/// The thread that moves what was committed from the log of the index into it, as the kernel
/// cuts its name. When it fails, what is being committed meanwhile is durable all the same.
const CHECKPOINTER: &str = "wh-objects-chec";

/// What may be done at a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    Kill,
    Eio,
    EioFromHere,
    Enospc,
    Edquot,
    Eintr,
    Short,
}

impl Family {
    pub(super) const ALL: [Self; 7] = [
        Self::Kill,
        Self::Eio,
        Self::EioFromHere,
        Self::Enospc,
        Self::Edquot,
        Self::Eintr,
        Self::Short,
    ];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Eio => "eio",
            Self::EioFromHere => "eio+",
            Self::Enospc => "enospc",
            Self::Edquot => "edquot",
            Self::Eintr => "eintr",
            Self::Short => "short",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.as_str() == text)
    }

    fn act(self) -> Act {
        match self {
            Self::Kill => Act::Kill,
            Self::Eio => Act::Fail(Errno::EIO),
            Self::EioFromHere => Act::FailFromHere(Errno::EIO),
            Self::Enospc => Act::Fail(Errno::ENOSPC),
            Self::Edquot => Act::Fail(Errno::EDQUOT),
            Self::Eintr => Act::Fail(Errno::EINTR),
            Self::Short => Act::Short,
        }
    }

    /// Whether a call can be treated so.
    pub(super) fn suits(self, call: &Call) -> bool {
        match self {
            Self::Short => call.may_be_short(),
            Self::Kill
            | Self::Eio
            | Self::EioFromHere
            | Self::Enospc
            | Self::Edquot
            | Self::Eintr => true,
        }
    }

    fn faults(self) -> Faults {
        match self {
            // A call that moves fewer bytes than it was asked to is nothing unusual.
            Self::Kill | Self::Short => Faults::None,
            Self::Eio | Self::EioFromHere => Faults::Device,
            Self::Enospc | Self::Edquot | Self::Eintr => Faults::Injected,
        }
    }
}

/// Where something is done: `fsync:17:eio`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    pub(super) call: &'static Call,
    pub(super) nth: u64,
    pub(super) family: Family,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.call.name, self.nth, self.family.as_str())
    }
}

impl Point {
    pub(super) fn parse(text: &str) -> Result<Self> {
        let mut words = text.split(':');
        let (Some(call), Some(nth), Some(family), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            bail!("a point is written `CALL:N:FAMILY`, as `fsync:17:eio`");
        };
        let call = named(call).with_context(|| format!("no call `{call}`"))?;
        let family = Family::parse(family).with_context(|| format!("no family `{family}`"))?;
        Ok(Self { call, nth: nth.parse()?, family })
    }
}

/// What came of a point.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// The call, if it was made.
    pub(super) hit: Option<Hit>,
    pub(super) violations: Vec<String>,
    /// So much was left open that the log could not be judged.
    pub(super) undecided: bool,
}

/// Where the runs of one worker happen, and what they do.
#[derive(Debug)]
pub(super) struct Stage<'s> {
    /// Holds the store alone.
    pub(super) folder: PathBuf,
    /// Holds the log, on another disk.
    pub(super) logs: PathBuf,
    pub(super) work: Workload,
    pub(super) script: &'s Script,
    pub(super) contents: Contents,
}

impl Stage<'_> {
    fn store(&self) -> PathBuf {
        self.folder.join("store")
    }

    fn log(&self) -> PathBuf {
        self.logs.join("log")
    }

    fn errors(&self) -> PathBuf {
        self.logs.join("stderr")
    }

    /// A run on a fresh store.
    pub(super) fn run(&self, plan: Option<Plan>) -> Result<Run> {
        clear(&self.folder)?;
        clear(&self.logs)?;
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let calls = plan.map_or(ALL_CALLS, |plan| plan.call.name);
        let arguments = [
            "drive",
            "--traced",
            calls,
            "--folder",
            &text(&self.store()),
            "--log",
            &text(&self.log()),
            "--seed",
            &self.work.seed.to_string(),
            "--ops",
            &self.work.ops.to_string(),
            "--clients",
            &self.work.clients.to_string(),
        ];
        let scene = Scene {
            folder: self.folder.clone(),
            log: self.log(),
            errors: self.errors(),
            arguments: arguments.map(str::to_owned).to_vec(),
        };
        run(&scene, plan)
    }

    /// Does what the point says and judges what is left.
    pub(super) fn judge(&self, point: Point) -> Result<Verdict> {
        let Point { call, nth, family } = point;
        let run = self.run(Some(Plan { call, nth, act: family.act() }))?;
        let mut violations = self.judge_end(family, &run)?;
        let log = std::fs::read_to_string(self.log()).unwrap_or_default();
        let history = History::parse(&log)?;
        if let Some(hit) = &run.hit
            && is_final(point, hit)
        {
            violations.extend(acknowledged_after(self.script, &log, hit)?);
        }
        if run.hit.as_ref().is_some_and(|hit| passes(point, hit)) {
            violations.extend(refused_for_good(&history));
        }
        let faults = family.faults();
        let verifier = Verifier::new(self.script, &history, self.contents.clone(), faults);
        let undecided = verifier.as_ref().is_err_and(anyhow::Error::is::<Undecided>);
        if undecided {
            return Ok(Verdict { hit: run.hit, violations, undecided });
        }
        let found = verifier?.check(&self.store())?;
        violations.extend(found.iter().map(ToString::to_string));
        Ok(Verdict { hit: run.hit, violations, undecided })
    }

    fn judge_end(&self, family: Family, run: &Run) -> Result<Vec<String>> {
        let mut violations = Vec::new();
        let errors = std::fs::read_to_string(self.errors())?;
        if errors.contains("panicked at") {
            violations.push(format!("a panic: {errors}"));
        }
        match (run.end, &run.hit, family) {
            (End::Exited(0 | 1), _, _) | (End::Killed(Signal::SIGKILL), Some(_), Family::Kill) => {}
            (End::Killed(Signal::SIGKILL), _, _) => {
                violations.push("it did not come to an end, and was killed".to_owned());
            }
            (end, _, _) => violations.push(format!("it ended with {end:?}: {errors}")),
        }
        Ok(violations)
    }
}

fn clear(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    Ok(std::fs::create_dir_all(folder)?)
}

/// Whether nothing may be acknowledged after this. A sync that was interrupted by a signal may be made
/// again; one that the device failed may not, for the kernel has given up what was to be written.
fn is_final(point: Point, hit: &Hit) -> bool {
    match point.family {
        Family::Eio | Family::EioFromHere => point.call.is_sync(),
        Family::Eintr => point.call.is_sync() && !hit.repeated,
        Family::Kill | Family::Enospc | Family::Edquot | Family::Short => false,
    }
}

/// Whether only what is being written is refused after this: there was no room for it, and nothing
/// that has a name lost anything.
fn passes(point: Point, hit: &Hit) -> bool {
    let full = matches!(point.family, Family::Enospc | Family::Edquot);
    let of_draft = point.call.is_sync() && hit.on.contains("/incoming/");
    full && (of_draft || matches!(point.call.name, "write" | "pwrite64" | "fallocate"))
}

/// The operations that were refused as by a disk that has failed.
fn refused_for_good(history: &History) -> Vec<String> {
    let is_refused = |outcome: &Outcome| *outcome == Outcome::Err("read-only".to_owned());
    let refused = history.outcomes.iter().filter(|(_, outcome)| is_refused(outcome));
    refused.map(|(n, _)| format!("operation {n} was refused for good by a full disk")).collect()
}

/// The changes that were acknowledged although a sync had failed. One that was under way when
/// another's sync failed, or one that no commit rests on, may have been durable already.
fn acknowledged_after(script: &Script, log: &str, hit: &Hit) -> Result<Vec<String>> {
    let cut = usize::try_from(hit.log_bytes)?;
    let before = History::parse(log.get(..cut).unwrap_or(log))?;
    let in_flight = |n: &u64| before.outcomes.get(n) == Some(&Outcome::InFlight);
    let after = History::parse(log)?;
    let acknowledged = after.outcomes.iter().filter(|(n, outcome)| {
        let known = before.outcomes.get(n).is_some_and(|b| *b != Outcome::InFlight);
        let excused = (hit.thread == CHECKPOINTER || hit.needless) && in_flight(n);
        matches!(outcome, Outcome::Ok(_)) && !known && !excused
    });
    let mut violations = Vec::new();
    for (n, _) in acknowledged {
        let op = script.ops.get(usize::try_from(*n)?).context("an operation that is not known")?;
        if op.is_change() {
            let name = op.name();
            violations.push(format!("operation {n} ({name}) was acknowledged after a failed sync"));
        }
    }
    Ok(violations)
}
