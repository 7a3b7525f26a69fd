//! How an object of a job ended, and what that means for the job.

use wh_aws::AwsError;
use wh_ledger::{JobItemStatus, LedgerError, SettledItem};

use crate::{Explained, FilesError};

/// How an object ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// Done; where it is now, if not as planned.
    Done(Option<String>),
    /// Left out, as it was asked for.
    Skipped,
    /// Not done, or not wholly: a code and a sentence.
    Failed(&'static str, String),
    /// Refused, or failed at the store.
    Error(FilesError),
}

/// What is to be done about it.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It is over for this object.
    Settled(SettledItem),
    /// The store does not answer: the same object again, later.
    Later(u64),
    /// The whole job cannot go on: the object's own end, a code and a sentence.
    Stop(SettledItem),
}

/// What [`Ended`] means for the object with this number.
pub(super) fn outcome(n: u64, ended: Ended) -> Result<Outcome, LedgerError> {
    let settled = |status, to_key, told| SettledItem { n, status, to_key, told, why: None };
    Ok(match ended {
        Ended::Done(to_key) => Outcome::Settled(settled(JobItemStatus::Done, to_key, None)),
        Ended::Skipped => Outcome::Settled(settled(JobItemStatus::Skipped, None, None)),
        Ended::Failed(code, told) => {
            let told = Some((code.to_owned(), told));
            Outcome::Settled(settled(JobItemStatus::Failed, None, told))
        }
        Ended::Error(FilesError::Ledger(error)) => return Err(error),
        Ended::Error(error) if is_for_later(&error) => Outcome::Later(n),
        Ended::Error(error) => {
            let told = Some((error.code().to_owned(), error.to_string()));
            let why = error.explained().map(Explained::to_json);
            let item = SettledItem { why, ..settled(JobItemStatus::Failed, None, told) };
            if ends_the_job(&error) { Outcome::Stop(item) } else { Outcome::Settled(item) }
        }
    })
}

/// The person has lost the location, or is shut out.
fn ends_the_job(error: &FilesError) -> bool {
    matches!(error, FilesError::NoSuchLocation | FilesError::GrantEnded { .. })
}

/// Whether it may do better in a while.
pub(super) fn is_for_later(error: &FilesError) -> bool {
    let (FilesError::RoleSession(error) | FilesError::Store(error)) = error else { return false };
    matches!(
        error,
        AwsError::Unreachable { .. }
            | AwsError::Busy { .. }
            | AwsError::Conflict { .. }
            | AwsError::CredentialsRefused { .. }
    )
}
