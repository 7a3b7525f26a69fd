//! `fuzz policy`: the engine against the second account, on many cases.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::dice::Dice;
use crate::engine::{self, Policies};
use crate::question::{Question, Verdict};
use crate::shrink::shrink;
use crate::vector::vector;
use crate::{generate, laws, spec};

/// One case in so many is held against the laws too, which cost several decisions each.
const LAWS_EVERY: u64 = 16;

/// Requests that one set of documents is asked.
const REQUESTS: u64 = 4;

/// How often progress is told.
const PROGRESS: Duration = Duration::from_secs(10);

/// Failures after which a thread gives up: the first ones say enough.
const FAILURES_MAX: u64 = 5;

/// Which cases to run.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// The first case.
    pub first: u64,
    /// How many.
    pub cases: u64,
    /// What they grow from.
    pub seed: u64,
    /// How many run at once.
    pub threads: u64,
}

/// What came of a run.
#[derive(Debug, Default)]
pub struct Tally {
    /// Cases on which both agree, and the laws hold.
    pub passed: u64,
    /// The others.
    pub failed: u64,
    /// Cases in which a document has a fault.
    pub faulty: u64,
    /// Verdicts.
    pub verdicts: BTreeMap<Verdict, u64>,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.faulty += other.faulty;
        for (verdict, count) in &other.verdicts {
            *self.verdicts.entry(*verdict).or_default() += count;
        }
    }

    /// The shares of verdicts, in words.
    pub fn mix(&self) -> String {
        let all = self.verdicts.values().sum::<u64>().max(1);
        let share = |count: u64| count * 100 / all;
        let shares = self.verdicts.iter().map(|(v, count)| format!("{v:?} {} %", share(*count)));
        let shares: Vec<String> = shares.collect();
        format!("{}; a faulty document in {} %", shares.join(", "), share(self.faulty))
    }
}

/// Runs; failures and progress are told to `say`.
pub fn run(run: Run, say: &(dyn Fn(&str) + Sync)) -> Result<Tally> {
    let threads = run.threads.max(1);
    let mut tally = Tally::default();
    let parts: Vec<std::thread::Result<Tally>> = std::thread::scope(|scope| {
        let start = |number| scope.spawn(move || part(run, number, say));
        let handles: Vec<_> = (0..threads).map(start).collect();
        handles.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
    });
    for part in parts {
        let part = part.ok().context("a thread of the run panicked")?;
        tally.add(&part);
    }
    Ok(tally)
}

fn part(run: Run, number: u64, say: &(dyn Fn(&str) + Sync)) -> Tally {
    let mut tally = Tally::default();
    let started = Instant::now();
    let mut told = started;
    let mut set = run.first / REQUESTS + number;
    while set * REQUESTS < run.first + run.cases && tally.failed < FAILURES_MAX {
        judge(run, set, &mut tally, say);
        set += run.threads.max(1);
        if number == 0 && told.elapsed() > PROGRESS {
            told = Instant::now();
            let done = tally.passed + tally.failed;
            let speed = u128::from(done) * 1000 / started.elapsed().as_millis().max(1);
            say(&format!("… {done} cases in this thread, {speed} a second; {}", tally.mix()));
        }
    }
    tally
}

/// Judges the cases of one set of documents.
fn judge(run: Run, set: u64, tally: &mut Tally, say: &(dyn Fn(&str) + Sync)) {
    let mut dice = Dice::seeded(run.seed, set);
    let mut q = generate::question(&mut dice);
    let Ok(policies) = catch_unwind(AssertUnwindSafe(|| Policies::read(&q))) else {
        let shown = shown(&q, Verdict::ExplicitDeny);
        say(&format!("case {} of seed {}: the reader panicked: {shown}", set * REQUESTS, run.seed));
        tally.failed += 1;
        return;
    };
    let faulty = policies.all().any(|policy| !policy.document.faults().is_empty());
    for number in 0..REQUESTS {
        let case = set * REQUESTS + number;
        if number > 0 {
            generate::vary(&mut dice, &mut q);
        }
        if !(run.first..run.first + run.cases).contains(&case) {
            continue;
        }
        let expected = spec::decide(&q);
        *tally.verdicts.entry(expected).or_default() += 1;
        tally.faulty += u64::from(faulty);
        match held(&mut dice, &q, &policies, (expected, case)) {
            Ok(()) => tally.passed += 1,
            Err(failure) => {
                tally.failed += 1;
                say(&format!("case {case} of seed {}: {failure}", run.seed));
                return;
            }
        }
    }
}

/// Whether the engine agrees, and the laws hold; the error tells what is wrong.
fn held(
    dice: &mut Dice<'_>,
    q: &Question,
    policies: &Policies,
    (expected, case): (Verdict, u64),
) -> Result<(), String> {
    let checked = catch_unwind(AssertUnwindSafe(|| {
        let found = policies.decide(q)?;
        if found == expected && case.is_multiple_of(LAWS_EVERY) {
            laws::hold(dice, q, policies)?;
        }
        anyhow::Ok(found)
    }));
    match checked {
        Ok(Ok(found)) if found == expected => Ok(()),
        Ok(Ok(_)) => Err(disagreement(q)),
        Ok(Err(error)) => Err(format!("{error:#}\n{}", shown(q, expected))),
        Err(_) => Err(format!("the engine panicked:\n{}", shown(q, expected))),
    }
}

/// The smallest case like it on which both disagree, and what each says.
fn disagreement(q: &Question) -> String {
    let verdicts = |q: &Question| (engine::decide(q).ok(), spec::decide(q));
    let wanted = verdicts(q);
    let smallest = shrink(q, |candidate| verdicts(candidate) == wanted);
    let (found, expected) = wanted;
    let principal = &smallest.principal;
    let found = found.map_or_else(|| "nothing".to_owned(), |found| format!("{found:?}"));
    let case = shown(&smallest, expected);
    format!("the engine says {found}, the second account {expected:?}; {principal:?}\n{case}")
}

fn shown(q: &Question, expected: Verdict) -> String {
    vector("disagreement", q, expected).to_string()
}
