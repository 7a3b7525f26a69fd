//! What happened to files.

use wh_files::{Activity, ActivityActor, ActivityEntry, ActivityKind, ToldBy};

use crate::wire::{
    ActivityBody, ActivityByBody, ActivityByKindBody, ActivityEntryBody, ActivityKindBody,
    ActivitySourceBody,
};

pub(crate) fn page(page: Activity) -> ActivityBody {
    ActivityBody {
        entries: page.entries.into_iter().map(entry).collect(),
        next: page.next,
        complete: page.complete,
        since: page.since.map(|at| at.to_string()),
        source: match page.told_by {
            ToldBy::Store => ActivitySourceBody::Store,
            ToldBy::Portal => ActivitySourceBody::Portal,
        },
    }
}

fn entry(entry: ActivityEntry) -> ActivityEntryBody {
    let (from, at) = entry.within;
    ActivityEntryBody {
        id: entry.id.to_string(),
        kind: kind(entry.kind),
        from: from.to_string(),
        at: at.to_string(),
        by: by(entry.by),
        location: entry.location.to_string(),
        folder: entry.folder,
        names: entry.names,
        count: entry.count,
    }
}

fn by(actor: ActivityActor) -> ActivityByBody {
    let (kind, name) = match actor {
        ActivityActor::Person(name) => (ActivityByKindBody::Person, name),
        ActivityActor::Machine(name) => (ActivityByKindBody::Machine, Some(name)),
        ActivityActor::Role(name) => (ActivityByKindBody::Role, Some(name)),
        ActivityActor::Rule => (ActivityByKindBody::Rule, None),
        ActivityActor::Other => (ActivityByKindBody::Other, None),
    };
    ActivityByBody { kind, name }
}

fn kind(kind: ActivityKind) -> ActivityKindBody {
    match kind {
        ActivityKind::Added => ActivityKindBody::Added,
        ActivityKind::Replaced => ActivityKindBody::Replaced,
        ActivityKind::Written => ActivityKindBody::Written,
        ActivityKind::Copied => ActivityKindBody::Copied,
        ActivityKind::MovedHere => ActivityKindBody::MovedHere,
        ActivityKind::MovedAway => ActivityKindBody::MovedAway,
        ActivityKind::Trashed => ActivityKindBody::Trashed,
        ActivityKind::Restored => ActivityKindBody::Restored,
        ActivityKind::Purged => ActivityKindBody::Purged,
        ActivityKind::Expired => ActivityKindBody::Expired,
        ActivityKind::Tagged => ActivityKindBody::Tagged,
    }
}
