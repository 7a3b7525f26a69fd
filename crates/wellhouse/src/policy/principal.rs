//! Who asks: by the name of a role of the world, by ARN, by a service's name, or nobody.

use anyhow::{Context, Result, bail};
use wh_names::{AccountId, Arn, Partition};
use wh_policy::Subject;

use super::world::{Role, World};

/// Who asks, and the role whose policies count.
#[derive(Debug)]
pub(crate) struct Principal<'w> {
    /// What it is called on the command line: a role's name, an ARN, `anonymous`.
    pub(crate) name: String,
    pub(crate) subject: Subject,
    pub(crate) role: Option<&'w Role>,
}

impl<'w> Principal<'w> {
    /// Nobody.
    pub(crate) fn anonymous() -> Self {
        Self { name: "anonymous".to_owned(), subject: Subject::Anonymous, role: None }
    }

    /// Any session of a role of the world.
    pub(crate) fn of_role(name: &str, role: &'w Role) -> Self {
        let subject = Subject::Role { arn: role.arn.clone() };
        Self { name: name.to_owned(), subject, role: Some(role) }
    }

    /// A role by its name.
    pub(crate) fn named(world: &'w World, name: &str) -> Result<Self> {
        let (name, role) = world.role(name)?;
        Ok(Self::of_role(name, role))
    }

    /// A principal by its ARN, or a service by its name.
    pub(crate) fn written(world: &'w World, text: &str) -> Result<Self> {
        let name = text.to_owned();
        if !text.starts_with("arn:") {
            if text.contains('.') {
                let subject = Subject::Service { name: text.to_owned() };
                return Ok(Self { name, subject, role: None });
            }
            bail!(
                "--principal `{text}` is neither an ARN nor a service such as `ec2.amazonaws.com`; \
                 --role takes the name of a role"
            );
        }
        let (subject, role) =
            by_arn(world, text).with_context(|| format!("--principal `{text}`"))?;
        Ok(Self { name, subject, role })
    }

    /// How the command line names it again.
    pub(crate) fn flags(&self) -> Vec<String> {
        let flag = |flag: &str, value: &str| vec![flag.to_owned(), value.to_owned()];
        match (&self.subject, self.role) {
            (Subject::Anonymous, _) => vec!["--anonymous".to_owned()],
            (Subject::Role { .. }, Some(_)) => flag("--role", &self.name),
            (
                Subject::Root { .. }
                | Subject::User { .. }
                | Subject::RoleSession { .. }
                | Subject::Role { .. }
                | Subject::Service { .. }
                | Subject::Federated { .. }
                | Subject::FederatedUser { .. },
                _,
            ) => flag("--principal", &self.name),
        }
    }
}

fn by_arn<'w>(world: &'w World, text: &str) -> Result<(Subject, Option<&'w Role>)> {
    let arn = Arn::parse(text)?;
    let account = AccountId::parse(arn.account())?;
    let partition = Partition::parse(arn.partition())?;
    let (kind, rest) = arn.resource().split_once('/').unwrap_or((arn.resource(), ""));
    Ok(match (arn.service(), kind) {
        ("iam", "root") => (Subject::Root { account, partition }, None),
        ("iam", "user") => (Subject::User { arn }, None),
        ("iam", "role") => {
            let role = world.roles.values().find(|role| role.arn == arn);
            (Subject::Role { arn }, role)
        }
        ("sts", "federated-user") => (Subject::FederatedUser { arn, user_arn: None }, None),
        ("sts", "assumed-role") => {
            let name = rest.split('/').next().unwrap_or_default();
            let known = world.roles.get(name).filter(|role| role.arn.account() == account.as_str());
            let role_arn = match known {
                Some(role) => role.arn.clone(),
                None => Arn::parse(&format!("arn:{partition}:iam::{account}:role/{name}"))?,
            };
            (Subject::RoleSession { role_arn, session_arn: arn }, known)
        }
        _ => bail!("it is not the ARN of a role, role session, user or account root"),
    })
}
