//! `wellhouse activity`: what happened in a person's files, the newest first.

use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::json;
use wh_files::ActivityKind;

use super::jobs::{Shown, escaped};
use super::keep::Kept;
use super::portal::{Location, Portal};
use super::the_one;
use crate::store::Output;
use crate::{Ended, say};

/// The largest `--limit`: as many pages as the portal answers without a pause.
const LIMIT_MAX: i64 = 2_000;

/// How many entries are asked for at a time.
const PAGE: usize = 100;

/// Show what happened to files, the newest first, in every location that the token opens
///
/// It shows what happened in folders that the token may list now. Exit code 2: not everything could be looked at;
/// narrow down the folder or the time.
#[derive(clap::Args)]
pub(crate) struct Activity {
    /// Only in this location: its id, its bucket and prefix, its prefix, or its title
    location: Option<String>,
    /// Only below this folder, which ends in `/`, or to this file
    #[arg(requires = "location")]
    path: Option<String>,
    /// Only added, replaced, written, copied, moved-here, moved-away, trashed, restored, purged, expired or tagged
    #[arg(long, value_parser = kind)]
    kind: Option<&'static str>,
    /// Only what the person of this name did
    #[arg(long, value_name = "NAME")]
    person: Option<String>,
    /// At this time or later: 2026-01-31T00:00:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Before this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// At most so many entries: up to 2,000
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=LIMIT_MAX))]
    limit: u16,
    #[command(flatten)]
    shown: Shown,
}

fn kind(word: &str) -> Result<&'static str, String> {
    let known = ActivityKind::ALL.map(ActivityKind::as_str);
    let found = ActivityKind::parse(word).map(ActivityKind::as_str);
    found.ok_or_else(|| format!("it is one of {}", known.join(", ")))
}

#[derive(Deserialize, Serialize)]
struct By {
    kind: String,
    name: Option<String>,
}

#[derive(Deserialize, Serialize)]
struct Entry {
    id: String,
    kind: String,
    from: String,
    at: String,
    by: By,
    location: String,
    folder: String,
    names: Vec<String>,
    count: usize,
}

#[derive(Deserialize)]
struct Page {
    entries: Vec<Entry>,
    next: Option<String>,
    complete: bool,
    since: Option<String>,
    source: String,
}

pub(crate) async fn activity(asked: Activity) -> Result<Ended> {
    let kept = Kept::read(&asked.shown.place.path()?)?;
    let portal = Portal::of(&kept);
    let locations = portal.locations().await?;
    let (place, query) = (place(&asked, &locations)?, query(&asked));
    let limit = usize::from(asked.limit);
    let mut entries: Vec<Entry> = Vec::new();
    let (mut cursor, mut complete) = (String::new(), true);
    let (more, since, source) = loop {
        let size = PAGE.min(limit - entries.len());
        let page: Page = portal.get(&format!("{place}?limit={size}{query}{cursor}")).await?;
        complete &= page.complete;
        entries.extend(page.entries);
        match page.next {
            Some(next) if entries.len() < limit => cursor = format!("&cursor={}", escaped(&next)),
            next => break (next.is_some(), page.since, page.source),
        }
    };
    if asked.shown.output == Output::Json {
        let all = json!({ "entries": entries, "more": more, "complete": complete, "since": since,
            "source": source });
        say(&all.to_string());
    } else {
        tell(&entries, &locations, (more, complete));
        if source == "portal" {
            say(
                "Only what was done through the portal is told: this store has no feed of changes.",
            );
        }
    }
    Ok(if complete { Ended::Done } else { Ended::Different })
}

fn place(asked: &Activity, locations: &[Location]) -> Result<String> {
    Ok(match asked.location.as_deref() {
        Some(word) => format!("locations/{}/activity", the_one(locations, word)?.id),
        None => "activity".to_owned(),
    })
}

fn query(asked: &Activity) -> String {
    let parameters = [
        ("path", asked.path.as_deref()),
        ("kind", asked.kind),
        ("person", asked.person.as_deref()),
        ("since", asked.since.as_deref()),
        ("until", asked.until.as_deref()),
    ];
    let given = parameters.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let given: Vec<String> =
        given.map(|(name, value)| format!("&{name}={}", escaped(value))).collect();
    given.concat()
}

fn tell(entries: &[Entry], locations: &[Location], (more, complete): (bool, bool)) {
    for Entry { kind, at, by, location, folder, names, count, .. } in entries {
        let title = locations.iter().find(|one| one.id == *location);
        let title = title.map_or(location.as_str(), |one| one.title.as_str());
        let who = by.name.as_deref().map_or_else(
            || by.kind.clone(),
            |name| match by.kind.as_str() {
                "person" => name.to_owned(),
                kind => format!("{kind} {name}"),
            },
        );
        let name = names.first().map(String::as_str).unwrap_or_default();
        let others = match count.saturating_sub(1) {
            0 => String::new(),
            others => format!(" and {others} more"),
        };
        say(&format!("{at}  {who}  {kind}  {title}: {folder}{name}{others}"));
    }
    if entries.is_empty() {
        say("Nothing happened that can be shown.");
    }
    if more {
        say("There is more: ask for more by --limit, or narrow it down.");
    }
    if !complete {
        say("Not everything could be looked at: narrow down the folder or the time.");
    }
}
