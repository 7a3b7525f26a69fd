//! How fast one person may ask: so much at once, and so much a second after that.
//!
//! What is counted is a person, whether they come by the cookie of a session or by API tokens, and from
//! wherever: who reads a house out by a script does it at this speed at most. Strangers who come by a shared
//! link are counted by link and by address, and are slower; others are counted where they sign in and
//! register.

use std::fmt;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::Clock as TimeSource;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use wh_ledger::RowId;
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

/// How many requests by one link from one address are answered at once. A folder is a request, and so is each
/// file that is fetched.
pub(crate) const LINK_REQUESTS_AT_ONCE: NonZeroU32 = some(120);

/// How many more each second after that.
const LINK_REQUESTS_A_SECOND: NonZeroU32 = some(2);

/// How many requests by one file request from one address are answered at once. A small file takes three.
const SENDER_REQUESTS_AT_ONCE: NonZeroU32 = some(600);

/// How many more each second after that.
const SENDER_REQUESTS_A_SECOND: NonZeroU32 = some(20);

/// Beyond so many, strangers who were not here for a minute are forgotten.
const REMEMBERED_MAX: usize = 10_000;

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

type Limiter<K> = RateLimiter<K, DashMapStateStore<K>, Told, NoOpMiddleware<Nanos>>;

/// Counts requests by person, or by whatever else `K` is. Cloning shares the count. It grows by some bytes
/// for each person who was here since the start, and of strangers by [`REMEMBERED_MAX`].
#[derive(Clone)]
pub(crate) struct Pace<K: Hash + Eq + Clone = Uid>(Arc<Limiter<K>>);

/// By which link a stranger comes, and from where.
pub(crate) type Stranger = (RowId, Option<IpAddr>);

impl<K: Hash + Eq + Clone> fmt::Debug for Pace<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pace")
    }
}

impl Pace {
    pub(crate) fn new(clock: Clock) -> Self {
        Self::at(clock, (REQUESTS_AT_ONCE, REQUESTS_A_SECOND))
    }

    /// Of searches alone.
    pub(crate) fn of_searches(clock: Clock) -> Self {
        Self::at(clock, (SEARCHES_AT_ONCE, SEARCHES_A_SECOND))
    }
}

impl Pace<Stranger> {
    /// The pace of those who come by shared links.
    pub(crate) fn of_strangers(clock: Clock) -> Self {
        Self::at(clock, (LINK_REQUESTS_AT_ONCE, LINK_REQUESTS_A_SECOND))
    }

    /// The pace of those who send by file requests.
    pub(crate) fn of_senders(clock: Clock) -> Self {
        Self::at(clock, (SENDER_REQUESTS_AT_ONCE, SENDER_REQUESTS_A_SECOND))
    }

    /// Lets a request by this link in, or says how long to wait. Of an IPv6 address the network counts.
    pub(crate) fn admit_by(&self, link: RowId, from: Option<IpAddr>) -> Result<(), Duration> {
        if self.0.len() >= REMEMBERED_MAX {
            self.0.retain_recent();
            self.0.shrink_to_fit();
        }
        self.admit(&(link, from.map(network)))
    }
}

impl<K: Hash + Eq + Clone> Pace<K> {
    fn at(clock: Clock, (at_once, a_second): (NonZeroU32, NonZeroU32)) -> Self {
        let quota = Quota::per_second(a_second).allow_burst(at_once);
        Self(Arc::new(RateLimiter::dashmap_with_clock(quota, Told(clock))))
    }

    /// Lets a request in, or says how long to wait.
    pub(crate) fn admit(&self, who: &K) -> Result<(), Duration> {
        let now = self.0.clock().now();
        self.0.check_key(who).map_err(|until| until.wait_time_from(now))
    }
}

/// What one household or firm has of IPv6.
fn network(ip: IpAddr) -> IpAddr {
    const HOST: u128 = u64::MAX as u128;
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !HOST).into(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use jiff::Timestamp;
    use wh_ledger::RowId;
    use wh_names::{Clock, Uid};

    use super::{LINK_REQUESTS_AT_ONCE, Pace, REQUESTS_A_SECOND, REQUESTS_AT_ONCE};

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

    #[test]
    fn strangers_are_slower_and_counted_by_link_and_by_network() {
        let pace = Pace::of_strangers(Clock::new(|| {
            Timestamp::from_second(1_800_000_000).expect("a time")
        }));
        let link = |id| RowId::parse(id).expect("an id");
        let admitted = |id, from: &str| {
            let from = Some(from.parse().expect("an address"));
            (0..999).take_while(|_| pace.admit_by(link(id), from).is_ok()).count()
        };
        let (one, two) = ("01arz3ndektsv4rrffq69g5fav", "01arz3ndektsv4rrffq69g5faw");
        let all = LINK_REQUESTS_AT_ONCE.get() as usize;
        assert_eq!(admitted(one, "192.0.2.1"), all);
        assert_eq!((admitted(one, "192.0.2.1"), admitted(one, "192.0.2.2")), (0, all));
        assert_eq!(admitted(two, "192.0.2.1"), all, "another link");
        assert_eq!(admitted(one, "2001:db8::1"), all);
        assert_eq!(admitted(one, "2001:db8::2:0:0:2"), 0, "the same network");
        assert_eq!(admitted(one, "2001:db8:0:1::1"), all);
        assert!(pace.admit_by(link(two), None).is_ok());
    }
}
