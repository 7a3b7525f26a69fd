//! Decisions a second, engine beside engine.

use std::hint::black_box;

use anyhow::{Result, bail};

use crate::engines::{Engine, Which};
use crate::measure::{Effort, Percentiles, percentiles, rates};
use crate::scenario::{Ask, Setting, asks, rules};

/// One setting, all engines.
#[derive(Debug)]
pub struct Row {
    /// How many statements, with or without conditions.
    pub setting: Setting,
    /// The engines that decide as expected.
    pub figures: Vec<Figure>,
    /// Those that do not, and where.
    pub left_out: Vec<LeftOut>,
}

/// What one engine reached.
#[derive(Debug)]
pub struct Figure {
    /// The engine.
    pub which: Which,
    /// Decisions a second of processor time.
    pub rate: f64,
    /// Single decisions.
    pub percentiles: Percentiles,
}

/// An engine that was not measured.
#[derive(Debug)]
pub struct LeftOut {
    /// The engine.
    pub which: Which,
    /// Why.
    pub why: String,
}

impl Row {
    /// Our rate over the fastest peer's, and that peer.
    pub fn ratio(&self) -> Option<(f64, Which)> {
        let ours = self.figures.iter().find(|figure| figure.which == Which::Ours)?;
        let peers = self.figures.iter().filter(|figure| figure.which != Which::Ours);
        let fastest = peers.max_by(|a, b| a.rate.total_cmp(&b.rate))?;
        Some((ours.rate / fastest.rate, fastest.which))
    }
}

/// Checks and measures one setting.
pub fn measure(setting: Setting, effort: Effort) -> Result<Row> {
    let (rules, asks) = (rules(setting), asks(setting));
    let mut measured: Vec<(Which, Box<dyn Engine>)> = Vec::new();
    let mut left_out = Vec::new();
    for which in Which::ALL {
        let engine = which.prepare(&rules, &asks)?;
        match disagreement(&*engine, &asks) {
            None => measured.push((which, engine)),
            Some(why) if which == Which::Ours => bail!("our own engine decides otherwise: {why}"),
            Some(why) => left_out.push(LeftOut { which, why }),
        }
    }
    let works: Vec<Box<dyn Fn(usize) + '_>> = measured
        .iter()
        .map(|(_, engine)| -> Box<dyn Fn(usize) + '_> {
            Box::new(|ask| {
                black_box(engine.decide(ask));
            })
        })
        .collect();
    let works: Vec<&dyn Fn(usize)> = works.iter().map(|work| &**work).collect();
    let rates = rates(asks.len(), effort, &works);
    let figures = measured.iter().zip(&works).zip(rates).map(|(((which, _), work), rate)| Figure {
        which: *which,
        rate,
        percentiles: percentiles(asks.len(), effort, work),
    });
    let figures = figures.collect();
    Ok(Row { setting, figures, left_out })
}

/// The first request that an engine decides otherwise than expected.
pub fn disagreement(engine: &dyn Engine, asks: &[Ask]) -> Option<String> {
    asks.iter().enumerate().find_map(|(index, ask)| {
        let answer = engine.decide(index);
        let (action, arn, expected) = (ask.action, ask.arn(), ask.expected);
        (!answer.is(expected)).then(|| format!("{action} on {arn}: {answer:?}, not {expected:?}"))
    })
}
