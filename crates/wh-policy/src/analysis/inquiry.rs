//! One question, from the policies to the answer.

use super::clauses::Clauses;
use super::compile::{Compiler, allowed, among};
use super::formula::Formula;
use super::side::Side;
use super::solver::{Model, Outcome as Step, Solver};
use super::space::{Question, Space};
use super::theory::Theory;
use super::witness::{Found, Witness};
use super::{Access, Answer, Budget, Requests};
use crate::{NamedPolicy, Outcome, PolicyDocument, PolicyError, PolicyFault, PolicySet};

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal {
    /// Something is allowed.
    Allowed,
    /// Something is allowed that was not before.
    NewlyAllowed,
}

/// A question about the requests of a principal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inquiry<'q, 'a> {
    pub(super) access: &'q Access<'a>,
    /// What is compared with: all of these ways at once, where something is asked to be new.
    pub(super) before: &'q [Access<'a>],
    pub(super) among: &'q Requests<'a>,
    pub(super) goal: Goal,
}

/// Variables whose values are tried, and the values.
type Settled = Vec<(String, Option<String>)>;

/// How many ways to settle variables are tried.
const SETTLINGS_MAX: usize = 24;

/// How many steps go into finding a shorter request once there is one.
const SHORTENING_STEPS: usize = 5_000;

/// Neither empty nor likely to be the value of anything.
const FRESH: &str = "x";

/// Why an answer is not trusted.
const DISAGREE: &str = "because the engine decides otherwise about the request that was found; \
                        this is a fault of the analysis";

/// The documents of a set of policies.
pub(super) fn documents<'a>(policies: &PolicySet<'a>) -> impl Iterator<Item = &'a PolicyDocument> {
    let levels = [policies.scps, policies.rcps].into_iter().flatten().flatten().flatten();
    let named: Vec<&'a NamedPolicy> = policies
        .identity
        .iter()
        .chain(policies.resource)
        .chain(policies.boundary)
        .chain(policies.session.unwrap_or_default())
        .chain(levels)
        .collect();
    named.into_iter().map(|policy| &*policy.document)
}

/// The formula of a question, and what it speaks of.
struct Posed<'a> {
    space: Space<'a>,
    side: Side,
    before: Vec<Side>,
    formula: Formula,
}

