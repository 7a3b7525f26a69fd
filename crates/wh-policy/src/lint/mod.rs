//! What is wrong with a policy, doubtful, or a trap that others have fallen into: each finding with a
//! stable code, its place, and where there is one the remedy.
//!
//! Beside what IAM itself refuses, the rules are those of Access Analyzer's policy checks that
//! concern S3, STS and IAM, and traps from the issue trackers of S3 servers and file portals. They
//! look at one document at a time and at its text alone: `redundant` means that the text shows it.
//!
//! Source: IAM User Guide, "Access Analyzer policy check reference".
//!
//! ```
//! use wh_policy::{PolicyKind, lint};
//!
//! let text = r#"{"Version": "2012-10-17", "Statement":
//!   {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::bkt/*"}}"#;
//! let found = lint::lint(text, PolicyKind::Identity);
//! assert_eq!(found[0].code, "list-bucket-on-object-arn");
//! assert_eq!((found[0].start.line, found[0].start.column), (2, 33));
//! assert_eq!(found[0].path, "Statement.Action");
//! ```

mod actions;
mod conditions;
mod distance;
mod document;
mod faults;
mod keys;
mod principals;
mod reach;
mod redundant;
mod reference;
mod resources;
mod rules;
mod sarif;
pub(crate) mod span;
mod targets;
mod values;
mod variables;
mod view;

use std::ops::Range;

use crate::{PolicyKind, json};

pub use distance::nearest;
pub use reference::reference;
pub use rules::{RULES, Rule, Severity, rule};
pub use sarif::{Linted, json, sarif};
use view::{Spot, View};

/// Something that a rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's code, which is never renamed: `list-bucket-on-object-arn`.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// Where it begins.
    pub start: Place,
    /// Where it ends: the place after the last character.
    pub end: Place,
    /// The element: `Statement[0].Action[1]`; `$` is the document.
    pub path: String,
    /// What is wrong there, as a clause without full stop.
    pub message: String,
    /// What to do about it.
    pub fix: Option<Fix>,
}

/// A place in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// What to do about a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// In words, as an imperative clause.
    pub description: String,
    /// The bytes to replace and what to put there, where that is all.
    pub replacement: Option<(Range<usize>, String)>,
}

impl Fix {
    /// The text with the replacement made; none where there is no replacement, or where the text is
    /// not the one that was looked at.
    pub fn apply(&self, text: &str) -> Option<String> {
        let (range, put) = self.replacement.as_ref()?;
        span::replaced(text, range, put)
    }
}

/// All findings in a document, in the order of the text.
pub fn lint(text: &str, kind: PolicyKind) -> Vec<Finding> {
    let root = match json::parse(text) {
        Ok(root) => root,
        Err(fault) => return vec![faults::syntax(&fault)],
    };
    let view = View::read(text, &root, kind);
    let mut found = faults::check(&view);
    let checks = if text.len() > TEXT_BYTES_MAX { &[document::check as Check][..] } else { CHECKS };
    for check in checks {
        check(&view, &mut found);
    }
    found.sort_by_key(|f| (f.at, f.rule.severity));
    found.into_iter().map(|found| found.finish(text)).collect()
}

/// Where the statement of a number, from 1, begins and ends in a text.
///
/// ```
/// let text = "{\"Statement\": [{},\n {}]}";
/// let (start, end) = wh_policy::lint::statement_place(text, 2).expect("two statements");
/// assert_eq!((start.line, start.column, end.column), (2, 2, 4));
/// assert_eq!(wh_policy::lint::statement_place(text, 3), None);
/// ```
pub fn statement_place(text: &str, number: usize) -> Option<(Place, Place)> {
    let root = json::parse(text).ok()?;
    let statements = root.member("Statement")?;
    let statements = statements.items().unwrap_or(std::slice::from_ref(statements));
    let at = statements.get(number.checked_sub(1)?)?.at;
    let place = |at| {
        let (line, column) = json::place(text, at);
        Place { line, column }
    };
    Some((place(at), place(span::end(text, at))))
}

/// The largest text of which more than errors and size is looked at: many times what any policy may
/// hold.
const TEXT_BYTES_MAX: usize = 256 * 1024;

type Check = fn(&View<'_>, &mut Vec<Found>);

/// The rules, by what they look at.
const CHECKS: &[Check] = &[
    document::check,
    actions::check,
    targets::check,
    resources::check,
    principals::check,
    conditions::check,
    keys::check,
    values::check,
    variables::check,
    redundant::check,
];

/// A finding before its place is worked out.
#[derive(Debug)]
struct Found {
    rule: &'static Rule,
    at: usize,
    path: String,
    message: String,
    fix: Option<Fix>,
}

impl Found {
    fn new(rule: &'static Rule, spot: &Spot, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { rule, at: spot.at, path: spot.path.clone(), message, fix: None }
    }

    /// With a remedy that a person has to carry out.
    fn advise(mut self, description: impl Into<String>) -> Self {
        self.fix = Some(Fix { description: description.into(), replacement: None });
        self
    }

    /// With a remedy that can be applied.
    fn replace(
        mut self,
        description: impl Into<String>,
        range: Range<usize>,
        text: impl Into<String>,
    ) -> Self {
        let replacement = Some((range, text.into()));
        self.fix = Some(Fix { description: description.into(), replacement });
        self
    }

    fn finish(self, text: &str) -> Finding {
        let place = |at| {
            let (line, column) = json::place(text, at);
            Place { line, column }
        };
        Finding {
            code: self.rule.code,
            severity: self.rule.severity,
            start: place(self.at),
            end: place(span::end(text, self.at)),
            path: self.path,
            message: self.message,
            fix: self.fix,
        }
    }
}
