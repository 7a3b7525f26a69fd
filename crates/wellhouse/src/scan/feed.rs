//! Follows the feed of changes: each new version is written down to be scanned.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use wh_ledger::{LedgerError, NewScan, RowId, ScanTarget};
use wh_names::Uid;
use wh_objects::{Event, EventKind, ObjectStore, StoreError};

use super::{Bench, listing};
use crate::activity::done_by;

/// How many changes are read at once.
const PAGE_EVENTS: usize = 1_000;

/// How long is waited after a failure.
const WAIT: Duration = Duration::from_secs(5);

/// What the feed's mark is called.
const MARK: &str = "feed";

/// How far the feed was read.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Mark {
    /// The last change that was dealt with.
    after: u64,
    /// When that was, in seconds.
    at: i64,
}

impl Mark {
    fn of(after: u64, now: Timestamp) -> Self {
        Self { after, at: now.as_second() }
    }

    fn text(self) -> String {
        serde_json::to_string(&self).unwrap_or_default()
    }
}

/// Why a round did not succeed.
#[derive(Debug, thiserror::Error)]
enum FeedError {
    #[error("the feed cannot be read: {0}")]
    Store(#[from] StoreError),
    #[error("the ledger: {0}")]
    Ledger(#[from] LedgerError),
}

/// Follows it, for ever.
pub(super) async fn follow(bench: Bench, store: Arc<dyn ObjectStore>) {
    let mut newest = store.newest_event();
    let mut mark = loop {
        match begin(&bench, &store).await {
            Ok(mark) => break mark,
            Err(error) => {
                tracing::error!(%error, "how far the scan has come cannot be read");
                tokio::time::sleep(WAIT).await;
            }
        }
    };
    loop {
        match round(&bench, &store, mark).await {
            Ok(Some(next)) => mark = next,
            Ok(None) => {
                let after = mark.after;
                if newest.wait_for(|newest| *newest > after).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                tracing::warn!(%error, "new files are not found to be scanned");
                tokio::time::sleep(WAIT).await;
            }
        }
    }
}

/// Where it was left off. Where it begins, all that is there already is listed first.
async fn begin(bench: &Bench, store: &Arc<dyn ObjectStore>) -> Result<Mark, FeedError> {
    let newest = *store.newest_event().borrow();
    let (ledger, now) = (&bench.parameters.ledger, bench.parameters.clock.now());
    let known = ledger.take_scan_mark(MARK, now, now).await?;
    let known = known.and_then(|text| serde_json::from_str::<Mark>(&text).ok());
    if let Some(mark) = known {
        return Ok(mark);
    }
    listing::all_from_before(bench).await?;
    let mark = Mark::of(newest, now);
    ledger.queue_scans((MARK, &mark.text(), now), &[], now).await?;
    Ok(mark)
}

/// Writes down what one page of changes made. `None`: there was nothing.
async fn round(
    bench: &Bench,
    store: &Arc<dyn ObjectStore>,
    mark: Mark,
) -> Result<Option<Mark>, FeedError> {
    let (ledger, now) = (&bench.parameters.ledger, bench.parameters.clock.now());
    let events = match store.events(mark.after, PAGE_EVENTS).await {
        Err(StoreError::EventsTrimmed { oldest }) => {
            tracing::error!("changes are not kept any more: the buckets are listed to be scanned");
            listing::all_since(bench, mark.at).await?;
            let mark = Mark::of(oldest.saturating_sub(1), now);
            ledger.queue_scans((MARK, &mark.text(), now), &[], now).await?;
            return Ok(Some(mark));
        }
        events => events?,
    };
    let Some(last) = events.last().map(|event| event.sequence) else { return Ok(None) };
    let scans: Vec<NewScan> =
        events.iter().filter(|event| is_new(bench, event)).map(|event| new(bench, event)).collect();
    let mark = Mark::of(last, now);
    // Losing count of what was of no interest loses nothing: tags that the scan wrote, mostly.
    if !scans.is_empty() || events.len() == PAGE_EVENTS {
        ledger.queue_scans((MARK, &mark.text(), now), &scans, now).await?;
    }
    Ok(Some(mark))
}

fn is_new(bench: &Bench, event: &Event) -> bool {
    let made = match event.kind {
        EventKind::Put | EventKind::Copy | EventKind::CompleteMultipartUpload => true,
        EventKind::Delete
        | EventKind::DeleteMarkerCreated
        | EventKind::LifecycleDelete
        | EventKind::LifecycleDeleteMarkerCreated
        | EventKind::TaggingPut
        | EventKind::TaggingDelete
        | EventKind::LockChanged => false,
    };
    made && bench.buckets.contains(&event.bucket)
}

fn new(bench: &Bench, event: &Event) -> NewScan {
    NewScan {
        id: RowId::generate(bench.parameters.clock.now(), &bench.parameters.entropy),
        target: ScanTarget {
            bucket: event.bucket.to_string(),
            key: event.key.to_string(),
            version: event.version.to_string(),
        },
        uid: person_of(&event.by),
        from_before: false,
        modified_at: event.at,
    }
}

/// The person in whose session something was done: `…/u-<uid>-<sid>`.
fn person_of(by: &str) -> Option<Uid> {
    done_by(by).person().cloned()
}

#[cfg(test)]
mod tests {
    use super::person_of;

    #[test]
    fn who_wrote_a_file_is_known_by_the_session() {
        let uid = "01k7d3m5q8w0e2r4t6y8v0b2n4";
        let arn = format!("arn:aws:sts::000000000000:assumed-role/S3AccessRole/u-{uid}-abc");
        assert_eq!(person_of(&arn).as_ref().map(wh_names::Uid::as_str), Some(uid));
        for by in
            ["", "arn:aws:iam::0:root", "arn:aws:sts::0:assumed-role/EC2UploadRole/i-1", "/u-x-y"]
        {
            assert_eq!(person_of(by), None, "{by}");
        }
    }
}
