//! Jobs and the trash, as they are sent.

use wh_files::{Job, JobConflict, JobFailure, JobKind, JobStatus, Jobs, Retention, Trash};
use wh_ledger::JobRow;

use super::permission;
use crate::wire::{
    JobBody, JobConflictBody, JobDestinationBody, JobFailureBody, JobKindBody, JobReasonBody,
    JobStatusBody, JobWithFailuresBody, JobsBody, RetentionBody, TrashBody, TrashEntryBody,
    TrashPermissionsBody,
};

impl From<JobKindBody> for JobKind {
    fn from(kind: JobKindBody) -> Self {
        match kind {
            JobKindBody::Copy => Self::Copy,
            JobKindBody::Move => Self::Move,
            JobKindBody::Delete => Self::Delete,
            JobKindBody::Restore => Self::Restore,
            JobKindBody::Purge => Self::Purge,
            JobKindBody::RestorePast => Self::RestorePast,
        }
    }
}

impl From<JobConflictBody> for JobConflict {
    fn from(conflict: JobConflictBody) -> Self {
        match conflict {
            JobConflictBody::Fail => Self::Fail,
            JobConflictBody::Skip => Self::Skip,
            JobConflictBody::KeepBoth => Self::KeepBoth,
            JobConflictBody::Replace => Self::Replace,
        }
    }
}

/// How many paths of each job a list of jobs names.
const PATHS_LISTED: usize = 10;

/// A page of jobs. Each of a hundred may have a thousand paths, and the page is asked for again and again.
pub(crate) fn jobs(page: Jobs) -> JobsBody {
    let listed = page.jobs.into_iter().map(|row| {
        let mut listed = job(row);
        listed.paths.truncate(PATHS_LISTED);
        listed
    });
    JobsBody { jobs: listed.collect(), next: page.next }
}

pub(crate) fn job(row: JobRow) -> JobBody {
    let order = row.order;
    let to = order.to_grant.map(|location| JobDestinationBody {
        location: location.to_string(),
        folder: order.to_folder.unwrap_or_default(),
        name: order.to_name,
    });
    JobBody {
        id: row.id.to_string(),
        kind: kind(order.kind),
        location: order.from_grant.to_string(),
        path_count: order.paths.len(),
        paths: order.paths,
        to,
        conflict: conflict(order.conflict),
        undoes: order.undoes.map(|id| id.to_string()),
        at: order.past.map(|past| past.at.to_string()),
        delete_newer: order.past.is_some_and(|past| past.delete_newer),
        status: status(row.status),
        cancelling: row.cancel && row.status.is_open(),
        reason: row.reason.map(|(code, detail)| JobReasonBody { code, detail }),
        total: row.total,
        done: row.done,
        skipped: row.skipped,
        failed: row.failed,
        unchanged: row.unchanged,
        created: row.created_at.to_string(),
        updated: row.updated_at.to_string(),
    }
}

fn kind(kind: JobKind) -> JobKindBody {
    match kind {
        JobKind::Copy => JobKindBody::Copy,
        JobKind::Move => JobKindBody::Move,
        JobKind::Delete => JobKindBody::Delete,
        JobKind::Restore => JobKindBody::Restore,
        JobKind::Purge => JobKindBody::Purge,
        JobKind::RestorePast => JobKindBody::RestorePast,
    }
}

fn conflict(conflict: JobConflict) -> JobConflictBody {
    match conflict {
        JobConflict::Fail => JobConflictBody::Fail,
        JobConflict::Skip => JobConflictBody::Skip,
        JobConflict::KeepBoth => JobConflictBody::KeepBoth,
        JobConflict::Replace => JobConflictBody::Replace,
    }
}

fn status(status: JobStatus) -> JobStatusBody {
    match status {
        JobStatus::Planning => JobStatusBody::Planning,
        JobStatus::Running => JobStatusBody::Running,
        JobStatus::Done => JobStatusBody::Done,
        JobStatus::Cancelled => JobStatusBody::Cancelled,
        JobStatus::Stopped => JobStatusBody::Stopped,
    }
}

pub(crate) fn job_with_failures(of: Job) -> JobWithFailuresBody {
    let failures = of.failures.into_iter().map(|failure| {
        let JobFailure { path, code, told: detail, why } = failure;
        JobFailureBody { path, code, detail, explanation: why.map(Into::into) }
    });
    JobWithFailuresBody { job: job(of.row), failures: failures.collect(), next: of.next }
}

pub(crate) fn retention(of: Retention) -> RetentionBody {
    let Retention { days, older_days, newest } = of;
    RetentionBody { days, older_days, newest }
}

pub(crate) fn trash(page: Trash) -> TrashBody {
    let entries = page.entries.into_iter().map(|entry| TrashEntryBody {
        path: entry.path,
        deleted: entry.deleted.to_string(),
        size: entry.size,
    });
    TrashBody {
        entries: entries.collect(),
        next: page.next,
        versioned: page.versioned,
        retention: page.retention.map(retention),
        may: TrashPermissionsBody {
            restore: permission(page.may.restore),
            purge: permission(page.may.purge),
        },
    }
}
