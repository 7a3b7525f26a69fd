//! The key that signs checkpoints: Ed25519, its seed in a file of mode 0600, beside it its public half and
//! those of the keys before it, as others' tools read them.
//!
//! A key hands over to the next by a line among the checkpoints, which it signs. The seed of the next lies
//! in a file of its own until that line is on the disk; whoever opens the key afterwards finishes what a
//! crash cut off.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use wh_names::Entropy;
use zeroize::Zeroizing;

use super::checkpoint;
use crate::secret_file;

/// What comes before the 32 bytes of a public key in its PEM form. Source: RFC 8410, 4.
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

const PEM_BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const PEM_END: &str = "-----END PUBLIC KEY-----";

/// The server's own key in the data folder.
pub(super) fn path(data: &Path) -> PathBuf {
    data.join("audit.key")
}

/// The file of the public half: `audit.pub` beside `audit.key`.
pub(super) fn public_path(key: &Path) -> PathBuf {
    key.with_extension("pub")
}

/// Where the seed of the next key lies while the key hands over to it.
fn next_path(key: &Path) -> PathBuf {
    key.with_extension("key.next")
}

/// Signs checkpoints.
pub(super) struct SigningKey {
    pair: Ed25519KeyPair,
    /// What the public file says: the keys that have signed, this one last.
    known: PublicKeys,
}

impl SigningKey {
    /// Reads the key, or makes it where there is none. The public half is written beside it where
    /// nothing stands there yet. `checkpoints` are those that it signs.
    pub(super) fn open(path: &Path, checkpoints: &Path, entropy: &Entropy) -> Result<Self> {
        let alone = alone(path)?;
        let key = Self::open_alone(path, checkpoints, entropy);
        drop(alone);
        key
    }

    /// The same, for whoever holds [`alone`].
    pub(super) fn open_alone(path: &Path, checkpoints: &Path, entropy: &Entropy) -> Result<Self> {
        finish(path, checkpoints)?;
        if !path.exists() {
            make(path, entropy).with_context(|| format!("cannot make {}", path.display()))?;
        }
        let (pair, public) = (load(path)?, public_path(path));
        let mine = PublicKeys(vec![PublicKey::of(&pair)]);
        if !public.exists() {
            mine.write(&public)?;
        }
        Ok(Self { pair, known: PublicKeys::read(&public)? })
    }

    pub(super) fn public(&self) -> PublicKey {
        PublicKey::of(&self.pair)
    }

    /// The keys whose checkpoints there may be.
    pub(super) fn known(&self) -> &PublicKeys {
        &self.known
    }

    /// What is wrong with the key itself: that it is not the one to which those before it handed over.
    pub(super) fn fault(&self) -> Option<String> {
        let mine = self.public();
        (self.known.newest() != Some(&mine)).then(|| {
            format!(
                "the signing key {} is not the last one in audit.pub: somebody put it in who does \
                 not hold the key before it",
                mine.fingerprint()
            )
        })
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }

    /// Makes the next key, which counts once `hand_over` is on the disk.
    pub(super) fn successor(path: &Path, entropy: &Entropy) -> Result<PublicKey> {
        let next = next_path(path);
        make(&next, entropy).with_context(|| format!("cannot make {}", next.display()))?;
        Ok(PublicKey::of(&load(&next)?))
    }
}

/// What is wrong with a key, held against what the public file says; nothing where the
/// key is with another account. While a key hands over the next one may be there already.
pub(super) fn foreign(path: &Path, known: &PublicKeys) -> Option<String> {
    if !path.exists() || next_path(path).exists() {
        return None;
    }
    match load(path) {
        Ok(pair) => SigningKey { pair, known: known.clone() }.fault(),
        Err(error) => Some(format!("{error:#}")),
    }
}

/// Finishes a handing over: the next key takes the place of the key where a checkpoint says so, and is
/// forgotten where none does. The caller holds [`alone`].
pub(super) fn finish(path: &Path, checkpoints: &Path) -> Result<()> {
    let (next, public) = (next_path(path), public_path(path));
    if !next.exists() {
        return Ok(());
    }
    let successor = PublicKey::of(&load(&next)?);
    let mut known = PublicKeys::read(&public)?;
    if checkpoint::newest(checkpoints, &known)?.next_key() != Some(successor.fingerprint()) {
        return fs::remove_file(&next).with_context(|| format!("cannot remove {}", next.display()));
    }
    if known.newest() != Some(&successor) {
        known.0.push(successor);
        known.write(&public)?;
    }
    durable(&next, path).with_context(|| format!("cannot write {}", path.display()))
}

