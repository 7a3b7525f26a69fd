//! The rules in Markdown: `docs/policy-lint.md`.

use std::fmt::Write as _;

use super::rules::{RULES, Severity};

const HEAD: &str = "# What the policy linter finds

`wellhouse policy check` looks at one document at a time. Codes are stable. An *error* is what IAM or
S3 refuses; *security* lets in more than one would think; a *warning* does not do what it seems to
say; a *suggestion* could be said better.

Actions, resource types and condition keys are those of S3, STS and IAM; other services are not
checked. What is called redundant is so by the text alone.
";

/// Every rule, in Markdown.
pub fn reference() -> String {
    let mut out = HEAD.to_owned();
    let groups = [
        (Severity::Error, "Errors"),
        (Severity::Security, "Security"),
        (Severity::Warning, "Warnings"),
        (Severity::Suggestion, "Suggestions"),
    ];
    for (severity, title) in groups {
        // Writing to a string cannot fail.
        let _written = write!(out, "\n## {title}\n\n| code | finds | why |\n|---|---|---|\n");
        for rule in RULES.iter().filter(|rule| rule.severity == severity) {
            let _written = writeln!(out, "| `{}` | {} | {} |", rule.code, rule.means, rule.why);
        }
    }
    out
}
