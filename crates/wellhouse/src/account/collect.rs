//! `wellhouse collect`: file requests, by which people without an account send files into a folder.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Subcommand;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::jobs::escaped;
use super::keep::{Kept, Place};
use super::portal::Portal;
use super::the_one;
use crate::store::Output;
use crate::{Ended, say, secret_file};

/// File requests: people without an account send files into a folder
///
/// Files are taken by the rights of whoever asks for them, as they are at each use. A request that is made here ends
/// with the token that `login` keeps.
#[derive(Subcommand)]
pub(crate) enum Collect {
    /// Ask for files into a folder, and print the address: it is shown this once
    Create(Create),
    /// List requests, the newest first
    List(Shown),
    /// Revoke a request, for good; what has arrived stays. Exit code 1: there is none that is not revoked
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

#[derive(clap::Args)]
pub(crate) struct Create {
    /// The location: its id, its bucket and prefix, its prefix, or its title
    location: String,
    /// The folder, which ends in `/`; empty for the location itself
    path: String,
    /// What it is called; senders read it
    #[arg(long)]
    title: String,
    /// What senders read besides
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,
    /// How many days it works; 14 without it, or fewer where the house says so
    #[arg(long, value_name = "N")]
    days: Option<u32>,
    /// It works until it is revoked, or the token ends
    #[arg(long, conflicts_with = "days")]
    endless: bool,
    /// A file of mode 0600 that holds the password which the request asks for
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Senders must give a mail address, which nobody checks
    #[arg(long)]
    ask_email: bool,
    /// An extension that is taken, like `pdf`; all without it
    #[arg(long = "kind", value_name = "EXTENSION")]
    kinds: Vec<String>,
    /// The largest file, in bytes; 1 GiB without it
    #[arg(long, value_name = "BYTES")]
    file_bytes_max: Option<u64>,
    /// All files together, in bytes; 10 GiB without it
    #[arg(long, value_name = "BYTES")]
    bytes_max: Option<u64>,
    /// All files together; 1,000 without it
    #[arg(long, value_name = "N")]
    files_max: Option<u32>,
    /// The files of one sender; 100 without it
    #[arg(long, value_name = "N")]
    sender_files_max: Option<u32>,
    #[command(flatten)]
    shown: Shown,
}

#[derive(clap::Args)]
pub(crate) struct Revoke {
    /// The request's id, as `collect list` prints it
    id: String,
    #[command(flatten)]
    shown: Shown,
}

#[derive(Deserialize, Serialize)]
struct Request {
    id: String,
    state: String,
    location: String,
    bucket: Option<String>,
    prefix: Option<String>,
    path: String,
    title: String,
    message: String,
    password: bool,
    asks_email: bool,
    kinds: Vec<String>,
    file_bytes_max: u64,
    bytes_max: u64,
    files_max: u32,
    sender_files_max: u32,
    created: String,
    ends: Option<String>,
    bytes: u64,
    files: u32,
    arrived: u32,
    senders: u32,
    last_arrival: Option<String>,
}

#[derive(Deserialize)]
struct Requests {
    requests: Vec<Request>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Made {
    request: Request,
    path: String,
}

pub(crate) async fn collect(collect: Collect) -> Result<Ended> {
    match collect {
        Collect::Create(create) => made(create).await,
        Collect::List(shown) => listed(shown).await,
        Collect::Revoke(Revoke { id, shown }) => {
            let kept = Kept::read(&shown.place.path()?)?;
            if !id.chars().all(|c| c.is_ascii_alphanumeric()) {
                bail!("that is no id of a file request: `wellhouse collect list` prints them");
            }
            Portal::of(&kept).delete(&format!("file-requests/{id}")).await?;
            match shown.output {
                Output::Json => say(&json!({ "id": id, "state": "revoked" }).to_string()),
                Output::Text => say(&format!("The file request {id} is revoked.")),
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
    let mut form = Map::new();
    let mut put = |name: &str, value: Value| drop(form.insert(name.to_owned(), value));
    put("location", json!(location));
    put("path", json!(create.path));
    put("title", json!(create.title));
    put("message", json!(create.message));
    put("endless", json!(create.endless));
    put("days", json!(create.days));
    put("asks_email", json!(create.ask_email));
    put("kinds", json!(create.kinds));
    put("file_bytes_max", json!(create.file_bytes_max));
    put("bytes_max", json!(create.bytes_max));
    put("files_max", json!(create.files_max));
    put("sender_files_max", json!(create.sender_files_max));
    if let Some(file) = &create.password_file {
        let password = secret_file::read("--password-file", file)?;
        put("password", json!(password.expose()));
    }
    let made: Made = portal.post("file-requests", &Value::Object(form)).await?;
    let address = format!("{}{}", kept.portal, made.path);
    if create.shown.output == Output::Json {
        let mut told = serde_json::to_value(&made.request)?;
        if let Some(told) = told.as_object_mut() {
            told.insert("url".to_owned(), json!(address));
        }
        say(&told.to_string());
        return Ok(Ended::Done);
    }
    say(&address);
    say(&line(&made.request));
    Ok(Ended::Done)
}

async fn listed(shown: Shown) -> Result<Ended> {
    let kept = Kept::read(&shown.place.path()?)?;
    let portal = Portal::of(&kept);
    let Requests { mut requests, mut next } = portal.get("file-requests").await?;
    while let Some(cursor) = next {
        let page: Requests =
            portal.get(&format!("file-requests?cursor={}", escaped(&cursor))).await?;
        requests.extend(page.requests);
        next = page.next;
    }
    if shown.output == Output::Json {
        say(&serde_json::to_string(&requests)?);
        return Ok(Ended::Done);
    }
    for request in &requests {
        say(&line(request));
    }
    if requests.is_empty() {
        say("There are no file requests.");
    }
    Ok(Ended::Done)
}

fn line(request: &Request) -> String {
    let Request { id, state, path, title, arrived, senders, files, files_max, .. } = request;
    let begun = match files.saturating_sub(*arrived) {
        0 => String::new(),
        begun => format!(", {begun} begun and not arrived"),
    };
    let place = match (&request.bucket, &request.prefix) {
        (Some(bucket), Some(prefix)) => format!("{bucket}/{prefix}{path}"),
        (_, _) => path.clone(),
    };
    let until = request
        .ends
        .as_ref()
        .map_or_else(|| "until it is revoked".to_owned(), |end| format!("until {end}"));
    let password = if request.password { "with" } else { "without" };
    format!(
        "{id} {place} ({title}): {state}, {until}, {password} a password, {arrived} of {files_max} files of {senders} senders{begun}"
    )
}
