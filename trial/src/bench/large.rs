//! One object of 1 GiB, against the same bytes in a plain file.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use bytes::Bytes;
use md5::{Digest, Md5};

use super::kit::{Effort, MIB, Scratch, drop_caches, mib_rate, noise, timed};
use super::port::{Ours, Sealing, open, repeat};
use super::table::{Series, Table};
use super::{lanes, plain};

/// A part of an upload in parts, in MiB.
const PART_MIB: usize = 16;

/// Parts on their way at once: as clients send them, and as many as have lanes beside each other.
const PARTS_AT_ONCE: [u64; 2] = [4, 8];

pub(super) async fn measure(scratch: &Scratch, effort: &Effort, table: &mut Table) -> Result<()> {
    let block = noise(7, MIB);
    let mut md5 = Series::default();
    for sealing in Sealing::ALL {
        let side = Side::new(scratch, effort, block.clone(), sealing).await?;
        let mut found = Found::default();
        for round in 0..effort.rounds {
            side.round(round, &mut found).await?;
            md5.push(md5_rate(&block));
        }
        side.end().await?;
        found.tell(sealing, effort.large_mib, table);
    }
    table.alone("MD5 of one core, MiB/s: an S3 `ETag` demands it of one stream", &md5, "");
    Ok(())
}

/// The rate of MD5 by itself, in MiB/s.
fn md5_rate(block: &[u8]) -> f64 {
    const MIB_HASHED: usize = 256;
    let began = Instant::now();
    let mut md5 = Md5::new();
    for _ in 0..MIB_HASHED {
        md5.update(block);
    }
    std::hint::black_box(md5.finalize());
    mib_rate(MIB_HASHED, began.elapsed())
}

/// What was found, in MiB/s.
#[derive(Debug, Default)]
struct Found {
    put: Series,
    written: Series,
    parts: [Parts; PARTS_AT_ONCE.len()],
    got_cold: Series,
    read_cold: Series,
    got_warm: Series,
    read_warm: Series,
}

/// Parts, and as many plain files, at once.
#[derive(Debug, Default)]
struct Parts {
    put: Series,
    written: Series,
}

impl Found {
    fn tell(&self, sealing: Sealing, mib: usize, table: &mut Table) {
        let what = |doing: &str| format!("{doing} {mib} MiB, MiB/s, {}", sealing.name());
        table.beside(&what("PUT, one stream,"), &self.put, &self.written, "≥ 0.9");
        for (at_once, found) in PARTS_AT_ONCE.iter().zip(&self.parts) {
            let parts = format!("PUT, {at_once} parts of {PART_MIB} MiB at once,");
            table.beside(&what(&parts), &found.put, &self.written, "≥ 0.9");
            let same = format!("{parts} against as many files at once,");
            table.beside(&what(&same), &found.put, &found.written, "");
        }
        table.beside(&what("GET, cold,"), &self.got_cold, &self.read_cold, "≥ 0.9");
        table.beside(&what("GET, warm,"), &self.got_warm, &self.read_warm, "");
    }
}

/// Both sides of the comparison.
struct Side {
    ours: Ours,
    plain: std::path::PathBuf,
    block: Bytes,
    mib: usize,
}

impl Side {
    async fn new(
        scratch: &Scratch,
        effort: &Effort,
        block: Bytes,
        sealing: Sealing,
    ) -> Result<Self> {
        let folder = scratch.folder(&format!("large-{}", sealing.name().replace(' ', "-")));
        let ours = open(&folder, sealing).await?.bucket("large").await?;
        let plain = scratch.folder("large-plain");
        std::fs::create_dir_all(&plain)?;
        Ok(Self { ours, plain, block, mib: effort.large_mib })
    }

