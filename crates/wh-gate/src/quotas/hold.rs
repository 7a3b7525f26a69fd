//! Room that is taken for one write, and what becomes of it.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::timeout;
use wh_ledger::{LedgerError, QuotaAmount, QuotaStored};
use wh_names::Entropy;

use super::claims::Flight;
use super::{LEASE, Quotas, UPLOAD};

/// How often room is taken for longer while a body comes: well within [`LEASE`].
const RENEWED_EVERY: Duration = Duration::from_secs(60);

impl Quotas {
    /// A name for the room of one write.
    pub(super) fn new_id(&self) -> String {
        format!("put:{}", name(&self.entropy))
    }
}

fn name(entropy: &Entropy) -> String {
    let bytes: [u8; 16] = entropy.bytes();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
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

    /// Tells what came of the write: so many bytes are there, or nothing was written. The counters come back
    /// that know it now.
    pub(crate) async fn settle(mut self, came: Option<u64>) -> Vec<String> {
        self.open = false;
        let ledger = &self.quotas.ledger;
        let settled: Result<(), LedgerError> = match came {
            Some(bytes) => {
                let stored = QuotaAmount { bytes, ..self.amount };
                let came = QuotaStored {
                    stored,
                    replaced: self.replaced,
                    certain: self.certain,
                    at: self.quotas.now(),
                };
                ledger.settle_quota(&self.id, came).await.map(drop)
            }
            None => {
                self.flight.give_back();
                if self.kept { Ok(()) } else { ledger.release_quota(&self.id).await }
            }
        };
        if let Err(error) = settled {
            tracing::error!(%error, "what came of a write is counted when its room expires");
        }
        std::mem::take(&mut self.counters)
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
}

impl PartHold {
    pub(super) fn of(quotas: &Arc<Quotas>, (id, part): (String, u16), before: Option<u64>) -> Self {
        Self { quotas: Arc::clone(quotas), id, part, before }
    }

    /// Tells what came of it: a part of so many bytes, or what was there before.
    pub(crate) async fn settle(self, came: Option<u64>) {
        if came.is_some() && self.before.is_none() {
            return;
        }
        let part = (self.id.as_str(), self.part);
        if let Err(error) = self.quotas.ledger.set_quota_part(part, came.or(self.before)).await {
            tracing::error!(%error, "the room of a part is given back with its upload");
        }
    }
}
