//! How resource policies name a principal.

use crate::question::Principal;

/// How a resource policy names a principal: itself or everyone, the entity behind a session, its
/// account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grant {
    /// Itself, or everyone.
    Direct,
    /// The role or user behind its session.
    Entity,
    /// Its account.
    Account,
}

impl Principal {
    /// How a name in a `Principal` element names it.
    pub(crate) fn named_by(&self, kind: &str, name: &str) -> Option<Grant> {
        let direct = |named: bool| named.then_some(Grant::Direct);
        if kind == "AWS" && name == "*" {
            return Some(Grant::Direct);
        }
        let (own, entity) = match self {
            Self::Anonymous => return None,
            Self::Service(own) => return direct(kind == "Service" && name == own),
            Self::Federated(own) => return direct(kind == "Federated" && name == own),
            Self::Root(..) => (None, None),
            Self::User(arn) => (Some(arn), None),
            Self::Role(arn) => (None, Some(arn)),
            Self::Session(role, arn) => (Some(arn), Some(role)),
            Self::FederatedUser(arn, user) => (Some(arn), user.as_ref()),
        };
        let account = self.account().unwrap_or_default();
        let root = format!(":iam::{account}:root");
        match name {
            _ if kind != "AWS" => None,
            name if own.is_some_and(|own| own == name) => Some(Grant::Direct),
            name if entity.is_some_and(|entity| is_entity(name, entity)) => Some(Grant::Entity),
            name if name == account || name.ends_with(&root) => Some(Grant::Account),
            _ => None,
        }
    }

    /// Whether a list of `NotPrincipal` spares it: everything that it is must be listed.
    pub(crate) fn spared_by(&self, named: &[(String, String)]) -> bool {
        let found = |grant| named.iter().any(|(k, n)| self.named_by(k, n) == Some(grant));
        if named.iter().any(|(k, n)| k == "AWS" && n == "*") {
            return true;
        }
        match self {
            Self::Anonymous => false,
            Self::Service(_) | Self::Federated(_) => found(Grant::Direct),
            Self::Root(..) => found(Grant::Account),
            Self::User(_) | Self::FederatedUser(_, None) => {
                found(Grant::Direct) && found(Grant::Account)
            }
            Self::Role(_) => found(Grant::Entity) && found(Grant::Account),
            Self::Session(..) | Self::FederatedUser(..) => {
                found(Grant::Direct) && found(Grant::Entity) && found(Grant::Account)
            }
        }
    }
}

/// A role whose path is not known is known by its name, which is unique in the account.
fn is_entity(name: &str, entity: &str) -> bool {
    let pathless = entity.split_once(":role/").filter(|(_, role)| !role.contains('/'));
    let named = |(account, role): (&str, &str)| {
        let tail = name.split_once(":role/").filter(|(of, _)| *of == account);
        tail.is_some_and(|(_, path)| path.rsplit('/').next() == Some(role))
    };
    name == entity || pathless.is_some_and(named)
}

/// Whether a text names everyone, an account, a user, a role or a session.
pub(crate) fn is_aws_name(text: &str) -> bool {
    let account = |id: &str| id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit());
    let named = |n: &str| {
        !n.is_empty() && n.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c))
    };
    let path = |n: &str| {
        let (path, last) = n.rsplit_once('/').unwrap_or(("", n));
        named(last) && path.bytes().all(|b| b.is_ascii_graphic() && b != b'$')
    };
    let fields: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, service, "", id, resource] = fields[..] else {
        return text == "*" || account(text);
    };
    let (kind, name) = resource.split_once('/').unwrap_or((resource, ""));
    let known = match (service, kind) {
        ("iam", "root") => resource == "root",
        ("iam", "user" | "role") | ("sts", "federated-user") => path(name),
        ("sts", "assumed-role") => {
            name.split_once('/').is_some_and(|(role, session)| named(role) && named(session))
        }
        _ => false,
    };
    known && !partition.is_empty() && account(id) && !text.contains(['*', '?'])
}
