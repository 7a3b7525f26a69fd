//! Somebody who changes an estate by hand: `tests/drift.py`, with what a plan must say of each change.
//!
//! The tests of the binary use it, too, against our own endpoint.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// How many changes there must be at least.
pub(crate) const DRIFTS_MIN: usize = 60;

/// From the folder of either package that uses it.
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../wh-aws/tests/drift.py");

#[expect(clippy::disallowed_methods, reason = "the test's environment says where Python is")]
pub(crate) fn python() -> Command {
    let path = std::env::var("WELLHOUSE_TEST_PYTHON")
        .expect("WELLHOUSE_TEST_PYTHON must name a Python with boto3; `cargo xtask test` sets it");
    Command::new(path)
}

/// One change, with the steps that mend it or the words that tell it.
pub(crate) struct Changed {
    pub(crate) name: String,
    pub(crate) says: Vec<String>,
}

/// Whose estate is changed: moto's, or our own endpoint's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Whose(pub(crate) &'static str);

/// All changes of a kind, `drifts` or `additions`, that this target takes.
pub(crate) fn listed(Whose(target): Whose, kind: &str) -> Vec<Changed> {
    let output = python().args([SCRIPT, target, "--list", kind]).output().expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    let changed = text.lines().map(|line| {
        let mut words = line.split('\t').map(str::to_owned);
        Changed { name: words.next().expect("a name"), says: words.collect() }
    });
    changed.collect()
}

/// A person at the console.
pub(crate) struct Hand {
    process: Child,
    says: ChildStdin,
    hears: BufReader<ChildStdout>,
}

impl Hand {
    /// Somebody with these credentials at that endpoint.
    pub(crate) fn at(Whose(target): Whose, url: &str, (id, secret): (&str, &str)) -> Self {
        let mut process = python()
            .args([SCRIPT, target, url])
            .envs([("AWS_ACCESS_KEY_ID", id), ("AWS_SECRET_ACCESS_KEY", secret)])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let says = process.stdin.take().expect("its input");
        let hears = BufReader::new(process.stdout.take().expect("its output"));
        Self { process, says, hears }
    }

    pub(crate) fn change(&mut self, name: &str) {
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
pub(crate) fn rounds(all: Vec<Changed>) -> Vec<Vec<Changed>> {
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

/// Changes of ours beside each addition of others: mending these writes what holds both.
pub(crate) const BESIDE_OTHERS: [&str; 10] = [
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

/// The changes beside additions of others, and all others.
pub(crate) fn apart(drifts: Vec<Changed>) -> (Vec<Changed>, Vec<Changed>) {
    drifts.into_iter().partition(|one| BESIDE_OTHERS.contains(&one.name.as_str()))
}
