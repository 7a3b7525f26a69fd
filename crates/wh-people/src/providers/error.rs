//! Why nobody came in by a provider.

use std::time::Duration;

use wh_ledger::LedgerError;
use wh_names::NameError;

use crate::providers::LAST_WAY;
use crate::provision::NotAdmitted;
use crate::{NotSignedIn, ProofError};

/// Why nothing came of a sign-in by a provider, or of a link to one.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// No provider is called so.
    #[error("there is no such provider here")]
    NoSuchProvider,
    /// The provider did not answer, or not as it must.
    #[error("{name} does not answer as it must; sign in another way, or try again later")]
    Unavailable {
        /// What people call it.
        name: String,
    },
    /// Nobody left from this browser for this provider, or too long ago, or the answer was used.
    #[error(
        "this answer was used, took longer than ten minutes, or belongs to another browser; begin again"
    )]
    Over,
    /// The answer is not from the provider that was asked.
    #[error("the answer is not from the provider that was asked; begin again")]
    MixedUp,
    /// The provider did not sign the person in.
    #[error("the provider did not sign you in: {error}")]
    Declined {
        /// Its one word for why.
        error: String,
    },
    /// What the provider sent does not count.
    #[error("what the provider sent does not count: {why}")]
    Refused {
        /// In plain words, without anything of what was sent.
        why: &'static str,
    },
    /// Nobody may come in whom the house does not know.
    #[error("nobody is linked to this sign-in, and registration is closed")]
    Closed,
    /// Only who is invited may come in.
    #[error("nobody is linked to this sign-in, and registration is by invitation")]
    InvitationOnly,
    /// Only who has a verified mail address of the domains may come in.
    #[error(
        "nobody is linked to this sign-in, and registration takes a mail address of this organisation that the provider has verified"
    )]
    MailDomain,
    /// An administrator has not approved yet.
    #[error("the registration waits for an administrator's approval")]
    AwaitingApproval,
    /// An administrator has shut the person out.
    #[error("an administrator has disabled this person")]
    Disabled,
    /// Whoever began is not who is signed in now.
    #[error("sign in as the person who began this, and begin again")]
    AnotherPerson,
    /// It is linked already.
    #[error("this sign-in is linked to an account already")]
    Taken,
    /// The person has as many as one may have.
    #[error("one may link 10 sign-ins; remove one to link another")]
    Full,
    /// The person has no such link.
    #[error("there is no such linked sign-in")]
    Absent,
    /// The person could not sign in without it.
    #[error("{LAST_WAY}")]
    LastWay,
    /// Nobody would be left to administer.
    #[error("this would leave no administrator who can sign in")]
    LastAdministrator,
    /// The person has a second factor, and the provider's word alone proves too little.
    #[error("the second factor is needed")]
    SecondFactorNeeded,
    /// The provider did not ask the person once more.
    #[error(
        "the provider did not say that it asked you once more; an administrator can make you a link to a password"
    )]
    NotAsked,
    /// There were too many attempts.
    #[error("there were too many attempts")]
    Throttled {
        /// How long to wait.
        retry_after: Duration,
    },
    /// What is random, or an address, could not be made.
    #[error("the sign-in could not be made")]
    NotMade,
    /// The session ended in the meantime.
    #[error("the session has ended")]
    Ended,
    /// The ledger failed.
    #[error("the ledger did not do it")]
    Ledger(#[from] LedgerError),
}

impl ProviderError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSuchProvider => "no-such-provider",
            Self::Unavailable { .. } => "provider-unavailable",
            Self::Over => "provider-answer-over",
            Self::MixedUp => "provider-mixed-up",
            Self::Declined { .. } => "provider-declined",
            Self::Refused { .. } => "provider-answer-refused",
            Self::Closed => "registration-closed",
            Self::InvitationOnly => "registration-by-invitation",
            Self::MailDomain => "registration-mail-domain",
            Self::AwaitingApproval => "awaiting-approval",
            Self::Disabled => "person-disabled",
            Self::AnotherPerson => "provider-another-person",
            Self::Taken => "identity-taken",
            Self::Full => "identities-full",
            Self::Absent => "no-such-identity",
            Self::LastWay => "last-way-in",
            Self::LastAdministrator => "last-administrator",
            Self::SecondFactorNeeded => "second-factor-needed",
            Self::NotAsked => "provider-did-not-ask",
            Self::Throttled { .. } => "throttled",
            Self::NotMade => "provider-not-made",
            Self::Ended => "not-signed-in",
            Self::Ledger(error) => error.code(),
        }
    }
}

impl From<NotAdmitted> for ProviderError {
    fn from(why: NotAdmitted) -> Self {
        match why {
            NotAdmitted::Closed => Self::Closed,
            NotAdmitted::InvitationOnly => Self::InvitationOnly,
            NotAdmitted::MailDomain => Self::MailDomain,
        }
    }
}

impl From<NameError> for ProviderError {
    fn from(_error: NameError) -> Self {
        Self::NotMade
    }
}

impl From<NotSignedIn> for ProviderError {
    fn from(error: NotSignedIn) -> Self {
        match error {
            NotSignedIn::NoSession => Self::Ended,
            NotSignedIn::Ledger(error) => Self::Ledger(error),
        }
    }
}

impl From<ProofError> for ProviderError {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::Ledger(error) => Self::Ledger(error),
            ProofError::Throttled { retry_after } => Self::Throttled { retry_after },
            ProofError::SecondFactorNeeded => Self::SecondFactorNeeded,
            ProofError::Over
            | ProofError::Refused
            | ProofError::PasskeyRefused
            | ProofError::PasskeyOver
            | ProofError::PasswordWrong
            | ProofError::TooShortAlone
            | ProofError::Closed
            | ProofError::Ended
            | ProofError::Busy => Self::Ended,
        }
    }
}
