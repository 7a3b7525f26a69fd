//! Jobs: many objects copied, moved, deleted, brought back, also as they were at a moment, in the background and by a journal.
//!
//! A job is written down, then planned (its objects are written down), then done, some objects at a time.
//! That an object is begun is written down before the store is asked, and how it ended afterwards;
//! whoever takes a job over looks first at what was begun. One portal works on a job at a time, by a
//! lease; when it dies, the lease ends and another goes on. Each object is moved by itself: copied on
//! the condition that nothing is there, compared, and only then deleted, as long as it is still the one
//! that was copied.
//!
//! Invariant: everything is asked of the store in sessions of the person whose job it is, with the
//! grants that they have at that moment.

mod begin;
mod bring;
mod error;
mod names;
mod outcome;
mod past;
mod plan;
mod retention;
mod run;
mod show;
mod trash;
mod walk;

use std::sync::Arc;

use jiff::SignedDuration;
use tokio::sync::Notify;
use wh_aws::{AwsError, CopyTo, RoleSession, Source, Written};

use crate::Files;
pub use wh_ledger::{JobConflict, JobKind, JobStatus, PastOrder};

pub use self::begin::{Destination, NewJob};
pub use self::error::JobError;
pub(crate) use self::retention::Keeping;
pub use self::retention::Retention;
pub use self::show::{Job, JobFailure, Jobs};
pub use self::trash::{Trash, TrashEntry, TrashPermissions};
pub(crate) use self::walk::page_of_versions;

/// How many paths one job is asked for by.
pub const JOB_PATHS_MAX: usize = 1_000;

/// How many objects one job has at most.
pub const JOB_OBJECTS_MAX: u64 = 100_000;

/// How many versions a job goes through for what was there at a moment: a thousand requests and more.
const JOB_VERSIONS_MAX: u64 = 1_000_000;

/// How many jobs of one person may be under way.
pub const JOBS_OPEN_MAX: u32 = 20;

/// How many jobs are told of at once.
const JOBS_PAGE: u32 = 100;

/// How many objects that failed are told of at once: as many as the next job may be asked for by.
const JOB_FAILURES_PAGE: u32 = 1_000;

/// How long a portal that says nothing keeps a job.
const LEASE: SignedDuration = SignedDuration::from_secs(15);

/// How long a job waits where the store does not answer.
const PATIENCE: SignedDuration = SignedDuration::from_secs(5);

/// How long a portal works on a job before others that wait have their turn.
const TURN: SignedDuration = SignedDuration::from_secs(30);

/// How long an ended job is told of, and a deletion can be undone as a whole.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The largest object that S3 copies whole, in bytes.
const WHOLE_MAX: u64 = 5 * 1024 * 1024 * 1024;

/// The size of the parts of larger ones, in bytes: 5 TiB are 5,120 of them.
const PART: u64 = 1024 * 1024 * 1024;

/// What wakes this portal, and how it copies.
#[derive(Debug, Clone)]
pub(crate) struct Workplace {
    wake: Arc<Notify>,
    whole_max: u64,
    part: u64,
}

impl Default for Workplace {
    fn default() -> Self {
        Self { wake: Arc::default(), whole_max: WHOLE_MAX, part: PART }
    }
}

impl Files {
    /// A copy as a whole, or in parts where it is too large for that.
    pub(crate) async fn copied(
        &self,
        session: &RoleSession,
        source: &Source,
        to: CopyTo<'_>,
    ) -> Result<Written, AwsError> {
        let objects = &self.options.objects;
        if source.size <= self.jobs.whole_max {
            return objects.copy(session, source, to).await;
        }
        objects.copy_in_parts(session, (source, self.jobs.part), to).await
    }
}

impl Workplace {
    pub(crate) fn in_parts(self, whole_max: u64, part: u64) -> Self {
        Self { whole_max, part, ..self }
    }
}
