//! IAM over the wire: forms to requests, replies to XML.
//!
//! Source: IAM API Reference, the actions of the same names.

mod account;
mod oidc;
mod simulate;
mod users;

use std::collections::BTreeMap;

use http::StatusCode;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use wh_authority::{
    CreatePolicy, CreateRole, Holder, IamError, IamReply, IamRequest, InstanceProfile, Policy,
    PolicyVersion, Role, TagCall, Tagged, User,
};
use wh_names::{RoleName, UserName};

use super::form::{Form, Xml, invalid};
use super::page::{Page, write_next};
use crate::fault::Fault;

/// The namespace of IAM's answers.
pub(crate) const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";
/// IAM hands out documents percent-encoded, by RFC 3986.
const DOCUMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Which part of an answer is wanted.
#[derive(Debug)]
pub(crate) struct Part {
    page: Page,
    /// Of the account's details, the kinds that are wanted; all of them where none is named.
    filter: Vec<account::Kind>,
}

/// Reads the request `action` from its form, and which page of its answer is wanted. What the form
/// holds beyond it is refused. `own` is the user who asks.
pub(crate) fn read(
    action: &str,
    mut form: Form,
    own: Option<&UserName>,
) -> Result<(IamRequest, Part), Fault> {
    let listing = action.starts_with("List")
        || action.starts_with("Simulate")
        || ["GetGroup", "GetAccountAuthorizationDetails"].contains(&action);
    let mut nothing = Form::default();
    let page = Page::take(if listing { &mut form } else { &mut nothing })?;
    let filter = account::take_filter(action, &mut form)?;
    let request = match users::read(action, &mut form, own)? {
        Some(request) => request,
        None if action.contains("Account") || action == "ListEntitiesForPolicy" => {
            account::read(action, &mut form)?
        }
        None if action.starts_with("Simulate") || action.starts_with("GetContextKeys") => {
            simulate::read(action, &mut form)?
        }
        None if action.contains("OpenIDConnect") => oidc::read(action, &mut form)?,
        None => read_other(action, &mut form)?,
    };
    form.finish()?;
    Ok((request, Part { page, filter }))
}

fn read_other(action: &str, form: &mut Form) -> Result<IamRequest, Fault> {
    match action {
        "CreateRole"
        | "CreateServiceLinkedRole"
        | "GetRole"
        | "ListRoles"
        | "UpdateRole"
        | "UpdateAssumeRolePolicy"
        | "DeleteRole"
        | "TagRole"
        | "UntagRole"
        | "ListRoleTags" => read_role(action, form),
        "PutRolePolicy"
        | "GetRolePolicy"
        | "ListRolePolicies"
        | "DeleteRolePolicy"
        | "PutRolePermissionsBoundary"
        | "DeleteRolePermissionsBoundary"
        | "AttachRolePolicy"
        | "DetachRolePolicy"
        | "ListAttachedRolePolicies" => read_role_policy(action, form),
        "CreateInstanceProfile"
        | "GetInstanceProfile"
        | "AddRoleToInstanceProfile"
        | "RemoveRoleFromInstanceProfile"
        | "DeleteInstanceProfile"
        | "ListInstanceProfiles"
        | "ListInstanceProfilesForRole" => read_profile(action, form),
        "TagPolicy"
        | "UntagPolicy"
        | "ListPolicyTags"
        | "TagInstanceProfile"
        | "UntagInstanceProfile"
        | "ListInstanceProfileTags" => read_tags(action, form),
        _ => read_policy(action, form),
    }
}

/// Of attached policies, those on a path cannot be asked for by themselves.
fn only_root_path(form: &mut Form) -> Result<(), Fault> {
    match form.take("PathPrefix").filter(|path| path != "/") {
        None => Ok(()),
        Some(_) => Err(invalid("The parameter PathPrefix is not supported here.".to_owned())),
    }
}

fn role(form: &mut Form) -> Result<RoleName, Fault> {
    RoleName::parse(&form.need("RoleName")?).map_err(|e| invalid(e.to_string()))
}

fn path(form: &mut Form, name: &str) -> String {
    form.take(name).unwrap_or_else(|| "/".to_owned())
}

