//! Policies while they are written.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ActionClassBody;

/// Permissions as somebody writes them.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = PolicyText)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicyTextBody {
    /// JSON text, whole or not.
    pub document: String,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = PolicySeverity)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PolicySeverityBody {
    Error,
    Security,
    Warning,
    Suggestion,
}

/// What to do about a finding.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyFix)]
pub(crate) struct PolicyFixBody {
    /// An imperative clause.
    pub words: String,
    /// The document with it done, where that can be done at once.
    #[schema(required)]
    pub document: Option<String>,
}

/// What is wrong, doubtful, or a trap.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyFinding)]
pub(crate) struct PolicyFindingBody {
    /// The rule, as docs/policy-lint.md lists it.
    pub code: String,
    pub severity: PolicySeverityBody,
    /// From 1, and the columns too, in characters.
    pub line: usize,
    pub column: usize,
    pub end_line: usize,
    pub end_column: usize,
    /// A clause without full stop.
    pub message: String,
    #[schema(required)]
    pub fix: Option<PolicyFixBody>,
}

/// What is to be said of permissions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyCheck)]
pub(crate) struct PolicyCheckBody {
    /// Whether IAM would take it.
    pub valid: bool,
    /// One line a statement, in plain words; none where it is not valid.
    pub summary: Vec<String>,
    pub findings: Vec<PolicyFindingBody>,
}

/// An action of S3.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyAction)]
pub(crate) struct PolicyActionBody {
    pub name: String,
    pub class: ActionClassBody,
    /// Whether it acts on objects.
    pub of_objects: bool,
}

/// The words that permissions are made of.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyWords)]
pub(crate) struct PolicyWordsBody {
    pub actions: Vec<PolicyActionBody>,
    /// Condition keys; a part that varies stands in `${…}`.
    pub keys: Vec<String>,
}
