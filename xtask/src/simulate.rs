//! `cargo xtask simulate`: the policy vectors on an engine that others wrote.
//!
//! Every vector on which the two differ is listed in `proving/simulate/disagreements.json`, with who
//! is right and why. One that is not listed fails the chore, and so does one that is gone. It takes
//! about ten seconds, most of them for three patterns that the other engine never gets done with; a
//! change of the engine shows in the vectors first, so `cargo xtask test` leaves this out.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::run::{output, root, say};
use crate::web;

const FOLDER: &str = "proving/simulate";
const SCRIPT: &str = "proving/simulate/simulate.js";
const VECTORS: &str = "crates/wh-policy/tests/vectors";
const KNOWN: &str = "proving/simulate/disagreements.json";

/// For each vector on which the engines differ, what the other one says.
type Disagreements = BTreeMap<String, String>;

/// What became of the vectors of one file.
#[derive(Default)]
struct Tally {
    agreed: usize,
    differ: usize,
    not_asked: usize,
}

/// Installs the other engine, runs it and holds the outcome against what is known.
pub(crate) fn compare() -> Result<()> {
    web::install_in(FOLDER)?;
    say("asking the other engine");
    let report = output("node", &[SCRIPT, VECTORS]).context("`simulate.js` failed")?;
    let (tallies, found) = read(&report)?;
    print(&tallies);
    let known = known()?;
    let unlisted = found.iter().filter(|(name, theirs)| known.get(*name) != Some(*theirs));
    let unlisted: Vec<String> =
        unlisted.map(|(name, theirs)| format!("not listed: `{name}`: {theirs}")).collect();
    let gone = known.iter().filter(|(name, theirs)| found.get(*name) != Some(*theirs));
    let gone: Vec<String> =
        gone.map(|(name, theirs)| format!("listed, but gone: `{name}`: {theirs}")).collect();
    if unlisted.is_empty() && gone.is_empty() {
        return Ok(());
    }
    bail!("{KNOWN} is not what was found:\n{}", [unlisted, gone].concat().join("\n"));
}

fn text<'v>(value: &'v Value, field: &str) -> Option<&'v str> {
    value.get(field)?.as_str()
}

/// Reads the report: a line for each vector, and a summary, which names no vector.
fn read(report: &str) -> Result<(BTreeMap<String, Tally>, Disagreements)> {
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    let mut found = Disagreements::new();
    for line in report.lines() {
        let line: Value = serde_json::from_str(line).context("a line of the report")?;
        let (Some(file), Some(name)) = (text(&line, "file"), text(&line, "name")) else {
            continue;
        };
        let tally = tallies.entry(file.to_owned()).or_default();
        match text(&line, "theirs") {
            None => tally.not_asked += 1,
            theirs if theirs == text(&line, "ours") => tally.agreed += 1,
            Some(theirs) => {
                tally.differ += 1;
                found.insert(name.to_owned(), theirs.to_owned());
            }
        }
    }
    if tallies.is_empty() {
        bail!("`simulate.js` found no vectors in {VECTORS}");
    }
    Ok((tallies, found))
}

#[expect(clippy::print_stdout, reason = "the table is what the chore is for")]
fn print(tallies: &BTreeMap<String, Tally>) {
    println!("{:<20}{:>8}{:>8}{:>12}", "file", "agree", "differ", "not asked");
    for (file, Tally { agreed, differ, not_asked }) in tallies {
        println!("{file:<20}{agreed:>8}{differ:>8}{not_asked:>12}");
    }
    let sum = |count: fn(&Tally) -> usize| tallies.values().map(count).sum::<usize>();
    let (agreed, differ, not_asked) = (sum(|t| t.agreed), sum(|t| t.differ), sum(|t| t.not_asked));
    println!("{:<20}{agreed:>8}{differ:>8}{not_asked:>12}", "");
}

/// The disagreements that are listed. Each group says who is right, why, and by which source.
fn known() -> Result<Disagreements> {
    let listed = fs::read_to_string(root().join(KNOWN)).context(KNOWN)?;
    let groups: Vec<Value> = serde_json::from_str(&listed).context(KNOWN)?;
    let mut known = Disagreements::new();
    for group in &groups {
        let reasons = ["because", "source"].map(|field| text(group, field).unwrap_or_default());
        let judged = matches!(text(group, "right"), Some("wellhouse" | "iam-simulate" | "open"));
        if !judged || reasons.contains(&"") {
            bail!("a group of {KNOWN} lacks who is right, why, or by which source: {group}");
        }
        let cases = group.get("theirs").and_then(Value::as_object).context(KNOWN)?;
        for (name, theirs) in cases {
            let theirs = theirs.as_str().context("what the other engine says")?.to_owned();
            if known.insert(name.clone(), theirs).is_some() {
                bail!("{KNOWN} lists `{name}` twice");
            }
        }
    }
    Ok(known)
}
