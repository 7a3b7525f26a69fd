//! What policies say when all that is not known turns out against whoever asks.
//!
//! A statement that allows and asks what only the store knows (the client's address, the time of the sign-in)
//! does not count; one that denies and asks it counts as if that were so.

use std::sync::Arc;

use serde_json::{Value, json};
use wh_names::Action;
use wh_policy::{Context, NamedPolicy, PolicyDocument, PolicySet};

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

    /// Of this grant's role alone. For what another role asks in its place: the bucket's policy is the store's to
    /// judge then.
    pub(crate) fn of_role(access: &Access<'_>, wire: Wire) -> Self {
        Self { resource: None, ..Self::of(access, wire) }
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
    let text = document.to_json();
    let read = serde_json::from_str::<Value>(&text).ok();
    let strict = read.and_then(|mut whole| {
        let statements = whole.get_mut("Statement")?.take();
        let statements = statements.as_array().cloned().unwrap_or_else(|| vec![statements]);
        let kept: Vec<Value> = statements.into_iter().filter_map(strict_statement).collect();
        *whole.get_mut("Statement")? = Value::Array(kept);
        Some(whole.to_string())
    });
    let nothing = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Action": "*", "Resource": "*"}]});
    let text = strict.unwrap_or_else(|| nothing.to_string());
    PolicyDocument::read_stored(&text, document.kind())
}

fn strict_statement(mut statement: Value) -> Option<Value> {
    let denies = statement.get("Effect").and_then(Value::as_str) == Some("Deny");
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

    use super::strict_statement;

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
}
