//! What the scan for malware found.

use serde::Serialize;
use utoipa::ToSchema;

/// Which files are served.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = Serves)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ServesBody {
    /// All: files are not scanned.
    NotScanned,
    /// All but what is infected.
    UnscannedToo,
    /// Only what was found clean, or released.
    OnlyClean,
}

/// Where a finding stands.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = FindingState)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FindingStateBody {
    Infected,
    /// It cannot be scanned.
    Unscanned,
    /// It was let go, which takes a moment.
    Releasing,
}

/// A file that is infected or cannot be scanned.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Finding)]
pub(crate) struct FindingBody {
    pub id: String,
    pub bucket: String,
    pub key: String,
    pub version: String,
    pub state: FindingStateBody,
    /// By which name the scanner knows it, or why it cannot be scanned.
    pub finding: String,
    /// The uid of who wrote it, where that is known.
    #[schema(required)]
    pub person: Option<String>,
    /// When the scanner said so.
    #[schema(required, format = DateTime)]
    pub at: Option<String>,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Scans)]
pub(crate) struct ScansBody {
    pub serves: ServesBody,
    /// How many files wait to be scanned.
    pub waiting: u64,
    /// How many of them were tried and not scanned yet.
    pub failing: u64,
    /// Infected ones first, then the newest first; at most 500.
    pub findings: Vec<FindingBody>,
}