    async fn round(&self, round: usize, found: &mut Found) -> Result<()> {
        let mib = self.mib;
        let rate = |time: Duration| mib_rate(mib, time);
        let file = self.plain.join("whole");
        found.written.push(rate(timed(|| plain::write(&file, &self.block, mib))?));
        found.put.push(rate(self.put().await?));
        for (at_once, parts) in PARTS_AT_ONCE.into_iter().zip(&mut found.parts) {
            parts.written.push(rate(timed(|| self.write_parts(at_once))?));
            let seed = u8::try_from(round).unwrap_or(u8::MAX);
            parts.put.push(rate(self.put_parts(at_once, seed).await?));
            self.clear_parts().await?;
        }
        drop_caches();
        found.read_cold.push(rate(timed(|| plain::read(&file))?));
        drop_caches();
        found.got_cold.push(rate(self.get().await?));
        plain::read(&file)?;
        found.read_warm.push(rate(timed(|| plain::read(&file))?));
        self.get().await?;
        found.got_warm.push(rate(self.get().await?));
        self.clear().await
    }

    async fn put(&self) -> Result<Duration> {
        let began = Instant::now();
        self.ours.put_stream("whole", repeat(&self.block, self.mib)).await?;
        Ok(began.elapsed())
    }

    async fn get(&self) -> Result<Duration> {
        let began = Instant::now();
        let bytes = self.ours.get("whole").await?;
        anyhow::ensure!(bytes == (self.mib * MIB) as u64, "the object has another length");
        Ok(began.elapsed())
    }

    async fn put_parts(&self, at_once: u64, seed: u8) -> Result<Duration> {
        let began = Instant::now();
        let upload = self.ours.begin("parts", seed).await?;
        let parts = Arc::new(Mutex::new(Vec::new()));
        let (ours, block, id) = (self.ours.clone(), self.block.clone(), upload.clone());
        let done = Arc::clone(&parts);
        let one = move |number: u64| {
            let (ours, id, done) = (ours.clone(), id.clone(), Arc::clone(&done));
            let body = repeat(&block, PART_MIB);
            async move {
                let number = u16::try_from(number + 1)?;
                let part = ours.part("parts", (&id, number), body).await?;
                done.lock().unwrap_or_else(PoisonError::into_inner).push(part);
                Ok(())
            }
        };
        lanes::each(at_once, (self.mib / PART_MIB) as u64, one).await?;
        let mut parts = parts.lock().unwrap_or_else(PoisonError::into_inner).clone();
        parts.sort_by_key(|part| part.number);
        self.ours.complete("parts", &upload, &parts).await?;
        Ok(began.elapsed())
    }

    fn write_parts(&self, at_once: u64) -> Result<()> {
        let numbers = lanes::Numbers::below((self.mib / PART_MIB) as u64);
        let write = || -> Result<()> {
            while let Some(number) = numbers.next() {
                plain::write(&self.part_file(number), &self.block, PART_MIB)?;
            }
            Ok(())
        };
        std::thread::scope(|scope| {
            let spawned: Vec<_> = (0..at_once).map(|_| scope.spawn(write)).collect();
            spawned
                .into_iter()
                .try_for_each(|t| t.join().map_err(|_| anyhow::anyhow!("a worker panicked"))?)
        })
    }

    /// Every round begins with nothing, so that all have as much of the disk.
    async fn clear(&self) -> Result<()> {
        self.ours.delete("whole").await?;
        empty(&self.plain)
    }

    /// As much of it for the next parts.
    async fn clear_parts(&self) -> Result<()> {
        self.ours.delete("parts").await?;
        for number in 0..self.mib / PART_MIB {
            std::fs::remove_file(self.part_file(number))?;
        }
        Ok(())
    }

    fn part_file(&self, number: impl std::fmt::Display) -> std::path::PathBuf {
        self.plain.join(format!("part-{number}"))
    }

    async fn end(self) -> Result<()> {
        self.ours.close().await;
        Ok(())
    }
}

fn empty(folder: &Path) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        std::fs::remove_file(entry?.path())?;
    }
    Ok(())
}
