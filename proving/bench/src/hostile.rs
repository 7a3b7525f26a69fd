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
use crate::scenario::{Ask, Expected, Fact, Rule, Ruling, Test};

/// A kind of pattern, none of which matches a run of `a`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `*a*a*a…b`
    Stars,
    /// `*aaa…b`: wherever the run begins, only its end tells.
    Run,
}

/// Where the pattern stands: an engine may match here and there by different means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the statement's resource.
    Resource,
    /// In a `StringLike` of `aws:UserAgent`.
    Condition,
}

/// A pattern of so many pieces against so many letters.
#[derive(Debug, Clone, Copy)]
pub struct Trial {
    /// Where it stands.
    pub place: Place,
    /// Its kind.
    pub shape: Shape,
    /// Stars, or letters before the `b`.
    pub pieces: usize,
    /// Letters of the text.
    pub letters: usize,
}

/// The trials of every engine.
pub const TRIALS: [Trial; 6] = [
    Trial { place: Place::Resource, shape: Shape::Stars, pieces: 24, letters: 80 },
    Trial { place: Place::Condition, shape: Shape::Stars, pieces: 24, letters: 80 },
    Trial { place: Place::Resource, shape: Shape::Stars, pieces: 500, letters: 5_000 },
    Trial { place: Place::Condition, shape: Shape::Stars, pieces: 500, letters: 5_000 },
    Trial { place: Place::Resource, shape: Shape::Run, pieces: 500, letters: 5_000 },
    Trial { place: Place::Condition, shape: Shape::Run, pieces: 500, letters: 5_000 },
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

impl Place {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Resource => "resource",
            Self::Condition => "condition",
        }
    }

    /// The place of that name.
    pub fn named(name: &str) -> Result<Self> {
        match name {
            "resource" => Ok(Self::Resource),
            "condition" => Ok(Self::Condition),
            other => bail!("there is no place `{other}`"),
        }
    }
}

impl Trial {
    /// The trial in words.
    pub fn name(self) -> String {
        let Self { place, shape, pieces, letters } = self;
        let pattern = match shape {
            Shape::Stars => format!("{pieces} stars"),
            Shape::Run => format!("one star and {pieces} letters"),
        };
        format!("{}: {pattern}, {letters} letters", place.name())
    }

    fn rule_and_ask(self) -> (Rule, Ask) {
        let mut rule = Rule {
            sid: "hostile".to_owned(),
            ruling: Ruling::Allow,
            actions: &["s3:GetObject"],
            resources: vec!["arn:aws:s3:::bucket/*".to_owned()],
            tests: &[],
        };
        let mut ask = Ask {
            action: "s3:GetObject",
            bucket: "bucket".to_owned(),
            key: Some("key".to_owned()),
            facts: Vec::new(),
            expected: Expected::ImplicitDeny,
        };
        let (pattern, text) = (self.pattern(), "a".repeat(self.letters));
        match self.place {
            Place::Resource => {
                rule.resources = vec![format!("arn:aws:s3:::bucket/{pattern}")];
                ask.key = Some(text);
            }
            // Tests hold static text; a few trials may well leak theirs.
            Place::Condition => {
                let patterns: &'static [&'static str] = vec![&*pattern.leak()].leak();
                rule.tests = vec![Test::Like("aws:UserAgent", patterns)].leak();
                ask.facts = vec![("aws:UserAgent", Fact::Text(text.leak()))];
            }
        }
        (rule, ask)
    }

    fn pattern(self) -> String {
        match self.shape {
            Shape::Stars => format!("{}b", "*a".repeat(self.pieces)),
            Shape::Run => format!("*{}b", "a".repeat(self.pieces)),
        }
    }

    /// Lets an engine decide, and gives the nanoseconds that it takes.
    pub fn decide(self, which: Which, effort: Effort) -> Result<f64> {
        let (rule, ask) = self.rule_and_ask();
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
    let Trial { place, shape, pieces, letters } = trial;
    let size = [pieces, letters].map(|number| number.to_string());
    let mut child = Command::new(env::current_exe()?)
        .args(["--try", which.name(), place.name(), shape.name()])
        .args(size)
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

const SERIES: [(Place, Shape); 4] = [
    (Place::Resource, Shape::Stars),
    (Place::Resource, Shape::Run),
    (Place::Condition, Shape::Stars),
    (Place::Condition, Shape::Run),
];

/// Our engine at sizes that double: pattern and text both, so four times the steps each time.
pub fn scaling(effort: Effort) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    for (place, shape) in SERIES {
        for pieces in [32, 64, 128, 256, 512, 1_024] {
            let trial = Trial { place, shape, pieces, letters: pieces * 8 };
            steps.push(Step { trial, time: trial.decide(Which::Ours, effort)? });
        }
    }
    Ok(steps)
}
