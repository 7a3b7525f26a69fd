//! Room that is taken for one write, and what becomes of it.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::timeout;
use wh_ledger::{LedgerError, QuotaAmount, QuotaStored};
use wh_names::Entropy;
use wh_objects::StoreError;

use super::claims::Flight;
use super::{LEASE, Quotas, UPLOAD};

/// How often room is taken for longer while a body comes: well within [`LEASE`].
const RENEWED_EVERY: Duration = Duration::from_mins(1);

impl Quotas {
    /// A name for the room of one write.
    pub(super) fn new_id(&self) -> String {
        format!("put:{}", name(&self.entropy))
    }
}

fn name(entropy: &Entropy) -> String {
    let bytes: [u8; 16] = entropy.bytes();
    format!("{:032x}", u128::from_be_bytes(bytes))
}

/// What came of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Came {
    /// So many bytes are there.
    Bytes(u64),
    /// Nothing was written.
    Nothing,
    /// Nobody knows: the store's answer was lost, or its disk failed.
    Perhaps,
}

impl Came {
    pub(super) fn of(stored: Result<u64, &StoreError>) -> Self {
        match stored {
            Ok(bytes) => Self::Bytes(bytes),
            Err(error) if says_nothing_was_written(error) => Self::Nothing,
            Err(_) => Self::Perhaps,
        }
    }
}

/// Whether the store has certainly not written what it was asked to.
fn says_nothing_was_written(error: &StoreError) -> bool {
    match error {
        StoreError::Unreachable { .. }
        | StoreError::Upstream { .. }
        | StoreError::Io { .. }
        | StoreError::ReadOnly
        | StoreError::Closed => false,
        StoreError::NoSuchBucket
        | StoreError::BucketAlreadyExists
        | StoreError::BucketNotEmpty
        | StoreError::NoSuchKey
        | StoreError::NoSuchVersion
        | StoreError::InvalidVersionId
        | StoreError::Deleted { .. }
        | StoreError::DeleteMarker { .. }
        | StoreError::Locked { .. }
        | StoreError::InvalidBucketState { .. }
        | StoreError::InvalidTag { .. }
        | StoreError::QuotaExceeded { .. }
        | StoreError::EventsTrimmed { .. }
        | StoreError::NoSuchUpload
        | StoreError::InvalidPart { .. }
        | StoreError::InvalidPartOrder
        | StoreError::EntityTooSmall { .. }
        | StoreError::EntityTooLarge { .. }
        | StoreError::PreconditionFailed
        | StoreError::NotModified { .. }
        | StoreError::ConditionalRequestConflict
        | StoreError::InvalidRange { .. }
        | StoreError::BadDigest
        | StoreError::ChecksumMismatch { .. }
        | StoreError::InvalidRequest { .. }
        | StoreError::IncompleteBody
        | StoreError::Body(_)
        | StoreError::NoSpace
        | StoreError::Corrupt { .. }
        | StoreError::NotKept { .. }
        | StoreError::Busy => true,
    }
}

/// Room for one write. Dropped before it was told what came of it, it counts as used until the next count:
/// something may have come of it.
#[derive(Debug)]
#[must_use = "room that is not settled is not given back at once"]
pub(crate) struct Hold {
    quotas: Arc<Quotas>,
    id: String,
    counters: Vec<String>,
    flight: Flight,
    replaced: QuotaAmount,
    certain: bool,
    amount: QuotaAmount,
    /// Whether room is taken that was not settled.
    open: bool,
    /// An upload that did not complete may be completed yet.
    kept: bool,
}

impl Hold {
    /// Room that is taken by this name for a write that replaces so much, for certain or not.
    pub(super) fn of(
        quotas: &Arc<Quotas>,
        (id, counters): (String, Vec<String>),
        (flight, replaced, certain): (Flight, QuotaAmount, bool),
        amount: QuotaAmount,
    ) -> Self {
        let kept = id.starts_with(UPLOAD);
        let quotas = Arc::clone(quotas);
        Self { quotas, id, counters, flight, replaced, certain, amount, open: true, kept }
    }

