//! The seed of one-time codes, and what a code is of.
//!
//! Source: RFC 6238 with HMAC-SHA-1, 30 seconds and 6 digits, which is what every authenticator
//! understands; a code of the step before or after counts as well (5.2).

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use totp_rs::{Algorithm, Builder, Totp};
use wh_names::{Entropy, Secret, Uid};
use zeroize::Zeroizing;

/// A seed is as long as the output of the hash. Source: RFC 4226, 4, R6.
const SEED_BYTES: usize = 20;

/// How long a step is, in seconds.
const STEP_SECONDS: u64 = 30;

/// How many digits a code has.
const DIGITS: u8 = 6;

/// How many steps a clock may be off.
const STEPS_OFF_MAX: u16 = 1;

/// What authenticators show beside the person's name.
const ISSUER: &str = "Wellhouse";

type Bytes = Zeroizing<Vec<u8>>;
type Seals = dyn Fn(&Uid, &[u8]) -> Option<String> + Send + Sync;
type Opens = dyn Fn(&Uid, &str) -> Option<Bytes> + Send + Sync;

/// Seals seeds for the ledger and opens them again: with a key that the ledger does not have. What was
/// sealed for one person opens for nobody else.
#[derive(Clone)]
pub struct SeedSeal {
    /// Seals; none where the source of randomness is broken.
    pub seal: Arc<Seals>,
    /// Opens; none for what was not sealed for this person with this key.
    pub open: Arc<Opens>,
}

impl fmt::Debug for SeedSeal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SeedSeal(…)")
    }
}

/// A seed in the clear. `Debug` does not show it.
pub(crate) struct Seed(Totp);

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(…)")
    }
}

impl Seed {
    /// A new seed for the person of this name.
    pub(crate) fn random(name: &str, entropy: &Entropy) -> Option<Self> {
        Self::of(name, Zeroizing::new(entropy.bytes::<SEED_BYTES>().to_vec()))
    }

    /// A seed as it was opened.
    pub(crate) fn of(name: &str, bytes: Bytes) -> Option<Self> {
        let totp = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(DIGITS)
            .with_skew(STEPS_OFF_MAX)
            .with_step_duration(STEP_SECONDS)
            .with_secret(bytes.to_vec())
            .with_account_name(name)
            .with_issuer(Some(ISSUER))
            .build();
        totp.ok().map(Self)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.secret().as_bytes()
    }

    /// The seed in base32, for who types it.
    pub(crate) fn to_base32(&self) -> Option<Secret> {
        Secret::parse(&self.0.secret().to_base32()).ok()
    }

    /// The seed as `otpauth://totp/…`, for who scans it. Source: the Key URI Format of Google
    /// Authenticator.
    pub(crate) fn to_uri(&self) -> Option<Secret> {
        Secret::parse(&self.0.to_url().ok()?).ok()
    }

    /// The step that this is the code of, near `now`. Compared in constant time.
    pub(crate) fn step_of(&self, code: &Secret, now: Timestamp) -> Option<i64> {
        let code: Zeroizing<String> =
            Zeroizing::new(code.expose().chars().filter(|c| !c.is_whitespace()).collect());
        let is_code = code.len() == usize::from(DIGITS) && code.bytes().all(|b| b.is_ascii_digit());
        let seconds = u64::try_from(now.as_second()).ok()?;
        let step = is_code.then(|| self.0.check(&code, seconds)).flatten()?;
        i64::try_from(step).ok()
    }

    /// The code of the step that `now` is in.
    #[cfg(test)]
    pub(crate) fn code_at(&self, now: Timestamp) -> Secret {
        let seconds = u64::try_from(now.as_second()).expect("a time after 1970");
        Secret::parse(&self.0.generate(seconds).to_string()).expect("a code")
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use wh_names::Secret;
    use zeroize::Zeroizing;

    use super::Seed;

    fn seed(name: &str) -> Seed {
        Seed::of(name, Zeroizing::new(b"12345678901234567890".to_vec())).expect("a seed")
    }

    #[track_caller]
    fn check(second: i64, code: &str, step: Option<i64>) {
        let at = Timestamp::from_second(second).expect("a time");
        let found = seed("alice").step_of(&Secret::parse(code).expect("a code"), at);
        assert_eq!(found, step, "{code} at {second}");
    }

    /// RFC 6238, appendix B, SHA-1: the last six of its eight digits.
    #[test]
    fn codes_are_those_of_rfc_6238() {
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let step = second / 30;
            for at in [step * 30 - 30, step * 30, second, step * 30 + 59] {
                check(at, code, Some(step));
            }
            check(step * 30 - 31, code, None);
            check(step * 30 + 60, code, None);
        }
        check(59, "287 082", Some(1));
        for wrong in ["0", " ", "87082", "2870820", "abcdef", "٢٨٧٠٨٢", "+87082", "287082-"] {
            check(59, wrong, None);
        }
    }

    #[test]
    fn a_seed_is_told_in_base32_and_as_an_address_and_shown_by_nothing_else() {
        let seed = seed("Ada Löv+e");
        let base32 = seed.to_base32().expect("text");
        assert_eq!(base32.expose(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let uri = seed.to_uri().expect("an address");
        assert!(
            uri.expose().starts_with("otpauth://totp/Wellhouse:Ada%20L%C3%B6v%2Be?"),
            "{}",
            uri.expose()
        );
        assert!(uri.expose().contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"));
        assert!(uri.expose().contains("issuer=Wellhouse"));
        assert_eq!(format!("{seed:?}"), "Seed(…)");
    }
}
