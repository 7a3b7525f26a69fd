//! From what a person may know to the letter that says it.

use std::collections::BTreeSet;

use wh_ledger::{GrantRow, WatchRow};
use wh_people::{WatchedBy, WatchedDoing, WatchedLetter, WatchedPlace};

use super::tell::Watched;
use super::{WatchError, holding};
use crate::activity::bursts;
use crate::{ActivityActor, ActivityEntry, Files};

/// The letter; `None` where there is nothing to tell. What lies in several places that are watched is told of the
/// innermost. It is in the language of the newest watch that it tells of.
pub(super) async fn written(
    files: &Files,
    mut watched: Vec<Watched>,
) -> Result<Option<WatchedLetter>, WatchError> {
    watched.sort_by_key(|watched| std::cmp::Reverse(watched.watch.key.len()));
    let (mut told, mut places) = (BTreeSet::new(), Vec::new());
    let mut newest: Option<WatchRow> = None;
    for Watched { watch, grant, mut seen, .. } in watched {
        seen.retain(|one| told.insert(one.row.id.clone()));
        if seen.is_empty() {
            continue;
        }
        let doings = files.named(bursts(seen)).await?.into_iter().map(doing).collect();
        places.push(place((&watch, &grant), doings));
        if newest.as_ref().is_none_or(|newest| newest.id < watch.id) {
            newest = Some(watch);
        }
    }
    Ok(newest.map(|newest| WatchedLetter { language: newest.language, places, more: false }))
}

fn place((watch, grant): (&WatchRow, &GrantRow), doings: Vec<WatchedDoing>) -> WatchedPlace {
    let title = match watch.path.as_str() {
        "" => grant.title.clone(),
        path => format!("{}/{path}", grant.title),
    };
    let folder = holding(&watch.path);
    WatchedPlace {
        title,
        page: format!("/files/{}/{}", grant.id, in_address(folder.trim_end_matches('/'))),
        stop: format!("/watches?end={}", watch.id),
        doings,
    }
}

fn doing(entry: ActivityEntry) -> WatchedDoing {
    WatchedDoing {
        at: entry.within.1,
        kind: entry.kind,
        by: match entry.by {
            ActivityActor::Person(name) => WatchedBy::Person(name),
            ActivityActor::Machine(name) => WatchedBy::Machine(name),
            ActivityActor::Role(name) => WatchedBy::Role(name),
            ActivityActor::Rule => WatchedBy::Rule,
            ActivityActor::Other => WatchedBy::Other,
        },
        folder: entry.folder,
        names: entry.names,
        count: entry.count,
    }
}

/// A path as it stands in an address. RFC 3986, section 2.3.
fn in_address(path: &str) -> String {
    let shown = |byte: u8| match byte {
        b'/' | b'-' | b'.' | b'_' | b'~' => true,
        byte => byte.is_ascii_alphanumeric(),
    };
    let encoded = path.bytes().map(|byte| match shown(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    });
    encoded.collect()
}

#[cfg(test)]
mod tests {
    use super::in_address;

    #[test]
    fn a_path_is_one_path_in_an_address_too() {
        for (path, expected) in [
            ("a/b c", "a/b%20c"),
            ("50%?#&", "50%25%3F%23%26"),
            ("é\"\n", "%C3%A9%22%0A"),
            ("v1.2-x_y~z", "v1.2-x_y~z"),
        ] {
            assert_eq!(in_address(path), expected);
        }
    }
}