/// Keeps other processes from opening the key, or handing it over, for as long as it is held.
pub(super) fn alone(path: &Path) -> Result<File> {
    let cannot = || format!("cannot use the folder of {}", path.display());
    let folder = File::open(folder_of(path)).with_context(cannot)?;
    folder.lock().with_context(cannot)?;
    Ok(folder)
}

fn folder_of(path: &Path) -> &Path {
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    above.unwrap_or(Path::new("."))
}

fn load(path: &Path) -> Result<Ed25519KeyPair> {
    let seed = secret_file::read("the signing key", path)?;
    let seed = Zeroizing::new(hex::decode(seed.expose()).unwrap_or_default());
    let Ok(pair) = Ed25519KeyPair::from_seed_unchecked(&seed) else {
        bail!("{} holds no key: it is 64 hexadecimal digits", path.display());
    };
    Ok(pair)
}

fn make(path: &Path, entropy: &Entropy) -> io::Result<()> {
    let text = Zeroizing::new(format!("{}\n", hex::encode(entropy.bytes::<32>())));
    whole(path, text.as_bytes())
}

/// Written beside, synced, renamed, folder synced: a crash leaves no file or a whole one. A key that a
/// power cut takes would leave checkpoints that nobody can follow.
fn whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    durable(Path::new(&beside), path)
}

/// Takes the place of a file, for good.
fn durable(beside: &Path, path: &Path) -> io::Result<()> {
    fs::rename(beside, path)?;
    File::open(folder_of(path))?.sync_all()
}

/// Tells whether a checkpoint was signed by the key that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PublicKey(Vec<u8>);

impl PublicKey {
    fn of(pair: &Ed25519KeyPair) -> Self {
        Self(pair.public_key().as_ref().to_vec())
    }

    /// Reads what [`PublicKey::fingerprint`] wrote.
    pub(super) fn from_fingerprint(text: &str) -> Option<Self> {
        hex::decode(text).ok().filter(|key| key.len() == 32).map(Self)
    }

    fn from_pem(text: &str) -> Option<Self> {
        let body: String = text.split_whitespace().collect();
        let bytes = STANDARD.decode(body).ok()?;
        let key = bytes.strip_prefix(&SPKI)?;
        (key.len() == 32).then(|| Self(key.to_vec()))
    }

    fn pem(&self) -> String {
        let body = STANDARD.encode([SPKI.as_slice(), &self.0].concat());
        format!("{PEM_BEGIN}\n{body}\n{PEM_END}\n")
    }

    pub(super) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0).verify(message, signature).is_ok()
    }

    /// How a person compares two keys: 64 hexadecimal digits.
    pub(super) fn fingerprint(&self) -> String {
        hex::encode(&self.0)
    }
}

/// The keys of a file of checkpoints, the oldest first: each handed over to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PublicKeys(Vec<PublicKey>);

impl PublicKeys {
    /// Reads a PEM file, as [`SigningKey::open`] and `openssl pkey -pubout` write it.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path)
            .with_context(|| format!("cannot read the public key {}", path.display()))?;
        let blocks = text.trim().strip_prefix(PEM_BEGIN).and_then(|t| t.strip_suffix(PEM_END));
        let between = format!("{PEM_END}\n{PEM_BEGIN}");
        let keys = blocks.and_then(|blocks| {
            blocks.split(&between).map(PublicKey::from_pem).collect::<Option<Vec<_>>>()
        });
        match keys {
            Some(keys) => Ok(Self(keys)),
            None => bail!("{} is no public key of Ed25519 in PEM", path.display()),
        }
    }

    fn write(&self, path: &Path) -> Result<()> {
        let text: String = self.0.iter().map(PublicKey::pem).collect();
        whole(path, text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))
    }

    pub(super) fn all(&self) -> &[PublicKey] {
        &self.0
    }

    pub(super) fn oldest(&self) -> Option<&PublicKey> {
        self.0.first()
    }

    pub(super) fn newest(&self) -> Option<&PublicKey> {
        self.0.last()
    }
}
