//! Rows of quotas: how much may lie where, how much does, and what room is taken for what is on its way.
//!
//! A quota is what an administrator set; its counters are what it counts, one for each person where it is
//! for every one. Which places those are is worked out elsewhere and written here.
//!
//! Invariant: of a counter that was counted, `used` and `reserved` together are never less than what is
//! there and on its way: whatever is not certain is added, and the next count takes it off. Room is taken
//! from all counters of a write or from none.

mod count;
mod counters;
mod reserve;
mod rules;

use jiff::Timestamp;
use wh_names::{BucketName, KeyPrefix};

use crate::LedgerError;
use crate::RowId;
use crate::open::timestamp;
use crate::persons::read_uid;
use crate::sql::Row;
use wh_names::Uid;

pub use counters::{QuotaPlaces, WantedCounter};
pub use reserve::{QuotaFull, QuotaReserve, QuotaStored};

/// What a quota is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum QuotaSubject {
    /// The places that are granted to one person, whether or not a quota for every person is less.
    Person(Uid),
    /// The places that are granted to a group.
    Group(RowId),
    /// One place.
    Location(QuotaPlace),
    /// Each person's own places.
    EveryPerson,
}

impl QuotaSubject {
    /// What kind it is: `person`, `group`, `location`, `every-person`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Person(_) => "person",
            Self::Group(_) => "group",
            Self::Location(_) => "location",
            Self::EveryPerson => "every-person",
        }
    }

    /// The uid, the group's id, or `bucket/prefix`; empty for every person.
    pub fn subject(&self) -> String {
        match self {
            Self::Person(uid) => uid.to_string(),
            Self::Group(id) => id.to_string(),
            Self::Location(place) => place.to_string(),
            Self::EveryPerson => String::new(),
        }
    }

    /// What the counter of this subject is called.
    pub fn counter_id(&self) -> String {
        format!("{}:{}", self.kind(), self.subject())
    }

    fn read(kind: &str, subject: &str) -> Result<Self, LedgerError> {
        let corrupt = || LedgerError::Corrupt { column: "subject" };
        match kind {
            "person" => Ok(Self::Person(read_uid(subject)?)),
            "group" => Ok(Self::Group(RowId::parse(subject).map_err(|_| corrupt())?)),
            "location" => {
                let (bucket, prefix) = subject.split_once('/').ok_or_else(corrupt)?;
                Ok(Self::Location(QuotaPlace::read(bucket, prefix)?))
            }
            "every-person" => Ok(Self::EveryPerson),
            _ => Err(LedgerError::Corrupt { column: "kind" }),
        }
    }
}

/// A bucket, and what keys begin with: empty, or ending in `/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct QuotaPlace {
    /// The bucket.
    pub bucket: BucketName,
    /// What keys begin with; empty is the whole bucket.
    pub prefix: KeyPrefix,
}

impl QuotaPlace {
    fn read(bucket: &str, prefix: &str) -> Result<Self, LedgerError> {
        let bucket = BucketName::parse(bucket);
        let prefix = KeyPrefix::parse(prefix);
        Ok(Self {
            bucket: bucket.map_err(|_| LedgerError::Corrupt { column: "bucket" })?,
            prefix: prefix.map_err(|_| LedgerError::Corrupt { column: "prefix" })?,
        })
    }

    /// Whether the other lies in this one, or is the same.
    pub fn holds(&self, other: &Self) -> bool {
        self.bucket == other.bucket && other.prefix.as_str().starts_with(self.prefix.as_str())
    }
}

impl std::fmt::Display for QuotaPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.bucket, self.prefix)
    }
}

/// How much may be there. At least one of the two is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QuotaLimits {
    /// Bytes of current versions.
    pub bytes: Option<u64>,
    /// Objects.
    pub objects: Option<u64>,
}

/// So many bytes in so many objects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QuotaAmount {
    /// Bytes.
    pub bytes: u64,
    /// Objects.
    pub objects: u64,
}

