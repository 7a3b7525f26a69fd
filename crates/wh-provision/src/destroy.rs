//! The plan that takes an estate away again.
//!
//! Only what says that it is ours goes: by its path and its tag where IAM keeps both, by its tag where
//! there is no path. Everything else that bears one of our names is told and kept, and so is all data
//! unless it was asked for.
//!
//! Invariant: each step leaves something that is still known as ours or is gone, so that a destruction
//! that was stopped anywhere is finished by the next.

use std::collections::BTreeMap;

use wh_names::{BucketName, RoleName};

use crate::bucket::{BucketSetting, BucketSettingKind, BucketSpec, Holds, INSTALLATION_TAG};
use crate::cloud::Cloud;
use crate::estate::Estate;
use crate::plan::{Plan, PlanError, Reason};
use crate::roles::{InstanceProfileSpec, ManagedPolicySpec, RoleSpec};
use crate::step::{Step, Subject};

/// What goes with the roles and policies. By default nothing: files and logs stay, and can be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Destruction {
    /// Whether the buckets go, with every version of every object in them.
    pub delete_data: bool,
    /// Whether the key goes, after the longest waiting time that KMS offers.
    pub delete_key: bool,
}

/// Why something stays.
const NOT_ASKED: &str = "kept: data goes only where it is asked for";

/// Reads back what is and lists what of it goes, in the order that works; what stays although it bears
/// a name of ours is told as foreign. Writes nothing.
pub async fn destroy(
    estate: &Estate,
    cloud: &dyn Cloud,
    asked: Destruction,
) -> Result<Plan, PlanError> {
    let found = cloud.account().await.map_err(PlanError::reading("whose account it is"))?;
    if found != *estate.account() {
        return Err(PlanError::WrongAccount { expected: estate.account().clone(), found });
    }
    let mut leaving = Leaving { estate, cloud, asked, plan: Plan::default(), encrypted: false };
    leaving.trail().await?;
    for profile in estate.instance_profiles() {
        leaving.profile(profile).await?;
    }
    // Those that name `PortalRole` in their trust go before it does.
    for role in estate.roles().iter().rev() {
        leaving.role(role).await?;
    }
    for boundary in estate.boundaries() {
        leaving.boundary(boundary).await?;
    }
    // Access logs of the others are delivered to the bucket of logs until they are gone.
    let (logs, files): (Vec<_>, Vec<_>) =
        estate.buckets().partition(|bucket| bucket.holds == Holds::Logs);
    for bucket in files.into_iter().chain(logs) {
        leaving.bucket(bucket).await?;
    }
    leaving.key().await?;
    leaving.notes();
    Ok(leaving.plan)
}

struct Leaving<'d> {
    estate: &'d Estate,
    cloud: &'d dyn Cloud,
    asked: Destruction,
    plan: Plan,
    /// Whether something stays that is encrypted with the key.
    encrypted: bool,
}

