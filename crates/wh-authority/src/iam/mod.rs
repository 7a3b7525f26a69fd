//! IAM: requests, replies, and the changes that they make.
//!
//! A request is judged against the rows as they are and comes to one change; the change is made
//! durable if they still are so, and only then does the new state count.
//!
//! Source: IAM API Reference, the actions of the same names.

mod access_keys;
mod account;
mod calls;
mod check;
mod error;
mod groups;
mod holders;
mod keys;
mod oidc;
mod policies;
mod profiles;
mod request;
mod roles;
mod simulate;
mod tags;
mod users;
mod view;

pub use calls::{AccountCall, GroupCall, Holder, OidcCall, PolicyCall, SimulateCall, UserCall};
pub use error::IamError;
pub use request::{CreatePolicy, CreateRole, IamRequest};
pub use simulate::{MatchedStatement, Simulation, SimulationResult};
pub use tags::{TagCall, Tagged};
pub use view::{
    AccessKey, AccountDetails, Group, IamReply, InstanceProfile, NewAccessKey, OidcProvider,
    Policy, PolicyEntities, PolicyVersion, Role, User,
};

use jiff::Timestamp;
use wh_ledger::{IamRows, IamWrite, LedgerError};
use wh_names::{AccessKeyId, AccountId, Action, Arn, Entropy, RoleName};
use wh_policy::ContextValue;

use crate::oidc::Issuers;
use crate::state::{Place, State};
use crate::uses::Uses;
use crate::{Authority, KeyRing};

/// How often a request is judged again because another node changed something first.
const TRIES_MAX: u32 = 10;

/// What a request is judged against.
struct Ground<'a> {
    place: &'a Place,
    rows: &'a IamRows,
    now: Timestamp,
    entropy: &'a Entropy,
    keys: &'a KeyRing,
    uses: &'a Uses,
    issuers: &'a Issuers,
}

/// What a request to IAM is judged on.
#[derive(Debug)]
pub struct IamTarget {
    /// The action that it is.
    pub action: Action,
    /// The ARN on which it is judged.
    pub resource: Arn,
    /// The condition keys that come from the request and from what it changes.
    pub keys: Vec<(String, ContextValue)>,
    /// What must be allowed besides: to hand a role to a service is an action on the role.
    pub also: Option<(Action, Arn)>,
}

/// The reply, and the change that it speaks of, if there is one.
type Answer = (IamReply, Option<IamWrite>);

/// What a request comes to.
type Verdict = Result<Answer, IamError>;

impl Authority {
    /// Does what an IAM request asks for. Whether the caller may ask is for the gate to say.
    ///
    /// Where another node's change came first, the request is judged again by the rows that it left.
    pub async fn execute(&self, request: IamRequest) -> Result<IamReply, IamError> {
        let _changing = self.changing.lock().await;
        if matches!(request, IamRequest::GetAccessKeyLastUsed { .. }) {
            self.uses.learn(self.ledger.access_key_uses().await?);
        }
        // What was written at another node a moment ago is there for whoever asks here, as it would be
        // there.
        let version = self.ledger.iam_version().await?;
        if version.is_some_and(|version| version > self.state().rows.version) {
            self.reload().await?;
        }
        for _ in 1..TRIES_MAX {
            let done = self.attempt(request.clone()).await;
            if !matches!(done, Err(IamError::ServiceFailure(LedgerError::Stale))) {
                return done;
            }
            self.reload().await?;
        }
        self.attempt(request).await
    }

    async fn attempt(&self, request: IamRequest) -> Result<IamReply, IamError> {
        let state = self.state();
        let (reply, write) = Ground {
            place: &self.place,
            rows: &state.rows,
            now: self.now(),
            entropy: &self.entropy,
            keys: &self.keys,
            uses: &self.uses,
            issuers: &self.issuers,
        }
        .judge(request)?;
        if let Some(write) = write {
            let version = self.ledger.write_iam(state.rows.version, &write).await?;
            let mut rows = state.rows.clone();
            apply(&mut rows, write);
            rows.version = version;
            self.replace_state(State::compile(rows, &self.place));
        }
        Ok(reply)
    }

