//! `wellhouse posture`: how the house stands, for people, for programs and for code scanners.

use std::sync::Arc;

use anyhow::{Result, bail};
use clap::ValueEnum;
use serde_json::{Value, json};
use tokio::sync::watch;
use wh_people::SignOnOptions;
use wh_portal::InForce;
use wh_provision::posture::{
    CHECKS, Judged, JudgedEvidence, Judgement, PostureReport, Said, judged,
};

use super::Lookout;
use crate::config::Config;
use crate::embedded::Parameters;
use crate::estate::Which;
use crate::{Ended, ledger, operator, paint, parameters, say};

/// Look at buckets, roles, people and the installation, and say what is not as it should be
///
/// What cannot be found out is told as not known, with the reason. Risks that are accepted stand under
/// `[[posture.accept]]` in the configuration.
#[derive(clap::Args)]
#[command(
    after_help = "Exit codes: 0 nothing fails, 2 something does (with --strict: or is not known), 1 it \
                        failed itself.\ndocs/posture.md lists the checks."
)]
pub(crate) struct Posture {
    #[command(flatten)]
    which: Which,
    /// Also show what holds, and what there is nothing of here
    #[arg(long)]
    all: bool,
    /// Count what is not known as not well
    #[arg(long)]
    strict: bool,
    /// Keep what was found, where the portal's administrators see it
    #[arg(long)]
    record: bool,
    /// How the report is printed
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// For people
    Text,
    /// For machines
    Json,
    /// SARIF 2.1.0, for code scanners
    Sarif,
}

/// Runs it.
pub(crate) async fn run(config: Config, asked: Posture) -> Result<Ended> {
    if !ledger::is_there(&config) {
        bail!(
            "there is no installation in {}: start the server once, or say --data",
            config.data.display()
        );
    }
    let estate = asked.which.in_force(&config).await?;
    let cloud = asked.which.cloud(&config, &estate).await;
    let cloud = cloud.map_err(|error| Said::english(format!("{error:#}")));
    let (clock, entropy) = (parameters::clock(), parameters::entropy());
    let ledger = ledger::open(&config, &clock).await?;
    let people = operator::people(&config, &ledger, SignOnOptions::default())?;
    let lookout = Lookout {
        people,
        in_force: watch::channel(InForce::described(Arc::new(estate))).1,
        parameters: Parameters { ledger: ledger.clone(), clock, entropy },
        cloud,
        standing: None,
        config,
    };
    let done = looked(&lookout, &asked).await;
    ledger.close().await;
    done
}

async fn looked(lookout: &Lookout, asked: &Posture) -> Result<Ended> {
    let report = lookout.round().await;
    let judged = judged(&report, &lookout.accepted()?, report.checked_at);
    match asked.output {
        Output::Text => tell(&judged, asked),
        Output::Json => say(&format!("{:#}", as_json(&report, &judged))),
        Output::Sarif => say(&format!("{:#}", sarif(&judged))),
    }
    if asked.record {
        lookout.record(report).await?;
    }
    let is = |judgement| judged.iter().any(|one| one.judgement == judgement);
    let bad = is(Judgement::Fails) || (asked.strict && is(Judgement::Unknown));
    Ok(if bad { Ended::Different } else { Ended::Done })
}

fn tell_evidence(JudgedEvidence { evidence, accepted }: &JudgedEvidence) {
    say(&format!("          {} ({}): {}", evidence.name, evidence.thing, evidence.said.en));
    if let Some(accepted) = accepted {
        let until = day(accepted.until);
        let over = if accepted.over { "was accepted, until" } else { "accepted until" };
        say(&format!("            {over} {until}: {}", accepted.reason));
    }
}

fn tell(judged: &[Judged], asked: &Posture) {
    for one in judged {
        let sign = match one.judgement {
            Judgement::Holds | Judgement::NotHere if !asked.all => continue,
            Judgement::Holds => paint::green("holds   "),
            Judgement::NotHere => paint::faint("not here"),
            Judgement::Fails => paint::red("FAILS   "),
            Judgement::Accepted => paint::yellow("accepted"),
            Judgement::Unknown => paint::yellow("unknown "),
        };
        let check = one.check;
        say(&format!("{sign}  {} ({})", paint::bold(check.title.en), check.id));
        if let Some(why) = &one.found.why {
            say(&format!("          {}", why.en));
        }
        for shown in &one.evidence {
            tell_evidence(shown);
        }
        if one.judgement == Judgement::Fails {
            tell_fix(one);
        }
    }
    tell_sum(judged);
}

