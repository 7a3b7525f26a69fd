//! Users, groups and access keys over the wire.

use wh_authority::{
    AccessKey, AccessKeyStatus, AccessKeyUse, Group, GroupCall, Holder, IamRequest, NewAccessKey,
    PolicyCall, User, UserCall,
};
use wh_names::{AccessKeyId, GroupName, NameError, UserName};

use super::{path, seconds, write_boundary, write_tag};
use crate::fault::Fault;
use crate::query::form::{Form, Xml, invalid};

fn wrong(error: &NameError) -> Fault {
    invalid(error.to_string())
}

fn user(form: &mut Form) -> Result<UserName, Fault> {
    UserName::parse(&form.need("UserName")?).map_err(|e| wrong(&e))
}

/// The user that is named, or the one who asks.
fn user_or_own(form: &mut Form, own: Option<&UserName>) -> Result<UserName, Fault> {
    match (form.take("UserName"), own) {
        (Some(name), _) => UserName::parse(&name).map_err(|e| wrong(&e)),
        (None, Some(own)) => Ok(own.clone()),
        (None, None) => {
            Err(invalid("Must specify userName when calling with non-User credentials".to_owned()))
        }
    }
}

fn group(form: &mut Form) -> Result<GroupName, Fault> {
    GroupName::parse(&form.need("GroupName")?).map_err(|e| wrong(&e))
}

fn access_key(form: &mut Form) -> Result<AccessKeyId, Fault> {
    AccessKeyId::parse(&form.need("AccessKeyId")?).map_err(|e| wrong(&e))
}

fn status(form: &mut Form) -> Result<AccessKeyStatus, Fault> {
    match form.need("Status")?.as_str() {
        "Active" => Ok(AccessKeyStatus::Active),
        "Inactive" => Ok(AccessKeyStatus::Inactive),
        other => Err(invalid(format!("Value '{other}' at 'Status' must be Active or Inactive."))),
    }
}

fn new_path(form: &mut Form) -> Option<String> {
    form.take("NewPath")
}

/// Reads a request about users, groups or access keys; none where `action` is about others.
pub(super) fn read(
    action: &str,
    form: &mut Form,
    own: Option<&UserName>,
) -> Result<Option<IamRequest>, Fault> {
    if let Some(request) = read_user(action, form, own)? {
        return Ok(Some(request));
    }
    if let Some(request) = read_group(action, form)? {
        return Ok(Some(request));
    }
    read_policies(action, form)
}

fn read_user(
    action: &str,
    form: &mut Form,
    own: Option<&UserName>,
) -> Result<Option<IamRequest>, Fault> {
    let of_own = |form: &mut Form, call: UserCall| -> Result<Option<IamRequest>, Fault> {
        Ok(Some(IamRequest::User(user_or_own(form, own)?, call)))
    };
    let call = match action {
        "GetUser" => return of_own(form, UserCall::Get),
        "CreateAccessKey" => return of_own(form, UserCall::CreateAccessKey),
        "ListAccessKeys" => return of_own(form, UserCall::ListAccessKeys),
        "UpdateAccessKey" => {
            let call = UserCall::UpdateAccessKey { id: access_key(form)?, status: status(form)? };
            return of_own(form, call);
        }
        "DeleteAccessKey" => {
            let call = UserCall::DeleteAccessKey { id: access_key(form)? };
            return of_own(form, call);
        }
        "GetAccessKeyLastUsed" => {
            return Ok(Some(IamRequest::GetAccessKeyLastUsed { id: access_key(form)? }));
        }
        "ListUsers" => {
            return Ok(Some(IamRequest::ListUsers { path_prefix: path(form, "PathPrefix") }));
        }
        "CreateUser" => UserCall::Create {
            path: path(form, "Path"),
            boundary: form.take("PermissionsBoundary"),
            tags: form.tags("Tags")?,
        },
        "UpdateUser" => {
            let name = form.take("NewUserName").map(|name| UserName::parse(&name)).transpose();
            UserCall::Update { name: name.map_err(|e| wrong(&e))?, path: new_path(form) }
        }
        "DeleteUser" => UserCall::Delete,
        "TagUser" => UserCall::Tag { tags: form.tags("Tags")? },
        "UntagUser" => UserCall::Untag { keys: form.list("TagKeys") },
        "ListUserTags" => UserCall::ListTags,
        "PutUserPermissionsBoundary" => {
            UserCall::PutBoundary { policy_arn: form.need("PermissionsBoundary")? }
        }
        "DeleteUserPermissionsBoundary" => UserCall::DeleteBoundary,
        "ListGroupsForUser" => UserCall::ListGroups,
        _ => return Ok(None),
    };
    Ok(Some(IamRequest::User(user(form)?, call)))
}

