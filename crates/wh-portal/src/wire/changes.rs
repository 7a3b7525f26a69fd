//! Changes of access before they are made, and the versions of what was made.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{GrantBody, InvitationFormBody, MadeInvitationBody, NamedPersonBody, NewGrantBody};

/// A change that is proposed.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ChangeForm)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum ChangeFormBody {
    /// The permissions of a role.
    Permissions {
        role: String,
        /// The policy document, as JSON text.
        document: String,
    },
    /// The permissions of a role are again as the estate describes them.
    StandardPermissions { role: String },
    /// A grant is given.
    Grant { grant: NewGrantBody },
    /// A grant is taken away.
    GrantRemoval { id: String },
    /// A person comes into a group.
    GroupMember { group: String, uid: String },
    /// A person leaves a group.
    GroupMemberRemoval { group: String, uid: String },
    /// A group is deleted, with its grants.
    GroupRemoval { id: String },
    /// Somebody is invited.
    Invitation { invitation: InvitationFormBody },
    /// What somebody asked for is given.
    AccessRequest {
        id: String,
        /// When it ends; never, without it.
        #[schema(format = DateTime)]
        ends: Option<String>,
    },
}

/// A change that is to be weighed.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ChangeProposal)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeProposalBody {
    pub change: ChangeFormBody,
}

/// A change that is to be made, as it was seen.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ChangeOrder)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeOrderBody {
    pub change: ChangeFormBody,
    /// The digest of the change set that was seen.
    pub digest: String,
    /// Why, for those who read it later.
    #[serde(default)]
    pub note: String,
}

/// A request.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WitnessRequest)]
pub(crate) struct WitnessRequestBody {
    pub action: String,
    pub resource: String,
    /// The condition keys that it needs, each with its values.
    pub context: BTreeMap<String, Vec<String>>,
}

/// A class of actions.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = ActionClass)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ActionClassBody {
    List,
    Read,
    Write,
    Tagging,
    Permissions,
    /// An action that nobody knows yet.
    Other,
}

/// An action that is allowed now and was not, or the other way round.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccessDifference)]
pub(crate) struct AccessDifferenceBody {
    pub action: String,
    pub class: ActionClassBody,
    /// A request that shows it; the policy engine decided it so.
    pub request: WitnessRequestBody,
}

/// To whom the grant is given by which something is gained or lost.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChangedGrantSubject)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum ChangedGrantSubjectBody {
    /// To the person.
    Person,
    /// To a group that they are in.
    Group {
        #[schema(required)]
        name: Option<String>,
    },
    /// To everyone.
    Everyone,
}

/// What is gained or lost by one grant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlaceChange)]
pub(crate) struct PlaceChangeBody {
    pub role: String,
    pub bucket: String,
    /// Empty, or ends in `/`; `${uid}` stands for each person's own.
    pub prefix: String,
    pub by: ChangedGrantSubjectBody,
    pub differences: Vec<AccessDifferenceBody>,
}

/// Persons who gain and lose the same.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AffectedPersons)]
pub(crate) struct AffectedPersonsBody {
    /// How many they are.
    pub count: usize,
    /// Who they are, the first hundred.
    pub persons: Vec<NamedPersonBody>,
    pub gained: Vec<PlaceChangeBody>,
    pub lost: Vec<PlaceChangeBody>,
    /// Whether nothing at all is left to them.
    pub locked_out: bool,
    /// What could not be told, with the reasons.
    pub unknown: Vec<String>,
}

/// What a role itself gains and loses: its sessions that no grant narrows.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AffectedRole)]
pub(crate) struct AffectedRoleBody {
    pub role: String,
    pub gained: Vec<AccessDifferenceBody>,
    pub lost: Vec<AccessDifferenceBody>,
    /// What could not be told, with the reasons.
    pub unknown: Vec<String>,
}

/// What whoever decides should know first.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = ChangeWarning)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ChangeWarningBody {
    /// Somebody is left with nothing.
    LockOut,
    /// Something may be written that could not.
    NewWrite,
    /// Something is opened to everyone.
    Everyone,
    /// Something could not be told.
    NotKnown,
}

