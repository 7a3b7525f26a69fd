//! What was found by name.

use jiff::Timestamp;
use wh_files::{SearchHit, SearchIndex, SearchKind, SearchPage};

use super::scan_state;
use crate::wire::{
    SearchIndexBody, SearchKindBody, SearchMatchBody, SearchResultBody, SearchResultsBody,
};

pub(crate) fn results(page: SearchPage) -> SearchResultsBody {
    SearchResultsBody {
        results: page.hits.into_iter().map(result).collect(),
        next: page.next,
        complete: page.complete,
        as_of: page.as_of.map(|at| at.to_string()),
    }
}

pub(crate) fn index(index: &SearchIndex, now: Timestamp) -> SearchIndexBody {
    let standing = index.standing_of_all(now);
    SearchIndexBody {
        names: index.names().names(),
        complete: standing.whole,
        as_of: standing.as_of.map(|at| at.to_string()),
    }
}

fn result(hit: SearchHit) -> SearchResultBody {
    let matched = hit.matched.into_iter();
    SearchResultBody {
        location: hit.location.to_string(),
        path: hit.path,
        kind: kind(hit.kind),
        size: hit.size,
        modified: hit.modified.map(|at| at.to_string()),
        matched: matched.map(|of| SearchMatchBody { start: of.start, end: of.end }).collect(),
        scan: hit.held.map(scan_state),
    }
}

fn kind(kind: SearchKind) -> SearchKindBody {
    match kind {
        SearchKind::Folder => SearchKindBody::Folder,
        SearchKind::Image => SearchKindBody::Image,
        SearchKind::Video => SearchKindBody::Video,
        SearchKind::Audio => SearchKindBody::Audio,
        SearchKind::Document => SearchKindBody::Document,
        SearchKind::Spreadsheet => SearchKindBody::Spreadsheet,
        SearchKind::Presentation => SearchKindBody::Presentation,
        SearchKind::Archive => SearchKindBody::Archive,
        SearchKind::Text => SearchKindBody::Text,
        SearchKind::Other => SearchKindBody::Other,
    }
}
