//! What the figures are meant to reach, printed beside them.
//!
//! Never a reason to fail: a busy machine is not a slow engine.

use super::Report;
use crate::decisions::Row;
use crate::engines::Which;
use crate::own::EXPLAINED;
use crate::scenario::{Conditions, Setting};

/// An aim and what was found.
#[derive(Debug)]
pub struct Aim {
    /// What is measured, with its unit.
    pub what: &'static str,
    /// What it should be.
    pub aim: &'static str,
    /// What it is; none where it was not measured.
    pub found: Option<f64>,
}

/// Every aim.
pub fn aims(report: &Report) -> Vec<Aim> {
    let bare = Setting { statements: 20, conditions: Conditions::Dropped };
    let many = Setting { statements: 2_000, conditions: Conditions::Kept };
    let central = report.rows.iter().find(|row| row.setting == Setting::central());
    vec![
        Aim {
            what: "20 statements, with conditions: times the fastest peer",
            aim: "at least 20",
            found: central.and_then(Row::ratio).map(|(ratio, _)| ratio),
        },
        Aim {
            what: "20 statements, no conditions: a decision, ns",
            aim: "at most 500",
            found: time(report, bare),
        },
        Aim {
            what: "20 statements, with conditions: a decision and its explanation, ns",
            aim: "at most 5,000",
            found: explained(report),
        },
        Aim {
            what: "2,000 statements: times the time of 20",
            aim: "at most 100",
            found: time(report, many).zip(time(report, Setting::central())).map(|(a, b)| a / b),
        },
        Aim {
            what: "20 statements, with conditions: allocations of a decision",
            aim: "0",
            found: allocated(report),
        },
    ]
}

fn time(report: &Report, setting: Setting) -> Option<f64> {
    let row = report.rows.iter().find(|row| row.setting == setting)?;
    let ours = row.figures.iter().find(|figure| figure.which == Which::Ours)?;
    Some(1e9 / ours.rate)
}

fn explained(report: &Report) -> Option<f64> {
    let name = format!("{EXPLAINED}: {}", Setting::central().name());
    report.own.iter().find(|own| own.name == name).map(|own| own.mean)
}

fn allocated(report: &Report) -> Option<f64> {
    let name = Setting::central().name();
    let ours = |engine: &str| engine == Which::Ours.name();
    let mut found = report.allocations.iter();
    found.find(|found| found.row == name && ours(&found.engine)).map(|found| found.mean)
}
