//! The smaller policy that would have sufficed for what was asked.
//!
//! Only `Allow` statements change, and each only by naming fewer actions and fewer resources: conditions,
//! `Deny` statements and the version stay as they are. A statement keeps an action if it covers a request
//! that was seen with it, whatever the request's condition keys were; so it is as good as before for every
//! request that is like one of those seen.
//!
//! Invariant: the smaller policy allows no request that the old one does not, and every request among
//! those seen that the old one does. [`proof`] has both proved.

mod place;
mod shape;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use wh_names::AccountId;

pub use place::Seen;
use shape::Shape;

use super::{Access, Answer, Budget, Requests, more_permissive};
use crate::glob::matches_plain;
use crate::statement::{ActionPattern, Listed, ResourcePattern};
use crate::{Context, Effect, NamedPolicy, PolicyDocument, PolicySet, Statement, Subject, Version};

/// What becomes of the resources of a statement that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Narrowing {
    /// Those of its patterns stay, as they are written, that something was seen in.
    Patterns,
    /// The places where something was seen stand in their stead.
    Places,
}

/// Why no smaller policy can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LeastError {
    /// What a document with faults means is not certain.
    #[error("the policy is malformed: {0}")]
    Malformed(String),
}

impl LeastError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed-policy",
        }
    }
}

/// A policy made smaller, and what was left out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Smaller {
    /// The smaller policy; none where nothing is left to say.
    pub document: Option<PolicyDocument>,
    /// Whether it says less than the old one.
    pub differs: bool,
    /// The statements of the old one, and how they were used.
    pub statements: Vec<StatementUse>,
}

/// How a statement was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementUse {
    /// Its `Sid`, or `#` and its number from 1.
    pub statement: String,
    /// What it does; one that denies stays as it is, used or not.
    pub effect: Effect,
    /// The actions that were seen on its resources.
    pub used: Vec<String>,
    /// Patterns of its actions, as written, that cover nothing that was seen.
    pub unused_actions: Vec<String>,
    /// Patterns of its resources, as written, in which nothing was seen.
    pub unused_resources: Vec<String>,
}

/// What is proved of a smaller policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Whether a request that was seen is allowed by the old policy and not by the smaller one.
    pub loses: Answer,
    /// Whether any request is allowed by the smaller policy and not by the old one.
    pub gains: Answer,
}

impl Proof {
    /// Whether it is proved that nothing seen is lost and nothing is gained.
    pub fn holds(&self) -> bool {
        self.loses == Answer::No && self.gains == Answer::No
    }
}

/// The smaller policy that would have sufficed for what was seen.
pub fn smaller(
    old: &PolicyDocument,
    seen: &[Seen],
    narrowing: Narrowing,
) -> Result<Smaller, LeastError> {
    if let Some(fault) = old.faults.first() {
        return Err(LeastError::Malformed(fault.to_string()));
    }
    let seen: Vec<Seen> = seen.iter().map(|one| one.writable(old.version)).collect();
    let cutter = Cutter { seen: &seen, narrowing, version: old.version };
    let mut statements = Vec::new();
    let mut kept = Vec::new();
    for statement in &old.statements {
        let lots = cutter.lots(statement);
        statements.push(cutter.usage(statement, &lots));
        match statement.effect {
            Effect::Deny => kept.push(statement.clone()),
            Effect::Allow => kept.extend(cutter.cut(statement, &lots)),
        }
    }
    number(&mut kept);
    let document = (!kept.is_empty()).then(|| {
        let text = PolicyDocument { statements: kept, ..old.clone() }.to_json();
        PolicyDocument::read_stored(&text, old.kind)
    });
    let differs = document.as_ref().is_none_or(|document| !document.says_the_same(old));
    Ok(Smaller { document, differs, statements })
}

/// Proves of a policy that it loses nothing that was seen, and gains nothing.
pub fn proof(
    (old, new): (&NamedPolicy, Option<&NamedPolicy>),
    seen: &[Seen],
    (subject, account): (&Subject, &AccountId),
) -> Proof {
    let known = Context::new();
    let access = |identity| Access {
        policies: PolicySet { identity, ..PolicySet::default() },
        subject,
        resource_account: account,
        known: &known,
        absent: &[],
    };
    let before = access(std::slice::from_ref(old));
    let after = access(new.map(std::slice::from_ref).unwrap_or_default());
    let among = requests(seen);
    let loses = match seen {
        [] => Answer::No,
        [..] => more_permissive(&before, &after, &Requests::of(&among), Budget::default()),
    };
    let gains = more_permissive(&after, &before, &Requests::all(), Budget::default());
    Proof { loses, gains }
}

/// The requests that are like those seen, as a document: the actions of each place in one statement.
fn requests(seen: &[Seen]) -> PolicyDocument {
    let mut by_place: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for one in seen {
        let one = one.writable(Version::V2012);
        let actions = by_place.entry(one.pattern(Version::V2012)).or_default();
        actions.insert(one.action);
    }
    let statements = by_place
        .into_iter()
        .map(|(place, actions)| json!({"Effect": "Allow", "Action": actions, "Resource": place}));
    let statements: Vec<_> = statements.collect();
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    PolicyDocument::read_stored(&text, crate::PolicyKind::Identity)
}

/// The resources of an action that a statement keeps.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Lot {
    /// Those of the statement, all of them.
    Whole,
    /// These.
    These(BTreeSet<String>),
}

/// By each action that was seen with a statement, what it keeps.
type Lots = BTreeMap<String, Lot>;

struct Cutter<'s> {
    seen: &'s [Seen],
    narrowing: Narrowing,
    version: Version,
}

