//! What somebody gains: what is allowed by one of their new ways of asking, and was by none of the old.
//!
//! A way is a role at a place: the policies of a role session that a grant narrows. Whoever has several
//! gains only what none of them allowed. What is lost is the same, asked the other way round.
//!
//! Invariant: every action that the tables know and that acts on buckets or objects is either shown with
//! a request that the engine decided so, or proved to be decided as before, or named as not known.

mod alike;

use std::collections::BTreeSet;

pub use alike::tells_apart;
use serde_json::json;
use wh_names::{BucketName, Partition};

use crate::analysis::{Access, Answer, Budget, Requests, Witness, beyond_all};
use crate::rails::acting_on;
use crate::tables::{self, AccessLevel};
use crate::{PolicyDocument, PolicyKind};

/// A way of asking, and the bucket whose policy it is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Way<'a> {
    /// The bucket; what is asked of others is not looked at.
    pub bucket: &'a BucketName,
    /// The policies.
    pub access: Access<'a>,
}

/// An action that one set of ways allows and the other does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// By which of the ways, from 0.
    pub way: usize,
    /// The action, as the tables write it where they know it.
    pub action: String,
    /// Its class; `None`: the tables do not know the action.
    pub level: Option<AccessLevel>,
    /// A request that shows it.
    pub witness: Witness,
}

/// All that one set of ways allows and the other does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beyond {
    /// What is allowed beyond.
    pub differences: Vec<Difference>,
    /// Of what that could not be told, with the reason.
    pub unknown: Vec<String>,
}

impl Beyond {
    /// Whether it is proved that there is nothing.
    pub fn is_nothing(&self) -> bool {
        self.differences.is_empty() && self.unknown.is_empty()
    }
}

/// What `ways` allow and none of `others` does. Where `goes_on` says no, it ends at once, and what came of it
/// until then says nothing.
pub fn beyond(
    ways: &[Way<'_>],
    others: &[Way<'_>],
    (partition, goes_on): (&Partition, &dyn Fn() -> bool),
) -> Beyond {
    let mut found = Beyond::default();
    for (number, way) in ways.iter().enumerate() {
        let same = others.iter().filter(|other| other.bucket == way.bucket);
        let old: Vec<Access<'_>> = same.map(|other| other.access).collect();
        let search = Search { way: (number, way), old: &old, partition, goes_on };
        for kind in [Kind::Objects, Kind::Bucket, Kind::Unknown] {
            search.of(kind, &mut found);
        }
    }
    found
}

/// Which actions, and what they act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Those of objects, on the bucket's objects.
    Objects,
    /// Those of buckets, on the bucket.
    Bucket,
    /// Those that the tables do not know, on both.
    Unknown,
}

struct Search<'s, 'a> {
    way: (usize, &'s Way<'a>),
    old: &'s [Access<'a>],
    partition: &'s Partition,
    goes_on: &'s dyn Fn() -> bool,
}

impl Search<'_, '_> {
    fn of(&self, kind: Kind, found: &mut Beyond) {
        let mut left: BTreeSet<&'static str> = match kind {
            Kind::Objects => acting_on("object").into_iter().collect(),
            Kind::Bucket => acting_on("bucket").into_iter().collect(),
            Kind::Unknown => BTreeSet::new(),
        };
        while self.found_one(kind, &mut left, found) {}
    }

    /// Looks for one more action, and whether there may be others.
    fn found_one(&self, kind: Kind, left: &mut BTreeSet<&'static str>, found: &mut Beyond) -> bool {
        let witness = match self.ask(&self.requests(kind, left)) {
            Answer::No => return false,
            Answer::Yes(witness) => *witness,
            Answer::Unknown(because) => {
                self.unclear((kind, left), &because, found);
                return false;
            }
        };
        let row = tables::action(witness.action.as_str());
        found.differences.push(self.difference((row, witness)));
        row.is_some_and(|row| left.remove(row.name) && !left.is_empty())
    }

    fn unclear(
        &self,
        (kind, left): (Kind, &BTreeSet<&'static str>),
        because: &str,
        found: &mut Beyond,
    ) {
        if left.len() > 1 {
            return self.each(kind, left, found);
        }
        let what = left.first().copied().unwrap_or("other actions");
        found.unknown.push(format!("{what}: {because}"));
    }

    /// Where nothing can be told of many actions at once, something can of each.
    fn each(&self, kind: Kind, left: &BTreeSet<&'static str>, found: &mut Beyond) {
        for name in left {
            match self.ask(&self.requests(kind, &BTreeSet::from([*name]))) {
                Answer::No => {}
                Answer::Yes(witness) => {
                    let difference = self.difference((tables::action(name), *witness));
                    found.differences.push(difference);
                }
                Answer::Unknown(because) => found.unknown.push(format!("{name}: {because}")),
            }
        }
    }

    fn difference(
        &self,
        (row, witness): (Option<&'static tables::ActionRow>, Witness),
    ) -> Difference {
        let (way, _) = self.way;
        let action = row.map_or(witness.action.as_str(), |row| row.name).to_owned();
        Difference { way, action, level: row.map(|row| row.access), witness }
    }

    fn ask(&self, requests: &PolicyDocument) -> Answer {
        if !(self.goes_on)() {
            return Answer::Unknown("because there was no time left".to_owned());
        }
        let (_, way) = self.way;
        beyond_all(&way.access, self.old, &Requests::of(requests), Budget::default())
    }

    fn requests(&self, kind: Kind, actions: &BTreeSet<&'static str>) -> PolicyDocument {
        let (_, way) = self.way;
        let bucket = format!("arn:{}:s3:::{}", self.partition, way.bucket);
        let objects = format!("{bucket}/*");
        let statement = match kind {
            Kind::Objects => json!({"Effect": "Allow", "Action": actions, "Resource": objects}),
            Kind::Bucket => json!({"Effect": "Allow", "Action": actions, "Resource": bucket}),
            Kind::Unknown => {
                let known: Vec<&str> = tables::actions().iter().map(|row| row.name).collect();
                json!({"Effect": "Allow", "NotAction": known, "Resource": [bucket, objects]})
            }
        };
        // Larger than any policy, for it is none.
        let text = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        PolicyDocument::read_stored(&text, PolicyKind::Identity)
    }
}