fn read_role(action: &str, form: &mut Form) -> Result<IamRequest, Fault> {
    Ok(match action {
        "CreateRole" => IamRequest::CreateRole(CreateRole {
            name: role(form)?,
            path: path(form, "Path"),
            trust: form.need("AssumeRolePolicyDocument")?,
            description: form.take("Description").unwrap_or_default(),
            max_session_s: form.number("MaxSessionDuration")?,
            boundary: form.take("PermissionsBoundary"),
            tags: form.tags("Tags")?,
        }),
        "CreateServiceLinkedRole" => IamRequest::CreateServiceLinkedRole {
            service: form.need("AWSServiceName")?,
            description: form.take("Description").unwrap_or_default(),
        },
        "ListRoles" => IamRequest::ListRoles { path_prefix: path(form, "PathPrefix") },
        "UpdateRole" => IamRequest::UpdateRole {
            role: role(form)?,
            description: form.take("Description"),
            max_session_s: form.number("MaxSessionDuration")?,
        },
        "UpdateAssumeRolePolicy" => IamRequest::UpdateAssumeRolePolicy {
            role: role(form)?,
            document: form.need("PolicyDocument")?,
        },
        "DeleteRole" => IamRequest::DeleteRole { role: role(form)? },
        "TagRole" => IamRequest::TagRole { role: role(form)?, tags: form.tags("Tags")? },
        "UntagRole" => IamRequest::UntagRole { role: role(form)?, keys: form.list("TagKeys") },
        "ListRoleTags" => IamRequest::ListRoleTags { role: role(form)? },
        _ => IamRequest::GetRole { role: role(form)? },
    })
}

fn read_role_policy(action: &str, form: &mut Form) -> Result<IamRequest, Fault> {
    let role = role(form)?;
    Ok(match action {
        "PutRolePolicy" => IamRequest::PutRolePolicy {
            role,
            name: form.need("PolicyName")?,
            document: form.need("PolicyDocument")?,
        },
        "GetRolePolicy" => IamRequest::GetRolePolicy { role, name: form.need("PolicyName")? },
        "ListRolePolicies" => IamRequest::ListRolePolicies { role },
        "DeleteRolePolicy" => IamRequest::DeleteRolePolicy { role, name: form.need("PolicyName")? },
        "PutRolePermissionsBoundary" => IamRequest::PutRolePermissionsBoundary {
            role,
            policy_arn: form.need("PermissionsBoundary")?,
        },
        "DeleteRolePermissionsBoundary" => IamRequest::DeleteRolePermissionsBoundary { role },
        "AttachRolePolicy" => {
            IamRequest::AttachRolePolicy { role, policy_arn: form.need("PolicyArn")? }
        }
        "DetachRolePolicy" => {
            IamRequest::DetachRolePolicy { role, policy_arn: form.need("PolicyArn")? }
        }
        _ => {
            only_root_path(form)?;
            IamRequest::ListAttachedRolePolicies { role }
        }
    })
}

fn read_profile(action: &str, form: &mut Form) -> Result<IamRequest, Fault> {
    if action == "ListInstanceProfilesForRole" {
        return Ok(IamRequest::ListInstanceProfilesForRole { role: role(form)? });
    }
    if action == "ListInstanceProfiles" {
        return Ok(IamRequest::ListInstanceProfiles { path_prefix: path(form, "PathPrefix") });
    }
    let name = form.need("InstanceProfileName")?;
    Ok(match action {
        "CreateInstanceProfile" => {
            let (path, tags) = (path(form, "Path"), form.tags("Tags")?);
            IamRequest::CreateInstanceProfile { name, path, tags }
        }
        "AddRoleToInstanceProfile" => {
            IamRequest::AddRoleToInstanceProfile { name, role: role(form)? }
        }
        "RemoveRoleFromInstanceProfile" => {
            IamRequest::RemoveRoleFromInstanceProfile { name, role: role(form)? }
        }
        "DeleteInstanceProfile" => IamRequest::DeleteInstanceProfile { name },
        _ => IamRequest::GetInstanceProfile { name },
    })
}

