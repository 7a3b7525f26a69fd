//! Setting up, registering, signing in, and one's own account.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{RegistrationChoice, UsedTokenBody, ViewingBody};

/// Whether the installation still waits for its first administrator.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Setup)]
pub(crate) struct SetupBody {
    pub needed: bool,
}

/// The first administrator, and how the house is to be run.
#[derive(Deserialize, ToSchema)]
#[schema(as = SetupForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetupFormBody {
    /// The single-use token that the server printed at its start.
    pub token: String,
    pub name: String,
    pub email: Option<String>,
    /// At least 15 characters, at most 256 bytes.
    pub password: String,
    pub registration: RegistrationChoice,
    /// Whether every new person gets a home folder.
    pub homes: bool,
}

/// Who may register.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Registration)]
pub(crate) struct RegistrationBody {
    pub mode: RegistrationChoice,
    /// Whether a mail address must be given.
    pub email_required: bool,
    /// Whether mail is set up here: forgotten passwords are set anew by it.
    pub mail: bool,
}

/// A new account. Roles and grants are not asked for: they are given.
#[derive(Deserialize, ToSchema)]
#[schema(as = RegistrationForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegistrationFormBody {
    pub name: String,
    pub email: Option<String>,
    /// At least 15 characters, at most 256 bytes.
    pub password: String,
}

/// Whether a new account may sign in at once, or once an administrator has approved.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RegistrationStatus {
    Active,
    Pending,
    /// A link that was sent to the address is to be followed within 24 hours.
    CheckMail,
}

/// What becomes of a registration, if the name is free.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Registered)]
pub(crate) struct RegisteredBody {
    pub status: RegistrationStatus,
}

/// A name and its password.
#[derive(Deserialize, ToSchema)]
#[schema(as = SignIn)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInBody {
    pub name: String,
    pub password: String,
}

/// The person who is signed in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Person)]
pub(crate) struct PersonBody {
    /// For ever this person's; names change.
    pub uid: String,
    pub name: String,
    pub administrator: bool,
}

/// A session. Its token is in the cookie and nowhere else.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionBody {
    pub person: PersonBody,
    pub second_factor: SessionFactorBody,
    /// When the session ends unless it is used.
    #[schema(format = DateTime)]
    pub expires: String,
    /// The API token that asks, if one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<UsedTokenBody>,
    /// As whom the session's administrator sees, if they do: `person` is that person then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub viewing: Option<ViewingBody>,
}

/// How the person stands with their second factor.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionFactor)]
#[expect(clippy::struct_excessive_bools, reason = "each answers a question of the page by itself")]
pub(crate) struct SessionFactorBody {
    /// Whether one is set up.
    pub set: bool,
    /// Whether one-time codes are.
    pub totp: bool,
    /// Whether there is a passkey.
    pub passkey: bool,
    /// Whether it is that of their provider: a password proves too little then.
    pub provider: bool,
    /// Whether one must be: of administrators, unless it is switched off by configuration.
    pub required: bool,
}

/// A change of one's own password.
#[derive(Deserialize, ToSchema)]
#[schema(as = PasswordChange)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordBody {
    pub current: String,
    /// At least 15 characters, or 8 where a second factor is set up; at most 256 bytes.
    pub new: String,
    /// Whether access keys, API tokens and shared links go on. Without it they end: whoever knew the old password may
    /// have made them.
    #[serde(default)]
    pub keep_programs: bool,
}
