//! Measure the server beside the disk that it stands on, in one run.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::fs::{Advice, fadvise};

use crate::client::{S3, drain};
use crate::content;
use crate::report;
use crate::server::{House, Portal, Running};

pub(crate) const MIB: usize = 1 << 20;
/// Parts of a multipart upload, as the AWS CLI and our own page send them.
const PART: usize = 8 * MIB;
/// Parts on their way at once.
const LANES: usize = 4;
/// Small objects.
pub(crate) const SMALL: usize = 4096;
/// Objects in the folder that is listed through the portal.
const LISTED: usize = 200;

/// How much to do.
struct Effort {
    large: usize,
    rounds: usize,
    small: Duration,
}

impl Effort {
    fn new(quick: bool) -> Self {
        if quick {
            return Self { large: 128 * MIB, rounds: 1, small: Duration::from_secs(2) };
        }
        Self { large: 1024 * MIB, rounds: 3, small: Duration::from_secs(8) }
    }
}

/// Measures everything and prints one table.
pub(crate) fn run(house: House, scratch: &Path, quick: bool) -> Result<()> {
    let effort = Effort::new(quick);
    let running = house.start()?;
    let first = running.started_in;
    let portal = house.set_up(&running)?;
    running.kill()?;
    let running = house.start()?;
    report("Wellhouse, measured beside the disk that it stands on");
    report(&format!("  start-up: first {} ms, again {} ms", ms(first), ms(running.started_in)));
    thread::sleep(Duration::from_secs(3));
    report(&format!("  memory when idle: {} MiB", running.memory_kib("VmRSS")? / 1024));
    let s3 = house.s3(&portal)?;
    large(&s3, scratch, &effort)?;
    small(&s3, &effort)?;
    listing(&s3, &portal, &effort)?;
    memory(&s3, &running, &effort)?;
    running.kill()
}

fn ms(time: Duration) -> u128 {
    time.as_millis()
}

pub(crate) fn rate(bytes: usize, time: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a rate to three digits")]
    let mib = bytes as f64 / MIB as f64;
    mib / time.as_secs_f64()
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

pub(crate) fn timed(work: impl FnOnce() -> Result<()>) -> Result<Duration> {
    let began = Instant::now();
    work()?;
    Ok(began.elapsed())
}

/// PUT and GET of one large object against a file written with fsync and read back, interleaved
/// so that both meet the same disk.
fn large(s3: &S3, scratch: &Path, effort: &Effort) -> Result<()> {
    let block = content::bytes(7, 16 * MIB);
    let path = scratch.join("plain");
    let mut rates: [Vec<f64>; 5] = Default::default();
    for _ in 0..effort.rounds {
        let times = [
            timed(|| write_file(&path, &block, effort.large))?,
            timed(|| put_single(s3, &block, effort.large))?,
            timed(|| put_multipart(s3, &block, effort.large))?,
            timed_cold(&path, || read_file(&path))?,
            timed_cold(&path, || drain(s3.get_raw("bench/multipart")?))?,
        ];
        for (rates, time) in rates.iter_mut().zip(times) {
            rates.push(rate(effort.large, time));
        }
        fs::remove_file(&path)?;
    }
    let [write, single, multipart, read, get] = rates.map(median);
    let mib = effort.large / MIB;
    let cold = if drop_caches() { "cold cache" } else { "warm cache" };
    report(&format!("  {mib} MiB, median of {} rounds, MiB/s (ratio to the disk)", effort.rounds));
    report(&format!("    plain file, written with fsync  {write:7.0}"));
    report(&format!("    PUT, one request                {single:7.0}  ({:.2})", single / write));
    report(&format!(
        "    PUT, parts of 8 MiB, 4 lanes    {multipart:7.0}  ({:.2})",
        multipart / write
    ));
    report(&format!("    plain file, read, {cold}    {read:7.0}"));
    report(&format!("    GET, {cold}                 {get:7.0}  ({:.2})", get / read));
    Ok(())
}

fn write_file(path: &Path, block: &[u8], size: usize) -> Result<()> {
    let mut file = File::create(path)?;
    for _ in 0..size / block.len() {
        for piece in block.chunks(MIB) {
            file.write_all(piece)?;
        }
    }
    file.sync_all()?;
    File::open(path.parent().context("a folder")?)?.sync_all()?;
    Ok(())
}

fn read_file(path: &Path) -> Result<()> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; MIB];
    while file.read(&mut buffer)? > 0 {}
    Ok(())
}

/// Empties the page cache where we may; otherwise both sides read from memory.
pub(crate) fn drop_caches() -> bool {
    fs::write("/proc/sys/vm/drop_caches", "1").is_ok()
}

fn timed_cold(path: &Path, work: impl FnOnce() -> Result<()>) -> Result<Duration> {
    if drop_caches() {
        fadvise(File::open(path)?, 0, None, Advice::DontNeed)?;
    }
    timed(work)
}

/// Repeats a block without end.
struct Repeat<'a> {
    block: &'a [u8],
    at: usize,
}

impl Read for Repeat<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let rest = self.block.get(self.at..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.at = (self.at + count) % self.block.len();
        Ok(count)
    }
}

pub(crate) fn put_single(s3: &S3, block: &[u8], size: usize) -> Result<()> {
    let mut body = Repeat { block, at: 0 }.take(size as u64);
    s3.put_from("bench/single", &mut body, size as u64).map(drop)
}

pub(crate) fn put_multipart(s3: &S3, block: &[u8], size: usize) -> Result<()> {
    put_parts(s3, "bench/multipart", block, size)
}