fn read_tags(action: &str, form: &mut Form) -> Result<IamRequest, Fault> {
    let tagged = if action.ends_with("Policy") || action.ends_with("PolicyTags") {
        Tagged::Policy(form.need("PolicyArn")?)
    } else {
        Tagged::InstanceProfile(form.need("InstanceProfileName")?)
    };
    let call = if action.starts_with("Tag") {
        TagCall::Tag { tags: form.tags("Tags")? }
    } else if action.starts_with("Untag") {
        TagCall::Untag { keys: form.list("TagKeys") }
    } else {
        TagCall::List
    };
    Ok(IamRequest::Tags(tagged, call))
}

fn read_policy(action: &str, form: &mut Form) -> Result<IamRequest, Fault> {
    let arn = |form: &mut Form| form.need("PolicyArn");
    let version = |form: &mut Form| form.need("VersionId");
    Ok(match action {
        "CreatePolicy" => IamRequest::CreatePolicy(CreatePolicy {
            name: form.need("PolicyName")?,
            path: path(form, "Path"),
            document: form.need("PolicyDocument")?,
            description: form.take("Description").unwrap_or_default(),
            tags: form.tags("Tags")?,
        }),
        "GetPolicy" => IamRequest::GetPolicy { arn: arn(form)? },
        "ListPolicies" => {
            // There are no policies but the account's own.
            if form.take("Scope").is_some_and(|scope| scope == "AWS") {
                return Err(invalid("The scope AWS is not supported.".to_owned()));
            }
            IamRequest::ListPolicies { path_prefix: path(form, "PathPrefix") }
        }
        "DeletePolicy" => IamRequest::DeletePolicy { arn: arn(form)? },
        "CreatePolicyVersion" => IamRequest::CreatePolicyVersion {
            arn: arn(form)?,
            document: form.need("PolicyDocument")?,
            set_as_default: form.flag("SetAsDefault")?,
        },
        "SetDefaultPolicyVersion" => {
            IamRequest::SetDefaultPolicyVersion { arn: arn(form)?, version: version(form)? }
        }
        "GetPolicyVersion" => {
            IamRequest::GetPolicyVersion { arn: arn(form)?, version: version(form)? }
        }
        "ListPolicyVersions" => IamRequest::ListPolicyVersions { arn: arn(form)? },
        "DeletePolicyVersion" => {
            IamRequest::DeletePolicyVersion { arn: arn(form)?, version: version(form)? }
        }
        _ => return Err(super::unknown_action(action)),
    })
}

