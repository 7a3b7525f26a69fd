//! File requests: folders into which people without an account send files.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{LinkStateBody, NamedPersonBody};

/// A file request. What stands in its address is not in it, nor anything of its password.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FileRequest)]
pub(crate) struct FileRequestBody {
    /// What it is called, also in the names of its role sessions; it opens nothing.
    pub id: String,
    /// `used-up`: all files and bytes that are asked for are promised or have arrived.
    pub state: LinkStateBody,
    /// Whose it is, and by whose rights files are taken.
    pub owner: NamedPersonBody,
    /// The location.
    pub location: String,
    /// The bucket of the location; null when its person is granted it no longer.
    #[schema(required)]
    pub bucket: Option<String>,
    /// Where the location begins; null when its person is granted it no longer.
    #[schema(required)]
    pub prefix: Option<String>,
    /// The folder in the location; empty, or it ends in `/`.
    pub path: String,
    pub title: String,
    /// What senders read.
    pub message: String,
    /// Whether it asks for a password.
    pub password: bool,
    /// Whether senders must give a mail address.
    pub asks_email: bool,
    /// Extensions that are taken, in lower case; none: all.
    pub kinds: Vec<String>,
    /// The largest file, in bytes.
    pub file_bytes_max: u64,
    /// All files together, in bytes.
    pub bytes_max: u64,
    pub files_max: u32,
    pub sender_files_max: u32,
    #[schema(format = DateTime)]
    pub created: String,
    /// When it stops by itself, by its own end or the house's rules; null when it does not.
    #[schema(required, format = DateTime)]
    pub ends: Option<String>,
    /// Bytes that have arrived or are on their way.
    pub bytes: u64,
    /// Files that have arrived or are on their way.
    pub files: u32,
    /// Files that have arrived.
    pub arrived: u32,
    /// Of how many senders.
    pub senders: u32,
    /// When one arrived last; null when none did.
    #[schema(required, format = DateTime)]
    pub last_arrival: Option<String>,
}

/// File requests, the newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FileRequests)]
pub(crate) struct FileRequestsBody {
    /// Those that ended are remembered for 30 days.
    pub requests: Vec<FileRequestBody>,
    /// The cursor of the next page; null when this is the last.
    #[schema(required)]
    pub next: Option<String>,
}

/// A file request to be made.
#[derive(Deserialize, ToSchema)]
#[schema(as = FileRequestForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileRequestFormBody {
    /// The location.
    pub location: String,
    /// The folder in it, with `/` at its end; empty for the location itself.
    pub path: String,
    /// What it is called: 1 to 120 characters. Senders read it.
    pub title: String,
    /// What senders read besides: at most 2,000 characters.
    pub message: Option<String>,
    /// What it is to ask for: 8 characters at least.
    pub password: Option<String>,
    /// Whether senders must give a mail address. Nobody checks it.
    #[serde(default)]
    pub asks_email: bool,
    /// Extensions that are taken, like `pdf`; none: all.
    pub kinds: Option<Vec<String>>,
    /// How many days it shall live; 14 without it, or fewer where the house says so.
    pub days: Option<u32>,
    /// Whether it shall live until it is revoked.
    #[serde(default)]
    pub endless: bool,
    /// The largest file, in bytes; 1 GiB without it.
    pub file_bytes_max: Option<u64>,
    /// All files together, in bytes; 10 GiB without it.
    pub bytes_max: Option<u64>,
    /// All files together; 1,000 without it.
    pub files_max: Option<u32>,
    /// The files of one sender; 100 without it.
    pub sender_files_max: Option<u32>,
}

/// A file request that was made. Its address is never shown again.
#[derive(Serialize, ToSchema)]
#[schema(as = MadeFileRequest)]
pub(crate) struct MadeFileRequestBody {
    pub request: FileRequestBody,
    /// The address from the portal's own on: `/r/…`. Whoever has it may send.
    pub path: String,
}