fn put_parts(s3: &S3, key: &str, block: &[u8], size: usize) -> Result<()> {
    let upload = s3.begin(key)?;
    let count = size / PART;
    let next = AtomicU64::new(0);
    let lanes: Vec<Result<Vec<(u64, String)>>> = thread::scope(|scope| {
        let lane = || {
            put_lane(&s3.clone(), &format!("{key}?uploadId={upload}"), block, || {
                let n = next.fetch_add(1, Ordering::Relaxed) + 1;
                (n <= count as u64).then_some(n)
            })
        };
        let spawned: Vec<_> = (0..LANES).map(|_| scope.spawn(lane)).collect();
        spawned.into_iter().map(join).collect()
    });
    let mut parts = Vec::new();
    for lane in lanes {
        parts.extend(lane?);
    }
    parts.sort();
    let etags: Vec<String> = parts.into_iter().map(|(_, etag)| etag).collect();
    s3.complete(key, &upload, &etags)
}

/// One lane: PUTs parts until there is no next one.
fn put_lane(
    s3: &S3,
    path: &str,
    block: &[u8],
    next: impl Fn() -> Option<u64>,
) -> Result<Vec<(u64, String)>> {
    let mut done = Vec::new();
    while let Some(n) = next() {
        let part = block.get(..PART).unwrap_or(block);
        done.push((n, s3.put(&format!("{path}&partNumber={n}"), part)?));
    }
    Ok(done)
}

fn join<T>(handle: thread::ScopedJoinHandle<'_, Result<T>>) -> Result<T> {
    handle.join().map_err(|_| anyhow::anyhow!("a worker panicked"))?
}

/// 4 KiB PUTs and GETs per second at 16 and 64 clients.
fn small(s3: &S3, effort: &Effort) -> Result<()> {
    let body = content::bytes(11, SMALL);
    report("  4 KiB objects, durable, per second");
    for clients in [16, 64] {
        let puts = per_second(clients, effort.small, || {
            let (client, body) = (s3.clone(), body.clone());
            move |n, i| client.put(&format!("small/{n}/{i}"), &body).map(drop)
        })?;
        for n in 0..clients {
            s3.put(&format!("small/get/{n}"), &body)?;
        }
        let gets = per_second(clients, effort.small, || {
            let client = s3.clone();
            move |n, _| drain(client.get_raw(&format!("small/get/{n}"))?)
        })?;
        report(&format!("    {clients} clients: PUT {puts:6.0}   GET {gets:6.0}"));
    }
    Ok(())
}

/// Runs `clients` threads for `time`, each with its own worker, and counts what they finish.
pub(crate) fn per_second<W>(clients: usize, time: Duration, worker: impl Fn() -> W) -> Result<f64>
where
    W: FnMut(usize, u64) -> Result<()> + Send,
{
    let (done, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let began = Instant::now();
    let outcome: Result<Vec<()>> = thread::scope(|scope| {
        let mut handles = Vec::new();
        for n in 0..clients {
            let (mut work, done, stop) = (worker(), &done, &stop);
            handles.push(scope.spawn(move || {
                let mut rounds = (0..).take_while(|_| !stop.load(Ordering::Relaxed));
                rounds
                    .try_for_each(|i| work(n, i).map(|()| _ = done.fetch_add(1, Ordering::Relaxed)))
            }));
        }
        thread::sleep(time);
        stop.store(true, Ordering::Relaxed);
        handles.into_iter().map(join).collect()
    });
    outcome?;
    #[expect(clippy::cast_precision_loss, reason = "a rate to three digits")]
    let count = done.load(Ordering::Relaxed) as f64;
    Ok(count / began.elapsed().as_secs_f64())
}

/// Listings of a folder through the portal: cookie, grants, role session, store, JSON.
fn listing(s3: &S3, portal: &Portal, effort: &Effort) -> Result<()> {
    for n in 0..LISTED {
        s3.put(&format!("listed/file-{n:04}"), b"x")?;
    }
    let location = portal.admin_location()?;
    let path = format!("/locations/{location}/entries?path=listed/");
    let listings = per_second(16, effort.small, || |_, _| portal.get(&path).map(drop))?;
    report(&format!(
        "  portal: a folder of {LISTED} files listed, 16 clients: {listings:.0} a second"
    ));
    let explain = format!("/locations/{location}/explain?path=listed/x&action=s3:PutObject");
    let explained = per_second(16, effort.small, || |_, _| portal.get(&explain).map(drop))?;
    report(&format!("  portal: a permission explained, 16 clients: {explained:.0} a second"));
    Ok(())
}

/// The highest memory while eight clients upload a large object each.
fn memory(s3: &S3, running: &Running, effort: &Effort) -> Result<()> {
    let block = content::bytes(13, PART);
    let peak = AtomicU64::new(0);
    let stop = AtomicBool::new(false);
    thread::scope(|scope| -> Result<()> {
        let watch = scope.spawn(|| -> Result<()> {
            while !stop.load(Ordering::Relaxed) {
                peak.fetch_max(running.memory_kib("VmRSS")?, Ordering::Relaxed);
                thread::sleep(Duration::from_millis(20));
            }
            Ok(())
        });
        let block = &block;
        let uploads: Vec<_> = (0..8)
            .map(|n| scope.spawn(move || put_parts(s3, &format!("eight/{n}"), block, effort.large)))
            .collect();
        let outcome: Result<Vec<()>> = uploads.into_iter().map(join).collect();
        stop.store(true, Ordering::Relaxed);
        join(watch)?;
        outcome.map(drop)
    })?;
    let mib = effort.large / MIB;
    let peak = peak.load(Ordering::Relaxed) / 1024;
    report(&format!("  memory while 8 clients upload {mib} MiB each: {peak} MiB"));
    Ok(())
}
