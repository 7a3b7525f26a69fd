//! `wellhouse policy use`: what a role was used for, and the smaller policy that would have sufficed. Read from
//! the ledger and the configuration, whether a server runs or not; nothing is asked of the store.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use wh_files::{
    Narrowing, PolicyUse, RoleUse, StatementUse, USE_DAYS_MAX, UnusedGrant, UseQuestion, role_use,
};
use wh_ledger::{GrantSubject, RolePlaceUse};
use wh_names::RoleName;
use wh_policy::Effect;

use super::{Configured, Output};
use crate::config::Config;
use crate::{Ended, estate, ledger, paint, parameters, saved_policies, say, serve};

/// How many places are shown in words.
const PLACES_SHOWN: usize = 40;

/// Say what a role was used for, and which smaller policy would have sufficed
///
/// Known is what sessions of the role were allowed and did at Wellhouse's own endpoint: reading, too. The
/// smaller policy allows every request that is like one of those, keeps conditions and denials, and allows
/// nothing that the present one does not; both is proved.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    wellhouse policy use --role S3AccessRole --days 90\n  \
    wellhouse policy use --role S3AccessRole --resources places --write smaller.json\n  \
    wellhouse policy use --role EC2UploadRole --output json")]
pub(crate) struct Use {
    /// The role
    #[arg(long)]
    role: String,
    /// How many days are looked back on
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=i64::from(USE_DAYS_MAX)))]
    days: u16,
    /// What becomes of the resources of statements: `patterns` keeps those in which something was seen, as
    /// they are written; `places` names the folders where something was
    #[arg(long, value_enum, default_value_t = Resources::Patterns)]
    resources: Resources,
    /// Write the smaller policy into this file
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// `text` or `json`
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// What becomes of resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Resources {
    /// They stay as they are written, where something was seen in them
    Patterns,
    /// The folders where something was seen
    Places,
}

