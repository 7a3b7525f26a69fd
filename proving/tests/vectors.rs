//! The second account, held against the written vectors: three accounts of one set of rules.

#![expect(
    clippy::expect_used,
    reason = "a helper of a test fails the test, as the test itself would"
)]

use std::fs;
use std::path::Path;

use proving::question::Verdict;
use proving::{spec, vector};
use serde_json::Value;

const DECISIONS_MIN: usize = 1_000;

fn lines() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/wh-policy/tests/vectors");
    let files = fs::read_dir(folder).expect("the folder of vectors");
    let paths = files.map(|file| file.expect("a file").path());
    let texts = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .map(|path| fs::read_to_string(path).expect("a file of vectors"));
    let read = |text: String| {
        let lines = text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON"));
        lines.collect::<Vec<Value>>()
    };
    texts.flat_map(read).collect()
}

#[test]
fn the_second_account_decides_every_written_vector_as_it_says() {
    let lines = lines();
    let asked: Vec<_> = lines.iter().filter_map(|l| Some((l, vector::read(l)?))).collect();
    assert!(asked.len() >= DECISIONS_MIN, "only {} vectors ask for a decision", asked.len());
    let mut wrong = Vec::new();
    for (line, (question, allowed, explicit)) in &asked {
        let verdict = spec::decide(question);
        let as_explicit = explicit.is_none_or(|e| e == (verdict == Verdict::ExplicitDeny));
        if (verdict == Verdict::Allow) != *allowed || (!allowed && !as_explicit) {
            wrong.push(format!("{verdict:?}: {line}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
