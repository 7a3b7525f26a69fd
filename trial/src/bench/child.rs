//! Child processes: what is to be killed, and what is to be weighed by itself.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;

use super::folders::{Layout, somewhere};
use super::kit::{Effort, MIB, Pace, Scratch, noise, progress, real};
use super::lanes;
use super::machine::memory;
use super::port::{Sealing, fresh, open};
use super::table::Table;
use crate::report;

/// Uploads at once, of one large object each.
const UPLOADS: u64 = 8;

/// Random reads of the process whose memory is measured.
const READS: u64 = 50_000;

const MEMORY_AIM: &str = "≤ 150";

/// What a child process is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Role {
    /// Writes until it is killed.
    Write,
    /// Lists everything and reads here and there; tells its memory.
    Browse,
    /// Takes large uploads at once; tells its memory.
    Upload,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::Browse => "browse",
            Self::Upload => "upload",
        }
    }

    fn start(self, folder: &Path, effort: &Effort) -> Result<Child> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bench", "--role", self.name(), "--scratch"]).arg(folder);
        if effort.pace == Pace::Quick {
            command.arg("--quick");
        }
        Ok(command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?)
    }
}

/// Does what the child is for.
pub(super) async fn act(role: Role, folder: &Path, effort: &Effort) -> Result<()> {
    match role {
        Role::Write => write(folder).await,
        Role::Browse => browse_now(folder, effort).await,
        Role::Upload => upload(folder, effort).await,
    }
}

async fn write(folder: &Path) -> Result<()> {
    let ours = open(folder, Sealing::USUAL).await?.bucket("killed").await?;
    let body = noise(9, 4096);
    tell("ready")?;
    let put = move |n| {
        let (ours, body) = (ours.clone(), body.clone());
        async move { ours.put(&format!("{:08}", somewhere(n, 10_000_000)), body).await }
    };
    lanes::each(64, u64::MAX, put).await
}

async fn browse_now(folder: &Path, effort: &Effort) -> Result<()> {
    let ours = open(folder, Sealing::USUAL).await?;
    let opened = memory()?.0;
    let flat = ours.bucket(Layout::Flat.bucket()).await?;
    let count = Layout::Flat.count(effort.many);
    let (mut listed, mut listing) = (0, Layout::Flat.page(0));
    loop {
        let page = flat.list(&listing).await?;
        listed += page.entries.len() as u64;
        if page.next_after.is_none() {
            break;
        }
        listing.after = page.next_after;
    }
    ensure!(listed == count, "{listed} of {count} objects were listed");
    let get = move |n| {
        let flat = flat.clone();
        async move { flat.get(&Layout::Flat.key(somewhere(n, count))).await.map(drop) }
    };
    lanes::each(16, READS.min(count), get).await?;
    let (now, most) = memory()?;
    tell(&format!("{opened} {now} {most}"))
}

async fn upload(folder: &Path, effort: &Effort) -> Result<()> {
    let ours = open(folder, Sealing::USUAL).await?.bucket("uploads").await?;
    let (opened, mib, block) = (memory()?.0, effort.large_mib, noise(7, MIB));
    let put = move |n: u64| {
        let (ours, block) = (ours.clone(), block.clone());
        async move { ours.put_stream(&n.to_string(), fresh(&block, mib)).await }
    };
    lanes::each(UPLOADS, UPLOADS, put).await?;
    let (now, most) = memory()?;
    tell(&format!("{opened} {now} {most}"))
}

/// A line to the parent, at once.
fn tell(line: &str) -> Result<()> {
    report(line);
    Ok(std::io::stdout().flush()?)
}

fn first_line(child: &mut Child) -> Result<String> {
    let out = child.stdout.take().context("the child's output")?;
    let mut line = String::new();
    BufReader::new(out).read_line(&mut line)?;
    Ok(line.trim().to_owned())
}

/// Lets a child write for a while and kills it.
pub(super) fn write_until_killed(folder: &Path, effort: &Effort, busy: Duration) -> Result<()> {
    let mut child = Role::Write.start(folder, effort)?;
    let line = first_line(&mut child);
    thread::sleep(busy);
    let ended = child.try_wait()?;
    child.kill()?;
    child.wait()?;
    ensure!(line? == "ready" && ended.is_none(), "the writing child failed");
    Ok(())
}

/// The memory of a process that lists and reads very many objects.
pub(super) fn browse(folder: &Path, effort: &Effort, table: &mut Table) -> Result<()> {
    progress("memory with very many objects");
    let [opened, now, most] = weigh(Role::Browse, folder, effort)?;
    let about = "memory, MiB: the store open with all of these objects";
    table.number(&format!("{about}, nothing done"), opened, MEMORY_AIM);
    table.number(&format!("{about}, all listed, {READS} random GETs by 16"), now, MEMORY_AIM);
    table.number(&format!("{about}, the most of it"), most, MEMORY_AIM);
    Ok(())
}

/// The memory of a process that takes large uploads.
pub(super) fn uploads(scratch: &Scratch, effort: &Effort, table: &mut Table) -> Result<()> {
    let folder = scratch.folder("uploads");
    let [_, now, most] = weigh(Role::Upload, &folder, effort)?;
    let about = format!("memory, MiB: {UPLOADS} PUTs of {} MiB at once", effort.large_mib);
    table.number(&format!("{about}, after them"), now, MEMORY_AIM);
    table.number(&format!("{about}, the most of it"), most, MEMORY_AIM);
    std::fs::remove_dir_all(folder)?;
    Ok(())
}

fn weigh(role: Role, folder: &Path, effort: &Effort) -> Result<[f64; 3]> {
    let mut child = role.start(folder, effort)?;
    let line = first_line(&mut child);
    let ended = child.wait()?;
    ensure!(ended.success(), "the child that was to {} failed", role.name());
    let numbers: Vec<u64> = line?.split(' ').map(str::parse).collect::<Result<_, _>>()?;
    let numbers: [u64; 3] =
        numbers.try_into().map_err(|_| anyhow::anyhow!("the child told something else"))?;
    Ok(numbers.map(real))
}
