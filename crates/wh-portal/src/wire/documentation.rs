//! The document of what is in force.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The roles and policies that are in force, as a document.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Documentation)]
pub(crate) struct DocumentationBody {
    /// The document in Markdown, as `wellhouse document --in-force` prints it.
    pub markdown: String,
    /// Whether it is the whole estate; otherwise it is the roles that one has.
    pub whole: bool,
    #[schema(format = DateTime)]
    pub made_at: String,
    /// When the store was last read back; of the whole estate alone.
    #[schema(format = DateTime)]
    pub read_at: Option<String>,
    /// The roles whose permissions were saved in the portal and differ from the description.
    pub saved: Vec<String>,
    /// What the store did not hold as described when it was read back, a sentence each.
    pub differences: Vec<String>,
    /// When reading it back was tried last, where that failed.
    #[schema(format = DateTime)]
    pub unread_at: Option<String>,
    /// Whether permissions were saved since it was read back.
    pub saved_since: bool,
}

/// What a document is written as.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[schema(as = DocumentationFormat)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DocumentationFormatBody {
    Markdown,
    Html,
}

/// As what the document is sent.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct DocumentationQuery {
    /// The form of the file.
    #[param(inline)]
    pub format: DocumentationFormatBody,
}
