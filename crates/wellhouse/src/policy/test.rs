//! `wellhouse policy test`: expectations about policies, run.

use std::path::PathBuf;

use anyhow::{Context, Result};
use wh_policy::testfile::{self, CaseResult};

use super::{Output, files, paint};
use crate::{Ended, say};

/// Run policy test files; exit 0 when every case passes, 1 otherwise
///
/// A file is a JSON array of cases, or JSON Lines. A case names policies, a request, and the decision
/// that is expected.
#[derive(clap::Args)]
#[command(after_help = "A case:\n  \
    {\"name\": \"reads shared\", \"principal\": \"arn:aws:iam::111122223333:role/R\",\n   \
     \"action\": \"s3:GetObject\", \"resource\": \"arn:aws:s3:::files/shared/a\",\n   \
     \"identity_policies\": [{…}], \"context\": {}, \"expected\": \"Allow\"}\n\n\
Why a case came out as it did:\n  \
    wellhouse policy explain CASES.json --name 'reads shared'")]
pub(crate) struct Test {
    /// Files of cases; of folders, every *.json and *.jsonl below
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// `text`, or `json`: one object a case
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

pub(super) fn run(tests: &Test) -> Result<Ended> {
    let (mut passed, mut failed) = (0_usize, 0_usize);
    for path in files::below(&tests.paths, &["json", "jsonl"])? {
        let text = files::read(&path)?;
        let results = testfile::run(&text).with_context(|| path.display().to_string())?;
        for result in &results {
            print(result, &path.display().to_string(), tests.output);
        }
        let good = results.iter().filter(|result| result.pass).count();
        passed += good;
        failed += results.len() - good;
    }
    if tests.output == Output::Text {
        let line = format!("{passed} passed, {failed} failed");
        say(&if failed == 0 { paint::green(&line) } else { paint::red(&line) });
    }
    Ok(if failed == 0 { Ended::Done } else { Ended::Failed })
}

fn print(result: &CaseResult, path: &str, output: Output) {
    match output {
        Output::Json => say(&result.to_json()),
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
