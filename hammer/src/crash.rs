//! Kill the server under load, start it again, and look for what was lost.
//!
//! Every worker owns its keys, so for each key at most one write is in flight when the server dies.
//! After a restart a key must hold what was last acknowledged or what was in flight, whole; an
//! acknowledged delete must stay deleted.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::client::{Found, S3};
use crate::content::{self, Random};
use crate::report;
use crate::server::House;

/// Writers at once.
const WORKERS: u64 = 8;
/// Keys of each writer.
const KEYS_EACH: u64 = 24;
/// The server is killed this long after the load began, at random in the range.
const KILL_AFTER_MS: std::ops::Range<u64> = 30..400;
/// Between two looks at everything; every look in between is at the keys that were touched.
const CYCLES_BETWEEN_FULL_LOOKS: u32 = 20;

/// What a key holds: nothing, or the bytes that follow from a seed and a size.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Absent,
    Object { seed: u64, size: usize },
}

/// What is known of one key.
#[derive(Clone, Copy, Debug)]
struct Known {
    acknowledged: State,
    in_flight: Option<State>,
}

const UNTOUCHED: Known = Known { acknowledged: State::Absent, in_flight: None };

/// One writer: its keys, its randomness, its connection.
struct Worker {
    id: u64,
    random: Random,
    keys: BTreeMap<String, Known>,
    touched: Vec<String>,
    acknowledged: u64,
}

#[derive(Default)]
struct Tally {
    acknowledged: u64,
    looked_at: u64,
    in_flight_old: u64,
    in_flight_new: u64,
    restart_slowest: Duration,
}

/// Runs `cycles` cycles; fails at the first loss.
pub(crate) fn run(house: House, cycles: u32, seed: Option<u64>) -> Result<()> {
    let seed = seed.unwrap_or(0x5EED);
    report(&format!("crash: {cycles} cycles of kill -9 under load, seed {seed}"));
    let began = Instant::now();
    let mut running = house.start()?;
    let portal = house.set_up(&running)?;
    let mut s3 = house.s3(&portal)?;
    let mut timing = Random::new(seed);
    let mut workers: Vec<Worker> = (0..WORKERS).map(|id| Worker::new(id, seed)).collect();
    let mut tally = Tally::default();
    for cycle in 1..=cycles {
        let span = KILL_AFTER_MS.end - KILL_AFTER_MS.start;
        let after = Duration::from_millis(KILL_AFTER_MS.start + timing.below(span));
        load_until_killed(&mut workers, &s3, running, after)?;
        running = house.start()?;
        tally.restart_slowest = tally.restart_slowest.max(running.started_in);
        let full = cycle % CYCLES_BETWEEN_FULL_LOOKS == 0 || cycle == cycles;
        if full {
            s3 = house.s3(&portal)?;
        }
        look(&mut workers, &s3, full, &mut tally)?;
    }
    compare_listing(&workers, &s3)?;
    running.kill()?;
    tally.acknowledged = workers.iter().map(|w| w.acknowledged).sum();
    summarise(&tally, cycles, began.elapsed());
    Ok(())
}

fn summarise(tally: &Tally, cycles: u32, took: Duration) {
    report(&format!(
        "  {cycles} kills in {} s; slowest restart {} ms",
        took.as_secs(),
        tally.restart_slowest.as_millis()
    ));
    report(&format!(
        "  {} writes and deletes acknowledged, {} keys looked at after a restart",
        tally.acknowledged, tally.looked_at
    ));
    report(&format!(
        "  in flight at the kill: {} found old, {} found new, 0 found half-written",
        tally.in_flight_old, tally.in_flight_new
    ));
    report("  acknowledged and lost: 0");
}

fn load_until_killed(
    workers: &mut [Worker],
    s3: &S3,
    running: crate::server::Running,
    after: Duration,
) -> Result<()> {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for worker in workers.iter_mut() {
            let (client, stop) = (s3.clone(), &stop);
            scope.spawn(move || worker.work(&client, stop));
        }
        thread::sleep(after);
        let killed = running.kill();
        stop.store(true, Ordering::SeqCst);
        killed
    })
}

impl Worker {
    fn new(id: u64, seed: u64) -> Self {
        let random = Random::new(seed ^ (id + 1).wrapping_mul(0x1000_0000_01b3));
        Self { id, random, keys: BTreeMap::new(), touched: Vec::new(), acknowledged: 0 }
    }

