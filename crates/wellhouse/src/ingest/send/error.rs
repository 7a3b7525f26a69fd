//! Why a file is not in the store, and what may help.

use wh_aws::AwsError;
use wh_names::ObjectKey;

use crate::ingest::file::ReadError;

/// Why a file is not in the store.
#[derive(Debug, thiserror::Error)]
pub(in crate::ingest) enum SendError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Store(#[from] AwsError),
    #[error("the journal cannot be written: {0}")]
    Journal(#[from] std::io::Error),
    #[error("the key `{0}` holds an object already, and nothing is written over")]
    Occupied(ObjectKey),
    #[error(
        "the key `{0}` holds an object, which may be this file: an earlier attempt was cut off \
         before its answer. Compare them by who may read there, and take the file away"
    )]
    Unconfirmed(ObjectKey),
    #[error("it was sent before and has changed since; nothing is written over")]
    ChangedSince,
    #[error("the store says {theirs} where the file's CRC-64/NVME is {ours}")]
    OtherSum { ours: String, theirs: String },
    #[error("it is longer than S3's 5 TiB")]
    TooLong,
    #[error("{0}")]
    Key(#[from] wh_names::NameError),
    #[error("its parts in the store were lost again and again")]
    PartsLost,
    #[error("it goes on at the next start")]
    Stopped,
}

/// What may help a file that was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ingest) enum Hope {
    /// A little time.
    Soon,
    /// Somebody who changes something elsewhere.
    Later,
    /// Nothing, while the file is as it is.
    Never,
}

impl SendError {
    /// Whether it is more than that the time has not come.
    pub(in crate::ingest) fn is_failure(&self) -> bool {
        !matches!(self, Self::Stopped | Self::Read(ReadError::Changed))
    }

    pub(in crate::ingest) fn hope(&self) -> Hope {
        match self {
            Self::Read(ReadError::Changed) | Self::PartsLost | Self::Stopped => Hope::Soon,
            Self::Store(error) => hope(error),
            Self::Read(ReadError::Io(_)) | Self::Journal(_) => Hope::Later,
            Self::Occupied(_)
            | Self::Unconfirmed(_)
            | Self::ChangedSince
            | Self::OtherSum { .. }
            | Self::TooLong
            | Self::Key(_) => Hope::Never,
        }
    }
}

fn hope(error: &AwsError) -> Hope {
    match error {
        AwsError::Unreachable { .. }
        | AwsError::Busy { .. }
        | AwsError::Conflict { .. }
        | AwsError::NoSuchUpload
        | AwsError::Malformed { .. }
        | AwsError::ContentDiffers { .. }
        | AwsError::Service { .. } => Hope::Soon,
        AwsError::Denied { .. }
        | AwsError::CredentialsRefused { .. }
        | AwsError::NotFound { .. }
        | AwsError::PreconditionFailed
        | AwsError::QuotaExceeded { .. } => Hope::Later,
    }
}

/// Whether the store has said that it did not do it. Without an answer, nobody knows.
pub(super) fn is_answer(error: &AwsError) -> bool {
    match error {
        // The last two may come from something between us and the store.
        AwsError::Unreachable { .. }
        | AwsError::Malformed { .. }
        | AwsError::Busy { .. }
        | AwsError::Service { .. } => false,
        AwsError::Denied { .. }
        | AwsError::CredentialsRefused { .. }
        | AwsError::NotFound { .. }
        | AwsError::NoSuchUpload
        | AwsError::PreconditionFailed
        | AwsError::Conflict { .. }
        | AwsError::ContentDiffers { .. }
        | AwsError::QuotaExceeded { .. } => true,
    }
}
