//! The cases of a policy test file, explained.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use wh_policy::Language;
use wh_policy::lint::Place;
use wh_policy::testfile::{self, CaseResult, Explained, TestFileError};

use super::{Output, explain, fields, files, json_slip, slip};
use crate::{Ended, paint, say};

/// What a test file gave, or why it cannot be run: the place of what is wrong, and what it may be.
pub(super) fn readable<T>(text: &str, ran: Result<T, TestFileError>) -> Result<T> {
    if fields::is_policy(text) {
        bail!("this is a policy, not a test; use `wellhouse policy check`");
    }
    let Err(TestFileError::Syntax { line, column, why }) = ran else {
        return Ok(ran?);
    };
    let (at, why) = json_slip::broken(text).unwrap_or((Place { line, column }, why));
    let hint = json_slip::hint(text, at).map(|hint| format!("; {hint}")).unwrap_or_default();
    bail!("line {}, column {}: {why}{hint}", at.line, at.column)
}

/// A result as JSON, with its file.
pub(super) fn json(result: &CaseResult, path: &str) -> Value {
    json!({
        "file": path,
        "name": result.name,
        "expected": result.expected,
        "decision": result.decision,
        "explicit": result.explicit,
        "pass": result.pass,
        "explanation": result.explanation,
    })
}

/// Explains the case of a name, or all.
pub(super) fn explain(
    path: &Path,
    name: Option<&str>,
    language: Language,
    output: Output,
) -> Result<Ended> {
    let (mut names, mut shown) = (Vec::new(), 0_usize);
    let text = files::read(path)?;
    let mut slips = fields::slips(&text).into_iter();
    let file = path.display().to_string();
    let explained = testfile::explain(&text, |case, explained| {
        let slip = slips.next().flatten();
        if name.is_none_or(|name| name == case) {
            shown += 1;
            match slip {
                Some(slip) => show_slip(case, &slip, output),
                None => show((&file, case), explained, language, output),
            }
        }
        names.push(case.to_owned());
    });
    readable(&text, explained).with_context(|| file.clone())?;
    if names.is_empty() {
        bail!("no cases in {file}");
    }
    if let Some(name) = name.filter(|_| shown == 0) {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let meant = slip::nearest(name, &names).map(|meant| format!("; did you mean `{meant}`?"));
        let meant = meant.unwrap_or_default();
        bail!("--name `{name}`: none of the {} cases has that name{meant}", names.len());
    }
    Ok(Ended::Done)
}

fn show_slip(case: &str, slip: &str, output: Output) {
    match output {
        Output::Text => {
            say(&paint::bold(case));
            say(&format!("Error: {slip}"));
            say("");
        }
        Output::Json => say(&json!({ "name": case, "error": slip }).to_string()),
    }
}

fn show(
    (file, case): (&str, &str),
    explained: Explained<'_, '_>,
    language: Language,
    output: Output,
) {
    match (explained, output) {
        (Explained::Decision(decision), Output::Text) => {
            say(&paint::bold(case));
            explain::print(decision, language);
            say("");
        }
        (Explained::Decision(decision), Output::Json) => {
            let named = [("name", json!(case))];
            say(&explain::json(decision, named).to_string());
        }
        (Explained::Other(result), Output::Text) => {
            say(&paint::bold(case));
            say(&format!("{}: {}", result.decision, result.explanation));
            say("");
        }
        (Explained::Other(result), Output::Json) => say(&json(result, file).to_string()),
    }
}
