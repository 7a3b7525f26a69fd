//! The house's own keys, without the keys.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::HouseKey;

/// What is known of one of the house's own keys.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HouseKey)]
pub(crate) struct HouseKeyBody {
    /// `authority.keys` or `audit.key`.
    pub file: String,
    /// Which it is, from 1.
    pub generation: usize,
    /// The public half, where there is one.
    pub fingerprint: Option<String>,
    /// When it was made, where that is known.
    #[schema(format = DateTime)]
    pub made_at: Option<String>,
    /// From when on it seals.
    #[schema(format = DateTime)]
    pub seals_from: Option<String>,
    /// Until when sessions that it sealed count.
    #[schema(format = DateTime)]
    pub opens_sessions_until: Option<String>,
    /// Whether new things are sealed or signed by it.
    pub in_force: bool,
    /// When it should be rotated.
    #[schema(format = DateTime)]
    pub due_at: Option<String>,
}

/// The house's own keys, the oldest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HouseKeys)]
pub(crate) struct HouseKeysBody {
    pub keys: Vec<HouseKeyBody>,
}

impl From<Vec<HouseKey>> for HouseKeysBody {
    fn from(keys: Vec<HouseKey>) -> Self {
        let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let body = |key: HouseKey| HouseKeyBody {
            file: key.file.to_owned(),
            generation: key.generation,
            fingerprint: key.fingerprint,
            made_at: time(key.made_at),
            seals_from: time(key.seals_from),
            opens_sessions_until: time(key.opens_sessions_until),
            in_force: key.in_force,
            due_at: time(key.due_at),
        };
        Self { keys: keys.into_iter().map(body).collect() }
    }
}
