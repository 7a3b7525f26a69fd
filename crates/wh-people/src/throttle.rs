//! Slowing down those who guess: per name and per address, with delays that double.
//!
//! An attempt counts before it is judged, so that many at once gain nothing; the right password
//! takes it back. Delays are bounded, and a browser that a person has signed in with has its own: a
//! stranger slows nobody down there. How many may fail at all, `known_device.rs` says.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use wh_ledger::RowId;
use wh_names::SecretDigest;

/// Failures per name before the first delay.
const NAME_FREE: u32 = 8;

/// Failures per address before the first delay: a house or an office may share one.
const ADDRESS_FREE: u32 = 40;

/// Wrong passwords of a shared link before the first delay.
const LINK_FREE: u32 = 10;

/// Links that somebody signed in has sent before the first delay.
const MAIL_FREE: u32 = 10;

/// Registrations, and senders who come to a file request and send nothing, per address before the first delay: an office
/// may begin with us on one day.
const REGISTRATION_FREE: u32 = 100;

/// Names that were taken which somebody with an invitation may try, before the invitation rests.
const INVITATION_FREE: u32 = 10;

/// The first delay; each further failure doubles it.
const DELAY_FIRST: SignedDuration = SignedDuration::from_secs(1);

/// How often a sender comes to a file request from one address beyond what is free. Nobody so takes all the places that a
/// request has before those who sent nothing are forgotten, and a school whose machines share an address only waits.
const SENDER_EVERY: SignedDuration = SignedDuration::from_secs(10);

/// The longest delay.
const DELAY_MAX: SignedDuration = SignedDuration::from_mins(15);

/// After this long without an attempt the failures are forgotten.
const MEMORY: SignedDuration = SignedDuration::from_hours(24);

/// How many names and addresses are remembered. The quietest are forgotten first.
const TALLIES_MAX: usize = 100_000;

/// What attempts are counted by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// A folded name, whether somebody has it or not.
    Name(String),
    /// An IPv4 address, or the /64 network of an IPv6 address.
    Address(IpAddr),
    /// As [`Self::Address`], for registrations, which count when they succeed too.
    Registration(IpAddr),
    /// An invitation by which somebody looks for a name that is free. It rests as long as may be.
    Invitation(SecretDigest),
    /// As [`Self::Address`], for challenges to passkeys, which cost a row each.
    Challenge(IpAddr),
    /// A browser that somebody has signed in with, in the place of a name or of a factor.
    Device(SecretDigest),
    /// As [`Self::Address`], for senders to one file request, who count when they come in, until their first file has
    /// arrived.
    Sender(RowId, IpAddr),
    /// As [`Self::Address`], for requests of those who forgot their password.
    Forgotten(IpAddr),
    /// Somebody signed in who has links sent.
    Mail(String),
    /// Somebody signed in who is asked for their password again.
    Account(String),
    /// Somebody whose second factor is asked for. A right password takes nothing of it back.
    Factor(String),
    /// A shared link whose password is tried.
    Link(SecretDigest),
}

impl Key {
    pub(crate) fn address(ip: IpAddr) -> Self {
        Self::Address(network(ip))
    }

    pub(crate) fn registration(ip: IpAddr) -> Self {
        Self::Registration(network(ip))
    }

    pub(crate) fn challenge(ip: IpAddr) -> Self {
        Self::Challenge(network(ip))
    }

    pub(crate) fn forgotten(ip: IpAddr) -> Self {
        Self::Forgotten(network(ip))
    }

    pub(crate) fn sender(request: &RowId, ip: IpAddr) -> Self {
        Self::Sender(request.clone(), network(ip))
    }

    fn free(&self) -> u32 {
        match self {
            Self::Name(_) | Self::Device(_) | Self::Account(_) | Self::Factor(_) => NAME_FREE,
            Self::Mail(_) => MAIL_FREE,
            Self::Link(_) => LINK_FREE,
            Self::Invitation(_) => INVITATION_FREE,
            Self::Address(_) | Self::Forgotten(_) => ADDRESS_FREE,
            Self::Registration(_) | Self::Challenge(_) | Self::Sender(..) => REGISTRATION_FREE,
        }
    }

    /// The first delay.
    fn delay(&self) -> SignedDuration {
        match self {
            Self::Invitation(_) => DELAY_MAX,
            Self::Sender(..) => SENDER_EVERY,
            Self::Name(_)
            | Self::Address(_)
            | Self::Registration(_)
            | Self::Challenge(_)
            | Self::Device(_)
            | Self::Forgotten(_)
            | Self::Mail(_)
            | Self::Account(_)
            | Self::Factor(_)
            | Self::Link(_) => DELAY_FIRST,
        }
    }

