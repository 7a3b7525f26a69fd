//! The key of a machine, and what it signs: Ed25519 (RFC 8032).
//!
//! A machine makes its key itself and shows the public half. Whoever reads the ledger, a backup of it
//! or the wire learns nothing by which they could ask in the machine's name.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use wh_ledger::MACHINE_KEY_BYTES;
use wh_names::{Entropy, InstanceId, Secret};
use zeroize::Zeroizing;

/// A machine's key pair.
pub struct MachineKeyPair {
    seed: Zeroizing<[u8; 32]>,
    pair: Ed25519KeyPair,
    public: [u8; MACHINE_KEY_BYTES],
}

impl MachineKeyPair {
    /// A new one.
    pub fn generate(entropy: &Entropy) -> Option<Self> {
        Self::from_seed(Zeroizing::new(entropy.bytes()))
    }

    /// Reads what [`MachineKeyPair::to_secret`] wrote. `None` for anything else.
    pub fn parse(secret: &Secret) -> Option<Self> {
        let bytes = Zeroizing::new(STANDARD.decode(secret.expose()).ok()?);
        Self::from_seed(Zeroizing::new(bytes.as_slice().try_into().ok()?))
    }

    fn from_seed(seed: Zeroizing<[u8; 32]>) -> Option<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&*seed).ok()?;
        let public = pair.public_key().as_ref().try_into().ok()?;
        Some(Self { seed, pair, public })
    }

    /// What the machine keeps, and shows to nobody.
    pub fn to_secret(&self) -> Option<Secret> {
        Secret::parse(&Zeroizing::new(STANDARD.encode(*self.seed))).ok()
    }

    /// The public half.
    pub fn public(&self) -> &[u8; MACHINE_KEY_BYTES] {
        &self.public
    }

    /// Signs a message.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

impl fmt::Debug for MachineKeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MachineKeyPair(…)")
    }
}

/// Whether the holder of a key signed a message.
pub(super) fn signed(public: &[u8; MACHINE_KEY_BYTES], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, public).verify(message, signature).is_ok()
}

/// What a machine signs to be enrolled: that it holds the key, and for which token.
pub fn enrolment_message(
    token: &Secret,
    public: &[u8; MACHINE_KEY_BYTES],
    asked_at: Timestamp,
) -> Vec<u8> {
    let (token, at) = (hex::encode(token.digest().as_bytes()), asked_at.as_millisecond());
    format!("wellhouse-machine-enrolment/1\n{token}\n{}\n{at}\n", hex::encode(public)).into_bytes()
}

/// What a machine signs to be given credentials.
pub fn delivery_message(id: &InstanceId, asked_at: Timestamp) -> Vec<u8> {
    format!("wellhouse-machine-delivery/1\n{id}\n{}\n", asked_at.as_millisecond()).into_bytes()
}

#[cfg(test)]
mod tests {
    use wh_names::{Entropy, Secret};

    use super::{MachineKeyPair, signed};

    #[test]
    fn a_key_survives_its_own_text_and_signs_for_itself_alone() {
        let key = MachineKeyPair::generate(&Entropy::new(|bytes| bytes.fill(3))).expect("a key");
        let again = MachineKeyPair::parse(&key.to_secret().expect("a secret")).expect("a key");
        let other = MachineKeyPair::generate(&Entropy::new(|bytes| bytes.fill(4))).expect("a key");
        let signature = again.sign(b"message");
        assert!(signed(key.public(), b"message", &signature));
        assert!(!signed(key.public(), b"messages", &signature));
        assert!(!signed(other.public(), b"message", &signature));
        assert!(!signed(key.public(), b"message", &[]));
        assert!(!format!("{key:?}").contains(key.to_secret().expect("a secret").expose()));
        for bad in ["x", "AAAA", "not base64!"] {
            assert!(MachineKeyPair::parse(&Secret::parse(bad).expect("a secret")).is_none());
        }
    }
}
