//! How many attempts at a password and its codes there may be, and the browsers that somebody has signed
//! in with, which strangers' attempts do not shut out.
//!
//! Invariant: after [`FAILURES_MAX`] failures under a name, one after the other, whoever comes from a
//! browser that is not known tries no password and no code any more; a known one has as many of its own.
//! A sign-in that goes all the way, a passkey and a new password begin anew. Source: NIST SP 800-63B-4,
//! 3.2.2; OWASP, "Slow Down Online Guessing Attacks with Device Cookies". See ADR 0026.

use std::fmt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{CountedBy, LedgerError, PersonRow, ProofKind};
use wh_names::{Entropy, NameError, Secret, SecretDigest, Uid};

use crate::person::token;
use crate::throttle::{Attempt, Key};
use crate::{LoginError, PasswordError, Peer, People, ProofError, SignedIn};

/// So many attempts may fail one after the other. Source: NIST SP 800-63B-4, 3.2.2.
const FAILURES_MAX: i64 = 100;

/// So many browsers of a person are known, those that were signed in with last.
const DEVICES_MAX: i64 = 20;

/// A browser is known for so long after its person has signed in with it.
pub const DEVICE_KNOWN_FOR: SignedDuration = SignedDuration::from_hours(180 * 24);

/// Failures under names that nobody has are remembered for so long after the last.
const NOBODYS_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What a browser is recognised by that somebody has signed in with: 256 random bits. It signs nobody
/// in; it only keeps strangers' failures from counting against whoever has it.
#[derive(Clone)]
pub struct DeviceToken(Secret);

impl fmt::Debug for DeviceToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceToken(…)")
    }
}

impl DeviceToken {
    /// Accepts 64 lower-case hexadecimal digits.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        token(input).map(Self)
    }

    fn random(entropy: &Entropy) -> Self {
        Self(Secret::random(entropy))
    }

    /// The token itself, for the cookie.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    pub(crate) fn digest(&self) -> SecretDigest {
        self.0.digest()
    }
}

/// An attempt that was admitted and counts as failed until it is settled.
#[derive(Debug)]
#[must_use = "an attempt that succeeded must be taken back"]
pub(crate) struct Tried {
    attempt: Attempt,
    by: CountedBy,
    /// Whether the ledger counted it.
    counted: bool,
}

/// How an attempt turned out, besides wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turned {
    /// It was never judged.
    Unjudged,
    /// It was right, and opened nothing yet.
    Right,
    /// It was right, and somebody was signed in.
    AllTheWay,
}

/// Why an attempt was not admitted.
#[derive(Debug)]
pub(crate) enum Unadmitted {
    /// There were too many lately.
    Throttled(Duration),
    /// There were too many one after the other.
    Closed,
    /// Too many passwords are being hashed at this moment.
    Busy,
    Ledger(LedgerError),
}

/// Whatever takes attempts at passwords or codes tells of one that was not admitted in the same words.
macro_rules! told_by {
    ($($error:ident),+) => {$(
        impl From<Unadmitted> for $error {
            fn from(why: Unadmitted) -> Self {
                match why {
                    Unadmitted::Throttled(retry_after) => Self::Throttled { retry_after },
                    Unadmitted::Closed => Self::Closed,
                    Unadmitted::Busy => Self::Busy,
                    Unadmitted::Ledger(error) => Self::Ledger(error),
                }
            }
        }
    )+};
}

told_by!(LoginError, PasswordError, ProofError);

impl From<LedgerError> for Unadmitted {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

impl People {
    /// Admits an attempt at the password of whoever has this folded name.
    pub(crate) async fn admit_password(
        &self,
        name: &str,
        peer: &Peer,
    ) -> Result<Tried, Unadmitted> {
        let by = self.counted_by(name, peer).await?;
        self.check_open(&by).await?;
        let key = match &by {
            CountedBy::Name(name) => Key::Name(name.clone()),
            CountedBy::Device { digest, .. } => Key::Device(*digest),
        };
        let attempt = self.admit_keys(Some(key), peer)?;
        // What will not be judged now is not worth two rows.
        if self.hasher().is_full() {
            self.throttle().unjudged(attempt);
            return Err(Unadmitted::Busy);
        }
        self.count(Tried { attempt, by, counted: false }).await
    }

    /// Admits an attempt at the password of somebody who is signed in: delayed by their own failures alone,
    /// counted with all others.
    pub(crate) async fn admit_own_password(
        &self,
        row: &PersonRow,
        peer: &Peer,
    ) -> Result<Tried, Unadmitted> {
        let by = self.counted_by(&row.name_key, peer).await?;
        self.check_open(&by).await?;
        let key = Key::Account(row.uid.as_str().to_owned());
        let attempt = self.throttle().admit(vec![key], self.now());
        let attempt = attempt.map_err(Unadmitted::Throttled)?;
        self.count(Tried { attempt, by, counted: false }).await
    }