impl QuotaAmount {
    fn plus(self, more: Self) -> Self {
        Self {
            bytes: self.bytes.saturating_add(more.bytes),
            objects: self.objects.saturating_add(more.objects),
        }
    }

    fn less(self, other: Self) -> Self {
        Self {
            bytes: self.bytes.saturating_sub(other.bytes),
            objects: self.objects.saturating_sub(other.objects),
        }
    }
}

/// What an administrator set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaRow {
    /// What it is called.
    pub id: RowId,
    /// What it is for.
    pub subject: QuotaSubject,
    /// How much may be there.
    pub limits: QuotaLimits,
    /// When it was set first.
    pub created_at: Timestamp,
    /// When it was set last.
    pub updated_at: Timestamp,
    /// Who did; nobody, where the operator did.
    pub updated_by: Option<Uid>,
}

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaCounterRow {
    /// What it is called: `kind:subject`.
    pub id: String,
    /// By which quota.
    pub quota_id: RowId,
    /// Of what: a person, a group or a place.
    pub subject: QuotaSubject,
    /// How much may be there.
    pub limits: QuotaLimits,
    /// How much is, at most.
    pub used: QuotaAmount,
    /// How much is on its way, at most.
    pub reserved: QuotaAmount,
    /// How often it was counted.
    pub round: i64,
    /// When it was counted last; `None`: not yet, or not since its places changed.
    pub counted_at: Option<Timestamp>,
    /// Since when it may be more than what is there.
    pub stale_at: Option<Timestamp>,
    /// Whether a count goes on, or was broken off by the end of its server.
    pub counting: bool,
}

impl QuotaCounterRow {
    /// Whether so much more fits. Nothing more always does.
    pub fn has_room_for(&self, more: QuotaAmount) -> bool {
        let all = self.used.plus(self.reserved).plus(more);
        let fits = |limit: Option<u64>, more: u64, all: u64| {
            more == 0 || limit.is_none_or(|limit| all <= limit)
        };
        fits(self.limits.bytes, more.bytes, all.bytes)
            && fits(self.limits.objects, more.objects, all.objects)
    }
}

fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn amount(row: &Row, of: (&'static str, &'static str)) -> Result<QuotaAmount, LedgerError> {
    let read = |column: &'static str| -> Result<u64, LedgerError> {
        let n: i64 = row.try_get(column)?;
        u64::try_from(n).map_err(|_| LedgerError::Corrupt { column })
    };
    Ok(QuotaAmount { bytes: read(of.0)?, objects: read(of.1)? })
}

fn limits(row: &Row) -> Result<QuotaLimits, LedgerError> {
    let read = |column: &'static str| -> Result<Option<u64>, LedgerError> {
        let n: Option<i64> = row.try_get(column)?;
        n.map(|n| u64::try_from(n).map_err(|_| LedgerError::Corrupt { column })).transpose()
    };
    Ok(QuotaLimits { bytes: read("limit_bytes")?, objects: read("limit_objects")? })
}

fn time(row: &Row, column: &'static str) -> Result<Option<Timestamp>, LedgerError> {
    let at: Option<i64> = row.try_get(column)?;
    at.map(|at| timestamp(column, at)).transpose()
}

fn read_counter(row: &Row) -> Result<QuotaCounterRow, LedgerError> {
    let id: String = row.try_get("quota_id")?;
    Ok(QuotaCounterRow {
        id: row.try_get("id")?,
        quota_id: RowId::parse(&id).map_err(|_| LedgerError::Corrupt { column: "quota_id" })?,
        subject: QuotaSubject::read(row.try_get("kind")?, row.try_get("subject")?)?,
        limits: limits(row)?,
        used: amount(row, ("used_bytes", "used_objects"))?,
        reserved: amount(row, ("reserved_bytes", "reserved_objects"))?,
        round: row.try_get("round")?,
        counted_at: time(row, "counted_at")?,
        stale_at: time(row, "stale_at")?,
        counting: row.try_get::<i64>("counting")? != 0,
    })
}
