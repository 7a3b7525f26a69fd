//! Registering: a new person with the rights that every new person has.
//!
//! Invariant: whether a name was free shows neither in the answer nor in the work. Who registered learns by
//! signing in whether the name became theirs. Source: OWASP ASVS 5.0, 6.3.8. See ADR 0028.

use std::time::Duration;

use wh_ledger::{EmailCheckRow, LedgerError, MailRow, MailTo, PersonRow};
use wh_names::{Secret, Uid};

use crate::form::CheckedForm;
use crate::mail::letters;
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

/// How somebody stands who has just registered, as they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// They may sign in.
    Active,
    /// They may once an administrator has approved.
    Pending,
    /// They are to follow the link that is sent to their address.
    Unchecked,
}

impl Entry {
    fn told(self) -> Told {
        match self {
            Self::AtOnce => Told::Active,
            Self::ByApproval => Told::Pending,
            Self::ByCheck | Self::ByCheckAndApproval => Told::Unchecked,
        }
    }
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
    /// Somebody has the name, or one that looks like it, and nothing came of it. Who asked is told what they
    /// would be told of a name that was free.
    Taken(Told),
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
    /// A field is not as it must be. That a name is taken is not said.
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
    /// against the address for good: it costs a hash and a row.
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
        let hash = self.hasher().hash(&form.password).await;
        let hash = hash.map_err(|_| RegistrationError::Busy)?;
        let (entry, email) = (admitted.entry(), form.email.clone());
        let new = self.provision(form.identity(hash), admitted, settings, self.now());
        let uid = new.person.uid.clone();
        let whose = (&uid, entry.admits());
        let (check, mut mails) = self.check_if_given(email.as_ref(), whose).await?;
        let nothing = mails.clone();
        if entry == Entry::ByApproval {
            mails.extend(self.told_of_waiting(&new.person.name).await?);
        }
        if self.ledger().is_name_taken(&new.person).await? {
            return self.write_nothing_down((new.person, check), nothing, entry.told()).await;
        }
        let ledger = self.ledger().with_mails(mails);
        match ledger.insert_person_to_check(&new.person, &new.grants, check.as_ref()).await {
            // Somebody was faster by a moment.
            Err(LedgerError::Conflict { what: "person" }) => {
                self.write_nothing_down((new.person, check), nothing, entry.told()).await
            }
            done => Ok(done.map(|()| match entry.told() {
                Told::Active => Registered::Active(uid),
                Told::Pending => Registered::Pending(uid),
                Told::Unchecked => Registered::Unchecked(uid),
            })?),
        }
    }

    /// The work of writing somebody down, for nothing. Whoever has the address is told so in the place of
    /// the link that checks it; they may be who asked.
    async fn write_nothing_down(
        &self,
        (person, check): (PersonRow, Option<EmailCheckRow>),
        mails: Vec<MailRow>,
        told: Told,
    ) -> Result<Registered, RegistrationError> {
        let instead = |mail: MailRow| match mail.to {
            MailTo::Address { email, key, .. } if mail.kind == letters::CHECK => {
                let letter = letters::name_taken(self.house_url());
                self.mail(MailTo::Address { email, key, of: None }, letter, mail.limit)
            }
            MailTo::Address { .. } | MailTo::Person(_) => mail,
        };
        let mails = mails.into_iter().map(instead).collect();
        self.ledger().with_mails(mails).insert_nobody(&person, check.as_ref()).await?;
        Ok(Registered::Taken(told))
    }
}
