//! What is searched for by name, and what was found.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::HeldBody;

/// What is searched for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchQuery {
    /// Words: every one is in the path, and one in the name. Capital letters are as small ones. At most 200
    /// characters and 8 words.
    #[serde(default)]
    #[param(required = true)]
    pub q: String,
    /// Only this kind: `folder`, `image`, `video`, `audio`, `document`, `spreadsheet`, `presentation`,
    /// `archive`, `text` or `other`.
    pub kind: Option<String>,
    /// At least so many bytes.
    #[param(value_type = Option<u64>)]
    pub size_min: Option<String>,
    /// At most so many bytes.
    #[param(value_type = Option<u64>)]
    pub size_max: Option<String>,
    /// Written at this time or later.
    #[param(format = DateTime)]
    pub modified_after: Option<String>,
    /// Written before this time.
    #[param(format = DateTime)]
    pub modified_before: Option<String>,
    /// Only in this location.
    pub location: Option<String>,
    /// Only in this folder of it, which ends in `/`.
    pub path: Option<String>,
    /// `next` of the page before, with the same words and filters.
    pub cursor: Option<String>,
    /// At most so many results: 1 to 200; 50 without it.
    #[param(value_type = Option<u16>)]
    pub limit: Option<String>,
}

/// What a name says that it is.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = SearchKind)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SearchKindBody {
    Folder,
    Image,
    Video,
    Audio,
    Document,
    Spreadsheet,
    Presentation,
    Archive,
    Text,
    Other,
}

/// What matched: from a character of the path, counted from 0, and to before another.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SearchMatch)]
pub(crate) struct SearchMatchBody {
    pub start: usize,
    pub end: usize,
}

/// Something that was found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SearchResult)]
pub(crate) struct SearchResultBody {
    /// In which location.
    pub location: String,
    /// Where in it; of a folder with `/` at its end.
    pub path: String,
    pub kind: SearchKindBody,
    /// A folder has none.
    #[schema(required)]
    pub size: Option<u64>,
    /// A folder has none.
    #[schema(required, format = DateTime)]
    pub modified: Option<String>,
    /// What matched in the path, in characters.
    pub matched: Vec<SearchMatchBody>,
    /// What the scan for malware has against it; null where that is nothing, and where files are not
    /// scanned.
    #[schema(required)]
    pub scan: Option<HeldBody>,
}

/// What was found, the best first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SearchResults)]
pub(crate) struct SearchResultsBody {
    pub results: Vec<SearchResultBody>,
    /// `cursor` of the next page; null on the last.
    #[schema(required)]
    pub next: Option<String>,
    /// Whether everything was looked at that was there at `as_of`. While it is not, more may be found later.
    pub complete: bool,
    /// What happened in the store after this time may not be found yet; null: of a part nothing is known yet.
    #[schema(required, format = DateTime)]
    pub as_of: Option<String>,
}

/// The index of names, as administrators see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SearchIndex)]
pub(crate) struct SearchIndexBody {
    /// How many names it holds.
    pub names: usize,
    /// Whether all that is to be in it was listed to its end.
    pub complete: bool,
    /// What happened in the store after this time may not be in it yet.
    #[schema(required, format = DateTime)]
    pub as_of: Option<String>,
}
