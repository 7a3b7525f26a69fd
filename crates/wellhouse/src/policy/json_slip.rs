//! Text that is not JSON: where it goes wrong, and what it probably is.

use wh_policy::lint::Place;

/// Where a JSON object of many lines goes wrong, and how; none where each line is a text of its own.
pub(super) fn broken(text: &str) -> Option<(Place, String)> {
    let first = text.lines().find(|line| !line.trim().is_empty())?;
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).err();
    let goes_on = read(first).is_some_and(|error| error.is_eof());
    let error = read(text).filter(|_| goes_on && first.trim_start().starts_with('{'))?;
    let why = error.to_string();
    let why = why.split(" at line ").next().unwrap_or_default().to_owned();
    Some((Place { line: error.line(), column: error.column().max(1) }, why))
}

/// What a text that is not JSON probably is, or what is too much at a place in it.
pub(super) fn hint(text: &str, at: Place) -> Option<&'static str> {
    if text.trim().is_empty() {
        return Some("the file is empty");
    }
    if looks_like_yaml(text) {
        return Some("this looks like YAML: write it as JSON");
    }
    let (before, after) = around(text, at);
    if before.ends_with("//") || ["//", "/*", "#"].iter().any(|mark| after.starts_with(mark)) {
        return Some("JSON has no comments: take them out");
    }
    let closes = after.starts_with(['}', ']']);
    if closes && before.ends_with(',') || after.starts_with(',') && is_last(&after) {
        return Some("take out the comma before the closing bracket");
    }
    None
}

/// The text before a place and after it, without the space at the seam.
fn around(text: &str, at: Place) -> (String, String) {
    let mut before = String::new();
    let mut after = String::new();
    for (line, number) in text.split('\n').zip(1..) {
        for (c, column) in line.chars().chain(['\n']).zip(1..) {
            let earlier = (number, column) < (at.line, at.column);
            if earlier { before.push(c) } else { after.push(c) }
        }
    }
    (before.trim_end().to_owned(), after.trim_start().to_owned())
}

fn is_last(from_comma: &str) -> bool {
    from_comma.strip_prefix(',').is_some_and(|rest| rest.trim_start().starts_with(['}', ']']))
}

fn looks_like_yaml(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or_default();
    let key = first.trim_start_matches("- ").split(':').next().unwrap_or_default();
    let plain = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    first == "---" || (first.contains(':') && plain)
}
