//! What only ours is asked: explanations, the cost of building a request, one long document.

use std::hint::black_box;

use anyhow::Result;

use crate::engines::{Engine, Ours};
use crate::measure::{Effort, Percentiles, percentiles, rates};
use crate::scenario::{Conditions, Setting, asks, rules};

/// One thing measured of our engine alone.
#[derive(Debug)]
pub struct Own {
    /// What it is.
    pub name: String,
    /// Mean time of one call in nanoseconds.
    pub mean: f64,
    /// Single calls.
    pub percentiles: Percentiles,
}

/// Measures them all.
pub fn measure(effort: Effort) -> Result<Vec<Own>> {
    let mut found = Vec::new();
    for conditions in [Conditions::Dropped, Conditions::Kept] {
        let setting = Setting { statements: 20, conditions };
        let asks = asks(setting);
        let ours = Ours::new(&rules(setting), &asks)?;
        found.push(one("decision", setting, effort, &|ask| {
            black_box(ours.decide(ask));
        }));
        found.push(one(EXPLAINED, setting, effort, &|ask| ours.explain(ask)));
        let build = |ask| {
            black_box(ours.build_and_decide(ask));
        };
        found.push(one("building the request and decision", setting, effort, &build));
    }
    let setting = Setting { statements: 2_000, conditions: Conditions::Kept };
    let asks = asks(setting);
    let ours = Ours::in_one_document(&rules(setting), &asks)?;
    let name = "decision, all in one document";
    found.push(one(name, setting, effort, &|ask| {
        black_box(ours.decide(ask));
    }));
    found.push(one("decision and explanation, all in one document", setting, effort, &|ask| {
        ours.explain(ask);
    }));
    found.extend(by_request(effort)?);
    Ok(found)
}

/// Each request by itself: where the time goes.
fn by_request(effort: Effort) -> Result<Vec<Own>> {
    let setting = Setting::central();
    let asks = asks(setting);
    let ours = Ours::new(&rules(setting), &asks)?;
    let effort = Effort { rounds: effort.rounds.min(3), ..effort };
    let mut found = Vec::new();
    for (index, ask) in asks.iter().enumerate() {
        let name = format!("{} on {} ({:?})", ask.action, ask.arn(), ask.expected);
        let explained = format!("{name}, {EXPLAINED}");
        found.push(one(&name, setting, effort, &|_| {
            black_box(ours.decide(index));
        }));
        found.push(one(&explained, setting, effort, &|_| ours.explain(index)));
    }
    Ok(found)
}

/// The name of the measurement of explanations.
pub const EXPLAINED: &str = "decision and explanation";

/// The number of requests in a round.
const CYCLE: usize = 10;

fn one(name: &str, setting: Setting, effort: Effort, work: &dyn Fn(usize)) -> Own {
    let rate = rates(CYCLE, effort, &[work]).first().copied().unwrap_or(f64::NAN);
    Own {
        name: format!("{name}: {}", setting.name()),
        mean: 1e9 / rate,
        percentiles: percentiles(CYCLE, effort, work),
    }
}
