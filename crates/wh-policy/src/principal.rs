//! Principals in resource policies: whom a statement names, and how closely.
//!
//! Source: IAM User Guide, "AWS JSON policy elements: Principal" and "… `NotPrincipal`".

use crate::Subject;
use crate::arn_pattern::fields;

/// The kinds of principal that a policy can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PrincipalKind {
    Aws,
    Service,
    Federated,
    CanonicalUser,
}

impl PrincipalKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "AWS",
            Self::Service => "Service",
            Self::Federated => "Federated",
            Self::CanonicalUser => "CanonicalUser",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Aws, Self::Service, Self::Federated, Self::CanonicalUser]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// One principal, as written and as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PrincipalEntry {
    pub(crate) kind: PrincipalKind,
    pub(crate) text: String,
    pub(crate) id: PrincipalId,
}

/// Whom an entry means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PrincipalId {
    Everyone,
    /// Everybody in an account whom the account's own policies allow.
    Account(String),
    /// A user, a session or a federated user, by its exact ARN.
    Exact(String),
    Role {
        partition: String,
        account: String,
        /// With its path: `/wellhouse/PortalRole`.
        path: String,
    },
    Service(String),
    Federated(String),
    /// Somebody who never comes by: a canonical user.
    Nobody,
    /// Who is meant cannot be told.
    Unreadable,
}

/// The `Principal` or `NotPrincipal` of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PrincipalElement {
    pub(crate) negated: bool,
    /// `"*"` alone, not `{"AWS": "*"}`; they mean the same and are printed as written.
    pub(crate) star: bool,
    pub(crate) entries: Vec<PrincipalEntry>,
}

/// How a statement names the one who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Reach {
    /// The user, the session or everyone is named: the grant stands on its own.
    pub(crate) direct: bool,
    /// The role of the session, or the user of the federated session, is named: the grant is one
    /// of the entity, and boundary and session policies limit it.
    pub(crate) entity: bool,
    /// The account is named: it may grant, with its own policies.
    pub(crate) account: bool,
}

impl Reach {
    pub(crate) fn any(self) -> bool {
        self.direct || self.entity || self.account
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            direct: self.direct || other.direct,
            entity: self.entity || other.entity,
            account: self.account || other.account,
        }
    }

    fn direct(direct: bool) -> Self {
        Self { direct, ..Self::default() }
    }
}

