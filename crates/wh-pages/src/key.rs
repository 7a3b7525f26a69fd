//! The key of an encrypted database, and the sub-keys that pages are sealed under.
//!
//! AES-GCM with random nonces is safe for 2^32 uses of a key (NIST SP 800-38D, 8.3). So the key
//! itself seals nothing: each generation of writes, a random number of 32 bits, has a sub-key
//! (HKDF-SHA-256), and ends after [`GENERATION_WRITES_MAX`] pages or with the process. A page
//! names its generation.
//!
//! Invariant: no sub-key seals more than 2^30 pages for one [`Key`] value.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Prk};
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

/// How many pages one sub-key seals: a collision of nonces among 2^30 has a chance of 2^-37.
const GENERATION_WRITES_MAX: u32 = 1 << 30;

/// How many sub-keys of earlier generations are kept at hand.
const KNOWN_MAX: usize = 1024;

/// The key of an encrypted database: 32 bytes. Clones share their sub-keys, so keep one for all
/// connections. `Debug` does not print it.
#[derive(Clone)]
pub struct Key(Arc<Inner>);

struct Inner {
    secret: Zeroizing<[u8; 32]>,
    id: [u8; 4],
    random: SystemRandom,
    current: Mutex<Current>,
    known: RwLock<HashMap<u32, Arc<LessSafeKey>>>,
}

struct Current {
    generation: u32,
    key: Option<Arc<LessSafeKey>>,
    left: u32,
}

/// What seals the next page.
pub(crate) struct Stamp {
    pub(crate) generation: u32,
    pub(crate) nonce: [u8; 12],
    pub(crate) key: Arc<LessSafeKey>,
}

impl Key {
    /// Takes over 32 bytes that nobody can guess: from a random source or a key derivation, never
    /// a password.
    pub fn new(secret: Zeroizing<[u8; 32]>) -> Self {
        let id = derived::<4>(&secret, &[b"wh-pages 1 id"]);
        // The name of the other kind of seal is never that of a key.
        let id = if id == crate::seal::CHECKSUM_ID { *b"mus1" } else { id };
        let current = Mutex::new(Current { generation: 0, key: None, left: 0 });
        let (random, known) = (SystemRandom::new(), RwLock::default());
        Self(Arc::new(Inner { secret, id, random, current, known }))
    }

    /// What pages under this key are marked with. It tells keys apart and nothing about them.
    pub(crate) fn id(&self) -> [u8; 4] {
        self.0.id
    }

    /// A fresh nonce under the current generation; `None` when there is no randomness.
    pub(crate) fn stamp(&self) -> Option<Stamp> {
        let mut nonce = [0; 12];
        self.0.random.fill(&mut nonce).ok()?;
        let mut current = self.0.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.left == 0 {
            let mut generation = [0; 4];
            self.0.random.fill(&mut generation).ok()?;
            current.generation = u32::from_le_bytes(generation);
            current.key = self.derive(current.generation);
            current.left = GENERATION_WRITES_MAX;
        }
        current.left -= 1;
        let key = Arc::clone(current.key.as_ref()?);
        Some(Stamp { generation: current.generation, nonce, key })
    }

    /// The sub-key of a generation, to open with.
    pub(crate) fn of(&self, generation: u32) -> Option<Arc<LessSafeKey>> {
        let known = self.0.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = known.get(&generation) {
            return Some(Arc::clone(key));
        }
        drop(known);
        self.derive(generation)
    }

    /// Keeps a sub-key that opened a page; a generation read from a damaged page is not kept.
    pub(crate) fn keep(&self, generation: u32, key: &Arc<LessSafeKey>) {
        let known = self.0.known.read().unwrap_or_else(PoisonError::into_inner);
        if known.contains_key(&generation) {
            return;
        }
        drop(known);
        let mut known = self.0.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        known.insert(generation, Arc::clone(key));
    }

    fn derive(&self, generation: u32) -> Option<Arc<LessSafeKey>> {
        let info: [&[u8]; 2] = [b"wh-pages 1 pages", &generation.to_le_bytes()];
        let prk = Prk::new_less_safe(HKDF_SHA256, self.0.secret.as_slice());
        let key = UnboundKey::from(prk.expand(&info, &AES_256_GCM).ok()?);
        Some(Arc::new(LessSafeKey::new(key)))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").finish_non_exhaustive()
    }
}

struct Bytes(usize);

impl ring::hkdf::KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

fn derived<const N: usize>(secret: &Zeroizing<[u8; 32]>, info: &[&[u8]]) -> [u8; N] {
    let mut out = [0; N];
    let prk = Prk::new_less_safe(HKDF_SHA256, secret.as_slice());
    // Fails only for more than 255 times 32 bytes.
    let filled = prk.expand(info, Bytes(N)).and_then(|okm| okm.fill(&mut out));
    debug_assert!(filled.is_ok(), "HKDF gives {N} bytes");
    out
}
