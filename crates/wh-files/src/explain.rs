//! Explaining: what the policies say about an action in a location, and how sure that is.
//!
//! The judgement here never opens a door. It greys out buttons, refuses early what the store would
//! refuse anyway, and puts a reason to the store's refusals.

use serde_json::{Value, json};
use wh_names::{Action, Arn};
use wh_people::Person;
use wh_policy::{Explanation, Outcome, s3};

use crate::access::{Access, Target};
use crate::{EntryPath, Files, FilesError};

/// What a decision was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// A statement allows it, and none denies it.
    Allowed,
    /// A statement denies it.
    ExplicitDeny,
    /// No statement allows it.
    ImplicitDeny,
}

/// A decision with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// What was decided.
    pub decision: Decision,
    /// The ARN of the role session that asks.
    pub principal: String,
    /// What it asks to do.
    pub action: String,
    /// What it asks to do it to.
    pub resource: String,
    /// The kind of policy that decided, when one did.
    pub policy_type: Option<String>,
    /// The policy that decided, when one did.
    pub policy: Option<String>,
    /// The statement that decided: its `Sid`, or `#` and its number.
    pub statement: Option<String>,
    /// The role of the grant.
    pub role: String,
    /// The reason as one sentence, in AWS's words.
    pub message: String,
    /// The statement that came nearest to allowing it.
    pub near_miss: Option<String>,
}

impl Explained {
    /// Whether it is allowed.
    pub fn allowed(&self) -> bool {
        match self.decision {
            Decision::Allowed => true,
            Decision::ExplicitDeny | Decision::ImplicitDeny => false,
        }
    }

    /// As a journal keeps it.
    pub(crate) fn to_json(&self) -> String {
        let decision = match self.decision {
            Decision::Allowed => "allowed",
            Decision::ExplicitDeny => "explicit-deny",
            Decision::ImplicitDeny => "implicit-deny",
        };
        let kept = json!({
            "decision": decision,
            "principal": self.principal,
            "action": self.action,
            "resource": self.resource,
            "policy_type": self.policy_type,
            "policy": self.policy,
            "statement": self.statement,
            "role": self.role,
            "message": self.message,
            "near_miss": self.near_miss,
        });
        kept.to_string()
    }

    pub(crate) fn from_json(text: &str) -> Option<Self> {
        let kept: Value = serde_json::from_str(text).ok()?;
        let word = |name: &str| kept.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            decision: match word("decision")?.as_str() {
                "allowed" => Decision::Allowed,
                "explicit-deny" => Decision::ExplicitDeny,
                _implicit => Decision::ImplicitDeny,
            },
            principal: word("principal")?,
            action: word("action")?,
            resource: word("resource")?,
            policy_type: word("policy_type"),
            policy: word("policy"),
            statement: word("statement"),
            role: word("role")?,
            message: word("message")?,
            near_miss: word("near_miss"),
        })
    }

    pub(crate) fn from_policy(why: &Explanation, role: &str) -> Self {
        Self {
            decision: match why.outcome {
                Outcome::Allow => Decision::Allowed,
                Outcome::ExplicitDeny => Decision::ExplicitDeny,
                Outcome::ImplicitDeny => Decision::ImplicitDeny,
            },
            principal: why.principal.clone(),
            action: why.action.clone(),
            resource: why.resource.clone(),
            policy_type: why.policy_type.as_ref().map(ToString::to_string),
            policy: why.policy.clone(),
            statement: why.statement.clone(),
            role: role.to_owned(),
            message: why.message(),
            near_miss: why.near_miss.clone(),
        }
    }

    /// What is known when the store refuses something that the policies here allow: its own words.
    pub(crate) fn by_the_store(self, message: &str) -> Self {
        if !self.allowed() {
            return self;
        }
        let explicit = message.contains("explicit deny");
        // An answer to HEAD has no body: all that is known then is the status.
        let silent = message.starts_with("status ");
        let told = if silent { "the store refused and did not say why" } else { message };
        Self {
            decision: if explicit { Decision::ExplicitDeny } else { Decision::ImplicitDeny },
            policy_type: None,
            policy: None,
            statement: None,
            message: told.to_owned(),
            near_miss: None,
            ..self
        }
    }
}

impl Files {
    /// Whether `person` may do `action` to `path` in a location, and why. No path means the location
    /// itself.
    pub async fn explain(
        &self,
        person: &Person,
        location: &str,
        path: Option<&EntryPath>,
        action: &str,
    ) -> Result<Explained, FilesError> {
        let action = Action::parse(action).map_err(|_| FilesError::Action)?;
        let access = self.access(person, location).await?;
        let target = target(&access, path, &action)?;
        Ok(access.judge(&action, &target).explained)
    }
}

fn target(
    access: &Access<'_>,
    path: Option<&EntryPath>,
    action: &Action,
) -> Result<Target, FilesError> {
    let prefix = &access.grant.prefix;
    let inside = path.map_or("", EntryPath::as_str);
    if action.as_str() == s3::action::LIST_ALL_MY_BUCKETS {
        return Ok(Target::other(Arn::every_bucket(access.partition())));
    }
    if action.as_str().contains("Bucket") {
        return Ok(access.listing_target(&format!("{prefix}{inside}")));
    }
    match path {
        Some(path) => Ok(access.object_target(&path.key_under(prefix)?)),
        None => access.everything_below(prefix.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Decision, Explained};

    fn judged(decision: Decision) -> Explained {
        Explained {
            decision,
            principal: "arn:aws:sts::000000000000:assumed-role/S3AccessRole/u-a".to_owned(),
            action: "s3:PutObject".to_owned(),
            resource: "arn:aws:s3:::b/k".to_owned(),
            policy_type: Some("identity-based policy".to_owned()),
            policy: Some("files".to_owned()),
            statement: Some("Write".to_owned()),
            role: "S3AccessRole".to_owned(),
            message: "as the policies here say".to_owned(),
            near_miss: None,
        }
    }

    #[test]
    fn a_refusal_that_was_not_foreseen_is_told_in_the_words_of_the_store() {
        let words = "User: x is not authorized to perform: s3:PutObject on resource: y with an \
                     explicit deny in a resource-based policy";
        let told = judged(Decision::Allowed).by_the_store(words);
        assert_eq!((told.decision, told.message.as_str()), (Decision::ExplicitDeny, words));
        assert_eq!((told.policy, told.statement), (None, None));
        let told = judged(Decision::Allowed).by_the_store("Access Denied");
        assert_eq!(told.decision, Decision::ImplicitDeny);
    }

    #[test]
    fn a_journal_keeps_a_refusal_as_it_was() {
        for decision in [Decision::Allowed, Decision::ExplicitDeny, Decision::ImplicitDeny] {
            let told = Explained { near_miss: Some("near".to_owned()), ..judged(decision) };
            assert_eq!(Explained::from_json(&told.to_json()), Some(told));
        }
        assert_eq!(Explained::from_json("nonsense"), None);
    }

    #[test]
    fn a_refusal_that_was_foreseen_names_its_statement() {
        let foreseen = judged(Decision::ExplicitDeny);
        assert_eq!(foreseen.clone().by_the_store("Access Denied"), foreseen);
        assert!(!foreseen.allowed());
    }
}