impl Leaving<'_> {
    fn go(&mut self, step: Step) {
        self.plan.add(Reason::Retired, step);
    }

    async fn trail(&mut self) -> Result<(), PlanError> {
        let Some(wanted) = self.estate.trail() else { return Ok(()) };
        let subject = Subject::Trail(wanted.name.clone());
        let found = self.cloud.trail(&wanted.name).await.map_err(PlanError::reading(&subject))?;
        let Some(found) = found else { return Ok(()) };
        match not_ours(&wanted.tags, &found.tags) {
            Some(why) => self.plan.keep(subject, why),
            None => self.go(Step::DeleteTrail { name: wanted.name.clone() }),
        }
        Ok(())
    }

    async fn profile(&mut self, wanted: &InstanceProfileSpec) -> Result<(), PlanError> {
        let subject = Subject::InstanceProfile(wanted.name.clone());
        let found = self.cloud.instance_profile(&wanted.name).await;
        let Some(found) = found.map_err(PlanError::reading(&subject))? else { return Ok(()) };
        if found.path != wanted.path {
            self.plan.keep(subject, format!("kept: its path is `{}`", found.path));
            return Ok(());
        }
        if let Some(why) = not_ours(&wanted.tags, &found.tags) {
            self.plan.keep(subject, why);
            return Ok(());
        }
        let profile = wanted.name.clone();
        for role in found.roles {
            self.go(Step::RemoveRoleFromInstanceProfile { profile: profile.clone(), role });
        }
        self.go(Step::DeleteInstanceProfile { profile });
        Ok(())
    }

    async fn role(&mut self, wanted: &RoleSpec) -> Result<(), PlanError> {
        let subject = Subject::Role(wanted.name.clone());
        let found = self.cloud.role(&wanted.name).await.map_err(PlanError::reading(&subject))?;
        let Some(found) = found else { return Ok(()) };
        if found.arn != wanted.arn.as_str() {
            self.plan.keep(subject, format!("kept: it is `{}`, under a path of others", found.arn));
            return Ok(());
        }
        if let Some(why) = not_ours(&wanted.tags, &found.tags) {
            self.plan.keep(subject, why);
            return Ok(());
        }
        self.out_of_profiles(wanted).await?;
        let role = wanted.name.clone();
        for policy in found.attached {
            self.go(Step::DetachRolePolicy { role: role.clone(), policy });
        }
        for policy in found.inline.into_keys() {
            self.go(Step::DeleteRolePolicy { role: role.clone(), policy });
        }
        self.go(Step::DeleteRole { role });
        Ok(())
    }

    /// A role stays as long as it is in a profile. One that somebody made by hand is theirs: our role is
    /// taken out of it, and it stays.
    async fn out_of_profiles(&mut self, wanted: &RoleSpec) -> Result<(), PlanError> {
        let role = &wanted.name;
        let holding = self.cloud.profiles_of(role).await;
        let holding = holding.map_err(PlanError::reading(format!("the profiles of `{role}`")))?;
        for name in holding {
            // A profile may have a longer name than a role: then it is told, and emptied by hand.
            let Ok(profile) = RoleName::parse(&name) else {
                let what = format!(
                    "it is in the instance profile `{name}`: take it out by hand, or it cannot go"
                );
                self.plan.keep(Subject::Role(role.clone()), what);
                continue;
            };
            let step = Step::RemoveRoleFromInstanceProfile {
                profile: profile.clone(),
                role: role.to_string(),
            };
            if self.plan.changes().iter().any(|change| change.step == step) {
                continue;
            }
            let what = format!("kept: it is not ours, and role `{role}` is taken out of it");
            self.plan.keep(Subject::InstanceProfile(profile), what);
            self.go(step);
        }
        Ok(())
    }

    async fn boundary(&mut self, wanted: &ManagedPolicySpec) -> Result<(), PlanError> {
        let subject = Subject::Policy(wanted.policy.name.clone());
        let found = self.cloud.managed_policy(&wanted.arn).await;
        let Some(found) = found.map_err(PlanError::reading(&subject))? else { return Ok(()) };
        match not_ours(&wanted.tags, &found.tags) {
            Some(why) => self.plan.keep(subject, why),
            None => self.go(Step::DeletePolicy { policy: wanted.arn.clone() }),
        }
        Ok(())
    }

    async fn bucket(&mut self, wanted: &BucketSpec) -> Result<(), PlanError> {
        let (name, subject) = (&wanted.name, Subject::Bucket(wanted.name.clone()));
        let exists = self.cloud.bucket_exists(name).await;
        if !exists.map_err(PlanError::reading(&subject))? {
            return Ok(());
        }
        let why = match not_ours(&installation(self.estate), &self.tags(name).await?) {
            None if !self.asked.delete_data => Some(NOT_ASKED.to_owned()),
            why => why,
        };
        if let Some(why) = why {
            self.encrypted |= is_under_a_key(wanted);
            self.plan.keep(subject, why);
            return Ok(());
        }
        self.go(Step::EmptyBucket { bucket: name.clone() });
        self.go(Step::DeleteBucket { bucket: name.clone() });
        Ok(())
    }

    async fn tags(&self, bucket: &BucketName) -> Result<BTreeMap<String, String>, PlanError> {
        let found = self.cloud.bucket_setting(bucket, BucketSettingKind::Tags).await;
        let found = found.map_err(PlanError::reading(format!("tags of bucket `{bucket}`")))?;
        let Some(BucketSetting::Tagged(tags)) = found.setting else { return Ok(BTreeMap::new()) };
        Ok(tags)
    }

    /// Without its key no object can be read, so it never goes before the buckets do.
    async fn key(&mut self) -> Result<(), PlanError> {
        let Some(wanted) = self.estate.key() else { return Ok(()) };
        let (alias, subject) = (wanted.alias.clone(), Subject::Key(wanted.alias.clone()));
        let installation = self.estate.installation().to_owned();
        let found = self.cloud.key(&alias, &installation).await;
        let Some(found) = found.map_err(PlanError::reading(&subject))? else { return Ok(()) };
        let why = match not_ours(&wanted.tags, &found.tags) {
            Some(why) => Some(why),
            None if !self.asked.delete_key => {
                Some("kept: the key goes only where it is asked for".to_owned())
            }
            None if self.encrypted => {
                Some("kept: a bucket stays, and nothing in it could be read any more".to_owned())
            }
            None if !found.usable => {
                Some("kept as it is: it is disabled, or on its way to deletion".to_owned())
            }
            None => None,
        };
        if let Some(why) = why {
            self.plan.keep(subject, why);
            return Ok(());
        }
        // The key is scheduled by its name.
        if !found.aliased {
            self.go(Step::AliasKey { alias: alias.clone(), installation });
        }
        self.go(Step::ScheduleKeyDeletion { alias });
        Ok(())
    }

    /// What never goes, whatever is asked for.
    fn notes(&mut self) {
        for linked in self.estate.service_linked_roles() {
            self.plan.note(format!(
                "`{}` stays: it is AWS's, for {}, and has to be left to AWS",
                linked.name, linked.service
            ));
        }
        if self.estate.target() == crate::description::Target::Aws {
            let account =
                "the account's own public access block stays: it guards other buckets, too";
            self.plan.note(account.to_owned());
            self.plan.note("trails of others stay, whatever they record".to_owned());
        }
    }
}

/// Whether a bucket's objects are encrypted with a key under KMS: logs are with the store's own.
fn is_under_a_key(bucket: &BucketSpec) -> bool {
    let keyed = |setting: &BucketSetting| matches!(setting, BucketSetting::Encrypted(by) if by.key.is_some());
    bucket.settings.iter().any(keyed)
}

/// Why something is not ours by its tag; none where it is. What the estate itself does not tag is known
/// by its path alone.
fn not_ours(wanted: &BTreeMap<String, String>, found: &BTreeMap<String, String>) -> Option<String> {
    let ours = wanted.get(INSTALLATION_TAG)?;
    match found.get(INSTALLATION_TAG) {
        Some(owner) if owner == ours => None,
        Some(owner) => Some(format!("kept: it belongs to installation `{owner}`")),
        None => Some(format!("kept: it carries no tag `{INSTALLATION_TAG}` = `{ours}`")),
    }
}

/// The one tag that says whose a bucket is: everything that is made by an estate may carry it, whether
/// or not the estate sets a bucket's tags itself.
fn installation(estate: &Estate) -> BTreeMap<String, String> {
    BTreeMap::from([(INSTALLATION_TAG.to_owned(), estate.installation().to_owned())])
}
