//! `UploadError`: why an upload did not begin, go on or complete.

use jiff::Timestamp;
use wh_aws::ObjectInfo;
use wh_ledger::LedgerError;

use crate::{FilesError, PathError, QuotaError};

/// Why an upload did not begin, go on or complete.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// What can go wrong with any file.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// A quota has no room for it.
    #[error(transparent)]
    Quota(#[from] QuotaError),
    /// The file is already there, and was not to be replaced.
    #[error("the file is already there")]
    FileExists {
        /// Its size in bytes.
        size: u64,
        /// When it was written.
        modified: Timestamp,
        /// Its entity tag, without quotation marks.
        etag: String,
        /// The CRC-64/NVME of the whole of it in base64, where the store tells it.
        crc64nvme: Option<String>,
    },
    /// The file changed, appeared or went while it was being uploaded.
    #[error("the file was changed by somebody else in the meantime")]
    FileChanged,
    /// The file is larger than S3 takes.
    #[error("the file is larger than {max} bytes")]
    TooLarge {
        /// The largest file, in bytes.
        max: u64,
    },
    /// The media type is not one.
    #[error("it is not a media type")]
    ContentType,
    /// The entity tag is not one, or nothing is to be replaced.
    #[error("it is an entity tag without quotation marks, and goes with `conflict`: `replace`")]
    IfMatch,
    /// The person has no such upload.
    #[error("there is no such upload")]
    NoSuchUpload,
    /// The upload is completed or given up, or never began at the store.
    #[error("the upload is `{status}`")]
    NotOpen {
        /// What it is.
        status: &'static str,
    },
    /// No parts, or more than are signed at once.
    #[error("1 to {max} parts are signed at once")]
    PartCount {
        /// How many are signed at once.
        max: usize,
    },
    /// The file has no part of this number and size.
    #[error("part {number} of this upload is not {size} bytes long")]
    Part {
        /// The number, from 1.
        number: u16,
        /// The size that was offered, in bytes.
        size: u64,
    },
    /// A person sends as many parts by the portal as they may.
    #[error("{max} parts come by the portal already; wait until one is done")]
    PartsAtOnce {
        /// How many.
        max: u32,
    },
    /// The checksum is not 8 bytes in Base64.
    #[error("it is not a CRC64NVME in Base64")]
    Checksum,
    /// Not all parts are at the store yet.
    #[error("{missing} parts are not at the store yet, the first of them is part {first}")]
    PartsMissing {
        /// How many.
        missing: usize,
        /// The first of them.
        first: u16,
    },
    /// The store computed another checksum than the client: the bytes are not the file's.
    #[error("the stored bytes do not have the checksum that was sent")]
    ChecksumMismatch,
}

impl UploadError {
    /// That `object` stands where a file was to be made.
    pub(super) fn there(object: ObjectInfo) -> Self {
        let ObjectInfo { size, modified, etag, crc64nvme, .. } = object;
        Self::FileExists { size, modified, etag, crc64nvme }
    }

    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Files(error) => error.code(),
            Self::Quota(error) => error.code(),
            Self::FileExists { .. } => "file-exists",
            Self::FileChanged => "file-changed",
            Self::TooLarge { .. } => "file-too-large",
            Self::ContentType => "invalid-content-type",
            Self::IfMatch => "invalid-if-match",
            Self::NoSuchUpload => "no-such-upload",
            Self::NotOpen { .. } => "upload-not-open",
            Self::PartCount { .. } => "part-count",
            Self::Part { .. } => "invalid-part",
            Self::PartsAtOnce { .. } => "parts-at-once",
            Self::Checksum => "invalid-checksum",
            Self::PartsMissing { .. } => "parts-missing",
            Self::ChecksumMismatch => "checksum-mismatch",
        }
    }
}

impl From<LedgerError> for UploadError {
    fn from(error: LedgerError) -> Self {
        Self::Files(error.into())
    }
}

impl From<PathError> for UploadError {
    fn from(error: PathError) -> Self {
        Self::Files(error.into())
    }
}
