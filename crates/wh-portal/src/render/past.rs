//! A folder as it was, as it is sent.

use jiff::Timestamp;
use wh_files::{Past, PastEntry, PastKind, PastTells, Since};

use super::{jobs, permission};
use crate::wire::{PastBody, PastEntryBody, PastPermissionsBody, PastSinceBody, PastTellsBody};

pub(crate) fn past(path: String, at: Timestamp, page: Past) -> PastBody {
    PastBody {
        path,
        at: at.to_string(),
        entries: page.entries.into_iter().map(entry).collect(),
        next: page.next,
        there: page.there,
        tells: tells(page.tells),
        whole_since: page.whole_since.map(|since| since.to_string()),
        retention: page.retention.map(jobs::retention),
        may: PastPermissionsBody {
            read: permission(page.may.read),
            restore: permission(page.may.restore),
            delete: permission(page.may.delete),
        },
    }
}

fn entry(entry: PastEntry) -> PastEntryBody {
    let PastEntry { name, kind, since } = entry;
    match kind {
        PastKind::Folder => PastEntryBody::Folder { name, since: since.map(became) },
        PastKind::File { version, size, modified, etag } => PastEntryBody::File {
            name,
            // Of a file it is always known.
            since: since.map_or(PastSinceBody::Same, became),
            version,
            size,
            modified: modified.to_string(),
            etag,
        },
    }
}

fn became(since: Since) -> PastSinceBody {
    match since {
        Since::Same => PastSinceBody::Same,
        Since::Changed => PastSinceBody::Changed,
        Since::Deleted => PastSinceBody::Deleted,
        Since::Added => PastSinceBody::Added,
    }
}

fn tells(tells: PastTells) -> PastTellsBody {
    match tells {
        PastTells::All => PastTellsBody::All,
        PastTells::Expired => PastTellsBody::Expired,
        PastTells::Unversioned => PastTellsBody::Unversioned,
        PastTells::Unknown => PastTellsBody::Unknown,
    }
}
