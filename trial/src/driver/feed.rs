//! The feed of a store: compared with the model's, and what tells which operation a change is.
//!
//! Clients share one feed, so the numbers of changes depend on how the clients took turns. The time
//! of a change is that of its operation, so each number can be told as the operation's.

use std::collections::BTreeMap;

use wh_objects::{Event, ObjectMeta, VersionId};

use super::facts::{Facts, shown};
use super::perform::Hand;
use crate::model::op::{self, AUTHOR};
use crate::model::state::Change;

/// Events are read in pages of so many.
const PAGE_EVENTS: usize = 7;

/// The operations, by the numbers of the changes that they made.
#[derive(Debug, Default)]
pub(super) struct Numbers(BTreeMap<u64, u64>);

impl Numbers {
    /// The operation that made a change; of a change that the feed does not tell, a number that no
    /// operation has.
    pub(super) fn operation(&self, sequence: u64) -> u64 {
        self.0.get(&sequence).copied().unwrap_or(u64::MAX - sequence)
    }

    /// A version, by the operation that wrote it.
    pub(super) fn version(&self, version: VersionId) -> VersionId {
        match version {
            VersionId::Null | VersionId::Foreign(_) => VersionId::Null,
            VersionId::Numbered(sequence) => VersionId::Numbered(self.operation(sequence)),
        }
    }

    /// What is told of an object, with operations for numbers.
    pub(super) fn meta(&self, meta: ObjectMeta) -> ObjectMeta {
        let version = meta.version.map(|version| self.version(version));
        let sequence = self.operation(meta.sequence);
        ObjectMeta { version, sequence, encryption: None, ..meta }
    }
}

/// What the feed must tell of an operation.
pub(super) fn of_model(n: u64, change: &Change) -> String {
    let (kind, version, time) = (change.kind.as_str(), change.id.shown(), op::time(n));
    format!("{kind} {} {} {version} by {AUTHOR} at {time}", change.at.bucket, change.at.key)
}

/// Reads the feed, and tells its events as facts.
pub(super) async fn read(hand: &Hand<'_>, facts: &mut Facts) -> Numbers {
    let mut numbers = Numbers::default();
    let mut after = 0;
    loop {
        let events = match hand.store.events(after, PAGE_EVENTS).await {
            Ok(events) => events,
            Err(error) => {
                facts.insert("events".to_owned(), shown(&error));
                return numbers;
            }
        };
        if events.is_empty() {
            break;
        }
        for event in events {
            if event.sequence != after + 1 {
                let gap = format!("{} follows on {after}", event.sequence);
                facts.insert(format!("events {after}"), gap);
            }
            after = event.sequence;
            let since = event.at.as_millisecond() - op::time(0).as_millisecond();
            numbers.0.insert(after, u64::try_from(since).unwrap_or(u64::MAX));
            tell(&event, &numbers, facts);
        }
    }
    let newest = *hand.store.newest_event().borrow();
    if newest != after {
        facts.insert("newest event".to_owned(), format!("{newest}, and the feed ends at {after}"));
    }
    numbers
}

fn tell(event: &Event, numbers: &Numbers, facts: &mut Facts) {
    let Event { sequence, kind, at, by, bucket, key, version, content: _ } = event;
    let (n, version) = (numbers.operation(*sequence), numbers.version(*version));
    let name = format!("event {bucket} {n}");
    let text = format!("{} {bucket} {key} {version} by {by} at {at}", kind.as_str());
    if let Some(twice) = facts.insert(name.clone(), text) {
        facts.insert(format!("{name}, a second time"), twice);
    }
}
