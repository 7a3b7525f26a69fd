//! The line that a finding is about, with a mark below it.

use wh_policy::lint::Place;

use crate::paint;

/// How much of a long line is shown, in characters.
const WIDTH_MAX: usize = 96;

/// How much is shown before the place, at least.
const BEFORE: usize = 24;

/// The line of a place and a mark below what begins there, each behind a margin.
pub(crate) fn excerpt(text: &str, start: Place, end: Place) -> [String; 2] {
    let line = text.lines().nth(start.line.saturating_sub(1)).unwrap_or_default();
    let whole: Vec<char> = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let at = start.column.saturating_sub(1).min(whole.len());
    let first = if whole.len() > WIDTH_MAX { at.saturating_sub(BEFORE) } else { 0 };
    let last = whole.len().min(first + WIDTH_MAX);
    let shown: String = whole.iter().skip(first).take(last - first).collect();
    let (cut, more) = (if first > 0 { "…" } else { "" }, if last < whole.len() { "…" } else { "" });
    let stop = if end.line == start.line { end.column.saturating_sub(1) } else { whole.len() };
    let length = stop.min(last).saturating_sub(at).max(1);
    let number = start.line.to_string();
    let margin = " ".repeat(number.len());
    let blank = " ".repeat(cut.chars().count() + at - first);
    let mark = paint::yellow(&"^".repeat(length));
    [format!("  {number} │ {cut}{shown}{more}"), format!("  {margin} │ {blank}{mark}")]
}

#[cfg(test)]
mod tests {
    use wh_policy::lint::Place;

    use super::excerpt;
    use crate::output::mark;

    #[track_caller]
    fn check(text: &str, (line, from, to): (usize, usize, usize), marked: &str) {
        let place = |column| Place { line, column };
        let [shown, mark] = excerpt(text, place(from), place(to));
        let at = mark.chars().position(|c| c == mark::YELLOW).expect("a mark");
        let length = mark.chars().filter(|c| *c == '^').count();
        let under: String = shown.chars().skip(at).take(length).collect();
        assert_eq!(under, marked, "{shown}\n{mark}");
    }

    #[test]
    fn the_mark_stands_below_what_is_meant() {
        check("{\n  \"Action\": \"s3:x\"\n}", (2, 13, 19), "\"s3:x\"");
        check("ä\"b\"", (1, 2, 5), "\"b\"");
        let long = format!("{}\"here\"{}", " ".repeat(500), "x".repeat(500));
        check(&long, (1, 501, 507), "\"here\"");
        check("", (1, 1, 1), "");
    }
}
