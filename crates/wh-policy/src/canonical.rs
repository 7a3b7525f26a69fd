//! When two documents are the same: order, scalars for lists, spelling and case put aside.

use std::collections::BTreeSet;

use crate::operator::Operator;
use crate::principal::{PrincipalElement, PrincipalId, PrincipalKind};
use crate::{Effect, PolicyDocument, Statement, Version};

type Set = BTreeSet<String>;

/// A statement without what does not matter.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Canonical {
    sid: Option<String>,
    denies: bool,
    principal: Option<(bool, Set)>,
    actions: (bool, Set),
    resources: Option<(bool, Set)>,
    conditions: BTreeSet<(String, String, Set)>,
}

/// Whether two documents say the same, statement by statement. A document that is malformed is the
/// same as none.
pub(crate) fn equivalent(one: &PolicyDocument, other: &PolicyDocument) -> bool {
    let unknown = |d: &PolicyDocument| d.unreadable || d.version == Version::Unknown;
    if unknown(one) || unknown(other) {
        return false;
    }
    one.version == other.version && one.id == other.id && sorted(one) == sorted(other)
}

fn sorted(document: &PolicyDocument) -> Vec<Canonical> {
    let mut statements: Vec<Canonical> = document.statements.iter().map(canonical).collect();
    statements.sort();
    statements
}

fn canonical(statement: &Statement) -> Canonical {
    let (actions, all_but) = statement.actions();
    let actions = (all_but, actions.iter().map(|a| a.to_ascii_lowercase()).collect());
    let resources = statement.resources.as_ref().map(|listed| {
        (listed.negated, listed.items.iter().map(|item| item.text.clone()).collect())
    });
    let conditions = statement.conditions.iter().flat_map(|condition| {
        let name = Operator::parse(&condition.name).map(|(_, name)| name);
        let name = name.unwrap_or_else(|| condition.name.clone());
        condition.tests.iter().map(move |t| {
            (name.clone(), t.name.as_str().to_owned(), t.values.iter().cloned().collect())
        })
    });
    Canonical {
        sid: statement.sid.clone().filter(|sid| !sid.is_empty()),
        denies: statement.effect == Effect::Deny,
        principal: statement.principal.as_ref().map(principals),
        actions,
        resources,
        conditions: conditions.collect(),
    }
}

fn principals(element: &PrincipalElement) -> (bool, Set) {
    let star = element.star.then(|| "AWS *".to_owned());
    let entries = element.entries.iter().map(|entry| match (&entry.id, entry.kind) {
        (PrincipalId::Account(account), PrincipalKind::Aws) => format!("AWS {account}"),
        (_, kind) => format!("{} {}", kind.as_str(), entry.text),
    });
    (element.negated, star.into_iter().chain(entries).collect())
}