/// Writes what IAM answered; of a list, one page.
pub(crate) fn write(reply: IamReply, part: &Part) -> Xml {
    let (xml, page) = (Xml::default(), &part.page);
    match reply {
        IamReply::Done => xml,
        IamReply::User(user) => xml.within("User", |xml| users::write_user_whole(xml, &user)),
        IamReply::NewAccessKey(key) => {
            xml.within("AccessKey", |xml| users::write_new_key(xml, &key))
        }
        IamReply::AccessKeyLastUsed { user, used } => xml
            .text("UserName", user.as_str())
            .within("AccessKeyLastUsed", |xml| users::write_last_used(xml, used.as_ref())),
        IamReply::HolderPolicy { holder, name, document } => {
            let xml = match &holder {
                Holder::User(name) => xml.text("UserName", name.as_str()),
                Holder::Group(name) => xml.text("GroupName", name.as_str()),
            };
            xml.text("PolicyName", name).text("PolicyDocument", encoded(&document))
        }
        IamReply::Group { group, users } => {
            let xml = xml.within("Group", |xml| users::write_group(xml, &group));
            match users {
                None => xml,
                Some(all) => {
                    let key = |user: &User| user.row.name.as_str().to_lowercase();
                    paged(xml, "Users", page.cut(all, key), users::write_user)
                }
            }
        }
        IamReply::AccountDetails(details) => account::write_details(details, part),
        IamReply::AccountSummary(counts) => account::write_summary(&counts),
        IamReply::AccountAliases => account::write_aliases(),
        IamReply::PolicyEntities(entities) => account::write_entities(&entities),
        IamReply::Simulated(results) => simulate::write(results, page),
        IamReply::ContextKeys(keys) => xml.texts("ContextKeyNames", keys),
        IamReply::OidcProviderArn(arn) => xml.text("OpenIDConnectProviderArn", arn),
        IamReply::OidcProvider(provider) => oidc::write(xml, &provider),
        IamReply::OidcProviders(arns) => {
            xml.members("OpenIDConnectProviderList", arns, |xml, arn| xml.text("Arn", arn))
        }
        IamReply::Role(role) => xml.within("Role", |xml| write_role(xml, &role, true)),
        IamReply::RolePolicy { role, name, document } => xml
            .text("RoleName", role)
            .text("PolicyName", name)
            .text("PolicyDocument", encoded(&document)),
        IamReply::Policy(policy) => {
            xml.within("Policy", |xml| write_tags(write_policy(xml, &policy), &policy.row.tags))
        }
        IamReply::PolicyVersion(version) => {
            xml.within("PolicyVersion", |xml| write_version(xml, &version, true))
        }
        IamReply::InstanceProfile(profile) => {
            let tags = profile.row.tags.clone();
            xml.within("InstanceProfile", |xml| write_tags(write_profile(xml, &profile), &tags))
        }
        list @ (IamReply::Users(_)
        | IamReply::Groups(_)
        | IamReply::AccessKeys(_)
        | IamReply::Roles(_)
        | IamReply::Tags(_)
        | IamReply::PolicyNames(_)
        | IamReply::AttachedPolicies(_)
        | IamReply::Policies(_)
        | IamReply::PolicyVersions(_)
        | IamReply::InstanceProfiles(_)) => write_list(list, page),
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "`write` hands on these lists and no other reply"
)]
fn write_list(list: IamReply, page: &Page) -> Xml {
    let xml = Xml::default();
    let lower = |name: &str| name.to_lowercase();
    match list {
        IamReply::Users(all) => {
            let cut = page.cut(all, |user| lower(user.row.name.as_str()));
            paged(xml, "Users", cut, users::write_user)
        }
        IamReply::Groups(all) => {
            let cut = page.cut(all, |group| lower(group.row.name.as_str()));
            paged(xml, "Groups", cut, users::write_group)
        }
        IamReply::AccessKeys(all) => {
            let cut = page.cut(all, |key| key.id.as_str().to_owned());
            paged(xml, "AccessKeyMetadata", cut, users::write_key)
        }
        IamReply::Roles(all) => {
            let cut = page.cut(all, |role| lower(role.row.name.as_str()));
            paged(xml, "Roles", cut, |xml, role| write_role(xml, role, false))
        }
        IamReply::Tags(all) => paged(xml, "Tags", page.cut(all, |tag| tag.0.clone()), write_tag),
        IamReply::PolicyNames(all) => {
            let (names, next) = page.cut(all, String::clone);
            write_next(xml.texts("PolicyNames", names), next)
        }
        IamReply::AttachedPolicies(all) => {
            let cut = page.cut(all, |policy| policy.1.clone());
            paged(xml, "AttachedPolicies", cut, |xml, (name, arn)| {
                xml.text("PolicyName", name).text("PolicyArn", arn)
            })
        }
        IamReply::Policies(all) => {
            let cut = page.cut(all, |policy| lower(&policy.row.name));
            paged(xml, "Policies", cut, write_policy)
        }
        IamReply::PolicyVersions(all) => {
            // The newest comes first.
            let number = |id: &str| id.trim_start_matches('v').parse().unwrap_or(0_u32);
            let cut = page.cut(all, |version| format!("{:010}", u32::MAX - number(&version.id)));
            paged(xml, "Versions", cut, |xml, version| write_version(xml, version, false))
        }
        IamReply::InstanceProfiles(all) => {
            let cut = page.cut(all, |profile| lower(&profile.row.name));
            paged(xml, "InstanceProfiles", cut, write_profile)
        }
        _ => xml,
    }
}

fn paged<T>(
    xml: Xml,
    name: &str,
    (items, next): (Vec<T>, Option<String>),
    each: impl Fn(Xml, &T) -> Xml,
) -> Xml {
    write_next(xml.members(name, &items, each), next)
}

