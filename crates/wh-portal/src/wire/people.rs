//! Persons, their grants, and the settings of the house.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{KeyBody, TokenBody};

/// Where a person stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PersonStatus {
    Pending,
    Active,
    Disabled,
}

/// One person, as administrators see them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PersonRecord)]
pub(crate) struct PersonRecordBody {
    pub uid: String,
    pub name: String,
    pub email: Option<String>,
    /// Whether the person followed a link that was sent there.
    pub email_checked: bool,
    pub status: PersonStatus,
    #[schema(format = DateTime)]
    pub created: String,
    pub administrator: bool,
    /// Whether a second factor is set up.
    pub second_factor: bool,
}

/// All persons.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = People)]
pub(crate) struct PeopleBody {
    pub people: Vec<PersonRecordBody>,
}

/// Who may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = RegistrationMode)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RegistrationChoice {
    /// Anybody, at once.
    Open,
    /// Anybody, once an administrator has approved.
    Approval,
    /// Who gives a mail address of the listed domains and follows a link that is sent there; where mail
    /// is not set up, once an administrator has approved.
    Domains,
    /// Who has an invitation.
    Invitation,
    /// Nobody, invited or not.
    Closed,
}

/// The settings of the house.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Settings)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingsBody {
    pub registration: RegistrationChoice,
    /// Whether every new person gets a home folder.
    pub homes: bool,
    /// The mail domains that `domains` is about: at most 50 names like `example.org`.
    #[serde(default)]
    pub domains: Vec<String>,
    /// Whether who registers must give a mail address and follow a link that is sent there. Mail must be
    /// set up.
    #[serde(default)]
    pub mail_check: bool,
}

/// A person's API tokens.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PersonTokens)]
pub(crate) struct PersonTokensBody {
    /// The newest first; those that ended are remembered for 30 days.
    pub tokens: Vec<TokenBody>,
}

/// A person's access keys.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PersonKeys)]
pub(crate) struct PersonKeysBody {
    /// The newest first; those that ended are remembered for 30 days.
    pub keys: Vec<KeyBody>,
}
