//! Buckets and their settings.

use super::{Plan, PlanError, Planning, Reason, Takeover};
use crate::bucket::{BucketSetting, BucketSettingKind, BucketSpec, Found, INSTALLATION_TAG};
use crate::description::Target;
use crate::meaning::PolicyChange;
use crate::statements;
use crate::step::{Step, Subject};

impl Planning<'_> {
    pub(super) async fn plan_bucket(
        &self,
        plan: &mut Plan,
        wanted: &BucketSpec,
    ) -> Result<(), PlanError> {
        let subject = Subject::Bucket(wanted.name.clone());
        (self.progress)(&subject);
        let exists = self.cloud.bucket_exists(&wanted.name).await;
        let exists = exists.map_err(PlanError::reading(&subject))?;
        if exists && self.estate.target() == Target::Aws {
            self.refuse_foreign_bucket(&wanted.name).await?;
        }
        if !exists {
            let (bucket, region) = (wanted.name.clone(), self.estate.region().clone());
            plan.add(Reason::Absent, Step::CreateBucket { bucket, region, locked: wanted.locked });
        }
        for setting in &wanted.settings {
            let found = if exists {
                let what = format!("{} of {subject}", setting.kind());
                let read = self.cloud.bucket_setting(&wanted.name, setting.kind()).await;
                read.map_err(PlanError::reading(what))?
            } else {
                untouched(setting)
            };
            for foreign in &found.foreign {
                plan.keep(subject.clone(), foreign.clone());
            }
            if exists && wanted.locked && lock_is_too_late(setting, &found) {
                return Err(PlanError::LockTooLate { bucket: wanted.name.to_string() });
            }
            plan_setting(plan, &subject, setting, found);
        }
        Ok(())
    }

    /// A bucket without our tag is taken over, for we may have been stopped before we set it; one with
    /// another installation's tag is not.
    async fn refuse_foreign_bucket(&self, bucket: &wh_names::BucketName) -> Result<(), PlanError> {
        if self.takeover == Takeover::Adopt {
            return Ok(());
        }
        let what = format!("tags of bucket `{bucket}`");
        let found = self.cloud.bucket_setting(bucket, BucketSettingKind::Tags).await;
        let Some(BucketSetting::Tagged(tags)) = found.map_err(PlanError::reading(what))?.setting
        else {
            return Ok(());
        };
        match tags.get(INSTALLATION_TAG) {
            Some(owner) if owner != self.estate.installation() => Err(PlanError::Foreign {
                what: "bucket",
                name: bucket.to_string(),
                owner: owner.clone(),
            }),
            Some(_) | None => Ok(()),
        }
    }
}

/// What a bucket has that was just made: none of what none should have.
fn untouched(wanted: &BucketSetting) -> Found {
    let without = matches!(wanted, BucketSetting::Without(_));
    Found::from(without.then(|| wanted.clone()))
}

/// Object lock is asked for when a bucket is made, and found absent where it was not.
fn lock_is_too_late(wanted: &BucketSetting, found: &Found) -> bool {
    matches!(wanted, BucketSetting::Locked(_)) && found.setting.is_none()
}

fn plan_setting(plan: &mut Plan, subject: &Subject, wanted: &BucketSetting, found: Found) {
    let Subject::Bucket(bucket) = subject else { return };
    if let BucketSetting::Policy(ours) = wanted {
        return plan_policy(plan, subject, ours, found.setting);
    }
    let reason = match (&found.setting, wanted) {
        (Some(found), wanted) if wanted.is_met_by(found) => return,
        (None, BucketSetting::Without(_)) => Reason::Foreign,
        (Some(_), _) => Reason::Differs,
        (None, _) => Reason::Absent,
    };
    let (bucket, setting) = (bucket.clone(), wanted.clone());
    plan.add(reason, Step::PutBucketSetting { bucket, setting });
}

/// Statements that somebody added are kept and told: only the estate's own are held against what they
/// should be.
fn plan_policy(plan: &mut Plan, subject: &Subject, ours: &str, found: Option<BucketSetting>) {
    let Subject::Bucket(bucket) = subject else { return };
    let Some(BucketSetting::Policy(found)) = found else {
        let setting = BucketSetting::Policy(ours.to_owned());
        let step = Step::PutBucketSetting { bucket: bucket.clone(), setting };
        return plan.add(Reason::Absent, step);
    };
    let merged = statements::with_foreign(ours, &found);
    for foreign in &merged.foreign {
        plan.keep(subject.clone(), format!("statement {foreign}"));
    }
    if crate::canonical::same(&merged.document, &found) {
        return;
    }
    let change = PolicyChange::of_resource(subject, Some(&found), &merged.document);
    let setting = BucketSetting::Policy(merged.document);
    let step = Step::PutBucketSetting { bucket: bucket.clone(), setting };
    plan.add_policy(Reason::Differs, step, change);
}
