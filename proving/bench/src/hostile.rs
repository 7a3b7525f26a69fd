//! Hostile wildcards: patterns that make a careless matcher try every way of splitting a text.
//!
//! Each engine matches in a process of its own, which is ended when patience is.

use std::env;
use std::hint::black_box;
use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::engines::{Answer, Which};
use crate::measure::{Effort, rate};
use crate::scenario::{Ask, Expected, Rule, Ruling};

/// A kind of pattern, none of which matches a run of `a`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `*a*a*a…b`
    Stars,
    /// `*aaa…b`: wherever the run begins, only its end tells.
    Run,
}

/// A pattern of so many pieces against so many letters.
#[derive(Debug, Clone, Copy)]
pub struct Trial {
    /// Its kind.
    pub shape: Shape,
    /// Stars, or letters before the `b`.
    pub pieces: usize,
    /// Letters of the text.
    pub letters: usize,
}

/// The trials of every engine.
pub const TRIALS: [Trial; 3] = [
    Trial { shape: Shape::Stars, pieces: 24, letters: 80 },
    Trial { shape: Shape::Stars, pieces: 500, letters: 5_000 },
    Trial { shape: Shape::Run, pieces: 500, letters: 5_000 },
];

/// How a trial ended.
#[derive(Debug)]
pub enum End {
    /// It decided, in so many nanoseconds.
    Decided(f64),
    /// It was still at it when patience ended.
    Endless,
    /// It failed.
    Failed,
}

/// One engine's trial.
#[derive(Debug)]
pub struct Hostile {
    /// The engine.
    pub which: Which,
    /// The trial.
    pub trial: Trial,
    /// How it ended.
    pub end: End,
}

/// A step of the scaling check.
#[derive(Debug)]
pub struct Step {
    /// The trial.
    pub trial: Trial,
    /// Nanoseconds of the decision.
    pub time: f64,
}

impl Shape {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stars => "stars",
            Self::Run => "run",
        }
    }

    /// The shape of that name.
    pub fn named(name: &str) -> Result<Self> {
        match name {
            "stars" => Ok(Self::Stars),
            "run" => Ok(Self::Run),
            other => bail!("there is no shape `{other}`"),
        }
    }
}

impl Trial {
    /// The trial in words.
    pub fn name(self) -> String {
        let Self { shape, pieces, letters } = self;
        match shape {
            Shape::Stars => format!("{pieces} stars, {letters} letters"),
            Shape::Run => format!("one star and {pieces} letters, {letters} letters"),
        }
    }

    fn pattern(self) -> String {
        match self.shape {
            Shape::Stars => format!("{}b", "*a".repeat(self.pieces)),
            Shape::Run => format!("*{}b", "a".repeat(self.pieces)),
        }
    }

    /// Lets an engine decide, and gives the nanoseconds that it takes.
    pub fn decide(self, which: Which, effort: Effort) -> Result<f64> {
        let rule = Rule {
            sid: "hostile".to_owned(),
            ruling: Ruling::Allow,
            actions: &["s3:GetObject"],
            resources: vec![format!("arn:aws:s3:::bucket/{}", self.pattern())],
            tests: &[],
        };
        let ask = Ask {
            action: "s3:GetObject",
            bucket: "bucket".to_owned(),
            key: Some("a".repeat(self.letters)),
            facts: Vec::new(),
            expected: Expected::ImplicitDeny,
        };
        let engine = which.prepare(&[rule], std::slice::from_ref(&ask))?;
        let begun = Instant::now();
        let answer = engine.decide(0);
        let first = begun.elapsed();
        match answer {
            Answer::ImplicitDeny | Answer::Deny => {}
            answer @ (Answer::Allow | Answer::ExplicitDeny | Answer::Failed) => {
                bail!("{} answers {answer:?}", which.name())
            }
        }
        if first > effort.round {
            return Ok(first.as_secs_f64() * 1e9);
        }
        Ok(1e9
            / rate(1, effort.round, &|ask| {
                black_box(engine.decide(ask));
            }))
    }
}

/// Puts every engine on trial.
pub fn measure(effort: Effort) -> Result<Vec<Hostile>> {
    let mut found = Vec::new();
    for trial in TRIALS {
        for which in Which::ALL {
            found.push(Hostile { which, trial, end: in_a_process(which, trial, effort)? });
        }
    }
    Ok(found)
}

fn in_a_process(which: Which, trial: Trial, effort: Effort) -> Result<End> {
    let Trial { shape, pieces, letters } = trial;
    let mut child = Command::new(env::current_exe()?)
        .args(["--try", which.name(), shape.name(), &pieces.to_string(), &letters.to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("the trial did not start")?;
    let Some(ok) = wait(&mut child, effort.patience)? else {
        child.kill()?;
        child.wait()?;
        return Ok(End::Endless);
    };
    let mut text = String::new();
    if let Some(mut out) = child.stdout.take() {
        out.read_to_string(&mut text)?;
    }
    Ok(match text.trim().parse() {
        Ok(nanoseconds) if ok => End::Decided(nanoseconds),
        Ok(_) | Err(_) => End::Failed,
    })
}

/// Whether it ended well; none where it has not ended in time.
fn wait(child: &mut Child, patience: Duration) -> Result<Option<bool>> {
    let begun = Instant::now();
    while begun.elapsed() < patience {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status.success()));
        }
        sleep(Duration::from_millis(5));
    }
    Ok(None)
}

/// Our engine at sizes that double: pattern and text both, so four times the steps each time.
pub fn scaling(effort: Effort) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    for shape in [Shape::Stars, Shape::Run] {
        for pieces in [32, 64, 128, 256, 512, 1_024] {
            let trial = Trial { shape, pieces, letters: pieces * 8 };
            steps.push(Step { trial, time: trial.decide(Which::Ours, effort)? });
        }
    }
    Ok(steps)
}
