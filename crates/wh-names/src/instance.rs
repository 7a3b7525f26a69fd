//! `InstanceId`: what a machine is called.

use crate::error::checked_string;
use crate::{Entropy, NameError};

/// How many hexadecimal digits follow the `i-`.
const DIGITS: usize = 17;

/// A machine's identifier, as EC2 gives it to instances: `i-` and 17 hexadecimal digits.
///
/// It is the name of the machine's role sessions, so its alphabet holds no character that means
/// anything to IAM. Source: EC2 User Guide, "Resource IDs".
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InstanceId(Box<str>);
checked_string!(InstanceId);

impl InstanceId {
    /// Accepts the long form, in lower case. EC2 gave the short one until 2016.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        let digits = input.strip_prefix("i-").unwrap_or_default();
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if digits.len() == DIGITS && digits.bytes().all(is_digit) {
            return Ok(Self(input.into()));
        }
        let why = "it must be `i-` and 17 hexadecimal digits in lower case";
        Err(NameError::new("instance id", input, why))
    }

    /// A new identifier, of 68 random bits.
    pub fn generate(entropy: &Entropy) -> Self {
        let mut digits = hex::encode(entropy.bytes::<9>());
        digits.truncate(DIGITS);
        Self(format!("i-{digits}").into())
    }
}

#[cfg(test)]
mod tests {
    use super::InstanceId;
    use crate::Entropy;

    #[test]
    fn an_instance_id_is_ec2s_long_form_and_nothing_else() {
        let made = InstanceId::generate(&Entropy::new(|bytes| bytes.fill(0xa7)));
        assert_eq!(made.as_str(), "i-a7a7a7a7a7a7a7a7a");
        assert_eq!(InstanceId::parse(made.as_str()), Ok(made));
        for bad in [
            "",
            "i-",
            "wellhouse-portal",
            "i-0123456789",
            "i-A7a7a7a7a7a7a7a7a",
            "i-a7a7a7a7a7a7a7a7g",
            "i-a7a7a7a7a7a7a7a7aa",
            "u-a7a7a7a7a7a7a7a7a",
        ] {
            assert!(InstanceId::parse(bad).is_err(), "{bad}");
        }
    }
}