    /// Until when nothing is admitted after so many failures, the last of them now.
    fn closed_until(&self, failures: u32, now: Timestamp) -> Timestamp {
        let Some(beyond) = failures.checked_sub(self.free()) else { return Timestamp::MIN };
        let steady = matches!(self, Self::Sender(..));
        let factor = if steady { Some(1) } else { 2_i32.checked_pow(beyond) };
        let delay = factor
            .and_then(|factor| self.delay().checked_mul(factor))
            .map_or(DELAY_MAX, |delay| delay.min(DELAY_MAX));
        now.checked_add(delay).unwrap_or(Timestamp::MAX)
    }
}

/// The IPv4 address itself, or the /64 network of an IPv6 address: a house has as many as it likes.
pub(crate) fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(v4) => v4.into(),
        IpAddr::V6(v6) => {
            let network = u128::from(v6) & !u128::from(u64::MAX);
            std::net::Ipv6Addr::from(network).into()
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Tally {
    failures: u32,
    last: Timestamp,
    closed_until: Timestamp,
}

/// An attempt that was admitted and counted as failed until it is taken back.
#[derive(Debug)]
#[must_use = "an attempt that succeeded must be taken back"]
pub(crate) struct Attempt(Vec<Key>);

#[derive(Debug, Default)]
pub(crate) struct Throttle(Mutex<HashMap<Key, Tally>>);

impl Throttle {
    /// Admits an attempt, or says how long to wait. A refused attempt changes nothing.
    pub(crate) fn admit(&self, keys: Vec<Key>, now: Timestamp) -> Result<Attempt, Duration> {
        let mut tallies = self.lock();
        let closed = keys.iter().filter_map(|key| tallies.get(key)).map(|t| t.closed_until).max();
        if let Some(until) = closed.filter(|until| *until > now) {
            return Err(until.duration_since(now).unsigned_abs());
        }
        if tallies.len() + keys.len() > TALLIES_MAX {
            make_room(&mut tallies, now);
        }
        for key in &keys {
            let fresh = Tally { failures: 0, last: now, closed_until: Timestamp::MIN };
            let tally = tallies.entry(key.clone()).or_insert(fresh);
            if now.duration_since(tally.last) > MEMORY {
                *tally = fresh;
            }
            tally.failures = tally.failures.saturating_add(1);
            tally.last = now;
            tally.closed_until = key.closed_until(tally.failures, now);
        }
        Ok(Attempt(keys))
    }

    /// The attempt succeeded: the name is clean again, the address is rid of this attempt.
    pub(crate) fn succeeded(&self, attempt: Attempt) {
        let mut tallies = self.lock();
        for key in attempt.0 {
            match key {
                Key::Name(_)
                | Key::Device(_)
                | Key::Account(_)
                | Key::Factor(_)
                | Key::Mail(_)
                | Key::Link(_)
                | Key::Invitation(_) => {
                    tallies.remove(&key);
                }
                Key::Address(_)
                | Key::Registration(_)
                | Key::Challenge(_)
                | Key::Sender(..)
                | Key::Forgotten(_) => {
                    take_back(&mut tallies, &key);
                }
            }
        }
    }

    /// One attempt of this key turned out well, whenever it was.
    pub(crate) fn forgive(&self, key: &Key) {
        take_back(&mut self.lock(), key);
    }

    /// The attempt was never judged.
    pub(crate) fn unjudged(&self, attempt: Attempt) {
        let mut tallies = self.lock();
        for key in attempt.0 {
            take_back(&mut tallies, &key);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Tally>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn take_back(tallies: &mut HashMap<Key, Tally>, key: &Key) {
    if let Some(tally) = tallies.get_mut(key) {
        tally.failures = tally.failures.saturating_sub(1);
        tally.closed_until = key.closed_until(tally.failures, tally.last);
        // Who only had to wait must not fill the room of those who were wrong.
        if tally.failures == 0 {
            tallies.remove(key);
        }
    }
}

/// Forgets what is old; if that is not enough, the tenth that was quiet longest.
fn make_room(tallies: &mut HashMap<Key, Tally>, now: Timestamp) {
    tallies.retain(|_, tally| now.duration_since(tally.last) <= MEMORY);
    if tallies.len() < TALLIES_MAX - TALLIES_MAX / 10 {
        return;
    }
    let mut lasts: Vec<Timestamp> = tallies.values().map(|tally| tally.last).collect();
    lasts.sort_unstable();
    let cut = lasts.get(lasts.len() / 10).copied().unwrap_or(now);
    tallies.retain(|_, tally| tally.last > cut);
}
