//! Wrapping secrets under a master key.
//!
//! A wrapped secret is `1`, the length of the master key's id, the id, a random nonce of 12 bytes,
//! the sealed secret of 32 bytes and a tag of 16. It is sealed by AES-256-GCM under a key of its
//! own, which HKDF-SHA-256 (RFC 5869) derives from the master key and what the secret is for: the
//! blob's id, for a data key. So a secret that was put in another's place does not unwrap, and the
//! random nonces of one key never come near the 2³² that GCM allows (NIST SP 800-38D 8.3), however
//! many blobs a store holds. AES-KW would need no nonce; but nothing in the tree has it, and it
//! binds a secret to nothing.

use std::fmt;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, Tag, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Prk};
use zeroize::Zeroizing;

use super::keyring::{KEY_BYTES, Keyring, MasterKey, fill};
use crate::disk::extent::BlobId;

const VERSION: u8 = 1;
const TAG_BYTES: usize = 16;

/// A secret of 32 bytes, wiped when it goes.
pub(super) type Secret = Zeroizing<[u8; KEY_BYTES]>;

/// A new secret.
pub(super) fn new_secret() -> Option<Secret> {
    let mut secret = Zeroizing::new([0; KEY_BYTES]);
    fill(secret.as_mut_slice()).map(|()| secret)
}

/// What a secret is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    /// The data key of a blob.
    Blob(BlobId),
    /// The key that seals the index.
    Index,
    /// Nothing but to tell whether the master key is the right one.
    Proof,
}

impl Purpose {
    fn derive(self, master: &MasterKey) -> Option<LessSafeKey> {
        let id;
        let info: [&[u8]; 2] = match self {
            Self::Blob(blob) => {
                id = blob.to_bytes();
                [b"wellhouse blob key", &id]
            }
            Self::Index => [b"wellhouse index key", b""],
            Self::Proof => [b"wellhouse key proof", b""],
        };
        let prk = Prk::new_less_safe(HKDF_SHA256, master.secret.as_slice());
        let key = prk.expand(&info, &AES_256_GCM).ok()?;
        Some(LessSafeKey::new(UnboundKey::from(key)))
    }
}

/// Why a secret could not be unwrapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unwrap {
    /// The keyring does not have the master key of this name.
    NoKey(String),
    /// It is damaged, was put in another's place, or was wrapped under another key of this name.
    Wrong(String),
    /// It is not a wrapped secret at all.
    NotOne,
}

/// A secret, wrapped.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::disk) struct Wrapped(Vec<u8>);

impl fmt::Debug for Wrapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Wrapped").field(&self.key_id()).finish()
    }
}

impl Wrapped {
    /// Wraps under the current key. `None` only when there are no random bytes.
    pub(super) fn new(ring: &Keyring, purpose: Purpose, secret: &Secret) -> Option<Self> {
        let master = ring.current_key();
        let mut out = header(master.id.as_str())?;
        let mut nonce = [0; NONCE_LEN];
        fill(&mut nonce)?;
        let mut sealed = Zeroizing::new(**secret);
        let key = purpose.derive(master)?;
        let nonce_once = Nonce::assume_unique_for_key(nonce);
        let tag = key
            .seal_in_place_separate_tag(nonce_once, Aad::from(&out), sealed.as_mut_slice())
            .ok()?;
        out.extend_from_slice(&nonce);
        out.extend_from_slice(sealed.as_slice());
        out.extend_from_slice(tag.as_ref());
        Some(Self(out))
    }

    /// What was kept. Whether it is one is told by [`Self::unwrap`].
    pub(in crate::disk) fn kept(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub(in crate::disk) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The name of the master key that it is wrapped under.
    pub(super) fn key_id(&self) -> Option<&str> {
        let (version, rest) = self.0.split_first()?;
        let (len, rest) = rest.split_first()?;
        let id = rest.get(..usize::from(*len)).filter(|_| *version == VERSION)?;
        std::str::from_utf8(id).ok()
    }

    pub(super) fn unwrap(&self, ring: &Keyring, purpose: Purpose) -> Result<Secret, Unwrap> {
        let id = self.key_id().ok_or(Unwrap::NotOne)?;
        let master = ring.get(id).ok_or_else(|| Unwrap::NoKey(id.to_owned()))?;
        self.open(master, purpose).ok_or_else(|| Unwrap::Wrong(id.to_owned()))
    }

    fn open(&self, master: &MasterKey, purpose: Purpose) -> Option<Secret> {
        let header = header(master.id.as_str())?;
        let (nonce, rest) = self.0.strip_prefix(&header[..])?.split_at_checked(NONCE_LEN)?;
        let (sealed, tag) = rest.split_at_checked(KEY_BYTES)?;
        let tag: [u8; TAG_BYTES] = tag.try_into().ok()?;
        let mut secret: Secret = Zeroizing::new(sealed.try_into().ok()?);
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let key = purpose.derive(master)?;
        let aad = Aad::from(&header);
        key.open_in_place_separate_tag(nonce, aad, Tag::from(tag), secret.as_mut_slice(), 0..)
            .ok()?;
        Some(secret)
    }

    /// Whether it is wrapped under the current key.
    pub(super) fn is_current(&self, ring: &Keyring) -> bool {
        self.key_id() == Some(ring.current().as_str())
    }
}

fn header(id: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(2 + id.len() + NONCE_LEN + KEY_BYTES + TAG_BYTES);
    out.extend_from_slice(&[VERSION, u8::try_from(id.len()).ok()?]);
    out.extend_from_slice(id.as_bytes());
    Some(out)
}