    /// Waits for the write, for as long as it takes.
    pub(crate) async fn during<T>(&self, writing: impl Future<Output = T>) -> T {
        let mut writing = pin!(writing);
        loop {
            if let Ok(done) = timeout(RENEWED_EVERY, &mut writing).await {
                return done;
            }
            if self.kept {
                continue;
            }
            let expires = self.quotas.now().checked_add(LEASE).unwrap_or(Timestamp::MAX);
            if let Err(error) = self.quotas.ledger.renew_quota(&self.id, expires).await {
                tracing::warn!(%error, "room is not taken for longer yet");
            }
        }
    }

    /// Tells what came of the write. The counters come back that know it now: none, where the room was gone,
    /// since it took too long or its quota was set anew meanwhile.
    pub(crate) async fn settle(mut self, came: Came) -> Vec<String> {
        let ledger = &self.quotas.ledger;
        let settled: Result<bool, LedgerError> = match came {
            // Dropped, it counts as used until the next count.
            Came::Perhaps => return Vec::new(),
            Came::Bytes(bytes) => {
                let stored = QuotaAmount { bytes, ..self.amount };
                let came = QuotaStored {
                    stored,
                    replaced: self.replaced,
                    certain: self.certain,
                    at: self.quotas.now(),
                };
                ledger.settle_quota(&self.id, came).await
            }
            Came::Nothing => {
                self.flight.give_back();
                let released =
                    if self.kept { Ok(()) } else { ledger.release_quota(&self.id).await };
                released.map(|()| true)
            }
        };
        self.open = false;
        match settled {
            Ok(true) => std::mem::take(&mut self.counters),
            Ok(false) => Vec::new(),
            Err(error) => {
                tracing::error!(%error, "what came of a write is counted when its room expires");
                std::mem::take(&mut self.counters)
            }
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if !self.open || self.kept {
            return;
        }
        let (quotas, id) = (Arc::clone(&self.quotas), std::mem::take(&mut self.id));
        let over = async move {
            if let Err(error) = quotas.ledger.renew_quota(&id, quotas.now()).await {
                tracing::warn!(%error, "what came of a write is counted when its room expires");
            }
        };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            drop(runtime.spawn(over));
        }
    }
}

/// Room for a part of an upload.
#[derive(Debug)]
#[must_use = "room that is not settled is not given back at once"]
pub(crate) struct PartHold {
    quotas: Arc<Quotas>,
    id: String,
    part: u16,
    /// How large the part was before, if there was one.
    before: Option<u64>,
    flight: Flight,
    open: bool,
}

impl PartHold {
    pub(super) fn of(
        quotas: &Arc<Quotas>,
        (id, part): (String, u16),
        (flight, before): (Flight, Option<u64>),
    ) -> Self {
        Self { quotas: Arc::clone(quotas), id, part, before, flight, open: true }
    }

    /// Tells what came of it: a part of so many bytes, or what was there before. Where the same part came
    /// twice at once, nobody knows which of them is there: room for the larger one stays taken.
    pub(crate) async fn settle(mut self, came: Came) {
        self.open = false;
        let size = match came {
            Came::Bytes(_) if self.before.is_none() => return,
            Came::Perhaps => return,
            Came::Bytes(bytes) => Some(bytes),
            Came::Nothing => self.before,
        };
        if self.quotas.ledger.is_shared() || !self.flight.was_alone() {
            return;
        }
        if let Err(error) = self.quotas.ledger.set_quota_part((&self.id, self.part), size).await {
            tracing::error!(%error, "the room of a part is given back with its upload");
        }
    }
}

impl Drop for PartHold {
    fn drop(&mut self) {
        // Whoever sent it left, and the store may have it all the same: that is seen when it is completed.
        if self.open {
            tracing::debug!(part = self.part, "a part broke off; its room stays with its upload");
        }
    }
}
