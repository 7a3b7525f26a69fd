//! Tokens of the metadata service: when they end, sealed by a key that lives as long as the process.
//!
//! Nothing is kept of a token that was given out, so that asking for many costs no memory.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;
use std::ops::RangeInclusive;
use wh_names::Entropy;
use zeroize::Zeroizing;

/// How long a token may count, in seconds. Source: EC2 User Guide, "Use `IMDSv2`".
pub(super) const SECONDS: RangeInclusive<u32> = 1..=21_600;

const NONCE_BYTES: usize = 16;
const MAC_BYTES: usize = 32;

/// Gives out tokens and knows its own.
pub(super) struct Tokens {
    key: Zeroizing<[u8; 64]>,
    entropy: Entropy,
}

impl Tokens {
    pub(super) fn new(entropy: Entropy) -> Self {
        Self { key: Zeroizing::new(entropy.bytes()), entropy }
    }

    /// A token that counts for so many seconds from now on.
    pub(super) fn issue(&self, seconds: u32, now: Timestamp) -> Option<String> {
        let ends = now.checked_add(SignedDuration::from_secs(seconds.into())).ok()?;
        let mut token = ends.as_millisecond().to_be_bytes().to_vec();
        token.extend(self.entropy.bytes::<NONCE_BYTES>());
        let mac = self.mac(&token).finalize().into_bytes();
        token.extend(mac);
        Some(URL_SAFE.encode(token))
    }

    /// Whether a token is one of ours and has not ended.
    pub(super) fn counts(&self, token: &str, now: Timestamp) -> bool {
        let Ok(token) = URL_SAFE.decode(token) else { return false };
        let Some((told, mac)) = token.split_last_chunk::<MAC_BYTES>() else { return false };
        // In time that does not depend on where they differ.
        if self.mac(told).verify_slice(mac).is_err() {
            return false;
        }
        let ends = told.first_chunk::<8>().map(|bytes| i64::from_be_bytes(*bytes));
        ends.is_some_and(|ends| now.as_millisecond() < ends)
    }

    fn mac(&self, told: &[u8]) -> Hmac<Sha256> {
        let mac = <Hmac<Sha256> as KeyInit>::new(&(*self.key).into());
        mac.chain_update(told)
    }
}
