//! Signing in, the whole story: throttle, fetch, verify, and then issue, or await the second factor.
//!
//! Invariant: whether a name exists shows neither in the answer nor in the work. How a person
//! stands (pending, disabled) is told only to whoever knows their password.

use std::time::Duration;

use wh_ledger::{LedgerError, PersonRow, PersonStatus};
use wh_names::Secret;

use crate::hashing::Verdict;
use crate::password::PASSWORD_BYTES_MAX;
use crate::throttle::Key;
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
    /// Name and password are right, and an administrator has not approved yet.
    #[error("the registration waits for an administrator's approval")]
    AwaitingApproval,
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
            Self::AwaitingApproval => "awaiting-approval",
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
        let name = PersonName::parse(&form.name).ok();

        let mut keys =
            vec![Key::Name(name.as_ref().map(|n| n.key().to_owned()).unwrap_or_default())];
        keys.extend(peer.ip.map(Key::address));
        let attempt = self.throttle().admit(keys, now);
        let attempt = attempt.map_err(|retry_after| LoginError::Throttled { retry_after })?;

        let found = self.fetch(name.as_ref()).await;
        let judged = match found {
            Ok(found) => self.judge(found, &form.password).await,
            Err(error) => Err(error.into()),
        };
        match &judged {
            Err(LoginError::Refused | LoginError::Throttled { .. }) => drop(attempt),
            Err(LoginError::Busy | LoginError::Ledger(_)) => self.throttle().unjudged(attempt),
            Ok(_) | Err(LoginError::AwaitingApproval | LoginError::Disabled) => {
                self.throttle().succeeded(attempt);
            }
        }
        let row = judged?;
        let factors = self.ledger().factors(&row.uid).await?;
        let entered = if factors.any() {
            self.half_way(&row, factors).await?
        } else {
            self.issue(&row, peer, now).await?.map(Entered::SignedIn)
        };
        entered.ok_or(LoginError::Refused)
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
            PersonStatus::Pending => Err(LoginError::AwaitingApproval),
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
