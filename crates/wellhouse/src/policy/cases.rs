//! The cases of a policy test file, explained.

use std::path::Path;

use anyhow::{Context, Result, bail};
use wh_policy::Language;
use wh_policy::testfile::{self, Explained};

use super::{Output, explain, files, paint, slip};
use crate::{Ended, say};

/// Explains the case of a name, or all.
pub(super) fn explain(
    path: &Path,
    name: Option<&str>,
    language: Language,
    output: Output,
) -> Result<Ended> {
    let (mut names, mut shown) = (Vec::new(), 0_usize);
    let explained = testfile::explain(&files::read(path)?, |case, explained| {
        if name.is_none_or(|name| name == case) {
            shown += 1;
            show(case, explained, language, output);
        }
        names.push(case.to_owned());
    });
    explained.with_context(|| path.display().to_string())?;
    if let Some(name) = name.filter(|_| shown == 0) {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let meant = slip::nearest(name, &names).map(|meant| format!("; did you mean `{meant}`?"));
        let meant = meant.unwrap_or_default();
        bail!("--name `{name}`: none of the {} cases has that name{meant}", names.len());
    }
    Ok(Ended::Done)
}

fn show(case: &str, explained: Explained<'_, '_>, language: Language, output: Output) {
    match (explained, output) {
        (Explained::Decision(decision), Output::Text) => {
            say(&paint::bold(case));
            explain::print(decision, language);
            say("");
        }
        (Explained::Decision(decision), Output::Json) => say(&decision.trace().to_json()),
        (Explained::Other(result), Output::Text) => {
            say(&paint::bold(case));
            say(&format!("{}: {}", result.decision, result.explanation));
            say("");
        }
        (Explained::Other(result), Output::Json) => say(&result.to_json()),
    }
}
