//! How fast the scrub reads: a bucket that tokens drip into, and larger steps back when others
//! are at work.

use std::num::NonZeroU64;
use std::time::Duration;

use tokio::time::Instant;

use crate::disk::shelf::Shelf;

/// How much slower it is while others use the store.
const YIELD: u32 = 4;

/// How much time may be saved up, to be read faster afterwards.
const BURST: Duration = Duration::from_millis(200);

#[derive(Debug)]
pub(super) struct Pace {
    bytes_per_second: Option<NonZeroU64>,
    next: Instant,
    busy: bool,
}

impl Pace {
    pub(super) fn new(bytes_per_second: Option<NonZeroU64>) -> Self {
        Self { bytes_per_second, next: Instant::now(), busy: false }
    }

    /// How long so many bytes take.
    fn cost(&self, bytes: u64) -> Option<Duration> {
        let rate = u128::from(self.bytes_per_second?.get());
        let nanos = u128::from(bytes) * 1_000_000_000 / rate;
        let cost = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        Some(if self.busy { cost.saturating_mul(YIELD) } else { cost })
    }

    /// Waits until so many bytes that were read are paid for, and sees whether others were at
    /// work meanwhile.
    pub(super) async fn pay(&mut self, bytes: u64, store: &Shelf) {
        let Some(cost) = self.cost(bytes) else { return tokio::task::yield_now().await };
        self.charge(cost);
        let before = store.traffic();
        tokio::time::sleep_until(self.next).await;
        self.busy = store.traffic() != before;
    }

    /// The same on a thread that may block.
    pub(super) fn pay_on_thread(&mut self, bytes: u64, store: &Shelf) {
        let Some(cost) = self.cost(bytes) else { return };
        self.charge(cost);
        let before = store.traffic();
        std::thread::sleep(self.next.saturating_duration_since(Instant::now()));
        self.busy = store.traffic() != before;
    }

    fn charge(&mut self, cost: Duration) {
        let saved = Instant::now().checked_sub(BURST).unwrap_or(self.next);
        self.next = self.next.max(saved) + cost;
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;
    use std::time::Duration;

    use super::Pace;

    #[tokio::test]
    async fn bytes_cost_time_and_more_when_others_are_at_work() {
        let mut pace = Pace::new(NonZeroU64::new(1 << 20));
        assert_eq!(pace.cost(1 << 19), Some(Duration::from_millis(500)));
        pace.busy = true;
        assert_eq!(pace.cost(1 << 19), Some(Duration::from_secs(2)));
        assert_eq!(Pace::new(None).cost(1 << 40), None);
    }
}
