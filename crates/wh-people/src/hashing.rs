//! Hashing passwords with Argon2id: a bounded number at once, on threads that may block.
//!
//! Invariant: however many ask, no more than `parallel` hashes' memory is held, and who would wait
//! too long is told so at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use wh_ledger::PasswordPhc;
use wh_names::{Entropy, Secret};
use zeroize::Zeroizing;

use crate::OptionsError;
use crate::password::normal;

/// How many may wait for each that is being hashed.
const WAITING_PER_SLOT: usize = 16;

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
    done: AtomicU64,
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
            done: AtomicU64::new(0),
        })
    }

    /// The hash of a new password.
    pub(crate) async fn hash(&self, password: &Secret) -> Result<PasswordPhc, Busy> {
        let salt = self.entropy.bytes::<16>();
        let (params, password) = (self.params.clone(), normal(password));
        let hash = self.work(move || {
            let hash = argon2(params).hash_password_with_salt(password.as_bytes(), &salt).ok()?;
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
        let verdict = self.work(move || {
            let Some(stored) = stored else { return nobodys(params, &salt, &password) };
            compare(&params, &stored, &password)
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

    /// How many hashes were computed so far.
    #[cfg(test)]
    pub(crate) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Busy)?;
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(|_| Busy)?;
        self.done.fetch_add(1, Ordering::Relaxed);
        // The job keeps its place and slot: a caller that goes away does not free its memory.
        let work = tokio::task::spawn_blocking(move || {
            let out = job();
            drop((slot, place));
            out
        });
        work.await.map_err(|_| Busy)
    }
}

fn argon2(params: Params) -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The work of a comparison, for nothing.
fn nobodys(params: Params, salt: &[u8], password: &str) -> Verdict {
    let mut out = Zeroizing::new([0_u8; Params::DEFAULT_OUTPUT_LEN]);
    let done = argon2(params).hash_password_into(password.as_bytes(), salt, &mut *out);
    done.map_or(Verdict::Wrong, |()| Verdict::Wrong)
}

fn compare(params: &Params, stored: &PasswordPhc, password: &str) -> Verdict {
    let Ok(hash) = PasswordHash::new(stored.as_str()) else {
        tracing::error!("a stored password hash cannot be read; its person cannot sign in");
        return Verdict::Wrong;
    };
    if argon2(params.clone()).verify_password(password.as_bytes(), &hash).is_err() {
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
