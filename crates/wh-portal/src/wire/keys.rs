//! Access keys for tools that cannot refresh temporary credentials.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether a key counts.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = KeyStanding)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum KeyStandingBody {
    /// It counts.
    Active,
    /// It was revoked.
    Revoked,
    /// Its time is over.
    Expired,
    /// The grant that it was made for was taken away.
    GrantGone,
    /// The grant that it was made for has ended.
    GrantEnded,
}

/// When a key was last used.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KeyUse)]
pub(crate) struct KeyUseBody {
    /// To the minute or so.
    #[schema(format = DateTime)]
    pub at: String,
    /// From where, where it is known.
    #[schema(required)]
    pub ip: Option<String>,
}

/// An access key. Its secret is not in it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Key)]
pub(crate) struct KeyBody {
    /// `AKIA…`.
    pub id: String,
    pub name: String,
    pub standing: KeyStandingBody,
    /// The location that it is for; null when it is no longer granted.
    #[schema(required)]
    pub location: Option<String>,
    /// The only actions that it is for; null for all that the location allows.
    #[schema(required)]
    pub actions: Option<Vec<String>>,
    #[schema(format = DateTime)]
    pub created: String,
    #[schema(format = DateTime)]
    pub expires: String,
    /// Its last use; null when there was none.
    #[schema(required)]
    pub used: Option<KeyUseBody>,
}

/// A person's keys, and what keys there may be.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Keys)]
pub(crate) struct KeysBody {
    /// The newest first; those that ended are remembered for 30 days.
    pub keys: Vec<KeyBody>,
    /// Whether the store takes such keys at all: Amazon S3 does not.
    pub available: bool,
    /// How many keys that count a person may have.
    pub max: u32,
    /// How many days a key may live.
    pub days_max: u32,
}

/// A key to be made.
#[derive(Deserialize, ToSchema)]
#[schema(as = KeyForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyFormBody {
    /// What it is to be called.
    pub name: String,
    /// The location that it is for.
    pub location: String,
    /// How many days it shall live.
    pub days: u32,
    /// The only actions that it is to be for, such as `s3:Get*`; all that the location allows,
    /// without it.
    pub actions: Option<Vec<String>>,
    /// The password, once more: a key outlives the session.
    pub password: String,
}

/// A key that was made, with its secret, which is never shown again.
#[derive(Serialize, ToSchema)]
#[schema(as = MadeKey)]
pub(crate) struct MadeKeyBody {
    pub key: KeyBody,
    pub secret_access_key: String,
    /// Where the store is.
    #[schema(required)]
    pub endpoint: Option<String>,
    pub region: String,
    pub bucket: String,
    pub prefix: String,
}
