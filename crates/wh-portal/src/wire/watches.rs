//! What one watches.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How often one is told: soon after it happened, collected for a while, or once a day.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[schema(as = WatchRhythm)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum WatchRhythmBody {
    Soon,
    Daily,
}

/// In which language one is told.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[schema(as = WatchLanguage)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum WatchLanguageBody {
    En,
    De,
}

/// A place that one wants to be told of.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = WatchForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct WatchFormBody {
    /// The location's id.
    pub location: String,
    /// A folder, which ends in `/`, a file, or empty for all of the location.
    #[serde(default)]
    pub path: String,
    /// `soon` without it.
    pub rhythm: Option<WatchRhythmBody>,
    /// `en` without it.
    pub language: Option<WatchLanguageBody>,
}

/// How a watch stands: one is told; it is not certain any longer that one may list the folder; or one has the
/// location no longer.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = WatchState)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum WatchStateBody {
    Standing,
    NotListed,
    NotGranted,
}

/// A place that one watches.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Watch)]
pub(crate) struct WatchBody {
    pub id: String,
    pub location: String,
    /// A folder, which ends in `/`, a file, or empty for all of the location.
    pub path: String,
    pub rhythm: WatchRhythmBody,
    pub language: WatchLanguageBody,
    pub state: WatchStateBody,
    #[schema(format = DateTime)]
    pub created: String,
}

/// Whether mail reaches one: at the address that one confirmed, at none because none is confirmed, or at none
/// because no mail leaves this house.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = WatchMail)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum WatchMailBody {
    Reaches,
    NoAddress,
    NotSetUp,
}

/// What one watches, the newest first; at most 100.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Watches)]
pub(crate) struct WatchesBody {
    pub watches: Vec<WatchBody>,
    pub mail: WatchMailBody,
}
