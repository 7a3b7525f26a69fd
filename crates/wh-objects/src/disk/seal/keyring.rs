//! Master keys, and the text that they are read from.
//!
//! ```text
//! # made on 2026-03-01
//! 2026-03 3q2+7w…=
//! # in force since 2026-09-01
//! 2026-09 q83vAA…=
//! ```

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::{SecureRandom, SystemRandom};
use thiserror::Error;
use zeroize::Zeroizing;

/// How long a master key is, in bytes.
pub(super) const KEY_BYTES: usize = 32;

/// How long the name of a master key may be, in bytes.
const KEY_ID_BYTES_MAX: usize = 64;

/// How many characters of Base64 [`KEY_BYTES`] make.
const KEY_CHARACTERS: usize = 44;

/// Whether stored data is encrypted.
#[derive(Debug, Clone, Default)]
pub enum Keys {
    /// It is not, and a store that holds encrypted data is not opened.
    #[default]
    Off,
    /// New data is encrypted under the keyring's current master key.
    Ring(Keyring),
}

/// The name of a master key: 1 to 64 of `A–Z a–z 0–9 . _ -`. It is no secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(Box<str>);

impl KeyId {
    /// Reads a name; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let is_name = (1..=KEY_ID_BYTES_MAX).contains(&text.len()) && text.chars().all(fits);
        is_name.then(|| Self(text.into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A master key. Its bytes are wiped when the last keyring that holds it goes.
#[derive(Clone)]
pub(super) struct MasterKey {
    pub(super) id: KeyId,
    pub(super) secret: Arc<Zeroizing<[u8; KEY_BYTES]>>,
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasterKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The master keys at hand: one that new data is sealed under, and older ones, only for reading.
/// Cloning shares them.
#[derive(Debug, Clone)]
pub struct Keyring {
    current: MasterKey,
    older: Vec<MasterKey>,
}

impl Keyring {
    /// Reads a key file: a line `<id> <base64 of 32 bytes>` for each key, the last one current.
    /// Empty lines, and lines that begin with `#`, are passed over.
    pub fn parse(text: &str) -> Result<Self, KeyringError> {
        let mut keys: Vec<(usize, MasterKey)> = Vec::new();
        for (line, text) in (1..).zip(text.lines()) {
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let key = parse_line(line, text)?;
            if let Some((first, _)) = keys.iter().find(|(_, other)| other.id == key.id) {
                return Err(KeyringError::SameId { line, first: *first, id: key.id });
            }
            if let Some((first, _)) = keys.iter().find(|(_, other)| other.secret == key.secret) {
                return Err(KeyringError::SameKey { line, first: *first });
            }
            keys.push((line, key));
        }
        let (_, current) = keys.pop().ok_or(KeyringError::Empty)?;
        Ok(Self { current, older: keys.into_iter().map(|(_, key)| key).collect() })
    }

    /// The line of a key file for a new key with random bytes from the operating system. It holds
    /// the secret, and ends in a newline.
    pub fn new_line(id: &KeyId) -> Result<Zeroizing<String>, KeyringError> {
        let mut secret = Zeroizing::new([0; KEY_BYTES]);
        fill(secret.as_mut_slice()).ok_or(KeyringError::NoRandomness)?;
        let base64 = Zeroizing::new(STANDARD.encode(secret.as_slice()));
        Ok(Zeroizing::new(format!("{id} {}\n", base64.as_str())))
    }

    /// The name of the key that new data is sealed under.
    pub fn current(&self) -> &KeyId {
        &self.current.id
    }

    /// The names of all keys, in no particular order.
    pub fn ids(&self) -> impl Iterator<Item = &KeyId> {
        self.older.iter().chain([&self.current]).map(|key| &key.id)
    }

    pub(super) fn current_key(&self) -> &MasterKey {
        &self.current
    }

    pub(super) fn get(&self, id: &str) -> Option<&MasterKey> {
        self.older.iter().chain([&self.current]).find(|key| key.id.as_str() == id)
    }
}

fn parse_line(line: usize, text: &str) -> Result<MasterKey, KeyringError> {
    let mut words = text.split_ascii_whitespace();
    let (Some(id), Some(base64), None) = (words.next(), words.next(), words.next()) else {
        return Err(KeyringError::NotTwoWords { line });
    };
    let id = KeyId::parse(id).ok_or(KeyringError::BadId { line })?;
    if base64.len() != KEY_CHARACTERS {
        return Err(KeyringError::BadKey { line });
    }
    // Room for what the decoder estimates.
    let mut decoded = Zeroizing::new([0; KEY_BYTES + 1]);
    let len = STANDARD.decode_slice(base64, decoded.as_mut_slice());
    if len != Ok(KEY_BYTES) {
        return Err(KeyringError::BadKey { line });
    }
    let mut secret = Zeroizing::new([0; KEY_BYTES]);
    secret.iter_mut().zip(decoded.iter()).for_each(|(to, from)| *to = *from);
    let first = secret.first().copied();
    if secret.iter().all(|byte| Some(*byte) == first) {
        return Err(KeyringError::WeakKey { line });
    }
    Ok(MasterKey { id, secret: Arc::new(secret) })
}

/// Fills a buffer from the operating system's source of randomness.
pub(super) fn fill(out: &mut [u8]) -> Option<()> {
    SystemRandom::new().fill(out).ok()
}

/// Why a key file is not taken. Messages name lines and never what is secret in them.
#[derive(Debug, Error)]
pub enum KeyringError {
    /// There is no key in it.
    #[error(
        "the key file holds no key; add a line `<id> <key>`, the key from `openssl rand -base64 32`"
    )]
    Empty,
    /// A line is not a name and a key.
    #[error(
        "line {line} of the key file is not `<id> <key>`: write two words, or begin it with `#`"
    )]
    NotTwoWords {
        /// The line, from 1.
        line: usize,
    },
    /// A name has other characters than it may, or too many.
    #[error("line {line} of the key file: the id may have 1 to 64 of `A-Z a-z 0-9 . _ -`")]
    BadId {
        /// The line, from 1.
        line: usize,
    },
    /// A key is not the Base64 of 32 bytes.
    #[error(
        "line {line} of the key file: the key must be the Base64 of 32 bytes, 44 characters, as `openssl rand -base64 32` prints it"
    )]
    BadKey {
        /// The line, from 1.
        line: usize,
    },
    /// A key is one byte again and again, which no random source makes.
    #[error(
        "line {line} of the key file: the key is not random; make one with `openssl rand -base64 32`"
    )]
    WeakKey {
        /// The line, from 1.
        line: usize,
    },
    /// A name stands on two lines.
    #[error(
        "line {line} of the key file: the id `{id}` stands on line {first} already; give the new key a new id"
    )]
    SameId {
        /// The line, from 1.
        line: usize,
        /// The line that it stands on already.
        first: usize,
        /// The name.
        id: KeyId,
    },
    /// A key stands on two lines, which would make a rotation useless.
    #[error(
        "line {line} of the key file: it is the key of line {first} again; make a new one with `openssl rand -base64 32`"
    )]
    SameKey {
        /// The line, from 1.
        line: usize,
        /// The line that it stands on already.
        first: usize,
    },
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    NoRandomness,
}

impl KeyringError {
    /// The stable code of the variant.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "keyring-empty",
            Self::NotTwoWords { .. } => "keyring-not-two-words",
            Self::BadId { .. } => "keyring-bad-id",
            Self::BadKey { .. } => "keyring-bad-key",
            Self::WeakKey { .. } => "keyring-weak-key",
            Self::SameId { .. } => "keyring-same-id",
            Self::SameKey { .. } => "keyring-same-key",
            Self::NoRandomness => "keyring-no-randomness",
        }
    }
}
