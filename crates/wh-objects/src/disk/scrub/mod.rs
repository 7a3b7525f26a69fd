//! The scrub: every blob and every page of the index read and compared again, from time to time,
//! while the store runs.
//!
//! A pass goes over the rows of blobs in their order, and over the index last. How far it has come is kept in the index, so
//! that it goes on where it was when the store was opened again. What it finds is kept until the
//! next pass ends, or until the blob is gone.
//!
//! Invariant: a pass that ended has read every blob that was there when it began and when it ended,
//! and every page of the index, be it ever read by a query or not.

mod index;
mod pace;
mod pass;
mod record;

pub use record::{DamagedBlob, ScrubPass, ScrubStatus};

pub(super) use record::TABLES;

use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use wh_names::Clock;

use super::DiskStore;
use crate::StoreError;

/// 50 MiB a second.
const BYTES_PER_SECOND: Option<NonZeroU64> = NonZeroU64::new(50 << 20);

/// A week.
const EVERY: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How long is waited at once before it is asked again whether a pass is due.
const LOOK_EVERY: Duration = Duration::from_mins(10);

/// How the scrub goes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScrubOptions {
    /// How many bytes a second it reads at most; `None` is as many as there are. While others use
    /// the store it reads a quarter of that.
    pub bytes_per_second: Option<NonZeroU64>,
    /// How long after the end of a pass the next one begins.
    pub every: SignedDuration,
}

impl Default for ScrubOptions {
    fn default() -> Self {
        Self { bytes_per_second: BYTES_PER_SECOND, every: EVERY }
    }
}

impl DiskStore {
    /// Does the rest of the pass that was begun, or a whole one.
    ///
    /// # Errors
    /// [`StoreError`]; damage is no error but what the pass tells. One scrub runs at a time.
    pub async fn scrub(
        &self,
        options: ScrubOptions,
        clock: &Clock,
        on_progress: &mut (dyn FnMut(&ScrubPass) + Send),
    ) -> Result<ScrubPass, StoreError> {
        let why = "a scrub is running already";
        let running = self.scrubbing.try_lock();
        let _running = running.map_err(|_| StoreError::InvalidRequest { why })?;
        pass::run(self, options, clock, on_progress).await
    }

    /// Scrubs whenever a pass is due, until the store is closed.
    pub async fn scrub_when_due(&self, options: ScrubOptions, clock: &Clock) {
        loop {
            let done = match self.is_due(options, clock.now()).await {
                Ok(true) => self.scrub(options, clock, &mut |_| {}).await.map(drop),
                Ok(false) => Ok(()),
                Err(error) => Err(error),
            };
            match done {
                Ok(()) => {}
                Err(StoreError::Closed) => return,
                Err(error) => tracing::warn!(%error, "the scrub goes on later"),
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    pub(super) async fn is_due(
        &self,
        options: ScrubOptions,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let status = self.scrub_status().await?;
        let last = status.last.and_then(|last| last.ended);
        let due = |ended: Timestamp| now.duration_since(ended) >= options.every;
        Ok(status.current.is_some() || last.is_none_or(due))
    }

    /// What the scrub has done and found.
    pub async fn scrub_status(&self) -> Result<ScrubStatus, StoreError> {
        let files = Arc::clone(&self.shelf);
        self.readers.read(move |conn| record::status(conn, &files)).await
    }
}
