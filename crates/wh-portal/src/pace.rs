//! How fast one person may ask: so much at once, and so much a second after that.
//!
//! What is counted is a person, whether they come by the cookie of a session or by API tokens, and from
//! wherever: who reads a house out by a script does it at this speed at most. Nothing is kept of
//! strangers, who are counted where they sign in and register.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::Clock as TimeSource;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use wh_names::{Clock, Uid};

/// How many requests of one person are answered at once.
pub(crate) const REQUESTS_AT_ONCE: NonZeroU32 = some(3_000);

/// How many more each second after that. A page that is opened sends ten; the upload of a small file
/// takes three.
pub(crate) const REQUESTS_A_SECOND: NonZeroU32 = some(100);

/// How many searches of one person are answered at once.
pub(crate) const SEARCHES_AT_ONCE: NonZeroU32 = some(30);

/// How many more each second after that: each may go over a million names. Who types is asked for less.
pub(crate) const SEARCHES_A_SECOND: NonZeroU32 = some(5);

const fn some(n: u32) -> NonZeroU32 {
    match NonZeroU32::new(n) {
        Some(n) => n,
        None => NonZeroU32::MIN,
    }
}

/// The house's clock, as the limiter asks it.
#[derive(Clone)]
struct Told(Clock);

impl TimeSource for Told {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        u64::try_from(self.0.now().as_nanosecond()).unwrap_or_default().into()
    }
}

type Limiter = RateLimiter<Uid, DashMapStateStore<Uid>, Told, NoOpMiddleware<Nanos>>;

/// Counts requests by person. Cloning shares the count. It grows by some bytes for each person who was
/// here since the start.
#[derive(Clone)]
pub(crate) struct Pace(Arc<Limiter>);

impl fmt::Debug for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pace")
    }
}

impl Pace {
    pub(crate) fn new(clock: Clock) -> Self {
        Self::by(Quota::per_second(REQUESTS_A_SECOND).allow_burst(REQUESTS_AT_ONCE), clock)
    }

    /// Of searches alone.
    pub(crate) fn of_searches(clock: Clock) -> Self {
        Self::by(Quota::per_second(SEARCHES_A_SECOND).allow_burst(SEARCHES_AT_ONCE), clock)
    }

    fn by(quota: Quota, clock: Clock) -> Self {
        Self(Arc::new(RateLimiter::dashmap_with_clock(quota, Told(clock))))
    }

    /// Lets a person's request in, or says how long to wait.
    pub(crate) fn admit(&self, who: &Uid) -> Result<(), Duration> {
        let now = self.0.clock().now();
        self.0.check_key(who).map_err(|until| until.wait_time_from(now))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use jiff::Timestamp;
    use wh_names::{Clock, Uid};

    use super::{Pace, REQUESTS_A_SECOND, REQUESTS_AT_ONCE};

    #[test]
    fn so_many_at_once_and_then_so_many_a_second() {
        let seconds = Arc::new(AtomicI64::new(1_800_000_000));
        let told = Arc::clone(&seconds);
        let pace = Pace::new(Clock::new(move || {
            Timestamp::from_second(told.load(Ordering::Relaxed)).expect("a time")
        }));
        let alice = Uid::parse("01arz3ndektsv4rrffq69g5fav").expect("a uid");
        let bob = Uid::parse("01arz3ndektsv4rrffq69g5faw").expect("a uid");
        let admitted = || (0..9_000).take_while(|_| pace.admit(&alice).is_ok()).count();
        assert_eq!(admitted(), REQUESTS_AT_ONCE.get() as usize);
        let wait = pace.admit(&alice).expect_err("too fast");
        assert!(wait.as_millis() <= 10, "{wait:?}");
        assert_eq!(pace.admit(&bob), Ok(()), "who else asks is not slowed down");
        seconds.fetch_add(3, Ordering::Relaxed);
        assert_eq!(admitted(), 3 * REQUESTS_A_SECOND.get() as usize);
        seconds.fetch_add(-60, Ordering::Relaxed);
        assert!(pace.admit(&alice).is_err(), "a clock that is set back gives nothing");
    }
}
