//! The shortest text that some patterns match and others do not, or the proof that there is none.
//!
//! The patterns run side by side, and the deterministic automaton of them all is made as far as the
//! search goes, best first: by what is read plus what every required language still asks for. That
//! bound never overestimates, so the first text found is a shortest one. From each state only the
//! characters that some live place names are tried, and one that none of them names.

mod form;
mod machine;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

pub(super) use form::Form;
use machine::{Machine, Reasons, State};

use super::pattern::Pattern;

/// What to look for.
#[derive(Debug)]
pub(super) struct Wanted<'q> {
    pub(super) form: Form,
    /// Of each of these languages, which is a union of patterns, some pattern matches.
    pub(super) required: Vec<&'q [Pattern]>,
    /// Of these languages no pattern matches.
    pub(super) forbidden: Vec<&'q [Pattern]>,
}

/// What became of the search.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A shortest text.
    Text(String),
    /// There is none; the places in the lists of the languages that suffice to show it.
    Nothing { required: Vec<usize>, forbidden: Vec<usize> },
    /// The states ran out.
    Exhausted,
}

/// Looks for a shortest text, making at most `states` states, which it takes off.
pub(super) fn shortest(wanted: &Wanted<'_>, states: &mut usize) -> Found {
    let machine = Machine::new(wanted);
    let mut blame = Blame::new(wanted.required.len(), wanted.forbidden.len());
    let mut search =
        Search { machine, nodes: Vec::new(), best: HashMap::new(), open: BinaryHeap::new() };
    search.begin(&mut blame);
    while let Some(at) = search.next() {
        if search.accepts(at, &mut blame) {
            return Found::Text(search.text(at));
        }
        if !search.expand(at, &mut blame, states) {
            return Found::Exhausted;
        }
    }
    Found::Nothing { required: places(&blame.required), forbidden: places(&blame.forbidden) }
}

/// Which languages were the reason that a text is none, so far.
#[derive(Debug)]
struct Blame {
    required: Vec<bool>,
    forbidden: Vec<bool>,
}

fn places(flags: &[bool]) -> Vec<usize> {
    flags.iter().enumerate().filter(|(_, on)| **on).map(|(at, _)| at).collect()
}

impl Blame {
    fn new(required: usize, forbidden: usize) -> Self {
        Self { required: vec![false; required], forbidden: vec![false; forbidden] }
    }

    /// Notes one of the reasons: one that is noted already, where there is such a one. Says whether
    /// there was any reason.
    fn note(&mut self, (required, forbidden): &Reasons) -> bool {
        let known = required.iter().any(|at| self.required.get(*at) == Some(&true))
            || forbidden.iter().any(|at| self.forbidden.get(*at) == Some(&true));
        let flag = match (required.first(), forbidden.first()) {
            (None, None) => return false,
            (Some(_), _) | (_, Some(_)) if known => return true,
            (Some(at), _) => self.required.get_mut(*at),
            (None, Some(at)) => self.forbidden.get_mut(*at),
        };
        if let Some(flag) = flag {
            *flag = true;
        }
        true
    }
}

/// One state that was reached, and how.
#[derive(Debug)]
struct Node {
    state: State,
    from: Option<(usize, char)>,
    read: usize,
}

/// The least estimate first; among equals the longest text, and then the one met first.
type Rank = (Reverse<usize>, usize, Reverse<usize>);

#[derive(Debug)]
struct Search<'q> {
    machine: Machine<'q>,
    nodes: Vec<Node>,
    best: HashMap<State, usize>,
    open: BinaryHeap<Rank>,
}

impl Search<'_> {
    fn begin(&mut self, blame: &mut Blame) {
        let state = self.machine.start();
        if !blame.note(&self.machine.hopeless(&state)) {
            self.push(Node { state, from: None, read: 0 });
        }
    }

    fn push(&mut self, node: Node) {
        let estimate = node.read + self.machine.missing(&node.state);
        self.best.insert(node.state.clone(), node.read);
        self.open.push((Reverse(estimate), node.read, Reverse(self.nodes.len())));
        self.nodes.push(node);
    }

    /// The most promising state that no shorter text has come to.
    fn next(&mut self) -> Option<usize> {
        loop {
            let (_, read, Reverse(at)) = self.open.pop()?;
            let state = &self.nodes.get(at)?.state;
            if self.best.get(state).is_none_or(|best| *best == read) {
                return Some(at);
            }
        }
    }

    fn accepts(&self, at: usize, blame: &mut Blame) -> bool {
        let Some(node) = self.nodes.get(at) else { return false };
        if self.machine.form.missing(node.state.form) > 0 {
            return false;
        }
        !blame.note(&self.machine.refused(&node.state))
    }

    /// Makes the states that follow; false when there are no more to be had.
    fn expand(&mut self, at: usize, blame: &mut Blame, states: &mut usize) -> bool {
        let Some(node) = self.nodes.get(at) else { return true };
        let read = node.read + 1;
        let steps = self.machine.symbols(&node.state).into_iter();
        let steps = steps.filter_map(|c| Some((c, self.machine.step(&node.state, c)?)));
        for (c, state) in steps.collect::<Vec<_>>() {
            if blame.note(&self.machine.hopeless(&state)) {
                continue;
            }
            if self.best.get(&state).is_some_and(|best| *best <= read) {
                continue;
            }
            let Some(fewer) = states.checked_sub(1) else { return false };
            *states = fewer;
            self.push(Node { state, from: Some((at, c)), read });
        }
        true
    }

    fn text(&self, at: usize) -> String {
        let mut reversed = Vec::new();
        let mut node = self.nodes.get(at);
        while let Some((before, c)) = node.and_then(|node| node.from) {
            reversed.push(c);
            node = self.nodes.get(before);
        }
        reversed.into_iter().rev().collect()
    }
}
