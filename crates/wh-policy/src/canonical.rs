//! When two documents are the same: order, scalars for lists, spelling and case put aside.

use std::collections::{BTreeMap, BTreeSet};

use crate::operator::Operator;
use crate::principal::{PrincipalElement, PrincipalId, PrincipalKind};
use crate::print::Json;
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

/// The canonical form: one text for all documents that say the same.
pub(crate) fn canonical_json(document: &PolicyDocument) -> String {
    let mut members = Vec::new();
    let text = |text: &str| Json::Text(text.to_owned());
    let version = match document.version {
        Version::V2012 => Some("2012-10-17"),
        // The same as none.
        Version::V2008 => Some("2008-10-17"),
        Version::Unknown => document.version_text.as_deref(),
    };
    members.extend(version.map(|version| ("Version".to_owned(), text(version))));
    members.extend(document.id.as_deref().map(|id| ("Id".to_owned(), text(id))));
    let statements = sorted(document).into_iter().map(Canonical::into_json).collect();
    members.push(("Statement".to_owned(), Json::List(statements)));
    crate::print::written(&Json::Object(members))
}

impl Canonical {
    fn into_json(self) -> Json {
        let set = |set: Set| Json::List(set.into_iter().map(Json::Text).collect());
        let mut members = Vec::new();
        let mut add = |name: &str, value: Json| members.push((name.to_owned(), value));
        if let Some(sid) = self.sid {
            add("Sid", Json::Text(sid));
        }
        add("Effect", Json::Text(if self.denies { "Deny" } else { "Allow" }.to_owned()));
        if let Some((negated, names)) = self.principal {
            add(if negated { "NotPrincipal" } else { "Principal" }, by_kind(names));
        }
        let (negated, actions) = self.actions;
        add(if negated { "NotAction" } else { "Action" }, set(actions));
        if let Some((negated, resources)) = self.resources {
            add(if negated { "NotResource" } else { "Resource" }, set(resources));
        }
        let mut blocks: BTreeMap<String, Vec<(String, Json)>> = BTreeMap::new();
        for (operator, key, values) in self.conditions {
            blocks.entry(operator).or_default().push((key, set(values)));
        }
        if !blocks.is_empty() {
            let blocks = blocks.into_iter().map(|(name, keys)| (name, Json::Object(keys)));
            add("Condition", Json::Object(blocks.collect()));
        }
        Json::Object(members)
    }
}

/// Names of the form `AWS 111122223333`, each under its kind.
fn by_kind(names: Set) -> Json {
    let mut kinds: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    for name in names {
        let (kind, name) = name.split_once(' ').unwrap_or(("AWS", &name));
        kinds.entry(kind.to_owned()).or_default().push(Json::Text(name.to_owned()));
    }
    Json::Object(kinds.into_iter().map(|(kind, names)| (kind, Json::List(names))).collect())
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
