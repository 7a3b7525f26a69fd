//! When each of a crowd that is turned away is told to come again: one after the other, as fast as they are
//! served. Told the same moment, all come again at once, and are turned away again.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Nobody is told to come sooner.
const SOONEST: Duration = Duration::from_secs(2);
/// Nor later: it may go faster, and who made the crowd need not come again.
const LATEST: Duration = Duration::from_secs(30);
/// How long one takes before anybody was served.
const EACH_AT_FIRST: Duration = Duration::from_millis(50);
/// Who takes longer waits for something else than their turn.
const EACH_MAX: Duration = Duration::from_secs(1);
/// Each who is served changes what is thought of all by this part.
const WEIGHT: u32 = 8;

/// The turns that were given.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<Given>);

#[derive(Debug, Default)]
struct Given {
    /// The last turn that was given.
    last: Option<Instant>,
    /// How long one takes, of those that come one after the other.
    each: Option<Duration>,
}

impl Turns {
    /// One was served in this time, while `beside` were served at once.
    pub(crate) fn served(&self, took: Duration, beside: u32) {
        let one = (took / beside.max(1)).min(EACH_MAX);
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let each = given.each.map_or(one, |each| (each * (WEIGHT - 1) + one) / WEIGHT);
        given.each = Some(each);
    }

    /// After how long whoever is turned away now is to come again.
    pub(crate) fn next(&self, now: Instant) -> Duration {
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let each = given.each.unwrap_or(EACH_AT_FIRST);
        let soonest = now + SOONEST;
        let turn = given.last.map_or(soonest, |last| (last + each).max(soonest));
        let turn = turn.min(now + LATEST);
        given.last = Some(turn);
        turn.duration_since(now)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Turns;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_crowd_is_told_to_come_one_after_the_other_as_fast_as_it_is_served() {
        let (turns, now) = (Turns::default(), Instant::now());
        for _ in 0..100 {
            turns.served(80 * MS, 2);
        }
        let told: Vec<Duration> = (0..100).map(|_| turns.next(now)).collect();
        assert_eq!(told[0], 2_000 * MS);
        assert_eq!(told[1], 2_040 * MS);
        assert_eq!(told[99], (2_000 + 99 * 40) * MS);
    }

    #[test]
    fn nobody_is_told_to_come_in_more_than_half_a_minute_and_the_queue_ends() {
        let (turns, now) = (Turns::default(), Instant::now());
        let last = (0..10_000).map(|_| turns.next(now)).last();
        assert_eq!(last, Some(30_000 * MS));
        assert_eq!(turns.next(now + 10_000 * MS), 20_050 * MS, "those before come first");
        assert_eq!(turns.next(now + 60_000 * MS), 2_000 * MS, "all of them had their turn");
    }

    #[test]
    fn one_who_waits_for_something_else_does_not_hold_up_all() {
        let (turns, now) = (Turns::default(), Instant::now());
        turns.served(40 * MS, 1);
        turns.served(3_600_000 * MS, 1);
        turns.next(now);
        let second = turns.next(now);
        assert!(second < 2_200 * MS, "{second:?}");
    }
}
