//! Who is to be told of which changes in a bucket, as it is kept with the bucket.
//!
//! Source: Amazon S3 API Reference, `PutBucketNotificationConfiguration`; S3 User Guide, "Event
//! notification types and destinations", "Configuring event notifications using object key name
//! filtering".

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{Event, EventKind};

/// The most rules that a bucket may have.
const RULES_MAX: usize = 100;

/// The longest id, in characters.
const ID_CHARS_MAX: usize = 255;

/// The longest prefix or suffix, in bytes: that of a key.
const FILTER_BYTES_MAX: usize = 1_024;

/// One rule: which changes of which keys are told where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotificationRule {
    /// What the rule is called.
    pub id: String,
    /// The name of the webhook.
    pub webhook: String,
    /// The events, as S3 writes them: `s3:ObjectCreated:Put`, `s3:ObjectRemoved:*`.
    pub events: Vec<String>,
    /// What keys begin with; empty for all.
    pub prefix: String,
    /// What keys end with; empty for all.
    pub suffix: String,
    /// The rule is about changes after this one.
    pub since: u64,
}

/// The rules of a bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notifications {
    /// The rules, in the order in which they were put.
    pub rules: Vec<NotificationRule>,
}

/// Why rules are none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotificationError {
    /// The text cannot be read.
    #[error("the notification configuration cannot be read")]
    Syntax,
    /// More rules than a bucket may have.
    #[error("a bucket may have {RULES_MAX} notification configurations")]
    TooMany,
    /// The id is too long or taken.
    #[error("the Id `{0}` is used twice or longer than {ID_CHARS_MAX} characters")]
    Id(String),
    /// No event of S3, or none at all.
    #[error("the event '{0}' is not supported for notifications")]
    Event(String),
    /// An event of S3 that never happens here.
    #[error("the event '{0}' never happens in this store")]
    NeverHappens(String),
    /// A filter that is too long.
    #[error("a prefix or suffix of the filter is longer than {FILTER_BYTES_MAX} bytes")]
    Filter,
    /// Two rules want the same event of the same key.
    #[error(
        "Configurations overlap. Configurations on the same bucket cannot share a common event \
         type: `{0}` and `{1}`"
    )]
    Overlap(String, String),
}

/// The events of S3 that a rule may name and that nothing here ever causes.
const NEVER: [&str; 8] = [
    "s3:ObjectCreated:Post",
    "s3:ReducedRedundancyLostObject",
    "s3:ObjectRestore:",
    "s3:Replication:",
    "s3:LifecycleTransition",
    "s3:IntelligentTiering",
    "s3:ObjectAcl:Put",
    "s3:ObjectRestore",
];

/// The kinds of changes that an event's name stands for.
fn kinds(name: &str) -> Result<BTreeSet<EventKind>, NotificationError> {
    let told = EventKind::ALL.into_iter().filter(|kind| kind.as_str().starts_with("s3:"));
    // A family is `s3:ObjectCreated`; S3 has no name for all events.
    let family = name.strip_suffix(":*").filter(|family| family.contains(':'));
    let kinds: BTreeSet<EventKind> = match family {
        Some(family) => told
            .filter(|kind| {
                let rest = kind.as_str().strip_prefix(family);
                rest.is_some_and(|rest| rest.starts_with(':'))
            })
            .collect(),
        None => told.filter(|kind| kind.as_str() == name).collect(),
    };
    match (kinds.is_empty(), NEVER.iter().any(|never| name.starts_with(never))) {
        (false, _) => Ok(kinds),
        (true, true) => Err(NotificationError::NeverHappens(name.to_owned())),
        (true, false) => Err(NotificationError::Event(name.to_owned())),
    }
}

impl NotificationRule {
    fn kinds(&self) -> Result<BTreeSet<EventKind>, NotificationError> {
        let mut all = BTreeSet::new();
        for name in &self.events {
            all.extend(kinds(name)?);
        }
        if all.is_empty() { Err(NotificationError::Event(String::new())) } else { Ok(all) }
    }

    /// Whether two rules may be about one key.
    fn meets(&self, other: &Self) -> bool {
        let (a, b) = (self, other);
        (a.prefix.starts_with(&b.prefix) || b.prefix.starts_with(&a.prefix))
            && (a.suffix.ends_with(&b.suffix) || b.suffix.ends_with(&a.suffix))
    }

    /// Whether the rule is about this change.
    pub fn covers(&self, event: &Event) -> bool {
        event.sequence > self.since
            && event.key.as_str().starts_with(&self.prefix)
            && event.key.as_str().ends_with(&self.suffix)
            && self.kinds().is_ok_and(|kinds| kinds.contains(&event.kind))
    }

    /// Whether it says the same, since whenever.
    fn says_as(&self, other: &Self) -> bool {
        Self { since: 0, ..self.clone() } == Self { since: 0, ..other.clone() }
    }
}

impl Notifications {
    /// The rules, if they are ones that S3 takes and that are honoured here.
    pub fn checked(self) -> Result<Self, NotificationError> {
        if self.rules.len() > RULES_MAX {
            return Err(NotificationError::TooMany);
        }
        let mut ids = BTreeSet::new();
        let mut seen: Vec<(&NotificationRule, BTreeSet<EventKind>)> = Vec::new();
        for rule in &self.rules {
            if rule.id.chars().count() > ID_CHARS_MAX || !ids.insert(&rule.id) {
                return Err(NotificationError::Id(rule.id.clone()));
            }
            if rule.prefix.len() > FILTER_BYTES_MAX || rule.suffix.len() > FILTER_BYTES_MAX {
                return Err(NotificationError::Filter);
            }
            let kinds = rule.kinds()?;
            let clash =
                seen.iter().find(|(other, theirs)| rule.meets(other) && !kinds.is_disjoint(theirs));
            if let Some((other, _)) = clash {
                return Err(NotificationError::Overlap(other.id.clone(), rule.id.clone()));
            }
            seen.push((rule, kinds));
        }
        Ok(self)
    }

