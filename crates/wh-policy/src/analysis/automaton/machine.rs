//! Patterns side by side: which of their places are live after what was read.

use std::collections::BTreeSet;

use super::Wanted;
use super::form::{Form, in_action};
use crate::analysis::pattern::{Pattern, Piece};

/// A place in one of the patterns.
#[derive(Debug)]
struct Place<'q> {
    /// None behind the last piece.
    piece: Option<&'q Piece>,
    /// How many characters the pattern still asks for at least.
    left: usize,
    /// Places of the same pattern from here on, up to this one, add nothing once this one is live:
    /// whoever waits before a run and comes to it later could as well wait in it.
    covers_from: usize,
    /// A run behind which nothing stands.
    accepts_all: bool,
}

/// All patterns, and for each language the places where its patterns begin.
#[derive(Debug)]
pub(super) struct Machine<'q> {
    pub(super) form: Form,
    places: Vec<Place<'q>>,
    required: Vec<Vec<usize>>,
    forbidden: Vec<Vec<usize>>,
}

/// The live places of a language, sorted.
type Live = Vec<usize>;

/// The live places of all languages.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct State {
    pub(super) form: u8,
    required: Vec<Live>,
    /// By number; those that are dead are left out.
    forbidden: Vec<(usize, Live)>,
}

/// Languages that are the reason for something: required ones and forbidden ones.
pub(super) type Reasons = (Vec<usize>, Vec<usize>);

impl<'q> Machine<'q> {
    pub(super) fn new(wanted: &Wanted<'q>) -> Self {
        let mut places = Vec::new();
        let required = wanted.required.iter().map(|l| add_language(&mut places, l)).collect();
        let forbidden = wanted.forbidden.iter().map(|l| add_language(&mut places, l)).collect();
        Self { form: wanted.form, places, required, forbidden }
    }

    pub(super) fn start(&self) -> State {
        let settled = |starts: &Live| self.settled(starts.clone());
        State {
            form: Form::START,
            required: self.required.iter().map(settled).collect(),
            forbidden: self.forbidden.iter().map(settled).enumerate().collect(),
        }
    }

    /// Passes by runs, and leaves out places that add nothing.
    fn settled(&self, mut live: Live) -> Live {
        let mut at = 0;
        while let Some(place) = live.get(at).copied() {
            if self.places.get(place).and_then(|p| p.piece).is_some_and(Piece::is_run) {
                live.push(place + 1);
            }
            at += 1;
        }
        live.sort_unstable();
        live.dedup();
        if let Some(all) = live.iter().find(|at| self.accepts_all(**at)) {
            return vec![*all];
        }
        let mut kept: Live = Vec::with_capacity(live.len());
        for place in live {
            let from = self.places.get(place).map_or(place, |p| p.covers_from);
            while kept.last().is_some_and(|before| *before >= from) {
                kept.pop();
            }
            kept.push(place);
        }
        kept
    }

    fn accepts_all(&self, at: usize) -> bool {
        self.places.get(at).is_some_and(|place| place.accepts_all)
    }

    pub(super) fn step(&self, state: &State, c: char) -> Option<State> {
        let form = self.form.step(state.form, c)?;
        let required = state.required.iter().map(|live| self.step_language(live, c)).collect();
        let forbidden = state.forbidden.iter();
        let forbidden = forbidden.map(|(number, live)| (*number, self.step_language(live, c)));
        let forbidden = forbidden.filter(|(_, live)| !live.is_empty()).collect();
        Some(State { form, required, forbidden })
    }

    fn step_language(&self, live: &[usize], c: char) -> Live {
        let next = live.iter().filter_map(|at| {
            let piece = self.places.get(*at)?.piece.filter(|piece| piece.takes(c))?;
            Some(if piece.is_run() { *at } else { *at + 1 })
        });
        self.settled(next.collect())
    }

