//! Hashing passwords with Argon2id: a bounded number at once, on threads that step back for everything else.
//!
//! Invariant: however many ask, no more than `parallel` hashes' memory is held, and who would wait
//! too long is told so at once.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
#[cfg(target_os = "linux")]
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use tokio::sync::{Semaphore, oneshot};
use wh_ledger::PasswordPhc;
use wh_names::{Entropy, Secret};
use zeroize::Zeroizing;

use crate::OptionsError;
use crate::password::normal;

/// How many may wait for each that is being hashed.
const WAITING_PER_SLOT: usize = 16;
/// How far a thread that hashes steps back (`nice`, 0 to 19): whoever asks for anything else gets the
/// processor at once, and a hash takes what is left.
#[cfg(target_os = "linux")]
const STEP_BACK: i32 = 10;

/// How much work a password's hash is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashingOptions {
    /// Memory of one hash, in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
    /// Lanes in the memory.
    pub lanes: u32,
    /// Hashes computed at the same time; the memory ceiling is `parallel × memory_kib`.
    pub parallel: usize,
}

/// Too many are waiting for a hash already, or the machine failed at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Busy;

#[derive(Debug)]
pub(crate) struct Hasher {
    params: Params,
    entropy: Entropy,
    places: Arc<Semaphore>,
    places_in_all: usize,
    slots: Arc<Semaphore>,
    rooms: Arc<Rooms>,
    done: AtomicU64,
}

/// Memory that one hash leaves for the next while others wait. To have it from the system each time and give
/// it back costs as much as the hash, and stops every other thread of the process meanwhile.
#[derive(Default)]
struct Rooms(Mutex<Vec<Vec<Block>>>);

impl Rooms {
    fn take(&self) -> Vec<Block> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn keep(&self, room: Vec<Block>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(room);
    }

    fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl fmt::Debug for Rooms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rooms")
    }
}

/// What came of comparing a password with a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Wrong,
    Right,
    /// Right, and the hash is weaker than those that are made now.
    RightButWeak,
}

impl Hasher {
    pub(crate) fn new(options: HashingOptions, entropy: Entropy) -> Result<Self, OptionsError> {
        let HashingOptions { memory_kib, iterations, lanes, parallel } = options;
        let params = Params::new(memory_kib, iterations, lanes, None)
            .map_err(|_| OptionsError::Hashing { memory_kib, iterations, lanes })?;
        let slots = parallel.clamp(1, Semaphore::MAX_PERMITS / (WAITING_PER_SLOT + 1));
        let places_in_all = slots * (WAITING_PER_SLOT + 1);
        Ok(Self {
            params,
            entropy,
            places: Arc::new(Semaphore::new(places_in_all)),
            places_in_all,
            slots: Arc::new(Semaphore::new(slots)),
            rooms: Arc::default(),
            done: AtomicU64::new(0),
        })
    }

    /// The hash of a new password.
    pub(crate) async fn hash(&self, password: &Secret) -> Result<PasswordPhc, Busy> {
        let salt = self.entropy.bytes::<16>();
        let (params, password) = (self.params.clone(), normal(password));
        let hash = self.work(move |room| {
            let hash = made(&params, &salt, &password, room)?;
            Some(PasswordPhc::from_phc(&hash.to_string()))
        });
        hash.await?.ok_or(Busy)
    }

    /// Compares a password with a person's hash. Where there is no person, the same work is done
    /// and the password is wrong.
    pub(crate) async fn verify(
        &self,
        stored: Option<&PasswordPhc>,
        password: &Secret,
    ) -> Result<Verdict, Busy> {
        let (params, password) = (self.params.clone(), normal(password));
        let salt = self.entropy.bytes::<16>();
        // Who has no password yet costs what nobody costs.
        let stored = stored.filter(|stored| stored.is_set()).cloned();
        let verdict = self.work(move |room| {
            let Some(stored) = stored else { return nobodys(&params, &salt, &password, room) };
            compare(&params, &stored, &password, room)
        });
        verdict.await
    }

    /// Whether whoever asks now is told that it is busy.
    pub(crate) fn is_full(&self) -> bool {
        self.places.available_permits() == 0
    }

    /// How many may be hashed or wait for it at once.
    pub(crate) fn places(&self) -> usize {
        self.places_in_all
    }

    /// How many are hashed at the same time.
    pub(crate) fn parallel(&self) -> usize {
        self.places_in_all / (WAITING_PER_SLOT + 1)
    }

