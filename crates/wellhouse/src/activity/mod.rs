//! What happens to files, for those who may list the folder: written into the ledger, told by mail to whoever
//! watches, and forgotten in time.
//!
//! Where the store has a feed of changes, one task follows it. Elsewhere the portal writes down what it does
//! itself (`wh-files/src/activity/note.rs`). See `docs/adr/0044-activity.md`.

mod follow;
mod told;

pub(crate) use told::by as done_by;

use std::time::Duration;

use jiff::SignedDuration;
use tokio::task::JoinHandle;
use wh_files::{ACTIVITY_MARK_PORTAL, Files};
use wh_objects::Capability;
use wh_provision::Estate;

use crate::config::Config;
use crate::embedded::{Embedded, Parameters};

/// How often what is too old is forgotten.
const SWEEP_EVERY: Duration = Duration::from_hours(1);

/// How often it is looked for whom to tell.
const LOOK_EVERY: Duration = Duration::from_secs(15);

/// How many rows are kept at most: some 250 bytes each.
const KEPT_MAX: u32 = 1_000_000;

/// The same files, of which the store tells what happens where it can.
pub(crate) fn told(files: Files, embedded: Option<&Embedded>) -> Files {
    if told_by_the_store(embedded) { files.told_by_the_store() } else { files }
}

/// Whether the store tells what happens in it.
fn told_by_the_store(embedded: Option<&Embedded>) -> bool {
    embedded.is_some_and(|embedded| embedded.store().port().capabilities().has(Capability::Events))
}

/// Goes on to write down what happens, to tell whoever watches, and to forget it in time.
pub(crate) fn start(
    (config, files): (&Config, &Files),
    parameters: &Parameters,
    estate: &Estate,
    embedded: Option<&Embedded>,
) -> Vec<JoinHandle<()>> {
    let days = i64::from(config.activity.days);
    let gather = SignedDuration::from_mins(i64::from(config.activity.letter_minutes));
    let mut tasks = vec![
        tokio::spawn(sweep(parameters.clone(), days)),
        tokio::spawn(tell(files.clone(), gather)),
    ];
    match embedded.filter(|_| told_by_the_store(embedded)) {
        Some(embedded) => {
            let follower = follow::Follower {
                store: embedded.store().port(),
                parameters: parameters.clone(),
                buckets: estate.buckets_of_files().map(|bucket| bucket.name.clone()).collect(),
                days,
            };
            tasks.push(tokio::spawn(follower.run()));
        }
        None => tasks.push(tokio::spawn(begin(parameters.clone()))),
    }
    tasks
}

/// Notes since when the portal writes down what it does.
async fn begin(parameters: Parameters) {
    let now = parameters.clock.now();
    if let Err(error) = parameters.ledger.begin_activity(ACTIVITY_MARK_PORTAL, now).await {
        tracing::warn!(%error, "since when activity is written down is not noted");
    }
}

async fn sweep(parameters: Parameters, days: i64) {
    loop {
        let before = parameters.clock.now() - SignedDuration::from_hours(24 * days);
        match parameters.ledger.sweep_activity(before, KEPT_MAX).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "forgot what happened long ago"),
            Err(error) => tracing::warn!(%error, "old activity was not swept"),
        }
        tokio::time::sleep(SWEEP_EVERY).await;
    }
}

/// Tells whoever watches what happened, gathered for so long.
async fn tell(files: Files, gather: SignedDuration) {
    loop {
        match files.tell_watchers(gather).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "told what happened where persons watch"),
            Err(error) => tracing::warn!(%error, "nobody was told what they watch"),
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