fn tell_fix(one: &Judged) {
    let standards = one.check.standards.iter().map(|standard| {
        let likewise = if standard.likewise { "as " } else { "" };
        format!("{likewise}{}", standard.id)
    });
    let standards = standards.collect::<Vec<_>>().join(", ");
    if !standards.is_empty() {
        say(&format!("          {}", paint::faint(&standards)));
    }
    let fix = &one.check.fix;
    let command = fix.command.map(|command| format!(": {command}")).unwrap_or_default();
    say(&format!("        → {}{command}", fix.words.en));
}

fn tell_sum(judged: &[Judged]) {
    let count = |judgement| judged.iter().filter(|one| one.judgement == judgement).count();
    say(&format!(
        "{} of {} checks hold, {} fail, {} are accepted, {} are not known; of {} there is nothing here.",
        count(Judgement::Holds),
        judged.len(),
        count(Judgement::Fails),
        count(Judgement::Accepted),
        count(Judgement::Unknown),
        count(Judgement::NotHere),
    ));
}

/// The last day that counts, of the moment when an acceptance ends.
fn day(until: i64) -> String {
    let last = jiff::Timestamp::from_millisecond(until.saturating_sub(1));
    last.map_or_else(|_| "?".to_owned(), super::people::day)
}

fn as_json(report: &PostureReport, judged: &[Judged]) -> Value {
    let at = jiff::Timestamp::from_millisecond(report.checked_at);
    let well = !judged.iter().any(|one| one.judgement == Judgement::Fails);
    let checks: Vec<Value> = judged.iter().map(check_as_json).collect();
    json!({
        "well": well,
        "checked_at": at.map(|at| at.to_string()).unwrap_or_default(),
        "checks": checks,
    })
}

fn check_as_json(one: &Judged) -> Value {
    let evidence = one.evidence.iter().map(|JudgedEvidence { evidence, accepted }| {
        json!({
            "thing": evidence.thing,
            "name": evidence.name,
            "said": evidence.said.en,
            "accepted": accepted.as_ref().map(|accepted| json!({
                "reason": accepted.reason,
                "until": day(accepted.until),
                "over": accepted.over,
            })),
        })
    });
    let standards = one.check.standards.iter();
    let standards = standards.map(|one| json!({"id": one.id, "likewise": one.likewise}));
    json!({
        "check": one.check.id,
        "area": one.check.area.as_str(),
        "state": one.judgement.as_str(),
        "title": one.check.title.en,
        "means": one.check.means.en,
        "why": one.found.why.as_ref().map(|why| &why.en),
        "standards": standards.collect::<Vec<_>>(),
        "evidence": evidence.collect::<Vec<_>>(),
        "fix": {"words": one.check.fix.words.en, "page": one.check.fix.page, "command": one.check.fix.command},
    })
}

/// What fails as results of one run; an accepted risk is a result that is suppressed. Source: OASIS, "SARIF
/// Version 2.1.0", 3.27.23.
fn sarif(judged: &[Judged]) -> Value {
    let results: Vec<Value> = judged
        .iter()
        .filter(|one| matches!(one.judgement, Judgement::Fails | Judgement::Accepted))
        .flat_map(|one| one.evidence.iter().map(move |evidence| result(one, evidence)))
        .collect();
    let rules = CHECKS.iter().map(|check| {
        json!({
            "id": check.id,
            "shortDescription": {"text": check.title.en},
            "fullDescription": {"text": check.means.en},
            "help": {"text": check.fix.words.en},
            "properties": {"tags": check.standards.iter().map(|one| one.id).collect::<Vec<_>>()},
        })
    });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "wellhouse posture",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.collect::<Vec<_>>(),
            }},
            "results": results,
        }],
    })
}

fn result(one: &Judged, JudgedEvidence { evidence, accepted }: &JudgedEvidence) -> Value {
    let mut result = json!({
        "ruleId": one.check.id,
        "level": "warning",
        "message": {"text": format!("{}: {}", evidence.name, evidence.said.en)},
        "locations": [{"logicalLocations": [{"fullyQualifiedName": evidence.thing}]}],
    });
    let counts = accepted.as_ref().filter(|accepted| !accepted.over);
    if let (Some(members), Some(accepted)) = (result.as_object_mut(), counts) {
        let suppressed = json!([{"kind": "external", "justification": accepted.reason}]);
        members.insert("suppressions".to_owned(), suppressed);
    }
    result
}
