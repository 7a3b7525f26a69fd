//! Counts what each decision allocates. A binary of its own, so that counting slows nobody's timing.

use std::alloc::System;
use std::hint::black_box;
use std::process::ExitCode;

use anyhow::Result;
use policy_bench::engines::{Ours, Which};
use policy_bench::scenario::{Ask, Conditions, Rule, Setting, asks, rules};
use serde_json::{Value, json};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static COUNTING: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a program's output")]
fn main() -> ExitCode {
    match counts() {
        Ok(counts) => {
            println!("{counts}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Allocations of one decision on average over the requests, for every engine.
fn counts() -> Result<Value> {
    let mut found = Vec::new();
    for conditions in [Conditions::Dropped, Conditions::Kept] {
        for statements in [20, 2_000] {
            let setting = Setting { statements, conditions };
            let (rules, asks) = (rules(setting), asks(setting));
            let mut record = |engine: &str, (mean, most): (f64, usize)| {
                let row = setting.name();
                found.push(json!({ "row": row, "engine": engine, "mean": mean, "most": most }));
            };
            for which in Which::ALL {
                record(which.name(), decisions(which, &rules, &asks)?);
            }
            let ours = Ours::new(&rules, &asks)?;
            record("wh-policy, explained", count(&asks, &|ask| ours.explain(ask)));
        }
    }
    Ok(Value::Array(found))
}

fn decisions(which: Which, rules: &[Rule], asks: &[Ask]) -> Result<(f64, usize)> {
    let engine = which.prepare(rules, asks)?;
    Ok(count(asks, &|ask| {
        black_box(engine.decide(ask));
    }))
}

/// The mean and the most; each request once before, so that what is made once is not counted.
fn count(asks: &[Ask], work: &dyn Fn(usize)) -> (f64, usize) {
    let counts: Vec<usize> = (0..asks.len())
        .map(|ask| {
            work(ask);
            let region = Region::new(COUNTING);
            work(ask);
            let change = region.change();
            change.allocations + change.reallocations
        })
        .collect();
    let sum: f64 = counts.iter().filter_map(|n| u32::try_from(*n).ok()).map(f64::from).sum();
    let requests = u32::try_from(asks.len()).map_or(f64::NAN, f64::from);
    (sum / requests, counts.into_iter().max().unwrap_or_default())
}
