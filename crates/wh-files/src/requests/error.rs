//! Why a request was not made, and why nothing is taken by one.

use wh_ledger::LedgerError;
use wh_people::LinkPasswordError;

use super::make::{
    REQUEST_DAYS_MAX, REQUEST_KINDS_MAX, REQUEST_MESSAGE_CHARS_MAX, REQUEST_TITLE_CHARS_MAX,
    REQUESTS_MAX,
};
use crate::links::LinkState;
use crate::{FilesError, PathError, UploadError};

/// Why there is no such request, or none any more.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// Administrators turned requests off.
    #[error("file requests are turned off in this house")]
    Off,
    /// Every request must have a password here.
    #[error("a file request must have a password in this house")]
    PasswordDemanded,
    /// It would live too long, or not at all.
    #[error("a file request may live between 1 and {max} days here, at most {REQUEST_DAYS_MAX}")]
    Life {
        /// How many days a request may live.
        max: u32,
    },
    /// It has no title, or too long a one.
    #[error("a title has 1 to {REQUEST_TITLE_CHARS_MAX} characters and no control characters")]
    Title,
    /// Its message is too long, or holds a control character.
    #[error("a message has at most {REQUEST_MESSAGE_CHARS_MAX} characters")]
    Message,
    /// They are no extensions.
    #[error("at most {REQUEST_KINDS_MAX} extensions of letters and digits, like `pdf`")]
    Kinds,
    /// A limit takes nothing, or is no limit.
    #[error("`{field}` is at least 1 and at most {max}")]
    Limit {
        /// Which.
        field: &'static str,
        /// The most that it may be.
        max: u64,
    },
    /// The folder's path is so long that senders' folders in it would have no room.
    #[error("the path is too long for a file request: choose a folder further up")]
    PathLength,
    /// The person has as many requests as they may.
    #[error("a person may have {REQUESTS_MAX} file requests: revoke one first")]
    TooMany,
    /// There is no such request of this person that is not revoked.
    #[error("there is no such file request, or it is revoked already")]
    NoSuchRequest,
    /// In the meantime the person was shut out.
    #[error("the session has ended")]
    Ended,
    /// The password guards no request.
    #[error(transparent)]
    Password(#[from] LinkPasswordError),
    /// Whoever asks may not write there.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The ledger failed.
    #[error("the ledger did not do it")]
    Ledger(#[from] LedgerError),
}

impl RequestError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Off => "file-requests-off",
            Self::PasswordDemanded => "file-request-password-demanded",
            Self::Life { .. } => "file-request-life-invalid",
            Self::Title => "file-request-title-invalid",
            Self::Message => "file-request-message-invalid",
            Self::Kinds => "file-request-kinds-invalid",
            Self::Limit { .. } => "file-request-limit-invalid",
            Self::PathLength => "file-request-path-too-long",
            Self::TooMany => "too-many-file-requests",
            Self::NoSuchRequest => "no-such-file-request",
            Self::Ended => "not-signed-in",
            Self::Password(error) => error.code(),
            Self::Files(error) => error.code(),
            Self::Ledger(error) => error.code(),
        }
    }

    /// The field at fault, if one is.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::PasswordDemanded
            | Self::Password(LinkPasswordError::Length | LinkPasswordError::Common { .. }) => {
                Some("password")
            }
            Self::Life { .. } => Some("days"),
            Self::Title => Some("title"),
            Self::Message => Some("message"),
            Self::Kinds => Some("kinds"),
            Self::Limit { field, .. } => Some(field),
            Self::PathLength => Some("path"),
            Self::Off
            | Self::TooMany
            | Self::NoSuchRequest
            | Self::Ended
            | Self::Password(_)
            | Self::Files(_)
            | Self::Ledger(_) => None,
        }
    }
}

/// Why nothing is taken by a request. Strangers are told of their own files what is wrong with them, and of all
/// else one thing, whatever it was.
#[derive(Debug, thiserror::Error)]
pub enum RequestRefusal {
    /// Nobody made such a request, or it is forgotten.
    #[error("there is no such request")]
    Unknown,
    /// It does not count.
    #[error("the request does not count")]
    State(LinkState),
    /// Whoever made it is not active.
    #[error("whoever made the request may not come in")]
    OwnerGone,
    /// The sender gave no name yet, or is forgotten.
    #[error("no name was given yet")]
    NotEntered,
    /// The name of the file is none.
    #[error("that is no name of a file")]
    Name,
    /// It is no key by which a file is found that was begun, or another file was begun by it.
    #[error("a key has 16 to 64 letters, digits and dashes, and is one file's alone")]
    Key,
    /// A file of this extension is not asked for.
    #[error("files of this kind are not asked for")]
    Kind,
    /// The file is larger than is taken.
    #[error("the file is larger than {max} bytes")]
    TooLarge {
        /// The largest file, in bytes.
        max: u64,
    },
    /// The sender has sent as many files as one may.
    #[error("one sender sends no more files than this")]
    SenderFull,
    /// All files and bytes that are asked for are promised.
    #[error("no more files are taken")]
    Full,
    /// What goes wrong with an upload.
    #[error(transparent)]
    Upload(#[from] UploadError),
    /// The ledger failed.
    #[error("the ledger did not do it")]
    Ledger(#[from] LedgerError),
}

impl RequestRefusal {
    /// The stable code of this refusal.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "request-unknown",
            Self::State(LinkState::Active) => "request-taken",
            Self::State(LinkState::Revoked) => "request-revoked",
            Self::State(LinkState::Expired) => "request-expired",
            Self::State(LinkState::UsedUp) | Self::Full => "request-full",
            Self::State(LinkState::Closed) => "request-password-closed",
            Self::State(LinkState::Barred) => "request-barred",
            Self::State(LinkState::NotGranted) => "request-not-granted",
            Self::OwnerGone => "request-owner-gone",
            Self::NotEntered => "request-not-entered",
            Self::Name => "request-name-invalid",
            Self::Key => "request-key-invalid",
            Self::Kind => "request-kind-refused",
            Self::TooLarge { .. } => "request-file-too-large",
            Self::SenderFull => "request-sender-full",
            Self::Upload(error) => error.code(),
            Self::Ledger(error) => error.code(),
        }
    }
}

impl From<FilesError> for RequestRefusal {
    fn from(error: FilesError) -> Self {
        Self::Upload(error.into())
    }
}

impl From<PathError> for RequestRefusal {
    fn from(error: PathError) -> Self {
        Self::Upload(error.into())
    }
}
