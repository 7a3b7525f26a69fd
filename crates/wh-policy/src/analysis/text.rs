//! One text that is in some languages and outside of others.
//!
//! Patterns alone go to the automaton, and one kind of typed value alone to its representatives; both
//! are exact. A key that is looked at in both ways is answered as far as that proves something.

use std::collections::BTreeSet;

use super::automaton::{Form, Found, Wanted, shortest};
use super::language::{Language, Reading};
use super::pattern::Pattern;
use super::values::{representatives, spellings};
use crate::condition::Typed;

/// A language, by number, and whether the text is to be inside.
#[derive(Debug, Clone, Copy)]
pub(super) struct Demand<'l> {
    pub(super) number: usize,
    pub(super) language: &'l Language<'l>,
    pub(super) inside: bool,
}

/// What became of the search for a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sought {
    Text(String),
    /// There is none; the numbers of the languages that suffice to show it.
    Nothing(BTreeSet<usize>),
    /// It cannot be told, because of this.
    Unclear(String),
}

/// Looks for a text of a form.
pub(super) fn seek(form: Form, demands: &[Demand<'_>], states: &mut usize) -> Sought {
    let by_patterns = regular(form, demands, &[], states);
    let readings: BTreeSet<Reading> =
        demands.iter().filter_map(|demand| demand.language.reading()).collect();
    if readings.is_empty() || matches!(by_patterns, Sought::Nothing(_)) {
        return by_patterns;
    }
    let mut candidates = BTreeSet::new();
    for reading in &readings {
        let of_kind = of_reading(demands, *reading);
        match typed(*reading, &of_kind) {
            Ok(values) => candidates.extend(values),
            Err(core) => return Sought::Nothing(core),
        }
    }
    let all = |text: &String| demands.iter().all(|d| d.language.holds(text) == d.inside);
    let patterns = demands.iter().any(|d| d.language.reading().is_none());
    let mut plain: Vec<String> = candidates.iter().cloned().collect();
    plain.sort_by_key(|text| (is_none(text, demands), text.chars().count(), text.clone()));
    if let Some(text) = plain.into_iter().find(all) {
        return Sought::Text(text);
    }
    mixed(form, demands, (&readings, candidates), (by_patterns, patterns), states)
}

/// Whether a text is no value of any kind that is asked for: those come last.
fn is_none(text: &str, demands: &[Demand<'_>]) -> bool {
    let any = demands.iter().filter_map(|d| d.language.reading()).any(|reading| match reading {
        Reading::Number => crate::value::Decimal::parse(text).is_some(),
        Reading::Instant => crate::value::parse_date(text).is_some(),
        Reading::Address => crate::value::parse_address(text).is_some(),
        Reading::Bytes => crate::value::parse_bytes(text).is_some(),
    });
    !any
}

fn of_reading<'l>(demands: &[Demand<'l>], reading: Reading) -> Vec<Demand<'l>> {
    demands.iter().filter(|d| d.language.reading() == Some(reading)).copied().collect()
}

