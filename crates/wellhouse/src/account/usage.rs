//! `wellhouse usage`: how much lies in a folder, and in which of the folders in it.

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::jobs::{Shown, escaped};
use super::keep::Kept;
use super::portal::Portal;
use super::the_one;
use crate::store::Output;
use crate::{Ended, say};

/// How many characters the longest bar has.
const BAR: u64 = 20;

/// Show how much lies in a folder and below each of the folders in it, the largest first
///
/// It counts what the token may list, in current versions. Exit code 2: not everything was looked at.
#[derive(clap::Args)]
pub(crate) struct Usage {
    /// The location by its id, its bucket and prefix, its prefix, or its title; and after a colon the folder
    #[arg(value_name = "LOCATION[:FOLDER]")]
    of: String,
    /// The same as `--output json`
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    shown: Shown,
}

#[derive(Deserialize, Serialize)]
struct Entry {
    kind: String,
    name: String,
    bytes: u64,
    files: u64,
}

#[derive(Deserialize, Serialize)]
struct Answer {
    path: String,
    bytes: u64,
    files: u64,
    folders: u64,
    own_bytes: u64,
    own_files: u64,
    entries: Vec<Entry>,
    left_out: u64,
    complete: bool,
    unsure: bool,
    as_of: String,
    source: String,
}

pub(crate) async fn usage(asked: Usage) -> Result<Ended> {
    let kept = Kept::read(&asked.shown.place.path()?)?;
    let portal = Portal::of(&kept);
    let locations = portal.locations().await?;
    let (word, folder) = meant(&asked.of, |word| locations.iter().any(|one| one.is_called(word)));
    let location = the_one(&locations, word)?;
    let address = format!("locations/{}/usage?path={}", location.id, escaped(&folder));
    let answer: Answer = portal.get(&address).await?;
    if asked.json || asked.shown.output == Output::Json {
        say(&serde_json::to_string(&answer)?);
    } else {
        tell(&format!("{}:{folder}", location.title), &answer);
    }
    Ok(if answer.complete { Ended::Done } else { Ended::Different })
}

/// The location and the folder that are meant. A title may hold a colon: then it is the location alone.
fn meant(of: &str, is_location: impl Fn(&str) -> bool) -> (&str, String) {
    if is_location(of) {
        return (of, String::new());
    }
    let colons = of.match_indices(':').map(|(at, _)| at);
    let split = |at: usize| Some((of.get(..at)?, of.get(at + 1..)?));
    let mut ways = colons.clone().filter_map(split);
    let known = ways.find(|(location, _)| is_location(location));
    let Some((location, folder)) = known.or_else(|| colons.clone().find_map(split)) else {
        return (of, String::new());
    };
    let folder = folder.trim_end_matches('/');
    let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    (location, folder)
}

fn tell(place: &str, answer: &Answer) {
    let Answer { bytes, files, as_of, .. } = answer;
    say(&format!("{place}  {} in {files} files, as of {as_of}", amount(*bytes)));
    for Entry { kind, name, bytes: own, files } in &answer.entries {
        let (bar, share) = (bar(*own, *bytes), hundredths(*own, *bytes));
        let (slash, files) = match kind.as_str() {
            "folder" => ("/", format!("  {files} files")),
            _file => ("", String::new()),
        };
        say(&format!("{:>10} {share:>3} % [{bar}] {name}{slash}{files}", amount(*own)));
    }
    if answer.left_out > 0 {
        say(&format!("{} more are smaller, and in the sum.", answer.left_out));
    }
    if answer.unsure {
        say("Folders are left out of which only the store knows whether you may list them.");
    } else if !answer.complete {
        say(
            "Not everything was looked at: this is the least that is there. Ask of a folder in it.",
        );
    }
}

fn bar(part: u64, whole: u64) -> String {
    let full = u128::from(part) * u128::from(BAR);
    let full = full.checked_div(u128::from(whole)).unwrap_or_default().min(u128::from(BAR));
    (0..u128::from(BAR)).map(|at| if at < full { '#' } else { ' ' }).collect()
}

fn hundredths(part: u64, whole: u64) -> u128 {
    (u128::from(part) * 100).checked_div(u128::from(whole)).unwrap_or_default()
}

/// Bytes, in the largest unit of which there is one.
pub(super) fn amount(bytes: u64) -> String {
    let units = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)];
    let unit = units.into_iter().find(|(_, shift)| bytes >> shift > 0);
    let Some((unit, shift)) = unit else { return format!("{bytes} B") };
    let tenths = (u128::from(bytes) * 10) >> shift;
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::{amount, bar, hundredths, meant};

    #[test]
    fn a_folder_comes_after_a_colon_and_a_title_may_hold_one() {
        let known = |word: &str| ["home", "Team: north"].contains(&word);
        for (of, location, folder) in [
            ("home", "home", ""),
            ("home:", "home", ""),
            ("home:a", "home", "a/"),
            ("home:a/b/", "home", "a/b/"),
            ("home:a:b", "home", "a:b/"),
            ("Team: north", "Team: north", ""),
            ("Team: north:x", "Team: north", "x/"),
            ("nowhere", "nowhere", ""),
            ("nowhere:x", "nowhere", "x/"),
        ] {
            assert_eq!(meant(of, known), (location, folder.to_owned()), "{of}");
        }
    }

    #[test]
    fn amounts_and_shares_are_cut_off_and_nothing_has_none() {
        for (bytes, told) in [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_024, "1.0 KiB"),
            (1_048_575, "1023.9 KiB"),
            (u64::MAX, "16777215.9 TiB"),
        ] {
            assert_eq!(amount(bytes), told);
        }
        assert_eq!((hundredths(1, 3), hundredths(0, 0), hundredths(5, 5)), (33, 0, 100));
        assert_eq!(bar(1, 2).trim_end().len(), 10);
        assert_eq!(bar(0, 0).trim_end().len(), 0);
        assert_eq!(bar(u64::MAX, u64::MAX).trim_end().len(), 20);
    }
}
