//! What must be as it is: assertions that are kept beside the policies, and run at every change.

use std::collections::BTreeMap;

use wh_names::{Action, Arn};

use crate::{Context, PolicySet, Realm, Request, Subject, evaluate};

/// Somebody, a request, and whether it is to be allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// What it is called.
    pub name: String,
    /// The role whose session asks; `None`: nobody, unsigned.
    pub role: Option<String>,
    /// What is done.
    pub action: String,
    /// To what: `bucket/key` or an ARN.
    pub on: String,
    /// The condition keys of the request.
    pub context: BTreeMap<String, String>,
    /// Whether it is to be allowed.
    pub allowed: bool,
}

/// An expectation that was not met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    /// The expectation's name.
    pub name: String,
    /// What was decided instead and why, or why it cannot be asked.
    pub why: String,
}

impl Expectation {
    /// Asks; `None`: it is met.
    pub fn missed(&self, realm: &Realm) -> Option<Missed> {
        let why = match self.decided(realm) {
            Ok((allowed, _)) if allowed == self.allowed => return None,
            Ok((_, message)) => message,
            Err(why) => why,
        };
        Some(Missed { name: self.name.clone(), why })
    }

    /// Whether it is allowed, and the reason; an error where it cannot be asked.
    fn decided(&self, realm: &Realm) -> Result<(bool, String), String> {
        let action = Action::parse(&self.action).map_err(|error| error.to_string())?;
        let resource = Arn::parse(&realm.resource(&self.on)).map_err(|error| error.to_string())?;
        let role = match &self.role {
            None => None,
            Some(name) => {
                let none = || format!("`{name}` is no role of this estate");
                Some(realm.roles.get(name).ok_or_else(none)?)
            }
        };
        let subject =
            role.map_or(Subject::Anonymous, |role| Subject::Role { arn: role.arn.clone() });
        let bucket = resource.resource().split('/').next().unwrap_or_default();
        let policies = PolicySet {
            identity: role.map_or(&[], |role| &role.permissions),
            resource: realm.buckets.get(bucket).filter(|_| resource.service() == "s3"),
            boundary: role.and_then(|role| role.boundary.as_ref()),
            ..PolicySet::default()
        };
        let mut context = Context::new();
        for (key, value) in &self.context {
            context.set(key, value.as_str());
        }
        let decision = evaluate(
            &policies,
            &Request {
                subject: &subject,
                action: &action,
                resource: &resource,
                resource_account: &realm.account,
                context: &context,
            },
        );
        Ok((decision.allowed(), decision.explanation().message()))
    }
}
