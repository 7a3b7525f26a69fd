//! Judges the feed of changes, and the versions, against the history that they tell.
//!
//! The feed has no gap; it tells every write that was acknowledged or seen, and none that was
//! refused or never asked for, each once; its order is one that the clients saw, and it ends in
//! what the keys hold. In a versioned bucket the versions are the changes of the feed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::calls::{Event, tell};
use super::command::{Answer, Change, Command, Sight};

/// Judges what was told in the end. `is_versioned` tells whether the bucket kept every version.
pub(crate) fn judge(events: &[Event], is_versioned: bool) -> Result<(), String> {
    let Some(feed) = changes(events, |command| matches!(command, Command::Feed { .. })) else {
        return Err("the feed was never asked for".to_owned());
    };
    let mut told: HashMap<u64, &Change> = HashMap::new();
    for (expected, change) in (1..).zip(feed) {
        if change.sequence != expected {
            return Err(format!("the feed has a gap before {change:?}"));
        }
        if told.insert(change.stamp, change).is_some() {
            return Err(format!("the feed tells a write twice: {change:?}"));
        }
    }
    let asked: HashMap<u64, &Event> = events.iter().filter_map(|e| Some((stamp(e)?, e))).collect();
    for event in events {
        is_told_rightly(event, &told).map_err(|what| format!("{}: {what}", tell(event)))?;
    }
    in_order(feed, &asked)?;
    ends_rightly(feed, events)?;
    match changes(events, |command| matches!(command, Command::Versions)) {
        Some(versions) if is_versioned => same_versions(feed, versions),
        Some(_) | None => Ok(()),
    }
}

fn changes(events: &[Event], is_it: impl Fn(&Command) -> bool) -> Option<&[Change]> {
    let found = events.iter().rev().find(|event| is_it(&event.command))?;
    match &found.answer {
        Some(Answer::Changes(changes)) => Some(changes),
        _ => None,
    }
}

fn stamp(event: &Event) -> Option<u64> {
    match event.command {
        Command::Put { stamp, .. }
        | Command::Delete { stamp, .. }
        | Command::Copy { stamp, .. } => Some(stamp),
        Command::Get { .. }
        | Command::Head { .. }
        | Command::List { .. }
        | Command::Feed { .. }
        | Command::Versions => None,
    }
}

fn is_told_rightly(event: &Event, told: &HashMap<u64, &Change>) -> Result<(), &'static str> {
    let seen = |sight: &Sight| {
        let change = told.get(&sight.stamp).ok_or("the feed does not tell what was seen")?;
        let same = change.etag.as_ref() == Some(&sight.etag);
        if same { Ok(()) } else { Err("the feed tells another entity tag than was seen") }
    };
    let change = stamp(event).and_then(|stamp| told.get(&stamp));
    match (&event.answer, change) {
        (Some(Answer::Stored { etag, sequence }), Some(change)) => {
            if change.sequence != *sequence {
                return Err("the feed tells it under another number");
            }
            if change.etag.as_ref() != Some(etag) {
                return Err("the feed tells another entity tag");
            }
            Ok(())
        }
        (Some(Answer::Stored { .. }), None) => Err("the feed does not tell what was acknowledged"),
        (Some(Answer::Refused | Answer::Nothing), Some(_)) => {
            Err("the feed tells what was refused")
        }
        (Some(Answer::Found(sight)), _) => seen(sight),
        (Some(Answer::Page { entries, .. }), _) => {
            entries.iter().try_for_each(|(_, sight)| seen(sight))
        }
        (
            Some(
                Answer::Refused
                | Answer::Nothing
                | Answer::Deleted
                | Answer::Changes(_)
                | Answer::Wrong(_),
            )
            | None,
            _,
        ) => Ok(()),
    }
}

/// No change comes before one that was answered before it was asked for.
fn in_order(feed: &[Change], asked: &HashMap<u64, &Event>) -> Result<(), String> {
    let mut latest: Option<&Event> = None;
    for change in feed {
        let event = asked.get(&change.stamp);
        let event = *event.ok_or_else(|| format!("nobody asked for {change:?}"))?;
        if let Some(latest) = latest.filter(|latest| event.until < latest.from) {
            let (one, other) = (tell(latest), tell(event));
            return Err(format!("the feed tells `{one}` before `{other}`, which was over by then"));
        }
        if latest.is_none_or(|latest| latest.from < event.from) {
            latest = Some(event);
        }
    }
    Ok(())
}

/// What the feed leaves each key with is what was read in the end.
fn ends_rightly(feed: &[Change], events: &[Event]) -> Result<(), String> {
    let mut left: BTreeMap<u8, Option<u64>> = BTreeMap::new();
    for change in feed {
        left.insert(change.key, change.etag.is_some().then_some(change.stamp));
    }
    let last = events.iter().rev().find_map(|event| match (&event.command, &event.answer) {
        (Command::List { after: None, .. }, Some(Answer::Page { entries, more: false })) => {
            Some(entries)
        }
        _ => None,
    });
    let found: BTreeSet<(u8, u64)> =
        last.into_iter().flatten().map(|(key, sight)| (*key, sight.stamp)).collect();
    let left: BTreeSet<(u8, u64)> =
        left.into_iter().filter_map(|(key, stamp)| Some((key, stamp?))).collect();
    if left == found {
        return Ok(());
    }
    Err(format!("the feed ends in {left:?} (keys and stamps), and the bucket in {found:?}"))
}

fn same_versions(feed: &[Change], versions: &[Change]) -> Result<(), String> {
    let order = |change: &Change| (change.key, std::cmp::Reverse(change.sequence));
    let mut feed: Vec<&Change> = feed.iter().collect();
    feed.sort_by_key(|change| order(change));
    for (told, listed) in feed.iter().zip(versions) {
        if *told != listed {
            return Err(format!("the feed tells {told:?} where {listed:?} is listed as a version"));
        }
    }
    if feed.len() == versions.len() {
        return Ok(());
    }
    Err(format!("the feed tells {} changes, and there are {} versions", feed.len(), versions.len()))
}
