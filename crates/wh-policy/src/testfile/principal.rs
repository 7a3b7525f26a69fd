//! The principal of a case.

use wh_names::{AccountId, Arn, Partition};

use crate::json::Node;
use crate::{Context, ContextValue, Subject};

/// Reads a principal; `context` may tell the path of a session's role.
pub(super) fn subject(node: &Node, context: &Context) -> Result<Subject, String> {
    if let Some(text) = node.as_str() {
        return from_text(text, context);
    }
    let text = |key: &str| node.member(key).and_then(Node::as_str);
    if let Some(name) = text("Service") {
        return Ok(Subject::Service { name: name.to_owned() });
    }
    if let Some(provider) = text("Federated") {
        return Ok(Subject::Federated { provider: provider.to_owned() });
    }
    if let Some(arn) = text("AWS") {
        return from_text(arn, context);
    }
    match text("type") {
        Some("Anonymous") => Ok(Subject::Anonymous),
        Some(_) | None => Err("`principal` is not one of the known forms".to_owned()),
    }
}

fn from_text(text: &str, context: &Context) -> Result<Subject, String> {
    if text == "*" {
        return Ok(Subject::Anonymous);
    }
    let arn = Arn::parse(text).map_err(|error| error.to_string())?;
    let account = AccountId::parse(arn.account()).map_err(|error| error.to_string())?;
    let partition = Partition::parse(arn.partition()).map_err(|error| error.to_string())?;
    let (kind, name) = arn.resource().split_once('/').unwrap_or((arn.resource(), ""));
    match (arn.service(), kind) {
        ("iam", "root") => Ok(Subject::Root { account, partition }),
        ("iam", "user") => Ok(Subject::User { arn }),
        ("iam", "role") => Ok(Subject::Role { arn }),
        ("sts", "federated-user") => Ok(Subject::FederatedUser { arn, user_arn: None }),
        ("sts", "assumed-role") => {
            let role = name.split('/').next().unwrap_or_default();
            let role_arn = role_arn(&arn, role, context)?;
            Ok(Subject::RoleSession { role_arn, session_arn: arn })
        }
        _ => Err(format!("`{text}` is not the ARN of a principal")),
    }
}

/// The role of a session: from `aws:PrincipalArn` with its path, else by name alone.
fn role_arn(session: &Arn, role: &str, context: &Context) -> Result<Arn, String> {
    if let Some(ContextValue::One(given)) = context.get("aws:PrincipalArn")
        && let Ok(given) = Arn::parse(given)
        && given.account() == session.account()
        && given.resource().starts_with("role/")
        && given.resource().rsplit('/').next() == Some(role)
    {
        return Ok(given);
    }
    let text = format!("arn:{}:iam::{}:role/{role}", session.partition(), session.account());
    Arn::parse(&text).map_err(|error| error.to_string())
}
