//! Registering: a new person with the rights that every new person has.

use std::time::Duration;

use wh_ledger::LedgerError;
use wh_names::{Secret, Uid};

use crate::form::CheckedForm;
use crate::provision::{Admitted, Entry, NotAdmitted, Way, admission};
use crate::throttle::Key;
use crate::{FieldError, Peer, People, Settings};

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
    /// The person is to follow the link that is sent to their address, or nothing comes of it.
    Unchecked(Uid),
}

/// Why somebody was not registered.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// Nobody may register here.
    #[error("registration is closed")]
    Closed,
    /// Only who is invited may register here.
    #[error("registration is by invitation")]
    InvitationOnly,
    /// The mail address is none, or of no domain that may register here.
    #[error("registration takes a mail address of this organisation")]
    MailDomain,
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
            Self::InvitationOnly => "registration-by-invitation",
            Self::MailDomain => "registration-mail-domain",
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
            Self::MailDomain => Some("email"),
            Self::Closed
            | Self::InvitationOnly
            | Self::Throttled { .. }
            | Self::Busy
            | Self::Ledger(_) => None,
        }
    }
}

impl From<NotAdmitted> for RegistrationError {
    fn from(why: NotAdmitted) -> Self {
        match why {
            NotAdmitted::Closed => Self::Closed,
            NotAdmitted::InvitationOnly => Self::InvitationOnly,
            NotAdmitted::MailDomain => Self::MailDomain,
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
        let way = Way::Form(form.email.as_deref());
        let admitted = admission(&settings, &way, self.mailing())?;
        let (name, email) = (&form.name, form.email.as_deref());
        let form = CheckedForm::check(self, (name, email), form.password)?;
        if settings.mail_check && form.email.is_none() {
            return Err(FieldError::EmailMissing.into());
        }
        let attempt =
            self.throttle().admit(peer.ip.map(Key::registration).into_iter().collect(), self.now());
        let attempt =
            attempt.map_err(|retry_after| RegistrationError::Throttled { retry_after })?;
        let registered = self.write_down(form, &settings, admitted).await;
        match &registered {
            Err(RegistrationError::Busy | RegistrationError::Ledger(_)) => {
                self.throttle().unjudged(attempt);
            }
            Ok(_)
            | Err(
                RegistrationError::Closed
                | RegistrationError::InvitationOnly
                | RegistrationError::MailDomain
                | RegistrationError::Field(_)
                | RegistrationError::Throttled { .. },
            ) => drop(attempt),
        }
        registered
    }

    async fn write_down(
        &self,
        form: CheckedForm,
        settings: &Settings,
        admitted: Admitted,
    ) -> Result<Registered, RegistrationError> {
        self.check_breaches(&form.password).await?;
        if self.ledger().person_by_name_key(form.name.key()).await?.is_some() {
            return Err(FieldError::NameTaken.into());
        }
        let hash = self.hasher().hash(&form.password).await;
        let hash = hash.map_err(|_| RegistrationError::Busy)?;
        let (entry, email) = (admitted.entry(), form.email.clone());
        let new = self.provision(form.identity(hash), admitted, settings, self.now());
        let uid = new.person.uid.clone();
        let whose = (&uid, entry.admits());
        let (check, mut mails) = self.check_if_given(email.as_ref(), whose).await?;
        if entry == Entry::ByApproval {
            mails.extend(self.told_of_waiting(&new.person.name).await?);
        }
        let ledger = self.ledger().with_mails(mails);
        match ledger.insert_person_to_check(&new.person, &new.grants, check.as_ref()).await {
            Err(LedgerError::Conflict { what: "person" }) => Err(FieldError::NameTaken.into()),
            done => Ok(done.map(|()| match entry {
                Entry::AtOnce => Registered::Active(uid),
                Entry::ByApproval => Registered::Pending(uid),
                Entry::ByCheck | Entry::ByCheckAndApproval => Registered::Unchecked(uid),
            })?),
        }
    }
}