/// Why a change is not made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChangeRefusal)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum ChangeRefusalBody {
    /// A guard rail would not hold.
    Rail {
        name: String,
        why: String,
        /// Who would break it: a role's name, an ARN, `anonymous`.
        who: String,
        /// The request that would be allowed; `null`: it is not proved that there is none.
        #[schema(required)]
        request: Option<WitnessRequestBody>,
    },
    /// An expectation would not be met.
    Expectation { name: String, why: String },
    /// Nobody active would be left who administers files.
    LastAdministrator,
}

/// What an operator does where the portal may not.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OperatorOrder)]
pub(crate) struct OperatorOrderBody {
    /// What `estate.toml` is to hold, in the place of what it holds for this role.
    pub section: String,
    /// What will be done, step by step.
    pub steps: Vec<String>,
    /// The commands.
    pub commands: Vec<String>,
}

/// Who gains and who loses what.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChangeSet)]
pub(crate) struct ChangeSetBody {
    /// Names what is shown here: whoever applies the change says it.
    pub digest: String,
    /// How many persons were asked about: all who are active.
    pub asked: usize,
    pub persons: Vec<AffectedPersonsBody>,
    pub roles: Vec<AffectedRoleBody>,
    pub warnings: Vec<ChangeWarningBody>,
    /// Why it is not made; empty: it may be.
    pub refusals: Vec<ChangeRefusalBody>,
    /// The newest version of the role's permissions that this one follows; 0: there is none.
    pub base: u32,
    /// What an operator does; `null`: it is made here, at once.
    #[schema(required)]
    pub operator: Option<OperatorOrderBody>,
}

/// A change that was made.
#[derive(Serialize, ToSchema)]
#[schema(as = ChangeMade)]
pub(crate) struct ChangeMadeBody {
    /// The version of the role's permissions that it made.
    #[schema(required)]
    pub version: Option<u32>,
    /// The grant that it gave.
    #[schema(required)]
    pub grant: Option<GrantBody>,
    /// The invitation that it made; its link is shown this once.
    #[schema(required)]
    pub invitation: Option<MadeInvitationBody>,
}

/// A version of a role's permissions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyVersion)]
pub(crate) struct PolicyVersionBody {
    pub role: String,
    /// From 1.
    pub number: u32,
    /// The policy document, as JSON text; `null`: as the estate describes it.
    #[schema(required)]
    pub document: Option<String>,
    pub note: String,
    pub author: NamedPersonBody,
    #[schema(format = DateTime)]
    pub saved: String,
}

/// All versions, the newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyVersions)]
pub(crate) struct PolicyVersionsBody {
    pub versions: Vec<PolicyVersionBody>,
    /// The roles whose permissions can be changed.
    pub editable: Vec<String>,
    /// Whether a change is made here at once; otherwise an operator makes it.
    pub at_once: bool,
    /// What was saved and does not fit the estate any more: these roles are allowed nothing until another
    /// version is saved.
    pub unfit: Vec<UnfitPolicyBody>,
}

/// Saved permissions that do not fit the estate any more.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UnfitPolicy)]
pub(crate) struct UnfitPolicyBody {
    pub role: String,
    /// Why they do not, in words.
    pub why: String,
}

/// What must never be allowed, and whether it holds.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GuardRail)]
pub(crate) struct GuardRailBody {
    pub name: String,
    pub why: String,
    pub who: Vec<String>,
    pub except: Vec<String>,
    pub never: Vec<String>,
    pub on: Vec<String>,
    pub except_on: Vec<String>,
    /// Who breaks it, and by which request; empty: it is proved for all requests.
    pub broken: Vec<ChangeRefusalBody>,
}

/// What must be as it is, and whether it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyExpectation)]
pub(crate) struct PolicyExpectationBody {
    pub name: String,
    /// What was decided instead; `null`: it is met.
    #[schema(required)]
    pub missed: Option<String>,
}

/// The guard rails and expectations of the estate.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GuardRails)]
pub(crate) struct GuardRailsBody {
    pub rails: Vec<GuardRailBody>,
    pub expectations: Vec<PolicyExpectationBody>,
}
