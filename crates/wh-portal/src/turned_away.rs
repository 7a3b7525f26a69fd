//! How strangers who are throttled stand in the audit trail: by a line at first, and by their number.
//!
//! Invariant: whoever asks without end writes a line in [`WINDOW`] and no more, so that they push nothing
//! else out of what is kept of strangers. The log has a line of each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use wh_ledger::AuditRecord;

/// In this time one line stands for all that an address tried in one way.
const WINDOW: SignedDuration = SignedDuration::from_mins(10);

/// So many addresses are counted by themselves; all others are counted as one.
const ADDRESSES_MAX: usize = 4_096;

/// So many lines are counted at all; what is beyond that is written down each time.
const COUNTED_MAX: usize = 2 * ADDRESSES_MAX;

/// An operation, an address, and where they are told apart what was asked for and what came of it.
type Key = (String, Option<String>, Option<(String, Option<String>)>);

/// What is counted of those who were turned away. Cloning shares it.
#[derive(Debug, Clone, Default)]
pub(crate) struct TurnedAway(Arc<Mutex<HashMap<Key, Counted>>>);

#[derive(Debug)]
struct Counted {
    /// The first of this window, which was written down.
    first: AuditRecord,
    more: u64,
}

impl TurnedAway {
    /// Counts one who was turned away; what is to be written down comes back. One line stands for all that
    /// an address tried in this way.
    pub(crate) fn count(&self, record: AuditRecord) -> Vec<AuditRecord> {
        let key = (record.operation.clone(), record.source_ip.clone(), None);
        self.count_as(key, record)
    }

    /// The same where a line stands for one thing that was asked for, and one thing that came of it: what is
    /// done to one thing hides nothing that is done to another.
    pub(crate) fn count_each(&self, record: AuditRecord) -> Vec<AuditRecord> {
        let what = (record.resource.clone(), record.detail.clone());
        let key = (record.operation.clone(), record.source_ip.clone(), Some(what));
        self.count_as(key, record)
    }

    fn count_as(&self, mut key: Key, record: AuditRecord) -> Vec<AuditRecord> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut told = Vec::new();
        all.retain(|_, counted| {
            let goes_on = record.at.duration_since(counted.first.at) < WINDOW;
            told.extend((!goes_on).then(|| counted.summary(record.at)).flatten());
            goes_on
        });
        if all.len() >= ADDRESSES_MAX && !all.contains_key(&key) {
            key.1 = None;
        }
        if let Some(counted) = all.get_mut(&key) {
            counted.more = counted.more.saturating_add(1);
        } else {
            told.push(record.clone());
            if all.len() < COUNTED_MAX {
                all.insert(key, Counted { first: record, more: 0 });
            }
        }
        told
    }
}

impl Counted {
    /// A line about the others of a window that is over.
    fn summary(&self, at: Timestamp) -> Option<AuditRecord> {
        let (more, since) = (self.more, self.first.at);
        let what = self.first.detail.as_deref().unwrap_or("throttled");
        let detail = Some(format!("{what}: {more} more since {since}"));
        (more > 0).then(|| AuditRecord { at, detail, ..self.first.clone() })
    }
}

#[cfg(test)]
mod tests {
    use wh_ledger::AuditKind;

    use super::*;

    fn refusal(second: i64, ip: &str) -> AuditRecord {
        AuditRecord {
            at: Timestamp::from_second(1_800_000_000 + second).expect("a time"),
            kind: AuditKind::Refusal,
            request_id: String::new(),
            operation: "SessionSignIn".to_owned(),
            action: "portal:SessionSignIn".to_owned(),
            resource: "session".to_owned(),
            principal: "anonymous".to_owned(),
            source_identity: None,
            source_ip: Some(ip.to_owned()),
            detail: Some("throttled".to_owned()),
        }
    }

    #[test]
    fn who_asks_without_end_pushes_nothing_out_of_what_is_kept() {
        let all = TurnedAway::default();
        let asked = (0..10_000).map(|n| all.count(refusal(n / 20, "192.0.2.1")).len());
        assert_eq!(asked.sum::<usize>(), 1, "in one window of ten minutes");
        assert_eq!(all.count(refusal(1, "192.0.2.2")).len(), 1, "another address has its own");
        let told = all.count(refusal(600, "192.0.2.1"));
        let details: Vec<&str> = told.iter().filter_map(|line| line.detail.as_deref()).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(details.iter().any(|text| text.starts_with("throttled: 9999 more since 2027")));
    }

    /// Somebody who opens a link that asks for no password, or has once been wrong about another's, hides
    /// nothing of what they guess.
    #[test]
    fn what_is_done_to_one_thing_hides_nothing_that_is_done_to_another() {
        let all = TurnedAway::default();
        let tried = |resource: &str, detail: &str| {
            all.count_each(AuditRecord {
                resource: resource.to_owned(),
                detail: Some(detail.to_owned()),
                ..refusal(0, "192.0.2.1")
            })
            .len()
        };
        let (wrong, slowed) = ("link-password-wrong", "throttled");
        assert_eq!((tried("links/1", wrong), tried("links/1", wrong)), (1, 0));
        assert_eq!((tried("links/2", wrong), tried("links/2", wrong)), (1, 0), "another link");
        assert_eq!((tried("links/1", slowed), tried("links/1", slowed)), (1, 0), "another end");
        let told = all.count_each(refusal(600, "192.0.2.9"));
        let details: Vec<&str> = told.iter().filter_map(|line| line.detail.as_deref()).collect();
        assert_eq!(details.iter().filter(|text| text.starts_with(wrong)).count(), 2, "{details:?}");
    }

    #[test]
    fn so_many_addresses_are_counted_by_themselves_and_the_others_as_one() {
        let all = TurnedAway::default();
        let asked = (0..20_000).map(|n| all.count(refusal(0, &format!("2001:db8::{n:x}"))).len());
        assert_eq!(asked.sum::<usize>(), ADDRESSES_MAX + 1);
    }
}
