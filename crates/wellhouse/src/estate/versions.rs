//! `wellhouse estate`: descriptions of the estate, looked at and kept by version in the ledger.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use wh_ledger::EstateVersion;
use wh_provision::Estate;

use super::{Which, with_ledger};
use crate::config::Config;
use crate::output::say_document;
use crate::policy::Output;
use crate::{Ended, parameters, say};

/// Descriptions of the estate: check, show, keep by version
#[derive(clap::Subcommand)]
pub(crate) enum Versions {
    Check(Check),
    Show(Show),
    Import(Import),
    List(List),
}

/// Check a description, and say what it asks for
#[derive(clap::Args)]
pub(crate) struct Check {
    /// The description, such as estate.toml
    file: PathBuf,
}

/// Print the description that holds, with everything written out that it leaves to us
#[derive(clap::Args)]
pub(crate) struct Show {
    #[command(flatten)]
    which: Which,
    /// This version of those that the ledger keeps
    #[arg(long, value_name = "NUMBER", conflicts_with = "estate")]
    version: Option<u32>,
}

/// Keep a description in the ledger, as its newest version
#[derive(clap::Args)]
pub(crate) struct Import {
    /// The description, such as estate.toml
    file: PathBuf,
    /// What changed, in a few words
    #[arg(long, default_value = "")]
    note: String,
}

/// List the versions that the ledger keeps
#[derive(clap::Args)]
pub(crate) struct List {
    /// `text` or `json`
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// Runs it.
pub(crate) async fn versions(config: Config, command: Versions) -> Result<Ended> {
    match command {
        Versions::Check(check) => {
            tell(&super::read(&check.file)?);
            Ok(Ended::Done)
        }
        Versions::Show(Show { which, version: None }) => {
            say_document(which.estate(&config)?.description().to_toml().trim_end());
            Ok(Ended::Done)
        }
        Versions::Show(Show { version: Some(number), .. }) => {
            let kept = with_ledger(&config, async |ledger| Ok(ledger.estates().await?)).await?;
            let found = kept.into_iter().find(|version| version.number == number);
            let found = found.with_context(|| format!("the ledger keeps no version {number}"))?;
            say_document(found.description.trim_end());
            Ok(Ended::Done)
        }
        Versions::Import(import) => {
            let description = super::read(&import.file)?.description().to_toml();
            let now = parameters::clock().now();
            let number = with_ledger(&config, async |ledger| {
                Ok(ledger.add_estate(&description, &import.note, now).await?)
            });
            say(&format!("Kept as version {}.", number.await?));
            Ok(Ended::Done)
        }
        Versions::List(list) => {
            let kept = with_ledger(&config, async |ledger| Ok(ledger.estates().await?)).await?;
            tell_versions(&kept, list.output);
            Ok(Ended::Done)
        }
    }
}

fn tell(estate: &Estate) {
    say(&format!("Estate `{}`, account {}:", estate.installation(), estate.account()));
    if let Some(key) = estate.key() {
        say(&format!("  key `{}`", key.alias));
    }
    for bucket in estate.buckets() {
        say(&format!("  bucket `{}`, {} settings", bucket.name, bucket.settings.len()));
    }
    for role in estate.roles() {
        say(&format!("  role `{}`, for {}", role.name, role.purpose));
    }
    if let Some(trail) = estate.trail() {
        say(&format!("  trail `{}`", trail.name));
    }
}

fn tell_versions(kept: &[EstateVersion], output: Output) {
    match output {
        Output::Json => {
            let versions: Vec<Value> = kept.iter().map(json_of).collect();
            say(&format!("{:#}", json!({ "versions": versions })));
        }
        Output::Text if kept.is_empty() => {
            say("The ledger keeps no description: `wellhouse estate import FILE` keeps one.");
        }
        Output::Text => {
            for version in kept {
                let EstateVersion { number, taken_at, note, .. } = version;
                say(&format!("{number:>4}  {taken_at:.0}  {note}"));
            }
        }
    }
}

fn json_of(version: &EstateVersion) -> Value {
    json!({
        "number": version.number,
        "taken_at": version.taken_at.to_string(),
        "note": version.note,
        "description": version.description,
    })
}
