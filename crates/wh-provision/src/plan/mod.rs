//! What is missing between what is and what should be.

use std::fmt;

use wh_names::AccountId;

use crate::bucket::{BucketSetting, BucketSettingKind, BucketSpec, INSTALLATION_TAG};
use crate::canonical;
use crate::cloud::{Cloud, CloudError, RoleState};
use crate::estate::{Estate, Target};
use crate::roles::{InstanceProfileSpec, RoleSpec};
use crate::step::Step;

/// Why a change is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It is not there.
    Absent,
    /// It is there with another value.
    Differs,
    /// It is there and should not be.
    Foreign,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "it is not there",
            Self::Differs => "it differs",
            Self::Foreign => "it does not belong there",
        })
    }
}

/// One write, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What to write.
    pub step: Step,
    /// Why.
    pub reason: Reason,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.step, self.reason)
    }
}

/// The changes that make what is into what should be, in the order that works.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a plan that is not applied changes nothing"]
pub struct Plan {
    changes: Vec<Change>,
}

impl Plan {
    /// Whether all is as it should be.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The changes, in order.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    fn add(&mut self, reason: Reason, step: Step) {
        self.changes.push(Change { step, reason });
    }
}

/// Why no plan can be made.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The credentials belong to another account than the estate.
    #[error("the credentials belong to account {found}, and the estate to account {expected}")]
    WrongAccount {
        /// The estate's account.
        expected: AccountId,
        /// The credentials' account.
        found: AccountId,
    },
    /// Something of the same name belongs to somebody else.
    #[error("{what} `{name}` exists and belongs to `{owner}`")]
    Foreign {
        /// `role`, `bucket` or `instance profile`.
        what: &'static str,
        /// Its name.
        name: String,
        /// Its ARN, path or installation.
        owner: String,
    },
    /// The cloud could not be read.
    #[error(transparent)]
    Cloud(#[from] CloudError),
}

impl PlanError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongAccount { .. } => "wrong-account",
            Self::Foreign { .. } => "foreign-resource",
            Self::Cloud(error) => error.code(),
        }
    }
}

/// Reads back what is and lists the writes that are missing. Writes nothing.
pub async fn plan(estate: &Estate, cloud: &dyn Cloud) -> Result<Plan, PlanError> {
    let found = cloud.account().await?;
    if found != *estate.account() {
        return Err(PlanError::WrongAccount { expected: estate.account().clone(), found });
    }
    let mut plan = Plan { changes: Vec::new() };
    plan_bucket(&mut plan, estate, cloud).await?;
    plan_boundary(&mut plan, estate, cloud).await?;
    for role in estate.roles() {
        plan_role(&mut plan, role, cloud).await?;
        let profiles = estate.instance_profiles().iter().filter(|p| p.role == role.name);
        for profile in profiles {
            plan_profile(&mut plan, profile, cloud).await?;
        }
    }
    for linked in estate.service_linked_roles() {
        let path = linked.path();
        if cloud.roles_under(&path).await?.is_empty() {
            let service = linked.service.to_owned();
            plan.add(Reason::Absent, Step::CreateServiceLinkedRole { service, path });
        }
    }
    Ok(plan)
}

async fn plan_bucket(plan: &mut Plan, estate: &Estate, cloud: &dyn Cloud) -> Result<(), PlanError> {
    let BucketSpec { name, settings, policy: _ } = estate.bucket();
    let exists = cloud.bucket_exists(name).await?;
    if exists && estate.target() == Target::Aws {
        refuse_foreign_bucket(estate, cloud).await?;
    }
    if !exists {
        let (bucket, region) = (name.clone(), estate.region().clone());
        plan.add(Reason::Absent, Step::CreateBucket { bucket, region });
    }
    for setting in settings {
        let found = if exists { cloud.bucket_setting(name, setting.kind()).await? } else { None };
        let reason = match found {
            Some(found) if setting.is_met_by(&found) => continue,
            Some(_) => Reason::Differs,
            None => Reason::Absent,
        };
        let (bucket, setting) = (name.clone(), setting.clone());
        plan.add(reason, Step::PutBucketSetting { bucket, setting });
    }
    Ok(())
}

/// A bucket without our tag is taken over, for we may have been stopped before we set it; one with
/// another installation's tag is not.
async fn refuse_foreign_bucket(estate: &Estate, cloud: &dyn Cloud) -> Result<(), PlanError> {
    let bucket = &estate.bucket().name;
    let found = cloud.bucket_setting(bucket, BucketSettingKind::Tags).await?;
    let Some(BucketSetting::Tagged(tags)) = found else { return Ok(()) };
    match tags.get(INSTALLATION_TAG) {
        Some(owner) if owner != estate.installation() => Err(PlanError::Foreign {
            what: "bucket",
            name: bucket.to_string(),
            owner: owner.clone(),
        }),
        Some(_) | None => Ok(()),
    }
}

