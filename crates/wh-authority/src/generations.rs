//! Generations of the keys behind temporary credentials and sealed secrets: each is handed over by the one
//! before it.
//!
//! A generation after the first exists as text only sealed under the one before: who does not hold the
//! keys cannot put any in. It seals from a moment that it names, and opens from the moment that it is
//! known, so that nodes that learn of it a little later understand each other. It also names until when
//! session tokens of those before it count. What lies in the ledger opens for good.

use aes_gcm::{Aes256Gcm, KeyInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use wh_names::{AccessKeyId, Entropy, NameError, Secret};
use zeroize::Zeroizing;

use crate::seal;

/// SHA-256's block, which is the size of an HMAC key.
const HMAC_KEY_BYTES: usize = 64;

/// One generation of keys.
#[derive(Clone)]
pub(crate) struct Generation {
    sealing: [u8; 32],
    derivation: [u8; 32],
    pub(crate) dates: GenerationDates,
}

/// When a generation of keys was made, and what it does when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GenerationDates {
    /// When it was made; `None` for a first one of which only the file could tell.
    pub made: Option<Timestamp>,
    /// Since when, or from when on, it seals.
    pub from: Timestamp,
    /// Until when session tokens of the generation before it count.
    pub before_until: Timestamp,
}

impl GenerationDates {
    /// Of the first.
    pub(crate) const FIRST: Self =
        Self { made: None, from: Timestamp::MIN, before_until: Timestamp::MIN };
}

/// A generation as it is sealed under the one before. Short names, times in milliseconds since 1970.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    made: i64,
    from: i64,
    before_until: i64,
    sealing: [u8; 32],
    derivation: [u8; 32],
}

impl Generation {
    pub(crate) fn new(sealing: [u8; 32], derivation: [u8; 32], dates: GenerationDates) -> Self {
        Self { sealing, derivation, dates }
    }

    /// A new one that nobody has seen.
    pub(crate) fn random(dates: GenerationDates, entropy: &Entropy) -> Self {
        Self::new(entropy.bytes(), entropy.bytes(), dates)
    }

    /// This one as text, for who holds the one before. `number` is its place in the order, from 1.
    pub(crate) fn hand_over(
        &self,
        before: &Self,
        number: usize,
        entropy: &Entropy,
    ) -> Option<String> {
        let dates = self.dates;
        let written = Written {
            made: dates.made?.as_millisecond(),
            from: dates.from.as_millisecond(),
            before_until: dates.before_until.as_millisecond(),
            sealing: self.sealing,
            derivation: self.derivation,
        };
        let text = Zeroizing::new(serde_json::to_vec(&written).ok()?);
        seal::seal_generation(before, number, &text, entropy)
    }

    /// What [`Generation::hand_over`] wrote; `None` where the holder of `before` did not.
    pub(crate) fn take_over(before: &Self, number: usize, sealed: &str) -> Option<Self> {
        let text = seal::open_generation(before, number, sealed)?;
        let written: Written = serde_json::from_slice(&text).ok()?;
        let dates = GenerationDates {
            made: Some(Timestamp::from_millisecond(written.made).ok()?),
            from: Timestamp::from_millisecond(written.from).ok()?,
            before_until: Timestamp::from_millisecond(written.before_until).ok()?,
        };
        Some(Self::new(written.sealing, written.derivation, dates))
    }

    pub(crate) fn sealing(&self) -> &[u8; 32] {
        &self.sealing
    }

    pub(crate) fn derivation(&self) -> &[u8; 32] {
        &self.derivation
    }

    /// The secret of temporary credentials: HMAC-SHA-256 of the access key id.
    pub(crate) fn derive_secret(&self, id: &AccessKeyId) -> Result<Secret, NameError> {
        let mac = keyed(&self.derivation)
            .chain_update(b"wellhouse-secret-access-key/1\0")
            .chain_update(id.as_str());
        Secret::parse(&STANDARD.encode(mac.finalize().into_bytes()))
    }

    /// The key under which something beside session tokens is sealed: HMAC-SHA-256 of what it is for,
    /// under the sealing key, which cannot be found from it.
    pub(crate) fn cipher_for(&self, purpose: &str) -> Aes256Gcm {
        let mac = keyed(&self.sealing).chain_update(purpose);
        Aes256Gcm::new(&mac.finalize().into_bytes())
    }

    pub(crate) fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&self.sealing.into())
    }
}

fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    let mut padded = [0; HMAC_KEY_BYTES];
    for (to, from) in padded.iter_mut().zip(key) {
        *to = *from;
    }
    <Hmac<Sha256> as KeyInit>::new(&padded.into())
}