    /// The rules as they begin to hold after change number `newest`. One that said the same before
    /// goes on where it was, so that nothing which waits to be told is lost.
    pub fn beginning_after(mut self, newest: u64, before: &Self) -> Self {
        for rule in &mut self.rules {
            let known = before.rules.iter().find(|known| known.says_as(rule));
            rule.since = known.map_or(newest, |known| known.since);
        }
        self
    }

    /// Reads what [`Notifications::to_json`] wrote.
    pub fn parse(text: &str) -> Result<Self, NotificationError> {
        serde_json::from_str(text).map_err(|_| NotificationError::Syntax)
    }

    /// The text that is kept with the bucket.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;
    use wh_names::{BucketName, ObjectKey};

    use super::{NotificationError, NotificationRule, Notifications};
    use crate::{Event, EventKind, VersionId};

    fn rule(id: &str, events: &[&str], prefix: &str, suffix: &str) -> NotificationRule {
        NotificationRule {
            id: id.to_owned(),
            webhook: "hook".to_owned(),
            events: events.iter().map(|event| (*event).to_owned()).collect(),
            prefix: prefix.to_owned(),
            suffix: suffix.to_owned(),
            since: 0,
        }
    }

    fn checked(rules: &[NotificationRule]) -> Result<Notifications, NotificationError> {
        Notifications { rules: rules.to_vec() }.checked()
    }

    #[test]
    fn rules_are_taken_as_s3_takes_them() {
        let created = ["s3:ObjectCreated:*"];
        assert!(checked(&[]).is_ok());
        assert!(
            checked(&[rule("a", &created, "in/", ""), rule("b", &created, "out/", "")]).is_ok()
        );
        assert!(
            checked(&[rule("a", &created, "", ".jpg"), rule("b", &created, "", ".png")]).is_ok()
        );
        let removed = ["s3:ObjectRemoved:Delete"];
        assert!(checked(&[rule("a", &created, "", ""), rule("b", &removed, "", "")]).is_ok());
        let overlap =
            [rule("a", &created, "in/", ""), rule("b", &["s3:ObjectCreated:Put"], "", "x")];
        let clash = NotificationError::Overlap("a".to_owned(), "b".to_owned());
        assert_eq!(checked(&overlap), Err(clash));
        let twice = [rule("a", &created, "", ""), rule("a", &removed, "", "")];
        assert_eq!(checked(&twice), Err(NotificationError::Id("a".to_owned())));
        for (event, never) in [
            ("s3:ObjectCreated:Post", true),
            ("s3:ObjectRestore:*", true),
            ("s3:ObjectAcl:Put", true),
            ("s3:*", false),
            ("s3:ObjectCreated", false),
            ("wellhouse:ObjectLock:Put", false),
            ("", false),
        ] {
            let told = checked(&[rule("a", &[event], "", "")]).expect_err(event);
            assert_eq!(matches!(told, NotificationError::NeverHappens(_)), never, "{event}");
        }
        assert!(checked(&[rule("a", &[], "", "")]).is_err());
    }

    #[test]
    fn a_rule_covers_its_events_of_its_keys_from_its_beginning() {
        let event = |sequence, kind, key: &str| Event {
            sequence,
            kind,
            at: Timestamp::UNIX_EPOCH,
            by: Arc::from("somebody"),
            bucket: BucketName::parse("bucket").expect("a bucket"),
            key: ObjectKey::parse(key).expect("a key"),
            version: VersionId::Null,
            content: None,
        };
        let created = NotificationRule {
            since: 5,
            ..rule("a", &["s3:ObjectCreated:*", "s3:ObjectRemoved:Delete"], "in/", ".jpg")
        };
        for (sequence, kind, key, covers) in [
            (6, EventKind::Put, "in/a.jpg", true),
            (5, EventKind::Put, "in/a.jpg", false),
            (6, EventKind::Copy, "in/b/a.jpg", true),
            (6, EventKind::Delete, "in/a.jpg", true),
            (6, EventKind::DeleteMarkerCreated, "in/a.jpg", false),
            (6, EventKind::LockChanged, "in/a.jpg", false),
            (6, EventKind::Put, "in/a.png", false),
            (6, EventKind::Put, "out/a.jpg", false),
        ] {
            assert_eq!(created.covers(&event(sequence, kind, key)), covers, "{sequence} {key}");
        }
    }

    #[test]
    fn a_rule_that_stays_goes_on_where_it_was() {
        let put = ["s3:ObjectCreated:Put"];
        let before = Notifications { rules: vec![rule("a", &put, "", "")] };
        let before = before.beginning_after(7, &Notifications::default());
        let rules = vec![rule("a", &put, "", ""), rule("b", &["s3:ObjectTagging:*"], "", "")];
        let after = Notifications { rules }.beginning_after(9, &before);
        let since: Vec<u64> = after.rules.iter().map(|rule| rule.since).collect();
        assert_eq!(since, [7, 9]);
        assert_eq!(Notifications::parse(&after.to_json()), Ok(after));
    }
}
