//! Registering: a new person with the rights that every new person has.

use jiff::Timestamp;
use wh_ledger::{LedgerError, PasswordPhc, PersonRow, PersonStatus};
use wh_names::{Secret, Uid};

use crate::form::CheckedForm;
use crate::{FieldError, People, RegistrationMode};

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
            Self::Busy => "busy",
            Self::Ledger(error) => error.code(),
        }
    }

    /// The field at fault, if one is.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Field(error) => Some(error.field()),
            Self::Closed | Self::Busy | Self::Ledger(_) => None,
        }
    }
}

impl People {
    /// Registers somebody, if anybody may register at all.
    pub async fn register(&self, form: RegistrationForm) -> Result<Registered, RegistrationError> {
        let settings = self.settings_now().await?;
        let status = match settings.registration {
            RegistrationMode::Closed => return Err(RegistrationError::Closed),
            RegistrationMode::Approval => PersonStatus::Pending,
            RegistrationMode::Open => PersonStatus::Active,
        };
        let form = CheckedForm::check(&form.name, form.email.as_deref(), form.password)?;
        if self.ledger().person_by_name_key(form.name.key()).await?.is_some() {
            return Err(FieldError::NameTaken.into());
        }
        let hash = self.hasher().hash(&form.password).await;
        let now = self.now();
        let row = self.new_row(&form, hash.map_err(|_| RegistrationError::Busy)?, status, now);
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
