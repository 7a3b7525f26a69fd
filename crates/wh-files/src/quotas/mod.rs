//! Quotas as persons and administrators meet them: set, told, and held at the begin of an upload.
//!
//! What is counted follows from grants ([`measure`]); counting and the last word are with the store's own
//! gate, so a quota can be set only where the store is ours.
//!
//! Invariant: how much lies in a place is told to nobody who may not list all of it, but for one's own
//! places.

mod measure;
mod own;
mod set;

use std::fmt;

use wh_ledger::{LedgerError, QuotaAmount, QuotaLimits, QuotaPlace};

pub use own::OwnQuota;
pub use set::{NewQuota, QUOTA_USES_TOLD_MAX, QuotaRecord, QuotaUse};

/// Why a quota was not set, or does not let something in.
#[derive(Debug, thiserror::Error)]
pub enum QuotaError {
    /// The store is not ours: it would take what a quota refuses.
    #[error(
        "this store keeps no quotas: only the embedded store and a gateway refuse what is too much"
    )]
    Unavailable,
    /// Neither bytes nor objects are limited.
    #[error("say how many bytes or how many objects there may be at most")]
    NoLimit,
    /// A limit is larger than any store.
    #[error("a quota is at most {max} bytes or objects")]
    TooLarge {
        /// The largest.
        max: u64,
    },
    /// The place is not a folder.
    #[error("it is empty, for the whole bucket, or ends in `/`")]
    Prefix,
    /// The estate has no such bucket.
    #[error("the estate has no bucket `{0}`")]
    NoSuchBucket(String),
    /// There is no such person.
    #[error("there is no such person")]
    NoSuchPerson,
    /// There is no such group.
    #[error("there is no such group")]
    NoSuchGroup,
    /// There is no such quota.
    #[error("there is no such quota")]
    NoSuchQuota,
    /// It has no room.
    #[error("{}", .0.told())]
    Full(Box<FullQuota>),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl QuotaError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unavailable => "quotas-unavailable",
            Self::NoLimit => "quota-limit-missing",
            Self::TooLarge { .. } => "quota-limit-large",
            Self::Prefix => "quota-prefix",
            Self::NoSuchBucket(_) => "no-such-bucket",
            Self::NoSuchPerson => "no-such-person",
            Self::NoSuchGroup => "no-such-group",
            Self::NoSuchQuota => "no-such-quota",
            Self::Full(_) => "quota-exceeded",
            Self::Ledger(error) => error.code(),
        }
    }

    /// The field that it is about.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::NoLimit | Self::TooLarge { .. } => Some("limit_bytes"),
            Self::Prefix => Some("for.prefix"),
            Self::NoSuchBucket(_) => Some("for.bucket"),
            Self::NoSuchPerson => Some("for.uid"),
            Self::NoSuchGroup => Some("for.id"),
            Self::Unavailable | Self::NoSuchQuota | Self::Full(_) | Self::Ledger(_) => None,
        }
    }
}

/// Whose places a quota counts, as it is told to somebody who writes there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuotaOwner {
    /// Their own.
    Oneself,
    /// Those of another person, who is not named.
    SomebodyElse,
    /// Those of a group, which is named to its members.
    Group(Option<String>),
    /// One place, which is around what they write.
    Place(QuotaPlace),
}

impl fmt::Display for QuotaOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Oneself => f.write_str("your own places"),
            Self::SomebodyElse => f.write_str("the places of somebody else"),
            Self::Group(Some(name)) => write!(f, "the places of the group `{name}`"),
            Self::Group(None) => f.write_str("the places of a group"),
            Self::Place(place) => write!(f, "`{place}`"),
        }
    }
}

/// A quota without room for what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FullQuota {
    /// Whose.
    pub of: QuotaOwner,
    /// How much there may be, is, is on its way, and was asked for; nothing, where the asker may not know.
    pub measures: Option<FullMeasures>,
}

/// The measures of a quota without room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FullMeasures {
    /// How much there may be.
    pub limits: QuotaLimits,
    /// How much there is.
    pub used: QuotaAmount,
    /// How much is on its way.
    pub reserved: QuotaAmount,
    /// How much more was asked for.
    pub asked: QuotaAmount,
}

impl FullQuota {
    fn told(&self) -> String {
        let of = &self.of;
        let Some(FullMeasures { limits, used, reserved, asked }) = &self.measures else {
            return format!("the quota of {of} has no room for this file");
        };
        let taken = used.bytes.saturating_add(reserved.bytes);
        match limits.bytes {
            Some(limit) if taken.saturating_add(asked.bytes) > limit && asked.bytes > 0 => {
                let missing = taken.saturating_add(asked.bytes).saturating_sub(limit);
                format!(
                    "the quota of {of} is {limit} bytes, of which {} are used and {} are on their \
                     way: {missing} bytes are missing for this file",
                    used.bytes, reserved.bytes
                )
            }
            Some(_) | None => format!(
                "the quota of {of} is {} files, and there are {}",
                limits.objects.unwrap_or_default(),
                used.objects.saturating_add(reserved.objects)
            ),
        }
    }
}
