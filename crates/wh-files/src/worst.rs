//! What policies say when all that is not known turns out against whoever asks.
//!
//! A statement that allows and asks what only the store knows (the client's address, the time of the sign-in)
//! does not count; one that denies and asks it counts as if that were so.

use std::sync::Arc;

use serde_json::{Value, json};
use wh_names::Action;
use wh_policy::{Context, NamedPolicy, PolicyDocument, PolicyKind, PolicySet, Version};

use crate::access::{Access, Target};
use crate::foresight::{FORESEEN, keys, variables};

/// Condition keys whose values are known of what the portal itself would ask on the person's behalf.
const KNOWN_BESIDES: [&str; 4] =
    ["aws:currenttime", "aws:securetransport", "s3:signatureversion", "s3:tlsversion"];

/// How the store is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    /// By TLS 1.2 or later.
    Tls,
    /// In the open.
    Plain,
}

/// The policies of a grant's role and bucket, for the worst case.
#[derive(Debug)]
pub(crate) struct Worst {
    identity: Vec<NamedPolicy>,
    boundary: Option<NamedPolicy>,
    resource: Option<NamedPolicy>,
    context: Context,
}

impl Worst {
    /// Of this grant; where the role is not known nothing is allowed.
    pub(crate) fn of(access: &Access<'_>, wire: Wire) -> Self {
        let role = access.role();
        let strict = |policy: &NamedPolicy| NamedPolicy {
            name: policy.name.clone(),
            document: Arc::new(strictly(&policy.document)),
        };
        let mut context = Context::new();
        context.set("aws:SecureTransport", wire == Wire::Tls);
        if wire == Wire::Tls {
            // Older ones are not spoken.
            context.set("s3:TlsVersion", "1.2");
        }
        context.set("s3:signatureversion", "AWS4-HMAC-SHA256");
        Self {
            identity: role.iter().flat_map(|role| &role.permissions).map(strict).collect(),
            boundary: role.as_ref().and_then(|role| role.boundary.as_ref()).map(strict),
            resource: access.options().bucket_policies.get(&access.grant.bucket).map(strict),
            context,
        }
    }

    /// Of this grant's role, in whose place `asking` asks the store. What the bucket's policy denies to `asking` as
    /// well the store judges, which knows what only it can know. What it denies to the grant's role alone nobody
    /// else would judge, and so it is judged here. What it allows does not count.
    pub(crate) fn of_role(
        access: &Access<'_>,
        asking: &Access<'_>,
        wire: Wire,
        (action, target): (&Action, &Target),
    ) -> Self {
        let worst = Self::of(access, wire);
        let of_store = |document: PolicyDocument| {
            let policy = NamedPolicy { name: String::new(), document: Arc::new(document) };
            asking.denied_by(&policy, (action, target), &worst.context)
        };
        let policy = access.options().bucket_policies.get(&access.grant.bucket);
        let resource = policy.map(|policy| NamedPolicy {
            name: policy.name.clone(),
            document: Arc::new(denying(&policy.document, of_store)),
        });
        Self { resource, ..worst }
    }

    fn policies(&self) -> PolicySet<'_> {
        PolicySet {
            identity: &self.identity,
            resource: self.resource.as_ref(),
            boundary: self.boundary.as_ref(),
            ..PolicySet::default()
        }
    }

    /// Whether a policy asks for this condition key.
    pub(crate) fn name_key(&self, key: &str) -> bool {
        self.policies().name_key(key)
    }

    /// Whether they certainly allow an action of this grant's.
    pub(crate) fn allows(&self, access: &Access<'_>, action: &Action, target: &Target) -> bool {
        access.allowed_by(&self.policies(), (action, target), &self.context)
    }
}

/// The document for the worst case. One that cannot be read allows nothing and may deny everything.
fn strictly(document: &PolicyDocument) -> PolicyDocument {
    of_each(document, strict_statement)
}

/// What of a bucket's policy denies something for the worst case, but for the statements that `of_store` says
/// are the store's to judge. A statement that asks unknown things of who asks may not be the same to another.
fn denying(document: &PolicyDocument, of_store: impl Fn(PolicyDocument) -> bool) -> PolicyDocument {
    of_each(document, |statement| {
        let asks_who = keys(&statement).chain(variables(&statement)).any(|key| is_of_who(&key));
        let strict = strict_statement(statement).filter(denies)?;
        let alone = json!({"Version": "2012-10-17", "Statement": [strict]}).to_string();
        let alone = PolicyDocument::read_stored(&alone, document.kind());
        (asks_who || !of_store(alone)).then_some(strict)
    })
}

/// The document with what becomes of each of its statements.
fn of_each(document: &PolicyDocument, becomes: impl Fn(Value) -> Option<Value>) -> PolicyDocument {
    let readable = document.version() != Version::Unknown;
    let read = serde_json::from_str::<Value>(&document.to_json()).ok().filter(|_| readable);
    let made = read.and_then(|mut whole| {
        let statements = whole.get_mut("Statement")?.take();
        let statements = statements.as_array().cloned().unwrap_or_else(|| vec![statements]);
        let kept: Vec<Value> = statements.into_iter().filter_map(becomes).collect();
        *whole.get_mut("Statement")? = Value::Array(kept);
        Some(whole.to_string())
    });
    let text = made.unwrap_or_else(|| nothing(document.kind()));
    PolicyDocument::read_stored(&text, document.kind())
}

