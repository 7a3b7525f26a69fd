//! What one marked, and where one was lately.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A place: a location, and a path in it.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = PlaceForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlaceFormBody {
    /// The location's id.
    pub location: String,
    /// A file, a folder (ends in `/`), or empty for the location itself.
    pub path: String,
}

/// A place that is to be forgotten.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlaceQuery {
    /// The location's id.
    pub location: String,
    /// As it was kept.
    #[serde(default)]
    pub path: String,
}

/// Where one was, the last place last; at most 50.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Visits)]
#[serde(deny_unknown_fields)]
pub(crate) struct VisitsBody {
    pub visits: Vec<PlaceFormBody>,
}

/// Whether it is to be kept where one is.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = KeepRecent)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeepRecentBody {
    /// False forgets what was kept, too.
    pub keep: bool,
}

/// A place that was kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Place)]
pub(crate) struct PlaceBody {
    pub location: String,
    /// A file, a folder (ends in `/`), or empty for the location itself.
    pub path: String,
    #[schema(format = DateTime)]
    pub at: String,
}

/// What one marked and where one was, in the locations that one has now; the last first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Places)]
pub(crate) struct PlacesBody {
    pub favourites: Vec<PlaceBody>,
    pub recent: Vec<PlaceBody>,
    /// Whether it is kept where one is.
    pub keeps_recent: bool,
}
