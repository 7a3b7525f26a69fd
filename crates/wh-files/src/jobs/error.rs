//! `JobError`: why a job did not begin, or is not there.

use wh_ledger::LedgerError;

use crate::{FilesError, PathError};

/// Why a job did not begin, or is not there.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// What can go wrong with any file.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The person has no such job.
    #[error("there is no such job")]
    NoSuchJob,
    /// The person has as many open jobs as they may.
    #[error("{max} of your jobs are under way already; wait until one is done")]
    TooManyJobs {
        /// How many.
        max: u32,
    },
    /// Copies and moves need a destination, and nothing else has one.
    #[error("`to` goes with `copy` and `move`, and with nothing else")]
    Destination,
    /// A new name goes with one path, and is one segment.
    #[error("`name` is one name without a slash, for one path")]
    Name,
    /// A folder would be brought into itself, or something to where it is.
    #[error("`{path}` cannot be brought into itself, or to where it is already")]
    IntoItself {
        /// Which.
        path: String,
    },
    /// Two of the paths have one name, and would be brought to one place.
    #[error("two of `paths` are called `{name}`; bring them one after the other")]
    SameName {
        /// What both are called.
        name: String,
    },
    /// What is undone is a deletion that has ended.
    #[error("`undoes` names one of your deletions that has ended, with `restore` and no paths")]
    Undoes,
    /// A moment is restored by its own kind of job, which asks for nothing else.
    #[error(
        "`at` goes with `restore-past`, which takes no `conflict`; `delete_newer` goes with both"
    )]
    At,
    /// For ever must be typed.
    #[error("to delete for ever, `confirm` must be `{expected}`")]
    Confirm {
        /// What must be typed.
        expected: String,
    },
}

impl JobError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Files(error) => error.code(),
            Self::NoSuchJob => "no-such-job",
            Self::TooManyJobs { .. } => "too-many-jobs",
            Self::Destination => "invalid-destination",
            Self::Name => "invalid-name",
            Self::IntoItself { .. } => "into-itself",
            Self::SameName { .. } => "same-name",
            Self::Undoes => "invalid-undoes",
            Self::At => "invalid-at",
            Self::Confirm { .. } => "not-confirmed",
        }
    }
}

impl From<LedgerError> for JobError {
    fn from(error: LedgerError) -> Self {
        Self::Files(error.into())
    }
}

impl From<PathError> for JobError {
    fn from(error: PathError) -> Self {
        Self::Files(error.into())
    }
}
