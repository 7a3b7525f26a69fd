//! Uploads and their parts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What to do when the file is already there.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[schema(as = Conflict)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ConflictChoice {
    /// Refuse with `file-exists`.
    Fail,
    /// Refuse with `file-exists`, but only when the upload completes: nothing is looked at before. For
    /// whoever has just seen that nothing is there.
    FailAtEnd,
    /// Replace exactly the file that is there now.
    Replace,
}

/// A file to be uploaded.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = UploadForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct UploadFormBody {
    /// The location's id; its grant is the one that is used.
    pub location: String,
    pub path: String,
    /// At most 5 TiB.
    pub size: u64,
    pub content_type: String,
    /// When the source file was last modified, in milliseconds since 1970, as browsers give it.
    pub last_modified: i64,
    pub conflict: ConflictChoice,
    /// With `replace`: the entity tag, without quotation marks, of the file that was read. Where
    /// another file is there, now or when the upload completes, it is refused as `file-changed`.
    pub if_match: Option<String>,
}

/// How far an upload is.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = UploadStatus)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum UploadStatusBody {
    Begun,
    Transferring,
    Completed,
    Aborted,
}

/// An upload.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Upload)]
pub(crate) struct UploadBody {
    pub id: String,
    pub location: String,
    pub path: String,
    pub size: u64,
    /// The size of every part but the last, in bytes.
    pub part_size: u64,
    pub part_count: u16,
    /// Always `crc64nvme`.
    #[schema(example = "crc64nvme")]
    pub algorithm: String,
    pub status: UploadStatusBody,
    #[schema(format = DateTime)]
    pub created: String,
    /// As it was given when the upload began.
    pub last_modified: i64,
}

/// A person's own unfinished uploads.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Uploads)]
pub(crate) struct UploadsBody {
    pub uploads: Vec<UploadBody>,
}

/// A part: its number from 1, its size, and its CRC64NVME in Base64.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Part)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartBody {
    pub n: u16,
    pub size: u64,
    pub crc: String,
}

/// An upload with the parts that the store holds.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UploadWithParts)]
pub(crate) struct UploadWithPartsBody {
    #[serde(flatten)]
    pub upload: UploadBody,
    pub parts: Vec<PartBody>,
}

/// A small file that is sent as one object.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = WholeFile)]
#[serde(deny_unknown_fields)]
pub(crate) struct WholeFileBody {
    pub path: String,
    /// At most 8 MiB.
    pub size: u64,
    pub content_type: String,
    /// CRC64NVME of the file, in Base64. The store verifies it.
    pub crc: String,
}

/// Small files to be signed, at most 16.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = WholeFilesForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct WholeFilesBody {
    #[schema(max_items = 16)]
    pub files: Vec<WholeFileBody>,
}

/// Parts to be signed, at most 16.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = PartsForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartsBody {
    #[schema(max_items = 16)]
    pub parts: Vec<PartBody>,
}

/// Where to PUT a part, and the headers to send along exactly.
#[derive(Serialize, ToSchema)]
#[schema(as = SignedPart)]
pub(crate) struct SignedPartBody {
    pub n: u16,
    pub url: String,
    pub headers: BTreeMap<String, String>,
}

/// Parts that may be sent now.
#[derive(Serialize, ToSchema)]
#[schema(as = SignedParts)]
pub(crate) struct SignedPartsBody {
    pub parts: Vec<SignedPartBody>,
}

/// The checksum of the whole file.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CompleteForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct CompleteBody {
    /// CRC64NVME of the whole file, in Base64. The store verifies it.
    pub crc: String,
    /// The entity tags of all parts, in their order, as the store answered them. Where they are missing, or are
    /// not those of all parts, the store is asked for its own.
    pub etags: Option<Vec<String>>,
}

/// A file that is stored, verified and durable.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Completed)]
pub(crate) struct CompletedBody {
    pub path: String,
    pub size: u64,
    pub etag: String,
    /// CRC64NVME of the whole file as the store verified it, in Base64.
    pub checksum: String,
}
