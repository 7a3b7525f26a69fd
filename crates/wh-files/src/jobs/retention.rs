//! How long what is deleted can be brought back: by the bucket's own settings, asked in the person's name.
//!
//! Who may not read these is told nothing of it, and is refused nothing for it but what would go by it.

use jiff::{SignedDuration, Timestamp};
use wh_aws::{AwsError, OldVersionsRule};
use wh_names::KeyPrefix;
use wh_policy::s3::action;

use crate::access::Access;
use crate::{Files, FilesError};

/// What a bucket's lifecycle takes away of what is deleted or was replaced below a folder. Where several
/// rules hold, or one for some of the files alone, the shortest time is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retention {
    /// After how many days a deleted file is gone; `None`: it stays until it is deleted for ever.
    pub days: Option<u32>,
    /// After how many days those versions of a file are gone that are not among the newest old ones.
    pub older_days: Option<u32>,
    /// How many the newest old ones are.
    pub newest: u32,
}

impl Retention {
    fn below(prefix: &str, rules: &[OldVersionsRule]) -> Self {
        let touches = |rule: &&OldVersionsRule| {
            prefix.starts_with(&rule.prefix) || rule.prefix.starts_with(prefix)
        };
        let touching = || rules.iter().filter(touches);
        let sparing = || touching().filter(|rule| rule.spared > 0);
        Self {
            days: touching().filter(|rule| rule.spared == 0).map(|rule| rule.days).min(),
            older_days: sparing().map(|rule| rule.days).min(),
            newest: sparing().map(|rule| rule.spared).min().unwrap_or_default(),
        }
    }
}

impl Retention {
    /// Since when nothing was taken away that was replaced or deleted; `None`: nothing ever is.
    pub(crate) fn whole_since(&self, now: Timestamp) -> Option<Timestamp> {
        let days = self.days.into_iter().chain(self.older_days).min()?;
        let kept = SignedDuration::from_hours(i64::from(days).saturating_mul(24));
        Some(now.checked_sub(kept).unwrap_or(Timestamp::MIN))
    }
}

/// What is known of a bucket; `None` where the person may not know it, or the store does not say it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Keeping {
    /// Whether what is deleted now leaves a version.
    pub(crate) versions: Option<bool>,
    pub(crate) retention: Option<Retention>,
}

impl Files {
    pub(crate) async fn keeping(
        &self,
        access: &Access<'_>,
        prefix: &KeyPrefix,
    ) -> Result<Keeping, FilesError> {
        let (objects, bucket) = (&self.options.objects, &access.grant.bucket);
        let target = access.bucket_target();
        let may = |action| Ok::<_, FilesError>(access.says(action, &target)?.allowed());
        let mut keeping = Keeping::default();
        if may(action::GET_BUCKET_VERSIONING)? {
            let session = access.session().await?;
            keeping.versions = told(objects.keeps_versions(&session, bucket).await);
        }
        if may(action::GET_LIFECYCLE_CONFIGURATION)? {
            let session = access.session().await?;
            let rules = told(objects.old_versions_rules(&session, bucket).await);
            keeping.retention = rules.map(|rules| Retention::below(prefix.as_str(), &rules));
        }
        Ok(keeping)
    }

    /// Refuses what goes by what was not there at a moment, unless the bucket is known to tell that.
    pub(super) async fn tells_what_was_not_there(
        &self,
        access: &Access<'_>,
        prefix: &KeyPrefix,
        at: Timestamp,
    ) -> Result<(), FilesError> {
        let (objects, bucket) = (&self.options.objects, &access.grant.bucket);
        let target = access.bucket_target();
        foresee_keeping(access)?;
        let session = access.session().await?;
        let kept = objects.keeps_versions(&session, bucket).await;
        if !kept.map_err(|error| access.told(action::GET_BUCKET_VERSIONING, &target, error))? {
            return Err(FilesError::PastUnversioned);
        }
        let rules = objects.old_versions_rules(&session, bucket).await;
        let rules = rules
            .map_err(|error| access.told(action::GET_LIFECYCLE_CONFIGURATION, &target, error))?;
        let retention = Retention::below(prefix.as_str(), &rules);
        match retention.whole_since(self.options.clock.now()) {
            Some(since) if at < since => Err(FilesError::PastExpired { since }),
            Some(_) | None => Ok(()),
        }
    }
}

/// Refuses who may certainly not know how long versions are kept.
pub(super) fn foresee_keeping(access: &Access<'_>) -> Result<(), FilesError> {
    let target = access.bucket_target();
    access.foresee(action::GET_BUCKET_VERSIONING, &target)?;
    access.foresee(action::GET_LIFECYCLE_CONFIGURATION, &target)
}

fn told<T>(answer: Result<T, AwsError>) -> Option<T> {
    answer.inspect_err(|error| tracing::debug!(%error, "how long versions are kept")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rules: &[(&str, u32, u32)], days: Option<u32>, older: Option<u32>, newest: u32) {
        let rule = |&(prefix, days, spared): &(&str, u32, u32)| {
            let prefix = prefix.to_owned();
            OldVersionsRule { prefix, days, spared }
        };
        let rules: Vec<_> = rules.iter().map(rule).collect();
        let told = Retention::below("home/a/", &rules);
        assert_eq!(told, Retention { days, older_days: older, newest });
    }

    #[test]
    fn a_bucket_tells_all_since_the_shortest_time_that_it_keeps_anything() {
        let now: Timestamp = "2026-11-27T12:00:00Z".parse().expect("a time");
        let since = |days, older_days| {
            let kept = Retention { days, older_days, newest: 3 };
            kept.whole_since(now).map(|since| since.to_string())
        };
        assert_eq!(since(None, None), None);
        assert_eq!(since(Some(7), Some(90)).as_deref(), Some("2026-11-20T12:00:00Z"));
        assert_eq!(since(None, Some(1)).as_deref(), Some("2026-11-26T12:00:00Z"));
        let ever = Retention { days: Some(u32::MAX), ..Retention::default() };
        assert_eq!(ever.whole_since(now), Some(Timestamp::MIN));
    }

    #[test]
    fn the_shortest_time_of_the_rules_that_hold_here_is_told() {
        check(&[], None, None, 0);
        check(&[("", 90, 3)], None, Some(90), 3);
        check(&[("", 90, 0)], Some(90), None, 0);
        check(&[("", 90, 0), ("home/a/b/", 7, 0)], Some(7), None, 0);
        check(&[("", 90, 3), ("home/", 30, 0), ("home/", 60, 2)], Some(30), Some(60), 2);
        check(&[("home/b/", 1, 0), ("shared/", 1, 0)], None, None, 0);
    }
}
