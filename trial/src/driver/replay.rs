//! Which states a log allows.
//!
//! What was acknowledged happened, what was refused did not, and what was in flight or failed in a
//! way that leaves it open may have happened: from there on there are two states, until an answer
//! tells them apart. What failed in that way may also come to light only when the store is opened
//! again, as long as nothing was changed since: readers may have seen that it was not there.

use anyhow::Result;

use super::history::{History, Outcome};
use super::script::Script;
use super::verify::Violation;
use crate::model::content::Contents;
use crate::model::op::Op;
use crate::model::{Model, short};

/// So many states at most; with more, nothing could be told any more.
const STATES_MAX: usize = 4096;

/// So much was left open that no more can be told of a log: calls that failed for ever, say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Undecided {
    /// The operation from which on nothing is known.
    at: u64,
}

impl std::fmt::Display for Undecided {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "too much is unknown at operation {}", self.at)
    }
}

impl std::error::Error for Undecided {}

/// Whether something was done to the disk that excuses errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Faults {
    /// Nothing: every error of the disk is a violation.
    None,
    /// Calls failed, or the disk was full.
    Injected,
    /// The device failed. `SQLite` calls a page that cannot be read damaged.
    Device,
}

/// What a log allows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Allowed {
    /// For each client, the states that its buckets may be in.
    pub(crate) states: Vec<Vec<Model>>,
    /// What is wrong in the log itself.
    pub(crate) wrong: Vec<Violation>,
}

/// What an answer that is not `ok` tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// It was judged, and did not happen.
    Judged,
    /// The store could not do it, and it did not happen.
    Unable,
    /// It may have happened.
    Open,
    /// It is said to be damaged, where nothing is.
    Wrong,
}

fn meaning(code: &str) -> Meaning {
    match code {
        "no-space" | "read-only" | "closed" | "busy" => Meaning::Unable,
        "io" => Meaning::Open,
        "corrupt" => Meaning::Wrong,
        _ => Meaning::Judged,
    }
}

/// Follows a log from an empty store.
pub(crate) fn replay(
    script: &Script,
    history: &History,
    contents: &Contents,
    faults: Faults,
) -> Result<Allowed> {
    let mut allowed = Allowed::default();
    for client in 0..script.clients {
        let mut replay = Replay {
            contents,
            faults,
            states: vec![Model::default()],
            late: Vec::new(),
            wrong: Vec::new(),
        };
        for (n, op) in script.of_client(client) {
            let Some(outcome) = history.outcomes.get(&n) else { break };
            replay.take(n, op, outcome)?;
        }
        let Replay { mut states, late, .. } = replay;
        for state in late {
            keep(&mut states, state);
        }
        allowed.states.push(states);
        allowed.wrong.extend(replay.wrong);
    }
    Ok(allowed)
}

struct Replay<'c> {
    contents: &'c Contents,
    faults: Faults,
    states: Vec<Model>,
    /// What the store may hold once it is opened again, although it was read otherwise.
    late: Vec<Model>,
    wrong: Vec<Violation>,
}

impl Replay<'_> {
    fn take(&mut self, n: u64, op: &Op, outcome: &Outcome) -> Result<()> {
        match outcome {
            Outcome::Skipped => {}
            Outcome::InFlight => self.may_have_happened(n, op),
            Outcome::Ok(text) => return self.happened(n, op, text),
            Outcome::Err(code) => match (meaning(code), self.faults) {
                (Meaning::Judged, _) => self.was_judged(n, op, code),
                (Meaning::Unable, Faults::Injected | Faults::Device)
                | (Meaning::Wrong, Faults::Device) => {}
                (Meaning::Open, Faults::Injected | Faults::Device) => self.is_open(n, op),
                (Meaning::Wrong, Faults::None | Faults::Injected)
                | (Meaning::Unable | Meaning::Open, Faults::None) => {
                    self.violation(n, op, format!("it was answered `{code}`"));
                    self.may_have_happened(n, op);
                }
            },
        }
        anyhow::ensure!(self.states.len() <= STATES_MAX, Undecided { at: n });
        Ok(())
    }

    fn violation(&mut self, n: u64, op: &Op, what: String) {
        self.wrong.push(Violation(format!("operation {n} ({}): {what}", op.name())));
    }

    fn is_open(&mut self, n: u64, op: &Op) {
        for mut after in [self.states.clone(), self.late.clone()].concat() {
            if after.apply(n, op).is_ok() {
                keep(&mut self.late, after);
            }
        }
        self.may_have_happened(n, op);
    }

    fn may_have_happened(&mut self, n: u64, op: &Op) {
        if !op.is_change() {
            return;
        }
        for mut after in self.states.clone() {
            if after.apply(n, op).is_ok() && !self.states.contains(&after) {
                self.states.push(after);
            }
        }
    }

    fn happened(&mut self, n: u64, op: &Op, text: &str) -> Result<()> {
        if op.is_change() {
            self.late.clear();
        }
        let mut after: Vec<Model> = Vec::new();
        let mut expected = String::new();
        for mut state in std::mem::take(&mut self.states) {
            let before = state.clone();
            let answer = match state.apply(n, op) {
                Ok(answer) => answer.text(self.contents)?,
                Err(code) => format!("error `{code}`"),
            };
            if short(&answer) == text {
                keep(&mut after, state);
            } else {
                expected = answer;
                self.states.push(before);
            }
        }
        if after.is_empty() {
            self.violation(n, op, format!("it was answered `{text}`, not `{expected}`"));
            self.may_have_happened(n, op);
        } else {
            self.states = after;
        }
        Ok(())
    }

    fn was_judged(&mut self, n: u64, op: &Op, code: &str) {
        let mut expected = String::new();
        let before = self.states.clone();
        self.states.retain(|state| match state.clone().apply(n, op) {
            Ok(_) => {
                "success".clone_into(&mut expected);
                false
            }
            Err(refusal) => {
                refusal.clone_into(&mut expected);
                refusal == code
            }
        });
        if self.states.is_empty() {
            self.states = before;
            self.violation(n, op, format!("it was answered `{code}`, not `{expected}`"));
            self.may_have_happened(n, op);
        }
    }
}

fn keep(states: &mut Vec<Model>, state: Model) {
    if !states.contains(&state) {
        states.push(state);
    }
}
