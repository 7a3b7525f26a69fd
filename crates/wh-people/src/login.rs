//! Signing in, the whole story: throttle, fetch, verify, and then issue, or await the second factor, or
//! ask for a longer password where a short one has become the only factor.
//!
//! Invariant: whether a name exists shows neither in the answer nor in the work. How a person
//! stands (pending, disabled) is told only to whoever knows their password.

use std::time::Duration;

use wh_ledger::{Admits, LedgerError, PersonRow, PersonStatus};
use wh_names::{Secret, Uid};

use crate::hashing::Verdict;
use crate::known_device::{Tried, Turned};
use crate::password::{PASSWORD_BYTES_MAX, Weight};
use crate::{Entered, Peer, People, PersonName};

/// What somebody says to sign in.
#[derive(Debug)]
pub struct LoginForm {
    /// The name, as typed.
    pub name: String,
    /// The password.
    pub password: Secret,
}

/// Why somebody was not signed in.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// Name and password do not go together. Whether the name exists is not said.
    #[error("the name or the password is wrong")]
    Refused,
    /// There were too many attempts by this name or from this address.
    #[error("there were too many attempts")]
    Throttled {
        /// How long to wait.
        retry_after: Duration,
    },
    /// A hundred attempts under this name have failed, one after the other, and this browser is not
    /// known. Whether the name exists is not said.
    #[error(
        "too many attempts have failed: this name is signed in by a passkey, in a browser that it was signed in with before, or after a new password by a link from an administrator"
    )]
    Closed,
    /// Name and password are right, and an administrator has not approved yet.
    #[error("the registration waits for an administrator's approval")]
    AwaitingApproval,
    /// Name and password are right, and the link that was sent to the address was not followed.
    #[error("the mail address is to be confirmed first, by the link that was sent there")]
    AwaitingCheck,
    /// Name and password are right, and an administrator has shut the person out.
    #[error("an administrator has disabled this person")]
    Disabled,
    /// Too many are signing in at this moment.
    #[error("too many are signing in at this moment")]
    Busy,
    /// The ledger failed.
    #[error("the ledger did not do it")]
    Ledger(#[from] LedgerError),
}

impl LoginError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused => "login-refused",
            Self::Throttled { .. } => "throttled",
            Self::Closed => "password-sign-in-closed",
            Self::AwaitingApproval => "awaiting-approval",
            Self::AwaitingCheck => "awaiting-mail-check",
            Self::Disabled => "person-disabled",
            Self::Busy => "busy",
            Self::Ledger(error) => error.code(),
        }
    }
}

impl People {
    /// Signs somebody in, or half-way where they have a second factor. Every attempt counts against
    /// the name and the address until it succeeds.
    pub async fn login(&self, form: LoginForm, peer: &Peer) -> Result<Entered, LoginError> {
        let now = self.now();
        let LoginForm { name, password } = form;
        let name = PersonName::parse(&name).ok();

        let key = name.as_ref().map(PersonName::key).unwrap_or_default();
        let tried = self.admit_password(key, peer).await?;

        let found = self.fetch(name.as_ref()).await;
        let judged = match found {
            Ok(found) => self.judge(found, &password).await,
            Err(error) => Err(error.into()),
        };
        let row = match judged {
            Ok(row) => row,
            Err(why) => return Err(self.settle_refusal(tried, why).await),
        };
        let factors = self.ledger().factors(&row.uid).await?;
        let entered = match Weight::of(factors) {
            Weight::BesideFactor => self.half_way(&row, factors).await?,
            alone @ Weight::Alone if alone.is_too_much_for(&password) => {
                self.ask_longer_password(&row).await?
            }
            Weight::Alone => self.issue(&row, peer, now).await?.map(Entered::SignedIn),
        };
        let turned = match &entered {
            Some(Entered::SignedIn(_)) => Turned::AllTheWay,
            Some(Entered::HalfWay { .. } | Entered::LongerPassword { .. }) | None => Turned::Right,
        };
        self.settle(tried, turned).await?;
        if turned == Turned::AllTheWay {
            self.note_device(&row.uid, peer).await;
        }
        entered.ok_or(LoginError::Refused)
    }

    /// Who bears a name: for the audit trail, and to leave out what others did. Whether anybody does is not
    /// told on.
    pub async fn uid_by_name(&self, name: &str) -> Result<Option<Uid>, LedgerError> {
        let name = PersonName::parse(name).ok();
        Ok(self.fetch(name.as_ref()).await?.map(|row| row.uid))
    }

    /// What somebody pending waits for.
    async fn awaited_by(&self, row: &PersonRow) -> Result<LoginError, LedgerError> {
        let wanted = self.ledger().email_wanted(&row.uid).await?;
        let first = wanted.is_some_and(|wanted| wanted.admits != Admits::Nothing);
        Ok(if first { LoginError::AwaitingCheck } else { LoginError::AwaitingApproval })
    }

    /// Settles an attempt that signs nobody in: only a wrong one counts.
    async fn settle_refusal(&self, tried: Tried, why: LoginError) -> LoginError {
        let turned = match why {
            LoginError::Refused | LoginError::Throttled { .. } | LoginError::Closed => return why,
            LoginError::Busy | LoginError::Ledger(_) => Turned::Unjudged,
            LoginError::AwaitingApproval | LoginError::AwaitingCheck | LoginError::Disabled => {
                Turned::Right
            }
        };
        self.settle(tried, turned).await.err().map_or(why, LoginError::Ledger)
    }

    async fn fetch(&self, name: Option<&PersonName>) -> Result<Option<PersonRow>, LedgerError> {
        self.ledger().person_by_name_key(name.map(PersonName::key).unwrap_or_default()).await
    }

    /// Verifies the password, of somebody or of nobody, and only then looks at how they stand.
    async fn judge(
        &self,
        found: Option<PersonRow>,
        password: &Secret,
    ) -> Result<PersonRow, LoginError> {
        // No password is that long; hashing it all the same keeps the work alike.
        let found = found.filter(|_| password.expose().len() <= PASSWORD_BYTES_MAX);
        let stored = found.as_ref().map(|row| &row.password_phc);
        let verdict = self.hasher().verify(stored, password).await;
        let verdict = verdict.map_err(|_| LoginError::Busy)?;
        let row = found.filter(|_| verdict != Verdict::Wrong).ok_or(LoginError::Refused)?;
        match row.status {
            PersonStatus::Pending => Err(self.awaited_by(&row).await?),
            PersonStatus::Disabled => Err(LoginError::Disabled),
            PersonStatus::Active if verdict == Verdict::RightButWeak => {
                Ok(self.strengthen(row, password).await?)
            }
            PersonStatus::Active => Ok(row),
        }
    }

    /// Hashes the password anew at today's cost. If there is no room for that now, another login
    /// will do it.
    async fn strengthen(
        &self,
        row: PersonRow,
        password: &Secret,
    ) -> Result<PersonRow, LedgerError> {
        let Ok(password_phc) = self.hasher().hash(password).await else { return Ok(row) };
        let done = self.ledger().rehash_password(&row.uid, &row.password_phc, &password_phc);
        if done.await? { Ok(PersonRow { password_phc, ..row }) } else { Ok(row) }
    }
}
