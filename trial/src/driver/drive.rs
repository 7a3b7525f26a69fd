//! `trial drive`: does a workload on a store in this process, to be killed meanwhile.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use futures::future::try_join_all;
use wh_objects::{DiskOptions, DiskStore};

use super::history::Log;
use super::perform::{Done, Hand, code};
use super::script::Script;
use crate::model::content::Contents;
use crate::model::short;

/// The free space that the store keeps for deletes, in bytes: trials have small disks.
pub(crate) const RESERVE_BYTES: u64 = 4 << 20;

/// A log that a short workload fills several times, so that its end is on trial, too.
const LOG_PAGES: u32 = 64;

/// Do a workload on a store, and log what was answered.
#[derive(clap::Args, Debug, Clone)]
pub(crate) struct Drive {
    /// The store's folder
    #[arg(long)]
    pub(crate) folder: PathBuf,
    /// The log; on another disk, or at least in another folder
    #[arg(long)]
    pub(crate) log: PathBuf,
    #[command(flatten)]
    pub(crate) work: Workload,
    /// How long the log of the index becomes, in pages
    #[arg(long, default_value_t = LOG_PAGES)]
    pub(crate) log_pages: u32,
    /// Be stopped by the tracer that started this: at every system call on files (`all`), or at
    /// those of one name
    #[arg(long, hide = true, value_name = "CALL")]
    pub(crate) traced: Option<String>,
}

/// Which workload.
#[derive(clap::Args, Debug, Clone, Copy)]
pub(crate) struct Workload {
    /// Its seed
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// How many operations
    #[arg(long, default_value_t = 200)]
    pub(crate) ops: u64,
    /// How many clients share them, each with buckets of its own
    #[arg(long, default_value_t = 1)]
    pub(crate) clients: u64,
    /// Only small bodies, some of them just large enough for a file
    #[arg(long)]
    pub(crate) light: bool,
}

impl Workload {
    /// The operations.
    pub(crate) fn script(self) -> Result<Script> {
        if self.light {
            return Script::light(self.seed, self.ops, self.clients);
        }
        Script::new(self.seed, self.ops, self.clients)
    }

    /// The arguments that make another process do it.
    pub(crate) fn arguments(self) -> Vec<String> {
        let number = |name: &str, n: u64| [format!("--{name}"), n.to_string()];
        let numbers =
            [number("seed", self.seed), number("ops", self.ops), number("clients", self.clients)];
        let light = self.light.then(|| "--light".to_owned());
        numbers.into_iter().flatten().chain(light).collect()
    }
}

/// How a store is opened in trials.
pub(crate) fn options(folder: impl Into<PathBuf>) -> DiskOptions {
    DiskOptions { reserve_bytes: RESERVE_BYTES, log_pages: LOG_PAGES, ..DiskOptions::new(folder) }
}

impl Drive {
    /// Opens the store and does everything.
    pub(crate) fn start(&self) -> Result<()> {
        let script = self.work.script()?;
        #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
        if let Some(calls) = &self.traced {
            crate::syscalls::hand_over(calls)?;
        }
        let log = Log::create(&self.log)?;
        let mut runtime = match self.work.clients {
            1 => tokio::runtime::Builder::new_current_thread(),
            _ => tokio::runtime::Builder::new_multi_thread(),
        };
        runtime.build()?.block_on(self.drive(script, log))
    }

    async fn drive(&self, script: Script, log: Log) -> Result<()> {
        let options = DiskOptions { log_pages: self.log_pages, ..options(&self.folder) };
        let store = match DiskStore::open(options).await {
            Ok(store) => Arc::new(store),
            Err(error) => {
                log.line(&format!("failed {}", error.code()))?;
                return Err(error.into());
            }
        };
        log.line("opened")?;
        let (script, log) = (Arc::new(script), Arc::new(log));
        let clients = (0..script.clients).map(|client| {
            let (store, script, log) = (Arc::clone(&store), Arc::clone(&script), Arc::clone(&log));
            tokio::spawn(async move { be_client(client, &store, &script, &log).await })
        });
        for done in try_join_all(clients).await? {
            done?;
        }
        store.close().await;
        log.line("ended")
    }
}

async fn be_client(client: u64, store: &DiskStore, script: &Script, log: &Log) -> Result<()> {
    let hand = Hand::new(store, Contents::new(script.seed));
    for (n, op) in script.of_client(client) {
        log.line(&format!("begin {n} {}", op.name()))?;
        match hand.perform(n, op).await? {
            Done::Skipped => log.line(&format!("skip {n}"))?,
            Done::Answered(Ok(text)) => log.line(&format!("ok {n} {}", short(&text)))?,
            Done::Answered(Err(error)) => {
                log.line(&format!("err {n} {} ({error})", code(&error)))?;
            }
        }
    }
    Ok(())
}
