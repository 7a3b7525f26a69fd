//! The table that the measurements end in.

use std::fmt::Write as _;

use crate::report;

/// Several values of one figure.
#[derive(Debug, Clone, Default)]
pub(super) struct Series(Vec<f64>);

impl Series {
    pub(super) fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }

    /// The value in the middle.
    pub(super) fn median(&self) -> f64 {
        self.sorted().get(self.0.len() / 2).copied().unwrap_or_default()
    }

    /// The value that 99 of 100 do not exceed.
    pub(super) fn p99(&self) -> f64 {
        let at = (self.0.len() * 99 / 100).min(self.0.len().saturating_sub(1));
        self.sorted().get(at).copied().unwrap_or_default()
    }

    fn spread(&self) -> String {
        let sorted = self.sorted();
        let (least, most) = (sorted.first().copied(), sorted.last().copied());
        let (least, most) = (least.unwrap_or_default(), most.unwrap_or_default());
        if sorted.len() < 2 { String::new() } else { format!("{}–{}", show(least), show(most)) }
    }

    /// Ours by theirs, round by round.
    fn by(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(ours, theirs)| ours / theirs).collect())
    }
}

/// Digits as a reader wants them: three or more that count, thousands apart.
fn show(value: f64) -> String {
    if value.abs() < 10.0 {
        return format!("{value:.2}");
    }
    if value.abs() < 100.0 {
        return format!("{value:.1}");
    }
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) && !out.ends_with('-') {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The rows so far.
#[derive(Debug, Default)]
pub(super) struct Table(Vec<String>);

impl Table {
    /// A figure beside that of plain files, of the same rounds.
    pub(super) fn beside(&mut self, what: &str, ours: &Series, plain: &Series, aim: &str) {
        let ratio = ours.by(plain);
        self.0.push(format!(
            "| {what} | {} | {} | {} | {} | {} | {} | {aim} |",
            show(ours.median()),
            ours.spread(),
            show(plain.median()),
            plain.spread(),
            show(ratio.median()),
            ratio.spread(),
        ));
    }

    /// A figure by itself.
    pub(super) fn alone(&mut self, what: &str, ours: &Series, aim: &str) {
        let (median, spread) = (show(ours.median()), ours.spread());
        self.0.push(format!("| {what} | {median} | {spread} | | | | | {aim} |"));
    }

    /// A single number.
    pub(super) fn number(&mut self, what: &str, value: f64, aim: &str) {
        self.0.push(format!("| {what} | {} | | | | | | {aim} |", show(value)));
    }

    /// Prints everything as one table in Markdown.
    pub(super) fn print(&self, about: &str) {
        let mut out = format!("{about}\n\n");
        out.push_str("| | ours | from–to | plain files | from–to | ratio | from–to | aim |\n");
        out.push_str("|---|--:|--:|--:|--:|--:|--:|--:|\n");
        for row in &self.0 {
            if writeln!(out, "{row}").is_err() {
                return;
            }
        }
        report(out.trim_end());
    }
}