    /// How many hashes were computed so far.
    #[cfg(test)]
    pub(crate) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// How much memory is kept for a next hash.
    #[cfg(test)]
    pub(crate) fn rooms(&self) -> usize {
        self.rooms.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Vec<Block>) -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Busy)?;
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(|_| Busy)?;
        self.done.fetch_add(1, Ordering::Relaxed);
        let (places, all, rooms) =
            (Arc::clone(&self.places), self.places_in_all, Arc::clone(&self.rooms));
        // The job keeps its place and slot: a caller that goes away does not free its memory.
        let (told, work) = oneshot::channel();
        let hashing = std::thread::Builder::new().name("hash".to_owned()).spawn(move || {
            step_back();
            let mut room = rooms.take();
            let out = job(&mut room);
            // Before the slot is free, so that there are never more rooms than slots.
            rooms.keep(room);
            drop((slot, place));
            if places.available_permits() == all {
                rooms.clear();
            }
            // Nobody waits any more: the work was done all the same.
            drop(told.send(out));
        });
        hashing.map_err(|error| {
            tracing::error!(%error, "no thread to hash a password on");
            Busy
        })?;
        work.await.map_err(|_| Busy)
    }
}

/// Only on Linux is it the thread that steps back; elsewhere it would be the whole process.
fn step_back() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(STEP_BACK).and_then(|_niceness| leave_a_core()) {
        tracing::debug!(%error, "a hash is as urgent as everything else");
    }
}

/// Keeps this thread off the first of the cores that it may use, if it may use others. A hash that only steps
/// back still sits where the next request is to run, and fills the caches there.
#[cfg(target_os = "linux")]
fn leave_a_core() -> rustix::io::Result<()> {
    let mut cores = sched_getaffinity(None)?;
    let first = (0..CpuSet::MAX_CPU).find(|core| cores.is_set(*core));
    if let Some(first) = first.filter(|_| cores.count() > 1) {
        cores.unset(first);
        sched_setaffinity(None, &cores)?;
    }
    Ok(())
}

/// Fills `out` by Argon2 in this memory, which grows to what the parameters ask for.
fn fill(
    argon2: &Argon2<'_>,
    (password, salt): (&str, &[u8]),
    out: &mut [u8],
    room: &mut Vec<Block>,
) -> Option<()> {
    let blocks = argon2.params().block_count();
    if room.len() < blocks {
        room.resize(blocks, Block::new());
    }
    let room = room.get_mut(..blocks)?;
    argon2.hash_password_into_with_memory(password.as_bytes(), salt, out, room).ok()
}

fn argon2id(params: &Params) -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
}

/// A hash, as it is kept.
fn made(
    params: &Params,
    salt: &[u8],
    password: &str,
    room: &mut Vec<Block>,
) -> Option<PasswordHash> {
    let mut out = Zeroizing::new([0_u8; Params::DEFAULT_OUTPUT_LEN]);
    fill(&argon2id(params), (password, salt), &mut *out, room)?;
    Some(PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params).ok()?,
        salt: Some(Salt::new(salt).ok()?),
        hash: Some(Output::new(&*out).ok()?),
    })
}

/// The work of a comparison, for nothing.
fn nobodys(params: &Params, salt: &[u8], password: &str, room: &mut Vec<Block>) -> Verdict {
    let mut out = Zeroizing::new([0_u8; Params::DEFAULT_OUTPUT_LEN]);
    let done = fill(&argon2id(params), (password, salt), &mut *out, room);
    done.map_or(Verdict::Wrong, |()| Verdict::Wrong)
}

/// Whether this is the password of that hash, by the parameters that the hash names.
fn is_of(hash: &PasswordHash, password: &str, room: &mut Vec<Block>) -> Option<bool> {
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
    let version = hash.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
    let (salt, kept) = (hash.salt.as_ref()?, hash.hash.as_ref()?);
    let argon2 = Argon2::new(algorithm, version, Params::try_from(hash).ok()?);
    let mut out = Zeroizing::new([0_u8; Output::MAX_LENGTH]);
    let out = out.get_mut(..kept.len())?;
    fill(&argon2, (password, salt.as_ref()), out, room)?;
    // Outputs are compared in the same time, wherever they differ.
    Some(Output::new(out).ok()? == *kept)
}

fn compare(
    params: &Params,
    stored: &PasswordPhc,
    password: &str,
    room: &mut Vec<Block>,
) -> Verdict {
    let Ok(hash) = PasswordHash::new(stored.as_str()) else {
        tracing::error!("a stored password hash cannot be read; its person cannot sign in");
        return Verdict::Wrong;
    };
    if is_of(&hash, password, room) != Some(true) {
        return Verdict::Wrong;
    }
    match Params::try_from(&hash) {
        Ok(old) if !weaker(&old, params) => Verdict::Right,
        Ok(_) | Err(_) => Verdict::RightButWeak,
    }
}

fn weaker(old: &Params, new: &Params) -> bool {
    old.m_cost() < new.m_cost() || old.t_cost() < new.t_cost()
}
