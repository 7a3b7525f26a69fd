//! What is done for the store behind the endpoint while it is served: lifecycle, for the embedded one
//! the length of its feed and the rotation of its keys, and the forgetting of machines.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use futures::future::BoxFuture;
use tokio::task::JoinHandle;
use wh_authority::Authority;
use wh_ledger::Ledger;
use wh_names::{BucketName, Clock};
use wh_objects::lifecycle::{Action, Lifecycle, Mode, Report, pass};
use wh_objects::{BucketDocument, Capability, DiskStore, ObjectStore};

use crate::behind::Behind;
use crate::embedded::Parameters;
use crate::quotas;

/// How often rules are looked at; what they mean changes at midnight UTC.
const EVERY: Duration = Duration::from_hours(1);

/// The upkeep of a running store; it ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Upkeep(Vec<JoinHandle<()>>);

impl Upkeep {
    /// Starts it: a first round at once, then one an hour.
    pub(crate) fn start(store: &Behind, parameters: &Parameters, events_kept: u64) -> Self {
        let (rotating, tending) = (store.disk().map(Arc::clone), store.port());
        let (clock, ledger) = (parameters.clock.clone(), parameters.ledger.clone());
        let mut tasks =
            vec![tokio::spawn(async move { tend(&tending, (&clock, &ledger), events_kept).await })];
        if let Some(disk) = rotating {
            tasks.push(tokio::spawn(async move { rotate(&disk).await }));
        }
        Self(tasks)
    }

    /// Goes on to forget machines that have ended: once at the start, then once an hour.
    pub(crate) fn forget_machines(&mut self, authority: Arc<Authority>) {
        self.0.push(tokio::spawn(async move { forget(&authority).await }));
    }
}

impl Drop for Upkeep {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

async fn forget(authority: &Authority) {
    loop {
        if let Err(error) = authority.sweep_machines().await {
            tracing::warn!(%error, "machines that have ended were not swept");
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// A round an hour, for ever.
async fn tend(store: &Arc<dyn ObjectStore>, of: (&Clock, &Ledger), events_kept: u64) {
    loop {
        if let Err(error) = round(store, of, events_kept).await {
            tracing::warn!(error = format!("{error:#}"), "a round of upkeep failed");
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Wraps under the current master key what is still under an older one.
async fn rotate(store: &DiskStore) {
    match store.rewrap().await {
        Ok(done) if done.damaged > 0 => {
            tracing::error!(
                damaged = done.damaged,
                "keys are damaged; the older master keys stay needed"
            );
        }
        Ok(done) if done.keys > 0 => {
            tracing::info!(
                keys = done.keys,
                "keys were rotated; older master keys are needed no more"
            );
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "the rotation of keys was not finished"),
    }
}

async fn round(
    store: &Arc<dyn ObjectStore>,
    (clock, ledger): (&Clock, &Ledger),
    events_kept: u64,
) -> Result<()> {
    let capabilities = store.capabilities();
    if capabilities.has(Capability::Events) {
        let newest = *store.newest_event().borrow();
        let trimmed = store.trim_events(newest.saturating_sub(events_kept));
        if let Err(error) = trimmed.await {
            tracing::error!(%error, "the feed was not trimmed");
        }
    }
    for bucket in store.list_buckets().await? {
        // One bucket that fails is in no other's way.
        if let Err(error) = tend_bucket(store, &bucket.name, (clock, ledger)).await {
            let error = format!("{error:#}");
            tracing::error!(bucket = %bucket.name, error, "the upkeep of a bucket failed");
        }
    }
    Ok(())
}

pub(crate) async fn tend_bucket(
    store: &Arc<dyn ObjectStore>,
    bucket: &BucketName,
    (clock, ledger): (&Clock, &Ledger),
) -> Result<()> {
    let mut dropped = Vec::new();
    let mut told = |action: &Action| dropped.extend(quotas::dropped(action));
    let report = expire(store, bucket, (clock.now(), Mode::Perform), &mut told).await;
    // It goes past the gate, which tells quotas of what is removed. One that failed may have removed something.
    let untouched = match &report {
        Ok(report) => report.as_ref().is_none_or(|report| *report == Report::default()),
        Err(_) => false,
    };
    if !untouched {
        ledger.distrust_quotas(clock.now()).await?;
    }
    quotas::give_back_dropped((ledger, store.as_ref()), bucket, dropped).await;
    if let Some(report) = report.context("the lifecycle")?.filter(|r| *r != Report::default()) {
        if report.failed > 0 {
            tracing::error!(%bucket, ?report, "the lifecycle passed over what failed");
        } else {
            tracing::info!(%bucket, ?report, "the lifecycle was carried out");
        }
    }
    if store.capabilities().has(Capability::Usage) {
        warn_when_nearly_full(store.as_ref(), bucket).await?;
    }
    Ok(())
}

/// Nine tenths of a quota are the time to think about it.
async fn warn_when_nearly_full(store: &dyn ObjectStore, bucket: &BucketName) -> Result<()> {
    let Some(quota) = store.bucket_settings(bucket).await?.quota_bytes else { return Ok(()) };
    let held = store.bucket_usage(bucket).await?.held_bytes();
    if held >= quota - quota / 10 {
        tracing::warn!(%bucket, held, quota, "the bucket is nearly full");
    }
    Ok(())
}

/// A pass over one bucket, where it has rules.
pub(crate) fn expire<'a>(
    store: &'a Arc<dyn ObjectStore>,
    bucket: &'a BucketName,
    when: (jiff::Timestamp, Mode),
    told: &'a mut (dyn FnMut(&Action) + Send),
) -> BoxFuture<'a, Result<Option<Report>>> {
    Box::pin(async move {
        let Some(text) = store.bucket_document(bucket, BucketDocument::Lifecycle).await? else {
            return Ok(None);
        };
        let rules = Lifecycle::parse(&text)?;
        Ok(Some(pass(store, (bucket, &rules), when, told).await?))
    })
}
