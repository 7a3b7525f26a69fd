//! `wellhouse share`: links by which somebody without an account fetches what one may read.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::jobs::escaped;
use super::keep::{Kept, Place};
use super::portal::Portal;
use super::the_one;
use crate::store::Output;
use crate::{Ended, say, secret_file};

/// Links for people without an account
///
/// A link opens by the rights of whoever made it, as they are at each use. One that is made here ends with
/// the token that `login` keeps.
#[derive(Subcommand)]
pub(crate) enum Share {
    /// Make a link to a file or a folder, and print its address: it is shown this once
    Create(Create),
    /// List links, the newest first
    List(Shown),
    /// Revoke a link, for good. Exit code 1: there is none that is not revoked
    Revoke(Revoke),
}

#[derive(clap::Args)]
pub(crate) struct Shown {
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
    #[command(flatten)]
    place: Place,
}

#[derive(Clone, Copy, ValueEnum)]
enum Showing {
    Download,
    View,
}

#[derive(clap::Args)]
pub(crate) struct Create {
    /// The location: its id, its bucket and prefix, its prefix, or its title
    location: String,
    /// The file, or a folder that ends in `/`
    path: String,
    /// What may be done with it: `view` only what browsers show
    #[arg(long, value_enum, default_value = "download")]
    showing: Showing,
    /// How many days it works; 7 without it, or fewer where the house says so
    #[arg(long, value_name = "N")]
    days: Option<u32>,
    /// It works until it is revoked, or the token ends
    #[arg(long, conflicts_with = "days")]
    endless: bool,
    /// A file of mode 0600 that holds the password which the link asks for
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// How often something may be fetched by it
    #[arg(long, value_name = "N")]
    times: Option<u32>,
    /// A note to oneself
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    #[command(flatten)]
    shown: Shown,
}

#[derive(clap::Args)]
pub(crate) struct Revoke {
    /// The link's id, as `share list` prints it
    id: String,
    #[command(flatten)]
    shown: Shown,
}

#[derive(Deserialize, Serialize)]
struct Link {
    id: String,
    state: String,
    location: String,
    bucket: Option<String>,
    prefix: Option<String>,
    path: String,
    showing: String,
    note: String,
    password: bool,
    created: String,
    ends: Option<String>,
    downloads_max: Option<u32>,
    downloads: u32,
    used: Option<String>,
}

#[derive(Deserialize)]
struct Links {
    links: Vec<Link>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Made {
    link: Link,
    path: String,
}

pub(crate) async fn share(share: Share) -> Result<Ended> {
    match share {
        Share::Create(create) => made(create).await,
        Share::List(shown) => listed(shown).await,
        Share::Revoke(Revoke { id, shown }) => {
            let kept = Kept::read(&shown.place.path()?)?;
            if !id.chars().all(|c| c.is_ascii_alphanumeric()) {
                bail!("that is no id of a link: `wellhouse share list` prints them");
            }
            Portal::of(&kept).delete(&format!("links/{id}")).await?;
            match shown.output {
                Output::Json => say(&json!({ "id": id, "state": "revoked" }).to_string()),
                Output::Text => say(&format!("The link {id} is revoked.")),
            }
            Ok(Ended::Done)
        }
    }
}

async fn made(create: Create) -> Result<Ended> {
    let kept = Kept::read(&create.shown.place.path()?)?;
    let portal = Portal::of(&kept);
    let locations = portal.locations().await?;
    let location = &the_one(&locations, &create.location)?.id;
    let showing = match create.showing {
        Showing::Download => "download",
        Showing::View => "view",
    };
    let mut form = Map::new();
    let mut put = |name: &str, value: Value| drop(form.insert(name.to_owned(), value));
    put("location", json!(location));
    put("path", json!(create.path));
    put("showing", json!(showing));
    put("endless", json!(create.endless));
    put("days", json!(create.days));
    put("downloads_max", json!(create.times));
    put("note", json!(create.note));
    if let Some(file) = &create.password_file {
        let password = secret_file::read("--password-file", file)?;
        put("password", json!(password.expose()));
    }
    let made: Made = portal.post("links", &Value::Object(form)).await?;
    let address = format!("{}{}", kept.portal, made.path);
    if create.shown.output == Output::Json {
        let mut told = serde_json::to_value(&made.link)?;
        if let Some(told) = told.as_object_mut() {
            told.insert("url".to_owned(), json!(address));
        }
        say(&told.to_string());
        return Ok(Ended::Done);
    }
    say(&address);
    say(&line(&made.link));
    Ok(Ended::Done)
}

async fn listed(shown: Shown) -> Result<Ended> {
    let kept = Kept::read(&shown.place.path()?)?;
    let portal = Portal::of(&kept);
    let Links { mut links, mut next } = portal.get("links").await?;
    while let Some(cursor) = next {
        let page: Links = portal.get(&format!("links?cursor={}", escaped(&cursor))).await?;
        links.extend(page.links);
        next = page.next;
    }
    if shown.output == Output::Json {
        say(&serde_json::to_string(&links)?);
        return Ok(Ended::Done);
    }
    for link in &links {
        say(&line(link));
    }
    if links.is_empty() {
        say("There are no links.");
    }
    Ok(Ended::Done)
}

fn line(link: &Link) -> String {
    let Link { id, state, path, showing, downloads, .. } = link;
    let place = match (&link.bucket, &link.prefix) {
        (Some(bucket), Some(prefix)) => format!("{bucket}/{prefix}{path}"),
        (_, _) => path.clone(),
    };
    let until = link
        .ends
        .as_ref()
        .map_or_else(|| "until it is revoked".to_owned(), |end| format!("until {end}"));
    let password = if link.password { "with" } else { "without" };
    let of = link.downloads_max.map(|max| format!(" of {max}")).unwrap_or_default();
    let note = if link.note.is_empty() { String::new() } else { format!(" ({})", link.note) };
    format!(
        "{id} {place}: {state}, {showing}, {until}, {password} a password, fetched {downloads}{of}{note}"
    )
}
