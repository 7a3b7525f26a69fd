//! File requests as they travel.

use wh_files::RequestRecord;
use wh_ledger::RowId;

use super::links::state_of;
use super::named;
use crate::wire::{FileRequestBody, FileRequestsBody};

pub(crate) fn file_request(request: RequestRecord) -> FileRequestBody {
    let RequestRecord { row, state, ends, owner, place } = request;
    let (bucket, prefix) = place.unzip();
    FileRequestBody {
        id: row.id.to_string(),
        state: state_of(state),
        owner: named(owner),
        location: row.grant_id.to_string(),
        bucket: bucket.map(|bucket| bucket.to_string()),
        prefix: prefix.map(|prefix| prefix.to_string()),
        path: row.path,
        title: row.title,
        message: row.message,
        password: row.password.is_some(),
        asks_email: row.asks_email,
        kinds: row.kinds,
        file_bytes_max: row.file_bytes_max,
        bytes_max: row.bytes_max,
        files_max: row.files_max,
        sender_files_max: row.sender_files_max,
        created: row.created_at.to_string(),
        ends: ends.map(|end| end.to_string()),
        bytes: row.bytes,
        files: row.files,
        arrived: row.arrived,
        senders: row.senders,
        last_arrival: row.arrived_at.map(|at| at.to_string()),
    }
}

pub(crate) fn file_requests(
    (requests, next): (Vec<RequestRecord>, Option<RowId>),
) -> FileRequestsBody {
    let requests = requests.into_iter().map(file_request).collect();
    FileRequestsBody { requests, next: next.map(|id| id.to_string()) }
}
