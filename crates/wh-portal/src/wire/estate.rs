//! The roles of the estate, and what was done.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A policy of a role, as IAM holds it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RolePolicy)]
pub(crate) struct RolePolicyBody {
    pub name: String,
    /// The policy document, as JSON text.
    pub document: String,
}

/// A role and what it may do, in words and as it is written.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Role)]
pub(crate) struct RoleBody {
    pub name: String,
    pub arn: String,
    /// What the role is for.
    pub purpose: String,
    /// One line a statement, in plain language.
    pub summary: Vec<String>,
    pub policies: Vec<RolePolicyBody>,
    pub boundary: Option<RolePolicyBody>,
    /// Who may take the role on, as JSON text.
    pub trust: String,
}

/// The roles of the estate, and where they can be granted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Roles)]
pub(crate) struct RolesBody {
    pub roles: Vec<RoleBody>,
    /// The estate's buckets of files. The first holds everyone's.
    pub buckets: Vec<String>,
}

/// What was found when the estate was last read back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EstateCheck)]
pub(crate) struct EstateCheckBody {
    #[schema(format = DateTime)]
    pub checked_at: String,
    /// What is not as it is described, a sentence each.
    pub differences: Vec<String>,
    /// What is there beside, and is kept.
    pub kept: Vec<String>,
}

/// How it stands with the estate.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EstateStanding)]
pub(crate) struct EstateStandingBody {
    /// The last check; none where nobody has read it back yet.
    pub check: Option<EstateCheckBody>,
}

/// From where on to read the audit log.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuditQuery {
    /// Only entries with a smaller `seq`.
    pub before: Option<i64>,
    /// Only entries with a larger `seq`.
    pub after: Option<i64>,
    /// Only entries of this time and later.
    #[param(format = DateTime)]
    pub since: Option<String>,
    /// Only entries before this time.
    #[param(format = DateTime)]
    pub until: Option<String>,
    /// Only what this person did (a `uid`), through whichever session; or what this principal did.
    pub who: Option<String>,
    /// Only actions that begin so: `s3:`, `iam:CreateRole`, `portal:Grants`.
    pub action: Option<String>,
    /// Only resources that hold this.
    pub resource: Option<String>,
    /// Only entries of this outcome: `done`, `refused`, `unknown`, or the code of an error.
    pub outcome: Option<String>,
}

/// Which entries of the audit log are sent as a file, and in what form.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuditExportQuery {
    /// The form of the file.
    #[param(inline)]
    pub format: AuditFormat,
    /// Only entries of this time and later.
    #[param(format = DateTime)]
    pub since: Option<String>,
    /// Only entries before this time.
    #[param(format = DateTime)]
    pub until: Option<String>,
    /// Only what this person did (a `uid`), through whichever session; or what this principal did.
    pub who: Option<String>,
    /// Only actions that begin so.
    pub action: Option<String>,
    /// Only resources that hold this.
    pub resource: Option<String>,
    /// Only entries of this outcome.
    pub outcome: Option<String>,
}

/// What both have in common. (Serde cannot flatten and refuse unknown fields at the same time.)
#[derive(Debug)]
pub(crate) struct AuditFilterQuery {
    pub since: Option<String>,
    pub until: Option<String>,
    pub who: Option<String>,
    pub action: Option<String>,
    pub resource: Option<String>,
    pub outcome: Option<String>,
}

/// The form of an exported audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AuditFormat {
    Csv,
    Jsonl,
}

/// Whether the audit log is whole. Every entry is chained to the one before it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditStanding)]
pub(crate) struct AuditStandingBody {
    /// When that was last looked at; missing: not yet.
    #[schema(format = DateTime)]
    pub checked_at: Option<String>,
    /// When the last checkpoint was signed by this server.
    #[schema(format = DateTime)]
    pub signed_at: Option<String>,
    /// How many lines the chains have: entries, and outcomes.
    pub lines: i64,
    /// What is wrong, in words; empty where all is whole.
    pub faults: Vec<String>,
}

/// One line of the audit log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(crate) struct AuditEntryBody {
    pub seq: i64,
    #[schema(format = DateTime)]
    pub at: String,
    pub request_id: String,
    pub principal: String,
    /// Who was really acting, through all role sessions.
    pub source_identity: Option<String>,
    pub source_ip: Option<String>,
    pub operation: String,
    pub action: String,
    pub resource: String,
    /// `done`, `refused`, `unknown`, or the code of an error.
    pub outcome: String,
    /// Why it was refused, or what was there before and is now.
    pub detail: Option<String>,
}

/// The newest entries first, at most 200.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Audit)]
pub(crate) struct AuditBody {
    pub entries: Vec<AuditEntryBody>,
}
