//! `docs/asvs.csv`: where OWASP ASVS 5.0.0 is held, requirement by requirement. Every id of levels 1
//! and 2 is there once, and every test and every heading that is named exists.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result};

use crate::run::root;

const HEAD: &str = "id,level,status,evidence,note";
const STATUSES: [&str; 4] = ["holds", "partly", "missing", "not-applicable"];

/// How many requirements the standard has at each level; all of the first two must be told of.
const REQUIREMENTS: [usize; 3] = [70, 183, 92];

/// A line of the table.
#[derive(Debug)]
struct Line {
    id: [u32; 3],
    level: usize,
    status: String,
    evidence: Vec<String>,
    note: String,
}

/// Checks the table, and that `docs/asvs.md` counts as it does.
pub(super) fn check(tests: &BTreeSet<String>, breaches: &mut Vec<String>) -> Result<()> {
    let read = |path: &str| fs::read_to_string(root().join(path)).context(path.to_owned());
    let (lines, unread) = read_table(&read("docs/asvs.csv")?);
    let mut found = unread;
    found.extend(incomplete(&lines));
    for line in &lines {
        let named = line.evidence.iter().filter_map(|evidence| dead(evidence, tests));
        found.extend(at_odds(line).into_iter().chain(named).map(|why| told(line.id, &why)));
    }
    let summary = read("docs/asvs.md")?;
    let wanted = counts(&lines);
    let missing = wanted.iter().filter(|row| !summary.contains(row.as_str()));
    found.extend(missing.map(|row| format!("docs/asvs.md lacks the line `{row}`")));
    breaches.extend(found.into_iter().map(|why| format!("docs/asvs.csv: {why}")));
    Ok(())
}

fn told([a, b, c]: [u32; 3], why: &str) -> String {
    format!("V{a}.{b}.{c}: {why}")
}

/// The lines of the table, and what is wrong with those that are none.
fn read_table(text: &str) -> (Vec<Line>, Vec<String>) {
    let (mut lines, mut unread) = (Vec::new(), Vec::new());
    let mut all = text.lines();
    if all.next() != Some(HEAD) {
        unread.push(format!("its first line is not `{HEAD}`"));
    }
    for line in all {
        match read_line(line) {
            Some(line) => lines.push(line),
            None => unread.push(format!("`{line}` is not id, level, status, evidence and note")),
        }
    }
    (lines, unread)
}

fn read_line(line: &str) -> Option<Line> {
    let fields = fields(line);
    let [id, level, status, evidence, note] = fields.as_slice() else { return None };
    let numbers: Result<Vec<u32>, _> = id.strip_prefix('V')?.split('.').map(str::parse).collect();
    let id: [u32; 3] = numbers.ok()?.try_into().ok()?;
    let level = level.parse().ok().filter(|level| (1..=REQUIREMENTS.len()).contains(level))?;
    let named = evidence.split(';').map(str::trim).filter(|named| !named.is_empty());
    let evidence = named.map(str::to_owned).collect();
    Some(Line { id, level, status: status.clone(), evidence, note: note.clone() })
}

/// The fields of a line. Source: RFC 4180, without line breaks in fields.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            other => field.push(other),
        }
    }
    fields.push(field);
    fields
}

/// Whether each id stands there once, in order, and none of the first two levels is left out.
fn incomplete(lines: &[Line]) -> Vec<String> {
    let pairs = lines.iter().zip(lines.iter().skip(1));
    let mut found: Vec<String> = pairs
        .filter(|(one, next)| one.id >= next.id)
        .map(|(_, next)| told(next.id, "it stands twice, or not in its order"))
        .collect();
    for (level, wanted) in (1..).zip(REQUIREMENTS) {
        let there = lines.iter().filter(|line| line.level == level).count();
        if there > wanted || (level < REQUIREMENTS.len() && there < wanted) {
            found.push(format!("it tells of {there} requirements of level {level}, of {wanted}"));
        }
    }
    found
}

/// What a line says that does not go together.
fn at_odds(line: &Line) -> Option<String> {
    let (shown, said) = (!line.evidence.is_empty(), !line.note.is_empty());
    let why = match line.status.as_str() {
        "holds" if !shown => "it holds, and nothing shows it",
        "partly" if !shown || !said => {
            "it holds in part: something shows that, and the note says what lacks"
        }
        "missing" if shown || !said => {
            "it is missing: nothing shows it, and the note says what lacks"
        }
        "not-applicable" if !said => "the note does not say why it does not apply",
        status if !STATUSES.contains(&status) => "its status is none",
        _ => return None,
    };
    Some(why.to_owned())
}