    /// Admits an attempt at a second factor: at the second step of signing in, and wherever somebody who is
    /// signed in is asked for a code. Wrong codes count as wrong passwords do, so that whoever has taken
    /// over a session tries no more of them than anybody else. Nobody guesses a signature: passkeys are
    /// admitted always. Whoever is wrong about one-time codes delays no recovery code, and nothing in a
    /// known browser.
    pub(crate) async fn admit_factor(
        &self,
        row: &PersonRow,
        kind: ProofKind,
        peer: &Peer,
    ) -> Result<Tried, Unadmitted> {
        let by = self.counted_by(&row.name_key, peer).await?;
        match kind {
            ProofKind::Totp | ProofKind::RecoveryCode | ProofKind::Password => {
                self.check_open(&by).await?;
                self.count(self.admit_factor_by(by, (row, kind), peer)?).await
            }
            ProofKind::Passkey | ProofKind::Provider | ProofKind::ProviderFactor => {
                self.admit_factor_by(by, (row, kind), peer)
            }
        }
    }

    fn admit_factor_by(
        &self,
        by: CountedBy,
        (row, kind): (&PersonRow, ProofKind),
        peer: &Peer,
    ) -> Result<Tried, Unadmitted> {
        let key = match (kind, &by) {
            (ProofKind::Totp | ProofKind::Password, CountedBy::Device { digest, .. }) => {
                Some(Key::Device(*digest))
            }
            (ProofKind::Totp | ProofKind::Password, CountedBy::Name(_)) => {
                Some(Key::Factor(row.uid.as_str().to_owned()))
            }
            (
                ProofKind::RecoveryCode
                | ProofKind::Passkey
                | ProofKind::Provider
                | ProofKind::ProviderFactor,
                _,
            ) => None,
        };
        let attempt = self.admit_keys(key, peer)?;
        Ok(Tried { attempt, by, counted: false })
    }

    /// A glance that costs strangers neither a row nor another delay; [`People::count`] decides.
    async fn check_open(&self, by: &CountedBy) -> Result<(), Unadmitted> {
        let CountedBy::Name(name) = by else { return Ok(()) };
        let failed = self.ledger().failures(name).await?;
        if failed < FAILURES_MAX { Ok(()) } else { Err(Unadmitted::Closed) }
    }

    fn admit_keys(&self, key: Option<Key>, peer: &Peer) -> Result<Attempt, Unadmitted> {
        let keys = key.into_iter().chain(peer.ip.map(Key::address)).collect();
        self.throttle().admit(keys, self.now()).map_err(Unadmitted::Throttled)
    }

    async fn count(&self, tried: Tried) -> Result<Tried, Unadmitted> {
        if self.ledger().count_failure(&tried.by, self.now(), FAILURES_MAX).await? {
            return Ok(Tried { counted: true, ..tried });
        }
        self.throttle().unjudged(tried.attempt);
        Err(Unadmitted::Closed)
    }

    /// Settles an attempt that was not wrong.
    pub(crate) async fn settle(&self, tried: Tried, turned: Turned) -> Result<(), LedgerError> {
        let Tried { attempt, by, counted } = tried;
        match turned {
            Turned::Unjudged => self.throttle().unjudged(attempt),
            Turned::Right | Turned::AllTheWay => self.throttle().succeeded(attempt),
        }
        match turned {
            Turned::AllTheWay => self.ledger().forget_failures(&by).await,
            Turned::Unjudged | Turned::Right if counted => {
                self.ledger().take_back_failure(&by).await
            }
            Turned::Unjudged | Turned::Right => Ok(()),
        }
    }

    /// A passkey was shown, which nobody guesses: passwords are taken again from everywhere.
    pub(crate) async fn reopen(&self, row: &PersonRow) -> Result<(), LedgerError> {
        self.ledger().forget_failures(&CountedBy::Name(row.name_key.clone())).await
    }

    async fn counted_by(&self, name: &str, peer: &Peer) -> Result<CountedBy, LedgerError> {
        let name = name.to_owned();
        let Some(digest) = peer.device.as_ref().map(DeviceToken::digest) else {
            return Ok(CountedBy::Name(name));
        };
        let since = self.now().checked_sub(DEVICE_KNOWN_FOR).unwrap_or(Timestamp::MIN);
        let bounds = (since, FAILURES_MAX);
        if self.ledger().knows_device((&digest, &name), bounds).await? {
            return Ok(CountedBy::Device { digest, name });
        }
        Ok(CountedBy::Name(name))
    }

    /// Knows the browser in which somebody has just signed in, by a new token each time, so that one that
    /// was planted or taken away before counts for nothing. To be called where a session begins.
    pub async fn know_device(
        &self,
        session: &SignedIn,
        peer: &Peer,
    ) -> Result<DeviceToken, LedgerError> {
        let uid: &Uid = session.person.uid();
        let device = DeviceToken::random(self.entropy());
        let old = peer.device.as_ref().map(DeviceToken::digest);
        let digests = (old.as_ref(), &device.digest());
        self.ledger().know_device(uid, digests, (self.now(), DEVICES_MAX)).await?;
        Ok(device)
    }

    /// Forgets browsers that are not known any more, and failures under names that nobody has.
    pub(crate) async fn sweep_devices(&self) -> Result<(), LedgerError> {
        let before = |age| self.now().checked_sub(age).unwrap_or(Timestamp::MIN);
        self.ledger().sweep_devices(before(DEVICE_KNOWN_FOR), before(NOBODYS_KEPT)).await
    }
}
