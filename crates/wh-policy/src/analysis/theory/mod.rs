//! What one component of a request can be, given what is asked of it; and what it costs.

mod key;

use std::collections::{BTreeSet, HashMap};
use std::ops::Add;

use super::automaton::Form;
use super::formula::Literal;
use super::space::{Component, Field, Question, Space};
use super::text::{Demand, Sought, seek};
use crate::tables;

/// How long a request is. The order of the fields is the order in which lengths are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Cost {
    /// Actions that no table knows.
    pub(super) unknown_actions: usize,
    /// Condition keys, beyond those that are fixed.
    pub(super) keys: usize,
    /// Characters of the ARN's region, account and last field.
    pub(super) resource: usize,
    /// Characters of the values of keys.
    pub(super) values: usize,
    /// Partitions other than `aws`, and services other than `s3`.
    pub(super) foreign: usize,
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            unknown_actions: self.unknown_actions + other.unknown_actions,
            keys: self.keys + other.keys,
            resource: self.resource + other.resource,
            values: self.values + other.values,
            foreign: self.foreign + other.foreign,
        }
    }
}

/// What a component is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    Absent,
    Listed(Vec<String>),
}

/// What can be said of a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// This is the least that it can be.
    Can(Cost, Value),
    /// It cannot be anything; these literals suffice to show it.
    Cannot(Vec<Literal>),
    Unclear(String),
}

/// Answers about components, each given once.
#[derive(Debug)]
pub(super) struct Theory<'s, 'a> {
    pub(super) space: &'s Space<'a>,
    /// Automaton states that may still be made.
    states: usize,
    /// The actions that the tables know, lower-cased.
    actions: Vec<String>,
    /// For each language that actions were asked about, which of them are in it.
    known_actions: HashMap<usize, Vec<bool>>,
    memo: HashMap<(Component, Vec<Literal>), Verdict>,
}

impl<'s, 'a> Theory<'s, 'a> {
    pub(super) fn new(space: &'s Space<'a>, states: usize) -> Self {
        let actions = tables::actions().iter().map(|row| row.name.to_ascii_lowercase()).collect();
        Self { space, states, actions, known_actions: HashMap::new(), memo: HashMap::new() }
    }

    /// What a component can be; the literals are sorted.
    pub(super) fn verdict(&mut self, component: Component, literals: &[Literal]) -> Verdict {
        let known = (component, literals.to_vec());
        if let Some(verdict) = self.memo.get(&known) {
            return verdict.clone();
        }
        let verdict = match component {
            Component::Field(field) => self.field(field, literals),
            Component::Key(key) => self.key(key, literals),
        };
        self.memo.insert(known, verdict.clone());
        verdict
    }

    fn field(&mut self, field: Field, literals: &[Literal]) -> Verdict {
        let space = self.space;
        let demands: Vec<Demand<'_>> = literals
            .iter()
            .filter_map(|literal| match space.question(literal.variable)? {
                Question::In(_, number) => {
                    let language = space.language(number)?;
                    Some(Demand { number, language, inside: literal.holds })
                }
                Question::Has { .. }
                | Question::Absent(_)
                | Question::Listed(_)
                | Question::Unknown(_) => None,
            })
            .collect();
        let usual = match field {
            Field::Action => self.known_action(&demands),
            Field::Partition => of_these(&["aws", "aws-cn", "aws-us-gov"], &demands),
            Field::Service => of_these(&["s3", "iam", "sts"], &demands),
            Field::Region | Field::Account | Field::Rest => None,
        };
        if let Some(text) = usual {
            return Verdict::Can(usual_cost(field, &text), Value::Text(text));
        }
        match seek(form(field), &demands, &mut self.states) {
            Sought::Text(text) => Verdict::Can(field_cost(field, &text), Value::Text(text)),
            Sought::Unclear(because) => Verdict::Unclear(because),
            Sought::Nothing(core) => Verdict::Cannot(self.blamed(literals, &core)),
        }
    }

    /// An action that the tables know.
    fn known_action(&mut self, demands: &[Demand<'_>]) -> Option<String> {
        let mut fit = vec![true; self.actions.len()];
        for demand in demands {
            let of_language = self.known_actions.entry(demand.number).or_insert_with(|| {
                self.actions.iter().map(|action| demand.language.holds(action)).collect()
            });
            for (fits, inside) in fit.iter_mut().zip(of_language) {
                *fits &= *inside == demand.inside;
            }
        }
        self.actions.iter().zip(fit).find(|(_, fits)| *fits).map(|(action, _)| action.clone())
    }

    /// The literals that are about one of the languages, or about none.
    fn blamed(&self, literals: &[Literal], core: &BTreeSet<usize>) -> Vec<Literal> {
        let blamed = |literal: &&Literal| match self.space.question(literal.variable) {
            Some(Question::In(_, language) | Question::Has { language, .. }) => {
                core.contains(&language)
            }
            Some(Question::Absent(_) | Question::Listed(_) | Question::Unknown(_)) | None => true,
        };
        literals.iter().filter(blamed).copied().collect()
    }
}

/// Whether a text is what is asked of a field.
pub(super) fn fits(space: &Space<'_>, literals: &[Literal], text: &str) -> bool {
    literals.iter().all(|literal| match space.question(literal.variable) {
        Some(Question::In(_, language)) => {
            space.language(language).is_some_and(|l| l.holds(text) == literal.holds)
        }
        Some(
            Question::Has { .. } | Question::Absent(_) | Question::Listed(_) | Question::Unknown(_),
        )
        | None => true,
    })
}

fn form(field: Field) -> Form {
    match field {
        Field::Action => Form::Action,
        Field::Partition | Field::Service => Form::FilledField,
        Field::Region | Field::Account => Form::Field,
        Field::Rest => Form::Filled,
    }
}

/// What a text costs that its field is taken to be where nothing speaks against it.
fn usual_cost(field: Field, text: &str) -> Cost {
    let plain = match field {
        Field::Partition => text == "aws",
        Field::Service => text == "s3",
        Field::Action | Field::Region | Field::Account | Field::Rest => true,
    };
    let foreign = usize::from(!plain);
    Cost { foreign, ..Cost::default() }
}

fn field_cost(field: Field, text: &str) -> Cost {
    match field {
        Field::Action => Cost { unknown_actions: 1, ..Cost::default() },
        Field::Partition | Field::Service => usual_cost(field, text),
        Field::Region | Field::Account | Field::Rest => {
            Cost { resource: text.chars().count(), ..Cost::default() }
        }
    }
}

/// The first of some texts that fits.
fn of_these(texts: &[&str], demands: &[Demand<'_>]) -> Option<String> {
    let fits = |text: &str| demands.iter().all(|d| d.language.holds(text) == d.inside);
    texts.iter().find(|text| fits(text)).map(|text| (*text).to_owned())
}
