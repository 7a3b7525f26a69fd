//! What is changed by hand is found and mended; what others added is told and kept.
//!
//! The changes are made with boto3 by `tests/drift.py`, each with what a plan must say of it. Those
//! whose steps differ are made together, so that a plan that names each step shows that each change was
//! found, and none else.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use wh_aws::AwsCloud;
use wh_provision::{Estate, Target, apply, plan};

use crate::{Moto, estate, options, start_moto};

/// How many changes there must be at least.
const DRIFTS_MIN: usize = 60;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/drift.py");

#[expect(clippy::disallowed_methods, reason = "the test's environment says where Python is")]
pub(crate) fn python() -> Command {
    let path = std::env::var("WELLHOUSE_TEST_PYTHON")
        .expect("WELLHOUSE_TEST_PYTHON must name a Python with boto3; `cargo xtask test` sets it");
    Command::new(path)
}

/// One change, with the steps that mend it or the words that tell it.
struct Changed {
    name: String,
    says: Vec<String>,
}

fn listed(kind: &str) -> Vec<Changed> {
    let output = python().args([SCRIPT, "--list", kind]).output().expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    let changed = text.lines().map(|line| {
        let mut words = line.split('\t').map(str::to_owned);
        Changed { name: words.next().expect("a name"), says: words.collect() }
    });
    changed.collect()
}

/// A person at the console.
struct Hand {
    process: Child,
    says: ChildStdin,
    hears: BufReader<ChildStdout>,
}

impl Hand {
    fn at(moto: &Moto) -> Self {
        let mut process = python()
            .args([SCRIPT, &moto.url])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let says = process.stdin.take().expect("its input");
        let hears = BufReader::new(process.stdout.take().expect("its output"));
        Self { process, says, hears }
    }

    fn change(&mut self, name: &str) {
        writeln!(self.says, "{name}").expect("it listens");
        let mut answer = String::new();
        self.hears.read_line(&mut answer).expect("it answers");
        assert_eq!(answer.trim(), "ok", "{name}");
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        self.process.kill().expect("it stops");
        self.process.wait().expect("it is gone");
    }
}

/// Changes together that share no step and touch no resource that another takes away.
fn rounds(all: Vec<Changed>) -> Vec<Vec<Changed>> {
    let mut rounds: Vec<Vec<Changed>> = Vec::new();
    for changed in all {
        let fits = |round: &&mut Vec<Changed>| {
            let goes = |one: &Changed| one.name.ends_with("_deleted") || one.name == "key_unnamed";
            let alone = goes(&changed) && !changed.name.contains("_of_");
            let shared = |one: &Changed| {
                let about = |one: &Changed| subject(one.says.first().expect("a step"));
                one.says.iter().any(|said| changed.says.contains(said))
                    || (alone || goes(one)) && about(one) == about(&changed)
            };
            !round.iter().any(shared)
        };
        match rounds.iter_mut().find(fits) {
            Some(round) => round.push(changed),
            None => rounds.push(vec![changed]),
        }
    }
    rounds
}

/// What a step is about: the last name in it.
fn subject(step: &str) -> String {
    let name = step.trim_end_matches(" away").trim_end_matches(", whole and sealed");
    let last = name.split('`').rev().nth(1).unwrap_or_default();
    last.rsplit('/').next().unwrap_or_default().to_owned()
}

async fn missing(estate: &Estate, cloud: &AwsCloud) -> (wh_provision::Plan, BTreeSet<String>) {
    let missing = plan(estate, cloud).await.expect("a plan");
    let steps = missing.changes().iter().map(|change| change.step.to_string()).collect();
    (missing, steps)
}

/// Changes of ours beside each addition of others: mending these writes what holds both.
const BESIDE_OTHERS: [&str; 10] = [
    "AdminRole_tag_changed",
    "another_origin",
    "boundary_tag_changed",
    "events_stopped",
    "key_tag_changed",
    "old_versions_kept_longer_of_files",
    "plain_http_let_in_of_files",
    "tag_changed_of_files",
    "trail_records_less",
    "trail_tag_changed",
];

struct Standing {
    cloud: AwsCloud,
    estate: Estate,
    hand: Hand,
    _moto: Moto,
}

impl Standing {
    async fn set_up() -> Self {
        let moto = start_moto();
        let cloud = AwsCloud::new(options(&moto, None)).await;
        let estate = estate(Target::Aws);
        apply(&plan(&estate, &cloud).await.expect("a plan"), &cloud).await.expect("applied");
        Self { cloud, estate, hand: Hand::at(&moto), _moto: moto }
    }

    /// Makes these changes, and expects a plan of exactly what mends them.
    async fn mend(&mut self, round: &[Changed]) {
        for changed in round {
            self.hand.change(&changed.name);
        }
        let (mends, found) = missing(&self.estate, &self.cloud).await;
        let expected = round.iter().flat_map(|changed| changed.says.clone()).collect();
        let names: Vec<&str> = round.iter().map(|changed| changed.name.as_str()).collect();
        assert_eq!(found, expected, "{names:?}");
        apply(&mends, &self.cloud).await.expect("mended");
        let (_, left) = missing(&self.estate, &self.cloud).await;
        assert!(left.is_empty(), "{names:?}: {left:?}");
    }

    async fn expect_told(&self, additions: &[Changed]) {
        let (left, steps) = missing(&self.estate, &self.cloud).await;
        assert!(steps.is_empty(), "{steps:?}");
        let told: Vec<String> = left.foreign().iter().map(ToString::to_string).collect();
        for addition in additions {
            let says = addition.says.first().expect("what is told");
            assert!(told.iter().any(|line| line.starts_with(says)), "{}: {told:#?}", addition.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_by_hand_is_found_and_mended_and_others_are_kept() {
    let mut standing = Standing::set_up().await;
    let additions = listed("additions");
    for addition in &additions {
        standing.hand.change(&addition.name);
    }
    standing.expect_told(&additions).await;
    let drifts = listed("drifts");
    assert!(drifts.len() >= DRIFTS_MIN, "{}", drifts.len());
    let (beside, others): (Vec<_>, Vec<_>) =
        drifts.into_iter().partition(|one| BESIDE_OTHERS.contains(&one.name.as_str()));
    assert_eq!(beside.len(), BESIDE_OTHERS.len());
    standing.mend(&beside).await;
    standing.expect_told(&additions).await;
    for round in rounds(others) {
        standing.mend(&round).await;
    }
}
