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

/// An operation, and an address.
type Key = (String, Option<String>);

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
    /// Counts one who was turned away; what is to be written down comes back.
    pub(crate) fn count(&self, record: AuditRecord) -> Vec<AuditRecord> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut told = Vec::new();
        all.retain(|_, counted| {
            let goes_on = record.at.duration_since(counted.first.at) < WINDOW;
            told.extend((!goes_on).then(|| counted.summary(record.at)).flatten());
            goes_on
        });
        let mut key = (record.operation.clone(), record.source_ip.clone());
        if all.len() >= ADDRESSES_MAX && !all.contains_key(&key) {
            key.1 = None;
        }
        if let Some(counted) = all.get_mut(&key) {
            counted.more = counted.more.saturating_add(1);
        } else {
            told.push(record.clone());
            all.insert(key, Counted { first: record, more: 0 });
        }
        told
    }
}

impl Counted {
    /// A line about the others of a window that is over.
    fn summary(&self, at: Timestamp) -> Option<AuditRecord> {
        let (more, since) = (self.more, self.first.at);
        let detail = Some(format!("throttled: {more} more since {since}"));
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

    #[test]
    fn so_many_addresses_are_counted_by_themselves_and_the_others_as_one() {
        let all = TurnedAway::default();
        let asked = (0..20_000).map(|n| all.count(refusal(0, &format!("2001:db8::{n:x}"))).len());
        assert_eq!(asked.sum::<usize>(), ADDRESSES_MAX + 1);
    }
}
