//! `wellhouse past`: a folder as it was at a moment, listed and brought back.

use anyhow::Result;
use clap::Subcommand;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::jobs::{Shown, done, escaped};
use super::keep::Kept;
use super::portal::Portal;
use super::the_one;
use crate::output::remark;
use crate::store::Output;
use crate::{Ended, say};

/// A folder as it was at a moment, from the versions that the bucket keeps
#[derive(Subcommand)]
pub(crate) enum Past {
    /// List a folder as it was, with what has become of each file since
    ///
    /// What the versions cannot tell is said on standard error.
    List(Listed),
    /// Make files and folders what they were, and wait until that is done
    ///
    /// Each file that differs gets what it was as its newest version; what it is now stays among its
    /// versions. Interrupted, it goes on at the server. Exit code 2: something was not brought back.
    Restore(Restored),
}

#[derive(clap::Args)]
pub(crate) struct Listed {
    /// The location: its id, its bucket and prefix, its prefix, or its title
    location: String,
    /// The folder, which ends in `/`
    #[arg(long, default_value = "")]
    folder: String,
    /// The moment, to the second: as 2026-11-01T10:00:00Z, or with another offset
    #[arg(long, value_name = "MOMENT")]
    at: String,
    #[command(flatten)]
    shown: Shown,
}

#[derive(clap::Args)]
pub(crate) struct Restored {
    /// The location: its id, its bucket and prefix, its prefix, or its title
    location: String,
    /// Files, and folders that end in `/`
    #[arg(required_unless_present = "everything")]
    paths: Vec<String>,
    /// The whole location
    #[arg(long, conflicts_with = "paths")]
    everything: bool,
    /// The moment, to the second: as 2026-11-01T10:00:00Z, or with another offset
    #[arg(long, value_name = "MOMENT")]
    at: String,
    /// Move to the trash what was made since; without it that is left alone
    #[arg(long)]
    delete_newer: bool,
    #[command(flatten)]
    shown: Shown,
}

#[derive(Deserialize, Serialize)]
struct Entry {
    kind: String,
    name: String,
    since: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    modified: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
}

#[derive(Deserialize)]
struct Page {
    entries: Vec<Entry>,
    next: Option<String>,
    there: bool,
    tells: String,
    whole_since: Option<String>,
}

/// A folder, when all pages have been asked for.
#[derive(Serialize)]
struct Listing {
    at: String,
    there: bool,
    tells: String,
    whole_since: Option<String>,
    entries: Vec<Entry>,
}

pub(crate) async fn past(past: Past) -> Result<Ended> {
    match past {
        Past::List(listed) => list(listed).await,
        Past::Restore(asked) => {
            let Restored { location, paths, at, delete_newer, shown, .. } = asked;
            let kept = Kept::read(&shown.place.path()?)?;
            let portal = Portal::of(&kept);
            let locations = portal.locations().await?;
            let location = &the_one(&locations, &location)?.id;
            let form = json!({ "kind": "restore-past", "location": location, "paths": paths,
                "at": at, "delete_newer": delete_newer });
            done(&portal, &shown, &form).await
        }
    }
}

async fn list(listed: Listed) -> Result<Ended> {
    let Listed { location, folder, at, shown } = listed;
    let kept = Kept::read(&shown.place.path()?)?;
    let portal = Portal::of(&kept);
    let locations = portal.locations().await?;
    let id = &the_one(&locations, &location)?.id;
    let asked = format!("locations/{id}/past?path={}&at={}", escaped(&folder), escaped(&at));
    let first: Page = portal.get(&asked).await?;
    let Page { entries, mut next, there, tells, whole_since } = first;
    let mut whole = Listing { at, there, tells, whole_since, entries };
    while let Some(cursor) = next {
        let page: Page = portal.get(&format!("{asked}&cursor={}", escaped(&cursor))).await?;
        whole.entries.extend(page.entries);
        whole.there |= page.there;
        // A later page may show that less can be told, never more.
        if whole.tells == "all" || page.tells == "unversioned" {
            whole.tells = page.tells;
        }
        next = page.next;
    }
    if shown.output == Output::Json {
        say(&serde_json::to_string(&whole)?);
        return Ok(Ended::Done);
    }
    tell(&whole, &folder);
    Ok(Ended::Done)
}

fn tell(whole: &Listing, folder: &str) {
    for Entry { kind, name, since, size, modified, .. } in &whole.entries {
        let since = since.as_deref().unwrap_or("still there");
        let slash = if kind == "folder" { "/" } else { "" };
        let size = size.map(|size| format!(", {size} bytes")).unwrap_or_default();
        let written = modified.as_ref().map(|at| format!(", written {at}")).unwrap_or_default();
        say(&format!("{folder}{name}{slash}: {since}{size}{written}"));
    }
    if whole.entries.is_empty() && whole.there {
        say("The folder was empty.");
    }
    if !whole.there && whole.tells == "all" {
        say("The folder was not there.");
    }
    if let Some(missing) = untold(&whole.tells, whole.whole_since.as_deref()) {
        remark(&missing);
    }
}

/// What the versions cannot tell.
fn untold(tells: &str, whole_since: Option<&str>) -> Option<String> {
    match tells {
        "all" => None,
        "expired" => {
            let since = whole_since.unwrap_or("later");
            Some(format!(
                "the bucket keeps what was replaced or deleted only since {since}: files may have been \
                 there that are not shown"
            ))
        }
        "unversioned" => Some(
            "some of it was written while the bucket kept no versions: what was there before is not known"
                .to_owned(),
        ),
        _unknown => Some(
            "how long the bucket keeps versions is not known to you: files may have been there that are \
             not shown"
                .to_owned(),
        ),
    }
}
