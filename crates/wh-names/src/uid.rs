//! `Uid`: who a person is, for ever.

use jiff::Timestamp;
use ulid::Ulid;

use crate::error::checked_string;
use crate::{Entropy, NameError};

/// A person's identifier: a ULID in 26 lower-case characters of `[0-9a-z]`.
///
/// It stands in role session names, session tags and key prefixes, so its alphabet holds no
/// character that means anything to IAM (`*`, `?`, `$`, `/`).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uid(Box<str>);
checked_string!(Uid);

impl Uid {
    /// Accepts the canonical lower-case form only.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        let canonical = Ulid::from_string(input)
            .is_ok_and(|ulid| ulid.to_string().to_ascii_lowercase() == input);
        if canonical {
            return Ok(Self(input.into()));
        }
        Err(NameError::new("uid", input, "it must be a ULID in 26 lower-case characters"))
    }

    /// The identifier in 128 bits.
    pub fn to_u128(&self) -> u128 {
        // Only canonical forms are ever made.
        Ulid::from_string(&self.0).map(u128::from).unwrap_or_default()
    }

    /// A new identifier.
    pub fn generate(now: Timestamp, entropy: &Entropy) -> Self {
        let millis = u64::try_from(now.as_millisecond()).unwrap_or_default();
        let random = u128::from_be_bytes(entropy.bytes::<16>());
        Self(Ulid::from_parts(millis, random).to_string().to_ascii_lowercase().into())
    }
}

#[cfg(test)]
mod tests {
    use super::Uid;
    use crate::Entropy;

    #[test]
    fn a_uid_is_a_lower_case_ulid_and_nothing_else() {
        let uid = Uid::generate(jiff::Timestamp::UNIX_EPOCH, &Entropy::new(|b| b.fill(7)));
        assert_eq!(Uid::parse(uid.as_str()), Ok(uid.clone()));
        assert_eq!(uid.as_str().len(), 26);
        assert_eq!(uid.to_u128() & u128::from(u64::MAX), 0x0707_0707_0707_0707);
        let upper = uid.as_str().to_ascii_uppercase();
        for bad in ["", "*", "bob/../alice", &upper, "0000000000000000000000000u"] {
            assert!(Uid::parse(bad).is_err(), "{bad}");
        }
    }
}
