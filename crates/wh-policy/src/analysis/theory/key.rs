//! What a condition key can be: absent, one value, or a list.

use std::collections::BTreeSet;

use super::{Cost, Theory, Value, Verdict};
use crate::analysis::automaton::Form;
use crate::analysis::formula::Literal;
use crate::analysis::space::{Arity, Question};
use crate::analysis::text::{Demand, Sought, seek};

/// What is asked of a condition key.
#[derive(Debug, Default)]
struct Asked {
    absent: Option<bool>,
    listed: Option<bool>,
    /// Some value is inside, or outside, of a language.
    some: Vec<(usize, bool)>,
    /// No value is inside, or outside, of a language.
    none: Vec<(usize, bool)>,
}

impl Theory<'_, '_> {
    pub(super) fn key(&mut self, key: usize, literals: &[Literal]) -> Verdict {
        let asked = self.asked(literals);
        if asked.absent != Some(false) && asked.listed != Some(true) && asked.some.is_empty() {
            return Verdict::Can(Cost::default(), Value::Absent);
        }
        if asked.absent == Some(true) {
            return Verdict::Cannot(self.against_absence(literals));
        }
        let arity = self.space.arity(key);
        let mut core = BTreeSet::new();
        let mut unclear = None;
        let mut best: Option<(Cost, Value)> = None;
        let single = arity != Arity::List && asked.listed != Some(true);
        let several = arity != Arity::One && asked.listed != Some(false);
        for (tried, listed) in [(single, false), (several, true)] {
            if !tried {
                continue;
            }
            let found = if listed { self.list(&asked) } else { self.one(&asked) };
            match found {
                Ok((cost, value)) => {
                    best = best.filter(|(least, _)| *least <= cost).or(Some((cost, value)));
                }
                Err(Sought::Nothing(languages)) => core.extend(languages),
                Err(Sought::Unclear(because)) => unclear = Some(because),
                Err(Sought::Text(_)) => {}
            }
        }
        match (best, unclear) {
            (Some((cost, value)), _) => Verdict::Can(cost, value),
            (None, Some(because)) => Verdict::Unclear(because),
            (None, None) => Verdict::Cannot(self.against_values(literals, &core)),
        }
    }

    /// Why a key can have no values: the languages that are to blame, and one literal that wants a
    /// value, without which it could be absent.
    fn against_values(&self, literals: &[Literal], core: &BTreeSet<usize>) -> Vec<Literal> {
        let mut blamed = self.blamed(literals, core);
        let wants = |l: &&Literal| match self.space.question(l.variable) {
            Some(Question::Has { .. } | Question::Listed(_)) => l.holds,
            Some(Question::Absent(_)) => !l.holds,
            Some(Question::In(..) | Question::Unknown(_)) | None => false,
        };
        if !blamed.iter().any(|literal| wants(&literal)) {
            blamed.extend(literals.iter().find(wants));
        }
        blamed
    }

    /// Why a key cannot be absent: it is said to be, and one other literal wants a value.
    fn against_absence(&self, literals: &[Literal]) -> Vec<Literal> {
        let question = |literal: &Literal| self.space.question(literal.variable);
        let absent = literals.iter().find(|l| matches!(question(l), Some(Question::Absent(_))));
        let value = literals.iter().find(|l| match question(l) {
            Some(Question::Has { .. } | Question::Listed(_)) => l.holds,
            Some(Question::In(..) | Question::Absent(_) | Question::Unknown(_)) | None => false,
        });
        absent.into_iter().chain(value).copied().collect()
    }

    fn asked(&self, literals: &[Literal]) -> Asked {
        let mut asked = Asked::default();
        for literal in literals {
            match self.space.question(literal.variable) {
                Some(Question::Has { key: _, language, inside }) if literal.holds => {
                    asked.some.push((language, inside));
                }
                Some(Question::Has { key: _, language, inside }) => {
                    asked.none.push((language, inside));
                }
                Some(Question::Absent(_)) => asked.absent = Some(literal.holds),
                Some(Question::Listed(_)) => asked.listed = Some(literal.holds),
                Some(Question::In(..) | Question::Unknown(_)) | None => {}
            }
        }
        asked
    }

    /// A text that has all these values' properties, and none of those that no value may have.
    fn value(&mut self, wanted: &[(usize, bool)], none: &[(usize, bool)]) -> Sought {
        let space = self.space;
        let never = none.iter().map(|(number, inside)| (*number, !inside));
        let demands = wanted.iter().copied().chain(never).filter_map(|(number, inside)| {
            Some(Demand { number, language: space.language(number)?, inside })
        });
        seek(Form::Text, &demands.collect::<Vec<_>>(), &mut self.states)
    }

    fn one(&mut self, asked: &Asked) -> Result<(Cost, Value), Sought> {
        match self.value(&asked.some, &asked.none) {
            Sought::Text(text) => {
                let values = text.chars().count();
                Ok((Cost { keys: 1, values, ..Cost::default() }, Value::Text(text)))
            }
            other @ (Sought::Nothing(_) | Sought::Unclear(_)) => Err(other),
        }
    }

    /// A list: its values share out what some value must be.
    fn list(&mut self, asked: &Asked) -> Result<(Cost, Value), Sought> {
        let mut best: Option<Vec<String>> = None;
        for groups in partitions(&asked.some) {
            let mut values = Vec::new();
            for group in &groups {
                match self.value(group, &asked.none) {
                    Sought::Text(text) => values.push(text),
                    // Alone in its group, it could be nowhere.
                    other if group.len() == 1 => return Err(other),
                    Sought::Nothing(_) | Sought::Unclear(_) => break,
                }
            }
            if values.len() == groups.len() {
                values.sort_unstable();
                values.dedup();
                best = best.filter(|b| length(b) <= length(&values)).or(Some(values));
            }
        }
        let values = best.ok_or_else(|| Sought::Unclear("no list was found".to_owned()))?;
        let cost = Cost { keys: 1, values: length(&values), ..Cost::default() };
        Ok((cost, Value::Listed(values)))
    }
}

/// Characters of all values, then how many values there are.
fn length(values: &[String]) -> usize {
    values.iter().map(|value| value.chars().count()).sum()
}

/// How many properties are shared out among the values of a list in every way there is.
const SHARED_MAX: usize = 5;

/// The ways to share out properties among values; for many properties, only one value each.
fn partitions(some: &[(usize, bool)]) -> Vec<Vec<Vec<(usize, bool)>>> {
    if some.len() > SHARED_MAX {
        return vec![some.iter().map(|one| vec![*one]).collect()];
    }
    let mut out: Vec<Vec<Vec<(usize, bool)>>> = vec![Vec::new()];
    for one in some {
        let mut next = Vec::new();
        for groups in out {
            for at in 0..groups.len() {
                let mut joined = groups.clone();
                joined.get_mut(at).into_iter().for_each(|group| group.push(*one));
                next.push(joined);
            }
            let mut alone = groups;
            alone.push(vec![*one]);
            next.push(alone);
        }
        out = next;
    }
    // The way in which everything stands alone comes first: it says whether there is any.
    out.reverse();
    out
}
