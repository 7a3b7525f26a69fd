//! Second factors, and proofs of who one is.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Name and password were right; the second factor, or a longer password, is awaited from this browser.
#[derive(Serialize, ToSchema)]
#[schema(as = SecondFactorNeeded)]
pub(crate) struct SecondFactorNeededBody {
    /// When the sign-in must be begun anew.
    #[schema(format = DateTime)]
    pub expires: String,
    /// Whether a one-time code finishes it.
    pub totp: bool,
    /// Whether a passkey does.
    pub passkey: bool,
    /// Where there is no second factor any more and the password is too short to be the only one: the page
    /// by which a longer one is set, once. Nothing is open until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_password: Option<String>,
}

/// A proof of the second factor: one of the three.
#[derive(Deserialize, ToSchema)]
#[schema(as = FactorCode)]
#[serde(deny_unknown_fields)]
pub(crate) struct FactorCodeBody {
    /// Six digits from an authenticator.
    pub code: Option<String>,
    pub recovery_code: Option<String>,
    /// The answer of a passkey to `/api/v1/session/second-factor/challenge`.
    #[schema(value_type = Option<BTreeMap<String, Value>>)]
    pub passkey: Option<Value>,
}

/// A proof of who one is: one of the four.
#[derive(Deserialize, ToSchema)]
#[schema(as = Proof)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProofBody {
    /// Where there is no second factor.
    pub password: Option<String>,
    /// Six digits from an authenticator.
    pub code: Option<String>,
    pub recovery_code: Option<String>,
    /// The answer of a passkey to `/api/v1/session/proof/challenge`.
    #[schema(value_type = Option<BTreeMap<String, Value>>)]
    pub passkey: Option<Value>,
}

/// One's own second factor.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SecondFactor)]
pub(crate) struct SecondFactorBody {
    /// When one-time codes were set up; null where they are not.
    #[schema(format = DateTime)]
    pub since: Option<String>,
    pub recovery_codes_left: i64,
    /// Whether one must have one.
    pub required: bool,
}

/// A seed that is shown once.
#[derive(Serialize, ToSchema)]
#[schema(as = OfferedFactor)]
pub(crate) struct OfferedFactorBody {
    /// In base32, to be typed into an authenticator.
    pub secret: String,
    /// `otpauth://totp/…`.
    pub uri: String,
    /// The address as a QR code: its rows without a margin, `1` for a dark module.
    pub qr: Vec<String>,
    /// Until when it may be confirmed.
    #[schema(format = DateTime)]
    pub expires: String,
}

/// A code that confirms a seed.
#[derive(Deserialize, ToSchema)]
#[schema(as = Code)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeBody {
    /// Six digits.
    pub code: String,
}

/// Recovery codes, shown once. Each counts once.
#[derive(Serialize, ToSchema)]
#[schema(as = RecoveryCodes)]
pub(crate) struct RecoveryCodesBody {
    pub codes: Vec<String>,
}