/// What is named and does not exist.
fn dead(evidence: &str, tests: &BTreeSet<String>) -> Option<String> {
    let Some((file, place)) = evidence.split_once('#') else {
        return (!tests.contains(evidence)).then(|| format!("there is no test `{evidence}`"));
    };
    let Ok(text) = fs::read_to_string(root().join(file)) else {
        return Some(format!("there is no file `{file}`"));
    };
    let markdown = std::path::Path::new(file).extension().is_some_and(|kind| kind == "md");
    let there = if markdown {
        text.lines().filter(|line| line.starts_with('#')).any(|line| anchor(line) == place)
    } else {
        text.contains(place)
    };
    (!there).then(|| format!("`{file}` has no `{place}`"))
}

/// The address of a heading, as forges make it.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The rows that `docs/asvs.md` must have.
fn counts(lines: &[Line]) -> Vec<String> {
    let row = |(level, all): (usize, usize)| {
        let ours: Vec<&Line> = lines.iter().filter(|line| line.level == level).collect();
        let of = |status: &&str| ours.iter().filter(|line| line.status == *status).count();
        let counted: Vec<String> = STATUSES.iter().map(|status| of(status).to_string()).collect();
        format!("| {level} | {} | {all} |", counted.join(" | "))
    };
    (1..).zip(REQUIREMENTS).map(row).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{anchor, at_odds, counts, dead, fields, incomplete, read_line, read_table};

    #[test]
    fn a_line_is_read_with_its_quotes() {
        assert_eq!(fields("a,\"b, \"\"c\"\"\",,d"), ["a", "b, \"c\"", "", "d"]);
        let line = read_line("V6.2.12,2,partly,a::b; docs/x.md#y,\"one, two\"").expect("a line");
        assert_eq!((line.id, line.level, line.note.as_str()), ([6, 2, 12], 2, "one, two"));
        assert_eq!(line.evidence, ["a::b", "docs/x.md#y"]);
        for bad in
            ["", "6.2.1,1,holds,a,", "V6.2,1,holds,a,", "V6.2.1,4,holds,a,", "V6.2.1,1,holds"]
        {
            assert!(read_line(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn what_is_named_exists() {
        let tests = BTreeSet::from(["a::b".to_owned()]);
        for (evidence, words) in [
            ("a::b", ""),
            ("a::c", "no test `a::c`"),
            ("SECURITY.md#reporting", ""),
            ("SECURITY.md#nowhere", "has no `nowhere`"),
            ("docs/nowhere.md#x", "no file"),
            ("web/package.json#\"lint\"", ""),
            ("web/package.json#no such thing", "has no"),
        ] {
            let found = dead(evidence, &tests);
            assert_eq!(found.is_none(), words.is_empty(), "{evidence}: {found:?}");
            assert!(found.unwrap_or_default().contains(words), "{evidence}");
        }
        assert_eq!(anchor("## What it does not promise, yet!"), "what-it-does-not-promise-yet");
    }

    #[test]
    fn a_table_that_is_not_whole_is_told() {
        let text = "id,level,status,evidence,note\nV1.1.2,1,holds,a::b,\nV1.1.2,2,missing,,no\nx";
        let (lines, unread) = read_table(text);
        assert_eq!((lines.len(), unread.len()), (2, 1));
        let told = incomplete(&lines).join("\n");
        for words in ["V1.1.2: it stands twice", "1 requirements of level 1, of 70", "level 2"] {
            assert!(told.contains(words), "{told}");
        }
        assert_eq!(
            counts(&lines),
            [
                "| 1 | 1 | 0 | 0 | 0 | 70 |",
                "| 2 | 0 | 0 | 1 | 0 | 183 |",
                "| 3 | 0 | 0 | 0 | 0 | 92 |"
            ]
        );
        for (line, odd) in [
            ("V1.1.1,1,holds,,", true),
            ("V1.1.1,1,holds,a::b,", false),
            ("V1.1.1,1,partly,a::b,", true),
            ("V1.1.1,1,partly,,why", true),
            ("V1.1.1,1,missing,a::b,why", true),
            ("V1.1.1,1,missing,,", true),
            ("V1.1.1,1,not-applicable,,", true),
            ("V1.1.1,1,perhaps,a::b,why", true),
        ] {
            let read = read_line(line).expect("a line");
            assert_eq!(at_odds(&read).is_some(), odd, "{line}");
        }
    }
}