pub(super) fn run(asked: &Use, config: Configured<'_>) -> Result<Ended> {
    let found = read(asked, &config()?)?;
    match asked.output {
        Output::Text => print(&found, asked.days),
        Output::Json => say(&format!("{:#}", used_json(&found))),
    }
    if let Some(file) = &asked.write {
        if found.kept.since.is_none() {
            bail!("what sessions of roles do is not watched here: no smaller policy can be made");
        }
        let [policy] = found.policies.as_slice() else {
            bail!("{} has {} policies: see --output json", found.role, found.policies.len());
        };
        let smaller = policy.smaller.as_ref().context("nothing is left that a policy would say")?;
        fs::write(file, format!("{smaller}\n"))
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(Ended::Done)
}

fn read(asked: &Use, config: &Config) -> Result<RoleUse> {
    if !ledger::is_there(config) {
        bail!("there is no installation in {}", config.data.display());
    }
    let role = RoleName::parse(&asked.role).context("--role")?;
    let described = estate::configured(config)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let estate = runtime.block_on(saved_policies::in_force(config, described))?;
    let views = serve::role_views(config, &estate)?;
    let names: Vec<&str> = views.keys().map(RoleName::as_str).collect();
    let view = views
        .get(&role)
        .with_context(|| format!("--role {role}: the estate's roles are {}", names.join(", ")))?;
    let narrowing = match asked.resources {
        Resources::Patterns => Narrowing::Patterns,
        Resources::Places => Narrowing::Places,
    };
    let question = UseQuestion { role, days: asked.days, narrowing };
    let (partition, account) = (estate::partition(config)?, estate::account(config)?);
    runtime.block_on(async {
        let clock = parameters::clock();
        let ledger = ledger::open(config, &clock).await?;
        let found = role_use(&ledger, (view, &partition, &account), &question, clock.now()).await;
        ledger.close().await;
        anyhow::Ok(found?)
    })
}

fn print(found: &RoleUse, days: u16) {
    let RoleUse { role, .. } = found;
    if found.kept.since.is_none() && found.places.is_empty() {
        say(&format!("What {} is used for is not known:", paint::bold(role.as_str())));
    } else {
        print_places(found, days);
    }
    for policy in &found.policies {
        print_policy(policy, found);
    }
    if !found.unused_grants.is_empty() {
        section("Grants that nobody used");
        found.unused_grants.iter().for_each(|one| say(&format!("  {}", grant_in_words(one))));
    }
    section("Watched");
    for line in watched(found) {
        say(&format!("  {line}"));
    }
}

fn print_places(found: &RoleUse, days: u16) {
    let RoleUse { role, users, .. } = found;
    let machines = users.machines;
    say(&format!(
        "{} was used by {} persons and {machines} machines{} in the last {days} days:",
        paint::bold(role.as_str()),
        users.persons,
        if users.others { ", and by others" } else { "" }
    ));
    for row in found.places.iter().take(PLACES_SHOWN) {
        say(&format!("  {}", place_in_words(row)));
    }
    let more = found.places.len().saturating_sub(PLACES_SHOWN) as u64 + found.places_left_out;
    if more > 0 {
        say(&format!("  and {more} more; --output json shows 500"));
    }
}

fn section(title: &str) {
    say("");
    say(&paint::bold(title));
}

fn place_in_words(row: &RolePlaceUse) -> String {
    let folder = row.place.get(1..).unwrap_or_default();
    let place = match row.place.chars().next() {
        Some('?') => format!("{} (listing {folder})", row.bucket),
        Some(_) => format!("{}/{folder}", row.bucket),
        None => row.bucket.clone(),
    };
    let others = if row.others { ", others" } else { "" };
    let (persons, machines, last) = (row.persons, row.machines, row.times.last);
    let by = match (persons, machines) {
        (_, 0) => format!("{persons} persons"),
        (0, _) => format!("{machines} machines"),
        (_, _) => format!("{persons} persons, {machines} machines"),
    };
    format!(
        "{} on {place}: {by}{others}, {} requests, last {last:.0}",
        row.action, row.times.requests
    )
}

fn print_policy(policy: &PolicyUse, found: &RoleUse) {
    section(&format!("Never used of `{}`", policy.name));
    let lines: Vec<String> = policy.statements.iter().filter_map(unused_in_words).collect();
    if lines.is_empty() {
        say("  nothing: every statement, action and resource was");
    }
    for line in &lines {
        say(&format!("  {line}"));
    }
    section("The smaller policy that would have sufficed");
    match &policy.smaller {
        None => say("  nothing of it was used, and no denial is left to say"),
        Some(_) if !policy.differs => say("  none: it is the present one"),
        Some(text) => text.lines().for_each(|line| say(&format!("  {line}"))),
    }
    match &policy.proved {
        Ok(()) => say(&format!(
            "  {}: it allows all that was seen, and nothing that the present one does not",
            paint::green("proved")
        )),
        Err(because) => say(&format!("  {}: {because}", paint::yellow("not proved"))),
    }
    if !found.widened.is_empty() {
        let folders = found.widened.join(", ");
        say(&format!("  stand for more than was seen in them, with `places`: {folders}"));
    }
}

fn unused_in_words(one: &StatementUse) -> Option<String> {
    if one.effect == Effect::Deny {
        return None;
    }
    if one.used.is_empty() {
        return Some(format!("`{}`, all of it", one.statement));
    }
    let parts: Vec<&str> =
        one.unused_actions.iter().chain(&one.unused_resources).map(String::as_str).collect();
    (!parts.is_empty()).then(|| format!("`{}`: {}", one.statement, parts.join(", ")))
}

fn grant_in_words(one: &UnusedGrant) -> String {
    let name = one.subject_name.as_deref().unwrap_or("?");
    let to = match &one.grant.subject {
        GrantSubject::Person(_) => name.to_owned(),
        GrantSubject::Group(_) => format!("group {name}"),
        GrantSubject::Everyone => "everyone".to_owned(),
    };
    format!("{to} on {}/{} ({})", one.grant.bucket, one.grant.prefix, one.grant.id.as_str())
}

/// What the answer rests on, and what was not seen.
fn watched(found: &RoleUse) -> Vec<String> {
    let mut lines = Vec::new();
    match found.kept.since {
        None => {
            return vec![format!(
                "{}: what sessions of roles do is not seen here; before Amazon S3 it is in CloudTrail",
                paint::yellow("nothing")
            )];
        }
        Some(since) if since > found.from => lines.push(format!(
            "{} since {since:.0}: what was done before is not known, and may need more",
            paint::yellow("only")
        )),
        Some(_) => lines.push(format!("all of the time since {:.0}", found.from)),
    }
    if let Some(lost) = found.kept.lost.filter(|lost| *lost >= found.from) {
        let warning = paint::yellow("not all");
        lines.push(format!("{warning}: at {lost:.0} more was done than could be written down"));
    }
    lines.push(
        "requests of sessions of this role at our own endpoint, reading and listing too".into(),
    );
    lines.push("not: what was refused; STS and IAM; the last two seconds before a crash".into());
    lines
}

fn used_json(found: &RoleUse) -> Value {
    let place = |row: &RolePlaceUse| {
        json!({ "action": row.action, "bucket": row.bucket, "folder": row.place.get(1..),
            "listing": row.place.starts_with('?'), "persons": row.persons,
            "machines": row.machines, "others": row.others, "requests": row.times.requests,
            "first": row.times.first.to_string(), "last": row.times.last.to_string() })
    };
    let statement = |one: &StatementUse| {
        json!({ "statement": one.statement, "effect": one.effect.as_str().to_lowercase(),
            "used": one.used, "unused_actions": one.unused_actions,
            "unused_resources": one.unused_resources })
    };
    let policy = |one: &PolicyUse| {
        json!({ "name": one.name, "smaller": one.smaller, "characters": one.characters,
            "differs": one.differs, "proved": one.proved.is_ok(),
            "not_proved": one.proved.as_ref().err(),
            "statements": one.statements.iter().map(statement).collect::<Vec<_>>() })
    };
    let grant = |one: &UnusedGrant| {
        json!({ "id": one.grant.id.as_str(), "title": one.grant.title,
            "bucket": one.grant.bucket.as_str(), "prefix": one.grant.prefix.as_str(),
            "subject": one.subject_name })
    };
    json!({
        "role": found.role.as_str(),
        "from": found.from.to_string(),
        "until": found.at.to_string(),
        "known_since": found.kept.since.map(|since| since.to_string()),
        "lost_at": found.kept.lost.map(|lost| lost.to_string()),
        "whole": found.is_whole(),
        "persons": found.users.persons,
        "machines": found.users.machines,
        "others": found.users.others,
        "places": found.places.iter().map(place).collect::<Vec<_>>(),
        "places_left_out": found.places_left_out,
        "widened": found.widened,
        "policies": found.policies.iter().map(policy).collect::<Vec<_>>(),
        "unused_grants": found.unused_grants.iter().map(grant).collect::<Vec<_>>(),
    })
}
