//! Registering: a new person with the rights that every new person has.

use std::time::Duration;

use jiff::Timestamp;
use wh_ledger::{LedgerError, PasswordPhc, PersonRow, PersonStatus};
use wh_names::{Secret, Uid};

use crate::form::CheckedForm;
use crate::throttle::Key;
use crate::{FieldError, Peer, People, RegistrationMode, Settings};

/// What somebody says to register. There is no field for rights, and there will be none.
#[derive(Debug)]
pub struct RegistrationForm {
    /// The name, as typed.
    pub name: String,
    /// A mail address, if they care to give one.
    pub email: Option<String>,
    /// The password.
    pub password: Secret,
}

/// What came of registering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registered {
    /// The person may sign in.
    Active(Uid),
    /// The person may sign in once an administrator has approved.
    Pending(Uid),
}

/// Why somebody was not registered.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// Nobody may register here.
    #[error("registration is closed")]
    Closed,
    /// A field is not as it must be. That a name is taken must be said: the form asks for another.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// Too many have registered from this address.
    #[error("there were too many registrations from this address")]
    Throttled {
        /// How long to wait.
        retry_after: Duration,
    },
    /// Too many are registering or signing in at this moment.
    #[error("too many are registering or signing in at this moment")]
    Busy,
    /// The ledger failed.
    #[error("the ledger did not do it")]
    Ledger(#[from] LedgerError),
}

impl RegistrationError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Closed => "registration-closed",
            Self::Field(error) => error.code(),
            Self::Throttled { .. } => "throttled",
            Self::Busy => "busy",
            Self::Ledger(error) => error.code(),
        }
    }

    /// The field at fault, if one is.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Field(error) => Some(error.field()),
            Self::Closed | Self::Throttled { .. } | Self::Busy | Self::Ledger(_) => None,
        }
    }
}

impl People {
    /// Registers somebody, if anybody may register at all. Every form that could stand counts
    /// against the address for good: it costs a hash, a row, or the answer whether a name is taken.
    pub async fn register(
        &self,
        form: RegistrationForm,
        peer: &Peer,
    ) -> Result<Registered, RegistrationError> {
        let settings = self.settings_now().await?;
        let status = match settings.registration {
            RegistrationMode::Closed => return Err(RegistrationError::Closed),
            RegistrationMode::Approval => PersonStatus::Pending,
            RegistrationMode::Open => PersonStatus::Active,
        };
        let (name, email) = (&form.name, form.email.as_deref());
        let form = CheckedForm::check(self, (name, email), form.password).await?;
        let attempt =
            self.throttle().admit(peer.ip.map(Key::registration).into_iter().collect(), self.now());
        let attempt =
            attempt.map_err(|retry_after| RegistrationError::Throttled { retry_after })?;
        let registered = self.write_down(&form, settings, status).await;
        match &registered {
            Err(RegistrationError::Busy | RegistrationError::Ledger(_)) => {
                self.throttle().unjudged(attempt);
            }
            Ok(_)
            | Err(
                RegistrationError::Closed
                | RegistrationError::Field(_)
                | RegistrationError::Throttled { .. },
            ) => drop(attempt),
        }
        registered
    }

    async fn write_down(
        &self,
        form: &CheckedForm,
        settings: Settings,
        status: PersonStatus,
    ) -> Result<Registered, RegistrationError> {
        if self.ledger().person_by_name_key(form.name.key()).await?.is_some() {
            return Err(FieldError::NameTaken.into());
        }
        let hash = self.hasher().hash(&form.password).await;
        let now = self.now();
        let row = self.new_row(form, hash.map_err(|_| RegistrationError::Busy)?, status, now);
        let (grants, registered) = match status {
            PersonStatus::Active => {
                (self.first_grants(&row.uid, settings, now), Registered::Active(row.uid.clone()))
            }
            PersonStatus::Pending | PersonStatus::Disabled => {
                (Vec::new(), Registered::Pending(row.uid.clone()))
            }
        };
        match self.ledger().insert_person(&row, &grants).await {
            Err(LedgerError::Conflict { what: "person" }) => Err(FieldError::NameTaken.into()),
            done => Ok(done.map(|()| registered)?),
        }
    }

    /// The row of a new person.
    pub(crate) fn new_row(
        &self,
        form: &CheckedForm,
        password_phc: PasswordPhc,
        status: PersonStatus,
        now: Timestamp,
    ) -> PersonRow {
        PersonRow {
            uid: Uid::generate(now, self.entropy()),
            name: form.name.as_str().to_owned(),
            name_key: form.name.key().to_owned(),
            name_look: form.name.look().to_owned(),
            email: form.email.clone(),
            password_phc,
            status,
            created_at: now,
            approved_at: (status == PersonStatus::Active).then_some(now),
        }
    }
}
