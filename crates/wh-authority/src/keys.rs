//! `KeyRing`: the root access key, and the keys behind temporary credentials.
//!
//! Invariant: the three secrets are independent random values. None is derived from another, so
//! that whoever learns one has learnt only that one.

use std::fmt;

use aes_gcm::{Aes256Gcm, KeyInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use wh_names::{AccessKeyId, Entropy, NameError, Secret, Uid};
use zeroize::Zeroizing;

use crate::seal;

/// The first line of a key ring's text.
const HEADER: &str = "wellhouse-keys 1";

/// AWS's alphabet for access key ids and unique ids.
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// SHA-256's block, which is the size of an HMAC key.
const HMAC_KEY_BYTES: usize = 64;

/// The authority's own secrets. The binary keeps them in a file that only it may read.
#[derive(Clone)]
pub struct KeyRing {
    root_id: AccessKeyId,
    root_secret: Secret,
    sealing: [u8; 32],
    derivation: [u8; 32],
}

/// Why a text is not a key ring.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyRingError {
    /// The text is not a key ring of a version that this program knows.
    #[error("the key file is not of a version that this program knows")]
    Version,
    /// A line is missing, repeated, unknown or damaged. It is not repeated here: it is a secret.
    #[error("line {line} of the key file cannot be read")]
    Line {
        /// The line's number, from 1.
        line: usize,
    },
    /// Random bytes did not make a name; the source of randomness is broken.
    #[error("the source of randomness is broken")]
    Entropy(#[from] NameError),
}

impl KeyRingError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Version => "key-ring-version",
            Self::Line { .. } => "key-ring-line",
            Self::Entropy(_) => "key-ring-entropy",
        }
    }
}

impl KeyRing {
    /// A new key ring.
    pub fn generate(entropy: &Entropy) -> Result<Self, KeyRingError> {
        Ok(Self {
            root_id: AccessKeyId::parse(&unique_id("AKIA", entropy))?,
            root_secret: Secret::parse(&STANDARD.encode(entropy.bytes::<30>()))?,
            sealing: entropy.bytes(),
            derivation: entropy.bytes(),
        })
    }

    /// Reads what [`KeyRing::to_text`] wrote.
    pub fn parse(text: &str) -> Result<Self, KeyRingError> {
        let mut lines = text.lines();
        if lines.next() != Some(HEADER) {
            return Err(KeyRingError::Version);
        }
        let mut value = |line: usize, name: &str| {
            let found = lines.next().and_then(|l| l.strip_prefix(name)?.strip_prefix('='));
            found.ok_or(KeyRingError::Line { line })
        };
        let root_id = value(2, "root-access-key-id")?;
        let root_secret = value(3, "root-secret-access-key")?;
        let sealing = value(4, "token-sealing-key")?;
        let derivation = value(5, "secret-derivation-key")?;
        Ok(Self {
            root_id: AccessKeyId::parse(root_id).map_err(|_| KeyRingError::Line { line: 2 })?,
            root_secret: Secret::parse(root_secret).map_err(|_| KeyRingError::Line { line: 3 })?,
            sealing: key(4, sealing)?,
            derivation: key(5, derivation)?,
        })
    }

    /// The key ring as text, secrets and all. Every call is a place to look at in a review.
    pub fn to_text(&self) -> Secret {
        let text = format!(
            "{HEADER}\nroot-access-key-id={}\nroot-secret-access-key={}\ntoken-sealing-key={}\n\
             secret-derivation-key={}\n",
            self.root_id,
            self.root_secret.expose(),
            STANDARD.encode(self.sealing),
            STANDARD.encode(self.derivation),
        );
        Secret::parse(&text).unwrap_or_else(|_| self.root_secret.clone())
    }

    /// Tells this key ring from others without telling anything of it: SHA-256 of its text, whose
    /// secrets nobody can guess.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(self.to_text().expose());
        hex::encode(digest)
    }

    /// The root user's access key id.
    pub fn root_access_key_id(&self) -> &AccessKeyId {
        &self.root_id
    }

    /// The root user's secret access key.
    pub fn root_secret(&self) -> &Secret {
        &self.root_secret
    }

    /// The secret of temporary credentials: HMAC-SHA-256 of the access key id.
    pub(crate) fn derive_secret(&self, id: &AccessKeyId) -> Result<Secret, NameError> {
        let mut padded = [0; HMAC_KEY_BYTES];
        for (to, from) in padded.iter_mut().zip(self.derivation) {
            *to = from;
        }
        let mac = <Hmac<Sha256> as KeyInit>::new(&padded.into())
            .chain_update(b"wellhouse-secret-access-key/1\0")
            .chain_update(id.as_str());
        Secret::parse(&STANDARD.encode(mac.finalize().into_bytes()))
    }

    /// Seals the seed of a person's second factor for the ledger. `None` where it is beyond all limits.
    pub fn seal_seed(&self, uid: &Uid, seed: &[u8], entropy: &Entropy) -> Option<String> {
        seal::seal_seed(self, uid, seed, entropy)
    }

    /// Opens what [`KeyRing::seal_seed`] sealed for this very person with these keys.
    pub fn open_seed(&self, uid: &Uid, sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
        seal::open_seed(self, uid, sealed)
    }

    /// The key under which something beside session tokens is sealed: HMAC-SHA-256 of what it is for,
    /// under the sealing key, which cannot be found from it.
    pub(crate) fn cipher_for(&self, purpose: &str) -> Aes256Gcm {
        let mut padded = [0; HMAC_KEY_BYTES];
        for (to, from) in padded.iter_mut().zip(self.sealing) {
            *to = from;
        }
        let mac = <Hmac<Sha256> as KeyInit>::new(&padded.into()).chain_update(purpose);
        Aes256Gcm::new(&mac.finalize().into_bytes())
    }

    pub(crate) fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&self.sealing.into())
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing").field("root_id", &self.root_id).finish_non_exhaustive()
    }
}

