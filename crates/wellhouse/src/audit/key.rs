//! The key that signs checkpoints: Ed25519, its seed in a file of mode 0600, its public half beside it
//! as others' tools read it.

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

/// Signs checkpoints.
pub(super) struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// Reads the key, or makes it where there is none. The public half is written beside it.
    pub(super) fn open(path: &Path, entropy: &Entropy) -> Result<Self> {
        if !path.exists() {
            make(path, entropy).with_context(|| format!("cannot make {}", path.display()))?;
        }
        let seed = secret_file::read("the signing key", path)?;
        let seed = Zeroizing::new(hex::decode(seed.expose()).unwrap_or_default());
        let Ok(pair) = Ed25519KeyPair::from_seed_unchecked(&seed) else {
            bail!("{} holds no key: it is 64 hexadecimal digits", path.display());
        };
        let key = Self(pair);
        let (public, pem) = (public_path(path), key.public().pem());
        if fs::read_to_string(&public).ok().as_ref() != Some(&pem) {
            whole(&public, pem.as_bytes())
                .with_context(|| format!("cannot write {}", public.display()))?;
        }
        Ok(key)
    }

    pub(super) fn public(&self) -> PublicKey {
        PublicKey(self.0.public_key().as_ref().to_vec())
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }
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
    fs::rename(&beside, path)?;
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    File::open(above.unwrap_or(Path::new(".")))?.sync_all()
}

/// Tells whether a checkpoint was signed by the key that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PublicKey(Vec<u8>);

impl PublicKey {
    /// Reads a PEM file, as [`SigningKey::open`] and `openssl pkey -pubout` write it.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path)
            .with_context(|| format!("cannot read the public key {}", path.display()))?;
        let body = text.trim().strip_prefix(PEM_BEGIN).and_then(|t| t.strip_suffix(PEM_END));
        let body: Option<String> = body.map(|t| t.split_whitespace().collect());
        let bytes = body.and_then(|body| STANDARD.decode(body).ok());
        let key = bytes.as_deref().and_then(|bytes| bytes.strip_prefix(&SPKI));
        match key.filter(|key| key.len() == 32) {
            Some(key) => Ok(Self(key.to_vec())),
            None => bail!("{} is no public key of Ed25519 in PEM", path.display()),
        }
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
