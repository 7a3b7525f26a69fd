//! What is ours and no longer described: no plan changes it, and it is told.

use super::{Plan, PlanError, Planning};
use crate::bucket::{BucketSettingKind, BucketSpec, INSTALLATION_TAG};
use crate::description::Target;
use crate::step::{Step, Subject};
use crate::words::in_words;

impl Planning<'_> {
    /// Buckets, trails and the key that carry our tag. Our own endpoint has no tags to look for.
    pub(super) async fn tell_forgotten(&self, plan: &mut Plan) -> Result<(), PlanError> {
        if self.estate.target() == Target::Embedded {
            return Ok(());
        }
        let installation = self.estate.installation();
        let owned = self.cloud.owned(installation).await;
        let owned = owned.map_err(PlanError::reading("what carries our tag"))?;
        for bucket in owned.buckets {
            if self.estate.buckets().all(|described| described.name != bucket) {
                forgotten(plan, &Subject::Bucket(bucket));
            }
        }
        for trail in owned.trails {
            if self.estate.trail().is_none_or(|described| described.name != trail) {
                forgotten(plan, &Subject::Trail(trail));
            }
        }
        if owned.not_looked_at > 0 {
            plan.note(format!(
                "{} buckets of the account were not looked at: one of them may be ours and no longer \
                 described",
                owned.not_looked_at
            ));
        }
        self.tell_forgotten_key(plan).await
    }

    /// By the name that it has where nothing is said, or by its tag.
    async fn tell_forgotten_key(&self, plan: &mut Plan) -> Result<(), PlanError> {
        if self.estate.key().is_some() {
            return Ok(());
        }
        let installation = self.estate.installation();
        let alias = format!("alias/wellhouse-{installation}");
        let found = self.cloud.key(&alias, installation).await;
        let found = found.map_err(PlanError::reading(format!("key `{alias}`")))?;
        let ours = found.filter(|key| {
            let owner = key.tags.get(INSTALLATION_TAG);
            key.usable && owner.is_some_and(|owner| owner == installation)
        });
        if ours.is_some() {
            forgotten(plan, &Subject::Key(alias));
        }
        Ok(())
    }

    /// Settings of a bucket that exists which only a description of them brings: the rule for the portal's
    /// pages, and where access logs go.
    pub(super) async fn tell_forgotten_settings(
        &self,
        plan: &mut Plan,
        bucket: &BucketSpec,
    ) -> Result<(), PlanError> {
        let mut kinds = vec![BucketSettingKind::Cors];
        if self.estate.target() == Target::Aws {
            kinds.push(BucketSettingKind::Logging);
        }
        kinds.retain(|kind| bucket.settings.iter().all(|setting| setting.kind() != *kind));
        let planned = |step: &Step| matches!(step, Step::CreateBucket { bucket: made, .. } if *made == bucket.name);
        if plan.changes().iter().any(|change| planned(&change.step)) {
            return Ok(());
        }
        let subject = Subject::Bucket(bucket.name.clone());
        for kind in kinds {
            let found = self.setting(&bucket.name, kind).await?;
            self.plan_rules(plan, &bucket.name, kind, &found.foreign);
            if let Some(setting) = found.setting {
                plan.note(format!(
                    "{subject}: no longer described, and left as it is: the {kind}. {} Describe it, or \
                     take it away by hand",
                    in_words(&setting)
                ));
            }
        }
        Ok(())
    }
}

fn forgotten(plan: &mut Plan, subject: &Subject) {
    plan.note(format!(
        "{subject} carries our tag and is no longer described: describe it again, or have \
         `wellhouse destroy` take it away by a description that has it"
    ));
}
