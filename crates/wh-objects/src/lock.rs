//! Object lock: what may not be deleted or overwritten yet, and who may change that.
//!
//! Source: S3 User Guide, "Locking objects with Object Lock".

use jiff::{Span, Timestamp};

use crate::object::whole_millis;
use crate::{StoreError, Versioning};

/// How firmly a version is retained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RetentionMode {
    /// Those with `s3:BypassGovernanceRetention` may end it early.
    Governance,
    /// Nobody may end it early.
    Compliance,
}

/// Until when a version is retained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// How firmly.
    pub mode: RetentionMode,
    /// Until when, in whole milliseconds.
    pub until: Timestamp,
}

/// What protects a version.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ObjectLock {
    /// Its retention.
    pub retention: Option<Retention>,
    /// Whether it has a legal hold, which has no end of its own.
    pub legal_hold: bool,
}

/// How long a bucket retains new versions that come without a retention of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefaultRetention {
    /// How firmly.
    pub mode: RetentionMode,
    /// For how long.
    pub period: RetentionPeriod,
}

/// The length of a default retention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetentionPeriod {
    /// Days of 24 hours.
    Days(u32),
    /// Years of 365 days.
    Years(u32),
}

/// Whether the caller may end a governance retention early, and asks for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum GovernanceBypass {
    /// No.
    #[default]
    No,
    /// Yes: `x-amz-bypass-governance-retention: true`, and permitted.
    Yes,
}

const LOCKED_RETENTION: &str = "the version is retained";
const LOCKED_HOLD: &str = "the version is under a legal hold";
const NOT_ENABLED: &str = "the bucket has no object lock";

impl DefaultRetention {
    /// Refuses periods that S3 refuses: none at all, and more than 100 years.
    pub fn judge(self) -> Result<(), StoreError> {
        let (least, most) = match self.period {
            RetentionPeriod::Days(days) => (days, days.div_ceil(365)),
            RetentionPeriod::Years(years) => (years, years),
        };
        if least >= 1 && most <= 100 {
            return Ok(());
        }
        Err(StoreError::InvalidRequest { why: "a default retention lasts 1 day to 100 years" })
    }

    /// The retention of a version written at `at`.
    pub(crate) fn from(self, at: Timestamp) -> Retention {
        let days = match self.period {
            RetentionPeriod::Days(days) => i64::from(days),
            RetentionPeriod::Years(years) => i64::from(years) * 365,
        };
        let until = at.checked_add(Span::new().hours(days * 24)).unwrap_or(Timestamp::MAX);
        Retention { mode: self.mode, until }
    }
}

impl ObjectLock {
    /// Judges the permanent deletion of a version at `at`.
    pub(crate) fn judge_delete(
        &self,
        at: Timestamp,
        bypass: GovernanceBypass,
    ) -> Result<(), StoreError> {
        if self.legal_hold {
            return Err(StoreError::Locked { why: LOCKED_HOLD });
        }
        let holds = |kept: Retention| {
            let firm = kept.mode == RetentionMode::Compliance || bypass == GovernanceBypass::No;
            kept.until > at && firm
        };
        if self.retention.is_some_and(holds) {
            return Err(StoreError::Locked { why: LOCKED_RETENTION });
        }
        Ok(())
    }

    /// Judges a new retention for a version that has this lock.
    pub(crate) fn judge_retention(
        &self,
        wanted: Option<Retention>,
        at: Timestamp,
        bypass: GovernanceBypass,
    ) -> Result<(), StoreError> {
        if wanted.is_some_and(|wanted| wanted.until <= at) {
            return Err(StoreError::InvalidRequest { why: "a retention ends in the future" });
        }
        let Some(kept) = self.retention.filter(|kept| kept.until > at) else { return Ok(()) };
        let firmer = wanted.is_some_and(|w| w.mode >= kept.mode && w.until >= kept.until);
        let may_loosen = kept.mode == RetentionMode::Governance && bypass == GovernanceBypass::Yes;
        if firmer || may_loosen {
            return Ok(());
        }
        Err(StoreError::Locked { why: LOCKED_RETENTION })
    }

    pub(crate) fn is_open(&self) -> bool {
        self.retention.is_none() && !self.legal_hold
    }
}

