//! `wellhouse trash`: what was deleted in a person's files, brought back or deleted for ever.

use std::io::{BufRead, IsTerminal, Write};

use anyhow::{Result, bail};
use clap::Subcommand;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::jobs::{Shown, done, escaped};
use super::keep::Kept;
use super::portal::Portal;
use super::the_one;
use crate::store::Output;
use crate::{Ended, say};

/// What was deleted, as long as its older versions are kept
#[derive(Subcommand)]
pub(crate) enum Trash {
    /// List what was deleted
    List(Listed),
    /// Bring back files and folders that were deleted, and wait until that is done
    ///
    /// Interrupted, it goes on at the server: `wellhouse job list` tells how far it is. Exit code 2:
    /// something was not brought back.
    Restore(Chosen),
    /// Delete for ever what was deleted, with every version of it, and wait until that is done
    ///
    /// It asks for a word at the terminal: the name of the one path, or how many paths there are. Exit code
    /// 2: something was not deleted for ever.
    Purge(Purged),
}

#[derive(clap::Args)]
pub(crate) struct Listed {
    /// The location: its id, its bucket and prefix, its prefix, or its title
    location: String,
    /// Only below this folder, which ends in `/`
    #[arg(long, default_value = "")]
    folder: String,
    #[command(flatten)]
    shown: Shown,
}

#[derive(clap::Args)]
pub(crate) struct Chosen {
    /// The location: its id, its bucket and prefix, its prefix, or its title
    location: String,
    /// Files, and folders that end in `/`, with all that was deleted below them
    #[arg(required = true)]
    paths: Vec<String>,
    #[command(flatten)]
    shown: Shown,
}

#[derive(clap::Args)]
pub(crate) struct Purged {
    /// The word, where there is nobody to ask
    #[arg(long, value_name = "WORD")]
    confirm: Option<String>,
    #[command(flatten)]
    chosen: Chosen,
}

#[derive(Deserialize, Serialize)]
struct Trashed {
    path: String,
    deleted: String,
    size: Option<u64>,
}

#[derive(Deserialize)]
struct Page {
    entries: Vec<Trashed>,
    next: Option<String>,
}

pub(crate) async fn trash(trash: Trash) -> Result<Ended> {
    match trash {
        Trash::List(listed) => deleted(listed).await,
        Trash::Restore(chosen) => about(chosen, "restore", None).await,
        Trash::Purge(Purged { confirm, chosen }) => {
            let word = match confirm {
                Some(word) => word,
                None => asked_for(&chosen.paths)?,
            };
            about(chosen, "purge", Some(word)).await
        }
    }
}

async fn about(chosen: Chosen, kind: &str, confirm: Option<String>) -> Result<Ended> {
    let Chosen { location, paths, shown } = chosen;
    let kept = Kept::read(&shown.place.path()?)?;
    let portal = Portal::of(&kept);
    let locations = portal.locations().await?;
    let location = &the_one(&locations, &location)?.id;
    let form = json!({ "kind": kind, "location": location, "paths": paths, "confirm": confirm });
    done(&portal, &shown, &form).await
}

/// The word that is typed; the portal compares it.
fn asked_for(paths: &[String]) -> Result<String> {
    let word = word_for(paths);
    if !std::io::stdin().is_terminal() {
        bail!(
            "there is no terminal to ask at: say --confirm WORD, the name of the one path or how many \
             paths there are"
        );
    }
    let mut out = std::io::stdout().lock();
    write!(out, "Every version is removed, and nobody can bring it back. Type {word}: ")?;
    out.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim_end_matches(['\r', '\n']).to_owned())
}

fn word_for(paths: &[String]) -> String {
    match paths {
        [one] => {
            let inner = one.trim_end_matches('/');
            inner.rsplit('/').next().unwrap_or(inner).to_owned()
        }
        many => many.len().to_string(),
    }
}

async fn deleted(listed: Listed) -> Result<Ended> {
    let Listed { location, folder, shown } = listed;
    let kept = Kept::read(&shown.place.path()?)?;
    let portal = Portal::of(&kept);
    let locations = portal.locations().await?;
    let id = &the_one(&locations, &location)?.id;
    let mut all = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let query = match &cursor {
            None => format!("path={}", escaped(&folder)),
            Some(cursor) => format!("path={}&cursor={}", escaped(&folder), escaped(cursor)),
        };
        let page: Page = portal.get(&format!("locations/{id}/trash?{query}")).await?;
        all.extend(page.entries);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    if shown.output == Output::Json {
        let told: Value = serde_json::to_value(&all)?;
        say(&told.to_string());
        return Ok(Ended::Done);
    }
    for Trashed { path, deleted, size } in &all {
        let size = size.map(|size| format!(", {size} bytes")).unwrap_or_default();
        say(&format!("{path}: deleted {deleted}{size}"));
    }
    if all.is_empty() {
        say("Nothing is in the trash.");
    }
    Ok(Ended::Done)
}

#[cfg(test)]
mod tests {
    use super::word_for;

    #[test]
    fn what_is_typed_is_the_name_of_the_one_or_how_many() {
        for (paths, word) in
            [(vec!["a/b.txt"], "b.txt"), (vec!["a/b/"], "b"), (vec!["a", "b"], "2")]
        {
            let paths: Vec<String> = paths.into_iter().map(str::to_owned).collect();
            assert_eq!(word_for(&paths), word);
        }
    }
}
