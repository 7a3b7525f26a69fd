//! The search: is there an order of the calls on one key that explains all that was answered?
//!
//! A search after Wing and Gong with Lowe's memory of what was tried, in the form that goes
//! through the history once: it keeps every state that the key may be in, each with the calls
//! under way that have taken effect by then. A call takes effect only when an answer needs it, so
//! few states are kept, and the first answer that nothing explains is where the history breaks.
//!
//! Sources: Wing and Gong, "Testing and Verifying Concurrent Objects", 1993; Lowe, "Testing for
//! linearizability", 2017.

use std::collections::{BTreeMap, HashMap, HashSet};

/// How many states may be tried for one answer; a history that needs more has no verdict.
const TRIED_MAX: usize = 4_000_000;

/// How many calls may be under way at once.
const OPEN_MAX: u32 = 64;

/// What a key holds: the stamp of the write that made it, or nothing.
pub(crate) type Held = Option<u64>;

/// The content of every stamp, as far as it is known.
pub(crate) type Contents = HashMap<u64, u64>;

/// A call on one key.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// When it began, by the clock of the history.
    pub(crate) from: u64,
    /// When it was answered; or, without an answer, when it can take effect no more.
    pub(crate) until: u64,
    /// Whether it was answered, and so took effect for certain.
    pub(crate) answered: bool,
    /// What it did.
    pub(crate) act: Act,
    /// Who asked for what, for people.
    pub(crate) told: String,
}

/// What a call does or sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// Sees what the key holds.
    Sees(Held),
    /// Sees some object of this content.
    SeesContent(u64),
    /// Sees some object, of another content than this one where there is one.
    SeesOther(Option<u64>),
    /// Makes the key hold this stamp, if the condition holds.
    Writes(u64, When),
    /// Makes the key hold nothing.
    Deletes,
}

/// When a write happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// In any case.
    Always,
    /// If the key holds nothing.
    Nothing,
    /// If it holds an object.
    Something,
    /// If it holds an object of this content.
    Content(u64),
}

/// What came of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// There is such an order.
    Linearizable,
    /// There is none: nothing explains the answer of the call at this place. The key may have held
    /// one of these before it.
    Broken { at: usize, held: Vec<Held> },
    /// The search was given up at the call at this place.
    TooWide { at: usize },
}

/// A state that the key may be in, and the calls under way that made it so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Possible {
    held: Held,
    done: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Begins,
    Ends,
}

/// Searches for an order of the calls on a key that held nothing at first.
pub(crate) fn search(calls: &[Call], contents: &Contents) -> Verdict {
    let mut turns: Vec<(u64, Turn, usize)> = Vec::with_capacity(calls.len() * 2);
    for (place, call) in calls.iter().enumerate() {
        turns.push((call.from, Turn::Begins, place));
        turns.push((call.until, Turn::Ends, place));
    }
    turns.sort_unstable();
    let mut walk = Walk { contents, open: BTreeMap::new(), possible: HashSet::new() };
    walk.possible.insert(Possible { held: None, done: 0 });
    for (_, turn, place) in turns {
        let Some(call) = calls.get(place) else { continue };
        let going_on = match turn {
            Turn::Begins => walk.begin(place, call),
            Turn::Ends => walk.end(place, call),
        };
        if let Err(verdict) = going_on {
            return verdict;
        }
    }
    Verdict::Linearizable
}

struct Walk<'a> {
    contents: &'a Contents,
    /// The calls under way, by their bit.
    open: BTreeMap<u64, (usize, &'a Call)>,
    possible: HashSet<Possible>,
}

impl<'a> Walk<'a> {
    fn begin(&mut self, place: usize, call: &'a Call) -> Result<(), Verdict> {
        let free = (0..OPEN_MAX).map(|n| 1 << n).find(|bit| !self.open.contains_key(bit));
        let bit = free.ok_or(Verdict::TooWide { at: place })?;
        self.open.insert(bit, (place, call));
        if is_read(call.act) {
            self.possible = self.possible.iter().map(|one| self.settled(*one)).collect();
        }
        Ok(())
    }

    /// Keeps the states in which the call has taken effect; without an answer, also the others.
    fn end(&mut self, place: usize, call: &Call) -> Result<(), Verdict> {
        let bit = self.open.iter().find(|(_, (at, _))| *at == place).map(|(bit, _)| *bit);
        let Some(bit) = bit else { return Ok(()) };
        let mut left: HashSet<Possible> = HashSet::new();
        let mut tried = self.possible.clone();
        let mut next: Vec<Possible> = tried.iter().copied().collect();
        if !call.answered {
            left.extend(next.iter().filter(|one| one.done & bit == 0));
        }
        while let Some(one) = next.pop() {
            if one.done & bit != 0 {
                left.insert(Possible { done: one.done & !bit, ..one });
                continue;
            }
            next.extend(self.steps(one).into_iter().filter(|step| tried.insert(*step)));
            if tried.len() > TRIED_MAX {
                return Err(Verdict::TooWide { at: place });
            }
        }
        if left.is_empty() {
            let held: HashSet<Held> = tried.iter().map(|one| one.held).collect();
            let mut held: Vec<Held> = held.into_iter().collect();
            held.sort_unstable();
            return Err(Verdict::Broken { at: place, held });
        }
        self.open.remove(&bit);
        self.possible = left;
        Ok(())
    }

    /// The states that one more call under way leads to.
    fn steps(&self, one: Possible) -> Vec<Possible> {
        let waiting = self.open.iter().filter(|(bit, _)| one.done & **bit == 0);
        let writes = waiting.filter(|(_, (_, call))| !is_read(call.act));
        writes
            .filter_map(|(bit, (_, call))| {
                let held = self.after(one.held, call.act)?;
                Some(self.settled(Possible { held, done: one.done | bit }))
            })
            .collect()
    }

    /// Lets every call that only sees, and sees this, take effect now: that stands in nobody's way.
    fn settled(&self, mut one: Possible) -> Possible {
        for (bit, (_, call)) in &self.open {
            if is_read(call.act) && self.after(one.held, call.act).is_some() {
                one.done |= bit;
            }
        }
        one
    }

    /// What the key holds after a call took effect; `None` when it could not.
    fn after(&self, held: Held, act: Act) -> Option<Held> {
        // What was never seen may be of any content.
        let is = |held: Held, content: u64| {
            let known = held.map(|stamp| self.contents.get(&stamp));
            known.map(|known| known.map(|known| *known == content))
        };
        let possible = match act {
            Act::Sees(seen) => seen == held,
            Act::SeesContent(content) => is(held, content).is_some_and(|same| same != Some(false)),
            Act::SeesOther(Some(content)) => {
                is(held, content).is_some_and(|same| same != Some(true))
            }
            Act::Writes(_, When::Always) | Act::Deletes => true,
            Act::Writes(_, When::Nothing) => held.is_none(),
            Act::SeesOther(None) | Act::Writes(_, When::Something) => held.is_some(),
            Act::Writes(_, When::Content(content)) => {
                is(held, content).is_some_and(|same| same != Some(false))
            }
        };
        possible.then_some(match act {
            Act::Sees(_) | Act::SeesContent(_) | Act::SeesOther(_) => held,
            Act::Writes(stamp, _) => Some(stamp),
            Act::Deletes => None,
        })
    }
}

/// Whether a call changes nothing.
pub(crate) fn is_read(act: Act) -> bool {
    match act {
        Act::Sees(_) | Act::SeesContent(_) | Act::SeesOther(_) => true,
        Act::Writes(..) | Act::Deletes => false,
    }
}
