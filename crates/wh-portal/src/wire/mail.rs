//! Mail addresses, links that are sent there, and what could not be sent.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whoever forgot their password.
#[derive(Deserialize, ToSchema)]
#[schema(as = ForgottenPassword)]
#[serde(deny_unknown_fields)]
pub(crate) struct ForgottenBody {
    /// Their name or their mail address.
    pub who: String,
}

/// One's own mail address.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OwnEmail)]
pub(crate) struct OwnEmailBody {
    pub email: Option<String>,
    /// Whether a link that was sent there was followed.
    pub checked: bool,
    /// An address that waits to be checked.
    pub wanted: Option<WantedEmailBody>,
}

/// An address that waits to be checked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WantedEmail)]
pub(crate) struct WantedEmailBody {
    pub email: String,
    /// Until when the link can be followed.
    #[schema(format = DateTime)]
    pub expires: String,
}

/// An address that is to be one's own.
#[derive(Deserialize, ToSchema)]
#[schema(as = EmailForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct EmailFormBody {
    pub email: String,
}

/// What came of checking an address.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CheckedEmail)]
pub(crate) struct CheckedEmailBody {
    /// Whether the person may sign in; else they wait for an administrator.
    pub active: bool,
}

/// A mail that waits or was given up. Its text is never shown.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UnsentMail)]
pub(crate) struct UnsentMailBody {
    /// What it is about, in a word.
    pub kind: String,
    pub recipient: String,
    /// Whether it was given up; else it waits and is tried again.
    pub given_up: bool,
    #[schema(format = DateTime)]
    pub created: String,
    pub attempts: u32,
    /// Why it was not sent the last time.
    pub error: Option<String>,
}

/// How mail stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Mail)]
pub(crate) struct MailBody {
    /// Whether mail is set up.
    pub set_up: bool,
    /// What waits, and what was given up within a week; the newest first, at most 200.
    pub unsent: Vec<UnsentMailBody>,
}
