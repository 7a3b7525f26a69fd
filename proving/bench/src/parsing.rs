//! Reading a document of twenty statements with conditions, from text to what decides.

use std::hint::black_box;

use crate::engines::{Reader, Which};
use crate::measure::{Effort, rates};
use crate::scenario::{Setting, rules};

/// How long one engine takes to read the document.
#[derive(Debug)]
pub struct Parsing {
    /// The engine.
    pub which: Which,
    /// Nanoseconds; none where it cannot read it.
    pub mean: Option<f64>,
}

/// Measures every engine.
pub fn measure(effort: Effort) -> Vec<Parsing> {
    let rules = rules(Setting::central());
    let readers = Which::ALL.map(|which| which.reader(&rules));
    let works: Vec<Box<dyn Fn(usize) + '_>> = readers.iter().map(work).collect();
    let works: Vec<&dyn Fn(usize)> = works.iter().map(|work| &**work).collect();
    let rates = rates(1, effort, &works);
    let each = Which::ALL.into_iter().zip(&readers).zip(rates);
    each.map(|((which, reader), rate)| Parsing { which, mean: reader().then_some(1e9 / rate) })
        .collect()
}

fn work(reader: &Reader) -> Box<dyn Fn(usize) + '_> {
    Box::new(|_| {
        black_box(reader());
    })
}
