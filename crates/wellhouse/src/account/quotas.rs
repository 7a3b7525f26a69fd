//! `wellhouse quota mine`: the quotas over a person's own places.

use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::jobs::Shown;
use super::keep::Kept;
use super::portal::{Location, Portal};
use super::usage::amount;
use crate::store::Output;
use crate::{Ended, say};

/// Show the quotas over one's own places, and how much is there
///
/// It asks the portal by the token that `login` keeps. Exit code 2: a quota is full.
#[derive(clap::Args)]
pub(crate) struct OwnQuotas {
    #[command(flatten)]
    shown: Shown,
}

#[derive(Deserialize, Serialize)]
struct Quota {
    kind: String,
    own: bool,
    limit_bytes: Option<u64>,
    limit_objects: Option<u64>,
    used_bytes: Option<u64>,
    used_objects: Option<u64>,
    reserved_bytes: Option<u64>,
    counted: bool,
    locations: Vec<String>,
}

#[derive(Deserialize)]
struct Quotas {
    quotas: Vec<Quota>,
}

impl Quota {
    fn is_full(&self) -> bool {
        let full = |used: Option<u64>, limit: Option<u64>| {
            used.zip(limit).is_some_and(|(used, limit)| used >= limit)
        };
        full(self.used_bytes, self.limit_bytes) || full(self.used_objects, self.limit_objects)
    }

    fn in_words(&self, locations: &[Location]) -> Vec<String> {
        let of = match self.kind.as_str() {
            _own if self.own => "your own places",
            "person" => "somebody else's places",
            "group" => "a group's places",
            _location => "a place",
        };
        let titles = locations.iter().filter(|one| self.locations.contains(&one.id));
        let titles: Vec<&str> = titles.map(|one| one.title.as_str()).collect();
        let bytes = self.limit_bytes.map(|limit| (self.used_bytes.map(amount), amount(limit)));
        let files = self.limit_objects.map(|limit| {
            (self.used_objects.map(|files| files.to_string()), format!("{limit} files"))
        });
        let line = |(used, limit): (Option<String>, String)| match used {
            _ if !self.counted => format!("  at most {limit}; it is being counted"),
            Some(used) => format!("  {used} of {limit}"),
            None => format!("  at most {limit}; how much is there is not yours to know"),
        };
        let head = match titles.as_slice() {
            [] => format!("quota of {of}"),
            titles => format!("quota of {of}: {}", titles.join(", ")),
        };
        let coming = self.reserved_bytes.filter(|coming| *coming > 0);
        let coming = coming.map(|coming| format!("  {} of it on their way", amount(coming)));
        let lines = bytes.into_iter().chain(files).map(line);
        std::iter::once(head).chain(lines).chain(coming).collect()
    }
}

pub(crate) async fn own_quotas(asked: OwnQuotas) -> Result<Ended> {
    let kept = Kept::read(&asked.shown.place.path()?)?;
    let portal = Portal::of(&kept);
    let Quotas { quotas } = portal.get("account/quotas").await?;
    let full = quotas.iter().any(Quota::is_full);
    if asked.shown.output == Output::Json {
        say(&json!({ "quotas": quotas }).to_string());
    } else {
        let locations = portal.locations().await?;
        for line in quotas.iter().flat_map(|quota| quota.in_words(&locations)) {
            say(&line);
        }
        if quotas.is_empty() {
            say("No quota is over your own places.");
        }
    }
    Ok(if full { Ended::Different } else { Ended::Done })
}
