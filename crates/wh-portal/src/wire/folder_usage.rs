//! How much lies in a folder.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which folder is asked about.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct FolderUsageQuery {
    /// The folder: empty for the location itself, or ends in `/`.
    #[serde(default)]
    pub path: String,
}

/// What takes room.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = UsedBy)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum UsedByBody {
    Folder,
    File,
}

/// Where names and sizes are from.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = UsageSource)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum UsageSourceBody {
    /// The index that searches use.
    Index,
    /// A listing that was made for this answer.
    Listing,
}

/// A folder with all that is below it, or a file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UsedEntry)]
pub(crate) struct UsedEntryBody {
    pub kind: UsedByBody,
    /// Its own name, without a slash.
    pub name: String,
    pub bytes: u64,
    /// How many files; of a file, 1.
    pub files: u64,
}

/// How much lies in a folder, in current versions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FolderUsage)]
pub(crate) struct FolderUsageBody {
    /// The folder that was asked about.
    pub path: String,
    /// All of it, shown or not.
    pub bytes: u64,
    pub files: u64,
    /// How many folders are in it.
    pub folders: u64,
    /// Of the files in the folder itself.
    pub own_bytes: u64,
    pub own_files: u64,
    /// What is in it, the largest first; at most 500.
    pub entries: Vec<UsedEntryBody>,
    /// How many more there are.
    pub left_out: u64,
    /// Whether everything was looked at that was there at `as_of`.
    pub complete: bool,
    /// Whether folders are left out of which only the store knows whether one may list them, for instance by
    /// where one asks from. Then it is not complete.
    pub unsure: bool,
    /// What happened in the store after this time may be missing.
    #[schema(format = DateTime)]
    pub as_of: String,
    pub source: UsageSourceBody,
}
