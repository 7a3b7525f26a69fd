//! What registration and set-up have in common: a name, a mail address and a password, checked.

use wh_ledger::PasswordPhc;
use wh_names::Secret;

use crate::People;
use crate::name::PersonName;
use crate::password::{Chooser, Weight};
use crate::provision::Identity;

/// The longest mail address, in bytes. Source: RFC 5321, 4.5.3.1.3.
const EMAIL_BYTES_MAX: usize = 254;

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
            Self::Email => "email",
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
    pub(crate) email: Option<String>,
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
        let name = PersonName::parse(name)?;
        let email = check_email(email)?;
        let chooser = Chooser { name: &name, email: email.as_deref(), weight: Weight::Alone };
        people.check_password(&password, chooser)?;
        Ok(Self { name, email, password })
    }

    /// Who it is, with the password's hash.
    pub(crate) fn identity(self, password_phc: PasswordPhc) -> Identity {
        Identity { name: self.name, email: self.email, password_phc }
    }
}

pub(crate) fn check_email(email: Option<&str>) -> Result<Option<String>, FieldError> {
    let Some(email) = email.map(str::trim).filter(|email| !email.is_empty()) else {
        return Ok(None);
    };
    let sided = email.rsplit_once('@').is_some_and(|(local, host)| {
        !local.is_empty() && host.split('.').all(|label| !label.is_empty())
    });
    let plain = !email.chars().any(|c| c.is_control() || c.is_whitespace());
    if email.len() > EMAIL_BYTES_MAX || !sided || !plain {
        return Err(FieldError::Email);
    }
    Ok(Some(email.to_owned()))
}