    /// The account of an access key that was issued here, whether or not it still counts.
    ///
    /// Source: STS API Reference, `GetAccessKeyInfo`.
    pub fn account_of(&self, id: &AccessKeyId) -> Result<AccountId, IamError> {
        let state = self.state();
        let mut keys = state.rows.users.values().flat_map(|user| &user.access_keys);
        let known = id == self.keys.root_access_key_id() || keys.any(|key| key.id == *id);
        if known {
            return Ok(self.place.account.clone());
        }
        Err(check::validation(format!("the access key `{id}` was not issued by this account")))
    }

    /// What a request is judged on.
    pub fn iam_target(&self, request: &IamRequest) -> Option<IamTarget> {
        let action = Action::parse(&format!("iam:{}", request.name())).ok()?;
        let state = self.state();
        let resource = Arn::parse(&request.resource(&self.place, &state.rows)).ok()?;
        let passed = match request.passed_role(&self.place, &state.rows) {
            Some(arn) => Some((Action::parse("iam:PassRole").ok()?, Arn::parse(&arn).ok()?)),
            None => None,
        };
        let keys = keys::of(request, &state.rows);
        Some(IamTarget { action, resource, keys, also: passed })
    }
}

fn apply(rows: &mut IamRows, write: IamWrite) {
    match write {
        IamWrite::PutUser(row) | IamWrite::DropAccessKey(_, row) => {
            rows.users.insert(users::user_key(&row.name), row);
        }
        IamWrite::RenameUser(from, row) => {
            rows.users.remove(&users::user_key(&from));
            rows.users.insert(users::user_key(&row.name), row);
        }
        IamWrite::DeleteUser(name) => drop(rows.users.remove(&users::user_key(&name))),
        IamWrite::PutGroup(row) => {
            rows.groups.insert(groups::group_key(&row.name), row);
        }
        IamWrite::RenameGroup(from, row) => {
            rows.groups.remove(&groups::group_key(&from));
            rows.groups.insert(groups::group_key(&row.name), row);
        }
        IamWrite::DeleteGroup(name) => drop(rows.groups.remove(&groups::group_key(&name))),
        IamWrite::PutOidcProvider(row) => {
            rows.oidc_providers.insert(row.issuer.clone(), row);
        }
        IamWrite::DeleteOidcProvider(issuer) => drop(rows.oidc_providers.remove(&issuer)),
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
            R::User(name, call) => self.judge_user(name, call),
            R::ListUsers { path_prefix } => Ok(self.list_users(&path_prefix)),
            R::GetAccessKeyLastUsed { id } => self.access_key_last_used(&id),
            R::Group(name, call) => self.judge_group(name, call),
            R::ListGroups { path_prefix } => Ok(self.list_groups(&path_prefix)),
            R::Policies(holder, call) => self.judge_holder(&holder, call),
            R::CreateOpenIdConnectProvider { url, client_ids, thumbprints } => {
                self.create_oidc(&url, client_ids, thumbprints)
            }
            R::ListOpenIdConnectProviders => Ok(self.list_oidc()),
            R::OidcProvider(arn, call) => self.judge_oidc(&arn, call),
            R::Account(AccountCall::AuthorizationDetails) => Ok(self.account_details()),
            R::Account(AccountCall::Summary) => Ok(self.account_summary()),
            R::Account(AccountCall::Aliases) => Ok((IamReply::AccountAliases, None)),
            R::ListEntitiesForPolicy { arn } => self.entities_for(&arn),
            R::Simulate(call) => self.judge_simulation(&call),
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
            R::Tags(tagged, call) => self.judge_tags(&tagged, call),
            R::CreateInstanceProfile { name, path, tags } => self.create_profile(name, path, tags),
            R::ListInstanceProfiles { path_prefix } => Ok(self.list_all_profiles(&path_prefix)),
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
