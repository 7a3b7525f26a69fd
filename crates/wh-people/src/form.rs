//! What registration and set-up have in common: a name, a mail address and a password, checked.

use wh_ledger::PasswordPhc;
use wh_names::Secret;

use crate::People;
use crate::mail::MailAddress;
use crate::name::PersonName;
use crate::password::{Chooser, Weight};
use crate::provision::Identity;

/// A field of a form that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// The name cannot be a name.
    #[error("the name cannot be used: {why}")]
    Name {
        /// The rule that was broken, as a clause.
        why: &'static str,
    },
    /// Somebody has this name, or one that looks like it.
    #[error("the name is taken, or looks like one that is")]
    NameTaken,
    /// The mail address is none.
    #[error("the mail address is not valid")]
    Email,
    /// There is no mail address, and there must be one.
    #[error("a mail address is asked for: a link is sent there")]
    EmailMissing,
    /// The password has fewer characters than it must.
    #[error("the password is shorter than {min} characters")]
    PasswordTooShort {
        /// How many it must have.
        min: usize,
    },
    /// The password has more bytes than it may.
    #[error("the password is longer than {max} bytes")]
    PasswordTooLong {
        /// How many it may have.
        max: usize,
    },
    /// The password holds the person's name.
    #[error("the password holds the name")]
    PasswordHoldsName,
    /// The password is among the first that anybody tries.
    #[error("the password is too easily guessed: {why}")]
    PasswordCommon {
        /// What makes it so, as a clause.
        why: &'static str,
    },
    /// The password was found in a breach.
    #[error(
        "the password was found in a breach of another site; choose one that you use nowhere else"
    )]
    PasswordBreached,
    /// Whether the password was found in a breach cannot be told.
    #[error(
        "the password could not be compared with those of breaches; try again, or tell the operator"
    )]
    PasswordUnchecked,
}

impl FieldError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Name { .. } => "name-invalid",
            Self::NameTaken => "name-taken",
            Self::Email => "email-invalid",
            Self::EmailMissing => "email-missing",
            Self::PasswordTooShort { .. } => "password-too-short",
            Self::PasswordTooLong { .. } => "password-too-long",
            Self::PasswordHoldsName => "password-holds-name",
            Self::PasswordCommon { .. } => "password-common",
            Self::PasswordBreached => "password-breached",
            Self::PasswordUnchecked => "password-unchecked",
        }
    }

    /// The field: `name`, `email` or `password`.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Name { .. } | Self::NameTaken => "name",
            Self::Email | Self::EmailMissing => "email",
            Self::PasswordTooShort { .. }
            | Self::PasswordTooLong { .. }
            | Self::PasswordHoldsName
            | Self::PasswordCommon { .. }
            | Self::PasswordBreached
            | Self::PasswordUnchecked => "password",
        }
    }
}

/// A form whose fields were checked.
#[derive(Debug)]
pub(crate) struct CheckedForm {
    pub(crate) name: PersonName,
    pub(crate) email: Option<MailAddress>,
    pub(crate) password: Secret,
}

impl CheckedForm {
    /// Checks all but whether the password was in a breach, which reads a file: see
    /// [`People::check_breaches`].
    pub(crate) fn check(
        people: &People,
        (name, email): (&str, Option<&str>),
        password: Secret,
    ) -> Result<Self, FieldError> {
        let name = PersonName::choose(name)?;
        let email = MailAddress::parse_optional(email)?;
        let shown = email.as_ref().map(MailAddress::as_str);
        let chooser = Chooser { name: &name, email: shown, weight: Weight::Alone };
        people.check_password(&password, chooser)?;
        Ok(Self { name, email, password })
    }

    /// Who it is, with the password's hash.
    pub(crate) fn identity(self, password_phc: PasswordPhc) -> Identity {
        Identity { name: self.name, email: self.email, password_phc }
    }
}
