//! Invitations, and links by which persons set their own password.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wh_people::AddedLinks;

use super::NamedPersonBody;

/// What an invitation is to say. Everybody who comes in has what every new person has.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = InvitationForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct InvitationFormBody {
    /// What the person will be called; they choose, without it.
    pub name: Option<String>,
    /// Their mail address; they may give one, without it.
    pub email: Option<String>,
    /// The ids of groups that they will be in.
    #[serde(default)]
    pub groups: Vec<String>,
    /// What they will be granted by name.
    #[serde(default)]
    pub grants: Vec<InvitedGrantFormBody>,
    /// For how many hours it can be used: 1–24, and 24 without it.
    pub hours: Option<u8>,
}

/// A grant that an invitation is to bring, on the bucket of the house.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = InvitedGrantForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct InvitedGrantFormBody {
    pub role: String,
    /// Empty for the whole bucket, or ends in `/`.
    pub prefix: String,
    pub title: String,
    /// When it stops counting, in RFC 3339; left out or `null`: never.
    #[serde(default)]
    #[schema(format = DateTime)]
    pub ends: Option<String>,
}

/// An invitation that was made. Its link is shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = MadeInvitation)]
pub(crate) struct MadeInvitationBody {
    pub id: String,
    /// The path of the link, with the token in its fragment.
    pub path: String,
    #[schema(format = DateTime)]
    pub expires: String,
}

/// How an invitation stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InvitationStanding)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum InvitationStandingBody {
    /// It can be used.
    Open,
    /// This person came in by it.
    Spent {
        uid: String,
        /// `null`, when they are no more.
        #[schema(required)]
        name: Option<String>,
    },
    /// It was revoked.
    Revoked,
    /// Its time is over.
    Expired,
}

/// A grant that an invitation brings.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InvitedGrant)]
pub(crate) struct InvitedGrantBody {
    pub role: String,
    /// Empty, or ends in `/`.
    pub prefix: String,
    pub title: String,
    #[schema(required, format = DateTime)]
    pub ends: Option<String>,
}

/// An invitation. Its token is not in it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Invitation)]
pub(crate) struct InvitationBody {
    pub id: String,
    pub standing: InvitationStandingBody,
    #[schema(required)]
    pub name: Option<String>,
    #[schema(required)]
    pub email: Option<String>,
    /// The names of its groups.
    pub groups: Vec<String>,
    pub grants: Vec<InvitedGrantBody>,
    #[schema(format = DateTime)]
    pub created: String,
    /// Who made it; `null`, when an operator did.
    #[schema(required)]
    pub made_by: Option<NamedPersonBody>,
    #[schema(format = DateTime)]
    pub expires: String,
}

/// Invitations, the newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Invitations)]
pub(crate) struct InvitationsBody {
    pub invitations: Vec<InvitationBody>,
}

/// A token of a link.
#[derive(Deserialize, ToSchema)]
#[schema(as = LinkToken)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkTokenBody {
    pub token: String,
}

/// What an invitation says to whoever holds its link.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OfferedInvitation)]
pub(crate) struct OfferedInvitationBody {
    /// What they will be called; `null`: they choose.
    #[schema(required)]
    pub name: Option<String>,
    /// Their mail address; `null`: they may give one.
    #[schema(required)]
    pub email: Option<String>,
    #[schema(format = DateTime)]
    pub expires: String,
}

/// Somebody with an invitation. Roles, groups and grants are not asked for: they are given.
#[derive(Deserialize, ToSchema)]
#[schema(as = InvitationAcceptance)]
#[serde(deny_unknown_fields)]
pub(crate) struct AcceptanceBody {
    pub token: String,
    /// The name, where the invitation says none.
    pub name: Option<String>,
    /// A mail address, where the invitation says none.
    pub email: Option<String>,
    /// At least 15 characters, at most 256 bytes.
    pub password: String,
}

/// Somebody who came in by an invitation, and may sign in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AcceptedInvitation)]
pub(crate) struct AcceptedBody {
    pub uid: String,
}

/// What becomes of linked sign-ins that were added to the account of whoever is helped back in.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecoveryQuery {
    /// Whether they go on. Without it they end: whoever took the account over may have added them.
    #[serde(default)]
    pub keep_links: bool,
}

impl RecoveryQuery {
    pub(crate) fn links(&self) -> AddedLinks {
        if self.keep_links { AddedLinks::Keep } else { AddedLinks::End }
    }
}

/// A link by which a person sets their own password, once. It is shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = PasswordLink)]
pub(crate) struct PasswordLinkBody {
    /// The path of the link, with the token in its fragment.
    pub path: String,
    #[schema(format = DateTime)]
    pub expires: String,
}

/// A new password, by a link.
#[derive(Deserialize, ToSchema)]
#[schema(as = PasswordByLink)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordByLinkBody {
    pub token: String,
    /// At least 15 characters, at most 256 bytes.
    pub password: String,
}

/// A person who was deleted, and where their files still are.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeletedPerson)]
pub(crate) struct DeletedPersonBody {
    pub bucket: String,
    /// Their home, where they had one: its files stay until somebody removes them.
    #[schema(required)]
    pub home: Option<String>,
}
