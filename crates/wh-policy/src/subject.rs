//! Who is asking, as the engine sees it.

use wh_names::{AccountId, Arn, Partition};

/// Who is asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Nobody: the request is not signed.
    Anonymous,
    /// The root user of an account.
    Root {
        /// The account.
        account: AccountId,
        /// Where the account is.
        partition: Partition,
    },
    /// An IAM user with long-term credentials.
    User {
        /// `arn:aws:iam::ACCOUNT:user/path/NAME`
        arn: Arn,
    },
    /// A session of a role: temporary credentials from `AssumeRole` and its kin.
    RoleSession {
        /// The role's ARN, with its path.
        role_arn: Arn,
        /// `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`
        session_arn: Arn,
    },
    /// A role itself, for questions about all of its sessions.
    Role {
        /// The role's ARN, with its path.
        arn: Arn,
    },
    /// An AWS service.
    Service {
        /// `ec2.amazonaws.com`
        name: String,
    },
    /// Somebody whom an identity provider vouches for, before any role is assumed.
    Federated {
        /// The provider: `accounts.google.com`, or a provider's ARN.
        provider: String,
    },
    /// A session of `GetFederationToken`.
    FederatedUser {
        /// `arn:aws:sts::ACCOUNT:federated-user/NAME`
        arn: Arn,
        /// The user who asked for the token, where known.
        user_arn: Option<Arn>,
    },
}

impl Subject {
    /// The principal's name in messages: its ARN, a service's or provider's name, `anonymous`.
    pub fn display_name(&self) -> String {
        match self {
            Self::Anonymous => "anonymous".to_owned(),
            Self::Root { account, partition } => Arn::root(partition, account).to_string(),
            Self::User { arn } | Self::Role { arn } | Self::FederatedUser { arn, user_arn: _ } => {
                arn.to_string()
            }
            Self::RoleSession { role_arn: _, session_arn } => session_arn.to_string(),
            Self::Service { name } => name.clone(),
            Self::Federated { provider } => provider.clone(),
        }
    }

    /// The account that the subject belongs to, for those that belong to one.
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Anonymous | Self::Service { .. } | Self::Federated { .. } => None,
            Self::Root { account, partition: _ } => Some(account.as_str()),
            Self::User { arn } | Self::Role { arn } | Self::FederatedUser { arn, user_arn: _ } => {
                Some(arn.account())
            }
            Self::RoleSession { role_arn: _, session_arn } => Some(session_arn.account()),
        }
    }

    /// The value of `aws:PrincipalArn`: of a session, its role's ARN with the path. Root's is not
    /// written anywhere.
    pub(crate) fn principal_arn(&self) -> Option<&str> {
        match self {
            Self::Anonymous | Self::Root { .. } | Self::Service { .. } | Self::Federated { .. } => {
                None
            }
            Self::RoleSession { role_arn, session_arn: _ } => Some(role_arn.as_str()),
            Self::User { arn } | Self::Role { arn } | Self::FederatedUser { arn, user_arn: _ } => {
                Some(arn.as_str())
            }
        }
    }

    /// The value of `aws:username`: only users with long-term credentials have one.
    pub(crate) fn user_name(&self) -> Option<&str> {
        match self {
            Self::User { arn } => {
                let path = arn.as_str();
                path.bytes()
                    .rposition(|b| matches!(b, b'/' | b':'))
                    .and_then(|at| path.get(at + 1..))
            }
            Self::Anonymous
            | Self::Root { .. }
            | Self::RoleSession { .. }
            | Self::Role { .. }
            | Self::Service { .. }
            | Self::Federated { .. }
            | Self::FederatedUser { .. } => None,
        }
    }

    /// Whether it acts in a role that an AWS service made for itself.
    pub(crate) fn is_service_linked(&self) -> bool {
        let role = match self {
            Self::Role { arn } | Self::RoleSession { role_arn: arn, session_arn: _ } => arn,
            Self::Anonymous
            | Self::Root { .. }
            | Self::User { .. }
            | Self::Service { .. }
            | Self::Federated { .. }
            | Self::FederatedUser { .. } => return false,
        };
        role.resource().starts_with("role/aws-service-role/")
    }

    /// The name of the service that asks.
    pub(crate) fn service(&self) -> Option<&str> {
        match self {
            Self::Service { name } => Some(name),
            Self::Anonymous
            | Self::Root { .. }
            | Self::User { .. }
            | Self::RoleSession { .. }
            | Self::Role { .. }
            | Self::Federated { .. }
            | Self::FederatedUser { .. } => None,
        }
    }

    /// The provider that vouches for the one who asks.
    pub(crate) fn provider(&self) -> Option<&str> {
        match self {
            Self::Federated { provider } => Some(provider),
            Self::Anonymous
            | Self::Root { .. }
            | Self::User { .. }
            | Self::RoleSession { .. }
            | Self::Role { .. }
            | Self::Service { .. }
            | Self::FederatedUser { .. } => None,
        }
    }

    /// The value of `aws:PrincipalType`.
    pub(crate) fn principal_type(&self) -> Option<&'static str> {
        match self {
            Self::Anonymous => Some("Anonymous"),
            Self::Root { .. } => Some("Account"),
            Self::User { .. } => Some("User"),
            Self::RoleSession { .. } | Self::Role { .. } => Some("AssumedRole"),
            Self::FederatedUser { .. } => Some("FederatedUser"),
            Self::Service { .. } | Self::Federated { .. } => None,
        }
    }
}