impl PrincipalId {
    /// Reads an `AWS` principal; the error is the rule that it breaks.
    pub(crate) fn parse_aws(text: &str) -> Result<Self, &'static str> {
        if text == "*" {
            return Ok(Self::Everyone);
        }
        if text.contains(['*', '?']) {
            return Err("a principal holds no wildcard; use a condition on aws:PrincipalArn");
        }
        if is_account(text) {
            return Ok(Self::Account(text.to_owned()));
        }
        let rule = "it must be `*`, an account, or the ARN of a user, role or session";
        let Some([_, partition, service, region, account, resource]) = fields(text) else {
            return Err(rule);
        };
        if partition.is_empty() || !region.is_empty() || !is_account(account) {
            return Err(rule);
        }
        let (kind, name) = resource.split_once('/').unwrap_or((resource, ""));
        let session =
            name.split_once('/').is_some_and(|(role, session)| is_name(role) && is_name(session));
        let (path, last) = name.rsplit_once('/').unwrap_or(("", name));
        let named = is_name(last) && path.bytes().all(|b| b.is_ascii_graphic() && b != b'$');
        match (service, kind) {
            ("iam", "root") if resource == "root" => Ok(Self::Account(account.to_owned())),
            ("iam", "role") if named => {
                let [partition, account] = [partition, account].map(str::to_owned);
                Ok(Self::Role { partition, account, path: format!("/{name}") })
            }
            ("iam", "user") | ("sts", "federated-user") if named => {
                Ok(Self::Exact(text.to_owned()))
            }
            ("sts", "assumed-role") if session => Ok(Self::Exact(text.to_owned())),
            _ => Err(rule),
        }
    }

    fn is_role(&self, role_arn: &str) -> bool {
        let Self::Role { partition, account, path } = self else { return false };
        let Some([_, have_partition, _, _, have_account, resource]) = fields(role_arn) else {
            return false;
        };
        let Some(have) = resource.strip_prefix("role") else { return false };
        // A session's ARN does not carry the role's path. Names are unique in an account, so where
        // the path is not known the name decides.
        let pathless = have.rsplit_once('/').is_some_and(|(before, _)| before.is_empty());
        let named = path.rsplit('/').next() == have.rsplit('/').next();
        let there = have_partition == partition && have_account == account;
        there && (path == have || (pathless && named))
    }

    fn reach(&self, subject: &Subject) -> Reach {
        let is_exactly = |arn: &str| matches!(self, Self::Exact(text) if text == arn);
        let of_account =
            || matches!(self, Self::Account(id) if subject.account() == Some(id.as_str()));
        if *self == Self::Everyone {
            return Reach::direct(true);
        }
        match subject {
            Subject::Anonymous => Reach::default(),
            Subject::Root { .. } => Reach { account: of_account(), ..Reach::default() },
            Subject::User { arn } => Reach {
                direct: is_exactly(arn.as_str()),
                account: of_account(),
                ..Reach::default()
            },
            Subject::Role { arn } => Reach {
                entity: self.is_role(arn.as_str()),
                account: of_account(),
                ..Reach::default()
            },
            Subject::RoleSession { role_arn, session_arn } => Reach {
                direct: is_exactly(session_arn.as_str()),
                entity: self.is_role(role_arn.as_str()),
                account: of_account(),
            },
            Subject::FederatedUser { arn, user_arn } => Reach {
                direct: is_exactly(arn.as_str()),
                entity: user_arn.as_ref().is_some_and(|user| is_exactly(user.as_str())),
                account: of_account(),
            },
            Subject::Service { name } => {
                Reach::direct(matches!(self, Self::Service(text) if text == name))
            }
            Subject::Federated { provider } => {
                Reach::direct(matches!(self, Self::Federated(text) if text == provider))
            }
        }
    }
}

/// Whether IAM would take it as the name of a user, role or session.
fn is_name(text: &str) -> bool {
    let in_class = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
    !text.is_empty() && text.bytes().all(in_class)
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

impl PrincipalElement {
    /// Whether a name in it, or all of it, could not be read.
    pub(crate) fn is_unreadable(&self) -> bool {
        let empty = self.entries.is_empty() && !self.star;
        empty || self.entries.iter().any(|entry| entry.id == PrincipalId::Unreadable)
    }

    /// How the list names the subject. For `NotPrincipal`, use [`Self::spares`].
    pub(crate) fn reach(&self, subject: &Subject) -> Reach {
        if self.star {
            return Reach::direct(true);
        }
        self.entries.iter().fold(Reach::default(), |sum, entry| sum.or(entry.id.reach(subject)))
    }

    /// Whether a Deny with `NotPrincipal` leaves the subject alone: the list must hold every name
    /// that it goes by — session, role and account — and it never spares one with a boundary.
    pub(crate) fn spares(&self, subject: &Subject, has_boundary: bool) -> bool {
        if has_boundary {
            return false;
        }
        if self.star || self.entries.iter().any(|entry| entry.id == PrincipalId::Everyone) {
            return true;
        }
        let listed = self.reach(subject);
        match subject {
            Subject::Anonymous => false,
            Subject::Root { .. } => listed.account,
            Subject::User { .. } => listed.direct && listed.account,
            Subject::Role { .. } => listed.entity && listed.account,
            Subject::RoleSession { .. } => listed.direct && listed.entity && listed.account,
            Subject::FederatedUser { arn: _, user_arn } => {
                listed.direct && listed.account && (listed.entity || user_arn.is_none())
            }
            Subject::Service { .. } | Subject::Federated { .. } => listed.direct,
        }
    }
}
