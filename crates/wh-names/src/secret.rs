//! A secret that is shown once, and the digest of it that is stored: two types.
//!
//! Invariant: neither shows its content in `Debug`, and comparison takes constant time.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{Entropy, NameError};

/// A secret in plain text: a session token, an access key's secret half, a password.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a secret over as it is. An empty one is refused: an empty key verifies nothing.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        if input.is_empty() {
            return Err(NameError::new("secret", "", "it is empty"));
        }
        Ok(Self(Zeroizing::new(input.to_owned())))
    }

    /// 256 random bits, as 64 lower-case hexadecimal digits.
    pub fn random(entropy: &Entropy) -> Self {
        Self(Zeroizing::new(hex::encode(entropy.bytes::<32>())))
    }

    /// The secret itself. Every call is a place to look at in a review.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What may be stored of a secret with 256 bits of entropy.
    pub fn digest(&self) -> SecretDigest {
        SecretDigest(Sha256::digest(self.0.as_bytes()).into())
    }

    /// Whether both are the same, in time that does not depend on where they differ.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The SHA-256 of a [`Secret`]; safe to store when the secret was random.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretDigest([u8; 32]);

impl SecretDigest {
    /// Takes over a digest read back from storage.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The digest's bytes, for storage.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SecretDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretDigest(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_secret_is_never_shown_and_never_empty() {
        let secret = Secret::parse("hunter2").expect("a secret");
        assert_eq!(format!("{secret:?} {:?}", secret.digest()), "Secret(…) SecretDigest(…)");
        assert!(Secret::parse("").is_err());
        assert!(secret.matches(&secret.clone()));
        assert!(!secret.matches(&Secret::parse("hunter3").expect("a secret")));
    }
}
