//! How much lies in a folder.

use wh_files::{FolderUsage, UsageSource, UsedBy, UsedEntry};

use crate::wire::{FolderUsageBody, UsageSourceBody, UsedByBody, UsedEntryBody};

pub(crate) fn usage(path: String, usage: FolderUsage) -> FolderUsageBody {
    FolderUsageBody {
        path,
        bytes: usage.total.bytes,
        files: usage.total.files,
        folders: usage.folders,
        own_bytes: usage.own.bytes,
        own_files: usage.own.files,
        entries: usage.entries.into_iter().map(entry).collect(),
        left_out: usage.left_out,
        complete: usage.complete,
        unsure: usage.unsure,
        as_of: usage.as_of.to_string(),
        source: match usage.source {
            UsageSource::Index => UsageSourceBody::Index,
            UsageSource::Listing => UsageSourceBody::Listing,
        },
    }
}

fn entry(entry: UsedEntry) -> UsedEntryBody {
    UsedEntryBody {
        kind: match entry.kind {
            UsedBy::Folder => UsedByBody::Folder,
            UsedBy::File => UsedByBody::File,
        },
        name: entry.name,
        bytes: entry.used.bytes,
        files: entry.used.files,
    }
}
