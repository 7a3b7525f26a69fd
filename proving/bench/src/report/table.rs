//! The report for people: Markdown, as `docs/measurements.md` wants it.

use std::fmt::Write as _;

use super::{Report, aims};
use crate::decisions::{Figure, Row};
use crate::engines::Which;
use crate::hostile::{End, Hostile, TRIALS};

/// The whole report.
pub fn table(report: &Report) -> String {
    let mut lines = Vec::new();
    decisions(report, &mut lines);
    own(report, &mut lines);
    parsing(report, &mut lines);
    allocations(report, &mut lines);
    hostile(report, &mut lines);
    scaling(report, &mut lines);
    caveats(report, &mut lines);
    closing(report, &mut lines);
    lines.join("\n")
}

fn heads(first: &str, columns: &[String], lines: &mut Vec<String>) {
    lines.push(String::new());
    lines.push(format!("| {first} | {} |", columns.join(" | ")));
    lines.push(format!("|---|{}", "--:|".repeat(columns.len())));
}

fn engines() -> Vec<String> {
    Which::ALL.map(|which| format!("{} {}", which.name(), which.version())).to_vec()
}

fn decisions(report: &Report, lines: &mut Vec<String>) {
    lines.push(
        "Decisions a second of processor time, one thread (p50 / p99 of one decision, ns)".into(),
    );
    heads("", &engines(), lines);
    for row in &report.rows {
        let cells = Which::ALL.map(|which| cell(row, which));
        lines.push(format!("| {} | {} |", row.setting.name(), cells.join(" | ")));
    }
}

fn cell(row: &Row, which: Which) -> String {
    match row.figures.iter().find(|figure| figure.which == which) {
        Some(Figure { rate, percentiles, .. }) => format!(
            "{} ({} / {})",
            grouped(*rate),
            grouped(percentiles.p50),
            grouped(percentiles.p99)
        ),
        None => "decides otherwise".to_owned(),
    }
}

fn own(report: &Report, lines: &mut Vec<String>) {
    heads("ours alone, ns", &["mean".into(), "p50".into(), "p99".into()], lines);
    for own in &report.own {
        let times = [own.mean, own.percentiles.p50, own.percentiles.p99].map(grouped);
        lines.push(format!("| {} | {} |", own.name, times.join(" | ")));
    }
}

fn parsing(report: &Report, lines: &mut Vec<String>) {
    heads("reading, µs", &engines(), lines);
    let times = Which::ALL.map(|which| {
        let found = report.parsing.iter().find(|parsing| parsing.which == which);
        found.and_then(|parsing| parsing.mean).map_or("cannot".into(), |ns| grouped(ns / 1e3))
    });
    lines.push(format!("| a document of 20 statements, with conditions | {} |", times.join(" | ")));
}

fn allocations(report: &Report, lines: &mut Vec<String>) {
    heads("allocations of a decision", &["mean".into(), "most".into()], lines);
    for found in &report.allocations {
        let (row, engine, mean, most) = (&found.row, &found.engine, found.mean, found.most);
        lines.push(format!("| {row}: {engine} | {mean:.1} | {most} |"));
    }
}

fn hostile(report: &Report, lines: &mut Vec<String>) {
    heads("hostile wildcards, ns", &engines(), lines);
    for trial in TRIALS {
        let name = trial.name();
        let ends = report.hostile.iter().filter(|hostile| hostile.trial.name() == name).map(end);
        lines.push(format!("| {name} | {} |", ends.collect::<Vec<_>>().join(" | ")));
    }
}

fn end(hostile: &Hostile) -> String {
    match hostile.end {
        End::Decided(time) => grouped(time),
        End::Endless => "did not end".to_owned(),
        End::Failed => "failed".to_owned(),
    }
}

fn scaling(report: &Report, lines: &mut Vec<String>) {
    let columns = ["ns", "times the one before", "ps a step"].map(str::to_owned);
    heads("ours, pattern × text", &columns, lines);
    let mut before = None;
    for step in &report.scaling {
        let (pieces, letters) = (step.trial.pieces, step.trial.letters);
        let series = (step.trial.place, step.trial.shape);
        let growth = match before {
            Some((same, time)) if same == series => format!("{:.2}", step.time / time),
            Some(_) | None => String::new(),
        };
        let area = u32::try_from(pieces * letters).map_or(f64::NAN, f64::from);
        let each = grouped(step.time * 1e3 / area);
        let time = grouped(step.time);
        let name = format!("{}, {}", series.0.name(), series.1.name());
        lines.push(format!("| {name}: {pieces} × {letters} | {time} | {growth} | {each} |"));
        before = Some((series, step.time));
    }
    lines.push(
        "\nFour times the steps from row to row: up to 4 is linear in pattern × text.".into(),
    );
}

fn caveats(report: &Report, lines: &mut Vec<String>) {
    lines.push("\nHow the rules are said to each:\n".into());
    for which in Which::ALL {
        lines.push(format!("- {}: {}", which.name(), which.caveat()));
    }
    for row in &report.rows {
        for left_out in &row.left_out {
            let (row, name, why) = (row.setting.name(), left_out.which.name(), &left_out.why);
            lines.push(format!("- {row}: {name} is left out: {why}"));
        }
    }
}

fn closing(report: &Report, lines: &mut Vec<String>) {
    let columns = ["ours, ns", "fastest peer", "its ns", "ratio"].map(str::to_owned);
    heads("", &columns, lines);
    for row in &report.rows {
        let Some((ratio, peer)) = row.ratio() else { continue };
        let ours = mean(row, Which::Ours);
        let theirs = mean(row, peer);
        let (name, peer) = (row.setting.name(), peer.name());
        lines.push(format!("| {name} | {ours} | {peer} | {theirs} | {ratio:.1} |"));
    }
    heads("aims, not tests", &["aim".into(), "found".into()], lines);
    for aim in aims(report) {
        let found = aim.found.map_or("unknown".into(), grouped);
        lines.push(format!("| {} | {} | {found} |", aim.what, aim.aim));
    }
}

fn mean(row: &Row, which: Which) -> String {
    let found = row.figures.iter().find(|figure| figure.which == which);
    found.map_or_else(String::new, |figure| grouped(1e9 / figure.rate))
}

/// A number with three digits to tell, and commas.
fn grouped(value: f64) -> String {
    if value < 10.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        let _written = write!(text, "{digit}");
    }
    text
}