fn write_boundary(xml: Xml, arn: Option<&str>) -> Xml {
    let Some(arn) = arn else { return xml };
    xml.within("PermissionsBoundary", |xml| {
        xml.text("PermissionsBoundaryType", "Policy").text("PermissionsBoundaryArn", arn)
    })
}

fn encoded(document: &str) -> String {
    utf8_percent_encode(document, DOCUMENT).to_string()
}

fn seconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn write_tag<K: AsRef<str>, V: AsRef<str>>(xml: Xml, (key, value): &(K, V)) -> Xml {
    xml.text("Key", key).text("Value", value)
}

fn write_role(xml: Xml, role: &Role, with_tags: bool) -> Xml {
    let row = &role.row;
    let xml = xml
        .text("Path", &row.path)
        .text("RoleName", row.name.as_str())
        .text("RoleId", &row.role_id)
        .text("Arn", role.arn.as_str())
        .text("CreateDate", seconds(row.created_at))
        .text("AssumeRolePolicyDocument", encoded(&row.trust))
        .maybe("Description", Some(&row.description).filter(|d| !d.is_empty()))
        .text("MaxSessionDuration", row.max_session_s.to_string());
    let xml = write_boundary(xml, row.boundary.as_deref());
    if with_tags { write_tags(xml, &row.tags) } else { xml }
}

/// Lists do not tell tags; what is got by itself does, where it has any.
fn write_tags(xml: Xml, tags: &BTreeMap<String, String>) -> Xml {
    if tags.is_empty() {
        return xml;
    }
    let tags: Vec<_> = tags.iter().collect();
    xml.members("Tags", &tags, write_tag)
}

fn write_policy(xml: Xml, policy: &Policy) -> Xml {
    let row = &policy.row;
    let updated = row.versions.values().map(|v| v.created_at).max().unwrap_or(row.created_at);
    xml.text("PolicyName", &row.name)
        .text("PolicyId", &row.policy_id)
        .text("Arn", &policy.arn)
        .text("Path", &row.path)
        .text("DefaultVersionId", format!("v{}", row.default_version))
        .text("AttachmentCount", policy.attachments.to_string())
        .text("PermissionsBoundaryUsageCount", policy.boundaries.to_string())
        .text("IsAttachable", "true")
        .maybe("Description", Some(&row.description).filter(|d| !d.is_empty()))
        .text("CreateDate", seconds(row.created_at))
        .text("UpdateDate", seconds(updated))
}

fn write_version(xml: Xml, version: &PolicyVersion, with_document: bool) -> Xml {
    let document = with_document.then(|| encoded(&version.document));
    xml.maybe("Document", document)
        .text("VersionId", &version.id)
        .text("IsDefaultVersion", version.is_default.to_string())
        .text("CreateDate", seconds(version.created_at))
}

fn write_profile(xml: Xml, profile: &InstanceProfile) -> Xml {
    let row = &profile.row;
    xml.text("Path", &row.path)
        .text("InstanceProfileName", &row.name)
        .text("InstanceProfileId", &row.profile_id)
        .text("Arn", &profile.arn)
        .text("CreateDate", seconds(row.created_at))
        .members("Roles", &profile.role, |xml, role| write_role(xml, role, false))
}

/// IAM's failures over the wire.
pub(crate) fn fault(error: &IamError) -> Fault {
    let status = match error {
        IamError::NoSuchEntity { .. } => StatusCode::NOT_FOUND,
        IamError::EntityAlreadyExists { .. }
        | IamError::LimitExceeded { .. }
        | IamError::DeleteConflict { .. } => StatusCode::CONFLICT,
        IamError::MalformedPolicyDocument(_)
        | IamError::Validation { .. }
        | IamError::InvalidInput { .. }
        | IamError::InvalidAuthorizationMessage { .. }
        | IamError::UnmodifiableEntity { .. } => StatusCode::BAD_REQUEST,
        IamError::NoSecret | IamError::ServiceFailure(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    Fault::new(status, error.code(), error.to_string())
}
