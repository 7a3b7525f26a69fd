//! The audit log as a file: CSV for spreadsheets, JSON Lines for machines.

use crate::wire::AuditEntryBody;

const COLUMNS: [&str; 11] = [
    "seq",
    "at",
    "request_id",
    "principal",
    "source_identity",
    "source_ip",
    "operation",
    "action",
    "resource",
    "outcome",
    "detail",
];

/// The first line of the CSV.
pub(super) fn head() -> String {
    format!("{}\r\n", COLUMNS.join(","))
}

/// A line of the CSV. Source: RFC 4180.
pub(super) fn row(entry: &AuditEntryBody) -> String {
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    let fields = [
        entry.seq.to_string(),
        entry.at.clone(),
        entry.request_id.clone(),
        entry.principal.clone(),
        optional(&entry.source_identity),
        optional(&entry.source_ip),
        entry.operation.clone(),
        entry.action.clone(),
        entry.resource.clone(),
        entry.outcome.clone(),
        optional(&entry.detail),
    ];
    format!("{}\r\n", fields.map(|field| cell(&field)).join(","))
}

/// A line of JSON.
pub(super) fn line(entry: &AuditEntryBody) -> String {
    // Strings and numbers cannot fail to be JSON.
    serde_json::to_string(entry).map(|json| json + "\n").unwrap_or_default()
}

/// A spreadsheet would compute a cell that begins like a formula; an apostrophe makes it text. Source:
/// OWASP, "CSV Injection".
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\n', '\r']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn no_cell_is_a_formula_and_none_ends_early() {
        for (text, expected) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-1", "'-1"),
            ("+1,2", "\"'+1,2\""),
            ("\t=1", "'\t=1"),
            ("\0=1", "'\0=1"),
            ("a=1", "a=1"),
        ] {
            assert_eq!(cell(text), expected, "{text:?}");
        }
    }
}
