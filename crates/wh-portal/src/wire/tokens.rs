//! API tokens, and credentials for the store.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::KeyUseBody;

/// What a token may do, where its person may.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[schema(as = TokenAction)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum TokenActionBody {
    /// See what is there.
    List,
    /// Read files.
    Read,
    /// Write files, also over others.
    Write,
    /// Delete files.
    Delete,
}

/// Whether a token counts.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = TokenStanding)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum TokenStandingBody {
    /// It counts.
    Active,
    /// It was revoked.
    Revoked,
    /// Its time is over.
    Expired,
}

/// An API token. What it opens with is not in it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiToken)]
pub(crate) struct TokenBody {
    /// What it is called, also in the names of its role sessions; it opens nothing.
    pub id: String,
    pub name: String,
    pub standing: TokenStandingBody,
    /// The locations that it was made for. One that is no longer granted opens nothing.
    pub locations: Vec<String>,
    /// What it may do there at most.
    pub actions: Vec<TokenActionBody>,
    #[schema(format = DateTime)]
    pub created: String,
    #[schema(format = DateTime)]
    pub expires: String,
    /// Its last use at the portal; null when there was none.
    #[schema(required)]
    pub used: Option<KeyUseBody>,
}

/// A person's tokens, and what tokens there may be.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiTokens)]
pub(crate) struct TokensBody {
    /// The newest first; those that ended are remembered for 30 days.
    pub tokens: Vec<TokenBody>,
    /// How many tokens that count a person may have.
    pub max: u32,
    /// How many days a token may live.
    pub days_max: u32,
}

/// A token to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ApiTokenForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenFormBody {
    /// What it is to be called.
    pub name: String,
    /// The locations that it is for: some of one's own.
    pub locations: Vec<String>,
    /// What it may do there at most.
    pub actions: Vec<TokenActionBody>,
    /// How many days it shall live; 90 without it.
    pub days: Option<u32>,
}

/// A token that was made. It is never shown again.
#[derive(Serialize, ToSchema)]
#[schema(as = MadeApiToken)]
pub(crate) struct MadeTokenBody {
    pub token: TokenBody,
    /// `wh_pat_…`, for `Authorization: Bearer`.
    pub secret: String,
}

/// The API token by which a request came.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UsedApiToken)]
pub(crate) struct UsedTokenBody {
    pub id: String,
    pub name: String,
    pub actions: Vec<TokenActionBody>,
}

/// Where credentials are to be for.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CredentialsForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct CredentialsFormBody {
    /// The location.
    pub location: String,
}
