//! `wellhouse policy test`: expectations about policies, run.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::json;
use wh_policy::testfile::{self, CaseResult};

use super::world::{self, Source};
use super::{Configured, Output, cases, fields, files};
use crate::{Ended, paint, say};

/// Run policy test files; exit 0 when every case passes, 1 otherwise
///
/// A file is a JSON array of cases, or JSON Lines. A case names policies, a request, and the decision
/// that is expected. A file that cannot be read counts as one failure, and the others are run.
#[derive(clap::Args)]
#[command(after_help = "A case:\n  \
    {\"name\": \"reads shared\", \"principal\": \"arn:aws:iam::111122223333:role/R\",\n   \
     \"action\": \"s3:GetObject\", \"resource\": \"arn:aws:s3:::files/shared/a\",\n   \
     \"identity_policies\": [{…}], \"context\": {}, \"expected\": \"Allow\"}\n\n\
Why a case came out as it did:\n  \
    wellhouse policy explain CASES.json --name 'reads shared'")]
pub(crate) struct Test {
    /// Files of cases; of folders, every *.json and *.jsonl below
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Where roles and policies are read from that the estate expects something of
    #[arg(long, value_name = "WORLD", default_value_t = Source::Standard, conflicts_with = "paths")]
    from: Source,
    /// `text`, or `json`: JSON Lines, one object a case
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// How many cases came out as expected, and how many cases and files did not.
#[derive(Default)]
struct Count {
    passed: usize,
    failed: usize,
}

pub(super) fn run(tests: &Test, config: Configured<'_>) -> Result<Ended> {
    if tests.paths.is_empty() {
        return expected(tests, config);
    }
    let mut count = Count::default();
    for path in files::below(&tests.paths, &["json", "jsonl"]) {
        let ran = path.and_then(|path| {
            let ran = cases(&path).with_context(|| path.display().to_string())?;
            Ok((path.display().to_string(), ran))
        });
        match ran {
            Ok((path, results)) => {
                for result in &results {
                    print(result, &path, tests.output);
                }
                let good = results.iter().filter(|result| result.pass).count();
                count.passed += good;
                count.failed += results.len() - good;
            }
            Err(error) => {
                count.failed += 1;
                not_run(&error, tests.output);
            }
        }
    }
    let Count { passed, failed } = count;
    if tests.output == Output::Text {
        let line = format!("{passed} passed, {failed} failed");
        say(&if failed == 0 { paint::green(&line) } else { paint::red(&line) });
    }
    Ok(if failed == 0 { Ended::Done } else { Ended::Failed })
}

/// What the estate expects, of the policies that are described or in force.
fn expected(tests: &Test, config: Configured<'_>) -> Result<Ended> {
    let config = config()?;
    let estate = crate::estate::configured(&config)?;
    let expectations = &estate.description().expectations;
    if expectations.is_empty() {
        bail!("the estate expects nothing ([[expect]] in its file): name files of cases");
    }
    let realm = world::read(&tests.from, &config)?.realm();
    let mut failed = 0;
    for one in expectations {
        let missed = one.missed(&realm);
        failed += usize::from(missed.is_some());
        let why = missed.map(|missed| missed.why);
        match (tests.output, why) {
            (Output::Json, why) => {
                say(&json!({ "name": one.name, "pass": why.is_none(), "why": why }).to_string());
            }
            (Output::Text, None) => {}
            (Output::Text, Some(why)) => {
                say(&format!("{} {}: {why}", paint::red("FAILED"), one.name));
            }
        }
    }
    if tests.output == Output::Text {
        let line = format!("{} passed, {failed} failed", expectations.len() - failed);
        say(&if failed == 0 { paint::green(&line) } else { paint::red(&line) });
    }
    Ok(if failed == 0 { Ended::Done } else { Ended::Failed })
}

/// The results of a file's cases; one whose form is wrong fails, whatever it expects.
fn cases(path: &Path) -> Result<Vec<CaseResult>> {
    let text = files::read(path)?;
    let mut results = cases::readable(&text, testfile::run(&text))?;
    if results.is_empty() {
        bail!("no cases in {}", path.display());
    }
    for (result, slip) in results.iter_mut().zip(fields::slips(&text)) {
        if let Some(slip) = slip {
            "Error".clone_into(&mut result.decision);
            (result.pass, result.explicit, result.explanation) = (false, false, slip);
        }
    }
    Ok(results)
}

/// A file that could not be run, which is a failure like that of a case.
fn not_run(error: &anyhow::Error, output: Output) {
    match output {
        Output::Json => say(&json!({ "error": format!("{error:#}"), "pass": false }).to_string()),
        Output::Text => say(&format!("{} {error:#}", paint::red("FAILED"))),
    }
}

fn print(result: &CaseResult, path: &str, output: Output) {
    match output {
        Output::Json => say(&cases::json(result, path).to_string()),
        Output::Text if result.pass => {}
        Output::Text => {
            let CaseResult { name, expected, decision, explanation, .. } = result;
            let failed = paint::red("FAILED");
            say(&format!("{failed} {name}: expected {expected}, got {decision}"));
            say(&format!("       {explanation}"));
            say(&paint::faint(&format!("       in {path}")));
        }
    }
}
