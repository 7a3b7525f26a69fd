//! Follows the store's feed of changes: what each was to a person goes into the ledger, with how far it was read.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use wh_files::ACTIVITY_MARK_STORE;
use wh_ledger::{ActivityMark, ActivityRow, LedgerError, RowId};
use wh_names::BucketName;
use wh_objects::{Event, ObjectStore, StoreError};
use wh_provision::PROBES_FOLDER;

use super::told;
use crate::embedded::Parameters;

/// How many changes are read at once.
const PAGE: usize = 500;

/// How long is waited after a failure.
const WAIT: Duration = Duration::from_secs(5);

/// Follows a store.
pub(super) struct Follower {
    pub(super) store: Arc<dyn ObjectStore>,
    pub(super) parameters: Parameters,
    /// The estate's buckets of files.
    pub(super) buckets: Vec<BucketName>,
    /// For how many days what happened is kept.
    pub(super) days: i64,
}

/// Why a round did not succeed.
#[derive(Debug, thiserror::Error)]
pub(super) enum FollowError {
    #[error("the feed cannot be read: {0}")]
    Store(#[from] StoreError),
    #[error("the ledger: {0}")]
    Ledger(#[from] LedgerError),
}

impl Follower {
    /// Follows it until the store is closed.
    pub(super) async fn run(self) {
        let mut newest = self.store.newest_event();
        let mut open = true;
        while open {
            match self.round().await {
                Ok(Some(after)) => open = newest.wait_for(|newest| *newest > after).await.is_ok(),
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, "what happens in the store is not told yet");
                    tokio::time::sleep(WAIT).await;
                }
            }
        }
    }

    /// Writes down one page. The number of the last change, where there was nothing after it.
    async fn round(&self) -> Result<Option<u64>, FollowError> {
        let (ledger, now) = (&self.parameters.ledger, self.parameters.clock.now());
        ledger.begin_activity(ACTIVITY_MARK_STORE, now).await?;
        let Some(mark) = ledger.activity_mark(ACTIVITY_MARK_STORE).await? else {
            return Ok(None);
        };
        let (events, gap) = match self.store.events(mark.position, PAGE).await {
            Err(StoreError::EventsTrimmed { oldest }) => {
                if mark.position > 0 {
                    tracing::error!("changes are not kept any more: activity lacks them");
                }
                (self.store.events(oldest.saturating_sub(1), PAGE).await?, true)
            }
            events => (events?, mark.position == 0),
        };
        let Some(last) = events.last() else { return Ok(Some(mark.position)) };
        // What nobody read is missing before the first that is read now.
        let since = events.first().filter(|_| gap).map_or(mark.since, |first| first.at);
        let mut rows = Vec::new();
        for event in &events {
            rows.extend(self.row(event).await?);
        }
        let next = ActivityMark { position: last.sequence, since };
        let from = (ACTIVITY_MARK_STORE, mark.position);
        ledger.follow_activity(from, next, &rows).await?;
        Ok(None)
    }

    /// What a change was to a person; nothing where it was none.
    async fn row(&self, event: &Event) -> Result<Option<ActivityRow>, FollowError> {
        let oldest = self.parameters.clock.now() - SignedDuration::from_hours(24 * self.days);
        let ours = self.buckets.contains(&event.bucket) && event.at >= oldest;
        if !ours || event.key.as_str().starts_with(PROBES_FOLDER) {
            return Ok(None);
        }
        let by = told::by(&event.by);
        let kind = told::kind(&self.store, &self.parameters.ledger, (event, &by)).await?;
        Ok(kind.map(|kind| ActivityRow {
            id: RowId::generate(event.at, &self.parameters.entropy),
            at: event.at,
            kind,
            bucket: event.bucket.to_string(),
            key: event.key.to_string(),
            by,
        }))
    }
}
