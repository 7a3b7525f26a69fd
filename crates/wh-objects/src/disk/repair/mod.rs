//! `repair --quarantine`: takes what is damaged out of the way of what is whole.
//!
//! A repair is planned, shown, and then done. It mends no bytes: an object that is damaged leaves
//! the index, and all that can still be read of it goes into a folder of the quarantine, together
//! with what is known of it. Counters are counted again. Nothing is thrown away.
//!
//! Invariant: what is in the quarantine is durable before anything leaves the index, and no object
//! leaves it whose bytes and records are sound.

mod apply;
mod plan;
mod quarantine;

use std::path::PathBuf;

use thiserror::Error;

use super::check::Finding;
use super::closed::Closed;
use super::holders::{Holder, Owner};
use super::{DiskOptions, OpenError};
use crate::{Stamp, StoreError};

/// Something that is to leave the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doomed {
    /// Whose it is.
    pub owner: Owner,
    /// What is wrong with it.
    pub why: String,
}

/// What a repair would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RepairPlan {
    /// Versions and parts that go into the quarantine.
    pub doomed: Vec<Doomed>,
    /// Keys whose versions are put in order.
    pub reordered: Vec<Owner>,
    /// Files that nobody names; they go into the quarantine.
    pub orphans: Vec<String>,
    /// Counters that are counted again, in plain words.
    pub recounted: Vec<String>,
    /// The feed then begins after this event: it, or what followed it, cannot be read.
    pub trimmed: Option<u64>,
    /// What a repair cannot mend. Where there is any damage of the index itself, nothing is
    /// repaired at all: put a backup back.
    pub left: Vec<Finding>,
}

impl RepairPlan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        let Self { doomed, reordered, orphans, recounted, trimmed, left: _ } = self;
        let lists = doomed.is_empty() && reordered.is_empty() && orphans.is_empty();
        lists && recounted.is_empty() && trimmed.is_none()
    }
}

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RepairReport {
    /// Where the quarantine is, when something went there.
    pub quarantine: Option<PathBuf>,
    /// How many versions and parts went there.
    pub moved: u64,
    /// How many blobs and files went there that nobody named any more.
    pub unclaimed: u64,
}

/// Why a repair was not done. Where the quarantine was written already, the index is unchanged.
#[derive(Debug, Error)]
pub enum RepairError {
    /// The index refused.
    #[error("the store: {0}")]
    Store(#[from] StoreError),
    /// The quarantine could not be written.
    #[error("writing the quarantine: {0}")]
    Io(#[from] std::io::Error),
}

impl RepairError {
    /// The stable code of the variant.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(_) => "repair-store",
            Self::Io(_) => "repair-io",
        }
    }
}

/// A repair that was planned, with the store locked until it is done or dropped.
#[derive(Debug)]
pub struct Repair {
    closed: Closed,
    plan: RepairPlan,
    holders: Vec<Holder>,
    keys: Vec<(i64, Vec<u8>)>,
}

/// Reads all of a closed store and tells what a repair would do.
///
/// # Errors
/// [`OpenError`] when the store cannot be opened at all.
pub async fn plan_repair(options: DiskOptions) -> Result<Repair, OpenError> {
    let planned = tokio::task::spawn_blocking(move || Ok(plan::plan(Closed::open(&options)?)));
    planned.await.map_err(|e| OpenError::Io {
        doing: "planning a repair",
        source: std::io::Error::other(e),
    })?
}

impl Repair {
    /// What would be done.
    pub fn plan(&self) -> &RepairPlan {
        &self.plan
    }

    /// Does it. The stamp's time names the quarantine, and both stand in the feed.
    pub async fn apply(self, stamp: Stamp) -> Result<RepairReport, RepairError> {
        let applied = tokio::task::spawn_blocking(move || apply::apply(&self, &stamp));
        applied.await.map_err(|e| RepairError::Io(std::io::Error::other(e)))?
    }
}
