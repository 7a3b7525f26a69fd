//! Jobs over many files, and what is in the trash.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::PermissionBody;
use crate::problem::ExplanationBody;

/// What a job does: `delete` puts into the trash, `restore` brings back from there, `purge` deletes for
/// ever what is there. `restore-past` makes paths, or the whole location, what they were at a moment: each file
/// that differs gets that version as its newest.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[schema(as = JobKind)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum JobKindBody {
    Copy,
    Move,
    Delete,
    Restore,
    Purge,
    RestorePast,
}

/// What happens where something is already there: the object fails, is left out, gets another name, or
/// becomes the newest version of what is there.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = JobConflict)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum JobConflictBody {
    #[default]
    Fail,
    Skip,
    KeepBoth,
    Replace,
}

/// How far a job is. Of one that was `cancelled` or `stopped` the objects that are not counted are
/// where they were.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = JobStatus)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum JobStatusBody {
    Planning,
    Running,
    Done,
    Cancelled,
    Stopped,
}

/// Where something is brought to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = JobDestination)]
#[serde(deny_unknown_fields)]
pub(crate) struct JobDestinationBody {
    /// The location's id.
    pub location: String,
    /// The folder there: empty, or ends in `/`.
    pub folder: String,
    /// Another name, for one path.
    #[serde(default)]
    pub name: Option<String>,
}

/// A job that is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = JobForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct JobFormBody {
    pub kind: JobKindBody,
    /// The location's id; its grant is the one that is used.
    pub location: String,
    /// At most 1,000; folders end in `/`, and mean all below them. With `restore-past` none mean the whole
    /// location.
    #[serde(default)]
    pub paths: Vec<String>,
    /// With `copy` and `move`.
    #[serde(default)]
    pub to: Option<JobDestinationBody>,
    /// `fail` where it is not said.
    #[serde(default)]
    pub conflict: JobConflictBody,
    /// With `restore`, instead of paths: the deletion that is undone.
    #[serde(default)]
    pub undoes: Option<String>,
    /// With `purge`: the name of the one path, or how many paths there are.
    #[serde(default)]
    pub confirm: Option<String>,
    /// With `restore-past`: the moment, as RFC 3339 with its offset.
    #[serde(default)]
    pub at: Option<String>,
    /// With `restore-past`: what was made since goes to the trash; without it, it is left alone.
    #[serde(default)]
    pub delete_newer: bool,
}

/// Why a job stopped.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobReason)]
pub(crate) struct JobReasonBody {
    /// Stable, in kebab case.
    pub code: String,
    /// One sentence for a person to read.
    pub detail: String,
}

/// A job.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Job)]
pub(crate) struct JobBody {
    pub id: String,
    pub kind: JobKindBody,
    /// The location's id.
    pub location: String,
    /// What it was asked for by; in a list of jobs the first ten of them.
    pub paths: Vec<String>,
    /// How many paths it was asked for by.
    pub path_count: usize,
    #[schema(required)]
    pub to: Option<JobDestinationBody>,
    pub conflict: JobConflictBody,
    /// The deletion that is undone.
    #[schema(required)]
    pub undoes: Option<String>,
    /// The moment that is restored.
    #[schema(required, format = DateTime)]
    pub at: Option<String>,
    /// Whether what was made since goes to the trash.
    pub delete_newer: bool,
    pub status: JobStatusBody,
    /// Whether it is being given up: what is begun ends first.
    pub cancelling: bool,
    /// Why it stopped.
    #[schema(required)]
    pub reason: Option<JobReasonBody>,
    /// How many objects it has, as far as they are planned.
    pub total: u64,
    pub done: u64,
    /// Left out, as it was asked for.
    pub skipped: u64,
    pub failed: u64,
    /// How many are as they were at the moment that is restored, and are left alone. They are not in `total`.
    pub unchanged: u64,
    #[schema(format = DateTime)]
    pub created: String,
    /// When it last went on.
    #[schema(format = DateTime)]
    pub updated: String,
}

/// One page of a person's jobs, the newest first, at most 100. An API token sees those in its locations,
/// so that a page may hold none and not be the last.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Jobs)]
pub(crate) struct JobsBody {
    pub jobs: Vec<JobBody>,
    /// The cursor of the next page; null when this is the last.
    #[schema(required)]
    pub next: Option<String>,
}

/// An object that a job did not do, or not wholly.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobFailure)]
pub(crate) struct JobFailureBody {
    pub path: String,
    /// Stable, in kebab case.
    pub code: String,
    /// One sentence for a person to read.
    pub detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<ExplanationBody>,
}

/// A job with one page of what failed, at most 1,000.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobWithFailures)]
pub(crate) struct JobWithFailuresBody {
    #[serde(flatten)]
    pub job: JobBody,
    pub failures: Vec<JobFailureBody>,
    /// The cursor of the next page of failures; null when this is the last.
    #[schema(required)]
    pub next: Option<String>,
}

/// Something that is deleted and can be brought back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TrashEntry)]
pub(crate) struct TrashEntryBody {
    pub path: String,
    #[schema(format = DateTime)]
    pub deleted: String,
    /// Bytes, where this page tells it.
    #[schema(required)]
    pub size: Option<u64>,
}

/// What may be done with what is deleted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TrashPermissions)]
pub(crate) struct TrashPermissionsBody {
    pub restore: PermissionBody,
    /// Delete for ever.
    pub purge: PermissionBody,
}

/// How long what is deleted or replaced is kept, by the bucket's lifecycle. Where several rules hold, or
/// one for some of the files alone, the shortest time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Retention)]
pub(crate) struct RetentionBody {
    /// After how many days a deleted file is gone; null: it stays until it is deleted for ever.
    #[schema(required)]
    pub days: Option<u32>,
    /// After how many days those versions of a file are gone that are not among the `newest`.
    #[schema(required)]
    pub older_days: Option<u32>,
    /// How many of a file's old versions stay beyond `older_days`.
    pub newest: u32,
}

/// One page of what is deleted below a folder. It is complete only when `next` is null; a page before that
/// may hold nothing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Trash)]
pub(crate) struct TrashBody {
    pub entries: Vec<TrashEntryBody>,
    /// The cursor of the next page; null when this is the last.
    #[schema(required)]
    pub next: Option<String>,
    /// Whether older versions are kept, so that what is deleted comes here. Who may not read that of the
    /// bucket (`s3:GetBucketVersioning`) is told it as far as this page's versions tell.
    pub versioned: bool,
    /// How long; null to who may not read it (`s3:GetLifecycleConfiguration`).
    #[schema(required)]
    pub retention: Option<RetentionBody>,
    pub may: TrashPermissionsBody,
}

/// From where on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct CursorQuery {
    /// `next` of the page before.
    pub cursor: Option<String>,
}

/// Below which folder, and from where on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrashQuery {
    /// The folder: empty for the location itself, or ends in `/`.
    #[serde(default)]
    pub path: String,
    /// `next` of the page before.
    pub cursor: Option<String>,
}
