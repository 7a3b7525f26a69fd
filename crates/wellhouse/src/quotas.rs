//! Counting what quotas are about: which places they count follows from grants, and how much is there from
//! listings of the store behind our own gate.
//!
//! Invariant: a count is begun in the ledger before its first page is read: what is written meanwhile is
//! added to what is found.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use wh_files::Files;
use wh_ledger::{QuotaAmount, QuotaCounterRow, QuotaPlace};
use wh_objects::{ListEntry, ListObjects, ObjectStore, StoreError};

use crate::embedded::{Embedded, Parameters};

/// How often is looked whether something is to be counted.
const EVERY: Duration = Duration::from_secs(2);

/// How often it is worked out what is counted, though nothing told of a change: grants end.
const MEASURED_EVERY: Duration = Duration::from_secs(10);

/// How long a count holds to which nothing uncertain was added.
const COUNTED_FOR: SignedDuration = SignedDuration::from_hours(6);

/// How many times as long as a count took is waited before the same is counted again.
const REST: u32 = 10;

/// How many keys are read at once.
const PAGE: usize = 1_000;

/// Until then no other node counts what one has begun to count.
const COUNTS_FOR: SignedDuration = SignedDuration::from_mins(15);

/// As long as it may take until every node knows which places count: no first count begins before.
const KNOWN_EVERYWHERE: Duration = Duration::from_secs(3);

/// Begins to count, where the store is ours.
pub(crate) fn start(
    files: &Files,
    parameters: &Parameters,
    embedded: Option<&Embedded>,
) -> Option<JoinHandle<()>> {
    let counting = Counting {
        parameters: parameters.clone(),
        store: embedded?.store().port(),
        rest_until: None,
    };
    let (files, parameters) = (files.clone(), parameters.clone());
    // A long count keeps neither changes of grants nor room that is over waiting.
    Some(tokio::spawn(async move { tokio::join!(tend(files, parameters), counting.run()).0 }))
}

/// Works out what is counted, and ends what room is over.
async fn tend(files: Files, parameters: Parameters) {
    let mut measured: Option<Instant> = None;
    loop {
        if measured.is_none_or(|at| at.elapsed() >= MEASURED_EVERY) {
            match files.measure_quotas().await {
                Ok(_) => measured = Some(Instant::now()),
                Err(error) => tracing::warn!(%error, "it was not worked out what quotas count"),
            }
        }
        match parameters.ledger.sweep_quota_reservations(parameters.clock.now()).await {
            Ok(0) => {}
            Ok(swept) => tracing::info!(swept, "room was taken by what came to no end"),
            Err(error) => tracing::warn!(%error, "room that is over was not given back"),
        }
        tokio::time::sleep(EVERY).await;
    }
}

struct Counting {
    parameters: Parameters,
    store: Arc<dyn ObjectStore>,
    /// Not before this is anything counted again that was counted lately.
    rest_until: Option<Instant>,
}

impl Counting {
    async fn run(mut self) {
        let mut first = true;
        loop {
            if let Err(error) = self.round(first).await {
                tracing::warn!(error = format!("{error:#}"), "quotas were not counted");
            }
            first = false;
            tokio::time::sleep(EVERY).await;
        }
    }

    async fn round(&mut self, first: bool) -> Result<()> {
        let (ledger, now) = (self.parameters.ledger.clone(), self.parameters.clock.now());
        let resting = self.rest_until.is_some_and(|until| Instant::now() < until);
        let counters = ledger.quota_counters().await?;
        if ledger.is_shared() && counters.iter().any(|(one, _)| one.counted_at.is_none()) {
            tokio::time::sleep(KNOWN_EVERYWHERE).await;
        }
        for (counter, places) in counters {
            let due =
                counter.counted_at.is_none() || (!resting && (first || is_due(&counter, now)));
            if due && let Err(error) = self.count(&counter, &places).await {
                let (counter, error) = (&counter.id, format!("{error:#}"));
                tracing::warn!(counter, error, "a quota was not counted");
            }
        }
        Ok(())
    }

    async fn count(&mut self, counter: &QuotaCounterRow, places: &[QuotaPlace]) -> Result<()> {
        let (ledger, began) = (&self.parameters.ledger, Instant::now());
        let token = i64::from_be_bytes(self.parameters.entropy.bytes()) | 1;
        let now = self.parameters.clock.now();
        // Where nobody else counts, what a server that was killed began is begun anew at once.
        let until = if ledger.is_shared() { now.checked_add(COUNTS_FOR)? } else { now };
        if !ledger.begin_quota_count((&counter.id, token), (now, until)).await? {
            return Ok(());
        }
        let mut found = QuotaAmount::default();
        for place in places {
            self.add_up(place, &mut found).await?;
        }
        let now = self.parameters.clock.now();
        ledger.finish_quota_count((&counter.id, token), found, now).await?;
        self.rest_until = Some(Instant::now() + began.elapsed() * REST);
        Ok(())
    }

    async fn add_up(&self, place: &QuotaPlace, found: &mut QuotaAmount) -> Result<()> {
        let mut after = None;
        loop {
            let (prefix, delimiter) = (place.prefix.clone(), None);
            let list = ListObjects { prefix, delimiter, after, max_keys: PAGE };
            let page = match self.store.list_objects(&place.bucket, list).await {
                Ok(page) => page,
                Err(StoreError::NoSuchBucket) => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            let objects = page.entries.iter().filter_map(|entry| match entry {
                ListEntry::Object(object) => Some(object.size),
                ListEntry::CommonPrefix(_) => None,
            });
            *found = objects.fold(*found, |sum, size| QuotaAmount {
                bytes: sum.bytes.saturating_add(size),
                objects: sum.objects.saturating_add(1),
            });
            match page.next_after.filter(|_| page.truncated) {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }
}

/// Whether a counter may say more than there is, or was not counted for long.
fn is_due(counter: &QuotaCounterRow, now: Timestamp) -> bool {
    let old = |at: Timestamp| now.duration_since(at) >= COUNTED_FOR;
    counter.stale_at.is_some() || counter.counted_at.is_none_or(old)
}