impl<'a> Inquiry<'_, 'a> {
    pub(super) fn answer(&self, budget: Budget) -> Answer {
        // A set may be larger than any policy.
        let doubtful =
            |fault: &&PolicyError| !matches!(fault.fault(), PolicyFault::TooLarge { .. });
        let mut faults = self.among.0.iter().flat_map(|document| &document.faults);
        if let Some(fault) = faults.find(doubtful) {
            return Answer::Unknown(format!("because the set of requests is malformed: {fault}"));
        }
        let posed = self.posed(&Settled::new());
        let first = self.search(&posed, budget);
        if posed.space.open_variables.is_empty() || !matches!(first, Answer::Unknown(_)) {
            return first;
        }
        // What a variable stands for may matter. With a value for it, the answer is exact, and a
        // request that is found is found; only the proof that there is none needs all values.
        let share = Budget { states: budget.states / 8, steps: budget.steps / 8 };
        let settlings = settlings(&posed.space);
        let answers = settlings.iter().map(|settled| self.search(&self.posed(settled), share));
        let found = answers.into_iter().find(|answer| matches!(answer, Answer::Yes(_)));
        match found {
            Some(Answer::Yes(witness)) => {
                Answer::Yes(Box::new(Witness { shortest: false, ..*witness }))
            }
            Some(Answer::No | Answer::Unknown(_)) | None => first,
        }
    }

    fn posed(&self, settled: &Settled) -> Posed<'a> {
        let sets = self.before.iter().chain([self.access]);
        let documents = sets.flat_map(|access| documents(&access.policies)).chain(self.among.0);
        let mut space = Space::new(documents);
        let mut side = Side::new(self.access, self.before);
        let others = || self.before.iter().chain([self.access]);
        let mut before: Vec<Side> =
            self.before.iter().map(|before| Side::new(before, others())).collect();
        for (key, value) in settled {
            side.settle(key, value.as_deref());
            for before in &mut before {
                before.settle(key, value.as_deref());
            }
        }
        let mut compiler = Compiler { space: &mut space, side: &side };
        let within = among(&mut compiler, self.among.0);
        let mut formula = within.and(allowed(&mut compiler, self.access, None));
        for (access, side) in self.before.iter().zip(&before) {
            let mut compiler = Compiler { space: &mut space, side };
            formula = formula.and(!allowed(&mut compiler, access, None));
        }
        Posed { space, side, before, formula }
    }

    fn search(&self, posed: &Posed<'a>, budget: Budget) -> Answer {
        let clauses = Clauses::of(posed.formula.clone(), posed.space.size());
        let theory = Theory::new(&posed.space, budget.states);
        let mut solver = Solver::new(clauses, theory, budget.steps);
        let mut best: Option<Witness> = None;
        let mut unclear: Option<String> = None;
        loop {
            match solver.next() {
                Step::Nothing => break,
                Step::Exhausted => {
                    unclear.get_or_insert("the search needs more steps than the budget has".into());
                    break;
                }
                Step::Model(model) => match self.witness(posed, &model) {
                    Some(witness) => {
                        best = Some(witness);
                        solver.look_below(model.cost);
                        solver.steps = solver.steps.min(SHORTENING_STEPS);
                    }
                    None if model.assumed.is_empty() => return Answer::Unknown(DISAGREE.into()),
                    None => {
                        unclear.get_or_insert(because(&posed.space, &model));
                        solver.exclude(&model.assumed);
                    }
                },
            }
        }
        let unclear = solver.unclear.take().or(unclear);
        match (best, unclear) {
            (Some(witness), unclear) => {
                Answer::Yes(Box::new(Witness { shortest: unclear.is_none(), ..witness }))
            }
            (None, Some(because)) => Answer::Unknown(format!("because {because}")),
            (None, None) => Answer::No,
        }
    }

    /// The request of a model, if the engine agrees that it shows what is asked for.
    fn witness(&self, posed: &Posed<'_>, model: &Model) -> Option<Witness> {
        let found = Found::of(&posed.space, model)?;
        let (outcome, context) = found.replay(self.access, &posed.side);
        let ways = self.before.iter().zip(&posed.before);
        let earlier: Vec<Outcome> =
            ways.map(|(access, side)| found.replay(access, side).0).collect();
        let before = earlier.first().copied();
        let shows = match self.goal {
            Goal::Allowed => outcome == Outcome::Allow,
            Goal::NewlyAllowed => outcome == Outcome::Allow && !earlier.contains(&Outcome::Allow),
        };
        let shows = shows && found.is_among(*self.among, self.access, &posed.side);
        let Found { action, resource, free: _ } = found;
        shows.then_some(Witness { action, resource, context, outcome, before, shortest: false })
    }
}

/// Ways to settle the variables whose values are not known: absent, some value, and the values
/// that the same key is compared with.
fn settlings(space: &Space<'_>) -> Vec<Settled> {
    let mut out = vec![Settled::new()];
    for key in &space.open_variables {
        let mut values = vec![None, Some(FRESH.to_owned())];
        values.extend(space.words_of(key).into_iter().map(Some));
        let with = |settled: &Settled, value: &Option<String>| {
            let mut settled = settled.clone();
            settled.push((key.clone(), value.clone()));
            settled
        };
        let more = values.iter().flat_map(|value| out.iter().map(move |s| with(s, value)));
        out = more.take(SETTLINGS_MAX).collect();
    }
    out
}

/// What a request that was not confirmed depends on.
fn because(space: &Space<'_>, model: &Model) -> String {
    let unknown = model.assumed.iter().find_map(|literal| match space.question(literal.variable) {
        Some(Question::Unknown(number)) => Some(space.because(number).to_owned()),
        Some(
            Question::In(..) | Question::Has { .. } | Question::Absent(_) | Question::Listed(_),
        )
        | None => None,
    });
    unknown.unwrap_or_default()
}

/// Whether a formula can hold at all, without a request to show for it.
pub(super) fn satisfiable(space: &Space<'_>, formula: Formula, budget: Budget) -> super::Possible {
    let clauses = Clauses::of(formula, space.size());
    let mut solver = Solver::new(clauses, Theory::new(space, budget.states), budget.steps);
    let mut open = None;
    loop {
        match solver.next() {
            Step::Model(model) if model.assumed.is_empty() => return super::Possible::Yes,
            Step::Model(model) => {
                open.get_or_insert(because(space, &model));
                solver.exclude(&model.assumed);
            }
            Step::Exhausted => {
                open.get_or_insert("the search needs more steps than the budget has".into());
                break;
            }
            Step::Nothing => break,
        }
    }
    match solver.unclear.take().or(open) {
        Some(because) => super::Possible::Unknown(format!("because {because}")),
        None => super::Possible::No,
    }
}