async fn plan_boundary(
    plan: &mut Plan,
    estate: &Estate,
    cloud: &dyn Cloud,
) -> Result<(), PlanError> {
    let wanted = estate.boundary();
    let document = wanted.policy.document.to_json();
    match cloud.managed_policy(&wanted.arn).await? {
        None => {
            let (name, path) = (wanted.policy.name.clone(), wanted.path.clone());
            plan.add(Reason::Absent, Step::CreatePolicy { name, path, document });
        }
        Some(found) if canonical::same(&document, &found.document) => {}
        Some(_) => {
            let policy = wanted.arn.clone();
            plan.add(Reason::Differs, Step::PutPolicyVersion { policy, document });
        }
    }
    Ok(())
}

async fn plan_role(plan: &mut Plan, role: &RoleSpec, cloud: &dyn Cloud) -> Result<(), PlanError> {
    let found = cloud.role(&role.name).await?;
    match &found {
        None => plan.add(
            Reason::Absent,
            Step::CreateRole {
                role: role.name.clone(),
                path: role.path.clone(),
                description: role.description(),
                trust: role.trust.document.to_json(),
                max_session_seconds: role.max_session_seconds,
                boundary: role.boundary_arn.clone(),
            },
        ),
        Some(found) if found.arn != role.arn.as_str() => {
            return Err(PlanError::Foreign {
                what: "role",
                name: role.name.to_string(),
                owner: found.arn.clone(),
            });
        }
        Some(found) => {
            tighten(plan, role, found);
            plan_role_itself(plan, role, found);
        }
    }
    plan_permissions(plan, role, found.as_ref());
    Ok(())
}

fn plan_role_itself(plan: &mut Plan, role: &RoleSpec, found: &RoleState) {
    let trust = role.trust.document.to_json();
    if !canonical::same(&trust, &found.trust) {
        plan.add(Reason::Differs, Step::PutTrust { role: role.name.clone(), trust });
    }
    let description = role.description();
    let max_session_seconds = role.max_session_seconds;
    if description != found.description || max_session_seconds != found.max_session_seconds {
        let role = role.name.clone();
        plan.add(Reason::Differs, Step::UpdateRole { role, description, max_session_seconds });
    }
}

/// Permissions that the estate does not know are taken away, for what is documented must be all
/// that there is. Boundaries come first: nothing widens before it is bounded.
fn tighten(plan: &mut Plan, role: &RoleSpec, found: &RoleState) {
    let wanted = role.boundary_arn.as_ref().map(wh_names::Arn::as_str);
    match (&role.boundary_arn, &found.boundary) {
        (Some(boundary), found) if wanted != found.as_deref() => {
            let reason = if found.is_some() { Reason::Differs } else { Reason::Absent };
            let boundary = boundary.clone();
            plan.add(reason, Step::PutBoundary { role: role.name.clone(), boundary });
        }
        (None, Some(_)) => {
            plan.add(Reason::Foreign, Step::DeleteBoundary { role: role.name.clone() });
        }
        (Some(_), _) | (None, None) => {}
    }
    for policy in found.inline.keys() {
        if !role.permissions.iter().any(|wanted| wanted.name == *policy) {
            let (role, policy) = (role.name.clone(), policy.clone());
            plan.add(Reason::Foreign, Step::DeleteRolePolicy { role, policy });
        }
    }
    for policy in &found.attached {
        let (role, policy) = (role.name.clone(), policy.clone());
        plan.add(Reason::Foreign, Step::DetachRolePolicy { role, policy });
    }
}

fn plan_permissions(plan: &mut Plan, role: &RoleSpec, found: Option<&RoleState>) {
    for wanted in &role.permissions {
        let document = wanted.document.to_json();
        let reason = match found.and_then(|state| state.inline.get(&wanted.name)) {
            Some(found) if canonical::same(&document, found) => continue,
            Some(_) => Reason::Differs,
            None => Reason::Absent,
        };
        let (role, policy) = (role.name.clone(), wanted.name.clone());
        plan.add(reason, Step::PutRolePolicy { role, policy, document });
    }
}

async fn plan_profile(
    plan: &mut Plan,
    wanted: &InstanceProfileSpec,
    cloud: &dyn Cloud,
) -> Result<(), PlanError> {
    let profile = &wanted.name;
    let roles = match cloud.instance_profile(profile).await? {
        None => {
            let (profile, path) = (profile.clone(), wanted.path.clone());
            plan.add(Reason::Absent, Step::CreateInstanceProfile { profile, path });
            Default::default()
        }
        Some(found) if found.path != wanted.path => {
            return Err(PlanError::Foreign {
                what: "instance profile",
                name: profile.to_string(),
                owner: found.path,
            });
        }
        Some(found) => found.roles,
    };
    for role in roles.iter().filter(|role| *role != wanted.role.as_str()) {
        let (profile, role) = (profile.clone(), role.clone());
        plan.add(Reason::Foreign, Step::RemoveRoleFromInstanceProfile { profile, role });
    }
    if !roles.contains(wanted.role.as_str()) {
        let (profile, role) = (profile.clone(), wanted.role.clone());
        plan.add(Reason::Absent, Step::AddRoleToInstanceProfile { profile, role });
    }
    Ok(())
}
