//! Grants and groups.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Somebody, by uid and name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NamedPerson)]
pub(crate) struct NamedPersonBody {
    pub uid: String,
    /// `null`, when the person is no more.
    #[schema(required)]
    pub name: Option<String>,
}

/// To whom a grant is given.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GrantSubject)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum GrantSubjectBody {
    /// One person.
    Person {
        uid: String,
        /// `null`, when it is no more.
        #[schema(required)]
        name: Option<String>,
    },
    /// Whoever is in a group.
    Group {
        id: String,
        /// `null`, when it is no more.
        #[schema(required)]
        name: Option<String>,
    },
    /// Every active person.
    Everyone,
}

/// A grant: a role, at a place.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Grant)]
pub(crate) struct GrantBody {
    pub id: String,
    pub subject: GrantSubjectBody,
    pub role: String,
    pub bucket: String,
    /// Empty, or ends in `/`.
    pub prefix: String,
    pub title: String,
    #[schema(format = DateTime)]
    pub created: String,
    /// Who gave it; `null`, when the house did by its own rules or an operator did.
    #[schema(required)]
    pub given_by: Option<NamedPersonBody>,
    /// When it stops counting; `null`: never.
    #[schema(required, format = DateTime)]
    pub ends: Option<String>,
    /// Whether it has ended.
    pub ended: bool,
}

/// Grants.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Grants)]
pub(crate) struct GrantsBody {
    pub grants: Vec<GrantBody>,
}

/// A grant to be made to one person.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = GrantForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantFormBody {
    pub role: String,
    /// One of the estate's buckets of files; the first of them where it is not said.
    #[serde(default)]
    pub bucket: Option<String>,
    /// Empty for the whole bucket, or ends in `/`.
    pub prefix: String,
    pub title: String,
    /// When it stops counting, in RFC 3339; left out or `null`: never.
    #[serde(default)]
    #[schema(format = DateTime)]
    pub ends: Option<String>,
}

/// To whom a grant is to be given.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = GrantTo)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum GrantToBody {
    /// One person.
    Person { uid: String },
    /// Whoever is in a group.
    Group { id: String },
    /// Every active person.
    Everyone {},
}

/// A grant to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewGrant)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewGrantBody {
    pub to: GrantToBody,
    pub role: String,
    /// One of the estate's buckets of files; the first of them where it is not said.
    #[serde(default)]
    pub bucket: Option<String>,
    /// Empty for the whole bucket, or ends in `/`.
    pub prefix: String,
    pub title: String,
    /// When it stops counting, in RFC 3339; left out or `null`: never.
    #[serde(default)]
    #[schema(format = DateTime)]
    pub ends: Option<String>,
}

/// By what a person has a location.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LocationSource)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum LocationSourceBody {
    /// It is granted to them by name.
    Own,
    /// It is granted to a group that they are in.
    Group { id: String, name: String },
    /// It is granted to everyone.
    Everyone,
}

/// What a person holds, and by what.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EffectiveLocation)]
pub(crate) struct EffectiveLocationBody {
    /// The grant.
    pub id: String,
    pub title: String,
    pub bucket: String,
    /// Empty, or ends in `/`.
    pub prefix: String,
    pub role: String,
    pub by: LocationSourceBody,
    /// When it stops counting; `null`: never.
    #[schema(required, format = DateTime)]
    pub until: Option<String>,
}

/// All that a person holds at this moment. It counts while they are active.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EffectiveLocations)]
pub(crate) struct EffectiveLocationsBody {
    pub locations: Vec<EffectiveLocationBody>,
}

/// Somebody in a group.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GroupMember)]
pub(crate) struct GroupMemberBody {
    pub uid: String,
    #[schema(required)]
    pub name: Option<String>,
    #[schema(format = DateTime)]
    pub added: String,
    /// Who put them in; `null`, when an operator or an invitation did.
    #[schema(required)]
    pub added_by: Option<NamedPersonBody>,
}

/// A group.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Group)]
pub(crate) struct GroupBody {
    /// For ever this group's; names change.
    pub id: String,
    pub name: String,
    #[schema(format = DateTime)]
    pub created: String,
    #[schema(required)]
    pub created_by: Option<NamedPersonBody>,
    pub members: Vec<GroupMemberBody>,
}

/// All groups, by name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Groups)]
pub(crate) struct GroupsBody {
    pub groups: Vec<GroupBody>,
}

/// What a group is to be called.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = GroupForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupFormBody {
    /// 2–64 characters of one script.
    pub name: String,
}

/// A group that was made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MadeGroup)]
pub(crate) struct MadeGroupBody {
    pub id: String,
    pub name: String,
}
