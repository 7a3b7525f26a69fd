//! A folder as it was at a moment.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{PermissionBody, RetentionBody};

/// What has become of something since the moment. Files with one size and one ETag are the `same`.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = PastSince)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PastSinceBody {
    Same,
    Changed,
    Deleted,
    Added,
}

/// What the versions that are kept can tell of the moment: `all`, but for what was deleted for ever;
/// `expired`: not what was replaced or deleted before `whole_since`; `unversioned`: not what was written over
/// while no versions were kept; `unknown` to who may not read how the bucket keeps them.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = PastTells)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PastTellsBody {
    All,
    Expired,
    Unversioned,
    Unknown,
}

/// A folder or a file that was there, or that was added since.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PastEntry)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum PastEntryBody {
    /// A folder; its name carries no slash.
    Folder {
        name: String,
        /// Null: it was there and is; what is in it may differ.
        #[schema(required)]
        since: Option<PastSinceBody>,
    },
    /// A file as it was; where it was added since, as it is.
    File {
        name: String,
        since: PastSinceBody,
        /// What it was; null where it was added since.
        #[schema(required)]
        version: Option<String>,
        /// Bytes.
        size: u64,
        #[schema(format = DateTime)]
        modified: String,
        etag: String,
    },
}

/// What may be done with a folder as it was.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PastPermissions)]
pub(crate) struct PastPermissionsBody {
    /// Read a file as it was.
    pub read: PermissionBody,
    /// Bring back what it was.
    pub restore: PermissionBody,
    /// Delete what was made since.
    pub delete: PermissionBody,
}

/// One page of a folder as it was, in the order of the keys. It is complete only when `next` is null; a page
/// before that may hold nothing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Past)]
pub(crate) struct PastBody {
    pub path: String,
    #[schema(format = DateTime)]
    pub at: String,
    pub entries: Vec<PastEntryBody>,
    /// The cursor of the next page; null when this is the last.
    #[schema(required)]
    pub next: Option<String>,
    /// Whether the folder was there, as far as this page tells.
    pub there: bool,
    /// As far as this page shows.
    pub tells: PastTellsBody,
    /// Since when nothing was taken away that was replaced or deleted. Null: nothing ever is, or one may not
    /// know.
    #[schema(required, format = DateTime)]
    pub whole_since: Option<String>,
    /// How long; null to who may not read it (`s3:GetLifecycleConfiguration`).
    #[schema(required)]
    pub retention: Option<RetentionBody>,
    pub may: PastPermissionsBody,
}

/// Which folder, when, and from where on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PastQuery {
    /// The folder: empty for the location itself, or ends in `/`.
    #[serde(default)]
    pub path: String,
    /// A moment that has passed, to the second: RFC 3339 with its offset.
    pub at: String,
    /// `next` of the page before.
    pub cursor: Option<String>,
}