impl Cutter<'_> {
    fn lots(&self, statement: &Statement) -> Lots {
        let mut lots = Lots::new();
        let Some(listed) = &statement.resources else { return lots };
        let shapes: Vec<Shape<'_>> = listed.items.iter().map(Shape::of).collect();
        for one in self.seen.iter().filter(|one| covers_action(statement, &one.action)) {
            let Some(lot) = self.lot((listed.negated, &shapes), one) else { continue };
            let known = lots.entry(one.action.clone()).or_insert_with(|| lot.clone());
            known.join(lot);
        }
        lots
    }

    /// What a statement has to keep for the sake of one place; none where it does not reach it.
    fn lot(&self, (negated, shapes): (bool, &[Shape<'_>]), one: &Seen) -> Option<Lot> {
        let place = || one.pattern(self.version);
        if negated {
            let excepted = shapes.iter().any(|shape| shape.covers(one));
            let apart = shapes.iter().all(|shape| !shape.meets(one));
            let closed = shapes.iter().all(|shape| !shape.open);
            if excepted {
                return None;
            }
            return Some(match self.narrowing {
                // A statement with a variable is none where nobody has what the variable stands for.
                Narrowing::Places if apart && closed && !one.is_all() => {
                    Lot::These(BTreeSet::from([place()]))
                }
                Narrowing::Places | Narrowing::Patterns => Lot::Whole,
            });
        }
        let met = shapes.iter().filter(|shape| shape.meets(one));
        let texts: BTreeSet<String> = met
            .map(|shape| match self.narrowing {
                Narrowing::Places if shape.covers(one) && !one.is_all() => place(),
                Narrowing::Places | Narrowing::Patterns => shape.text.to_owned(),
            })
            .collect();
        (!texts.is_empty()).then_some(Lot::These(texts))
    }

    fn usage(&self, statement: &Statement, lots: &Lots) -> StatementUse {
        let unused = |item: &&ActionPattern| {
            let mut used = lots.keys();
            !used.any(|action| matches_plain(&item.pattern, &action.to_ascii_lowercase()))
        };
        let items = statement.actions.items.iter().filter(|_| !statement.actions.negated);
        let unused_actions = items.filter(unused).map(|item| item.text.clone()).collect();
        StatementUse {
            statement: statement.label(),
            effect: statement.effect,
            used: lots.keys().cloned().collect(),
            unused_actions,
            unused_resources: self.unused_resources(statement, lots),
        }
    }

    fn unused_resources(&self, statement: &Statement, lots: &Lots) -> Vec<String> {
        let listed = statement.resources.iter().filter(|listed| !listed.negated);
        let unused = listed.flat_map(|listed| &listed.items).filter(|item| {
            let shape = Shape::of(item);
            let mut mine = self.seen.iter().filter(|one| lots.contains_key(&one.action));
            !mine.any(|one| shape.meets(one))
        });
        unused.map(|item| item.text.clone()).collect()
    }

    /// The statement for fewer actions and resources: one for all actions that keep the same, or none.
    fn cut(&self, statement: &Statement, lots: &Lots) -> Vec<Statement> {
        let mut groups: BTreeMap<Lot, Vec<String>> = BTreeMap::new();
        for (action, lot) in lots {
            groups.entry(lot.clone().reduced(self.version)).or_default().push(action.clone());
        }
        let groups = groups.into_iter().map(|(lot, actions)| {
            let items = actions.into_iter().map(ActionPattern::new).collect();
            let actions = Listed { negated: false, items };
            let resources = match lot {
                Lot::Whole => statement.resources.clone(),
                Lot::These(texts) => {
                    let item = |text| ResourcePattern { text, pattern: None };
                    Some(Listed { negated: false, items: texts.into_iter().map(item).collect() })
                }
            };
            Statement { actions, resources, ..statement.clone() }
        });
        groups.collect()
    }
}

impl Lot {
    fn join(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::Whole, _) => {}
            (Self::These(_), Self::Whole) => *self = Self::Whole,
            (Self::These(mine), Self::These(more)) => mine.extend(more),
        }
    }

    /// Without what another of its patterns holds, too; of two that hold each other, one stays.
    fn reduced(self, version: Version) -> Self {
        let Self::These(texts) = self else { return self };
        let shapes = shape::read(&texts, version);
        let mut left = texts.clone();
        for (text, own) in &shapes {
            let mut others = shapes.iter().filter(|(other, _)| other != &text);
            if others.any(|(other, shape)| left.contains(*other) && shape.holds(own)) {
                left.remove(*text);
            }
        }
        Self::These(left)
    }
}

/// Numbers the statements anew, and tells apart those that bear one `Sid` since one became several.
fn number(statements: &mut [Statement]) {
    let own: BTreeSet<String> =
        statements.iter().filter_map(|statement| statement.sid.clone()).collect();
    let mut given = BTreeSet::new();
    for (at, statement) in statements.iter_mut().enumerate() {
        statement.number = at + 1;
        let Some(sid) = statement.sid.clone().filter(|sid| !sid.is_empty()) else { continue };
        if given.insert(sid.clone()) {
            continue;
        }
        let others = (2..).map(|number: usize| format!("{sid}{number}"));
        let mut free = others.filter(|name| !own.contains(name) && !given.contains(name));
        statement.sid = free.next();
        given.extend(statement.sid.clone());
    }
}

fn covers_action(statement: &Statement, action: &str) -> bool {
    let lowered = action.to_ascii_lowercase();
    let mut items = statement.actions.items.iter();
    items.any(|item| matches_plain(&item.pattern, &lowered)) != statement.actions.negated
}
