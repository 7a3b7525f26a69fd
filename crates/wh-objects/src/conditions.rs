//! Conditions on reads and writes, and their judgement.
//!
//! Source: RFC 9110 section 13; S3 User Guide, "Conditional requests".

use jiff::Timestamp;

use crate::{ObjectMeta, StoreError};

/// When a write may happen. Judged and acted upon in one step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum WriteCondition {
    /// In any case.
    #[default]
    Always,
    /// Only if there is no object of that key (`If-None-Match: *`).
    IfNoneMatchAny,
    /// Only if the object has this `ETag` (`If-Match`), with or without quotes; `*` is any.
    IfMatch(String),
    /// Only if the version is still the one that this change made: for jobs of the house's own.
    IfSequence(u64),
}

/// What must hold of an object that is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadConditions {
    /// `If-Match`: entity tags separated by commas, with or without quotes, or `*`.
    pub if_match: Option<String>,
    /// `If-None-Match`, in the same form.
    pub if_none_match: Option<String>,
    /// `If-Modified-Since`; in whole seconds, and ignored beside `if_none_match`.
    pub if_modified_since: Option<Timestamp>,
    /// `If-Unmodified-Since`; in whole seconds, and ignored beside `if_match`.
    pub if_unmodified_since: Option<Timestamp>,
}

/// An entity tag without quotes and weakness.
pub(crate) fn bare(etag: &str) -> &str {
    let etag = etag.trim();
    etag.strip_prefix("W/").unwrap_or(etag).trim_matches('"')
}

fn names(list: &str, etag: &str) -> bool {
    list.split(',').map(bare).any(|one| one == "*" || one == etag)
}

impl WriteCondition {
    /// Judges against what is there now: its `ETag` (a delete marker has none) and the number of
    /// the change that made it.
    pub(crate) fn judge(&self, current: Option<(Option<&str>, u64)>) -> Result<(), StoreError> {
        let etag = current.and_then(|(etag, _)| etag);
        let holds = match (self, etag) {
            (Self::Always, _) => true,
            (Self::IfNoneMatchAny, etag) => etag.is_none(),
            (Self::IfMatch(_), None) => return Err(StoreError::NoSuchKey),
            (Self::IfMatch(wanted), Some(etag)) => names(wanted, etag),
            (Self::IfSequence(wanted), _) => current.is_some_and(|(_, it)| it == *wanted),
        };
        if holds { Ok(()) } else { Err(StoreError::PreconditionFailed) }
    }
}

impl ReadConditions {
    /// Judges a read.
    pub fn judge(&self, meta: &ObjectMeta) -> Result<(), StoreError> {
        let modified = meta.modified.as_second();
        let refused = match (&self.if_match, self.if_unmodified_since) {
            (Some(wanted), _) => !names(wanted, &meta.etag),
            (None, Some(since)) => modified > since.as_second(),
            (None, None) => false,
        };
        if refused {
            return Err(StoreError::PreconditionFailed);
        }
        let known = match (&self.if_none_match, self.if_modified_since) {
            (Some(known), _) => names(known, &meta.etag),
            (None, Some(since)) => modified <= since.as_second(),
            (None, None) => false,
        };
        if known {
            let (etag, modified) = (meta.etag.clone(), meta.modified);
            return Err(StoreError::NotModified { etag, modified });
        }
        Ok(())
    }

    /// Judges the source of a copy, where "not modified" is a failure.
    pub(crate) fn judge_source(&self, meta: &ObjectMeta) -> Result<(), StoreError> {
        self.judge(meta).map_err(|_| StoreError::PreconditionFailed)
    }
}
