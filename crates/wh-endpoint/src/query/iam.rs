//! IAM over the wire: forms to requests, replies to XML.
//!
//! Source: IAM API Reference, the actions of the same names.

use http::StatusCode;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use wh_authority::{
    CreatePolicy, CreateRole, IamError, IamReply, IamRequest, InstanceProfile, Policy,
    PolicyVersion, Role,
};
use wh_names::RoleName;

use super::form::{Form, Xml, invalid};
use crate::fault::Fault;

/// The namespace of IAM's answers.
pub(crate) const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";
/// IAM hands out documents percent-encoded, by RFC 3986.
const DOCUMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Reads the request `action` from its form. What the form holds beyond it is refused.
pub(crate) fn read(action: &str, mut form: Form) -> Result<IamRequest, Fault> {
    let request = match action {
        "CreateRole"
        | "CreateServiceLinkedRole"
        | "GetRole"
        | "ListRoles"
        | "UpdateRole"
        | "UpdateAssumeRolePolicy"
        | "DeleteRole"
        | "TagRole"
        | "UntagRole"
        | "ListRoleTags" => read_role(action, &mut form)?,
        "PutRolePolicy"
        | "GetRolePolicy"
        | "ListRolePolicies"
        | "DeleteRolePolicy"
        | "PutRolePermissionsBoundary"
        | "DeleteRolePermissionsBoundary"
        | "AttachRolePolicy"
        | "DetachRolePolicy"
        | "ListAttachedRolePolicies" => read_role_policy(action, &mut form)?,
        "CreateInstanceProfile"
        | "GetInstanceProfile"
        | "AddRoleToInstanceProfile"
        | "RemoveRoleFromInstanceProfile"
        | "DeleteInstanceProfile"
        | "ListInstanceProfilesForRole" => read_profile(action, &mut form)?,
        _ => read_policy(action, &mut form)?,
    };
    // Lists are whole, so a page's size changes nothing but the number of requests.
    form.take("MaxItems");
    form.finish()?;
    Ok(request)
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
            form.take("PathPrefix").filter(|p| p != "/").map_or(Ok(()), |_| {
                Err(invalid("The parameter PathPrefix is not supported here.".to_owned()))
            })?;
            IamRequest::ListAttachedRolePolicies { role }
        }
    })
}

fn read_profile(action: &str, form: &mut Form) -> Result<IamRequest, Fault> {
    if action == "ListInstanceProfilesForRole" {
        return Ok(IamRequest::ListInstanceProfilesForRole { role: role(form)? });
    }
    let name = form.need("InstanceProfileName")?;
    Ok(match action {
        "CreateInstanceProfile" => {
            IamRequest::CreateInstanceProfile { name, path: path(form, "Path") }
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

fn read_policy(action: &str, form: &mut Form) -> Result<IamRequest, Fault> {
    let arn = |form: &mut Form| form.need("PolicyArn");
    let version = |form: &mut Form| form.need("VersionId");
    Ok(match action {
        "CreatePolicy" => IamRequest::CreatePolicy(CreatePolicy {
            name: form.need("PolicyName")?,
            path: path(form, "Path"),
            document: form.need("PolicyDocument")?,
            description: form.take("Description").unwrap_or_default(),
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

/// Writes what IAM answered.
pub(crate) fn write(reply: IamReply) -> Xml {
    let xml = Xml::default();
    let whole = |xml: Xml| xml.text("IsTruncated", "false");
    match reply {
        IamReply::Done => xml,
        IamReply::Role(role) => xml.within("Role", |xml| write_role(xml, &role, true)),
        IamReply::Roles(roles) => {
            whole(xml.members("Roles", &roles, |xml, role| write_role(xml, role, false)))
        }
        IamReply::Tags(tags) => whole(xml.members("Tags", &tags, write_tag)),
        IamReply::RolePolicy { role, name, document } => xml
            .text("RoleName", role)
            .text("PolicyName", name)
            .text("PolicyDocument", encoded(&document)),
        IamReply::PolicyNames(names) => whole(xml.texts("PolicyNames", names)),
        IamReply::AttachedPolicies(policies) => {
            whole(xml.members("AttachedPolicies", policies, |xml, (name, arn)| {
                xml.text("PolicyName", name).text("PolicyArn", arn)
            }))
        }
        IamReply::Policy(policy) => xml.within("Policy", |xml| write_policy(xml, &policy)),
        IamReply::Policies(policies) => whole(xml.members("Policies", &policies, write_policy)),
        IamReply::PolicyVersion(version) => {
            xml.within("PolicyVersion", |xml| write_version(xml, &version, true))
        }
        IamReply::PolicyVersions(versions) => whole(xml.members(
            "Versions",
            &versions,
            |xml, version| write_version(xml, version, false),
        )),
        IamReply::InstanceProfile(profile) => {
            xml.within("InstanceProfile", |xml| write_profile(xml, &profile))
        }
        IamReply::InstanceProfiles(profiles) => {
            whole(xml.members("InstanceProfiles", &profiles, write_profile))
        }
    }
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
    let mut xml = xml
        .text("Path", &row.path)
        .text("RoleName", row.name.as_str())
        .text("RoleId", &row.role_id)
        .text("Arn", role.arn.as_str())
        .text("CreateDate", seconds(row.created_at))
        .text("AssumeRolePolicyDocument", encoded(&row.trust))
        .maybe("Description", Some(&row.description).filter(|d| !d.is_empty()))
        .text("MaxSessionDuration", row.max_session_s.to_string());
    if let Some(arn) = &row.boundary {
        xml = xml.within("PermissionsBoundary", |xml| {
            xml.text("PermissionsBoundaryType", "Policy").text("PermissionsBoundaryArn", arn)
        });
    }
    if !with_tags || row.tags.is_empty() {
        return xml;
    }
    let tags: Vec<_> = row.tags.iter().collect();
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
        | IamError::UnmodifiableEntity { .. } => StatusCode::BAD_REQUEST,
        IamError::ServiceFailure(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    Fault::new(status, error.code(), error.to_string())
}