/// A document that denies everything.
fn nothing(kind: PolicyKind) -> String {
    let mut statement = json!({"Effect": "Deny", "Action": "*", "Resource": "*"});
    if let (PolicyKind::Resource, Some(statement)) = (kind, statement.as_object_mut()) {
        statement.insert("Principal".to_owned(), "*".into());
    }
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

fn denies(statement: &Value) -> bool {
    statement.get("Effect").and_then(Value::as_str) == Some("Deny")
}

/// Whether a condition key that is not known tells one role's session from another's.
fn is_of_who(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    let of_who = ["aws:principal", "aws:userid", "aws:username", "aws:federatedprovider"];
    !known(key) && of_who.iter().any(|beginning| lower.starts_with(beginning))
}

fn strict_statement(mut statement: Value) -> Option<Value> {
    let denies = denies(&statement);
    let asks = keys(&statement).chain(variables(&statement)).any(|key| !known(&key));
    if !asks {
        return Some(statement);
    }
    if !denies {
        return None;
    }
    let of_unknown = |part: &Value| variables(part).any(|key| !known(&key));
    let place = ["Resource", "NotResource"].into_iter().filter_map(|at| statement.get(at));
    let anywhere = place.into_iter().any(of_unknown);
    if let Some(operators) = statement.get_mut("Condition").and_then(Value::as_object_mut) {
        for asked in operators.values_mut().filter_map(Value::as_object_mut) {
            asked.retain(|key, values| known(key) && !of_unknown(values));
        }
        operators.retain(|_, asked| asked.as_object().is_some_and(|asked| !asked.is_empty()));
    }
    let whole = statement.as_object_mut()?;
    if whole.get("Condition").and_then(Value::as_object).is_some_and(serde_json::Map::is_empty) {
        whole.remove("Condition");
    }
    if anywhere {
        whole.remove("NotResource");
        whole.insert("Resource".to_owned(), "*".into());
    }
    Some(statement)
}

fn known(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    FORESEEN.contains(&key.as_str()) || KNOWN_BESIDES.contains(&key.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use wh_policy::{PolicyDocument, PolicyKind};

    use super::{denying, strict_statement};

    #[track_caller]
    fn check(statement: Value, expected: Option<Value>) {
        assert_eq!(strict_statement(statement.clone()), expected, "{statement}");
    }

    #[test]
    fn what_is_not_known_turns_out_against_whoever_asks() {
        let plain = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
        check(plain.clone(), Some(plain));
        let office = json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}});
        check(
            json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": office}),
            None,
        );
        check(
            json!({"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": office}),
            Some(json!({"Effect": "Deny", "Action": "s3:*", "Resource": "*"})),
        );
        let known = json!({"StringLike": {"s3:prefix": "a*"}});
        let both =
            json!({"StringLike": {"s3:prefix": "a*"}, "NotIpAddress": {"aws:SourceIp": "::1"}});
        check(
            json!({"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": both}),
            Some(json!({"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": known})),
        );
        check(
            json!({"Effect": "Deny", "Action": "s3:*", "NotResource": "a/${aws:username}"}),
            Some(json!({"Effect": "Deny", "Action": "s3:*", "Resource": "*"})),
        );
    }
    #[test]
    fn what_a_bucket_denies_is_left_to_the_store_only_where_the_store_will_judge_it() {
        let role = "arn:aws:iam::111122223333:role/UserRole";
        let office = json!({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}});
        let deny = |principal: &str, condition: &Value| {
            json!({"Effect": "Deny", "Principal": {"AWS": principal}, "Action": "s3:PutObject",
                "Resource": "arn:aws:s3:::b/*", "Condition": condition})
        };
        let whole = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"},
            deny(role, &office),
            deny("*", &office),
            deny("*", &json!({"StringEquals": {"aws:PrincipalTag/team": "a"}})),
        ]});
        let read =
            |text: &Value| PolicyDocument::read_stored(&text.to_string(), PolicyKind::Resource);
        let left = |of_store: bool| {
            let left = denying(&read(&whole), |alone| of_store && !alone.to_json().contains(role));
            let left: Value = serde_json::from_str(&left.to_json()).expect("JSON");
            left["Statement"].as_array().expect("statements").clone()
        };
        let plain = |principal: &str| {
            let mut statement = deny(principal, &json!({}));
            statement.as_object_mut().expect("an object").remove("Condition");
            statement
        };
        assert_eq!(left(true), [plain(role), plain("*")]);
        assert_eq!(left(false), [plain(role), plain("*"), plain("*")]);
        let torn = denying(&PolicyDocument::read_stored("{", PolicyKind::Resource), |_| true);
        assert!(torn.to_json().contains("\"Principal\":\"*\""), "{}", torn.to_json());
    }
}
