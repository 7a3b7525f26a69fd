//! Policy test files: cases in JSON, run on the engine.
//!
//! A file is a JSON array of cases, one case, or JSON Lines. A case asks for a decision, for the
//! validity of a document, or whether two documents are equivalent; its fields tell which.

mod case;
mod principal;

use std::collections::HashSet;

use crate::Decision;
use crate::json::{self, Node};

/// What became of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseResult {
    /// The case's name; `#` and its number where it has none.
    pub name: String,
    /// What the case expects: `Allow`, `Deny`, `Error`; `valid`, `invalid`; `equivalent`,
    /// `different`.
    pub expected: String,
    /// What came out, in the same words.
    pub decision: String,
    /// Whether an explicit Deny decided.
    pub explicit: bool,
    /// Whether the decision is the one expected.
    pub pass: bool,
    /// The reason.
    pub explanation: String,
}

impl CaseResult {
    /// The result as one line of JSON.
    pub fn to_json(&self) -> String {
        serde_json::json!({
            "name": self.name,
            "expected": self.expected,
            "decision": self.decision,
            "explicit": self.explicit,
            "pass": self.pass,
            "explanation": self.explanation,
        })
        .to_string()
    }
}

/// Why a file could not be run at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TestFileError {
    /// The text is neither JSON nor JSON Lines.
    #[error("line {line}, column {column}: {why}")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong there.
        why: String,
    },
}

impl TestFileError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "test-file-syntax",
        }
    }
}

/// A case and the text that its places refer to.
struct Source<'t> {
    text: &'t str,
    node: Node,
}

/// Runs every case of a file, in order. A case that cannot be run fails with the decision `Error`.
pub fn run(text: &str) -> Result<Vec<CaseResult>, TestFileError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut names = HashSet::new();
    let results = sources(text)?.into_iter().enumerate().map(|(at, source)| {
        let mut result = case::run(source.text, &source.node, at + 1);
        if !names.insert(result.name.clone()) {
            result.pass = false;
            result.explanation = String::from("an earlier case has the same name");
        }
        result
    });
    Ok(results.collect())
}

/// What there is to say of a case.
#[derive(Debug)]
pub enum Explained<'c, 'p> {
    /// It asks for a decision, and this is the one, whatever was expected.
    Decision(&'c Decision<'p>),
    /// It asks for something else, or cannot be run.
    Other(&'c CaseResult),
}

/// Hands every case of a file to `see`, in order: its name, and what there is to say of it.
///
/// ```
/// use wh_policy::testfile::{Explained, explain};
///
/// let case = r#"{"name": "nobody said so", "principal": "arn:aws:iam::111122223333:role/R",
///     "action": "s3:GetObject", "resource": "arn:aws:s3:::bkt/key", "expected": "Deny"}"#;
/// explain(case, |name, explained| {
///     let Explained::Decision(decision) = explained else { panic!("{explained:?}") };
///     assert_eq!((name, decision.allowed()), ("nobody said so", false));
/// })?;
/// explain(r#"{"document": {}, "valid": false}"#, |name, explained| {
///     assert!(name == "#1" && matches!(explained, Explained::Other(result) if result.pass));
/// })?;
/// # Ok::<(), wh_policy::testfile::TestFileError>(())
/// ```
pub fn explain(
    text: &str,
    mut see: impl FnMut(&str, Explained<'_, '_>),
) -> Result<(), TestFileError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (at, source) in sources(text)?.into_iter().enumerate() {
        case::explain(source.text, &source.node, at + 1, &mut see);
    }
    Ok(())
}

fn sources(text: &str) -> Result<Vec<Source<'_>>, TestFileError> {
    let whole = json::parse(text);
    match whole {
        Ok(Node { value: json::Value::Array(nodes), at: _ }) => {
            Ok(nodes.into_iter().map(|node| Source { text, node }).collect())
        }
        Ok(node) => Ok(vec![Source { text, node }]),
        Err(error) if text.trim_start().starts_with('[') => Err(TestFileError::Syntax {
            line: error.line(),
            column: error.column(),
            why: error.fault().to_string(),
        }),
        Err(_) => lines(text),
    }
}

fn lines(text: &str) -> Result<Vec<Source<'_>>, TestFileError> {
    let numbered = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    numbered
        .map(|(at, line)| match json::parse(line) {
            Ok(node) => Ok(Source { text: line, node }),
            Err(error) => Err(TestFileError::Syntax {
                line: at + 1,
                column: error.column(),
                why: error.fault().to_string(),
            }),
        })
        .collect()
}
