//! IAM: requests, replies, and the changes that they make.
//!
//! A request is judged against the rows as they are and comes to one change; the change is made
//! durable, and only then does the new state count.
//!
//! Source: IAM API Reference, the actions of the same names.

mod check;
mod error;
mod policies;
mod profiles;
mod request;
mod roles;
mod view;

pub use error::IamError;
pub use request::{CreatePolicy, CreateRole, IamRequest};
pub use view::{IamReply, InstanceProfile, Policy, PolicyVersion, Role};

use jiff::Timestamp;
use wh_ledger::{IamRows, IamWrite};
use wh_names::{Action, Arn, Entropy, RoleName};

use crate::Authority;
use crate::state::{Place, State};

/// What a request is judged against.
struct Ground<'a> {
    place: &'a Place,
    rows: &'a IamRows,
    now: Timestamp,
    entropy: &'a Entropy,
}

/// The reply, and the change that it speaks of, if there is one.
type Answer = (IamReply, Option<IamWrite>);

/// What a request comes to.
type Verdict = Result<Answer, IamError>;

impl Authority {
    /// Does what an IAM request asks for. Whether the caller may ask is for the gate to say.
    pub async fn execute(&self, request: IamRequest) -> Result<IamReply, IamError> {
        let guard = self.changing.lock().await;
        let state = self.state();
        let (reply, write) = Ground {
            place: &self.place,
            rows: &state.rows,
            now: self.now(),
            entropy: &self.entropy,
        }
        .judge(request)?;
        if let Some(write) = write {
            self.ledger.write_iam(&write).await?;
            let mut rows = state.rows.clone();
            apply(&mut rows, write);
            self.replace_state(State::compile(rows, &self.place));
        }
        drop(guard);
        Ok(reply)
    }

    /// The action that a request is, and the ARN on which it is judged.
    pub fn iam_target(&self, request: &IamRequest) -> Option<(Action, Arn)> {
        let action = Action::parse(&format!("iam:{}", request.name())).ok()?;
        let state = self.state();
        let arn = request.resource(&self.place, &state.rows);
        Some((action, Arn::parse(&arn).ok()?))
    }
}

fn apply(rows: &mut IamRows, write: IamWrite) {
    match write {
        IamWrite::PutRole(row) => drop(rows.roles.insert(role_key(&row.name), row)),
        IamWrite::DeleteRole(name) => drop(rows.roles.remove(&role_key(&name))),
        IamWrite::PutPolicy(row) => drop(rows.policies.insert(key(&row.name), row)),
        IamWrite::DeletePolicy(name) => drop(rows.policies.remove(&key(&name))),
        IamWrite::PutInstanceProfile(row) => drop(rows.profiles.insert(key(&row.name), row)),
        IamWrite::DeleteInstanceProfile(name) => drop(rows.profiles.remove(&key(&name))),
    }
}

/// The key of a name that is unique ignoring case.
fn key(name: &str) -> String {
    name.to_ascii_lowercase()
}

fn role_key(name: &RoleName) -> String {
    key(name.as_str())
}

impl Ground<'_> {
    fn judge(&self, request: IamRequest) -> Verdict {
        use IamRequest as R;
        match request {
            R::CreateRole(create) => self.create_role(create),
            R::CreateServiceLinkedRole { service, description } => {
                self.create_service_linked_role(&service, description)
            }
            R::GetRole { role } => self.get_role(&role),
            R::ListRoles { path_prefix } => Ok(self.list_roles(&path_prefix)),
            R::UpdateRole { role, description, max_session_s } => {
                self.update_role(&role, description, max_session_s)
            }
            R::UpdateAssumeRolePolicy { role, document } => self.update_trust(&role, document),
            R::DeleteRole { role } => self.delete_role(&role),
            R::TagRole { role, tags } => self.tag_role(&role, tags),
            R::UntagRole { role, keys } => self.untag_role(&role, &keys),
            R::ListRoleTags { role } => self.list_role_tags(&role),
            R::PutRolePolicy { role, name, document } => self.put_inline(&role, name, document),
            R::GetRolePolicy { role, name } => self.get_inline(&role, &name),
            R::ListRolePolicies { role } => self.list_inline(&role),
            R::DeleteRolePolicy { role, name } => self.delete_inline(&role, &name),
            R::PutRolePermissionsBoundary { role, policy_arn } => {
                self.put_boundary(&role, policy_arn)
            }
            R::DeleteRolePermissionsBoundary { role } => self.delete_boundary(&role),
            R::AttachRolePolicy { role, policy_arn } => self.attach(&role, policy_arn),
            R::DetachRolePolicy { role, policy_arn } => self.detach(&role, &policy_arn),
            R::ListAttachedRolePolicies { role } => self.list_attached(&role),
            R::CreatePolicy(create) => self.create_policy(create),
            R::GetPolicy { arn } => self.get_policy(&arn),
            R::ListPolicies { path_prefix } => Ok(self.list_policies(&path_prefix)),
            R::DeletePolicy { arn } => self.delete_policy(&arn),
            R::CreatePolicyVersion { arn, document, set_as_default } => {
                self.create_version(&arn, document, set_as_default)
            }
            R::SetDefaultPolicyVersion { arn, version } => self.set_default(&arn, &version),
            R::GetPolicyVersion { arn, version } => self.get_version(&arn, &version),
            R::ListPolicyVersions { arn } => self.list_versions(&arn),
            R::DeletePolicyVersion { arn, version } => self.delete_version(&arn, &version),
            R::CreateInstanceProfile { name, path } => self.create_profile(name, path),
            R::GetInstanceProfile { name } => self.get_profile(&name),
            R::AddRoleToInstanceProfile { name, role } => self.add_to_profile(&name, role),
            R::RemoveRoleFromInstanceProfile { name, role } => {
                self.remove_from_profile(&name, &role)
            }
            R::DeleteInstanceProfile { name } => self.delete_profile(&name),
            R::ListInstanceProfilesForRole { role } => self.list_profiles(&role),
        }
    }
}
