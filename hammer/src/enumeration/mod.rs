//! Does an answer of the portal tell a stranger who is here? Each question is asked of somebody known and
//! of somebody unknown, in random order; status, headers and body must be equal, and the times such that a
//! two-sample test sees no difference.
//!
//! A test at p = 0.01 sees one difference in a hundred that is none. So a question whose times differ is asked
//! as often once more, and counts as told when it differs again.

mod probes;
mod ranks;
mod stage;

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};

use crate::content::Random;
use crate::report;
use crate::server::{House, Running};
use crate::visitor::{Answer, TRUSTED, Visitor, address};
use probes::{PROBES, Probe};
use stage::{MAIL, Side, Stage};

/// Below this the two samples differ.
const P_MIN: f64 = 0.01;
/// Medians may be so far apart, in milliseconds, and by what chance alone does on a machine as busy as this
/// one: three times their standard error.
const DIFFERENCE_MS_MAX: f64 = 2.0;
const STANDARD_ERRORS: f64 = 3.0;
/// Answers that are not counted, of each side, at first.
const WARM_UP: usize = 10;
/// What differs from answer to answer whoever asks.
const OF_EACH_ANSWER: [&str; 2] = ["date", "x-request-id"];

/// Ask about known and unknown people, and compare the answers and their times
#[derive(clap::Args)]
pub(crate) struct Enumeration {
    /// Answers of each side, for each question
    #[arg(long, default_value_t = 1_000)]
    samples: usize,
    /// Seed of the order and the names
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Status, headers and body of an answer.
type Look = (u16, Vec<(String, String)>, String);

/// What one side was answered.
#[derive(Default)]
struct Answers {
    /// Status, headers and body; one, if nothing is told.
    looks: BTreeSet<Look>,
    milliseconds: Vec<f64>,
}

/// How the two sides compare.
struct Comparison {
    medians: [f64; 2],
    /// The standard error of the difference of the medians, in milliseconds.
    error: f64,
    p: f64,
}

impl Comparison {
    fn of(unknown: &Answers, known: &Answers) -> Result<Self> {
        let medians = [part(&unknown.milliseconds, 50)?, part(&known.milliseconds, 50)?];
        let error = error_of(&unknown.milliseconds)?.hypot(error_of(&known.milliseconds)?);
        Ok(Self { medians, error, p: ranks::p_of(&unknown.milliseconds, &known.milliseconds)? })
    }

    fn difference(&self) -> f64 {
        let [unknown, known] = self.medians;
        known - unknown
    }

    fn tells(&self) -> bool {
        let far = DIFFERENCE_MS_MAX + STANDARD_ERRORS * self.error;
        self.p <= P_MIN || self.difference().abs() >= far
    }

    fn report(&self, probe: &Probe) {
        let [unknown, known] = self.medians;
        let (name, difference) = (probe.name, self.difference());
        report(&format!(
            "  {name:<52} {unknown:>8.3} {known:>8.3} {difference:>+8.3} ± {:.3} ms, p = {:.3}",
            self.error, self.p
        ));
    }
}

impl Enumeration {
    /// Asks every question; fails where an answer tells something.
    pub(crate) fn run(&self, house: House) -> Result<()> {
        report(&format!(
            "enumeration: {} answers of each side, seed {}; median of unknown, of known, difference",
            self.samples, self.seed
        ));
        let house = house.with(TRUSTED).with(MAIL);
        let running = house.start()?;
        let stage = Stage::set(&house, &running, self.samples + WARM_UP, self.seed)?;
        let visitor = Visitor::new(&house.portal_url());
        let mut asked = Asked { house, running: Some(running), visitor, stage };
        let mut random = Random::new(self.seed);
        let mut told = Vec::new();
        for probe in &PROBES {
            asked.stage.administrator.registration(probe.registration)?;
            let mut ask = || {
                asked.stage.forgive()?;
                self.compare(probe, &mut asked, &mut random)
            };
            if ask()?.tells() && ask()?.tells() {
                told.push(probe.name);
            }
        }
        if told.is_empty() {
            return Ok(());
        }
        bail!("known and unknown are told apart by their time: {}", told.join("; "))
    }

    fn compare(&self, probe: &Probe, asked: &mut Asked, random: &mut Random) -> Result<Comparison> {
        let (mut unknown, mut known) = (Answers::default(), Answers::default());
        for (n, side) in order(self.samples, random).into_iter().enumerate() {
            if n % probe.answers_max == 0 {
                asked.start_anew()?;
            }
            let body = (probe.body)(&mut asked.stage, side, n / 2);
            let answer = asked.visitor.ask(("POST", probe.path), Some(&body), &address(random))?;
            if [429, 503].contains(&answer.status) || answer.status == 500 {
                bail!("{}: in the place of an answer came {}", probe.name, answer.body);
            }
            let of = if side == Side::Known { &mut known } else { &mut unknown };
            of.add(answer, n >= WARM_UP * 2);
        }
        if unknown.looks != known.looks || known.looks.len() != 1 {
            bail!("{} is told: {:#?} or {:#?}", probe.name, unknown.looks, known.looks);
        }
        let comparison = Comparison::of(&unknown, &known)?;
        comparison.report(probe);
        Ok(comparison)
    }
}

/// The house that is asked, and who asks.
struct Asked {
    house: House,
    running: Option<Running>,
    visitor: Visitor,
    stage: Stage,
}

impl Asked {
    /// Another server over the same folder, which has counted nobody's questions.
    fn start_anew(&mut self) -> Result<()> {
        if let Some(running) = self.running.take() {
            running.kill()?;
        }
        self.running = Some(self.house.start()?);
        self.visitor = Visitor::new(&self.house.portal_url());
        Ok(())
    }
}

impl Answers {
    fn add(&mut self, answer: Answer, counts: bool) {
        let headers = answer.headers.into_iter();
        let mut headers: Vec<_> =
            headers.filter(|(name, _)| !OF_EACH_ANSWER.contains(&name.as_str())).collect();
        headers.sort();
        self.looks.insert((answer.status, headers, answer.body));
        if counts {
            self.milliseconds.push(answer.took.as_secs_f64() * 1_000.0);
        }
    }
}

/// Both sides in pairs, each pair in random order: what changes with time is the same for both.
fn order(samples: usize, random: &mut Random) -> Vec<Side> {
    let mut pair = || match random.below(2) {
        0 => [Side::Known, Side::Unknown],
        _ => [Side::Unknown, Side::Known],
    };
    (0..samples + WARM_UP).flat_map(|_| pair()).collect()
}

/// The standard error of a median, from the middle half of what it is of.
fn error_of(of: &[f64]) -> Result<f64> {
    // A middle half of 1.349 standard deviations, and a median that is 1.253 times as uncertain as a mean.
    let deviation = (part(of, 75)? - part(of, 25)?) / 1.349;
    Ok(1.253 * deviation / f64::from(u32::try_from(of.len())?).sqrt())
}

/// What so many of a hundred are below.
fn part(of: &[f64], hundredths: usize) -> Result<f64> {
    let mut sorted = of.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() * hundredths / 100).copied().context("no answers")
}
