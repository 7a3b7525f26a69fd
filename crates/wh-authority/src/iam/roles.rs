//! Roles: their life, their trust, their policies and tags.

use std::collections::BTreeMap;

use wh_ledger::{IamWrite, RoleRow};
use wh_names::RoleName;

use super::check::{self, validation};
use super::{Answer, CreateRole, Ground, IamError, IamReply, Verdict, role_key, tags};
use crate::keys::unique_id;

/// The longest session of a role for which nothing else was said, in seconds.
const SESSION_S_DEFAULT: u32 = 3600;

/// Managed policies attached to one role.
const ATTACHED_MAX: usize = 20;

/// Where service-linked roles live.
const SERVICE_PATH: &str = "/aws-service-role/";

/// The services whose linked roles this authority knows, and the roles' names.
const LINKED: [(&str, &str); 2] = [
    ("support.amazonaws.com", "AWSServiceRoleForSupport"),
    ("trustedadvisor.amazonaws.com", "AWSServiceRoleForTrustedAdvisor"),
];

fn changed(row: RoleRow) -> Answer {
    (IamReply::Done, Some(IamWrite::PutRole(row)))
}

impl Ground<'_> {
    pub(super) fn role(&self, name: &RoleName) -> Result<&RoleRow, IamError> {
        self.rows
            .roles
            .get(&role_key(name))
            .ok_or_else(|| IamError::NoSuchEntity { what: "role", name: name.as_str().to_owned() })
    }

    /// A role to be changed: not one that belongs to a service.
    fn own_role(&self, name: &RoleName) -> Result<RoleRow, IamError> {
        let row = self.role(name)?;
        if row.path.starts_with(SERVICE_PATH) {
            return Err(IamError::UnmodifiableEntity { role: row.name.as_str().to_owned() });
        }
        Ok(row.clone())
    }

    pub(super) fn create_role(&self, create: CreateRole) -> Verdict {
        check::path(&create.path)?;
        check::trust(&create.trust)?;
        check::description(&create.description)?;
        let tags = tags::of_new(create.tags)?;
        if create.path.starts_with(SERVICE_PATH) {
            return Err(validation("the path /aws-service-role/ is reserved for services"));
        }
        if let Some(arn) = &create.boundary {
            self.policy(arn)?;
        }
        let max_session_s = check::session(create.max_session_s.unwrap_or(SESSION_S_DEFAULT))?;
        self.new_role(RoleRow {
            name: create.name,
            path: create.path,
            role_id: unique_id("AROA", self.entropy),
            description: create.description,
            max_session_s,
            trust: create.trust,
            boundary: create.boundary,
            created_at: self.now,
            tags,
            inline: BTreeMap::new(),
            attached: Vec::new(),
        })
    }

    fn new_role(&self, row: RoleRow) -> Verdict {
        if self.rows.roles.contains_key(&role_key(&row.name)) {
            let name = row.name.as_str().to_owned();
            return Err(IamError::EntityAlreadyExists { what: "role", name });
        }
        Ok((IamReply::Role(self.role_view(&row)), Some(IamWrite::PutRole(row))))
    }

    pub(super) fn create_service_linked_role(&self, service: &str, description: String) -> Verdict {
        check::description(&description)?;
        let known = LINKED.iter().find(|(known, _)| *known == service);
        let Some((service, name)) = known else {
            let why = format!("`{service}` is not a service that this account can link roles to");
            return Err(IamError::InvalidInput { why });
        };
        let name = RoleName::parse(name).map_err(|e| validation(e.to_string()))?;
        if self.rows.roles.contains_key(&role_key(&name)) {
            let why = format!(
                "Service role name {name} has been taken in this account, please try a different \
                 suffix."
            );
            return Err(IamError::InvalidInput { why });
        }
        let trust = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"{service}"}},"Action":"sts:AssumeRole"}}]}}"#
        );
        self.new_role(RoleRow {
            name,
            path: format!("{SERVICE_PATH}{service}/"),
            role_id: unique_id("AROA", self.entropy),
            description,
            max_session_s: SESSION_S_DEFAULT,
            trust,
            boundary: None,
            created_at: self.now,
            tags: BTreeMap::new(),
            inline: BTreeMap::new(),
            attached: Vec::new(),
        })
    }

    pub(super) fn get_role(&self, role: &RoleName) -> Verdict {
        Ok((IamReply::Role(self.role_view(self.role(role)?)), None))
    }

    pub(super) fn list_roles(&self, prefix: &str) -> Answer {
        let roles = self.rows.roles.values().filter(|row| row.path.starts_with(prefix));
        (IamReply::Roles(roles.map(|row| self.role_view(row)).collect()), None)
    }

    pub(super) fn update_role(
        &self,
        role: &RoleName,
        description: Option<String>,
        max_session_s: Option<u32>,
    ) -> Verdict {
        let mut row = match max_session_s {
            Some(_) => self.own_role(role)?,
            None => self.role(role)?.clone(),
        };
        if let Some(text) = description {
            check::description(&text)?;
            row.description = text;
        }
        if let Some(seconds) = max_session_s {
            row.max_session_s = check::session(seconds)?;
        }
        Ok(changed(row))
    }

    pub(super) fn update_trust(&self, role: &RoleName, document: String) -> Verdict {
        let mut row = self.own_role(role)?;
        check::trust(&document)?;
        row.trust = document;
        Ok(changed(row))
    }

    pub(super) fn delete_role(&self, role: &RoleName) -> Verdict {
        let row = self.own_role(role)?;
        let conflict = |why| IamError::DeleteConflict { what: "role", why };
        if !row.inline.is_empty() {
            return Err(conflict("has inline policies"));
        }
        if !row.attached.is_empty() {
            return Err(conflict("has attached policies"));
        }
        if self.rows.profiles.values().any(|p| p.role.as_ref() == Some(&row.name)) {
            return Err(conflict("is in an instance profile"));
        }
        Ok((IamReply::Done, Some(IamWrite::DeleteRole(row.name))))
    }

    pub(super) fn tag_role(&self, role: &RoleName, tags: Vec<(String, String)>) -> Verdict {
        let mut row = self.own_role(role)?;
        tags::put(&mut row.tags, tags)?;
        Ok(changed(row))
    }

    pub(super) fn untag_role(&self, role: &RoleName, keys: &[String]) -> Verdict {
        let mut row = self.own_role(role)?;
        tags::remove(&mut row.tags, keys);
        Ok(changed(row))
    }

    pub(super) fn list_role_tags(&self, role: &RoleName) -> Verdict {
        let tags = self.role(role)?.tags.clone();
        Ok((IamReply::Tags(tags.into_iter().collect()), None))
    }

    pub(super) fn put_inline(&self, role: &RoleName, name: String, document: String) -> Verdict {
        let mut row = self.own_role(role)?;
        check::name(&name)?;
        let others = row.inline.iter().filter(|(known, _)| **known != name);
        check::inline(&document, others.map(|(_, text)| check::counted(text)).sum())?;
        row.inline.insert(name, document);
        Ok(changed(row))
    }

    pub(super) fn get_inline(&self, role: &RoleName, name: &str) -> Verdict {
        let row = self.role(role)?;
        let document = row.inline.get(name).cloned().ok_or_else(|| no_inline(name))?;
        let (role, name) = (row.name.as_str().to_owned(), name.to_owned());
        Ok((IamReply::RolePolicy { role, name, document }, None))
    }

    pub(super) fn list_inline(&self, role: &RoleName) -> Verdict {
        let names = self.role(role)?.inline.keys().cloned();
        Ok((IamReply::PolicyNames(names.collect()), None))
    }

    pub(super) fn delete_inline(&self, role: &RoleName, name: &str) -> Verdict {
        let mut row = self.own_role(role)?;
        row.inline.remove(name).ok_or_else(|| no_inline(name))?;
        Ok(changed(row))
    }

    pub(super) fn put_boundary(&self, role: &RoleName, policy_arn: String) -> Verdict {
        let mut row = self.own_role(role)?;
        self.policy(&policy_arn)?;
        row.boundary = Some(policy_arn);
        Ok(changed(row))
    }

    pub(super) fn delete_boundary(&self, role: &RoleName) -> Verdict {
        let mut row = self.own_role(role)?;
        if row.boundary.take().is_none() {
            let name = role.as_str().to_owned();
            return Err(IamError::NoSuchEntity { what: "permissions boundary of", name });
        }
        Ok(changed(row))
    }

    pub(super) fn attach(&self, role: &RoleName, policy_arn: String) -> Verdict {
        let mut row = self.own_role(role)?;
        self.policy(&policy_arn)?;
        if !row.attached.contains(&policy_arn) {
            row.attached.push(policy_arn);
            row.attached.sort();
        }
        if row.attached.len() > ATTACHED_MAX {
            return Err(IamError::LimitExceeded { what: "policies of a role", max: ATTACHED_MAX });
        }
        Ok(changed(row))
    }

    pub(super) fn detach(&self, role: &RoleName, policy_arn: &str) -> Verdict {
        let mut row = self.own_role(role)?;
        if !row.attached.iter().any(|arn| arn == policy_arn) {
            let name = policy_arn.to_owned();
            return Err(IamError::NoSuchEntity { what: "attached policy", name });
        }
        row.attached.retain(|arn| arn != policy_arn);
        Ok(changed(row))
    }

    pub(super) fn list_attached(&self, role: &RoleName) -> Verdict {
        let attached = self.role(role)?.attached.iter().map(|arn| named(arn)).collect();
        Ok((IamReply::AttachedPolicies(attached), None))
    }
}

/// The name and the ARN of a managed policy.
pub(super) fn named(arn: &str) -> (String, String) {
    let name = arn.rsplit_once('/').map_or(arn, |(_, name)| name);
    (name.to_owned(), arn.to_owned())
}

fn no_inline(name: &str) -> IamError {
    IamError::NoSuchEntity { what: "role policy", name: name.to_owned() }
}