fn read_group(action: &str, form: &mut Form) -> Result<Option<IamRequest>, Fault> {
    let call = match action {
        "ListGroups" => {
            return Ok(Some(IamRequest::ListGroups { path_prefix: path(form, "PathPrefix") }));
        }
        "CreateGroup" => GroupCall::Create { path: path(form, "Path") },
        "GetGroup" => GroupCall::Get,
        "UpdateGroup" => {
            let name = form.take("NewGroupName").map(|name| GroupName::parse(&name)).transpose();
            GroupCall::Update { name: name.map_err(|e| wrong(&e))?, path: new_path(form) }
        }
        "DeleteGroup" => GroupCall::Delete,
        "AddUserToGroup" => GroupCall::AddUser { user: user(form)? },
        "RemoveUserFromGroup" => GroupCall::RemoveUser { user: user(form)? },
        _ => return Ok(None),
    };
    Ok(Some(IamRequest::Group(group(form)?, call)))
}

fn read_policies(action: &str, form: &mut Form) -> Result<Option<IamRequest>, Fault> {
    let call = match action {
        "PutUserPolicy" | "PutGroupPolicy" => PolicyCall::PutInline {
            name: form.need("PolicyName")?,
            document: form.need("PolicyDocument")?,
        },
        "GetUserPolicy" | "GetGroupPolicy" => {
            PolicyCall::GetInline { name: form.need("PolicyName")? }
        }
        "ListUserPolicies" | "ListGroupPolicies" => PolicyCall::ListInline,
        "DeleteUserPolicy" | "DeleteGroupPolicy" => {
            PolicyCall::DeleteInline { name: form.need("PolicyName")? }
        }
        "AttachUserPolicy" | "AttachGroupPolicy" => {
            PolicyCall::Attach { policy_arn: form.need("PolicyArn")? }
        }
        "DetachUserPolicy" | "DetachGroupPolicy" => {
            PolicyCall::Detach { policy_arn: form.need("PolicyArn")? }
        }
        "ListAttachedUserPolicies" | "ListAttachedGroupPolicies" => {
            super::only_root_path(form)?;
            PolicyCall::ListAttached
        }
        _ => return Ok(None),
    };
    let holder = match action.contains("User") {
        true => Holder::User(user(form)?),
        false => Holder::Group(group(form)?),
    };
    Ok(Some(IamRequest::Policies(holder, call)))
}

pub(super) fn write_user(xml: Xml, user: &User) -> Xml {
    let row = &user.row;
    let xml = xml
        .text("Path", &row.path)
        .text("UserName", row.name.as_str())
        .text("UserId", &row.user_id)
        .text("Arn", user.arn.as_str())
        .text("CreateDate", seconds(row.created_at));
    write_boundary(xml, row.boundary.as_deref())
}

/// A user as `CreateUser` and `GetUser` tell it, with its tags; lists leave them out.
pub(super) fn write_user_whole(xml: Xml, user: &User) -> Xml {
    let xml = write_user(xml, user);
    if user.row.tags.is_empty() {
        return xml;
    }
    let tags: Vec<_> = user.row.tags.iter().collect();
    xml.members("Tags", &tags, write_tag)
}

pub(super) fn write_group(xml: Xml, group: &Group) -> Xml {
    let row = &group.row;
    xml.text("Path", &row.path)
        .text("GroupName", row.name.as_str())
        .text("GroupId", &row.group_id)
        .text("Arn", &group.arn)
        .text("CreateDate", seconds(row.created_at))
}

pub(super) fn write_new_key(xml: Xml, key: &NewAccessKey) -> Xml {
    xml.text("UserName", key.user.as_str())
        .text("AccessKeyId", key.id.as_str())
        .text("Status", "Active")
        .text("SecretAccessKey", key.secret.expose())
        .text("CreateDate", seconds(key.created_at))
}

pub(super) fn write_key(xml: Xml, key: &AccessKey) -> Xml {
    let status = match key.status {
        AccessKeyStatus::Active => "Active",
        AccessKeyStatus::Inactive => "Inactive",
    };
    xml.text("UserName", key.user.as_str())
        .text("AccessKeyId", key.id.as_str())
        .text("Status", status)
        .text("CreateDate", seconds(key.created_at))
}

/// A key that was never used has `N/A` for service and region, and no date.
pub(super) fn write_last_used(xml: Xml, used: Option<&AccessKeyUse>) -> Xml {
    match used {
        None => xml.text("ServiceName", "N/A").text("Region", "N/A"),
        Some(used) => xml
            .text("LastUsedDate", seconds(used.at))
            .text("ServiceName", &used.service)
            .text("Region", &used.region),
    }
}
