//! Durable PUTs and GETs of 4 KiB, at 1, 16 and 64 at once, against a file each.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Result, ensure};
use bytes::Bytes;

use super::kit::{Effort, Random, Scratch, noise, real};
use super::machine::flushes;
use super::port::{Ours, Sealing, open};
use super::table::{Series, Table};
use super::{lanes, plain};

const SMALL_BYTES: usize = 4096;
const AT_ONCE: [(u64, &str); 3] = [(1, "≥ 4"), (16, ""), (64, "≥ 2")];

/// How many objects the reads choose from.
const READ_FROM: u64 = 10_000;

/// Writes, by one and by many.
pub(super) async fn puts(scratch: &Scratch, effort: &Effort, table: &mut Table) -> Result<()> {
    let data = noise(3, SMALL_BYTES);
    for sealing in Sealing::ALL {
        let ours = open(&folder(scratch, "puts", sealing), sealing).await?.bucket("small").await?;
        for (writers, aim) in AT_ONCE {
            let [mine, files, my_flushes, their_flushes] =
                write(&ours, scratch, effort, (writers, &data)).await?;
            let what = format!("PUT 4 KiB, a second, {writers} at once, {}", sealing.name());
            table.beside(&what, &mine, &files, aim);
            let what = format!("flushes of the disk for each PUT, {writers} at once");
            table.beside(&what, &my_flushes, &their_flushes, "");
        }
        ours.close().await;
    }
    Ok(())
}

/// Reads, by one and by many.
pub(super) async fn gets(scratch: &Scratch, effort: &Effort, table: &mut Table) -> Result<()> {
    let data = noise(3, SMALL_BYTES);
    for sealing in Sealing::ALL {
        let ours = open(&folder(scratch, "gets", sealing), sealing).await?.bucket("small").await?;
        read(&ours, scratch, effort, (sealing, &data), table).await?;
        ours.close().await;
    }
    Ok(())
}

fn folder(scratch: &Scratch, what: &str, sealing: Sealing) -> std::path::PathBuf {
    scratch.folder(&format!("{what}-{}", sealing.name().replace(' ', "-")))
}

async fn write(
    ours: &Ours,
    scratch: &Scratch,
    effort: &Effort,
    (writers, data): (u64, &Bytes),
) -> Result<[Series; 4]> {
    let [mut mine, mut files, mut my_flushes, mut their_flushes] =
        [(); 4].map(|()| Series::default());
    let count = Arc::new(AtomicU64::new(0));
    for round in 0..effort.rounds {
        let (store, body, count) = (ours.clone(), data.clone(), Arc::clone(&count));
        let put = move |lane: u64, _| {
            let (store, body) = (store.clone(), body.clone());
            let number = count.fetch_add(1, Ordering::Relaxed);
            let key =
                format!("{writers}/{:04x}/{lane}/{number}", number.wrapping_mul(40_503) & 0xffff);
            async move { store.put(&key, body).await }
        };
        let before = flushes(scratch.path());
        let rate = lanes::tasks(writers, effort.turn, put).await?;
        mine.push(rate);
        my_flushes.push(flushes_each(scratch, before, rate * effort.turn.as_secs_f64()));
        let folder = scratch.folder(&format!("files-{writers}-{round}"));
        fs::create_dir_all(&folder)?;
        let put = |lane, n| plain::put(&folder, &format!("{lane}-{n}"), data);
        let before = flushes(scratch.path());
        let rate = lanes::threads(writers, effort.turn, put)?;
        files.push(rate);
        their_flushes.push(flushes_each(scratch, before, rate * effort.turn.as_secs_f64()));
        fs::remove_dir_all(&folder)?;
    }
    Ok([mine, files, my_flushes, their_flushes])
}

/// How many flushes there were since `before` for each of so many PUTs.
fn flushes_each(scratch: &Scratch, before: Option<u64>, puts: f64) -> f64 {
    let since = flushes(scratch.path()).zip(before).map(|(now, before)| now.saturating_sub(before));
    since.map_or(f64::NAN, |flushes| real(flushes) / puts)
}

async fn read(
    ours: &Ours,
    scratch: &Scratch,
    effort: &Effort,
    (sealing, data): (Sealing, &Bytes),
    table: &mut Table,
) -> Result<()> {
    let folder = scratch.folder("files-to-read");
    fs::create_dir_all(&folder)?;
    for n in 0..READ_FROM {
        fs::write(folder.join(n.to_string()), data)?;
    }
    let (store, body) = (ours.clone(), data.clone());
    let put = move |n| {
        let (store, body) = (store.clone(), body.clone());
        async move { store.put(&format!("read/{n}"), body).await }
    };
    lanes::each(64, READ_FROM, put).await?;
    for (readers, _) in AT_ONCE {
        let (mut mine, mut files) = (Series::default(), Series::default());
        for _ in 0..effort.rounds {
            mine.push(read_ours(ours, readers, effort).await?);
            files.push(read_files(&folder, readers, effort)?);
        }
        let what = format!("GET 4 KiB, a second, {readers} at once, warm, {}", sealing.name());
        table.beside(&what, &mine, &files, "");
    }
    fs::remove_dir_all(&folder)?;
    Ok(())
}

/// Which object a lane reads next.
fn choose(lane: u64, n: u64) -> u64 {
    Random::new(lane << 32 | n).below(READ_FROM)
}

async fn read_ours(ours: &Ours, readers: u64, effort: &Effort) -> Result<f64> {
    let store = ours.clone();
    let get = move |lane, n| {
        let store = store.clone();
        async move {
            let bytes = store.get(&format!("read/{}", choose(lane, n))).await?;
            ensure!(bytes == SMALL_BYTES as u64, "an object has another length");
            Ok(())
        }
    };
    lanes::tasks(readers, effort.turn, get).await
}

fn read_files(folder: &Path, readers: u64, effort: &Effort) -> Result<f64> {
    let get = |lane, n| {
        ensure!(plain::get(folder, &choose(lane, n).to_string())? == SMALL_BYTES, "a short file");
        Ok(())
    };
    lanes::threads(readers, effort.turn, get)
}
