//! What is asked of a store. Everything that an operation brings follows from its number.

use jiff::Timestamp;
use wh_names::{BucketName, ObjectKey};
use wh_objects::{BucketDocument, ObjectAddress, ObjectHeaders, Stamp, Tags, UploadId, Versioning};

use super::content::Content;
use super::state::Id;

/// An entity tag, by what it is computed from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Tag {
    /// Of one body.
    Whole(Content),
    /// Of parts.
    Parts(Vec<Content>),
}

/// When a write is to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    /// In any case.
    Always,
    /// If there is nothing.
    IfNone,
    /// If there is something.
    IfAny,
    /// If there is this.
    IfTag(Tag),
}

/// An upload: its key, and the number of the operation that began it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Upload {
    pub(crate) at: ObjectAddress,
    pub(crate) begun: u64,
}

/// One operation.
#[derive(Debug, Clone)]
pub(crate) enum Op {
    CreateBucket {
        bucket: BucketName,
    },
    DeleteBucket {
        bucket: BucketName,
    },
    KeepDocument {
        bucket: BucketName,
        kind: BucketDocument,
    },
    DropDocument {
        bucket: BucketName,
        kind: BucketDocument,
    },
    Put {
        at: ObjectAddress,
        len: u64,
        condition: Condition,
    },
    Get {
        at: ObjectAddress,
        range: Option<(u64, u64)>,
    },
    /// Of the newest version: hides it where the bucket is versioned.
    Delete {
        at: ObjectAddress,
    },
    /// Of one version, for good.
    DeleteVersion {
        at: ObjectAddress,
        id: Id,
    },
    /// New tags for the newest version.
    Tag {
        at: ObjectAddress,
    },
    Versioning {
        bucket: BucketName,
        versioning: Versioning,
    },
    Copy {
        from: ObjectAddress,
        to: ObjectAddress,
        headers: CopiedHeaders,
    },
    List {
        bucket: BucketName,
        delimiter: Option<char>,
        max: usize,
    },
    Begin {
        at: ObjectAddress,
    },
    Part {
        upload: Upload,
        number: u16,
        len: u64,
    },
    PartCopy {
        upload: Upload,
        number: u16,
        from: ObjectAddress,
        range: Option<(u64, u64)>,
    },
    Complete {
        upload: Upload,
        parts: Vec<(u16, Content)>,
        condition: Condition,
    },
    Abort {
        upload: Upload,
    },
    Parts {
        upload: Upload,
    },
    Uploads {
        bucket: BucketName,
    },
}

/// What becomes of the headers in a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CopiedHeaders {
    Kept,
    Replaced,
}

impl Op {
    /// Whether it may change what is stored.
    pub(crate) fn is_change(&self) -> bool {
        match self {
            Self::Get { .. } | Self::List { .. } | Self::Parts { .. } | Self::Uploads { .. } => {
                false
            }
            Self::CreateBucket { .. }
            | Self::DeleteBucket { .. }
            | Self::KeepDocument { .. }
            | Self::DropDocument { .. }
            | Self::Put { .. }
            | Self::Delete { .. }
            | Self::DeleteVersion { .. }
            | Self::Tag { .. }
            | Self::Versioning { .. }
            | Self::Copy { .. }
            | Self::Begin { .. }
            | Self::Part { .. }
            | Self::PartCopy { .. }
            | Self::Complete { .. }
            | Self::Abort { .. } => true,
        }
    }

    /// The operation's name, for reports.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::CreateBucket { .. } => "create-bucket",
            Self::DeleteBucket { .. } => "delete-bucket",
            Self::KeepDocument { .. } => "keep-document",
            Self::DropDocument { .. } => "drop-document",
            Self::Put { .. } => "put",
            Self::Get { .. } => "get",
            Self::Delete { .. } => "delete",
            Self::DeleteVersion { .. } => "delete-version",
            Self::Tag { .. } => "tag",
            Self::Versioning { .. } => "versioning",
            Self::Copy { .. } => "copy",
            Self::List { .. } => "list",
            Self::Begin { .. } => "begin",
            Self::Part { .. } => "part",
            Self::PartCopy { .. } => "part-copy",
            Self::Complete { .. } => "complete",
            Self::Abort { .. } => "abort",
            Self::Parts { .. } => "parts",
            Self::Uploads { .. } => "uploads",
        }
    }
}

/// The time that operation `n` gives: a millisecond each.
pub(crate) fn time(n: u64) -> Timestamp {
    let millis = 1_700_000_000_000_i64.saturating_add(i64::try_from(n).unwrap_or(i64::MAX));
    Timestamp::from_millisecond(millis).unwrap_or_default()
}

/// The name that all operations give.
pub(crate) const AUTHOR: &str = "trial";

/// The stamp of operation `n`.
pub(crate) fn stamp(n: u64) -> Stamp {
    Stamp::new(time(n), AUTHOR)
}

/// The tags that operation `n` brings.
pub(crate) fn tags(n: u64) -> anyhow::Result<Tags> {
    Ok(Tags::new([("op".to_owned(), n.to_string())])?)
}

/// Whether a new object comes with tags.
pub(crate) fn has_tags(n: u64) -> bool {
    n.is_multiple_of(5)
}

/// The headers that operation `n` brings.
pub(crate) fn headers(n: u64) -> ObjectHeaders {
    let user = [("op".to_owned(), n.to_string())].into_iter().collect();
    let content_type = (!n.is_multiple_of(3)).then(|| format!("text/x-{n}"));
    ObjectHeaders { content_type, user, ..ObjectHeaders::default() }
}

/// The text of the document that operation `n` brings.
pub(crate) fn document(n: u64) -> String {
    format!(
        "{{\"written\":{n},\"filling\":\"{}\"}}",
        "x".repeat(usize::try_from(n % 50).unwrap_or(0))
    )
}

/// The id of the upload that operation `n` began.
pub(crate) fn upload_id(n: u64) -> anyhow::Result<UploadId> {
    Ok(UploadId::parse(&format!("u{n:08}"))?)
}

/// A bucket and a key.
pub(crate) fn address(bucket: &BucketName, key: &str) -> anyhow::Result<ObjectAddress> {
    Ok(ObjectAddress { bucket: bucket.clone(), key: ObjectKey::parse(key)? })
}
