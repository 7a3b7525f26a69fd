//! A mixed load, and what must be found afterwards.
//!
//! Every worker owns its keys, so for each key at most one write is in flight when the server dies.
//! After a restart a key must hold what was last acknowledged or what was in flight, whole; an
//! acknowledged delete must stay deleted.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Result, bail};

use crate::client::{Found, S3};
use crate::content::{self, Random};
use crate::report;

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

/// Where the objects are.
const FOLDER: &str = "crash/";

/// After so many failures, one after the other, a writer ends.
const FAILURES_MAX: u32 = 6;

const UNTOUCHED: Known = Known { acknowledged: State::Absent, in_flight: None };

/// One writer: its keys and its randomness.
pub(crate) struct Worker {
    id: u64,
    keys_max: u64,
    random: Random,
    keys: BTreeMap<String, Known>,
    touched: Vec<String>,
    pub(crate) acknowledged: u64,
}

/// What was seen.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) looked_at: u64,
    pub(crate) in_flight_old: u64,
    pub(crate) in_flight_new: u64,
}

impl Tally {
    /// Reports it.
    pub(crate) fn tell(&self, workers: &[Worker]) {
        let acknowledged: u64 = workers.iter().map(|worker| worker.acknowledged).sum();
        report(&format!(
            "  {acknowledged} writes and deletes acknowledged, {} keys looked at after a restart",
            self.looked_at
        ));
        report(&format!(
            "  in flight at the end: {} found old, {} found new, 0 found half-written",
            self.in_flight_old, self.in_flight_new
        ));
        report("  acknowledged and lost: 0");
    }
}

impl Worker {
    /// A writer with so many keys.
    pub(crate) fn new(id: u64, seed: u64, keys_max: u64) -> Self {
        let random = Random::new(seed ^ (id + 1).wrapping_mul(0x1000_0000_01b3));
        Self { id, keys_max, random, keys: BTreeMap::new(), touched: Vec::new(), acknowledged: 0 }
    }

    /// Writes and deletes until it is told to stop or nothing works any more. What failed stays
    /// in flight, and its key is left alone.
    pub(crate) fn work(&mut self, s3: &S3, stop: &AtomicBool) {
        let mut failures = 0;
        while !stop.load(Ordering::SeqCst) && failures < FAILURES_MAX {
            let key = format!("{FOLDER}{}/{:02}", self.id, self.random.below(self.keys_max));
            let next = self.choose();
            let known = self.keys.entry(key.clone()).or_insert(UNTOUCHED);
            if known.in_flight.is_some() {
                failures += 1;
                continue;
            }
            known.in_flight = Some(next);
            self.touched.push(key.clone());
            if write(s3, &key, next).is_err() {
                failures += 1;
                continue;
            }
            failures = 0;
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

/// How much is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// What was touched since the last look.
    Touched,
    /// Every key, and the listing.
    Everything,
}

/// Looks whether everything is there; fails at the first loss.
pub(crate) fn look(workers: &mut [Worker], s3: &S3, look: Look, tally: &mut Tally) -> Result<()> {
    for worker in workers.iter_mut() {
        let mut keys: Vec<String> = std::mem::take(&mut worker.touched);
        if look == Look::Everything {
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
    if look == Look::Everything { compare_listing(workers, s3) } else { Ok(()) }
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
    let listed = s3.list(FOLDER)?;
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
