//! Formulas as clauses, one of whose literals must hold.
//!
//! A part of an alternative that is itself several things gets a variable of its own, which stands
//! for "this alternative is taken" (Plaisted and Greenbaum, 1986: one direction is enough).

use std::collections::HashMap;

use super::formula::{Formula, Literal};

/// Clauses, and how many variables they speak of. Those from `questions` on stand for alternatives.
#[derive(Debug)]
pub(super) struct Clauses {
    pub(super) all: Vec<Vec<Literal>>,
    pub(super) questions: usize,
    pub(super) variables: usize,
    shared: HashMap<Vec<Literal>, Literal>,
}

impl Clauses {
    /// The clauses of a formula over so many questions.
    pub(super) fn of(formula: Formula, questions: usize) -> Self {
        let mut clauses =
            Self { all: Vec::new(), questions, variables: questions, shared: HashMap::new() };
        clauses.hold(formula, None);
        clauses
    }

    /// The formula holds, if `when` does.
    fn hold(&mut self, formula: Formula, when: Option<Literal>) {
        let mut clause: Vec<Literal> = when.map(|when| !when).into_iter().collect();
        match formula {
            Formula::True => return,
            Formula::False => {}
            Formula::Literal(literal) => clause.push(literal),
            Formula::All(parts) => {
                for part in parts {
                    self.hold(part, when);
                }
                return;
            }
            Formula::Any(parts) => {
                for part in parts {
                    clause.extend(self.alternative(part));
                }
            }
        }
        clause.sort_unstable();
        clause.dedup();
        self.all.push(clause);
    }

    fn alternative(&mut self, part: Formula) -> Vec<Literal> {
        match part {
            Formula::Literal(literal) => vec![literal],
            Formula::Any(parts) => {
                parts.into_iter().flat_map(|part| self.alternative(part)).collect()
            }
            Formula::True | Formula::False | Formula::All(_) => vec![self.named(part)],
        }
    }

    fn named(&mut self, part: Formula) -> Literal {
        let plain = literals(&part);
        if let Some(known) = plain.as_ref().and_then(|plain| self.shared.get(plain)) {
            return *known;
        }
        let name = Literal { variable: self.variables, holds: true };
        self.variables += 1;
        self.hold(part, Some(name));
        if let Some(plain) = plain {
            self.shared.insert(plain, name);
        }
        name
    }
}

/// The literals of a conjunction of nothing else.
fn literals(formula: &Formula) -> Option<Vec<Literal>> {
    let Formula::All(parts) = formula else { return None };
    let mut out = parts
        .iter()
        .map(|part| match part {
            Formula::Literal(literal) => Some(*literal),
            Formula::True | Formula::False | Formula::All(_) | Formula::Any(_) => None,
        })
        .collect::<Option<Vec<_>>>()?;
    out.sort_unstable();
    Some(out)
}
