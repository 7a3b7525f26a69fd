//! Whether somebody may certainly list a folder: what the policies say when all that is not known turns out
//! against them.
//!
//! A statement that allows and asks what only the store knows (the client's address, the time of the sign-in)
//! does not count; one that denies and asks it counts as if that were so.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use wh_names::Action;
use wh_policy::s3::action;
use wh_policy::{Context, NamedPolicy, PolicyDocument, PolicySet};

use crate::FilesError;
use crate::access::Access;
use crate::foresight::{FORESEEN, keys, variables};

/// Condition keys whose values are known of what the portal itself would ask on the person's behalf.
const KNOWN_BESIDES: [&str; 4] =
    ["aws:currenttime", "aws:securetransport", "s3:signatureversion", "s3:tlsversion"];

/// How many folders are judged for one search, in all locations together.
pub(super) const FOLDERS_JUDGED_MAX: usize = 5_000;

/// How the store is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wire {
    /// By TLS 1.2 or later.
    Tls,
    /// In the open.
    Plain,
}

/// One of a person's grants, and what is known of its folders.
pub(super) struct Judge<'a> {
    access: Access<'a>,
    action: Action,
    identity: Vec<NamedPolicy>,
    boundary: Option<NamedPolicy>,
    resource: Option<NamedPolicy>,
    context: Context,
    /// Whether the policies tell folders apart.
    by_folder: bool,
    judged: BTreeMap<String, bool>,
}

impl<'a> Judge<'a> {
    /// Of this grant; nobody may list where the role is not known.
    pub(super) fn of(access: Access<'a>, wire: Wire) -> Result<Self, FilesError> {
        let role = access.role();
        let strict = |policy: &NamedPolicy| NamedPolicy {
            name: policy.name.clone(),
            document: Arc::new(strictly(&policy.document)),
        };
        let identity: Vec<_> = role.iter().flat_map(|role| &role.permissions).map(strict).collect();
        let boundary = role.as_ref().and_then(|role| role.boundary.as_ref()).map(strict);
        let resource = access.options().bucket_policies.get(&access.grant.bucket).map(strict);
        let mut context = Context::new();
        context.set("aws:SecureTransport", wire == Wire::Tls);
        if wire == Wire::Tls {
            // Older ones are not spoken.
            context.set("s3:TlsVersion", "1.2");
        }
        context.set("s3:signatureversion", "AWS4-HMAC-SHA256");
        let policies = PolicySet {
            identity: &identity,
            resource: resource.as_ref(),
            boundary: boundary.as_ref(),
            ..PolicySet::default()
        };
        let by_folder = policies.name_key("s3:prefix") || policies.name_key("s3:delimiter");
        let action = Action::parse(action::LIST_BUCKET).map_err(|_| FilesError::Action)?;
        let judged = BTreeMap::new();
        Ok(Self { access, action, identity, boundary, resource, context, by_folder, judged })
    }

    /// The grant.
    pub(super) fn access(&self) -> &Access<'a> {
        &self.access
    }

    /// Whether there may be a folder that the person may list.
    pub(super) fn lists_anything(&mut self) -> bool {
        let root = self.access.grant.prefix.as_str().to_owned();
        self.by_folder || self.lists(&root, &mut 1).unwrap_or_default()
    }

    /// Whether the policies as they are known let the person certainly list what begins with `prefix`, folder
    /// by folder. `None`: none of the questions is `left`, of which each new one takes one.
    pub(super) fn lists(&mut self, prefix: &str, left: &mut usize) -> Option<bool> {
        let prefix = if self.by_folder { prefix } else { self.access.grant.prefix.as_str() };
        if let Some(known) = self.judged.get(prefix) {
            return Some(*known);
        }
        *left = left.checked_sub(1)?;
        let policies = PolicySet {
            identity: &self.identity,
            resource: self.resource.as_ref(),
            boundary: self.boundary.as_ref(),
            ..PolicySet::default()
        };
        let target = self.access.listing_target(prefix);
        let lists = self.access.allowed_by(&policies, (&self.action, &target), &self.context);
        self.judged.insert(prefix.to_owned(), lists);
        Some(lists)
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
