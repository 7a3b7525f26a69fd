//! Very many objects: pages of listings, opening after a kill, memory, bytes on the disk.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::child;
use super::folders::{Layout, somewhere};
use super::kit::{Effort, MIB, Scratch, drop_caches, progress, real};
use super::machine::bytes_on_disk;
use super::port::{Ours, PAGE_KEYS, Sealing, open};
use super::table::{Series, Table};

/// How many bytes the very many objects have each.
const CONTENT_BYTES: usize = 100;

/// How many pages of each kind are timed.
const PAGES: u64 = 101;

const LIST_AIM: &str = "≤ 5";

pub(super) async fn measure(scratch: &Scratch, effort: &Effort, table: &mut Table) -> Result<()> {
    weigh(scratch, effort, table).await?;
    let folder = scratch.folder("many");
    let ours = open(&folder, Sealing::USUAL).await?;
    load(&ours, effort, table).await?;
    for layout in Layout::ALL {
        pages(&ours.bucket(layout.bucket()).await?, layout, effort, table).await?;
    }
    ours.close().await;
    child::browse(&folder, effort, table)?;
    after_kill(&folder, effort, table).await?;
    let ours = open(&folder, Sealing::USUAL).await?;
    after_deletion(&ours, effort, table).await?;
    ours.close().await;
    Ok(())
}

async fn load(ours: &Ours, effort: &Effort, table: &mut Table) -> Result<()> {
    for layout in Layout::ALL {
        let count = layout.count(effort.many);
        progress(&format!("loading {count} objects: {}", layout.name()));
        let began = Instant::now();
        layout.load(&ours.bucket(layout.bucket()).await?, effort.many, CONTENT_BYTES).await?;
        let what = format!(
            "loading {count} objects of {CONTENT_BYTES} bytes ({}), objects a second, 256 writers",
            layout.name()
        );
        table.number(&what, real(count) / began.elapsed().as_secs_f64(), "");
    }
    Ok(())
}

async fn pages(ours: &Ours, layout: Layout, effort: &Effort, table: &mut Table) -> Result<()> {
    let count = layout.count(effort.many);
    let last = count.saturating_sub(PAGE_KEYS as u64);
    let about = format!("LIST a page of 1,000 of {count}: {}", layout.name());
    for (at, number) in [("begin", 0), ("middle", count / 2), ("end", last)] {
        let times = time_pages(ours, layout, |_| number).await?;
        table.alone(&format!("{about}, {at}, ms"), &times, LIST_AIM);
    }
    let times = time_pages(ours, layout, |n| somewhere(n, last)).await?;
    table.alone(&format!("{about}, anywhere, ms"), &times, LIST_AIM);
    table.number(&format!("{about}, anywhere, 99 of 100, ms"), times.p99(), "");
    Ok(())
}

/// The times of pages, in ms.
async fn time_pages(ours: &Ours, layout: Layout, from: impl Fn(u64) -> u64) -> Result<Series> {
    let mut times = Series::default();
    for n in 0..PAGES {
        let listing = layout.page(from(n));
        let began = Instant::now();
        let page = ours.list(&listing).await?;
        times.push(ms(began.elapsed()));
        ensure!(page.entries.len() == PAGE_KEYS, "a page of {} entries", page.entries.len());
    }
    Ok(times)
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Kills a writer in the midst of its writing and opens what it leaves.
async fn after_kill(folder: &Path, effort: &Effort, table: &mut Table) -> Result<()> {
    progress("opening after a kill");
    let (mut warm, mut cold, mut log) = (Series::default(), Series::default(), Series::default());
    for round in 0..effort.rounds * 2 {
        let busy = Duration::from_millis(400 + somewhere(round as u64, 800));
        child::write_until_killed(folder, effort, busy)?;
        let left = log_bytes(folder)?;
        log.push(real(left) / real(MIB as u64));
        if round % 2 == 0 {
            warm.push(time_opening(folder).await?);
        } else {
            drop_caches();
            cold.push(time_opening(folder).await?);
        }
    }
    let what = "open after `kill -9` in the midst of writing, to the first page listed, s";
    table.alone(&format!("{what}, warm"), &warm, "≤ 2");
    table.alone(&format!("{what}, cold"), &cold, "≤ 2");
    table.alone("log that the kill left, MiB", &log, "");
    Ok(())
}

/// The length of the index's log.
fn log_bytes(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().ends_with("-wal") {
            bytes += entry.metadata()?.len();
        }
    }
    Ok(bytes)
}

async fn time_opening(folder: &Path) -> Result<f64> {
    let began = Instant::now();
    let ours = open(folder, Sealing::USUAL).await?;
    let flat = ours.bucket(Layout::Flat.bucket()).await?;
    let page = flat.list(&Layout::Flat.page(0)).await?;
    let time = began.elapsed().as_secs_f64();
    ensure!(page.entries.len() == PAGE_KEYS, "objects are missing after a kill");
    ours.close().await;
    Ok(time)
}

async fn after_deletion(ours: &Ours, effort: &Effort, table: &mut Table) -> Result<()> {
    let layout = Layout::Flat;
    let count = layout.count(effort.many);
    progress(&format!("deleting {} objects", count / 2));
    let flat = ours.bucket(layout.bucket()).await?;
    let began = Instant::now();
    layout.thin(&flat, effort.many).await?;
    let rate = real(count / 2) / began.elapsed().as_secs_f64();
    table.number("DELETE, a second, 256 at once", rate, "");
    let about = format!("LIST a page of 1,000 after the {} in the middle were deleted", count / 2);
    for (at, number) in [("begin", 0), ("across the gap", count / 4 - 500)] {
        let times = time_pages(&flat, layout, |_| number).await?;
        table.alone(&format!("{about}, {at}, ms"), &times, LIST_AIM);
    }
    Ok(())
}

/// Bytes on the disk of one object, by its size.
async fn weigh(scratch: &Scratch, effort: &Effort, table: &mut Table) -> Result<()> {
    for size in [0, 100, 4096] {
        let folder = scratch.folder(&format!("weighed-{size}"));
        let ours = open(&folder, Sealing::USUAL).await?;
        let empty = bytes_on_disk(&folder)?;
        Layout::Flat.load(&ours.bucket("flat").await?, effort.weighed, size).await?;
        ours.close().await;
        let whole = bytes_on_disk(&folder)?.saturating_sub(empty);
        let what = format!("bytes on the disk of an object of {size} bytes, its key 28");
        table.number(&what, real(whole) / real(effort.weighed), "");
        std::fs::remove_dir_all(&folder)?;
    }
    Ok(())
}
