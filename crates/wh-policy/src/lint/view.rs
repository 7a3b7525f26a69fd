//! A document as it is written: the elements of its statements, each with its place.
//!
//! The engine's tree forgets where things stand and what cannot be judged. Rules need the one and
//! must live with the other: what has the wrong shape is left out here, and reported by the reader.

use crate::json::Node;
use crate::operator::Operator;
use crate::principal::PrincipalKind;
use crate::tables::{self, ActionRow};
use crate::{Effect, PolicyKind, glob};

/// A document.
#[derive(Debug)]
pub(super) struct View<'t> {
    pub(super) text: &'t str,
    pub(super) kind: PolicyKind,
    pub(super) root: &'t Node,
    pub(super) version: Option<Spot>,
    /// Whether `${…}` is a variable.
    pub(super) variables: bool,
    pub(super) clauses: Vec<Clause>,
}

/// A text of the document, and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Spot {
    pub(super) at: usize,
    pub(super) path: String,
    pub(super) text: String,
}

/// A statement.
#[derive(Debug)]
pub(super) struct Clause {
    pub(super) spot: Spot,
    pub(super) effect: Effect,
    pub(super) principals: Option<Principals>,
    pub(super) actions: List,
    /// `None` where there is no such element.
    pub(super) resources: Option<List>,
    pub(super) tests: Vec<Test>,
    /// Conditions and operators that hold nothing.
    pub(super) empty: Vec<Spot>,
    /// Some conditions could not be read, and are not among the tests.
    pub(super) unread: bool,
}

/// `Action`, `NotAction`, `Resource` or `NotResource`.
#[derive(Debug)]
pub(super) struct List {
    /// The element's name.
    pub(super) spot: Spot,
    pub(super) negated: bool,
    pub(super) items: Vec<Spot>,
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug)]
pub(super) struct Principals {
    /// The element's name.
    pub(super) spot: Spot,
    pub(super) negated: bool,
    /// `"*"` alone.
    pub(super) star: bool,
    pub(super) entries: Vec<(PrincipalKind, Spot)>,
}

/// A key under an operator.
#[derive(Debug)]
pub(super) struct Test {
    /// The operator as written.
    pub(super) name: Spot,
    pub(super) operator: Operator,
    /// Whether it is the operator's only key.
    pub(super) alone: bool,
    pub(super) key: Spot,
    pub(super) values: Vec<Spot>,
}

impl Clause {
    pub(super) fn allows(&self) -> bool {
        self.effect == Effect::Allow
    }

    /// The actions that it names, without those of a `NotAction`.
    pub(super) fn named_actions(&self) -> &[Spot] {
        if self.actions.negated { &[] } else { &self.actions.items }
    }

    /// The resources that it names, without those of a `NotResource`.
    pub(super) fn named_resources(&self) -> &[Spot] {
        self.resources.as_ref().filter(|list| !list.negated).map_or(&[], |list| &list.items)
    }

    /// Whether its actions hold one, also by not excluding it.
    pub(super) fn holds_action(&self, name: &str) -> bool {
        self.actions.items.iter().any(|item| action_matches(&item.text, name))
            != self.actions.negated
    }

    /// Whether it has a test of a key that only a present value passes.
    pub(super) fn demands(&self, is_key: impl Fn(&str) -> bool) -> bool {
        self.tests.iter().any(|test| test.demands_presence() && is_key(&test.key.text))
    }

    /// Whether it names everyone as its principal.
    pub(super) fn names_everyone(&self) -> bool {
        let star =
            |(kind, spot): &(PrincipalKind, Spot)| *kind == PrincipalKind::Aws && spot.text == "*";
        let principals = self.principals.as_ref().filter(|principals| !principals.negated);
        principals.is_some_and(|p| p.star || p.entries.iter().any(star))
    }
}

impl Test {
    /// Whether it fails where the key is missing.
    pub(super) fn demands_presence(&self) -> bool {
        use crate::operator::{Family, Quantifier};
        if self.operator.family == Family::Null {
            return self.values.iter().all(|value| value.text.eq_ignore_ascii_case("false"));
        }
        let any = self.operator.quantifier == Quantifier::Any;
        let single = self.operator.quantifier == Quantifier::Single && !self.operator.negated;
        !self.operator.if_exists && (any || single)
    }
}

/// Whether a pattern for actions matches a name, as IAM matches them.
pub(super) fn action_matches(pattern: &str, name: &str) -> bool {
    let pattern = glob::compile(&pattern.to_ascii_lowercase());
    glob::matches_plain(&pattern, &name.to_ascii_lowercase())
}

/// The actions of the tables that a pattern matches.
pub(super) fn rows_of(pattern: &str) -> Vec<&'static ActionRow> {
    if !has_wildcard(pattern) {
        return tables::action(pattern).into_iter().collect();
    }
    let pattern = glob::compile(&pattern.to_ascii_lowercase());
    let names = tables::actions().iter();
    names.filter(|row| glob::matches_plain(&pattern, &row.name.to_ascii_lowercase())).collect()
}