    /// Writes and deletes until the server is gone.
    fn work(&mut self, s3: &S3, stop: &AtomicBool) {
        while !stop.load(Ordering::SeqCst) {
            let key = format!("crash/{}/{:02}", self.id, self.random.below(KEYS_EACH));
            let next = self.choose();
            let known = self.keys.entry(key.clone()).or_insert(UNTOUCHED);
            known.in_flight = Some(next);
            self.touched.push(key.clone());
            if write(s3, &key, next).is_err() {
                return;
            }
            *known = Known { acknowledged: next, in_flight: None };
            self.acknowledged += 1;
        }
    }

    /// Mostly small objects, some around the limit of what is kept inline, some large, some
    /// multipart, some deletes.
    fn choose(&mut self) -> State {
        let seed = self.random.next();
        let below = |random: &mut Random, n: u64| usize::try_from(random.below(n)).unwrap_or(0);
        let size = match self.random.below(20) {
            0..=2 => return State::Absent,
            3..=10 => below(&mut self.random, 8 * 1024),
            11..=14 => 60_000 + below(&mut self.random, 12_000),
            15..=18 => below(&mut self.random, 2 << 20),
            _ => PART + below(&mut self.random, 1 << 20),
        };
        State::Object { seed, size }
    }
}

/// Objects of at least this size are written as a multipart upload.
const PART: usize = 5 << 20;

fn write(s3: &S3, key: &str, state: State) -> Result<()> {
    let State::Object { seed, size } = state else { return s3.delete(key) };
    let bytes = content::bytes(seed, size);
    if size < PART {
        return s3.put(key, &bytes).map(drop);
    }
    let upload = s3.begin(key)?;
    let mut etags = Vec::new();
    for (n, part) in bytes.chunks(PART).enumerate() {
        etags.push(s3.put(&format!("{key}?partNumber={}&uploadId={upload}", n + 1), part)?);
    }
    s3.complete(key, &upload, &etags)
}

fn look(workers: &mut [Worker], s3: &S3, full: bool, tally: &mut Tally) -> Result<()> {
    for worker in workers {
        let mut keys: Vec<String> = std::mem::take(&mut worker.touched);
        if full {
            keys = worker.keys.keys().cloned().collect();
        }
        keys.sort();
        keys.dedup();
        for key in keys {
            let Some(known) = worker.keys.get_mut(&key) else { continue };
            tally.looked_at += 1;
            look_at(s3, &key, known, tally)?;
        }
    }
    Ok(())
}

fn look_at(s3: &S3, key: &str, known: &mut Known, tally: &mut Tally) -> Result<()> {
    let found = s3.get(key)?;
    if known.in_flight.is_some_and(|state| holds(&found, state)) {
        tally.in_flight_new += u64::from(known.in_flight != Some(known.acknowledged));
        known.acknowledged = known.in_flight.unwrap_or(known.acknowledged);
    } else if holds(&found, known.acknowledged) {
        tally.in_flight_old += u64::from(known.in_flight.is_some());
    } else {
        let size = match found {
            Found::Object(bytes) => format!("{} bytes", bytes.len()),
            Found::Nothing => "nothing".to_owned(),
        };
        bail!("LOST: `{key}` holds {size}, but {known:?} was expected");
    }
    known.in_flight = None;
    Ok(())
}

fn holds(found: &Found, state: State) -> bool {
    match (found, state) {
        (Found::Nothing, State::Absent) => true,
        (Found::Object(bytes), State::Object { seed, size }) => {
            bytes.len() == size && *bytes == content::bytes(seed, size)
        }
        (Found::Nothing, State::Object { .. }) | (Found::Object(_), State::Absent) => false,
    }
}

fn compare_listing(workers: &[Worker], s3: &S3) -> Result<()> {
    let listed = s3.list("crash/")?;
    let expected: Vec<String> = workers
        .iter()
        .flat_map(|w| &w.keys)
        .filter(|(_, known)| known.acknowledged != State::Absent)
        .map(|(key, _)| key.clone())
        .collect();
    if listed != expected {
        bail!("LOST: the listing has {} keys, {} were expected", listed.len(), expected.len());
    }
    Ok(())
}
