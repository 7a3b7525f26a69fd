//! The report for programs.

use serde_json::{Value, json};

use super::{Report, aims};
use crate::engines::Which;
use crate::hostile::End;
use crate::scenario::Conditions;

/// The whole report; times in nanoseconds, rates in decisions a second of processor time.
pub fn json(report: &Report) -> Value {
    let engines = Which::ALL.map(|which| {
        json!({ "engine": which.name(), "version": which.version(), "translation": which.caveat() })
    });
    json!({
        "engines": engines,
        "decisions": decisions(report),
        "own": report.own.iter().map(|own| json!({
            "what": own.name, "mean_ns": own.mean,
            "p50_ns": own.percentiles.p50, "p99_ns": own.percentiles.p99,
        })).collect::<Vec<_>>(),
        "hostile": report.hostile.iter().map(|hostile| json!({
            "engine": hostile.which.name(), "pattern": hostile.trial.name(), "ended": ended(&hostile.end),
            "ns": match hostile.end {
                End::Decided(time) => Some(time),
                End::Endless | End::Failed => None,
            },
        })).collect::<Vec<_>>(),
        "scaling": report.scaling.iter().map(|step| json!({
            "place": step.trial.place.name(), "shape": step.trial.shape.name(), "pattern": step.trial.pieces,
            "text": step.trial.letters, "ns": step.time,
        })).collect::<Vec<_>>(),
        "parsing": report.parsing.iter().map(|parsing| json!({
            "engine": parsing.which.name(), "ns": parsing.mean,
        })).collect::<Vec<_>>(),
        "allocations": report.allocations.iter().map(|found| json!({
            "row": found.row, "engine": found.engine, "mean": found.mean, "most": found.most,
        })).collect::<Vec<_>>(),
        "aims": aims(report).iter().map(|aim| json!({
            "what": aim.what, "aim": aim.aim, "found": aim.found,
        })).collect::<Vec<_>>(),
    })
}

fn ended(end: &End) -> &'static str {
    match end {
        End::Decided(_) => "decided",
        End::Endless => "did not end",
        End::Failed => "failed",
    }
}

fn decisions(report: &Report) -> Vec<Value> {
    let rows = report.rows.iter().map(|row| {
        let conditions = match row.setting.conditions {
            Conditions::Kept => true,
            Conditions::Dropped => false,
        };
        let figures: Vec<_> = row
            .figures
            .iter()
            .map(|figure| {
                json!({
                    "engine": figure.which.name(), "per_second": figure.rate,
                    "p50_ns": figure.percentiles.p50, "p99_ns": figure.percentiles.p99,
                })
            })
            .collect();
        let left_out: Vec<_> = row
            .left_out
            .iter()
            .map(|left_out| {
                json!({
                    "engine": left_out.which.name(), "why": left_out.why,
                })
            })
            .collect();
        json!({
            "statements": row.setting.statements, "conditions": conditions,
            "figures": figures, "left_out": left_out,
            "ratio": row.ratio().map(|(ratio, _)| ratio),
            "fastest_peer": row.ratio().map(|(_, which)| which.name()),
        })
    });
    rows.collect()
}
