//! `wellhouse watch`: folders of which one is told by mail what others did there.

use anyhow::{Context, Result, bail};
use clap::{Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::jobs::{Shown, escaped};
use super::keep::Kept;
use super::portal::{Location, Portal};
use super::the_one;
use crate::store::Output;
use crate::{Ended, say};

/// Folders of which one is told by mail what others did there
///
/// Letters go to the address that you confirmed in the portal, and name what you may list when they are written.
#[derive(Subcommand)]
pub(crate) enum Watch {
    /// List what is watched, the newest first
    List(Shown),
    /// Watch a folder or a file; one that is watched already is told of so from now on
    Add(Add),
    /// Watch it no longer. Exit code 1: it is not watched
    Remove(Remove),
}

#[derive(clap::Args)]
pub(crate) struct Add {
    /// The location: its id, its bucket and prefix, its prefix, or its title
    location: String,
    /// A folder that ends in `/`, or a file; all of the location without it
    #[arg(default_value = "")]
    path: String,
    /// Once a day, and not soon after it happened
    #[arg(long)]
    daily: bool,
    /// In which language the letters are
    #[arg(long, value_enum, default_value = "en")]
    language: Language,
    #[command(flatten)]
    shown: Shown,
}

#[derive(clap::Args)]
pub(crate) struct Remove {
    /// Its id, as `watch list` prints it
    id: String,
    #[command(flatten)]
    shown: Shown,
}

#[derive(Clone, Copy, ValueEnum)]
enum Language {
    En,
    De,
}

#[derive(Deserialize, Serialize)]
struct Watched {
    id: String,
    location: String,
    path: String,
    rhythm: String,
    language: String,
    state: String,
    created: String,
}

#[derive(Deserialize, Serialize)]
struct All {
    watches: Vec<Watched>,
    mail: String,
}

pub(crate) async fn watch(watch: Watch) -> Result<Ended> {
    match watch {
        Watch::List(shown) => listed(&shown).await,
        Watch::Add(add) => added(add).await,
        Watch::Remove(Remove { id, shown }) => {
            let kept = Kept::read(&shown.place.path()?)?;
            if !id.chars().all(|c| c.is_ascii_alphanumeric()) {
                bail!("that is no id of a watch: `wellhouse watch list` prints them");
            }
            Portal::of(&kept).delete(&format!("watches/{}", escaped(&id))).await?;
            if shown.output == Output::Json {
                say(&json!({ "removed": id }).to_string());
            } else {
                say("It is watched no longer.");
            }
            Ok(Ended::Done)
        }
    }
}

async fn listed(shown: &Shown) -> Result<Ended> {
    let kept = Kept::read(&shown.place.path()?)?;
    let portal = Portal::of(&kept);
    let all: All = portal.get("watches").await?;
    if shown.output == Output::Json {
        say(&serde_json::to_string(&all).context("what is watched")?);
        return Ok(Ended::Done);
    }
    let locations = portal.locations().await?;
    for watched in &all.watches {
        say(&line(watched, &locations));
    }
    if all.watches.is_empty() {
        say("Nothing is watched.");
    }
    match all.mail.as_str() {
        "not-set-up" => say("This house sends no mail: nobody is told."),
        "no-address" => say("No mail address of yours is confirmed: you are told nothing."),
        _ => {}
    }
    Ok(Ended::Done)
}

async fn added(add: Add) -> Result<Ended> {
    let kept = Kept::read(&add.shown.place.path()?)?;
    let portal = Portal::of(&kept);
    let locations = portal.locations().await?;
    let wish = json!({
        "location": the_one(&locations, &add.location)?.id,
        "path": add.path,
        "rhythm": if add.daily { "daily" } else { "soon" },
        "language": match add.language {
            Language::En => "en",
            Language::De => "de",
        },
    });
    let watched: Watched = portal.post("watches", &wish).await?;
    if add.shown.output == Output::Json {
        say(&serde_json::to_string(&watched).context("what is watched")?);
    } else {
        say(&line(&watched, &locations));
    }
    Ok(Ended::Done)
}

fn line(watched: &Watched, locations: &[Location]) -> String {
    let Watched { id, location, path, rhythm, state, .. } = watched;
    let title = locations.iter().find(|one| one.id == *location);
    let title = title.map_or(location.as_str(), |one| one.title.as_str());
    let ended = match state.as_str() {
        "not-granted" => "  (you have the location no longer, and are told nothing)",
        "not-listed" => "  (you may not list it any more, and are told nothing)",
        _ => "",
    };
    format!("{id}  {rhythm}  {title}: {path}{ended}")
}
