//! `check`: whether a closed store is whole, and what is not.
//!
//! Invariant: a check changes nothing, and what it does not report it has read and compared.

mod blobs;
mod files;
mod report;
mod rows;
mod sums;
mod versions;

pub(super) use sums::Sums;
pub(super) use versions::{NEWER_THAN_CURRENT, NONE_CURRENT};

pub use report::{CheckReport, Counts, Finding, FindingKind};

use std::collections::HashSet;

use super::closed::Closed;
use super::holders::Names;
use super::{DiskOptions, OpenError};
use crate::StoreError;
use blobs::Uses;

/// How much of a blob file is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Depth {
    /// Its end and its length.
    Ends,
    /// Every block.
    #[default]
    Blocks,
}

/// Checks a store that no process has open. It takes as long as reading all of it, or, with
/// [`Depth::Ends`], as reading the index.
///
/// # Errors
/// [`OpenError`] when the store could not be checked at all; damage is what the report is for.
pub async fn check(options: DiskOptions, depth: Depth) -> Result<CheckReport, OpenError> {
    let checked = tokio::task::spawn_blocking(move || {
        let closed = Closed::open(&options)?;
        Ok(whole(&closed, depth).report)
    });
    checked.await.map_err(|e| OpenError::Io {
        doing: "checking the store",
        source: std::io::Error::other(e),
    })?
}

/// A check under way.
pub(super) struct Survey<'a> {
    pub(super) closed: &'a Closed,
    pub(super) depth: Depth,
    pub(super) names: Names,
    pub(super) report: CheckReport,
    /// Rows of blobs that are damaged or missing, be they used or not.
    pub(super) bad_blobs: HashSet<i64>,
    /// The newest event that is damaged, or after which some are missing.
    pub(super) bad_event: Option<u64>,
}

/// Everything, one after the other. What ends one part does not end the others.
pub(super) fn whole(closed: &Closed, depth: Depth) -> Survey<'_> {
    let (report, names, bad_blobs) = Default::default();
    let mut survey = Survey { closed, depth, names, report, bad_blobs, bad_event: None };
    survey.part(rows::pages);
    survey.part(rows::structure);
    survey.part(|survey| {
        survey.names = Names::load(&survey.closed.conn)?;
        Ok(())
    });
    survey.part(rows::buckets);
    survey.part(rows::uploads);
    let mut uses = Uses::default();
    survey.part(|survey| versions::holders(survey, &mut uses));
    survey.part(versions::order);
    survey.part(rows::events);
    survey.part(|survey| blobs::rows(survey, &mut uses));
    survey.part(files::strangers);
    survey
}

impl Survey<'_> {
    /// Does a part; what SQLite cannot read is a finding of its own.
    fn part(&mut self, part: impl FnOnce(&mut Self) -> Result<(), StoreError>) {
        if let Err(error) = part(self) {
            self.report.find(FindingKind::Index, error.to_string(), None);
        }
    }
}
