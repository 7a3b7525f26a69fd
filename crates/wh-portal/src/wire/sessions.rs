//! Sessions, as their person and administrators see them.

use serde::Serialize;
use utoipa::ToSchema;

/// A session that goes on. What it opens with is not in it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenSession)]
pub(crate) struct OpenSessionBody {
    /// What it is called; it opens nothing.
    pub id: String,
    /// Whether it is the one that asks.
    pub current: bool,
    /// The browser or program, such as `Firefox`; null where it did not say.
    #[schema(required)]
    pub program: Option<String>,
    /// What it runs on, such as `Windows`; null where it did not say.
    #[schema(required)]
    pub system: Option<String>,
    /// The address that it began from, where it is known.
    #[schema(required)]
    pub ip: Option<String>,
    #[schema(format = DateTime)]
    pub began: String,
    /// To the minute or so.
    #[schema(format = DateTime)]
    pub seen: String,
    /// When it ends, used or not; without use it ends after 60 minutes.
    #[schema(format = DateTime)]
    pub expires: String,
}

/// The newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenSessions)]
pub(crate) struct OpenSessionsBody {
    pub sessions: Vec<OpenSessionBody>,
}

/// How many sessions were ended.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EndedSessions)]
pub(crate) struct EndedSessionsBody {
    pub ended: usize,
}
