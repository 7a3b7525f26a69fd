//! Findings for programs: SARIF 2.1.0 for code scanners, and plain JSON.
//!
//! Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::rules::{RULES, Severity};
use super::{Finding, Fix, Place};

/// A file that was looked at: its name, its text, and what was found in it.
pub type Linted<'a> = (&'a str, &'a str, &'a [Finding]);

/// The findings as a SARIF log of one run.
pub fn sarif(files: &[Linted<'_>]) -> String {
    let results: Vec<Value> = files
        .iter()
        .flat_map(|file| file.2.iter().map(move |finding| result(file, finding)))
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "wellhouse",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": RULES.iter().map(|rule| json!({
                    "id": rule.code,
                    "shortDescription": {"text": rule.means},
                    "fullDescription": {"text": rule.why},
                    "defaultConfiguration": {"level": level(rule.severity)},
                    "properties": {"severity": rule.severity.as_str()},
                })).collect::<Vec<Value>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

/// The findings as an array of objects, one a finding.
pub fn json(files: &[Linted<'_>]) -> String {
    let all: Vec<Value> = files
        .iter()
        .flat_map(|(name, _, findings)| findings.iter().map(move |finding| plain(name, finding)))
        .collect();
    format!("{:#}\n", Value::Array(all))
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Security | Severity::Warning => "warning",
        Severity::Suggestion => "note",
    }
}

fn result((name, text, _): &Linted<'_>, finding: &Finding) -> Value {
    let file = json!({"uri": uri(name)});
    let mut result = json!({
        "ruleId": finding.code,
        "level": level(finding.severity),
        "message": {"text": message(finding)},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": file,
                "region": region(finding.start, finding.end),
            },
            "logicalLocations": [{"fullyQualifiedName": finding.path}],
        }],
    });
    let index = RULES.iter().position(|rule| rule.code == finding.code);
    if let (Some(members), Some(index)) = (result.as_object_mut(), index) {
        members.insert("ruleIndex".to_owned(), json!(index));
        if let Some(fix) = finding.fix.as_ref().and_then(|fix| change(fix, text, &file)) {
            members.insert("fixes".to_owned(), json!([fix]));
        }
    }
    result
}

/// The message, with the remedy where that is left to the reader.
fn message(finding: &Finding) -> String {
    match &finding.fix {
        Some(fix) if fix.replacement.is_none() => {
            format!("{}; {}", finding.message, fix.description)
        }
        Some(_) | None => finding.message.clone(),
    }
}

fn change(fix: &Fix, text: &str, file: &Value) -> Option<Value> {
    let (range, put) = fix.replacement.as_ref()?;
    let place = |at| {
        let (line, column) = crate::json::place(text, at);
        Place { line, column }
    };
    Some(json!({
        "description": {"text": fix.description},
        "artifactChanges": [{
            "artifactLocation": file,
            "replacements": [{
                "deletedRegion": region(place(range.start), place(range.end)),
                "insertedContent": {"text": put},
            }],
        }],
    }))
}

fn region(start: Place, end: Place) -> Value {
    json!({
        "startLine": start.line, "startColumn": start.column,
        "endLine": end.line, "endColumn": end.column,
    })
}

/// A file's name as a URI reference: what has a meaning in URIs is escaped.
fn uri(name: &str) -> String {
    let mut out = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _written = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn plain(name: &str, finding: &Finding) -> Value {
    let fix = finding.fix.as_ref().map(|fix| {
        let replacement = fix
            .replacement
            .as_ref()
            .map(|(range, text)| json!({"start": range.start, "end": range.end, "text": text}));
        json!({"description": fix.description, "replacement": replacement})
    });
    json!({
        "file": name,
        "code": finding.code,
        "severity": finding.severity.as_str(),
        "line": finding.start.line,
        "column": finding.start.column,
        "end_line": finding.end.line,
        "end_column": finding.end.column,
        "path": finding.path,
        "message": finding.message,
        "fix": fix,
    })
}
