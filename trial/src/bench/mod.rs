//! `trial bench`: the store in this process, side by side with plain files on the same disk.
//!
//! Ours and the plain files take turns (ABAB…), so that both meet the same disk and the same
//! neighbours; what counts is the ratio within a run. Memory and what a kill leaves are measured
//! on child processes of their own: this program, started again with a role.

mod child;
mod folders;
mod kit;
mod lanes;
mod large;
mod machine;
mod many;
mod plain;
mod port;
mod small;
mod table;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use child::Role;
use kit::{Effort, Scratch, progress};
use table::Table;

/// Measure the store by itself, side by side with plain files on the same disk.
#[derive(Args)]
pub(crate) struct Bench {
    /// Less of everything: to see that it works, not to quote
    #[arg(long)]
    quick: bool,
    /// Only these parts
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// How often ours and the plain files take turns
    #[arg(long)]
    rounds: Option<usize>,
    /// How long a turn of small objects lasts, in milliseconds
    #[arg(long)]
    turn: Option<u64>,
    /// Where to work, on the disk to be measured
    #[arg(long, default_value = "target/trial-bench")]
    scratch: PathBuf,
    /// What a child process is to do
    #[arg(long, value_enum, hide = true)]
    role: Option<Role>,
}

/// A part of the measurements.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// One object of 1 GiB
    Large,
    /// Objects of 4 KiB written, by one and by many at once
    Puts,
    /// Objects of 4 KiB read, by one and by many at once
    Gets,
    /// 1,000,000 objects: listing, memory, opening after a kill, bytes on the disk
    Many,
    /// Memory under eight uploads of 1 GiB
    Uploads,
}

const PARTS: [Part; 5] = [Part::Large, Part::Puts, Part::Gets, Part::Many, Part::Uploads];

impl Bench {
    /// Measures and prints one table; or does what a child process is for.
    pub(crate) fn start(self) -> Result<()> {
        let mut effort = Effort::new(if self.quick { kit::Pace::Quick } else { kit::Pace::Full });
        effort.rounds = self.rounds.unwrap_or(effort.rounds);
        effort.turn = self.turn.map_or(effort.turn, Duration::from_millis);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        if let Some(role) = self.role {
            return runtime.block_on(child::act(role, &self.scratch, &effort));
        }
        let scratch = Scratch::new(&self.scratch).context("making the scratch folder")?;
        let parts = if self.only.is_empty() { PARTS.to_vec() } else { self.only };
        let mut table = Table::default();
        for part in parts {
            runtime.block_on(measure(part, &scratch, &effort, &mut table))?;
        }
        table.print(&machine::describe(scratch.path(), &effort)?);
        Ok(())
    }
}

async fn measure(part: Part, scratch: &Scratch, effort: &Effort, table: &mut Table) -> Result<()> {
    match part {
        Part::Large => {
            progress("one large object");
            large::measure(scratch, effort, table).await
        }
        Part::Puts => {
            progress("writing small objects");
            small::puts(scratch, effort, table).await
        }
        Part::Gets => {
            progress("reading small objects");
            small::gets(scratch, effort, table).await
        }
        Part::Many => {
            progress("very many objects");
            many::measure(scratch, effort, table).await
        }
        Part::Uploads => {
            progress("memory under uploads");
            child::uploads(scratch, effort, table)
        }
    }
}
