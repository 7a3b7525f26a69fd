//! Passkeys. What browsers and authenticators say to each other travels as Web Authentication Level 3
//! writes it in JSON.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// One's own passkeys, and where they work.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Passkeys)]
pub(crate) struct PasskeysBody {
    pub passkeys: Vec<PasskeyBody>,
    /// The address of the portal at which passkeys work; null where it has no name.
    pub origin: Option<String>,
}

/// A passkey.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Passkey)]
pub(crate) struct PasskeyBody {
    /// What its authenticator calls it, in base64url.
    pub id: String,
    pub name: String,
    #[schema(format = DateTime)]
    pub created: String,
    /// When it was last used; null where it never was.
    #[schema(format = DateTime)]
    pub used: Option<String>,
}

/// What the browser is asked, once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PasskeyOptions)]
pub(crate) struct PasskeyOptionsBody {
    /// `PublicKeyCredentialCreationOptionsJSON` where a passkey is made,
    /// `PublicKeyCredentialRequestOptionsJSON` where one is used.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub options: Value,
}

/// A passkey that an authenticator has just made.
#[derive(Deserialize, ToSchema)]
#[schema(as = PasskeyForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasskeyFormBody {
    /// 1 to 64 characters.
    pub name: String,
    /// `RegistrationResponseJSON`.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub passkey: Value,
}

/// A passkey that was kept.
#[derive(Serialize, ToSchema)]
#[schema(as = MadePasskey)]
pub(crate) struct MadePasskeyBody {
    pub id: String,
    /// Shown once, where it is the first factor; empty otherwise.
    pub recovery_codes: Vec<String>,
}

/// Another name of a passkey.
#[derive(Deserialize, ToSchema)]
#[schema(as = PasskeyName)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasskeyNameBody {
    /// 1 to 64 characters.
    pub name: String,
}

/// The answer of a passkey.
#[derive(Deserialize, ToSchema)]
#[schema(as = PasskeyAnswer)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasskeyAnswerBody {
    /// `AuthenticationResponseJSON`.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub passkey: Value,
}
