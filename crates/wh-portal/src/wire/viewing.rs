//! Seeing as somebody else.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// As whom an administrator wants to see: as a person, with whatever they hold, or as a role at a place, as if
/// it were granted there.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ViewingForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct ViewingFormBody {
    pub kind: ViewingKindBody,
    /// Of a person.
    #[serde(default)]
    pub uid: Option<String>,
    /// The role's name.
    #[serde(default)]
    pub role: Option<String>,
    /// One of the estate's buckets of files; the first of them where it is not said.
    #[serde(default)]
    pub bucket: Option<String>,
    /// Of a role: empty for the whole bucket, or ends in `/`.
    #[serde(default)]
    pub prefix: Option<String>,
}

/// Whether somebody is seen as a person or as a role.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[schema(as = ViewingKind)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ViewingKindBody {
    Person,
    Role,
}

/// As whom is seen, by whom, and until when.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Viewing)]
pub(crate) struct ViewingBody {
    /// What the person or the role is called.
    pub name: String,
    /// Whether it is a role.
    pub role: bool,
    /// What the administrator is called.
    pub by: String,
    #[schema(format = DateTime)]
    pub ends: String,
    /// Whether it has ended by itself: then nothing is open but to end it.
    pub over: bool,
}
