//! The key under KMS.

use super::{Plan, PlanError, Planning, Reason};
use crate::bucket::INSTALLATION_TAG;
use crate::canonical;
use crate::meaning::PolicyChange;
use crate::plan::Takeover;
use crate::step::{Step, Subject};

impl Planning<'_> {
    pub(super) async fn plan_key(&self, plan: &mut Plan) -> Result<(), PlanError> {
        let Some(wanted) = self.estate.key() else { return Ok(()) };
        let (alias, subject) = (wanted.alias.clone(), Subject::Key(wanted.alias.clone()));
        (self.progress)(&subject);
        let installation = self.estate.installation();
        let found = self.cloud.key(&alias, installation).await;
        let found = found.map_err(PlanError::reading(&subject))?;
        let policy = wanted.policy.document.to_json();
        let Some(found) = found else {
            let (description, tags) = (wanted.description.clone(), wanted.tags.clone());
            let change = PolicyChange::of_resource(&subject, None, &policy);
            let made = Step::CreateKey { alias: alias.clone(), description, policy, tags };
            plan.add_policy(Reason::Absent, made, change);
            let installation = installation.to_owned();
            plan.add(Reason::Absent, Step::AliasKey { alias: alias.clone(), installation });
            plan.add(Reason::Absent, Step::RotateKey { alias });
            return Ok(());
        };
        let owner = found.tags.get(INSTALLATION_TAG);
        if owner.is_none_or(|owner| owner != installation) {
            let owner = owner.cloned().unwrap_or_else(|| "nobody that says so".to_owned());
            if self.takeover == Takeover::Ours {
                return Err(PlanError::Foreign { what: "key", name: alias, owner });
            }
            plan.note(format!("{subject} belongs to {owner}: it is taken over"));
            // First: by this tag everything after it is allowed.
            let tags = wanted.tags.clone();
            plan.add(Reason::Differs, Step::ClaimKey { alias: alias.clone(), tags });
        } else if let Some(reason) = super::roles::tags_differ(&wanted.tags, &found.tags) {
            let tags = wanted.tags.clone();
            plan.add(reason, Step::TagKey { alias: alias.clone(), tags });
        }
        if !found.aliased {
            let installation = installation.to_owned();
            plan.add(Reason::Absent, Step::AliasKey { alias: alias.clone(), installation });
        }
        if !found.usable {
            plan.add(Reason::Differs, Step::RestoreKey { alias: alias.clone() });
        }
        if !found.rotated {
            plan.add(Reason::Absent, Step::RotateKey { alias: alias.clone() });
        }
        if !canonical::same(&policy, &found.policy) {
            let change = PolicyChange::of_resource(&subject, Some(&found.policy), &policy);
            let step = Step::PutKeyPolicy { alias, policy };
            plan.add_policy(Reason::Differs, step, change);
        }
        super::roles::keep_tags(plan, &subject, &wanted.tags, &found.tags);
        Ok(())
    }
}
