//! Buckets and their settings.

use wh_names::BucketName;

use super::{Others, Plan, PlanError, Planning, Reason, Takeover};
use crate::bucket::{
    BucketSetting, BucketSettingKind, BucketSpec, Found, INSTALLATION_TAG, Shared,
};
use crate::canonical;
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
            self.refuse_foreign_bucket(plan, wanted).await?;
        }
        if !exists {
            let (bucket, region) = (wanted.name.clone(), self.estate.region().clone());
            plan.add(Reason::Absent, Step::CreateBucket { bucket, region, locked: wanted.locked });
        }
        for setting in &wanted.settings {
            let found = if exists {
                self.setting(&wanted.name, setting.kind()).await?
            } else {
                untouched(setting)
            };
            self.plan_rules(plan, &wanted.name, setting.kind(), &found.foreign);
            if let (BucketSetting::Tagged(ours), Some(BucketSetting::Tagged(found))) =
                (setting, &found.setting)
            {
                super::roles::keep_tags(plan, &subject, ours, found);
            }
            if exists && locks(setting) && found.setting.is_none() {
                plan.note(format!("{subject} gets object lock, which cannot be taken off again"));
            }
            self.plan_setting(plan, &subject, setting, found);
        }
        self.tell_forgotten_settings(plan, wanted).await
    }

    /// A bucket without our tag is ours where nobody has made anything of it yet, for we may have been
    /// stopped before we set the tag; and where its policy holds statements of ours, for the tag may have
    /// been taken away. Any other is somebody's, and taken over only where that was asked for.
    async fn refuse_foreign_bucket(
        &self,
        plan: &mut Plan,
        wanted: &BucketSpec,
    ) -> Result<(), PlanError> {
        let bucket = &wanted.name;
        let tags = match self.setting(bucket, BucketSettingKind::Tags).await?.setting {
            Some(BucketSetting::Tagged(tags)) => tags,
            Some(_) | None => Default::default(),
        };
        let owner = match tags.get(INSTALLATION_TAG) {
            Some(owner) if owner == self.estate.installation() => return Ok(()),
            Some(owner) => owner.clone(),
            None if self.is_unclaimed(wanted).await? && tags.is_empty() => return Ok(()),
            None => "nobody that says so".to_owned(),
        };
        match self.takeover {
            Takeover::Ours => {
                let name = bucket.to_string();
                Err(PlanError::Foreign { what: "bucket", name, owner })
            }
            Takeover::Adopt => {
                plan.note(format!(
                    "bucket `{bucket}` belongs to {owner}: it is taken over, with what is in it"
                ));
                Ok(())
            }
        }
    }

    async fn is_unclaimed(&self, wanted: &BucketSpec) -> Result<bool, PlanError> {
        let bucket = &wanted.name;
        let policy = self.setting(bucket, BucketSettingKind::Policy).await?.setting;
        if let Some(BucketSetting::Policy(found)) = policy {
            return Ok(statements::holds_ours(&found, &wanted.policy.document.to_json()));
        }
        let empty = self.cloud.bucket_is_empty(bucket).await;
        if !empty.map_err(PlanError::reading(format!("what is in bucket `{bucket}`")))? {
            return Ok(false);
        }
        // What a new bucket has by itself says nothing: public access block, ownership, encryption.
        for kind in [
            BucketSettingKind::Versioning,
            BucketSettingKind::Lifecycle,
            BucketSettingKind::Cors,
            BucketSettingKind::Logging,
            BucketSettingKind::Events,
        ] {
            let found = self.setting(bucket, kind).await?;
            if found.setting.is_some() || !found.foreign.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) async fn setting(
        &self,
        bucket: &BucketName,
        kind: BucketSettingKind,
    ) -> Result<Found, PlanError> {
        let read = self.cloud.bucket_setting(bucket, kind).await;
        read.map_err(PlanError::reading(format!("{kind} of bucket `{bucket}`")))
    }
}

/// What a bucket has that was just made: none of what none should have.
fn untouched(wanted: &BucketSetting) -> Found {
    let without = matches!(wanted, BucketSetting::Without(_));
    Found::from(without.then(|| wanted.clone()))
}

/// A bucket that exists is given object lock once it is versioned, which comes before. Source: S3 User
/// Guide, "Configuring S3 Object Lock", enabling it on an existing bucket.
fn locks(wanted: &BucketSetting) -> bool {
    matches!(wanted, BucketSetting::Locked(_))
}

impl Planning<'_> {
    /// Rules of others beside ours: told, or taken away where that is asked for.
    pub(super) fn plan_rules(
        &self,
        plan: &mut Plan,
        bucket: &BucketName,
        kind: BucketSettingKind,
        rules: &[String],
    ) {
        match (self.others, Shared::of(kind)) {
            (Others::TakeAway, Some(setting)) if !rules.is_empty() => {
                let (bucket, rules) = (bucket.clone(), rules.to_vec());
                plan.add(Reason::Foreign, Step::DropRules { bucket, setting, rules });
            }
            (Others::TakeAway | Others::Keep, Some(_) | None) => {
                for rule in rules {
                    plan.keep(Subject::Bucket(bucket.clone()), rule.clone());
                }
            }
        }
    }

    fn plan_setting(
        &self,
        plan: &mut Plan,
        subject: &Subject,
        wanted: &BucketSetting,
        found: Found,
    ) {
        let Subject::Bucket(bucket) = subject else { return };
        if let BucketSetting::Policy(ours) = wanted {
            return self.plan_policy(plan, subject, ours, found.setting);
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
    fn plan_policy(
        &self,
        plan: &mut Plan,
        subject: &Subject,
        ours: &str,
        found: Option<BucketSetting>,
    ) {
        let Subject::Bucket(bucket) = subject else { return };
        let Some(BucketSetting::Policy(found)) = found else {
            let setting = BucketSetting::Policy(ours.to_owned());
            let step = Step::PutBucketSetting { bucket: bucket.clone(), setting };
            let change = PolicyChange::of_resource(subject, None, ours);
            return plan.add_policy(Reason::Absent, step, change);
        };
        let merged = statements::with_foreign(ours, &found, self.estate.account());
        let only_theirs = canonical::same(&merged.document, &found);
        if self.others == Others::TakeAway && !merged.foreign.is_empty() {
            let change = PolicyChange::of_resource(subject, Some(&found), ours);
            let setting = BucketSetting::Policy(ours.to_owned());
            let step = Step::PutBucketSetting { bucket: bucket.clone(), setting };
            let reason = if only_theirs { Reason::Foreign } else { Reason::Differs };
            return plan.add_policy(reason, step, change);
        }
        for foreign in &merged.foreign {
            plan.keep(subject.clone(), format!("statement {foreign}"));
        }
        for deleted in &merged.deleted {
            plan.note(format!("{subject}: {deleted}"));
        }
        if only_theirs {
            return;
        }
        let change = PolicyChange::of_resource(subject, Some(&found), &merged.document);
        let setting = BucketSetting::Policy(merged.document);
        let step = Step::PutBucketSetting { bucket: bucket.clone(), setting };
        plan.add_policy(Reason::Differs, step, change);
    }
}
