//! Locations and what is in them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::LocationSourceBody;
use crate::problem::{ExplanationBody, Problem};

/// Whether something may be done, and which statement of which policy says so.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Permission)]
pub(crate) struct PermissionBody {
    pub allowed: bool,
    pub explanation: ExplanationBody,
}

/// What a person may do in a location.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LocationPermissions)]
pub(crate) struct LocationPermissionsBody {
    pub list: PermissionBody,
    pub get: PermissionBody,
    pub put: PermissionBody,
    pub delete: PermissionBody,
}

/// What a grant looks like to the person who has it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Location)]
pub(crate) struct LocationBody {
    /// The grant's id.
    pub id: String,
    pub title: String,
    pub bucket: String,
    /// Empty, or ends in `/`.
    pub prefix: String,
    pub role: String,
    /// By what the person has it.
    pub by: LocationSourceBody,
    /// When it ends; `null`: never.
    #[schema(required, format = DateTime)]
    pub until: Option<String>,
    pub may: LocationPermissionsBody,
}

/// A person's locations.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Locations)]
pub(crate) struct LocationsBody {
    pub locations: Vec<LocationBody>,
}

/// Which folder to read, and from where on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct EntriesQuery {
    /// The folder: empty for the location itself, or ends in `/`.
    #[serde(default)]
    pub path: String,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

/// A folder or a file in a listing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Entry)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum EntryBody {
    /// A folder; its name carries no slash.
    Folder { name: String },
    /// A file.
    File {
        name: String,
        size: u64,
        #[schema(format = DateTime)]
        modified: String,
        etag: String,
        /// What the scan for malware has against it; null where that is nothing, and where files are not
        /// scanned.
        #[schema(required)]
        scan: Option<HeldBody>,
    },
}

/// What the scan for malware has against a file.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = Held)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum HeldBody {
    /// It is still to be scanned.
    Waiting,
    /// It is infected, and held back from all but administrators.
    Infected,
    /// It cannot be scanned.
    Unscanned,
}

/// What the scan for malware said of a file.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = Scanned)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ScannedBody {
    Waiting,
    Clean,
    Infected,
    Unscanned,
    /// An administrator let it go.
    Released,
    /// Whoever asks may not read its tags.
    Unknown,
}

/// What a person may do in a folder.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EntryPermissions)]
pub(crate) struct EntryPermissionsBody {
    pub get: PermissionBody,
    pub put: PermissionBody,
    pub delete: PermissionBody,
}

/// One page of a folder: at most 1,000 entries. The folder is complete only when `next` is null.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Entries)]
pub(crate) struct EntriesBody {
    pub path: String,
    pub entries: Vec<EntryBody>,
    /// The cursor of the next page; null when this is the last.
    #[schema(required)]
    pub next: Option<String>,
    /// Whether there is such a folder: anything in it, or its own marker. Always of the location itself.
    pub there: bool,
    pub may: EntryPermissionsBody,
}

/// What is asked about: an action on a path.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExplainQuery {
    /// A file, a folder (ends in `/`), or empty for the location itself.
    #[serde(default)]
    pub path: String,
    /// An S3 action, such as `s3:PutObject`.
    #[param(example = "s3:PutObject")]
    pub action: String,
}

/// The answer to "may I, and why?".
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Explained)]
pub(crate) struct ExplainBody {
    pub allowed: bool,
    pub explanation: ExplanationBody,
}

/// A folder to be made.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Folder)]
#[serde(deny_unknown_fields)]
pub(crate) struct FolderBody {
    /// Ends in `/`.
    pub path: String,
}

/// Files and folders to be deleted; a folder means all below it.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = DeleteForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeleteBody {
    /// At most 1,000; folders end in `/`.
    pub paths: Vec<String>,
}

/// A path that is still there, and why.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeleteFailure)]
pub(crate) struct FailedDeleteBody {
    pub path: String,
    pub problem: Problem,
}

/// What a deletion did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Deleted)]
pub(crate) struct DeletedBody {
    /// How many objects are gone.
    pub deleted: u64,
    pub failed: Vec<FailedDeleteBody>,
}

/// A file to be fetched from the store.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = DownloadForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct DownloadFormBody {
    pub path: String,
    /// Whether to show the file rather than save it. Honoured for images, audio, video, PDF and
    /// plain text; anything else is saved.
    #[serde(default)]
    pub inline: bool,
    /// One of its versions; without it, the newest.
    #[serde(default)]
    pub version: Option<String>,
}

/// A link that fetches a file from the store, for a few minutes.
#[derive(Serialize, ToSchema)]
#[schema(as = Download)]
pub(crate) struct DownloadBody {
    pub url: String,
    #[schema(format = DateTime)]
    pub expires: String,
}

