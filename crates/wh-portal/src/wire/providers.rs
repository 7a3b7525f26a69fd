//! Signing in by a provider, and what is linked to an account.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::SecondFactorNeededBody;

/// A provider by which one can sign in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Provider)]
pub(crate) struct ProviderBody {
    /// Its short name in addresses.
    pub id: String,
    /// What people read on the button.
    pub name: String,
}

/// The providers, in the order of their buttons.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Providers)]
pub(crate) struct ProvidersBody {
    pub providers: Vec<ProviderBody>,
}

/// Where somebody who leaves for a provider comes back to.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ProviderLeave)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderLeaveBody {
    /// A path of the portal's own pages; whatever else is said, it is `/`.
    #[serde(default)]
    pub return_to: Option<String>,
}

/// Where the browser goes now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProviderDeparture)]
pub(crate) struct ProviderDepartureBody {
    /// The provider's address, to be opened in this browser within ten minutes.
    pub location: String,
}

/// What the provider sent the browser back with, as it stands in the address.
#[derive(Deserialize, ToSchema)]
#[schema(as = ProviderAnswer)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderAnswerBody {
    pub state: String,
    #[serde(default)]
    pub code: Option<String>,
    #[serde(default)]
    pub iss: Option<String>,
    #[serde(default)]
    pub error: Option<String>,
}

/// What came of it.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = ProviderOutcome)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ProviderOutcomeBody {
    /// Somebody is signed in.
    SignedIn,
    /// The second factor is awaited next.
    SecondFactor,
    /// The provider is linked to the account.
    Linked,
    /// Whoever is signed in proved once more who they are.
    Proved,
}

/// What came of a provider's answer.
#[derive(Serialize, ToSchema)]
#[schema(as = ProviderArrival)]
pub(crate) struct ProviderArrivalBody {
    pub outcome: ProviderOutcomeBody,
    /// Where the person wanted to go: a path of the portal's own pages.
    pub return_to: String,
    /// What the second step takes, where it is awaited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_factor: Option<SecondFactorNeededBody>,
}

/// A sign-in that is linked to an account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Identity)]
pub(crate) struct IdentityBody {
    pub id: String,
    /// The provider, as people read it; its issuer where it is not configured any more.
    pub provider: String,
    /// Whether it can be used still.
    pub usable: bool,
    /// What the provider calls the person.
    #[schema(required)]
    pub label: Option<String>,
    #[schema(format = DateTime)]
    pub linked: String,
    /// When it was last used; null where it never was.
    #[schema(required, format = DateTime)]
    pub used: Option<String>,
    /// Whether it was linked to an account that was there; else the account came into being by it.
    pub added: bool,
}

/// By what somebody signs in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LinkedSignIns)]
pub(crate) struct LinkedSignInsBody {
    /// What is linked, the oldest first.
    pub identities: Vec<IdentityBody>,
    /// The providers that may be linked.
    pub providers: Vec<ProviderBody>,
    /// Those by which one can prove once more who one is.
    pub proofs: Vec<ProviderBody>,
    /// Whether there is a password.
    pub password: bool,
}

/// A person's linked sign-ins, the oldest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Identities)]
pub(crate) struct IdentitiesBody {
    pub identities: Vec<IdentityBody>,
}
