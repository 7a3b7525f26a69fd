//! Counting what quotas are about: which places they count follows from grants, and how much is there from
//! listings of the store behind our own gate.
//!
//! Invariant: a count is begun in the ledger before its first page is read: what is written meanwhile is
//! added to what is found.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use wh_files::Files;
use wh_gate::quota_room_of;
use wh_ledger::{Ledger, QuotaAmount, QuotaCounterRow, QuotaPlace};
use wh_names::{BucketName, Clock, ObjectKey};
use wh_objects::lifecycle::{Action, Doing};
use wh_objects::{
    ListEntry, ListObjects, ListPage, ObjectAddress, ObjectStore, StoreError, UploadId,
};

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

/// How often that is put off while the count goes on.
const COUNT_RENEWED_EVERY: SignedDuration = SignedDuration::from_mins(5);

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
        let of = (counter.id.as_str(), token);
        let clock = &self.parameters.clock;
        let count = Count { ledger, clock, of, alone: !ledger.is_shared(), renewed: now };
        let store = Arc::clone(&self.store);
        let list: Box<Lists> = Box::new(move |bucket, list| {
            let store = Arc::clone(&store);
            Box::pin(async move { store.list_objects(&bucket, list).await })
        });
        let done = count.of_places(places, &*list).await;
        // One that fails takes the store's time, too.
        self.rest_until = Some(Instant::now() + began.elapsed() * REST);
        done
    }
}

/// Lists a page.
type Lists = dyn Fn(BucketName, ListObjects) -> BoxFuture<'static, Result<ListPage, StoreError>>
    + Send
    + Sync;

/// A count that was begun in the ledger.
struct Count<'a> {
    ledger: &'a Ledger,
    clock: &'a Clock,
    /// The counter, and what tells this count from others.
    of: (&'a str, i64),
    /// Whether there is no other node that might count instead.
    alone: bool,
    renewed: Timestamp,
}

impl Count<'_> {
    /// Adds up what is there, and tells. Where it fails, whoever is next may begin at once.
    async fn of_places(mut self, places: &[QuotaPlace], list: &Lists) -> Result<()> {
        let done = self.told(places, list).await;
        if done.is_err() {
            let given_up = self.ledger.give_up_quota_count(self.of, self.clock.now()).await;
            if let Err(error) = given_up {
                tracing::warn!(%error, counter = self.of.0, "a count was not given up");
            }
        }
        done
    }

    async fn told(&mut self, places: &[QuotaPlace], list: &Lists) -> Result<()> {
        // Where there is none, another counts it by now.
        if let Some(found) = self.found(places, list).await? {
            self.ledger.finish_quota_count(self.of, found, self.clock.now()).await?;
        }
        Ok(())
    }

    /// `None`: it is this one's to count no more.
    async fn found(&mut self, places: &[QuotaPlace], list: &Lists) -> Result<Option<QuotaAmount>> {
        let mut found = QuotaAmount::default();
        for place in places {
            match self.found_in(place, found, list).await? {
                Some(more) => found = more,
                None => return Ok(None),
            }
        }
        Ok(Some(found))
    }

    /// The same of one place, added to what was found before.
    async fn found_in(
        &mut self,
        place: &QuotaPlace,
        mut found: QuotaAmount,
        list: &Lists,
    ) -> Result<Option<QuotaAmount>> {
        let mut after = None;
        loop {
            if !self.goes_on().await? {
                return Ok(None);
            }
            let (prefix, delimiter) = (place.prefix.clone(), None);
            let asked = ListObjects { prefix, delimiter, after, max_keys: PAGE };
            let page = match list(place.bucket.clone(), asked).await {
                Ok(page) => page,
                Err(StoreError::NoSuchBucket) => return Ok(Some(found)),
                Err(error) => return Err(error.into()),
            };
            found = with_page(found, &page);
            match page.next_after.filter(|_| page.truncated) {
                Some(next) => after = Some(next),
                None => return Ok(Some(found)),
            }
        }
    }

    /// Puts off the time from which others may count instead, when it is time to.
    async fn goes_on(&mut self) -> Result<bool> {
        let now = self.clock.now();
        if self.alone || now.duration_since(self.renewed) < COUNT_RENEWED_EVERY {
            return Ok(true);
        }
        self.renewed = now;
        Ok(self.ledger.renew_quota_count(self.of, now.checked_add(COUNTS_FOR)?).await?)
    }
}

fn with_page(found: QuotaAmount, page: &ListPage) -> QuotaAmount {
    let objects = page.entries.iter().filter_map(|entry| match entry {
        ListEntry::Object(object) => Some(object.size),
        ListEntry::CommonPrefix(_) => None,
    });
    objects.fold(found, |sum, size| QuotaAmount {
        bytes: sum.bytes.saturating_add(size),
        objects: sum.objects.saturating_add(1),
    })
}

/// The uploads that a rule of the lifecycle demands to be dropped.
pub(crate) fn dropped(action: &Action) -> Option<(ObjectKey, UploadId)> {
    match &action.doing {
        Doing::AbortUpload(upload) => Some((action.key.clone(), upload.clone())),
        Doing::Expire { .. } | Doing::RemoveNoncurrent { .. } | Doing::RemoveMarker { .. } => None,
    }
}

/// Gives back the room of uploads that the lifecycle dropped, which goes past the gate. What fails ends by itself.
pub(crate) async fn give_back_dropped(
    (ledger, store): (&Ledger, &dyn ObjectStore),
    bucket: &BucketName,
    uploads: Vec<(ObjectKey, UploadId)>,
) {
    for (key, upload) in uploads {
        let at = ObjectAddress { bucket: bucket.clone(), key };
        // One that is there still was not dropped after all.
        let gone = matches!(
            store.list_parts(&at, &upload, 0, 1).await,
            Err(StoreError::NoSuchUpload | StoreError::NoSuchBucket)
        );
        if !gone {
            continue;
        }
        if let Err(error) = ledger.release_quota(&quota_room_of(&upload)).await {
            tracing::warn!(%error, "the room of an upload is given back when it expires");
        }
    }
}

/// Whether a counter may say more than there is, was not counted for long, or its count came to no end.
fn is_due(counter: &QuotaCounterRow, now: Timestamp) -> bool {
    let old = |at: Timestamp| now.duration_since(at) >= COUNTED_FOR;
    counter.stale_at.is_some() || counter.counting || counter.counted_at.is_none_or(old)
}
