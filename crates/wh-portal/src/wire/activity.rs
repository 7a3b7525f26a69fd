//! What happened to files.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What is asked of everything that one may list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActivityQuery {
    /// Only below this folder, which ends in `/`, or to this file; of one location alone.
    pub path: Option<String>,
    /// Only this kind: `added`, `replaced`, `written`, `copied`, `moved-here`, `moved-away`, `trashed`,
    /// `restored`, `purged`, `expired` or `tagged`.
    pub kind: Option<String>,
    /// Only what the person of this name did.
    pub person: Option<String>,
    /// At this time or later.
    #[param(format = DateTime)]
    pub since: Option<String>,
    /// Before this time.
    #[param(format = DateTime)]
    pub until: Option<String>,
    /// `next` of the page before, with the same filters.
    pub cursor: Option<String>,
    /// At most so many entries: 1 to 100; 30 without it.
    #[param(value_type = Option<u16>)]
    pub limit: Option<String>,
}

/// What happened.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = ActivityKind)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ActivityKindBody {
    Added,
    Replaced,
    Written,
    Copied,
    MovedHere,
    MovedAway,
    Trashed,
    Restored,
    Purged,
    Expired,
    Tagged,
}

/// Who did it: a person, a machine, a tool's session of a role, a rule of the bucket, or somebody else.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = ActivityByKind)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ActivityByKindBody {
    Person,
    Machine,
    Role,
    Rule,
    Other,
}

/// Who did it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ActivityBy)]
pub(crate) struct ActivityByBody {
    pub kind: ActivityByKindBody,
    /// What the person, the machine or the role is called; null for others, and for a person who is no longer
    /// here.
    #[schema(required)]
    pub name: Option<String>,
}

/// Something that happened to one file, or the same by the same hand to several of one folder, one soon after
/// another.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ActivityEntry)]
pub(crate) struct ActivityEntryBody {
    pub id: String,
    pub kind: ActivityKindBody,
    /// When the first of it happened.
    #[schema(format = DateTime)]
    pub from: String,
    /// When the last of it happened.
    #[schema(format = DateTime)]
    pub at: String,
    pub by: ActivityByBody,
    /// In which location.
    pub location: String,
    /// In which folder of it, with `/` at its end; empty is the location itself.
    pub folder: String,
    /// What up to three of them are called in that folder, the newest first; of a folder with `/` at its end.
    pub names: Vec<String>,
    /// How many there are.
    pub count: usize,
}

/// Who tells what happens: the store whatever happens in it, or the portal what was done through it alone.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = ActivitySource)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ActivitySourceBody {
    Store,
    Portal,
}

/// What happened, the newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Activity)]
pub(crate) struct ActivityBody {
    pub entries: Vec<ActivityEntryBody>,
    /// `cursor` of the next page; null on the last.
    #[schema(required)]
    pub next: Option<String>,
    /// Whether everything was looked at that is kept. Where it was not, narrow down the folder or the time.
    pub complete: bool,
    /// Since when nothing is missing; null: nothing is written down yet.
    #[schema(required, format = DateTime)]
    pub since: Option<String>,
    pub source: ActivitySourceBody,
}
