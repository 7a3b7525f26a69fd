//! The written vectors of `tests/vectors`, run on the engine, and what a suite of them must hold.
//!
//! Invariant: what a vector expects was worked out from the documentation that it names. Where the
//! engine differs, one of the two is wrong, and the vector changes only if the documentation says so.

#![expect(
    clippy::expect_used,
    reason = "a helper of a test fails the test, as the test itself would"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use wh_policy::testfile::run;

const VECTORS_MIN: usize = 1_000;
const VALIDITY_MIN: usize = 200;

const OPERATORS: [&str; 27] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnNotEquals",
    "ArnLike",
    "ArnNotLike",
    "Null",
];
const QUANTIFIERS: [&str; 3] = ["", "ForAllValues:", "ForAnyValue:"];
const SUFFIXES: [&str; 2] = ["", "IfExists"];
/// What the request holds, and the effects of the statement that are asked about.
const SITUATIONS: [(&str, &[&str]); 5] = [
    ("match", &["Allow"]),
    ("no-match", &["Allow"]),
    ("missing", &["Allow", "Deny"]),
    ("empty", &["Allow", "Deny"]),
    ("multi", &["Allow", "Deny"]),
];

/// A file of vectors: its name without the ending, and its text.
struct File {
    name: String,
    text: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

fn files() -> Vec<File> {
    let entries = fs::read_dir(folder()).expect("the folder of vectors");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut files: Vec<File> = paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"))
        .map(|path| File {
            name: path.file_stem().expect("a name").to_string_lossy().into_owned(),
            text: fs::read_to_string(&path).expect("a file of vectors"),
        })
        .collect();
    files.sort_by(|one, other| one.name.cmp(&other.name));
    files
}

/// Every vector, with the name of its file.
fn vectors() -> Vec<(String, Value)> {
    let of_file = |file: File| {
        let lines = file.text.lines().map(|line| serde_json::from_str(line).expect("a vector"));
        lines.map(|vector| (file.name.clone(), vector)).collect::<Vec<(String, Value)>>()
    };
    files().into_iter().flat_map(of_file).collect()
}

fn text<'v>(vector: &'v Value, field: &str) -> &'v str {
    vector.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// The tags of a vector that begin with `prefix`, without it.
fn tags<'v>(vector: &'v Value, prefix: &str) -> Vec<&'v str> {
    let tags = vector.get("tags").and_then(Value::as_array).into_iter().flatten();
    tags.filter_map(|tag| tag.as_str()?.strip_prefix(prefix)).collect()
}

#[test]
fn the_engine_decides_every_vector_as_written() {
    let mut failures = Vec::new();
    let mut count = 0;
    for file in files() {
        for result in run(&file.text).expect("a file of vectors") {
            count += 1;
            if !result.pass {
                failures.push(format!("{}: {}", file.name, result.to_json()));
            }
        }
    }
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n"));
    assert!(count >= VECTORS_MIN, "only {count} vectors");
}

#[test]
fn every_vector_has_a_name_of_its_own_a_rule_and_a_source() {
    let mut names = BTreeSet::new();
    for (file, vector) in vectors() {
        let name = text(&vector, "name");
        assert!(!name.is_empty(), "{file}: a vector without a name: {vector}");
        assert!(names.insert(name.to_owned()), "{file}: `{name}` is used twice");
        assert!(!text(&vector, "source").is_empty(), "{file}: `{name}` names no source");
        assert_eq!(tags(&vector, "rule:").len(), 1, "{file}: `{name}` must name one rule");
    }
}

#[test]
fn the_validity_of_documents_is_asked_often_and_both_ways() {
    let answers: Vec<bool> =
        vectors().iter().filter_map(|(_, vector)| vector.get("valid")?.as_bool()).collect();
    let valid = answers.iter().filter(|valid| **valid).count();
    assert!(answers.len() >= VALIDITY_MIN, "only {} on validity", answers.len());
    assert!(valid >= VALIDITY_MIN / 4, "only {valid} valid documents");
}

/// The operator, situation and effect that a vector really shows; `None` where it shows none.
fn shown(vector: &Value) -> Option<(String, Vec<&'static str>, String)> {
    let document = vector.get("identity_policies")?.as_array()?.last()?;
    let statement = document.get("Statement")?.as_array()?.last()?;
    let (operator, keys) = statement.get("Condition")?.as_object()?.iter().next()?;
    let key = keys.as_object()?.keys().next()?;
    let quantified = operator.contains(':');
    let situations = match vector.get("context")?.get(key) {
        None => vec!["missing"],
        Some(Value::Array(values)) => match (values.len(), quantified) {
            (0, _) => vec!["empty"],
            (_, true) => vec!["match", "no-match", "multi"],
            (_, false) => vec!["multi"],
        },
        Some(_) => vec!["match", "no-match"],
    };
    Some((operator.clone(), situations, text(statement, "Effect").to_owned()))
}

#[test]
fn every_operator_is_asked_about_in_every_situation() {
    let mut covered = BTreeSet::new();
    for (_, vector) in vectors() {
        for tag in tags(&vector, "matrix:") {
            let (operator, rest) = tag.split_once('/').expect("operator/situation/effect");
            let (situation, effect) = rest.split_once('/').expect("operator/situation/effect");
            let (found, situations, found_effect) = shown(&vector).expect("a condition");
            assert_eq!((operator, effect), (found.as_str(), found_effect.as_str()), "{vector}");
            assert!(situations.contains(&situation), "`{situation}` is not shown: {vector}");
            covered.insert(tag.to_owned());
        }
    }
    let suffixed = |base: &'static str| SUFFIXES.map(|suffix| format!("{base}{suffix}"));
    let named = OPERATORS.into_iter().flat_map(suffixed);
    let quantified = named.flat_map(|name| QUANTIFIERS.map(|q| format!("{q}{name}")));
    let wanted = quantified.flat_map(|operator| {
        let lines = SITUATIONS.into_iter().flat_map(|(situation, effects)| {
            effects.iter().map(move |effect| format!("{situation}/{effect}"))
        });
        lines.map(|line| format!("{operator}/{line}")).collect::<Vec<String>>()
    });
    let missing: Vec<String> = wanted.filter(|line| !covered.contains(line)).collect();
    assert!(missing.is_empty(), "not asked about:\n{}", missing.join("\n"));
}

/// The table of the README: for each file and rule, how many vectors it claims.
fn claimed() -> BTreeMap<(String, String), usize> {
    let readme = fs::read_to_string(folder().join("README.md")).expect("the README");
    let mut claims = BTreeMap::new();
    for line in readme.lines().filter(|line| line.starts_with("| ") && line.contains('`')) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [_, file, rule, count] = <[&str; 4]>::try_from(cells).expect("four cells");
        let key = (file.trim_matches('`').to_owned(), rule.trim_matches('`').to_owned());
        let count = count.trim_matches([' ', '|']).parse().expect("a count");
        assert!(claims.insert(key, count).is_none(), "twice in the README: {line}");
    }
    claims
}

#[test]
fn the_readme_tells_which_rules_are_covered_and_how_often() {
    let mut counted: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (file, vector) in vectors() {
        for rule in tags(&vector, "rule:") {
            *counted.entry((file.clone(), rule.to_owned())).or_default() += 1;
        }
    }
    assert_eq!(claimed(), counted);
}