pub(super) fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Service and name of an action that is written as one.
pub(super) fn service_and_name(action: &str) -> Option<(&str, &str)> {
    let (service, name) = action.split_once(':')?;
    let in_service = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    let in_name = |b: u8| in_service(b) || matches!(b, b'*' | b'?' | b'_');
    let fine = !service.is_empty() && !name.is_empty();
    (fine && service.bytes().all(in_service) && name.bytes().all(in_name))
        .then_some((service, name))
}

impl<'t> View<'t> {
    pub(super) fn read(text: &'t str, root: &'t Node, kind: PolicyKind) -> Self {
        let version = member(root, "Version").and_then(|(_, node)| scalar(node, "Version".into()));
        let variables = version.as_ref().is_some_and(|version| version.text == "2012-10-17");
        let statements = root.member("Statement");
        let clauses = match statements.map(|node| (node, node.items())) {
            None => Vec::new(),
            Some((node, None)) => clause(node, "Statement".to_owned()).into_iter().collect(),
            Some((_, Some(items))) => {
                let numbered = items.iter().enumerate();
                numbered.filter_map(|(at, node)| clause(node, format!("Statement[{at}]"))).collect()
            }
        };
        Self { text, kind, root, version, variables, clauses }
    }

    /// The document as a whole.
    pub(super) fn whole(&self) -> Spot {
        Spot { at: self.root.at, path: "$".to_owned(), text: String::new() }
    }
}

fn member<'n>(node: &'n Node, name: &str) -> Option<(usize, &'n Node)> {
    node.members()?.iter().find(|(_, key, _)| key == name).map(|(at, _, node)| (*at, node))
}

fn scalar(node: &Node, path: String) -> Option<Spot> {
    Some(Spot { at: node.at, path, text: node.scalar()? })
}

/// The scalars of a list, or the one that stands for a list.
fn scalars(node: &Node, path: &str) -> Vec<Spot> {
    match node.items() {
        None => scalar(node, path.to_owned()).into_iter().collect(),
        Some(items) => {
            let numbered = items.iter().enumerate();
            numbered.filter_map(|(at, item)| scalar(item, format!("{path}[{at}]"))).collect()
        }
    }
}

fn clause(node: &Node, path: String) -> Option<Clause> {
    let effect = match node.member("Effect").and_then(Node::as_str) {
        Some("Allow") => Effect::Allow,
        Some("Deny") => Effect::Deny,
        Some(_) | None => return None,
    };
    let actions = list(node, &path, ["Action", "NotAction"])?;
    let resources = list(node, &path, ["Resource", "NotResource"]);
    let principals = principals(node, &path);
    let (tests, empty, unread) = tests(node, &path);
    let spot = Spot { at: node.at, path, text: String::new() };
    Some(Clause { spot, effect, principals, actions, resources, tests, empty, unread })
}

fn list(node: &Node, path: &str, names: [&str; 2]) -> Option<List> {
    let found = names.into_iter().find_map(|name| Some((name, member(node, name)?)));
    let (name, (at, value)) = found?;
    let path = format!("{path}.{name}");
    let items = scalars(value, &path);
    let spot = Spot { at, path, text: name.to_owned() };
    Some(List { spot, negated: name.starts_with("Not"), items })
}

fn principals(node: &Node, path: &str) -> Option<Principals> {
    let names = ["Principal", "NotPrincipal"];
    let found = names.into_iter().find_map(|name| Some((name, member(node, name)?)));
    let (name, (at, value)) = found?;
    let path = format!("{path}.{name}");
    let mut entries = Vec::new();
    for (_, key, value) in value.members().unwrap_or_default() {
        let Some(kind) = PrincipalKind::parse(key) else { continue };
        let spots = scalars(value, &format!("{path}.{key}"));
        entries.extend(spots.into_iter().map(|spot| (kind, spot)));
    }
    let star = value.as_str() == Some("*");
    let spot = Spot { at, path, text: name.to_owned() };
    Some(Principals { spot, negated: name.starts_with("Not"), star, entries })
}

/// The tests of a statement, what holds none, and whether some could not be read.
fn tests(node: &Node, path: &str) -> (Vec<Test>, Vec<Spot>, bool) {
    let (mut tests, mut empty) = (Vec::new(), Vec::new());
    let Some((at, node)) = member(node, "Condition") else { return (tests, empty, false) };
    let mut unread = node.members().is_none();
    let path = format!("{path}.Condition");
    let hollow = |node: &Node| node.members().is_some_and(<[_]>::is_empty);
    if hollow(node) {
        empty.push(Spot { at, path: path.clone(), text: "Condition".to_owned() });
    }
    for (at, name, block) in node.members().unwrap_or_default() {
        let name = Spot { at: *at, path: format!("{path}.{name}"), text: name.clone() };
        if hollow(block) {
            empty.push(name.clone());
        }
        let operator = Operator::parse(&name.text).map(|(operator, _)| operator);
        let (Some(operator), Some(keys)) = (operator, block.members()) else {
            unread = true;
            continue;
        };
        for (at, key, values) in keys {
            let key = Spot { at: *at, path: format!("{}.{key}", name.path), text: key.clone() };
            let values = scalars(values, &key.path);
            let (alone, name) = (keys.len() == 1, name.clone());
            tests.push(Test { name, operator, alone, key, values });
        }
    }
    (tests, empty, unread)
}
