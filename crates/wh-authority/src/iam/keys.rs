//! The condition keys of a request to IAM: from what it asks, and from what it changes. Each has this
//! one source.
//!
//! Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Identity
//! and Access Management".

use std::collections::BTreeMap;

use wh_ledger::IamRows;
use wh_policy::ContextValue;

use super::users::user_key;
use super::{
    CreatePolicy, Holder, IamRequest, PolicyCall, TagCall, Tagged, UserCall, key, role_key,
};

type Keys = Vec<(String, ContextValue)>;

/// The condition keys of a request.
pub(super) fn of(request: &IamRequest, rows: &IamRows) -> Keys {
    let mut keys = asked(request);
    if let Some(tags) = policy_or_profile_tags(request, rows) {
        keys.extend(tags.iter().map(|(tag, value)| resource_tag("aws", tag, value)));
        return keys;
    }
    let Some((tags, boundary)) = changed(request, rows) else { return keys };
    for (tag, value) in tags {
        // IAM's own key is of users and roles alone.
        keys.extend(["aws", "iam"].map(|service| resource_tag(service, tag, value)));
    }
    // A boundary that the request asks for comes before the one that is there.
    if tells_boundary(request)
        && !keys.iter().any(|(key, _)| key == "iam:PermissionsBoundary")
        && let Some(arn) = boundary
    {
        keys.push(("iam:PermissionsBoundary".to_owned(), arn.as_str().into()));
    }
    keys
}

/// Whether AWS tells the boundary to whoever decides about this action: the Service Authorization
/// Reference lists it action by action, and most of those that only read or tag are not among them.
fn tells_boundary(request: &IamRequest) -> bool {
    let row = wh_policy::tables::action(&format!("iam:{}", request.name()));
    row.is_some_and(|row| row.keys.contains(&"iam:PermissionsBoundary"))
}

fn resource_tag(service: &str, tag: &str, value: &str) -> (String, ContextValue) {
    (format!("{service}:ResourceTag/{tag}"), value.into())
}

/// The tags and the boundary of the user or role that a request is about.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others are about a role: see `role`")]
fn changed<'a>(
    request: &IamRequest,
    rows: &'a IamRows,
) -> Option<(&'a BTreeMap<String, String>, Option<&'a String>)> {
    match request {
        IamRequest::User(_, UserCall::Create { .. }) => None,
        IamRequest::User(name, _) | IamRequest::Policies(Holder::User(name), _) => {
            let row = rows.users.get(&user_key(name))?;
            Some((&row.tags, row.boundary.as_ref()))
        }
        _ => {
            let row = rows.roles.get(&role_key(request.role()?))?;
            Some((&row.tags, row.boundary.as_ref()))
        }
    }
}

/// The tags of the managed policy or instance profile that a request is about.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others are about neither")]
fn policy_or_profile_tags<'a>(
    request: &IamRequest,
    rows: &'a IamRows,
) -> Option<&'a BTreeMap<String, String>> {
    match request {
        IamRequest::Tags(Tagged::Policy(arn), _)
        | IamRequest::GetPolicy { arn }
        | IamRequest::DeletePolicy { arn }
        | IamRequest::CreatePolicyVersion { arn, .. }
        | IamRequest::SetDefaultPolicyVersion { arn, .. }
        | IamRequest::GetPolicyVersion { arn, .. }
        | IamRequest::ListPolicyVersions { arn }
        | IamRequest::DeletePolicyVersion { arn, .. }
        | IamRequest::ListEntitiesForPolicy { arn } => {
            let name = arn.rsplit_once('/').map_or("", |(_, name)| name);
            Some(&rows.policies.get(&key(name))?.tags)
        }
        IamRequest::Tags(Tagged::InstanceProfile(name), _)
        | IamRequest::GetInstanceProfile { name }
        | IamRequest::AddRoleToInstanceProfile { name, .. }
        | IamRequest::RemoveRoleFromInstanceProfile { name, .. }
        | IamRequest::DeleteInstanceProfile { name } => Some(&rows.profiles.get(&key(name))?.tags),
        _ => None,
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "only these requests bring tags, a policy, a boundary or a service"
)]
fn asked(request: &IamRequest) -> Keys {
    let policy = |arn: &String| vec![("iam:PolicyARN".to_owned(), arn.as_str().into())];
    let boundary = |arn: &String| vec![("iam:PermissionsBoundary".to_owned(), arn.as_str().into())];
    match request {
        IamRequest::User(_, UserCall::Create { boundary: asked, tags, .. }) => {
            [tagged(tags), asked.as_ref().map(boundary).unwrap_or_default()].concat()
        }
        IamRequest::User(_, UserCall::Tag { tags }) | IamRequest::TagRole { tags, .. } => {
            tagged(tags)
        }
        IamRequest::CreatePolicy(CreatePolicy { tags, .. })
        | IamRequest::CreateInstanceProfile { tags, .. }
        | IamRequest::Tags(_, TagCall::Tag { tags }) => tagged(tags),
        IamRequest::User(_, UserCall::Untag { keys })
        | IamRequest::UntagRole { keys, .. }
        | IamRequest::Tags(_, TagCall::Untag { keys }) => {
            vec![("aws:TagKeys".to_owned(), ContextValue::Many(keys.clone()))]
        }
        IamRequest::User(_, UserCall::PutBoundary { policy_arn })
        | IamRequest::PutRolePermissionsBoundary { policy_arn, .. } => boundary(policy_arn),
        IamRequest::Policies(
            _,
            PolicyCall::Attach { policy_arn } | PolicyCall::Detach { policy_arn },
        )
        | IamRequest::AttachRolePolicy { policy_arn, .. }
        | IamRequest::DetachRolePolicy { policy_arn, .. } => policy(policy_arn),
        IamRequest::CreateServiceLinkedRole { service, .. } => {
            vec![("iam:AWSServiceName".to_owned(), service.as_str().into())]
        }
        IamRequest::CreateRole(create) => {
            let asked = create.boundary.as_ref().map(boundary).unwrap_or_default();
            [tagged(&create.tags), asked].concat()
        }
        _ => Vec::new(),
    }
}

fn tagged(tags: &[(String, String)]) -> Keys {
    if tags.is_empty() {
        return Vec::new();
    }
    let each = tags
        .iter()
        .map(|(key, value)| (format!("aws:RequestTag/{key}"), ContextValue::from(value.as_str())));
    let keys = ContextValue::Many(tags.iter().map(|(key, _)| key.clone()).collect());
    each.chain([("aws:TagKeys".to_owned(), keys)]).collect()
}