fn key(line: usize, text: &str) -> Result<[u8; 32], KeyRingError> {
    let bytes = STANDARD.decode(text).map_err(|_| KeyRingError::Line { line })?;
    bytes.try_into().map_err(|_| KeyRingError::Line { line })
}

/// A prefix and 80 random bits in AWS's alphabet: `AKIA…`, `ASIA…`, `AROA…`.
pub(crate) fn unique_id(prefix: &str, entropy: &Entropy) -> String {
    let letter = |b: u8| ALPHABET.get(usize::from(b & 31)).copied().map_or('A', char::from);
    prefix.chars().chain(entropy.bytes::<16>().map(letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::{KeyRing, KeyRingError};
    use wh_names::{AccessKeyId, Entropy, Uid};

    fn ring(seed: u8) -> KeyRing {
        let count = std::sync::atomic::AtomicU8::new(seed);
        let next = move |b: &mut [u8]| {
            b.fill_with(|| {
                count.fetch_add(1, std::sync::atomic::Ordering::Relaxed).wrapping_mul(167)
            });
        };
        KeyRing::generate(&Entropy::new(next)).expect("a key ring")
    }

    #[test]
    fn a_seed_opens_for_its_person_under_its_keys_and_nowhere_else() {
        let (ring, other) = (ring(1), ring(2));
        let entropy = Entropy::new(|bytes: &mut [u8]| bytes.fill(7));
        let uid = |text: &str| Uid::parse(text).expect("a uid");
        let alice = uid("01arz3ndektsv4rrffq69g5fav");
        let sealed = ring.seal_seed(&alice, b"12345678901234567890", &entropy).expect("sealed");
        assert_eq!(
            ring.open_seed(&alice, &sealed).expect("opened").as_slice(),
            b"12345678901234567890"
        );
        assert!(ring.open_seed(&uid("01arz3ndektsv4rrffq69g5faw"), &sealed).is_none());
        assert!(other.open_seed(&alice, &sealed).is_none());
        for at in 0..sealed.len() {
            let mut bent = sealed.clone().into_bytes();
            bent[at] = if bent[at] == b'A' { b'B' } else { b'A' };
            let bent = String::from_utf8(bent).expect("text");
            assert!(ring.open_seed(&alice, &bent).is_none(), "{at}");
        }
    }

    #[test]
    fn a_key_ring_survives_its_own_text() {
        let ring = ring(1);
        let again = KeyRing::parse(ring.to_text().expose()).expect("a key ring");
        assert_eq!(again.to_text().expose(), ring.to_text().expose());
        assert_eq!(again.fingerprint(), ring.fingerprint());
        assert_ne!(again.fingerprint(), self::ring(2).fingerprint());
        let text = ring.to_text().expose().replace("token-sealing-key", "token-signing-key");
        assert_eq!(KeyRing::parse(&text).expect_err("damaged"), KeyRingError::Line { line: 4 });
        assert_eq!(KeyRing::parse("").expect_err("empty"), KeyRingError::Version);
    }

    #[test]
    fn the_secrets_of_a_key_ring_are_independent() {
        let ring = ring(1);
        let text = ring.to_text();
        let values: Vec<_> =
            text.expose().lines().filter_map(|l| l.split_once('=')).map(|(_, v)| v).collect();
        assert_eq!(values.len(), 4);
        for (i, a) in values.iter().enumerate() {
            assert!(values.iter().skip(i + 1).all(|b| a != b));
        }
        assert!(!format!("{ring:?}").contains(ring.root_secret().expose()));
    }

    #[test]
    fn a_derived_secret_depends_on_the_key_and_on_the_id() {
        let a = AccessKeyId::parse("ASIAAAAAAAAAAAAAAAAA").expect("an id");
        let b = AccessKeyId::parse("ASIAAAAAAAAAAAAAAAAB").expect("an id");
        let (one, two) = (ring(1), ring(2));
        let secret = one.derive_secret(&a).expect("a secret");
        assert!(secret.matches(&one.derive_secret(&a).expect("a secret")));
        assert!(!secret.matches(&one.derive_secret(&b).expect("a secret")));
        assert!(!secret.matches(&two.derive_secret(&a).expect("a secret")));
    }
}