/// Values of one kind that do what is asked of this kind; the error is why there are none.
fn typed(reading: Reading, demands: &[Demand<'_>]) -> Result<Vec<String>, BTreeSet<usize>> {
    let tests: Vec<&Typed> = demands
        .iter()
        .filter_map(|demand| match demand.language {
            Language::Typed(typed) => Some(*typed),
            Language::Regular(_) => None,
        })
        .collect();
    let mut values = representatives(reading, &tests);
    values.retain(|text| demands.iter().all(|d| d.language.holds(text) == d.inside));
    if values.is_empty() {
        return Err(demands.iter().map(|demand| demand.number).collect());
    }
    Ok(values)
}

fn regular(form: Form, demands: &[Demand<'_>], more: &[Pattern], states: &mut usize) -> Sought {
    let mut numbers: [Vec<usize>; 2] = Default::default();
    let mut wanted = Wanted { form, required: Vec::new(), forbidden: Vec::new() };
    let [required_numbers, forbidden_numbers] = &mut numbers;
    for demand in demands {
        let Language::Regular(patterns) = demand.language else { continue };
        if demand.inside {
            required_numbers.push(demand.number);
            wanted.required.push(patterns);
        } else {
            forbidden_numbers.push(demand.number);
            wanted.forbidden.push(patterns);
        }
    }
    if let Some((within, of)) = covered(&wanted) {
        let within = required_numbers.get(within);
        let of = forbidden_numbers.get(of);
        return Sought::Nothing(within.into_iter().chain(of).copied().collect());
    }
    if !more.is_empty() {
        wanted.required.push(more);
    }
    match shortest(&wanted, states) {
        Found::Text(text) => Sought::Text(text),
        Found::Exhausted => Sought::Unclear(
            "the patterns need more automaton states than the budget has".to_owned(),
        ),
        Found::Nothing { required, forbidden } => {
            let required = required.iter().filter_map(|at| required_numbers.get(*at));
            let forbidden = forbidden.iter().filter_map(|at| forbidden_numbers.get(*at));
            Sought::Nothing(required.chain(forbidden).copied().collect())
        }
    }
}

/// How many pairs of patterns are held against each other before automata are made.
const PAIRS_MAX: usize = 40_000;

/// A required language that is plainly within a forbidden one.
fn covered(wanted: &Wanted<'_>) -> Option<(usize, usize)> {
    let within = |narrow: &[Pattern], wide: &[Pattern]| {
        narrow.len().saturating_mul(wide.len()) <= PAIRS_MAX
            && narrow.iter().all(|pattern| {
                wide.binary_search(pattern).is_ok() || wide.iter().any(|w| w.covers(pattern))
            })
    };
    wanted.required.iter().enumerate().find_map(|(at, narrow)| {
        let forbidden = wanted.forbidden.iter();
        Some((at, forbidden.enumerate().find(|(_, wide)| within(narrow, wide))?.0))
    })
}

/// A text that is looked at both as text and as a value of some kind, or as values of two kinds.
fn mixed(
    form: Form,
    demands: &[Demand<'_>],
    (readings, candidates): (&BTreeSet<Reading>, BTreeSet<String>),
    (by_patterns, has_patterns): (Sought, bool),
    states: &mut usize,
) -> Sought {
    if readings.len() == 1 && !has_patterns {
        // The representatives were all there is; `typed` has found one.
        return Sought::Unclear("a representative was lost".to_owned());
    }
    let mut tries: BTreeSet<String> = candidates;
    for text in tries.clone() {
        tries.extend(readings.iter().flat_map(|reading| spellings(*reading, &text)));
    }
    if let Sought::Text(text) = by_patterns {
        tries.insert(text);
    }
    // No kind of value holds a letter of another script.
    let foreign = Pattern::containing('¡');
    if let Sought::Text(text) = regular(form, demands, &[foreign], states) {
        tries.insert(text);
    }
    let finite = finite(demands);
    tries.extend(finite.iter().flatten().cloned());
    let mut tries: Vec<String> = tries.into_iter().collect();
    tries.sort_by_key(|text| (text.chars().count(), text.clone()));
    let all = |text: &String| demands.iter().all(|d| d.language.holds(text) == d.inside);
    match (tries.into_iter().find(all), finite) {
        (Some(text), _) => Sought::Text(text),
        (None, Some(_)) => Sought::Nothing(demands.iter().map(|demand| demand.number).collect()),
        (None, None) => {
            let kinds: Vec<&str> = readings.iter().map(|reading| reading.as_str()).collect();
            let text = if has_patterns { "text and as " } else { "" };
            Sought::Unclear(format!(
                "one key is compared as {text}{}, and no value that fits all was found",
                kinds.join(" and as ")
            ))
        }
    }
}

/// How many texts a list may hold to be gone through.
const FINITE_MAX: usize = 256;

/// All texts of a language that the text must be in, where it has only a few.
fn finite(demands: &[Demand<'_>]) -> Option<Vec<String>> {
    demands.iter().filter(|demand| demand.inside).find_map(|demand| match demand.language {
        Language::Regular(patterns) if patterns.len() <= FINITE_MAX => {
            let all: Option<Vec<Vec<String>>> =
                patterns.iter().map(|pattern| pattern.texts(FINITE_MAX)).collect();
            Some(all?.into_iter().flatten().collect())
        }
        Language::Regular(_) | Language::Typed(_) => None,
    })
}
