//! Seeing as somebody else.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// As whom an administrator wants to see.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ViewingForm)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum ViewingFormBody {
    /// As a person, with whatever they hold.
    Person { uid: String },
    /// As a role at a place, as if it were granted there.
    Role {
        role: String,
        /// One of the estate's buckets of files; the first of them where it is not said.
        #[serde(default)]
        bucket: Option<String>,
        /// Empty for the whole bucket, or ends in `/`.
        #[serde(default)]
        prefix: String,
    },
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
