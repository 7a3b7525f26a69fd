//! What the second account is asked: plain documents and a plain request.

use std::collections::BTreeMap;

use serde_json::Value;

/// Who asks. ARNs, accounts and names are plain strings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// Nobody.
    Anonymous,
    /// The root user of an account: its account and partition.
    Root(String, String),
    /// An IAM user's ARN.
    User(String),
    /// A role's ARN.
    Role(String),
    /// A role's ARN with its path, and the ARN of its session.
    Session(String, String),
    /// A federated user's ARN, and the ARN of the user behind it.
    FederatedUser(String, Option<String>),
    /// A service's name.
    Service(String),
    /// An identity provider.
    Federated(String),
}

/// The value of a context key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// Of a single-valued key.
    One(String),
    /// Of a multivalued key.
    Many(Vec<String>),
}

/// The documents and the request.
#[derive(Debug, Clone)]
pub struct Question {
    /// Policies of the user or role.
    pub identity: Vec<Value>,
    /// The bucket policy; the trust policy where the action assumes a role.
    pub resource: Option<Value>,
    /// The permissions boundary.
    pub boundary: Option<Value>,
    /// Session policies, where any were passed.
    pub session: Option<Vec<Value>>,
    /// Service control policies, a list for each level.
    pub scps: Option<Vec<Vec<Value>>>,
    /// Resource control policies, a list for each level.
    pub rcps: Option<Vec<Vec<Value>>>,
    /// Who asks.
    pub principal: Principal,
    /// To do what.
    pub action: String,
    /// The ARN of what it is done to.
    pub target: String,
    /// The account that owns it.
    pub owner: String,
    /// Condition keys as given, in any case.
    pub context: BTreeMap<String, Given>,
}

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Allowed.
    Allow,
    /// A statement denies it.
    ExplicitDeny,
    /// Nothing allows it.
    ImplicitDeny,
}

impl Principal {
    /// The account that it belongs to.
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Anonymous | Self::Service(_) | Self::Federated(_) => None,
            Self::Root(account, _) => Some(account),
            Self::User(a) | Self::Role(a) | Self::Session(_, a) | Self::FederatedUser(a, _) => {
                a.split(':').nth(4)
            }
        }
    }
}

impl Principal {
    /// Whether an AWS service made its role for itself.
    pub fn is_service_linked(&self) -> bool {
        match self {
            Self::Role(role) | Self::Session(role, _) => role.contains(":role/aws-service-role/"),
            Self::Anonymous
            | Self::Root(..)
            | Self::User(_)
            | Self::FederatedUser(..)
            | Self::Service(_)
            | Self::Federated(_) => false,
        }
    }
}

impl Question {
    /// Every document.
    pub fn documents_mut(&mut self) -> Vec<&mut Value> {
        let levels = self.scps.iter_mut().chain(&mut self.rcps).flatten().flatten();
        let lists = self.identity.iter_mut().chain(self.session.iter_mut().flatten());
        lists.chain(&mut self.resource).chain(&mut self.boundary).chain(levels).collect()
    }

    /// Whether a role's trust policy answers.
    pub fn is_about_trust(&self) -> bool {
        let lower = self.action.to_ascii_lowercase();
        lower.starts_with("sts:assumerole")
            || lower == "sts:tagsession"
            || lower == "sts:setsourceidentity"
    }

    /// Whether an account's root user looks after the policy of a bucket of its own, which no
    /// bucket policy can forbid.
    pub fn repairs_a_bucket_policy(&self) -> bool {
        let repairs = ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"];
        matches!(self.principal, Principal::Root(..))
            && self.principal.account() == Some(self.owner.as_str())
            && repairs.iter().any(|action| action.eq_ignore_ascii_case(&self.action))
    }

    /// The context with what follows from the principal, keys in lower case.
    pub fn facts(&self) -> BTreeMap<String, Given> {
        let mut facts = BTreeMap::new();
        let mut put = |key: &str, value: &str| {
            facts.insert(key.to_owned(), Given::One(value.to_owned()));
        };
        let account = self.principal.account();
        if let Some(account) = account {
            put("aws:principalaccount", account);
        }
        if !matches!(self.principal, Principal::Anonymous) {
            let service = matches!(self.principal, Principal::Service(_));
            put("aws:principalisawsservice", if service { "true" } else { "false" });
        }
        let kind = match &self.principal {
            Principal::Anonymous => {
                put("aws:principalaccount", "anonymous");
                put("aws:userid", "anonymous");
                "Anonymous"
            }
            Principal::Root(account, partition) => {
                put("aws:principalarn", &format!("arn:{partition}:iam::{account}:root"));
                put("aws:userid", account);
                "Account"
            }
            Principal::User(arn) => {
                put("aws:principalarn", arn);
                put("aws:username", arn.rsplit('/').next().unwrap_or_default());
                "User"
            }
            Principal::Role(arn) | Principal::Session(arn, _) => {
                put("aws:principalarn", arn);
                "AssumedRole"
            }
            Principal::FederatedUser(arn, _) => {
                put("aws:principalarn", arn);
                "FederatedUser"
            }
            Principal::Service(name) => {
                put("aws:principalservicename", name);
                ""
            }
            Principal::Federated(provider) => {
                put("aws:federatedprovider", provider);
                ""
            }
        };
        if !kind.is_empty() {
            put("aws:principaltype", kind);
        }
        facts.extend(self.context.iter().map(|(k, v)| (k.to_lowercase(), v.clone())));
        facts
    }
}
