//! `FilesError`: why something could not be done with files.

use jiff::Timestamp;
use wh_aws::AwsError;
use wh_ledger::LedgerError;
use wh_names::{BucketName, RoleName};

use crate::{Explained, PathError, QUERY_CHARS_MAX, QUERY_WORDS_MAX};

/// Why something could not be done with files.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The person has no grant with this id.
    #[error("there is no such location, or it is no longer granted")]
    NoSuchLocation,
    /// The person's grant has ended.
    #[error("this was granted until {end}, and has ended")]
    GrantEnded {
        /// When.
        end: Timestamp,
    },
    /// The path is none.
    #[error(transparent)]
    Path(#[from] PathError),
    /// It was refused: by the store, or before asking it where its answer is certain.
    #[error("{}", .0.message)]
    Refused(Box<Explained>),
    /// The scan for malware knows it.
    #[error(
        "the scan for malware found something in this file, and it is held back; an administrator \
         can release it"
    )]
    Infected(Box<Explained>),
    /// It was not scanned yet, or cannot be.
    #[error("this file is being checked for malware; try again shortly")]
    NotScanned(Box<Explained>),
    /// It cannot be scanned, and only what was scanned is served.
    #[error(
        "this file could not be checked for malware, and is held back; an administrator can release \
         it"
    )]
    NotScannable(Box<Explained>),
    /// Nothing was found that has this id.
    #[error("there is no such finding, or it was released or deleted meanwhile")]
    NoSuchFinding,
    /// The store holds nothing under this path.
    #[error("there is nothing at this path")]
    NotFound,
    /// The store does not know where this page of a listing would begin.
    #[error("no page of this folder begins here: ask for the first without a cursor")]
    Cursor,
    /// What is asked about is not an action.
    #[error("it is not an action")]
    Action,
    /// The estate has no role of this name.
    #[error("the estate has no role `{0}`")]
    NoSuchRole(RoleName),
    /// The estate has no bucket of files of this name.
    #[error("the estate has no bucket `{0}`")]
    NoSuchBucket(BucketName),
    /// No path, or more than are taken at once.
    #[error("between 1 and {max} paths are taken at once")]
    TooManyPaths {
        /// How many are taken at once.
        max: usize,
    },
    /// The person has marked as much as they may.
    #[error("{max} places are marked already; take one out first")]
    TooManyFavourites {
        /// How many may be marked.
        max: usize,
    },
    /// S3 takes no such tags.
    #[error(
        "a file has at most {max} tags; a key is 1 to 128 characters long, a value at most 256, no key \
         comes twice or begins with `aws:`"
    )]
    Tags {
        /// How many tags a file may have.
        max: usize,
    },
    /// The media type of a file is none.
    #[error("it is a media type such as `text/plain`, of at most 255 visible ASCII characters")]
    ContentType,
    /// A header is none, or too long.
    #[error("a header is visible ASCII, spaces inside, and at most {max} bytes long")]
    Header {
        /// Which, as the form calls it.
        field: &'static str,
        /// How long it may be.
        max: usize,
    },
    /// S3 takes no such metadata.
    #[error(
        "a name is letters, digits and `-`, `_` or `.`, and comes once; a value is visible ASCII, spaces \
         inside; all together at most {max} bytes"
    )]
    Metadata {
        /// How long names and values may be, all together.
        max: usize,
    },
    /// What is asked for is no version.
    #[error("it is the id of a version, as the list of versions tells it")]
    Version,
    /// What is asked for is no moment that has passed.
    #[error("it is a moment that has passed, with its offset, as `2026-11-01T10:00:00Z`")]
    Moment,
    /// What was not there at a moment cannot be told any more.
    #[error(
        "the bucket keeps what was replaced or deleted only since {since}: what was not there before that \
         is not known, and nothing was done; restore without deleting what is newer"
    )]
    PastExpired {
        /// Since when.
        since: Timestamp,
    },
    /// What was not there at a moment was never known.
    #[error(
        "the bucket keeps no versions, or kept none then: what was not there is not known, and nothing was \
         done; restore without deleting what is newer"
    )]
    PastUnversioned,
    /// Another file is at the path by now.
    #[error("the file was changed meanwhile; nothing was written over")]
    Changed,
    /// A folder holds more than one deletion removes; the rest is still there.
    #[error("{max} objects were deleted and more are left")]
    MoreLeft {
        /// How many objects one deletion removes.
        max: u64,
    },
    /// The person asks for what they may do already.
    #[error("you may do this already")]
    AllowedAlready,
    /// Another policy forbids what is asked for, whatever role one has.
    #[error("no role would allow this here: another policy forbids it")]
    NoRoleWould,
    /// An archive would hold more files than it may.
    #[error(
        "an archive holds at most {max} files; choose fewer folders, or fetch them with \
         `aws s3 sync` and credentials for this location"
    )]
    ArchiveTooLarge {
        /// How many it may hold.
        max: u64,
    },
    /// A person fetches as many archives as they may.
    #[error("{max} archives are being fetched already; wait until one is done")]
    ArchivesAtOnce {
        /// How many.
        max: u32,
    },
    /// No archive of this person waits under this id.
    #[error("there is no such archive, or it waited too long; ask for it again")]
    NoSuchArchive,
    /// There is nothing to search for.
    #[error("write at least one word to search for")]
    NoSearchWords,
    /// There are more words, or more letters, than are searched for.
    #[error("at most {QUERY_WORDS_MAX} words and {QUERY_CHARS_MAX} characters are searched for")]
    SearchTooLong,
    /// No page of results begins there.
    #[error("no page of results begins here: ask for the first without a cursor")]
    SearchCursor,
    /// A person searches as much at once as they may.
    #[error("{max} searches are under way already; wait until one is done")]
    SearchesAtOnce {
        /// How many.
        max: u32,
    },
    /// The person's role session could not be had.
    #[error("no role session could be had for this grant")]
    RoleSession(#[source] AwsError),
    /// The store did not do it, for another reason than permission.
    #[error("the store did not do it")]
    Store(#[source] AwsError),
    /// The ledger did not do it.
    #[error("the ledger did not do it")]
    Ledger(#[from] LedgerError),
    /// What was asked is too much to be worked out in the time that there is for it.
    #[error(
        "this could not be worked out in {seconds} seconds, and nothing was changed; change less at once, or \
         write patterns without `*` in their middle and conditions that do not look into uids"
    )]
    PatienceSpent {
        /// How long it was tried.
        seconds: u64,
    },
    /// Others asked so much that this was not begun.
    #[error("other changes are being weighed; try again in a moment")]
    NoTurn,
    /// A computation ended before it was done.
    #[error("a computation ended before it was done")]
    Unfinished,
}

