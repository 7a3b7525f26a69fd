//! The account as a whole over the wire.

use std::collections::HashMap;

use wh_authority::{
    AccountCall, AccountDetails, Group, IamRequest, InstanceProfile, Policy, PolicyEntities, Role,
    User,
};

use super::{Part, encoded, seconds, write_boundary, write_policy, write_profile, write_tag};
use crate::fault::Fault;
use crate::query::form::{Form, Xml, invalid};
use crate::query::page::write_next;
use crate::query::unknown_action;

/// A kind of what the account's details tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    User,
    Group,
    Role,
    Policy,
    /// There are none of AWS's own.
    AwsPolicy,
}

/// Takes the filter of the account's details.
pub(super) fn take_filter(action: &str, form: &mut Form) -> Result<Vec<Kind>, Fault> {
    if action != "GetAccountAuthorizationDetails" {
        return Ok(Vec::new());
    }
    let read = |text: String| match text.as_str() {
        "User" => Ok(Kind::User),
        "Group" => Ok(Kind::Group),
        "Role" => Ok(Kind::Role),
        "LocalManagedPolicy" => Ok(Kind::Policy),
        "AWSManagedPolicy" => Ok(Kind::AwsPolicy),
        other => Err(invalid(format!("Value '{other}' at 'Filter' is not a kind of entity."))),
    };
    form.list("Filter").into_iter().map(read).collect()
}

/// Reads a request about the account as a whole.
pub(super) fn read(action: &str, form: &mut Form) -> Result<IamRequest, Fault> {
    Ok(match action {
        "GetAccountAuthorizationDetails" => IamRequest::Account(AccountCall::AuthorizationDetails),
        "GetAccountSummary" => IamRequest::Account(AccountCall::Summary),
        "ListAccountAliases" => IamRequest::Account(AccountCall::Aliases),
        "ListEntitiesForPolicy" => {
            IamRequest::ListEntitiesForPolicy { arn: form.need("PolicyArn")? }
        }
        _ => return Err(unknown_action(action)),
    })
}

pub(super) fn write_aliases() -> Xml {
    Xml::default().within("AccountAliases", |xml| xml).text("IsTruncated", "false")
}

