//! What is known of the house's own keys: their ages, and when they are due.

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use wh_authority::{GenerationDates, KeyRing, session_ends};
use wh_portal::HouseKey;

use super::{FILE, read};
use crate::audit::{Signing, SigningKeyFacts};
use crate::config::Config;

/// After so long a key is to be rotated: two years.
const AGE_ADVISED: SignedDuration = SignedDuration::from_hours(2 * 365 * 24);

/// What lies in the data folder.
#[derive(Debug)]
pub(crate) struct Found {
    /// The generations of the authority's keys, the oldest first.
    authority: Vec<GenerationDates>,
    /// The key that signs the audit log; `None` where another account's does, or none was made.
    audit: Option<SigningKeyFacts>,
}

/// Looks at the keys of the data folder, or at those of a server that has read them.
pub(crate) fn found(config: &Config, ring: Option<&KeyRing>) -> Result<Found> {
    let authority = match ring {
        Some(ring) => ring.dates(),
        None => read(&config.data)?.map(|ring| ring.dates()).unwrap_or_default(),
    };
    let audit = Signing::of(config).map(|signing| signing.facts()).transpose()?.flatten();
    Ok(Found { authority, audit })
}

/// The same as facts for those who look after them.
pub(super) fn house_keys(found: Found, now: Timestamp) -> Vec<HouseKey> {
    let Found { authority, audit } = found;
    let until = session_ends(&authority);
    let in_force = authority.iter().rposition(|one| one.from <= now);
    let of_ring = |(at, (dates, until)): (usize, (&GenerationDates, Timestamp))| {
        let seals = in_force == Some(at);
        HouseKey {
            file: FILE,
            generation: at + 1,
            fingerprint: None,
            made_at: dates.made,
            seals_from: Some(dates.from).filter(|from| *from != Timestamp::MIN),
            opens_sessions_until: Some(until).filter(|until| *until != Timestamp::MAX),
            in_force: seals,
            due_at: dates.made.filter(|_| seals).and_then(due),
        }
    };
    let mut all: Vec<_> = authority.iter().zip(until).enumerate().map(of_ring).collect();
    all.extend(audit.map(|key| HouseKey {
        file: "audit.key",
        generation: key.generation,
        fingerprint: Some(key.fingerprint),
        made_at: key.made,
        seals_from: None,
        opens_sessions_until: None,
        in_force: true,
        due_at: key.made.and_then(due),
    }));
    all
}

fn due(made: Timestamp) -> Option<Timestamp> {
    made.checked_add(AGE_ADVISED).ok()
}

/// Which files hold a key that is in force and older than advised.
pub(crate) fn overdue(found: Found, now: Timestamp) -> Vec<(&'static str, Timestamp)> {
    let all = house_keys(found, now).into_iter();
    let due = all.filter(|key| key.due_at.is_some_and(|due| due <= now));
    due.filter_map(|key| Some((key.file, key.made_at?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(day * 86_400).expect("a time")
    }

    #[test]
    fn a_key_is_due_after_two_years_of_its_own() {
        let first = GenerationDates {
            made: Some(at(10)),
            from: Timestamp::MIN,
            before_until: Timestamp::MIN,
        };
        let second = GenerationDates { made: Some(at(700)), from: at(700), before_until: at(702) };
        let found =
            |authority: &[GenerationDates]| Found { authority: authority.to_vec(), audit: None };
        assert_eq!(overdue(found(&[first]), at(739)), []);
        assert_eq!(overdue(found(&[first]), at(740)), [("authority.keys", at(10))]);
        assert_eq!(overdue(found(&[first, second]), at(740)), []);
        assert_eq!(overdue(found(&[first, second]), at(1430)), [("authority.keys", at(700))]);
        let told = house_keys(found(&[first, second]), at(701));
        let shown: Vec<_> =
            told.iter().map(|key| (key.in_force, key.opens_sessions_until)).collect();
        assert_eq!(shown, [(false, Some(at(702))), (true, None)]);
        let pending = house_keys(found(&[first, second]), at(699));
        assert!(pending[0].in_force && !pending[1].in_force, "it seals before its time");
    }
}
