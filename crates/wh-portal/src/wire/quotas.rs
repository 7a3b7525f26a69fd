//! Quotas as they travel.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a quota is for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = QuotaFor)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum QuotaForBody {
    /// The places of one person.
    Person { uid: String },
    /// The places of a group.
    Group { id: String },
    /// One place: a bucket, and a prefix that is empty or ends in `/`.
    Location { bucket: String, prefix: String },
    /// The places of each person who has no quota by name.
    EveryPerson {},
}

/// A quota to be set. At least one of the two limits is said.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = QuotaForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuotaFormBody {
    #[serde(rename = "for")]
    pub what: QuotaForBody,
    /// Bytes of current versions at most.
    pub limit_bytes: Option<u64>,
    /// Files at most.
    pub limit_objects: Option<u64>,
}

/// What a quota counts, of one person, group or place.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuotaUse)]
pub(crate) struct QuotaUseBody {
    #[serde(rename = "for")]
    pub what: QuotaForBody,
    /// What the person or group is called.
    #[schema(required)]
    pub name: Option<String>,
    /// Bytes that are there, at most.
    pub used_bytes: u64,
    /// Files that are there, at most.
    pub used_objects: u64,
    /// Bytes that are on their way.
    pub reserved_bytes: u64,
    /// Files that are on their way.
    pub reserved_objects: u64,
    /// When it was counted last; null: it is being counted for the first time, and refuses too little.
    #[schema(required, format = DateTime)]
    pub counted: Option<String>,
    /// Where it counts: `bucket/prefix`.
    pub places: Vec<String>,
}

/// A quota with what it counts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Quota)]
pub(crate) struct QuotaBody {
    pub id: String,
    #[serde(rename = "for")]
    pub what: QuotaForBody,
    /// What the person or group is called that it is for.
    #[schema(required)]
    pub name: Option<String>,
    #[schema(required)]
    pub limit_bytes: Option<u64>,
    #[schema(required)]
    pub limit_objects: Option<u64>,
    /// When it was set last.
    #[schema(format = DateTime)]
    pub updated: String,
    /// What it counts, the fullest first: at most 200.
    pub uses: Vec<QuotaUseBody>,
    /// How many that would be.
    pub uses_total: u64,
}

/// Every quota.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Quotas)]
pub(crate) struct QuotasBody {
    /// Whether the store keeps quotas: the embedded one and gateways do.
    pub kept: bool,
    pub quotas: Vec<QuotaBody>,
}

/// A quota that was set.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SetQuota)]
pub(crate) struct SetQuotaBody {
    pub id: String,
    #[serde(rename = "for")]
    pub what: QuotaForBody,
    #[schema(required)]
    pub limit_bytes: Option<u64>,
    #[schema(required)]
    pub limit_objects: Option<u64>,
}

/// A quota over some of one's places. How much there is is null where one may not list all of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OwnQuota)]
pub(crate) struct OwnQuotaBody {
    /// Whose places it counts: `person`, `group` or `location`.
    pub kind: String,
    /// Whether those are one's own places. A quota of kind `person` that is not is somebody else's.
    pub own: bool,
    #[schema(required)]
    pub limit_bytes: Option<u64>,
    #[schema(required)]
    pub limit_objects: Option<u64>,
    #[schema(required)]
    pub used_bytes: Option<u64>,
    #[schema(required)]
    pub used_objects: Option<u64>,
    #[schema(required)]
    pub reserved_bytes: Option<u64>,
    /// Whether it was counted already.
    pub counted: bool,
    /// One's locations that lie in it, whole or in part.
    pub locations: Vec<String>,
}

/// The quotas over one's places.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OwnQuotas)]
pub(crate) struct OwnQuotasBody {
    pub quotas: Vec<OwnQuotaBody>,
}