pub(super) fn write_summary(counts: &[(&'static str, usize)]) -> Xml {
    Xml::default().within("SummaryMap", |mut xml| {
        for (name, count) in counts {
            xml = xml.within("entry", |xml| xml.text("key", name).text("value", count.to_string()));
        }
        xml
    })
}

pub(super) fn write_entities(entities: &PolicyEntities) -> Xml {
    let PolicyEntities { users, groups, roles } = entities;
    Xml::default()
        .members("PolicyGroups", groups, |xml, (name, id)| {
            xml.text("GroupName", name).text("GroupId", id)
        })
        .members("PolicyUsers", users, |xml, (name, id)| {
            xml.text("UserName", name).text("UserId", id)
        })
        .members("PolicyRoles", roles, |xml, (name, id)| {
            xml.text("RoleName", name).text("RoleId", id)
        })
        .text("IsTruncated", "false")
}

/// One thing that the details tell of.
enum Detail {
    User(User),
    Group(Group),
    Role(Role),
    Policy(Policy),
}

impl Detail {
    /// Where it stands in the order of all.
    fn key(&self) -> String {
        let (kind, name) = match self {
            Self::User(user) => (1, user.row.name.as_str()),
            Self::Group(group) => (2, group.row.name.as_str()),
            Self::Role(role) => (3, role.row.name.as_str()),
            Self::Policy(policy) => (4, policy.row.name.as_str()),
        };
        format!("{kind}{}", name.to_lowercase())
    }

    fn kind(&self) -> Kind {
        match self {
            Self::User(_) => Kind::User,
            Self::Group(_) => Kind::Group,
            Self::Role(_) => Kind::Role,
            Self::Policy(_) => Kind::Policy,
        }
    }
}

/// Writes one page of the account's details.
pub(super) fn write_details(details: AccountDetails, part: &Part) -> Xml {
    let AccountDetails { users, groups, roles, policies, profiles } = details;
    let names: HashMap<String, String> =
        groups.iter().map(|g| (g.row.group_id.clone(), g.row.name.to_string())).collect();
    let all = users.into_iter().map(Detail::User).chain(groups.into_iter().map(Detail::Group));
    let all = all.chain(roles.into_iter().map(Detail::Role));
    let all = all.chain(policies.into_iter().map(Detail::Policy));
    let wanted = |detail: &Detail| part.filter.is_empty() || part.filter.contains(&detail.kind());
    let (page, next) = part.page.cut(all.filter(wanted).collect(), Detail::key);
    let (mut users, mut groups, mut roles, mut policies) = (vec![], vec![], vec![], vec![]);
    for detail in page {
        match detail {
            Detail::User(user) => users.push(user),
            Detail::Group(group) => groups.push(group),
            Detail::Role(role) => roles.push(role),
            Detail::Policy(policy) => policies.push(policy),
        }
    }
    let xml = Xml::default()
        .members("UserDetailList", &users, |xml, user| write_user(xml, user, &names))
        .members("GroupDetailList", &groups, write_group)
        .members("RoleDetailList", &roles, |xml, role| write_role(xml, role, &profiles))
        .members("Policies", &policies, write_whole_policy);
    write_next(xml, next)
}

fn write_inline<'a>(
    xml: Xml,
    name: &str,
    inline: impl IntoIterator<Item = (&'a String, &'a String)>,
) -> Xml {
    xml.members(name, inline, |xml, (name, document)| {
        xml.text("PolicyName", name).text("PolicyDocument", encoded(document))
    })
}

fn write_attached(xml: Xml, attached: &[String]) -> Xml {
    xml.members("AttachedManagedPolicies", attached, |xml, arn| {
        let name = arn.rsplit_once('/').map_or(arn.as_str(), |(_, name)| name);
        xml.text("PolicyName", name).text("PolicyArn", arn)
    })
}

fn write_user(xml: Xml, user: &User, names: &HashMap<String, String>) -> Xml {
    let row = &user.row;
    let xml = super::users::write_user_whole(xml, user);
    let xml = write_inline(xml, "UserPolicyList", &row.policies.inline);
    let xml = xml.texts("GroupList", row.groups.iter().filter_map(|id| names.get(id)));
    write_attached(xml, &row.policies.attached)
}

fn write_group(xml: Xml, group: &Group) -> Xml {
    let xml = super::users::write_group(xml, group);
    let xml = write_inline(xml, "GroupPolicyList", &group.row.policies.inline);
    write_attached(xml, &group.row.policies.attached)
}

fn write_role(xml: Xml, role: &Role, profiles: &[InstanceProfile]) -> Xml {
    let row = &role.row;
    let own = profiles.iter().filter(|profile| profile.row.role.as_ref() == Some(&row.name));
    let xml = xml
        .text("Path", &row.path)
        .text("RoleName", row.name.as_str())
        .text("RoleId", &row.role_id)
        .text("Arn", role.arn.as_str())
        .text("CreateDate", seconds(row.created_at))
        .text("AssumeRolePolicyDocument", encoded(&row.trust))
        .members("InstanceProfileList", own, write_profile);
    let xml = write_inline(xml, "RolePolicyList", &row.inline);
    let xml = write_boundary(write_attached(xml, &row.attached), row.boundary.as_deref());
    let tags: Vec<_> = row.tags.iter().collect();
    xml.members("Tags", &tags, write_tag)
}

fn write_whole_policy(xml: Xml, policy: &Policy) -> Xml {
    let default = policy.row.default_version;
    write_policy(xml, policy).members("PolicyVersionList", &policy.row.versions, |xml, (n, row)| {
        xml.text("Document", encoded(&row.document))
            .text("VersionId", format!("v{n}"))
            .text("IsDefaultVersion", (*n == default).to_string())
            .text("CreateDate", seconds(row.created_at))
    })
}
