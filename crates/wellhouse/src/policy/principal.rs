//! Who asks: by the name of a role of the world, by ARN, by a service's name, or nobody.

use anyhow::{Context, Result, bail};
use wh_names::{AccountId, Arn, Partition};
use wh_policy::{NamedPolicy, PolicyDocument, PolicyKind, Subject};

use super::world::{Role, World};

/// Who asks, and the role whose policies count.
#[derive(Debug)]
pub(crate) struct Principal<'w> {
    /// What it is called on the command line: a role's name, an ARN, `anonymous`.
    pub(crate) name: String,
    pub(crate) subject: Subject,
    pub(crate) role: Option<&'w Role>,
    /// What its identity policies are taken to be, where it is no role of the world.
    own: Vec<NamedPolicy>,
    /// What that is, in words.
    pub(crate) assumed: Option<String>,
}

/// Whoever is asked about without anything being known of its name.
const ANY_USER: &str = "any-user";

/// An account that nobody has: AWS numbers no account so.
const NO_ACCOUNT: [&str; 2] = ["000000000001", "000000000002"];

impl<'w> Principal<'w> {
    fn new(name: &str, subject: Subject, role: Option<&'w Role>) -> Self {
        Self { name: name.to_owned(), subject, role, own: Vec::new(), assumed: None }
    }

    /// Its identity policies.
    pub(crate) fn identity(&self) -> &[NamedPolicy] {
        self.role.map_or(&self.own, |role| &role.permissions)
    }

    fn with_own(mut self, action: &str, assumed: String) -> Self {
        let allow = format!(
            r#"{{"Version": "2012-10-17", "Statement": [
                {{"Sid": "Assumed", "Effect": "Allow", "Action": "{action}", "Resource": "*"}}]}}"#
        );
        let document = PolicyDocument::read_stored(&allow, PolicyKind::Identity);
        self.own = vec![NamedPolicy { name: "assumed".to_owned(), document: document.into() }];
        self.assumed = Some(assumed);
        self
    }

    /// Whom an identity provider vouches for.
    pub(crate) fn of_provider(provider: &str) -> Self {
        Self::new(provider, Subject::Federated { provider: provider.to_owned() }, None)
    }

    /// A user, role or session that a policy names.
    pub(crate) fn named_by_arn(world: &'w World, arn: &str) -> Option<Self> {
        let (subject, role) = by_arn(world, arn).ok()?;
        let foreign = subject.account() != Some(world.account.as_str());
        let mut principal = Self::new(arn, subject, role);
        if foreign {
            return Some(principal.with_own("*", format!("{arn}: its own account allows it all")));
        }
        if role.is_none() {
            let assumed = format!("{arn}: it has no identity policies, and no boundary");
            principal.assumed = Some(assumed);
        }
        Some(principal)
    }

    fn user(world: &World, account: &str, name: &str) -> Option<Self> {
        let arn = format!("arn:{}:iam::{account}:user/{ANY_USER}", world.partition);
        Some(Self::new(name, Subject::User { arn: Arn::parse(&arn).ok()? }, None))
    }

    /// A user of the world's account without policies.
    pub(crate) fn insider(world: &World) -> Option<Self> {
        let account = world.account.as_str();
        let name = format!("a user of {account}");
        let mut insider = Self::user(world, account, &name)?;
        insider.assumed = Some(format!("{name}: it has no identity policies, and no boundary"));
        Some(insider)
    }

    /// A user of the world's account who may assume whatever roles trust the account.
    pub(crate) fn assumer(world: &World) -> Option<Self> {
        let account = world.account.as_str();
        let name = format!("a user of {account} who may assume roles");
        let assumed = format!("{name}: its identity policies allow `sts:*` and nothing else");
        Some(Self::user(world, account, &name)?.with_own("sts:*", assumed))
    }

    /// A user of another account, which allows it everything.
    pub(crate) fn foreigner(world: &World, account: &str) -> Option<Self> {
        let name = format!("a user of {account}");
        let assumed = format!("{name}: its own account allows it all");
        Some(Self::user(world, account, &name)?.with_own("*", assumed))
    }

    /// A user of an account that no policy names.
    pub(crate) fn outsider(world: &World) -> Option<Self> {
        let own = world.account.as_str();
        let account = NO_ACCOUNT.into_iter().find(|account| *account != own)?;
        let name = "a user of any other account";
        let assumed = format!("{name}: its own account allows it all");
        Some(Self::user(world, account, name)?.with_own("*", assumed))
    }

    /// Nobody.
    pub(crate) fn anonymous() -> Self {
        Self::new("anonymous", Subject::Anonymous, None)
    }

    /// Any session of a role of the world.
    pub(crate) fn of_role(name: &str, role: &'w Role) -> Self {
        let subject = Subject::Role { arn: role.arn.clone() };
        Self::new(name, subject, Some(role))
    }

    /// A role by its name.
    pub(crate) fn named(world: &'w World, name: &str) -> Result<Self> {
        let (name, role) = world.role(name)?;
        Ok(Self::of_role(name, role))
    }

    /// A principal by its ARN, or a service by its name.
    pub(crate) fn written(world: &'w World, text: &str) -> Result<Self> {
        if !text.starts_with("arn:") {
            if text.contains('.') {
                let subject = Subject::Service { name: text.to_owned() };
                return Ok(Self::new(text, subject, None));
            }
            bail!(
                "--principal `{text}` is neither an ARN nor a service such as `ec2.amazonaws.com`; \
                 --role takes the name of a role"
            );
        }
        let (subject, role) =
            by_arn(world, text).with_context(|| format!("--principal `{text}`"))?;
        Ok(Self::new(text, subject, role))
    }

    /// How the command line names it again; none where it asks with policies that the command line
    /// cannot give it.
    pub(crate) fn flags(&self) -> Option<Vec<String>> {
        let flag = |flag: &str, value: &str| vec![flag.to_owned(), value.to_owned()];
        if !self.own.is_empty() {
            return None;
        }
        Some(match (&self.subject, self.role) {
            (Subject::Federated { .. }, _) => return None,
            (Subject::Anonymous, _) => vec!["--anonymous".to_owned()],
            (Subject::Role { .. }, Some(_)) => flag("--role", &self.name),
            (
                Subject::Root { .. }
                | Subject::User { .. }
                | Subject::RoleSession { .. }
                | Subject::Role { .. }
                | Subject::Service { .. }
                | Subject::FederatedUser { .. },
                _,
            ) => flag("--principal", &self.subject.display_name()),
        })
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