impl FilesError {
    /// Which statement of which policy refused it, where one did.
    pub(crate) fn explained(&self) -> Option<&Explained> {
        let (Self::Refused(why)
        | Self::Infected(why)
        | Self::NotScanned(why)
        | Self::NotScannable(why)) = self
        else {
            return None;
        };
        Some(why)
    }

    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSuchLocation => "no-such-location",
            Self::GrantEnded { .. } => "grant-ended",
            Self::Path(error) => error.code(),
            Self::Refused(_) => "access-denied",
            Self::Infected(_) => "file-infected",
            Self::NotScanned(_) => "file-not-scanned",
            Self::NotScannable(_) => "file-not-scannable",
            Self::NoSuchFinding => "no-such-finding",
            Self::NotFound => "no-such-file",
            Self::Cursor | Self::SearchCursor => "cursor-invalid",
            Self::Action => "invalid-action",
            Self::NoSuchRole(_) => "no-such-role",
            Self::NoSuchBucket(_) => "no-such-bucket",
            Self::TooManyPaths { .. } => "too-many-paths",
            Self::TooManyFavourites { .. } => "too-many-favourites",
            Self::Tags { .. } => "invalid-tags",
            Self::ContentType => "invalid-content-type",
            Self::Header { .. } => "invalid-header",
            Self::Metadata { .. } => "invalid-metadata",
            Self::Version => "invalid-version",
            Self::Moment => "invalid-moment",
            Self::PastExpired { .. } => "past-expired",
            Self::PastUnversioned => "past-unversioned",
            Self::Changed => "file-changed",
            Self::MoreLeft { .. } => "more-left",
            Self::AllowedAlready => "allowed-already",
            Self::NoRoleWould => "no-role-would",
            Self::ArchiveTooLarge { .. } => "archive-too-large",
            Self::ArchivesAtOnce { .. } => "archives-at-once",
            Self::NoSuchArchive => "no-such-archive",
            Self::NoSearchWords => "no-search-words",
            Self::SearchTooLong => "search-too-long",
            Self::SearchesAtOnce { .. } => "searches-at-once",
            Self::RoleSession(error) => match error {
                AwsError::Unreachable { .. } | AwsError::Busy { .. } => error.code(),
                AwsError::Denied { .. }
                | AwsError::CredentialsRefused { .. }
                | AwsError::NotFound { .. }
                | AwsError::NoSuchUpload
                | AwsError::PreconditionFailed
                | AwsError::Conflict { .. }
                | AwsError::ContentDiffers { .. }
                | AwsError::QuotaExceeded { .. }
                | AwsError::Malformed { .. }
                | AwsError::Service { .. } => "no-role-session",
            },
            Self::Store(error) => error.code(),
            Self::Ledger(error) => error.code(),
            Self::PatienceSpent { .. } => "weighing-too-long",
            Self::NoTurn => "weighing-busy",
            Self::Unfinished => "internal",
        }
    }
}