    /// The characters to try from a state: one that no live place names, and those that are named.
    pub(super) fn symbols(&self, state: &State) -> Vec<char> {
        let mut named = BTreeSet::new();
        if self.form == Form::Action {
            named.insert(':');
        }
        let forbidden = state.forbidden.iter().map(|(_, live)| live);
        for at in state.required.iter().chain(forbidden).flatten() {
            match self.places.get(*at).and_then(|place| place.piece) {
                Some(Piece::Char(c)) => {
                    named.insert(*c);
                }
                Some(Piece::OneOf(all)) => named.extend(all.iter().copied()),
                Some(Piece::FieldOne | Piece::FieldRun) => {
                    named.insert(':');
                }
                Some(Piece::One | Piece::Run) | None => {}
            }
        }
        let plain = ('a'..='z').chain('0'..='9').chain(['-']).chain('A'..='Z');
        let mut rest = plain.chain('\u{a1}'..=char::MAX);
        let other =
            rest.find(|c| !named.contains(c) && (self.form != Form::Action || in_action(*c)));
        let mut named: Vec<char> = named.into_iter().collect();
        named.sort_by_key(char::is_ascii_uppercase);
        other.into_iter().chain(named).collect()
    }

    /// Why no text that comes to this state can be one: languages that are required and dead, and
    /// forbidden ones that match whatever follows.
    pub(super) fn hopeless(&self, state: &State) -> Reasons {
        let all = |live: &Live| live.first().is_some_and(|at| self.accepts_all(*at));
        numbers(state, Vec::is_empty, all)
    }

    /// Why the text that ends in this state is none.
    pub(super) fn refused(&self, state: &State) -> Reasons {
        let ends = |at: &usize| {
            self.places.get(*at).is_some_and(|place| place.accepts_all || place.piece.is_none())
        };
        numbers(state, |live| !live.iter().any(ends), |live| live.iter().any(ends))
    }

    /// How many characters are missing at least.
    pub(super) fn missing(&self, state: &State) -> usize {
        let of_place = |at: &usize| self.places.get(*at).map_or(0, |place| place.left);
        let of_language = |live: &Live| live.iter().map(of_place).min().unwrap_or(0);
        let most = state.required.iter().map(of_language).max().unwrap_or(0);
        most.max(self.form.missing(state.form))
    }
}

/// The required languages and the forbidden ones of which something is so.
fn numbers(
    state: &State,
    required: impl Fn(&Live) -> bool,
    forbidden: impl Fn(&Live) -> bool,
) -> Reasons {
    let of_required = state.required.iter().enumerate().filter(|(_, live)| required(live));
    let of_forbidden = state.forbidden.iter().filter(|(_, live)| forbidden(live));
    (of_required.map(|(at, _)| at).collect(), of_forbidden.map(|(at, _)| *at).collect())
}

fn add_language<'q>(places: &mut Vec<Place<'q>>, patterns: &'q [Pattern]) -> Vec<usize> {
    let mut starts = Vec::new();
    for pattern in patterns {
        starts.push(places.len());
        add_pattern(places, pattern.pieces());
    }
    starts
}

fn add_pattern<'q>(places: &mut Vec<Place<'q>>, pieces: &'q [Piece]) {
    let start = places.len();
    let mut field_start = start;
    let mut left = pieces.iter().filter(|piece| !piece.is_run()).count();
    for (at, piece) in pieces.iter().enumerate() {
        let here = start + at;
        let covers_from = match piece {
            Piece::Run => start,
            Piece::FieldRun => field_start,
            Piece::Char(_) | Piece::OneOf(_) | Piece::One | Piece::FieldOne => here,
        };
        let accepts_all = *piece == Piece::Run && at + 1 == pieces.len();
        places.push(Place { piece: Some(piece), left, covers_from, accepts_all });
        if !piece.is_run() {
            left -= 1;
        }
        if *piece == Piece::Char(':') {
            field_start = here + 1;
        }
    }
    let here = start + pieces.len();
    places.push(Place { piece: None, left: 0, covers_from: here, accepts_all: false });
}
