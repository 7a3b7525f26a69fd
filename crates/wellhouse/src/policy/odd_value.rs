//! Values of condition keys that no request can have.

use std::net::IpAddr;

use wh_policy::tables::{self, KeyKind};
use wh_policy::{Context, ContextValue};

use super::asked;

/// A note on each value that its key's kind cannot be.
pub(super) fn notes(context: &Context) -> Vec<String> {
    let mut notes = Vec::new();
    for (key, value) in context.iter() {
        let Some(row) = tables::key(key) else { continue };
        let values = match value {
            ContextValue::One(value) => std::slice::from_ref(value),
            ContextValue::Many(values) => values.as_slice(),
        };
        for odd in values.iter().filter(|value| !fits(row.kind, value)) {
            let (key, what) = (asked::spelt(key), words(row.kind));
            notes.push(format!("`{key}` is {what}, and `{odd}` is none: no request has it"));
        }
    }
    notes
}

fn fits(kind: KeyKind, value: &str) -> bool {
    match kind {
        KeyKind::Bool => ["true", "false"].iter().any(|word| value.eq_ignore_ascii_case(word)),
        KeyKind::Numeric => value.parse::<f64>().is_ok(),
        // Seconds since 1970, or ISO 8601 to whatever precision.
        KeyKind::Date => {
            value.starts_with(|c: char| c.is_ascii_digit() || c == '-')
                && value.chars().all(|c| c.is_ascii_digit() || "-+:.TZ".contains(c))
        }
        KeyKind::IpAddress => value.parse::<IpAddr>().is_ok(),
        KeyKind::Arn | KeyKind::ArrayOfArn => value.starts_with("arn:"),
        KeyKind::String | KeyKind::ArrayOfString | KeyKind::Binary => true,
    }
}

fn words(kind: KeyKind) -> &'static str {
    match kind {
        KeyKind::Bool => "`true` or `false`",
        KeyKind::Numeric => "a number",
        KeyKind::Date => "a date or a number of seconds",
        KeyKind::IpAddress => "an IP address",
        KeyKind::Arn | KeyKind::ArrayOfArn => "an ARN",
        KeyKind::Binary => "base64",
        KeyKind::String | KeyKind::ArrayOfString => "text",
    }
}