/// Which file is asked about.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PropertiesQuery {
    /// A file.
    pub path: String,
}

/// A tag of a file.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Tag)]
#[serde(deny_unknown_fields)]
pub(crate) struct TagBody {
    pub key: String,
    pub value: String,
}

/// What a file has besides its bytes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Properties)]
pub(crate) struct PropertiesBody {
    /// Which file this is: to be sent along by whoever writes its metadata anew.
    pub etag: String,
    #[schema(required)]
    pub content_type: Option<String>,
    #[schema(required)]
    pub content_encoding: Option<String>,
    #[schema(required)]
    pub cache_control: Option<String>,
    #[schema(required)]
    pub content_disposition: Option<String>,
    #[schema(required)]
    pub content_language: Option<String>,
    /// The CRC-64/NVME of the whole in Base64, where the store tells it.
    #[schema(required)]
    pub checksum: Option<String>,
    /// What the uploader wrote beside it: `x-amz-meta-…`, by the names after it.
    pub metadata: BTreeMap<String, String>,
    /// The tags; null where they may not be read.
    #[schema(required)]
    pub tags: Option<Vec<TagBody>>,
    /// What the scan for malware said; null where files are not scanned.
    #[schema(required)]
    pub scan: Option<ScannedBody>,
    pub may_read_tags: PermissionBody,
    pub may_write_tags: PermissionBody,
    /// Writing the type, the headers and the metadata.
    pub may_write_metadata: PermissionBody,
}

/// Of which file, and after which version.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct VersionsQuery {
    pub path: String,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

/// A version of a file, or that it was deleted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FileVersion)]
pub(crate) struct FileVersionBody {
    /// `null` in letters where it was written while no versions were kept.
    pub version: String,
    /// What the file is now.
    pub current: bool,
    /// The file was deleted then.
    pub deleted: bool,
    /// When it was written, or deleted.
    pub modified: String,
    /// In bytes; 0 of a deletion.
    pub size: u64,
    /// Empty of a deletion.
    pub etag: String,
}

/// What may be done with the versions of a file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VersionPermissions)]
pub(crate) struct VersionPermissionsBody {
    /// Read an older one.
    pub read: PermissionBody,
    /// Put one in the place of what is there now.
    pub restore: PermissionBody,
}

/// The versions of a file, at most 100 at once, the newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FileVersions)]
pub(crate) struct FileVersionsBody {
    pub versions: Vec<FileVersionBody>,
    /// Where the next page begins; null on the last.
    #[schema(required)]
    pub next: Option<String>,
    pub may: VersionPermissionsBody,
}

/// A version that is to be the newest again.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = RestoreVersionForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct RestoreVersionBody {
    pub path: String,
    pub version: String,
    /// The ETag of what the file is now; null where it is deleted. Another file is left as it is, and told as
    /// `file-changed`.
    #[schema(required)]
    pub over: Option<String>,
}

/// The type, the headers and the metadata that a file is to have; others are taken away.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = MetadataForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct MetadataBody {
    pub path: String,
    /// Of the file that was read. Another one is left as it is, and told as `file-changed`.
    pub etag: String,
    /// A media type; empty for `application/octet-stream`.
    pub content_type: String,
    #[serde(default)]
    pub cache_control: Option<String>,
    #[serde(default)]
    pub content_disposition: Option<String>,
    #[serde(default)]
    pub content_language: Option<String>,
    /// By names without `x-amz-meta-`; names and values are at most 2,048 bytes together.
    pub metadata: BTreeMap<String, String>,
}

/// The tags that a file is to have; others are taken away.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = TagsForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct TagsBody {
    pub path: String,
    /// At most 10; no key twice.
    #[schema(max_items = 10)]
    pub tags: Vec<TagBody>,
}

/// Files and folders that are wanted in one archive; a folder means all below it.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ArchiveForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct ArchiveFormBody {
    /// At most 1,000; folders end in `/`.
    pub paths: Vec<String>,
}

/// An archive that can be fetched.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Archive)]
pub(crate) struct ArchiveBody {
    /// Where, in this portal, by the same person.
    pub url: String,
    /// What it is saved as.
    pub name: String,
    /// How many files and folders are in it.
    pub files: u64,
    /// Until when.
    #[schema(format = DateTime)]
    pub expires: String,
}

/// Temporary credentials for one's own tools, narrowed to the location.
#[derive(Serialize, ToSchema)]
#[schema(as = Credentials)]
pub(crate) struct CredentialsBody {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: String,
    #[schema(format = DateTime)]
    pub expiration: String,
    /// Where the store is; null when it is Amazon's own endpoint for the region.
    #[schema(required)]
    pub endpoint: Option<String>,
    pub region: String,
    pub bucket: String,
    pub prefix: String,
}
