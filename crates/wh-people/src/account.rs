//! One's own account: changing the password, and giving it once more.

use std::time::Duration;

use wh_ledger::{LedgerError, PersonChange, PersonRow, Programs};
use wh_names::{Secret, Uid};

use crate::hashing::Verdict;
use crate::known_device::Turned;
use crate::mail::Notice;
use crate::name::PersonName;
use crate::password::{Chooser, PASSWORD_BYTES_MAX, Weight};
use crate::{FieldError, NotAdministrator, Peer, People, Person, SignedIn, StepUpNeeded};

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The current password is wrong.
    #[error("the current password is wrong")]
    Wrong,
    /// The password is right, and too short to prove anything now that there is no second factor.
    #[error(
        "the password is shorter than 15 characters, and two-step sign-in is off: set a longer password first"
    )]
    TooShortAlone,
    /// The person must have a second factor and has none.
    #[error(transparent)]
    SecondFactorMissing(#[from] NotAdministrator),
    /// The new password is not as it must be.
    #[error(transparent)]
    New(#[from] FieldError),
    /// The person has a second factor, and has not proved it lately.
    #[error(transparent)]
    StepUp(#[from] StepUpNeeded),
    /// There were too many attempts.
    #[error("there were too many attempts")]
    Throttled {
        /// How long to wait.
        retry_after: Duration,
    },
    /// A hundred attempts have failed, one after the other.
    #[error(
        "too many attempts have failed: sign in by a passkey, or ask an administrator for a link to a new password"
    )]
    Closed,
    /// In the meantime the person was shut out or the password changed elsewhere.
    #[error("the session has ended")]
    Ended,
    /// Too many passwords are being hashed at this moment.
    #[error("too many are registering or signing in at this moment")]
    Busy,
    /// The ledger failed.
    #[error("the ledger did not do it")]
    Ledger(#[from] LedgerError),
}

impl PasswordError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Wrong => "password-wrong",
            Self::TooShortAlone => "password-too-short-alone",
            Self::SecondFactorMissing(error) => error.code(),
            Self::New(error) => error.code(),
            Self::StepUp(error) => error.code(),
            Self::Throttled { .. } => "throttled",
            Self::Closed => "password-sign-in-closed",
            Self::Ended => "not-signed-in",
            Self::Busy => "busy",
            Self::Ledger(error) => error.code(),
        }
    }

    /// The field at fault, if one is.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Wrong => Some("current"),
            Self::New(_) => Some("new"),
            Self::StepUp(_)
            | Self::TooShortAlone
            | Self::SecondFactorMissing(_)
            | Self::Throttled { .. }
            | Self::Closed
            | Self::Ended
            | Self::Busy
            | Self::Ledger(_) => None,
        }
    }
}

/// Proof that a person who is signed in gave their password once more, just now, and their second
/// factor lately where they have one. What outlives a session asks for it. Source: OWASP ASVS 5.0,
/// 7.5.1.
#[derive(Debug)]
pub struct Confirmed(Uid);

impl Confirmed {
    /// Who it is, for ever.
    pub fn uid(&self) -> &Uid {
        &self.0
    }
}

impl People {
    /// Takes a person's password once more. One that is too short to be the only factor proves nothing
    /// while it is.
    pub async fn confirm(
        &self,
        person: &Person,
        password: &Secret,
        peer: &Peer,
    ) -> Result<Confirmed, PasswordError> {
        if person.lacks_second_factor() {
            return Err(NotAdministrator::SecondFactorMissing.into());
        }
        self.right_password(person, password, peer).await?;
        if Weight::of(person.factors()).is_too_much_for(password) {
            return Err(PasswordError::TooShortAlone);
        }
        Ok(Confirmed(person.uid().clone()))
    }

    /// Changes one's own password. Every session ends, the one that asked included; the new one
    /// that comes back takes its place. Access keys and API tokens end, if they are to.
    pub async fn change_password(
        &self,
        person: &Person,
        current: &Secret,
        (new, programs): (&Secret, Programs),
        peer: &Peer,
    ) -> Result<SignedIn, PasswordError> {
        let row = self.right_password(person, current, peer).await?;
        let name = PersonName::parse(&row.name)?;
        let weight = Weight::of(person.factors());
        self.check_password(new, Chooser { name: &name, email: row.email.as_deref(), weight })?;
        self.check_breaches(new).await?;
        let hash = self.hasher().hash(new).await.map_err(|_| PasswordError::Busy)?;
        let proof = (self.now(), person.proved_by());
        let (token, mut session) = self.draw_session(&row.uid, peer, proof);
        if person.factors().outweigh_password() {
            // A password alone neither renews the proof of a second factor nor a session's time.
            session.proved_at = person.proved_at();
            session.expires_at = session.expires_at.min(person.expires());
        }
        let standing = self.standing_of(&row.uid).await?;
        let notice = Notice::PasswordChanged { programs };
        let ledger = self.ledger().with_mails(self.notice(&row.uid, &notice));
        match ledger.change_password(&row.password_phc, (&hash, programs), &session).await? {
            PersonChange::Done => {
                let person = Person::mint(&row, &session, standing);
                Ok(SignedIn { token, person })
            }
            PersonChange::Absent | PersonChange::LastHolder => Err(PasswordError::Ended),
        }
    }

    /// The person's row, if this is their password, and it is enough.
    async fn right_password(
        &self,
        person: &Person,
        password: &Secret,
        peer: &Peer,
    ) -> Result<PersonRow, PasswordError> {
        if person.factors().outweigh_password() && !person.is_fresh() {
            return Err(StepUpNeeded.into());
        }
        self.judge_password(person, password, peer).await
    }

    /// The person's row, if this is their password. A wrong one counts as it does at signing in: whoever has
    /// taken over a session tries no more passwords than anybody else.
    pub(crate) async fn judge_password(
        &self,
        person: &Person,
        password: &Secret,
        peer: &Peer,
    ) -> Result<PersonRow, PasswordError> {
        // Whoever came by an API token is at no door where passwords are taken.
        if person.scope().is_some() {
            return Err(PasswordError::Ended);
        }
        let row = self.ledger().person(person.uid()).await?.ok_or(PasswordError::Ended)?;
        let tried = self.admit_own_password(&row, peer).await?;
        let stored = (password.expose().len() <= PASSWORD_BYTES_MAX).then_some(&row.password_phc);
        match self.hasher().verify(stored, password).await {
            Ok(Verdict::Right | Verdict::RightButWeak) => self.settle(tried, Turned::Right).await?,
            Ok(Verdict::Wrong) => return Err(PasswordError::Wrong),
            Err(_busy) => {
                self.settle(tried, Turned::Unjudged).await?;
                return Err(PasswordError::Busy);
            }
        }
        Ok(row)
    }
}
