//! A recorded run, and what was said before it and in it.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use outage::{Mounted, Op, Random, Record, Tree};

use crate::driver::drive;
use crate::driver::script::Script;

/// The store's folder on the disk that is recorded.
pub(super) const STORE: &str = "store";

/// The log on it. What is written there is a mark in the record and never lost.
const LOG: &str = "log";

/// What was done.
#[derive(Debug, Clone, Copy)]
pub(super) struct Workload {
    pub(super) seed: u64,
    pub(super) ops: u64,
    pub(super) clients: u64,
    /// How long the log of the index becomes.
    pub(super) log_pages: u32,
}

impl Workload {
    /// The workload of a recording.
    pub(super) fn of(seed: u64, number: u64) -> Self {
        let mut random = Random::of(&[seed, number, 1]);
        let clients = *random.pick(&[1, 1, 2, 4]).unwrap_or(&1);
        let log_pages = *random.pick(&[16, 64, 64, 4096]).unwrap_or(&64);
        Self { seed: random.bits() >> 16, ops: 40 + random.below(120), clients, log_pages }
    }

    pub(super) fn script(self) -> Result<Script> {
        self.drive_workload().script()
    }

    fn drive_workload(self) -> drive::Workload {
        let Self { seed, ops, clients, .. } = self;
        drive::Workload { seed, ops, clients, light: true }
    }
}

/// A recorded run.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) workload: Workload,
    /// The log as it was before the recorded run, where that only opened what was left.
    pub(super) said: Option<String>,
    pub(super) record: Record,
}

impl Case {
    /// Records the workload on an empty disk.
    pub(super) fn record(workload: Workload, scratch: &Path) -> Result<Self> {
        let record = run(&Tree::default(), (workload.seed, workload), scratch)?;
        Ok(Self { workload, said: None, record })
    }

    /// Records that the store is opened and closed on what a power cut left.
    pub(super) fn record_after(&self, left: &Tree, said: String, scratch: &Path) -> Result<Self> {
        let mut base = left.clone();
        base.files.remove(Path::new(LOG));
        let nothing = Workload { ops: 0, clients: 1, ..self.workload };
        let record = run(&base, (self.workload.seed, nothing), scratch)?;
        Ok(Self { workload: self.workload, said: Some(said), record })
    }

    /// The log as it was after so many operations of the record.
    pub(super) fn said(&self, ops: usize) -> String {
        if let Some(said) = &self.said {
            return said.clone();
        }
        let marks = self.record.ops.iter().take(ops).filter_map(Op::mark);
        String::from_utf8_lossy(&marks.collect::<Vec<_>>().concat()).into_owned()
    }

    /// What it is, for the report.
    pub(super) fn told(&self) -> String {
        let Workload { seed, ops, clients, log_pages } = self.workload;
        let recorded = self.record.ops.len();
        format!(
            "workload {seed}, {ops} operations of {clients} clients, a log of {log_pages} pages, {recorded} on the disk"
        )
    }

    /// Keeps everything that is needed to judge again.
    pub(super) fn save(&self, folder: &Path) -> Result<()> {
        let Workload { seed, ops, clients, log_pages } = self.workload;
        std::fs::write(folder.join("workload"), format!("{seed} {ops} {clients} {log_pages}\n"))?;
        if let Some(said) = &self.said {
            std::fs::write(folder.join("said"), said)?;
        }
        Ok(self.record.save(&folder.join("record"))?)
    }

    /// Reads what [`Self::save`] kept.
    pub(super) fn load(folder: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(folder.join("workload"))?;
        let numbers = text.split_whitespace().map(str::parse).collect::<Result<Vec<u64>, _>>()?;
        let [seed, ops, clients, log_pages] = numbers[..] else {
            bail!("the workload is four numbers")
        };
        let log_pages = u32::try_from(log_pages)?;
        let said = folder.join("said");
        let said = said.exists().then(|| std::fs::read_to_string(said)).transpose()?;
        let record = Record::load(&folder.join("record")).context("reading the record")?;
        Ok(Self { workload: Workload { seed, ops, clients, log_pages }, said, record })
    }
}

/// Runs the driver on a mounted disk. A run on what a power cut left may fail; that shows in the
/// images, too.
fn run(base: &Tree, (seed, workload): (u64, Workload), scratch: &Path) -> Result<Record> {
    let at = scratch.join("mounted");
    std::fs::create_dir_all(&at)?;
    let mounted = Mounted::new(&at, base, Some(OsStr::new(LOG)), seed)?;
    let mut driver = Command::new(std::env::current_exe()?);
    driver.arg("drive").arg("--folder").arg(at.join(STORE)).arg("--log").arg(at.join(LOG));
    driver.args(workload.drive_workload().arguments());
    driver.arg("--log-pages").arg(workload.log_pages.to_string());
    let output = driver.stdin(Stdio::null()).output()?;
    let record = mounted.unmount()?;
    if !output.status.success() && base.files.is_empty() {
        bail!("the driver failed: {}", String::from_utf8_lossy(&output.stdout));
    }
    Ok(record)
}
