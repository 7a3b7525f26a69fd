//! `wellhouse search`: what one's locations hold that has such a name; and making the index anew.

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};
use wh_files::SearchKind;

use super::jobs::escaped;
use super::keep::{Kept, Place};
use super::portal::{Location, Portal};
use super::the_one;
use crate::config::Config;
use crate::control::{self, Request, unheard};
use crate::output::complain;
use crate::store::Output;
use crate::{Ended, say};

/// The largest `--limit`: as many pages as the portal answers without a pause.
const LIMIT_MAX: i64 = 5_000;

/// Find files and folders by their names, in every location that the token opens
///
/// Every word is in the path, and one in the name. Exit code 2: not everything has been looked through yet,
/// and more may be found later.
#[derive(clap::Args)]
pub(crate) struct Search {
    /// What is searched for
    #[arg(required_unless_present = "rebuild", conflicts_with = "rebuild")]
    words: Vec<String>,
    /// Only in this location: its id, its bucket and prefix, its prefix, or its title
    #[arg(long)]
    location: Option<String>,
    /// Only in this folder of the location, which ends in `/`
    #[arg(long, requires = "location")]
    folder: Option<String>,
    /// Only folder, image, video, audio, document, spreadsheet, presentation, archive, text or other
    #[arg(long, value_parser = kind)]
    kind: Option<&'static str>,
    /// At least so many bytes
    #[arg(long)]
    size_min: Option<u64>,
    /// At most so many bytes
    #[arg(long)]
    size_max: Option<u64>,
    /// Written at this time or later: 2026-01-31T00:00:00Z
    #[arg(long, value_name = "TIME")]
    modified_after: Option<String>,
    /// Written before this time
    #[arg(long, value_name = "TIME")]
    modified_before: Option<String>,
    /// At most so many results: up to 5,000
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..=LIMIT_MAX))]
    limit: u16,
    /// Have the running server make its index anew from the store: whoever has the machine does
    #[arg(long)]
    rebuild: bool,
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
    #[command(flatten)]
    place: Place,
}

fn kind(word: &str) -> Result<&'static str, String> {
    let known = SearchKind::ALL.map(SearchKind::as_str);
    let found = SearchKind::parse(word).map(SearchKind::as_str);
    found.ok_or_else(|| format!("it is one of {}", known.join(", ")))
}

#[derive(Deserialize, Serialize)]
struct Found {
    location: String,
    path: String,
    kind: String,
    size: Option<u64>,
    modified: Option<String>,
}

#[derive(Deserialize)]
struct Page {
    results: Vec<Found>,
    next: Option<String>,
    complete: bool,
    as_of: Option<String>,
}

#[derive(Serialize)]
struct All<'a> {
    results: &'a [Found],
    /// Whether there are more than were asked for.
    more: bool,
    complete: bool,
    as_of: Option<String>,
}

pub(crate) async fn search(asked: Search, config: &impl Fn() -> Result<Config>) -> Result<Ended> {
    if asked.rebuild {
        return rebuild(&config()?).await;
    }
    let kept = Kept::read(&asked.place.path()?)?;
    let portal = Portal::of(&kept);
    let locations = portal.locations().await?;
    let query = query(&asked, &locations)?;
    let mut found: Vec<Found> = Vec::new();
    let (mut cursor, mut complete, mut as_of) = (String::new(), true, None);
    let limit = usize::from(asked.limit);
    let more = loop {
        let page = portal.get::<Page>(&format!("search?{query}{cursor}")).await;
        let page = match page {
            Ok(page) => page,
            Err(error) if found.is_empty() => return Err(error),
            Err(error) => {
                // What was found is worth more than nothing.
                complain(&error.context("the search ends here"));
                complete = false;
                break true;
            }
        };
        complete &= page.complete;
        as_of = page.as_of;
        found.extend(page.results);
        match page.next {
            Some(_) if found.len() >= limit => break true,
            Some(next) => cursor = format!("&cursor={}", escaped(&next)),
            None => break found.len() > limit,
        }
    };
    found.truncate(limit);
    if asked.output == Output::Json {
        say(&serde_json::to_string(&All { results: &found, more, complete, as_of })?);
    } else {
        tell(&found, &locations, (more, complete));
    }
    Ok(if complete { Ended::Done } else { Ended::Different })
}

fn query(asked: &Search, locations: &[Location]) -> Result<String> {
    let location = asked.location.as_deref().map(|word| the_one(locations, word)).transpose()?;
    let page = usize::from(asked.limit).min(wh_files::SEARCH_PAGE_MAX).to_string();
    let (least, most) =
        (asked.size_min.map(|n| n.to_string()), asked.size_max.map(|n| n.to_string()));
    let words = asked.words.join(" ");
    let parameters = [
        ("q", Some(words.as_str())),
        ("limit", Some(page.as_str())),
        ("location", location.map(|location| location.id.as_str())),
        ("path", asked.folder.as_deref()),
        ("kind", asked.kind),
        ("size_min", least.as_deref()),
        ("size_max", most.as_deref()),
        ("modified_after", asked.modified_after.as_deref()),
        ("modified_before", asked.modified_before.as_deref()),
    ];
    let given = parameters
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| format!("{name}={}", escaped(value))));
    Ok(given.collect::<Vec<_>>().join("&"))
}

fn tell(found: &[Found], locations: &[Location], (more, complete): (bool, bool)) {
    for Found { location, path, size, modified, .. } in found {
        let title = locations.iter().find(|one| one.id == *location);
        let title = title.map_or(location.as_str(), |one| one.title.as_str());
        let size = size.map(|size| format!(", {size} bytes")).unwrap_or_default();
        let modified = modified.as_ref().map(|at| format!(", {at}")).unwrap_or_default();
        say(&format!("{title}: {path}{size}{modified}"));
    }
    if found.is_empty() {
        say("Nothing was found.");
    }
    if more {
        say("There is more: ask for more by --limit, or narrow it down.");
    }
    if !complete {
        say("Not everything has been looked through yet: more may be found later.");
    }
}

async fn rebuild(config: &Config) -> Result<Ended> {
    match control::ask(&config.data, &Request::RebuildSearch, &mut unheard).await? {
        Some(_) => say("The index of names is being made anew."),
        None => bail!(
            "no server answers on {}: its index is made when it starts",
            config.data.display()
        ),
    }
    Ok(Ended::Done)
}
