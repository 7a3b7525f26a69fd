//! How the house stands.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A language that checks are told in.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PostureLanguage {
    #[default]
    En,
    De,
}

/// In which language it is told.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PostureQuery {
    #[serde(default)]
    #[param(inline, required = false)]
    pub language: PostureLanguage,
}

/// What came of the checks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Posture)]
pub(crate) struct PostureBody {
    /// When the house was last looked at; missing: not yet.
    #[schema(format = DateTime)]
    pub checked_at: Option<String>,
    /// After how many minutes it is looked again; 0: only when somebody asks.
    pub every_minutes: u32,
    /// All checks, in the order in which they are shown.
    pub checks: Vec<PostureCheckBody>,
}

/// What a check is about.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = PostureArea)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PostureAreaBody {
    Bucket,
    Roles,
    People,
    House,
}

/// What comes of a check.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = PostureState)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PostureStateBody {
    /// All is as it should be.
    Holds,
    /// Something is not.
    Fails,
    /// Something is not, and all of it is accepted in the configuration.
    Accepted,
    /// It could not be found out; `why` says why.
    Unknown,
    /// There is nothing here that it is about; `why` says why.
    NotHere,
}

/// One check.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PostureCheck)]
pub(crate) struct PostureCheckBody {
    /// Its id, which is never renamed.
    pub id: String,
    pub area: PostureAreaBody,
    pub state: PostureStateBody,
    /// What holds where it holds.
    pub title: String,
    /// What that is good for.
    pub means: String,
    /// Why it could not be found out, why there is nothing to find, or what makes it hold.
    pub why: Option<String>,
    pub standards: Vec<PostureStandardBody>,
    /// What is wrong, a thing each.
    pub evidence: Vec<PostureEvidenceBody>,
    pub fix: PostureFixBody,
    /// When it was looked at.
    #[schema(format = DateTime)]
    pub checked_at: Option<String>,
}

/// What a standard calls the same.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PostureStandard)]
pub(crate) struct PostureStandardBody {
    /// The standard and its id: `Security Hub S3.8`.
    pub id: String,
    /// It asks this of something else, such as users of IAM in the place of persons.
    pub likewise: bool,
}

/// One thing that is not as it should be.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PostureEvidence)]
pub(crate) struct PostureEvidenceBody {
    /// What it is, for ever, as `[[posture.accept]]` names it.
    pub thing: String,
    /// What people call it.
    pub name: String,
    /// What is wrong with it.
    pub said: String,
    /// Whether `said` is English although another language was asked for.
    pub in_english: bool,
    /// The page that shows it.
    pub page: Option<String>,
    pub accepted: Option<PostureAcceptedBody>,
}

/// That a risk was accepted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PostureAccepted)]
pub(crate) struct PostureAcceptedBody {
    pub reason: String,
    /// When it ends.
    #[schema(format = DateTime)]
    pub until: String,
    /// Whether that time is over, so that it counts no more.
    pub over: bool,
}

/// What to do where a check fails.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PostureFix)]
pub(crate) struct PostureFixBody {
    pub words: String,
    /// The page that does it.
    pub page: Option<String>,
    /// The command that does it.
    pub command: Option<String>,
}