/// Refuses a lock where the bucket has none.
pub(crate) fn needs_lock(enabled: Option<ObjectLockState>) -> Result<ObjectLockState, StoreError> {
    enabled.ok_or(StoreError::InvalidRequest { why: NOT_ENABLED })
}

/// A bucket that has object lock, and what it retains by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ObjectLockState {
    /// What new versions get that come without a retention.
    pub default: Option<DefaultRetention>,
}

/// Judges a lock that comes with a new version or upload.
pub(crate) fn judge_given(
    enabled: Option<ObjectLockState>,
    given: ObjectLock,
    at: Timestamp,
) -> Result<(), StoreError> {
    if given.is_open() {
        return Ok(());
    }
    needs_lock(enabled)?;
    if given.retention.is_some_and(|given| given.until <= at) {
        return Err(StoreError::InvalidRequest { why: "a retention ends in the future" });
    }
    Ok(())
}

/// What a new version is locked with: what it came with, or the bucket's default.
pub(crate) fn of_new(
    enabled: Option<ObjectLockState>,
    given: ObjectLock,
    at: Timestamp,
) -> ObjectLock {
    let whole = |r: Retention| Retention { until: whole_millis(r.until), ..r };
    let default = || enabled.and_then(|state| state.default).map(|default| default.from(at));
    let retention = given.retention.map(whole).or_else(default);
    ObjectLock { retention, legal_hold: given.legal_hold }
}

/// Judges a change of versioning: what has object lock stays versioned.
pub(crate) fn judge_versioning(
    enabled: Option<ObjectLockState>,
    wanted: Versioning,
) -> Result<(), StoreError> {
    match (wanted, enabled) {
        (Versioning::Unversioned, _) => {
            Err(StoreError::InvalidRequest { why: "versioning is enabled or suspended" })
        }
        (Versioning::Suspended, Some(_)) => Err(StoreError::InvalidBucketState {
            why: "versioning of a bucket with object lock cannot be suspended",
        }),
        (Versioning::Suspended, None) | (Versioning::Enabled, _) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{GovernanceBypass, ObjectLock, Retention, RetentionMode};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("a time")
    }

    fn kept(mode: RetentionMode) -> ObjectLock {
        ObjectLock { retention: Some(Retention { mode, until: at(100) }), legal_hold: false }
    }

    #[track_caller]
    fn delete(lock: ObjectLock, now: i64, bypass: GovernanceBypass, allowed: bool) {
        assert_eq!(lock.judge_delete(at(now), bypass).is_ok(), allowed, "{lock:?} at {now}");
    }

    #[test]
    fn what_is_retained_stays() {
        use GovernanceBypass::{No, Yes};
        let (governance, compliance) =
            (kept(RetentionMode::Governance), kept(RetentionMode::Compliance));
        delete(ObjectLock::default(), 0, No, true);
        delete(governance, 99, No, false);
        delete(governance, 99, Yes, true);
        delete(governance, 100, No, true);
        delete(compliance, 99, Yes, false);
        delete(compliance, 100, No, true);
        let held = ObjectLock { legal_hold: true, ..governance };
        delete(held, 1000, Yes, false);
    }

    #[test]
    fn a_retention_may_grow_and_not_shrink() {
        use GovernanceBypass::{No, Yes};
        use RetentionMode::{Compliance, Governance};
        let to = |mode, until| Some(Retention { mode, until: at(until) });
        let cases = [
            (Governance, to(Governance, 200), No, true),
            (Governance, to(Compliance, 100), No, true),
            (Governance, to(Governance, 99), No, false),
            (Governance, to(Governance, 99), Yes, true),
            (Governance, None, No, false),
            (Governance, None, Yes, true),
            (Compliance, to(Compliance, 101), No, true),
            (Compliance, to(Compliance, 99), Yes, false),
            (Compliance, to(Governance, 200), Yes, false),
            (Compliance, None, Yes, false),
            (Governance, to(Governance, 50), Yes, false),
        ];
        for (mode, wanted, bypass, allowed) in cases {
            let judged = kept(mode).judge_retention(wanted, at(50), bypass);
            assert_eq!(judged.is_ok(), allowed, "{mode:?} to {wanted:?} by {bypass:?}");
        }
        let over = kept(Compliance).judge_retention(None, at(100), No);
        assert!(over.is_ok(), "it has ended");
    }
}
