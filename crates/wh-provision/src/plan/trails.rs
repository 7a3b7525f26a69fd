//! The trail, and the account as a whole.

use super::{Plan, PlanError, Planning, Reason, Takeover};
use crate::bucket::INSTALLATION_TAG;
use crate::description::Target;
use crate::step::{Step, Subject};

impl Planning<'_> {
    pub(super) async fn plan_trail(&self, plan: &mut Plan) -> Result<(), PlanError> {
        let Some(wanted) = self.estate.trail() else { return Ok(()) };
        let subject = Subject::Trail(wanted.name.clone());
        (self.progress)(&subject);
        let found = self.cloud.trail(&wanted.name).await.map_err(PlanError::reading(&subject))?;
        let Some(found) = found else {
            plan.add(Reason::Absent, Step::CreateTrail(wanted.clone()));
            plan.add(Reason::Absent, Step::SelectEvents(wanted.clone()));
            plan.add(Reason::Absent, Step::StartTrail(wanted.clone()));
            return Ok(());
        };
        let owner = found.tags.get(INSTALLATION_TAG);
        let ours = owner.is_some_and(|owner| owner == self.estate.installation());
        if !ours {
            let owner = owner.cloned().unwrap_or_else(|| "nobody that says so".to_owned());
            if self.takeover == Takeover::Ours {
                return Err(PlanError::Foreign { what: "trail", name: wanted.name.clone(), owner });
            }
            plan.note(format!("{subject} belongs to {owner}: it is taken over"));
        }
        if found.bucket != wanted.bucket.as_str() || !found.whole {
            plan.add(Reason::Differs, Step::UpdateTrail(wanted.clone()));
        }
        let recorded = |arn: &String| found.objects.iter().any(|known| arn.starts_with(known));
        if !wanted.objects.iter().all(recorded) {
            plan.add(Reason::Differs, Step::SelectEvents(wanted.clone()));
            for classic in &found.classic {
                let what = "it is written as an advanced selector, which records the same";
                plan.keep(subject.clone(), format!("classic selector: {classic}; {what}"));
            }
        }
        for other in found.objects.difference(&wanted.objects) {
            plan.keep(
                subject.clone(),
                match other.as_str() {
                    "" => "it records every object, too".to_owned(),
                    other => format!("it records `{other}`, too"),
                },
            );
        }
        if !found.recording {
            plan.add(Reason::Differs, Step::StartTrail(wanted.clone()));
        }
        if let Some(reason) = super::roles::tags_differ(&wanted.tags, &found.tags) {
            plan.add(reason, Step::TagTrail(wanted.clone()));
        }
        super::roles::keep_tags(plan, &subject, &wanted.tags, &found.tags);
        Ok(())
    }

    /// It touches what is not ours, so it is done only where it was asked for; otherwise it is told.
    pub(super) async fn plan_account(&self, plan: &mut Plan) -> Result<(), PlanError> {
        if self.estate.target() == Target::Embedded {
            return Ok(());
        }
        (self.progress)(&Subject::Account);
        let blocked = self.cloud.account_is_blocked().await;
        if blocked.map_err(PlanError::reading("the account's public access block"))? {
            return Ok(());
        }
        if self.estate.description().block_account {
            plan.add(Reason::Absent, Step::BlockAccount);
        } else {
            let note = "public access is not blocked for the account as a whole: \
                        block_public_access_of_account = true does it, for all of its buckets";
            plan.notes.push(note.to_owned());
        }
        Ok(())
    }
}
