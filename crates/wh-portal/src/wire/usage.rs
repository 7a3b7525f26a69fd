//! What a role was used for, and the smaller policies that would have sufficed.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::WhoSubjectBody;

/// What becomes of the resources of statements in the smaller policy.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[schema(as = Narrowing)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum NarrowingBody {
    /// The statement's own patterns stay, where something was seen in them.
    #[default]
    Patterns,
    /// The folders where something was seen.
    Places,
}

/// A role, and how far to look back.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct UseQuery {
    /// The role.
    pub role: String,
    /// How many days, from 1 to 400.
    #[serde(default = "ninety")]
    #[param(default = 90, minimum = 1, maximum = 400)]
    pub days: u16,
    /// What becomes of the resources of statements.
    #[serde(default)]
    #[param(inline)]
    pub resources: NarrowingBody,
}

fn ninety() -> u16 {
    90
}

/// An action at a place, by all who asked for it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlaceUse)]
pub(crate) struct PlaceUseBody {
    pub action: String,
    /// `*`: no bucket in particular.
    pub bucket: String,
    /// The folder of the objects, two levels deep at most; `null`: the bucket itself. `${uid}` stands for
    /// the uid of whoever asked.
    #[schema(required)]
    pub folder: Option<String>,
    /// Whether it was the listing of the folder that was asked for.
    pub listing: bool,
    /// By how many persons, in the days that were asked about.
    pub persons: u64,
    pub machines: u64,
    /// Whether somebody did of whom neither person nor machine is known.
    pub others: bool,
    /// How often, since the first time.
    pub requests: u64,
    #[schema(format = DateTime)]
    pub first: String,
    #[schema(format = DateTime)]
    pub last: String,
}

/// What a statement does.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatementEffect)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum StatementEffectBody {
    Allow,
    /// It stays in the smaller policy as it is.
    Deny,
}

/// A statement of a policy, and how it was used.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatementUse)]
pub(crate) struct StatementUseBody {
    /// Its `Sid`, or `#` and its number.
    pub statement: String,
    pub effect: StatementEffectBody,
    /// The actions that were seen on its resources; of a denial what it might have denied.
    pub used: Vec<String>,
    /// Actions and patterns of the statement that cover nothing that was seen.
    pub unused_actions: Vec<String>,
    /// Resources of the statement in which nothing was seen.
    pub unused_resources: Vec<String>,
}

/// A policy, and the smaller one that would have sufficed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyUse)]
pub(crate) struct PolicyUseBody {
    pub name: String,
    pub statements: Vec<StatementUseBody>,
    /// The smaller policy; `null` where nothing is left to say.
    #[schema(required)]
    pub smaller: Option<String>,
    /// Its size, without white space.
    pub characters: u64,
    /// Whether it says less.
    pub differs: bool,
    /// Whether it is proved that every request which was seen stays allowed, and none becomes so.
    pub proved: bool,
    /// Why that is not proved.
    #[schema(required)]
    pub not_proved: Option<String>,
}

/// A grant by which nobody can have done anything in those days.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UnusedGrant)]
pub(crate) struct UnusedGrantBody {
    pub id: String,
    pub title: String,
    pub subject: WhoSubjectBody,
    pub bucket: String,
    pub prefix: String,
}

/// What a role was used for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RoleUse)]
pub(crate) struct RoleUseBody {
    pub role: String,
    /// The beginning of the days that were asked about.
    #[schema(format = DateTime)]
    pub from: String,
    #[schema(format = DateTime)]
    pub until: String,
    /// From when on it is known what sessions of roles did; `null`: that is not known here at all.
    #[schema(required, format = DateTime)]
    pub known_since: Option<String>,
    /// The last time at which something that was done was not written down.
    #[schema(required, format = DateTime)]
    pub lost_at: Option<String>,
    /// Whether all of those days is known.
    pub whole: bool,
    pub persons: u64,
    pub machines: u64,
    pub others: bool,
    pub places: Vec<PlaceUseBody>,
    /// How many more there are; the policies heed them.
    pub places_left_out: u64,
    /// Folders that stand in the smaller policies for more than what was seen in them.
    pub widened: Vec<String>,
    pub policies: Vec<PolicyUseBody>,
    pub unused_grants: Vec<UnusedGrantBody>,
}
