//! Fresh proofs: what changes roles, grants, persons, second factors and keys asks for more than a
//! session. Source: OWASP ASVS 5.0, 7.5.1 and 7.5.3.

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{Factors, ProofKind, SessionRow};
use wh_names::Uid;

use crate::{Administrator, Person};

/// For so long a proof is fresh.
const FRESH_FOR: SignedDuration = SignedDuration::from_mins(10);

/// The clock of the node that took the proof may be ahead of ours by so much.
const SKEW_MAX: SignedDuration = SignedDuration::from_secs(60);

/// Whether a session's last proof is fresh, and the strongest that its person has.
pub(crate) fn is_fresh(session: &SessionRow, factors: Factors, now: Timestamp) -> bool {
    let age = now.duration_since(session.proved_at);
    let strongest = match session.proved_by {
        ProofKind::Totp
        | ProofKind::RecoveryCode
        | ProofKind::Passkey
        | ProofKind::ProviderFactor => true,
        ProofKind::Password | ProofKind::Provider => !factors.outweigh_password(),
    };
    strongest && (-SKEW_MAX..FRESH_FOR).contains(&age)
}

/// Who must have a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactorRule {
    /// Everybody: who has none reaches their own account, and nothing else.
    Everybody,
    /// Administrators: who has none administers nothing.
    Required,
    /// As they like.
    Optional,
}

/// The session's last proof of who its person is is too old, or not the strongest that they have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this asks to prove once more who you are")]
pub struct StepUpNeeded;

impl StepUpNeeded {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        "step-up-needed"
    }
}

/// A person who proved who they are within the last ten minutes of this session: by their second
/// factor where they have one, be it their provider's, by their password where they do not.
#[derive(Debug, Clone)]
pub struct Proven(Person);

impl Proven {
    /// The person.
    pub fn person(&self) -> &Person {
        &self.0
    }
}

impl TryFrom<Person> for Proven {
    type Error = StepUpNeeded;

    fn try_from(person: Person) -> Result<Self, StepUpNeeded> {
        if person.is_fresh() { Ok(Self(person)) } else { Err(StepUpNeeded) }
    }
}

/// An administrator who proved who they are as [`Proven`] says. Whatever an administrator changes
/// takes one.
#[derive(Debug, Clone)]
pub struct ProvenAdministrator(Administrator);

impl ProvenAdministrator {
    /// Who it is, for ever.
    pub fn uid(&self) -> &Uid {
        self.0.uid()
    }

    /// The administrator.
    pub fn administrator(&self) -> &Administrator {
        &self.0
    }
}

impl TryFrom<Administrator> for ProvenAdministrator {
    type Error = StepUpNeeded;

    fn try_from(administrator: Administrator) -> Result<Self, StepUpNeeded> {
        if administrator.person().is_fresh() { Ok(Self(administrator)) } else { Err(StepUpNeeded) }
    }
}
