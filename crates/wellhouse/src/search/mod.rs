//! The index of names that persons search, kept in step with the store; and `wellhouse search --rebuild`.
//!
//! Where the store has a feed of changes, as the embedded one has, one task lists its buckets once and
//! follows the feed from then on, beside everything else: no request waits for it. It is part of the store,
//! as webhooks are, and shows nobody anything. Elsewhere `wh-files` lists in the name of those who search.

mod follow;

use tokio::task::JoinHandle;
use wh_files::{Files, SearchIndex};
use wh_objects::Capability;
use wh_provision::Estate;

use crate::config::{Config, StoreKind};
use crate::embedded::{Embedded, Parameters};

/// An index for a store that is spoken to as the configuration says.
pub(crate) fn index(config: &Config) -> SearchIndex {
    let by_tls = |url: &Option<String>| url.as_ref().is_none_or(|url| url.starts_with("https:"));
    SearchIndex::new(match config.store.kind {
        StoreKind::Aws => by_tls(&config.store.endpoint_url),
        StoreKind::Embedded | StoreKind::Gateway => config.s3.tls.is_some(),
    })
}

/// Keeps the index in step, where the store tells of its changes.
pub(crate) fn start(
    files: &Files,
    parameters: &Parameters,
    estate: &Estate,
    embedded: Option<&Embedded>,
) -> Option<JoinHandle<()>> {
    let store = embedded?.store().port();
    if !store.capabilities().has(Capability::Events) {
        return None;
    }
    let follower = follow::Follower {
        store,
        index: files.search_index().clone(),
        clock: parameters.clock.clone(),
        buckets: estate.buckets_of_files().map(|bucket| bucket.name.clone()).collect(),
    };
    Some(tokio::spawn(follower.run()))
}
